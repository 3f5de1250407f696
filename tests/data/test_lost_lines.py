"""Lines that drop, locks that are not let go of and races that are lost, on real servers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, event, text

from data import transaction
from data.engine import open_engine
from data.transaction import CommitUnknown, DatabaseUnreachable, StillLocked
from preorder_tui.errors import Unreachable
from preorder_tui.opening import open_database
from tests.conftest import empty_mariadb, empty_postgresql

ADD = text("INSERT INTO \"SECURITY_GROUP\" VALUES (:name, 'x')")
NAMES = text('SELECT "GROUP_ID" FROM "SECURITY_GROUP" ORDER BY 1')


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on an empty database of a server."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    (empty_postgresql if request.param == "postgresql" else empty_mariadb)(url)
    engine = open_engine(url)
    yield engine
    engine.dispose()


def names(engine: Engine) -> list[str]:
    return list(transaction.read(engine, lambda connection: connection.execute(NAMES).scalars()))


def number_of(connection: Connection) -> int:
    """What the server calls this connection."""
    mine = "CONNECTION_ID()" if connection.dialect.name == "mariadb" else "pg_backend_pid()"
    return int(connection.exec_driver_sql(f"SELECT {mine}").scalar_one())


def cut(engine: Engine, number: int) -> None:
    """End another connection from the server's side, as a restart does."""
    end = f"SELECT pg_terminate_backend({number})"
    left = f"pg_stat_activity WHERE pid = {number}"
    if engine.dialect.name == "mariadb":
        end = f"KILL CONNECTION {number}"
        left = f"information_schema.processlist WHERE id = {number}"
    with engine.connect() as connection:
        connection.exec_driver_sql(end)
        connection.rollback()
        give_up = time.monotonic() + 60
        while connection.exec_driver_sql(f"SELECT COUNT(*) FROM {left}").scalar_one():
            assert time.monotonic() < give_up, "it does not end"
            connection.rollback()  # PostgreSQL shows one transaction the same all the time
            time.sleep(0.02)


@pytest.mark.parametrize("writing", [True, False])
def test_a_line_that_drops_is_taken_up_again(server: Engine, writing: bool) -> None:
    attempts = 0

    def work(connection: Connection) -> int:
        nonlocal attempts
        attempts += 1
        if writing:
            connection.execute(ADD, {"name": f"attempt {attempts}"})
        if attempts <= 2:
            cut(server, number_of(connection))
        return len(connection.execute(NAMES).all())

    run = transaction.write if writing else transaction.read
    assert run(server, work) == int(writing)
    assert attempts == 3
    assert names(server) == (["attempt 3"] if writing else [])


def test_a_line_that_drops_while_committing(server: Engine) -> None:
    attempts = 0

    def work(connection: Connection) -> None:
        nonlocal attempts
        attempts += 1
        connection.execute(ADD, {"name": "x"})
        number = number_of(connection)
        event.listen(connection, "commit", lambda _: cut(server, number), once=True)

    with pytest.raises(CommitUnknown, match="look at the history"):
        transaction.write(server, work)
    assert attempts == 1  # it might have been done: not again without looking
    assert names(server) == []


def test_a_lock_that_is_not_let_go_of(server: Engine) -> None:
    wait = (
        "SET SESSION innodb_lock_wait_timeout = 1"
        if server.dialect.name == "mariadb"
        else "SET LOCAL lock_timeout = '1s'"
    )
    change = 'UPDATE "SECURITY_GROUP" SET "DESCRIPTION" = \'y\''
    transaction.write(server, lambda connection: connection.execute(ADD, {"name": "x"}))

    def work(connection: Connection) -> None:
        connection.exec_driver_sql(wait)
        connection.exec_driver_sql(change)

    began = time.monotonic()
    with server.connect() as holder:
        holder.exec_driver_sql(change)
        with pytest.raises(StillLocked, match="nothing was changed, try again"):
            transaction.write(server, work)
    assert time.monotonic() - began >= transaction.LOCK_WAITS
    transaction.write(server, work)


def test_a_deadlock_is_run_again(server: Engine) -> None:
    for name in ("a", "b"):
        transaction.write(server, lambda c, name=name: c.execute(ADD, {"name": name}))
    meet = threading.Barrier(2)
    attempts = {"ab": 0, "ba": 0}
    change = text(
        'UPDATE "SECURITY_GROUP" SET "DESCRIPTION" = "DESCRIPTION" || \'!\' WHERE "GROUP_ID" = :n'
    )

    def work(order: str) -> None:
        def both(connection: Connection) -> None:
            attempts[order] += 1
            connection.execute(change, {"n": order[0]})
            if attempts[order] == 1:
                meet.wait(60)
            connection.execute(change, {"n": order[1]})

        transaction.write(server, both)

    threads = [threading.Thread(target=work, args=(order,)) for order in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(attempts.values()) == [1, 2]
    with server.connect() as connection:
        found = connection.exec_driver_sql('SELECT "DESCRIPTION" FROM "SECURITY_GROUP"').scalars()
        assert set(found) == {"x!!"}


def test_a_server_that_says_nothing() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        for url in (
            f"postgresql://ana:s3cret@127.0.0.1:{port}/desk?connect_timeout=2",
            f"mariadb://ana:s3cret@127.0.0.1:{port}/desk?connect_timeout=2",
            f"mariadb://ana:s3cret@/desk?host=127.0.0.1:{port}&host=127.0.0.1:1&connect_timeout=2",
        ):
            began = time.monotonic()
            with pytest.raises(Unreachable) as caught:
                open_database(url)
            assert time.monotonic() - began < 60
            assert "s3cret" not in caught.value.sentence
            assert f"127.0.0.1:{port}" in caught.value.sentence


@pytest.mark.usefixtures("mariadb")
def test_a_wrong_password_is_said_at_once_and_not_repeated(
    mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "PATIENCE_SECONDS", 120.0)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="Access denied") as caught:
        open_database(mariadb_url.replace("root@", "root:s3cret@"))
    assert "s3cret" not in caught.value.sentence
    assert time.monotonic() - began < 60, "it was not waited for"


def test_a_server_that_stays_away(server: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "PATIENCE_SECONDS", 1.0)
    gone = open_engine(f"{server.dialect.name}://ana@127.0.0.1:1/desk")
    began = time.monotonic()
    with pytest.raises(DatabaseUnreachable):
        transaction.read(gone, lambda connection: connection.execute(NAMES))
    assert 1.0 <= time.monotonic() - began < 60
    gone.dispose()


def test_what_is_stored_is_not_in_an_error(server: Engine) -> None:
    def work(connection: Connection) -> None:
        for _ in range(2):
            connection.execute(ADD, {"name": "ana@example.com"})

    with pytest.raises(Exception, match="SECURITY_GROUP") as caught:
        transaction.write(server, work)
    assert "[SQL parameters hidden" in str(caught.value)
