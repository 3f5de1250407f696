"""A MariaDB server of a test's own: out of the system's package, in a folder, under our eyes.

The system's service is neither started nor touched: another data folder, another socket, another
port, no option file.
"""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pymysql

PASSWORD_FREE_USER = "root"
START_SECONDS = 120.0
"""After this a server that has not come up is a failure: a busy machine takes its time."""
NEEDED = ("mariadbd", "mariadb-install-db")
MISSING = (
    "no MariaDB on this machine: install the package mariadb-server (and galera-4) to run this"
)

SMALL_AND_FAST = (
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
    "--innodb-doublewrite=OFF",
    "--innodb-flush-method=fsync",
    "--innodb-stats-persistent=OFF",
    "--innodb-fast-shutdown=1",
    "--performance-schema=OFF",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--key-buffer-size=1M",
    "--table-open-cache=400",
    "--max-connections=150",
)


def found(program: str) -> str | None:
    """Where a program of the server is; it may be outside a plain user's path."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/sbin")


def available() -> bool:
    """Whether a server can be started here."""
    return all(found(program) for program in NEEDED)


def free_ports(number: int) -> list[int]:
    """Ports of loopback that nobody listens on at this moment.

    Of those that the system gives to no outgoing connection: what is free now stays so until a
    server has started.
    """
    found: list[int] = []
    chance = random.SystemRandom()
    while len(found) < number:
        port = chance.randrange(FIRST_PORT, _first_outgoing_port())
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            if port not in found:
                found.append(port)
    return found


FIRST_PORT = 10_000


def _first_outgoing_port() -> int:
    try:
        text = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text()
        return max(FIRST_PORT + 5_000, int(text.split()[0]))
    except (OSError, ValueError, IndexError):  # another system
        return 32_768


def server_folder(name: str) -> Path:
    """A new folder for a server of that name; the path of a socket in it is not too long."""
    usual = tempfile.gettempdir()
    return Path(
        tempfile.mkdtemp(prefix=f"preorder-{name}-", dir=usual if len(usual) < 50 else "/tmp")
    )


class MariaDb:
    """One server; ``options`` go to mariadbd behind those that make it small and fast."""

    def __init__(self, folder: Path, *options: str, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_ports(1)[0]
        self.socket = folder / "s"
        self.log = folder / "log"
        self.options = options
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str, *, by_port: bool = False) -> str:
        """The URL of one of its databases: over the socket, or over loopback."""
        if by_port:
            return f"mariadb://{PASSWORD_FREE_USER}@127.0.0.1:{self.port}/{database}"
        return f"mariadb://{PASSWORD_FREE_USER}@localhost/{database}?unix_socket={self.socket}"

    @property
    def process_id(self) -> int:
        """The running server's."""
        assert self._process is not None
        return self._process.pid

    def install(self) -> None:
        """Make the data folder with its system tables."""
        self.give_folder()
        program = found("mariadb-install-db")
        assert program is not None, MISSING
        done = subprocess.run(
            [program, "--no-defaults", f"--datadir={self.folder / 'data'}", *_as_user(),
             "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
             "--innodb-log-file-size=32M", "--innodb-flush-log-at-trx-commit=0"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def give_folder(self) -> None:
        """Let the server's user own its folder and what is in it."""
        user = owner()
        if user is not None:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, user)

    def launch(self, *more: str) -> None:
        """Start it without waiting for it."""
        program = found("mariadbd")
        assert program is not None, MISSING
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [program, "--no-defaults", *_as_user(), *SMALL_AND_FAST,
                 f"--datadir={self.folder / 'data'}", f"--socket={self.socket}",
                 f"--pid-file={self.folder / 'pid'}", f"--tmpdir={self.folder}",
                 "--bind-address=127.0.0.1", f"--port={self.port}", *self.options, *more],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    def start(self, *more: str) -> None:
        """Start it and wait until it answers."""
        self.launch(*more)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until it takes connections; its log is the message when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self._process is not None
            if self._takes_connections():
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.last_words())
            time.sleep(0.05)

    def _takes_connections(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:  # the driver leaves a refused one open
            try:
                probe.connect(str(self.socket))
            except OSError:
                return False
        try:
            self.run("SELECT 1")
        except pymysql.err.OperationalError:
            return False
        return True

    def last_words(self) -> str:
        """The end of the server's log."""
        if not self.log.exists():
            return "(it has written no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-40:])

    def run(self, *statements: str) -> tuple[tuple[object, ...], ...]:
        """Run statements as the server's own root; the rows of the last one."""
        connection = pymysql.connect(
            user=PASSWORD_FREE_USER, unix_socket=str(self.socket), autocommit=True
        )
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return tuple(cursor.fetchall())
        finally:
            connection.close()

    def make_database(self, name: str) -> None:
        """An empty database, with the collation that a distribution's server gives."""
        self.run(f"CREATE DATABASE {name}")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def owner() -> str | None:
    """Who runs the server: this user; root, whom it refuses, lends it to the package's own user."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("mysql").pw_name
    except KeyError:
        return "root"


def _as_user() -> list[str]:
    user = owner()
    return [f"--user={user}"] if user else []
