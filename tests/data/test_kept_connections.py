"""Connections kept ready on SQLite: one after the other uses them, and dispose ends them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from data import transaction
from data.engine import open_engine, sqlite_url
from data.kept_connections import KeptConnections
from data.schema import upgrade

STORE = """INSERT INTO "PRODUCT_STORE" ("PRODUCT_STORE_ID") VALUES ('S')"""
Run = Callable[[Engine, Callable[[Connection], None]], None]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine on a file of its own."""
    engine = open_engine(sqlite_url(tmp_path / "desk.db"))
    upgrade(engine)
    yield engine
    engine.dispose()


def used(engine: Engine) -> Connection:
    return transaction.read(engine, lambda connection: connection)


def test_the_next_transaction_uses_it_again(engine: Engine) -> None:
    first = used(engine)
    assert transaction.write(engine, lambda connection: connection) is first
    assert not first.in_transaction()


@pytest.mark.parametrize("run", [transaction.read, transaction.write])
def test_what_a_rule_refuses_leaves_it_ready(engine: Engine, run: Run) -> None:
    first = used(engine)

    def refuse(connection: Connection) -> None:
        assert connection is first
        if run is transaction.write:
            connection.exec_driver_sql(STORE)
        raise KeyError

    with pytest.raises(KeyError):
        run(engine, refuse)
    assert used(engine) is first
    stores = 'SELECT count(*) FROM "PRODUCT_STORE"'
    assert transaction.read(engine, lambda one: one.exec_driver_sql(stores).scalar_one()) == 0


def test_one_whose_statement_failed_is_given_up(engine: Engine) -> None:
    first = used(engine)

    def fail(connection: Connection) -> None:
        assert connection is first
        connection.exec_driver_sql('INSERT INTO "SYSTEM_PROPERTY" DEFAULT VALUES')

    with pytest.raises(IntegrityError):
        transaction.write(engine, fail)
    assert first.closed
    assert used(engine) is not first


def test_one_that_was_interrupted_is_given_up(engine: Engine) -> None:
    first = used(engine)

    def interrupt(_connection: Connection) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transaction.write(engine, interrupt)
    assert first.closed


def test_dispose_closes_what_is_kept(engine: Engine) -> None:
    first = used(engine)
    engine.dispose()
    assert first.closed
    assert isinstance(engine.pool, KeptConnections)
    assert not engine.pool.kept


def test_what_is_used_while_the_engine_is_disposed_of_is_not_kept(engine: Engine) -> None:
    def dispose(connection: Connection) -> Connection:
        engine.dispose()
        return connection

    assert transaction.read(engine, dispose).closed
    assert not used(engine).closed
