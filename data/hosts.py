"""Several hosts behind one MariaDB or MySQL URL: the first that is fit to work with is used.

``mariadb://desk@/orders?host=a:3306&host=b:3306&host=c:3306`` names the nodes of a Galera cluster,
or a primary and its replicas, in the order of preference. A process stays with the host that served
it last, so that what it has just written is there when it reads; when that host fails the next one
is asked. (PostgreSQL's own client library takes several hosts by itself.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

DEFAULT_PORT = 3306
CONNECT_TIMEOUT_SECONDS = 3
"""With several hosts one that does not answer is passed over soon."""

CANNOT_CONNECT = 2003
# Another host may do better: no connection, line lost, too many connections, shutting down, not
# ready. A wrong password or an unknown database is wrong on all of them.
_ELSEWHERE = {1040, 1047, 1053, 1129, 1203, 1927, 2002, 2003, 2005, 2006, 2013}

SYNCED = 4
"""``wsrep_local_state`` of a Galera node that has everything; a donor or joiner lags behind."""


class Host(NamedTuple):
    """A server's name or address, and its port."""

    name: str
    port: int

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


def host_of(text: str) -> Host:
    """``a``, ``a:3306``, ``[::1]`` or ``[::1]:3306``.

    Raises:
        ValueError: the port is no number, or there is no name.
    """
    text = text.strip()
    if text.startswith("["):
        name, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    elif text.count(":") > 1:  # an IPv6 address without brackets has no port
        name, port = text, ""
    else:
        name, _, port = text.partition(":")
    if not name or (port and not port.isdecimal()):
        raise ValueError("a host is written name or name:port")
    return Host(name, int(port) if port else DEFAULT_PORT)


class Hosts:
    """The hosts of one engine, and which of them served last."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        self.hosts = tuple(hosts)
        self._last_good = 0

    def in_order(self) -> tuple[Host, ...]:
        """The hosts, beginning with the one that served last."""
        start = self._last_good
        return self.hosts[start:] + self.hosts[:start]

    def connect(self, open_one: Callable[[Host], Any], failure: type[Exception]) -> Any:
        """A connection to the first host that takes it and is fit to work with.

        Args:
            open_one: opens a connection of the driver to a host.
            failure: the driver's error for a server that cannot be used.
        """
        troubles: list[str] = []
        lagging: tuple[Host, Any] | None = None
        for host in self.in_order():
            try:
                connection = open_one(host)
                trouble = why_unfit(connection)
            except failure as error:
                if not error.args or error.args[0] not in _ELSEWHERE:
                    raise
                troubles.append(f"{host}: {error.args[-1]}")
                continue
            if trouble is None:
                if lagging is not None:
                    lagging[1].close()
                self._last_good = self.hosts.index(host)
                return connection
            if trouble == DONATES and lagging is None:
                lagging = (host, connection)
            else:
                connection.close()
            troubles.append(f"{host}: {trouble}")
        if lagging is not None:  # a donor serves, slowly: better than nobody
            self._last_good = self.hosts.index(lagging[0])
            return lagging[1]
        raise failure(CANNOT_CONNECT, f"no host can be used: {'; '.join(troubles)}")


DONATES = "it brings another node up to date"


def why_unfit(connection: Any) -> str | None:
    """Why a server should not be worked with; None when it is fit.

    A Galera node is fit when it is ready (part of the majority) and synced; any server when it may
    be written to.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_local_state')"
        )
        status = {str(name).lower(): str(value) for name, value in cursor.fetchall()}
        cursor.execute("SELECT @@global.read_only")
        (read_only,) = cursor.fetchone()
        if "wsrep_ready" in status:
            cursor.execute("SELECT @@global.wsrep_on")
            if not cursor.fetchone()[0]:
                status = {}  # a server that could be a node and is none
    if status and status["wsrep_ready"] != "ON":
        return "it is not ready (no majority of the cluster)"
    if status and status.get("wsrep_local_state") != str(SYNCED):
        return DONATES
    return "it may not be written to" if read_only else None
