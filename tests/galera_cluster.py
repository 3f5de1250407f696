"""A three-node MariaDB Galera cluster on loopback, of a test's own."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pymysql

from tests import mariadb_server
from tests.mariadb_server import MariaDb, free_ports

MISSING = (
    "no Galera cluster on this machine: install mariadb-server, galera-4 and rsync to run this"
)
LIBRARIES = (
    "/usr/lib/galera/libgalera_smm.so",
    "/usr/lib64/galera-4/libgalera_smm.so",
    "/usr/lib/libgalera_smm.so",
)
JOIN_SECONDS = 180.0
# A node that is gone is given up after a second, not after five: nobody waits for a test.
FAST_EVICTION = (
    "evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.2S;evs.suspect_timeout=PT1S;"
    "evs.inactive_timeout=PT3S;evs.install_timeout=PT3S;gcache.size=16M"
)


def library() -> str | None:
    """Where Galera is."""
    return next((path for path in LIBRARIES if Path(path).exists()), None)


def available() -> bool:
    """Whether a cluster can be started here."""
    return (
        mariadb_server.available()
        and library() is not None
        and shutil.which("rsync") is not None
        and (shutil.which("lsof") is not None or shutil.which("ss") is not None)
    )


class Cluster:
    """Nodes that replicate to each other; ``folder`` holds one folder for each."""

    def __init__(self, folder: Path, size: int = 3) -> None:
        folder.chmod(0o755)  # the nodes may run as another user
        ports = free_ports(4 * size)
        self.nodes: list[MariaDb] = []
        members = ",".join(f"127.0.0.1:{port}" for port in ports[:size])
        for number in range(size):
            group, incremental, transfer, sql = ports[number::size]
            place = folder / f"node{number}"
            place.mkdir(parents=True)
            self.nodes.append(
                MariaDb(
                    place,
                    "--wsrep-on=ON",
                    f"--wsrep-provider={library()}",
                    "--wsrep-cluster-name=desk",
                    f"--wsrep-cluster-address=gcomm://{members}",
                    f"--wsrep-node-name=node{number}",
                    f"--wsrep-node-address=127.0.0.1:{group}",
                    f"--wsrep-node-incoming-address=127.0.0.1:{sql}",
                    "--wsrep-sst-method=rsync",
                    f"--wsrep-sst-receive-address=127.0.0.1:{transfer}",
                    f"--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:{group};"
                    f"ist.recv_addr=127.0.0.1:{incremental};{FAST_EVICTION}",
                    "--binlog-format=ROW",
                    "--innodb-autoinc-lock-mode=2",
                    "--innodb-buffer-pool-size=32M",
                    port=sql,
                )
            )

    def start(self) -> None:
        """The first node makes the cluster, the others join it."""
        self.nodes[0].install()
        for node in self.nodes[1:]:  # what they lack they get from the first
            shutil.copytree(self.nodes[0].folder / "data", node.folder / "data")
            node.give_folder()
        self.nodes[0].start("--wsrep-new-cluster")
        for node in self.nodes[1:]:
            node.launch()
            node.wait_until_ready()
            self.wait_until_synced(node)

    def stop(self) -> None:
        """End all nodes."""
        for node in reversed(self.nodes):
            node.stop()

    def url(self, database: str) -> str:
        """One URL with all hosts, in their order."""
        hosts = "&".join(f"host=127.0.0.1:{node.port}" for node in self.nodes)
        return f"mariadb://{mariadb_server.PASSWORD_FREE_USER}@/{database}?{hosts}"

    def wait_until_synced(self, node: MariaDb) -> None:
        """Wait until a node has everything that the others have."""
        deadline = time.monotonic() + JOIN_SECONDS
        while True:
            try:
                status = wsrep(node)
                if status["wsrep_ready"] == "ON" and status["wsrep_local_state"] == "4":
                    return
            except pymysql.err.OperationalError:
                pass  # it copies from another node and takes no connections yet
            assert time.monotonic() < deadline, node.last_words()
            time.sleep(0.1)


def wsrep(node: MariaDb) -> dict[str, str]:
    """What a node says of itself and of the cluster."""
    return {str(name): str(value) for name, value in node.run("SHOW GLOBAL STATUS LIKE 'wsrep%'")}
