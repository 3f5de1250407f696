"""Prepared statements say and do what SQLAlchemy's own execution does, on each database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Insert, bindparam, event, func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from data import transaction
from data.engine import open_engine, sqlite_url
from data.prepared import Prepared
from data.schema import upgrade
from data.tables import order_header, product, shipment_receipt
from tests.conftest import empty_mariadb, empty_postgresql
from tests.data.test_lost_lines import cut, number_of

MOMENT = datetime(2026, 11, 25, 23, 59, 59, 999_000)
RECEIPT = {
    "ORDER_ID": "1",
    "ORDER_ITEM_SEQ_ID": "00001",
    "PRODUCT_ID": "P",
    "QUANTITY_ACCEPTED": -3,
    "DATETIME_RECEIVED": MOMENT,
    "RECEIVED_BY_USER_LOGIN_ID": None,
}
ADD = Prepared(insert(shipment_receipt), list(RECEIPT))
READ = Prepared(
    select(
        shipment_receipt.c.QUANTITY_ACCEPTED,
        shipment_receipt.c.DATETIME_RECEIVED,
        shipment_receipt.c.RECEIVED_BY_USER_LOGIN_ID,
        func.count().over(),
    )
    .where(shipment_receipt.c.ORDER_ID == bindparam("order"))
    .order_by(shipment_receipt.c.RECEIPT_ID)
)
CHANGE = Prepared(
    update(shipment_receipt)
    .where(shipment_receipt.c.ORDER_ID == bindparam("order"))
    .values(RECEIVED_BY_USER_LOGIN_ID=bindparam("user"))
)
NEW_PRODUCT: Insert = insert(product)
PRODUCT = {
    "PRODUCT_ID": "P",
    "PRODUCT_TYPE_ID": "FINISHED_GOOD",
    "INTERNAL_NAME": "S",
    "IS_VIRTUAL": "N",
    "IS_VARIANT": "N",
}
NO_SUCH = Prepared(select(order_header.c.ORDER_ID).where(order_header.c.ORDER_ID == func.no_such()))


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty database."""
    if request.param == "sqlite":
        engine = open_engine(sqlite_url(tmp_path / "desk.db"))
        upgrade(engine)
    else:
        url: str = request.getfixturevalue(f"{request.param}_url")
        (empty_postgresql if request.param == "postgresql" else empty_mariadb)(url)
        engine = open_engine(url)
    yield engine
    engine.dispose()


def test_rows_are_of_the_types_that_sqlalchemy_gives(engine: Engine) -> None:
    def work(connection: Connection) -> tuple[list[Any], list[Any]]:
        assert ADD.new_id(connection, RECEIPT) == 1
        assert ADD.new_id(connection, RECEIPT | {"RECEIVED_BY_USER_LOGIN_ID": "it's %s?"}) == 2
        usual = connection.execute(READ.statement, {"order": "1"})
        return READ.rows(connection, {"order": "1"}), [tuple(row) for row in usual]

    prepared, usual = transaction.write(engine, work)
    assert prepared == usual == [(-3, MOMENT, None, 2), (-3, MOMENT, "it's %s?", 2)]
    assert [[type(value) for value in row] for row in prepared] == [
        [type(value) for value in row] for row in usual
    ]


def test_what_is_done_is_counted_and_part_of_the_transaction(engine: Engine) -> None:
    with engine.connect() as connection:
        ADD.run(connection, RECEIPT)
        ADD.run(connection, RECEIPT)
        assert CHANGE.run(connection, {"order": "1", "user": "ana"}) == 2
        assert CHANGE.run(connection, {"order": "2", "user": "ana"}) == 0
        assert len(READ.rows(connection, {"order": "1"})) == 2
        connection.rollback()
    with engine.connect() as connection:
        assert READ.rows(connection, {"order": "1"}) == []


def test_an_error_is_named_as_sqlalchemy_names_it(engine: Engine) -> None:
    twice = Prepared(NEW_PRODUCT, list(PRODUCT))

    def work(connection: Connection) -> None:
        twice.run(connection, PRODUCT)
        twice.run(connection, PRODUCT)

    with pytest.raises(IntegrityError) as refused:
        transaction.write(engine, work)
    assert "FINISHED_GOOD" not in str(refused.value)  # what is stored is kept out of the log
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(product)).scalar_one() == 0
        with pytest.raises((OperationalError, ProgrammingError)):
            NO_SUCH.rows(connection, {})


