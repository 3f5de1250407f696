"""Several hosts in one URL: which one is asked, which is passed over, what is said in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import make_url

from data.engine import MissingDriver, UnknownDatabase, hosts_of, open_engine
from data.hosts import DONATES, Host, Hosts, host_of, why_unfit


class Refusal(Exception):
    """The driver's error."""


class Connection:
    """What a server answers to the questions of the health check."""

    def __init__(
        self,
        host: Host,
        ready: str | None = "ON",
        state: int = 4,
        read_only: int = 0,
        node: bool = True,
    ) -> None:
        self.host = host
        self.closed = False
        status = [] if ready is None else [("wsrep_ready", ready), ("wsrep_local_state", state)]
        self._answers = {"SHOW": status, "read_only": [(read_only,)], "wsrep_on": [(int(node),)]}
        self._found: Sequence[Any] = ()

    def cursor(self) -> Connection:
        return self

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, statement: str) -> None:
        self._found = next(rows for word, rows in self._answers.items() if word in statement)

    def fetchall(self) -> Sequence[Any]:
        return self._found

    def fetchone(self) -> Any:
        return self._found[0]

    def close(self) -> None:
        self.closed = True


A, B, C = Host("a", 1), Host("b", 2), Host("c", 3)


class Servers:
    """Servers by host; an exception stands for one that refuses."""

    def __init__(self, **servers: Connection | Exception) -> None:
        self.servers = servers
        self.asked: list[str] = []

    def open_one(self, host: Host) -> Connection:
        self.asked.append(host.name)
        server = self.servers[host.name]
        if isinstance(server, Exception):
            raise server
        return server


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("db", Host("db", 3306)),
        ("db:3307", Host("db", 3307)),
        ("[::1]:3307", Host("::1", 3307)),
        ("[::1]", Host("::1", 3306)),
        ("fe80::1", Host("fe80::1", 3306)),
    ],
)
def test_a_host_is_read(text: str, host: Host) -> None:
    assert host_of(text) == host
    assert host_of(str(host)) == host


@pytest.mark.parametrize("text", ["", ":3306", "db:x", "db:-1"])
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(ValueError, match="name:port"):
        host_of(text)
    with pytest.raises(UnknownDatabase, match="hosts"):
        open_engine(f"mariadb://desk@/orders?host=a,{text}")


def test_the_hosts_of_a_url() -> None:
    def named(url: str) -> list[str]:
        return [str(host) for host in hosts_of(make_url(url))]

    assert named("mariadb://d@/o?host=a:1&host=b") == ["a:1", "b:3306"]
    assert named("mariadb://d@/o?host=a:1,b:2") == ["a:1", "b:2"]
    assert named("mariadb://d@db:7/o") == ["db:7"]


def test_the_first_fit_host_is_taken_and_kept() -> None:
    hosts = Hosts([A, B, C])
    servers = Servers(a=Refusal(2003, "refused"), b=Connection(B), c=Connection(C))
    assert hosts.connect(servers.open_one, Refusal).host == B
    servers.servers["a"] = Connection(A)
    assert hosts.connect(servers.open_one, Refusal).host == B  # not back to the first
    assert servers.asked == ["a", "b", "b"]
    servers.servers["b"] = Refusal(2013, "lost")
    assert hosts.connect(servers.open_one, Refusal).host == C
    servers.servers["c"] = Refusal(2013, "lost")
    assert hosts.connect(servers.open_one, Refusal).host == A


def test_a_node_that_is_not_fit_is_passed_over() -> None:
    behind, replica = Connection(A, ready="OFF"), Connection(B, ready=None, read_only=1)
    servers = Servers(a=behind, b=replica, c=Connection(C))
    assert Hosts([A, B, C]).connect(servers.open_one, Refusal).host == C
    assert behind.closed
    assert replica.closed


def test_a_donor_serves_when_nobody_else_does() -> None:
    donor = Connection(A, state=2)
    synced = Connection(B)
    assert Hosts([A, B]).connect(Servers(a=donor, b=synced).open_one, Refusal) is synced
    assert donor.closed
    donor = Connection(A, state=2)
    alone = Servers(a=donor, b=Refusal(2003, "refused"))
    assert Hosts([A, B]).connect(alone.open_one, Refusal) is donor
    assert not donor.closed


def test_no_host_is_fit() -> None:
    servers = Servers(a=Refusal(2003, "refused"), b=Connection(B, ready="OFF"))
    with pytest.raises(Refusal, match=r"no host can be used: a:1: refused; b:2: .*not ready"):
        Hosts([A, B]).connect(servers.open_one, Refusal)


def test_a_wrong_password_is_wrong_everywhere() -> None:
    servers = Servers(a=Refusal(1045, "access denied"), b=Connection(B))
    with pytest.raises(Refusal, match="access denied"):
        Hosts([A, B]).connect(servers.open_one, Refusal)
    assert servers.asked == ["a"]


def test_what_makes_a_server_unfit() -> None:
    assert why_unfit(Connection(A)) is None
    assert why_unfit(Connection(A, ready=None)) is None
    assert why_unfit(Connection(A, ready="OFF", node=False)) is None  # a server that is no node
    assert why_unfit(Connection(A, state=2)) == DONATES
    assert why_unfit(Connection(A, read_only=1)) == "it may not be written to"


def test_a_missing_driver_is_named_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pymysql", None)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for url, extra in (("mysql://d@h/o", "mariadb"), ("postgres://d@h/o", "postgresql")):
        with pytest.raises(MissingDriver, match=f"^{extra}$"):
            open_engine(url)
