"""A site behind the system's own sshd, on loopback, with throw-away keys and the shipped set-up."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import psutil
import pytest

from tests.conftest import TODAY
from tests.mariadb_server import free_ports
from tests.terminal.pty_desk import PATIENCE_SECONDS, Desk

FRAGMENT = Path(__file__).parents[2] / "docs" / "preorder-tui.sshd.conf"
SEPARATION = Path("/run/sshd")
GROUP = "preorder"
COMMAND = "/opt/preorder-tui/bin/python"
SETTINGS = "/etc/preorder-tui/settings.toml"
KEYS = "/etc/ssh/preorder-keys/%u"


def reason_against() -> str | None:
    """Why no sshd can be started here, as a sentence."""
    for name in ("sshd", "ssh", "ssh-keygen"):
        if program(name) is None:
            return f"{name} is not installed: apt-get install openssh-server openssh-client"
    try:
        shell = pwd.getpwuid(os.getuid()).pw_shell
    except KeyError:
        return f"the tests run as number {os.getuid()}, which is no account: sshd lets nobody in"
    if shell.endswith(("nologin", "false")):
        return f"the tests run under an account that may not log in (its shell is {shell})"
    if os.getuid() != 0 and not _terminals_are_of_group_tty():
        return "terminals here are not of the group tty, so only root's sshd can hand them out"
    if os.getuid() == 0 and not SEPARATION.is_dir():
        try:
            SEPARATION.mkdir(mode=0o755, parents=True)
        except OSError as error:
            return f"sshd needs the folder {SEPARATION}, which cannot be made: {error.strerror}"
    return None


def _terminals_are_of_group_tty() -> bool:
    ours, theirs = os.openpty()
    try:
        return os.fstat(theirs).st_gid == grp.getgrnam("tty").gr_gid
    except KeyError:  # no such group: sshd leaves the group as it is
        return True
    finally:
        os.close(ours)
        os.close(theirs)


def program(name: str) -> str | None:
    """The full path of a program; sshd refuses to run under any other."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class SshSite:
    """sshd with the documented ``Match`` block for the group of whoever runs the tests.

    Use it as a context manager: sshd and all that it started are gone afterwards.

    Args:
        folder: keys, configuration, settings, exchange folder and log go there.
        database: its URL.
        changes: words of the shipped configuration that a test wants otherwise.
        settings: lines of the settings file beside the usual ones.
    """

    def __init__(
        self, folder: Path, database: str, changes: dict[str, str] | None = None, settings: str = ""
    ) -> None:
        self.folder = folder
        self.exchange = folder / "exchange"
        self.exchange.mkdir()
        self.log = folder / "log" / "desk.log"
        self.login = pwd.getpwuid(os.getuid()).pw_name  # whatever LOGNAME says
        self._settings = folder / "settings.toml"
        self._settings.write_text(
            f'database = "{database}"\nexchange-folder = "{self.exchange}"\n'
            f'log = "{self.log}"\ntoday = {TODAY}\n{settings}'
        )
        self._settings.chmod(0o640)
        (self.port,) = free_ports(1)
        self.config = folder / "sshd_config"
        self.config.write_text(self._configuration(changes or {}))
        for name in ("host_key", "client_key"):
            keygen = [program("ssh-keygen") or "", "-q", "-t", "ed25519", "-N", "", "-f"]
            subprocess.run([*keygen, str(folder / name)], check=True)
        shutil.copy(folder / "client_key.pub", folder / "authorized_keys")
        self.errors = folder / "sshd.log"

    def _configuration(self, changes: dict[str, str]) -> str:
        fragment = FRAGMENT.read_text()
        for shipped, here in {
            f"Match Group {GROUP}": f"Match Group {grp.getgrgid(os.getgid()).gr_name}",
            COMMAND: sys.executable,
            SETTINGS: str(self._settings),
            KEYS: str(self.folder / "authorized_keys"),
            **changes,
        }.items():
            assert shipped in fragment, f"the shipped configuration has no {shipped!r}"
            fragment = fragment.replace(shipped, here)
        return (
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder / 'host_key'}\n"
            f"PidFile {self.folder / 'sshd.pid'}\nUsePAM no\nStrictModes no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            "Subsystem sftp internal-sftp\nAcceptEnv LD_* PYTHON* LC_*\n"
            f"{fragment}"
        )

    def effective(self) -> dict[str, str]:
        """What sshd makes of the configuration for the person of the tests."""
        connection = f"user={self.login},host=localhost,addr=127.0.0.1"
        said = subprocess.run(
            [program("sshd") or "", "-T", "-f", str(self.config), "-C", connection],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        found: dict[str, str] = {}
        for line in said.splitlines():
            name, _, value = line.partition(" ")
            found[name] = f"{found[name]} {value}" if name in found else value
        return found

    # --- Life -----------------------------------------------------------------------------------

    def __enter__(self) -> SshSite:
        errors = self.errors.open("wb")
        with errors:
            self._daemon = psutil.Popen(
                [program("sshd") or "", "-D", "-e", "-f", str(self.config)],
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
            )  # fmt: skip
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            if self._daemon.poll() is not None:
                pytest.skip(f"sshd does not start here: {self.errors.read_text().strip()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                assert time.monotonic() < give_up, self.errors.read_text()
                time.sleep(0.05)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        left = self.processes()
        self._daemon.terminate()
        self._daemon.wait(PATIENCE_SECONDS)
        for process in left:
            if process.is_running():
                process.kill()

    def processes(self) -> list[psutil.Process]:
        """Everything that runs for the sessions: sshd's own, the desks, their workers."""
        found: list[psutil.Process] = self._daemon.children(recursive=True)
        return found

    def of_the_desk(self) -> list[psutil.Process]:
        """The processes of the program among them."""
        return [one for one in self.processes() if _is_python(one)]

    def until_gone(
        self, processes: list[psutil.Process], timeout: float = PATIENCE_SECONDS
    ) -> None:
        """Wait until these and all others of any session have ended."""
        _, alive = psutil.wait_procs(processes, timeout)
        assert not alive, [one.cmdline() for one in alive]
        give_up = time.monotonic() + timeout
        while self.processes():
            assert time.monotonic() < give_up, [one.cmdline() for one in self.processes()]
            time.sleep(0.05)

    # --- Sessions -------------------------------------------------------------------------------

    def ssh(self, *options: str) -> list[str]:
        """The client's command, without a person's own configuration and keys."""
        return [
            program("ssh") or "", "-F", "none", "-p", str(self.port), "-l", self.login,
            "-i", str(self.folder / "client_key"),
            "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", *options, "127.0.0.1",
        ]  # fmt: skip

    def desk(
        self,
        *options: str,
        words: tuple[str, ...] = (),
        size: tuple[int, int] = (80, 24),
        environment: dict[str, str] | None = None,
    ) -> Desk:
        """A session on a terminal; ``words`` are what a person asks sshd to run."""
        sent = ["-o", "SendEnv=LANG LC_ALL LC_CTYPE NO_COLOR"]
        command = [*self.ssh("-tt", *sent, *options), *words]
        return Desk(command=command, size=size, environment=environment)

    def lines_of_log(self) -> list[str]:
        """The log."""
        return self.log.read_text().splitlines() if self.log.exists() else []


def _is_python(process: psutil.Process) -> bool:
    try:
        return "python" in process.name() or "python" in " ".join(process.cmdline()[:1])
    except psutil.NoSuchProcess:
        return False