def test_who_listens_to_statements_hears_it(engine: Engine) -> None:
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        heard.append(statement)

    def work(connection: Connection) -> list[Any]:
        assert ADD.new_id(connection, RECEIPT) == 1
        assert CHANGE.run(connection, {"order": "1", "user": "ana"}) == 1
        return READ.rows(connection, {"order": "1"})

    event.listen(engine, "before_cursor_execute", hear)
    assert transaction.write(engine, work) == [(-3, MOMENT, "ana", 1)]
    assert [statement.split()[0] for statement in heard if "SHIPMENT_RECEIPT" in statement] == [
        "INSERT",
        "UPDATE",
        "SELECT",
    ]


def test_one_statement_on_two_databases_in_turn(engine: Engine, tmp_path: Path) -> None:
    other = open_engine(sqlite_url(tmp_path / "other.db"))
    upgrade(other)
    for _ in range(2):
        for one in (engine, other):
            transaction.write(one, lambda connection: ADD.run(connection, RECEIPT))
    for one in (engine, other):
        found = transaction.read(one, lambda connection: READ.rows(connection, {"order": "1"}))
        assert found == [(-3, MOMENT, None, 2)] * 2
    other.dispose()


def test_a_default_that_nobody_would_fill_in_is_noticed(engine: Engine) -> None:
    without = Prepared(NEW_PRODUCT, ["PRODUCT_ID", "INTERNAL_NAME"])
    with engine.connect() as connection, pytest.raises(AssertionError, match="PRODUCT_TYPE_ID"):
        without.run(connection, {"PRODUCT_ID": "P", "INTERNAL_NAME": "S"})


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"], indirect=True)
def test_a_line_that_drops_is_taken_up_again(engine: Engine) -> None:
    attempts = 0

    def work(connection: Connection) -> int:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            cut(engine, number_of(connection))
        return ADD.new_id(connection, RECEIPT)

    assert transaction.write(engine, work) == 1
    assert attempts == 2


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"], indirect=True)
def test_a_line_that_rested_is_tried_before_it_is_used(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.connect() as connection:
        first = number_of(connection)
    other = open_engine(engine.url.render_as_string(hide_password=False))
    cut(other, first)
    other.dispose()
    monkeypatch.setattr("data.engine.RESTED_SECONDS", 0.1)
    time.sleep(0.2)
    with engine.connect() as connection:
        assert number_of(connection) != first


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"], indirect=True)
def test_nothing_is_left_open_on_a_line_that_is_put_back(engine: Engine) -> None:
    """After a commit nothing is rolled back; what was begun by other ways is."""
    transaction.write(engine, lambda connection: ADD.run(connection, RECEIPT))
    line = engine.raw_connection()
    cursor = line.cursor()
    cursor.execute(f'DELETE FROM "{shipment_receipt.name}"')
    cursor.close()
    line.close()
    other = open_engine(engine.url.render_as_string(hide_password=False))
    found = transaction.read(other, lambda connection: READ.rows(connection, {"order": "1"}))
    assert len(found) == 1
    transaction.write(other, lambda connection: CHANGE.run(connection, {"order": "1", "user": "b"}))
    other.dispose()


def test_a_server_keeps_statements_ready_over_what_was_refused(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)

    def ready(connection: Connection) -> int:
        for _ in range(7):
            READ.rows(connection, {"order": "1"})
        found: int = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%RECEIPT%%'"
        ).scalar_one()
        return found

    def refuse(connection: Connection) -> None:
        assert ready(connection) == 1
        raise KeyError

    for run in (transaction.read, transaction.write):
        with pytest.raises(KeyError):
            run(engine, refuse)
        assert engine.pool.checkedin() == 1  # the same line is used again
        assert transaction.read(engine, ready) == 1
        with engine.connect() as connection:
            kept = connection.exec_driver_sql(
                "SELECT sum(generic_plans + custom_plans) FROM pg_prepared_statements"
                " WHERE statement LIKE '%%RECEIPT%%'"
            ).scalar_one()
        assert kept > 8  # plans made since it was prepared, the refused ones among them
    engine.dispose()
