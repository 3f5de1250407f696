"""Filling an empty schema with the demo, in one transaction."""

# ruff: noqa: S608  (statements over names of the schema, never over data)
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Connection, Engine, func, select

from data import guards, search_index
from data.bulk import Rows
from data.demo.batches import Batch
from data.demo.telling import telling
from data.engine import MYSQL_FAMILY
from data.partly_closed import filled_last
from data.sqlite_filling import indexes_last, write_all
from data.tables import (
    change_set,
    metadata,
    order_header,
    order_item_change,
    party,
    product,
    shipment_receipt,
)

Progress = Callable[[int, int], None]


def fill(
    engine: Engine,
    orders: int,
    seed: int,
    today: date,
    progress: Progress | None,
    *,
    new_file: bool,
) -> None:
    """See :func:`data.demo.generate`."""

    def work(connection: Connection) -> None:
        for table in (order_header, product, party):
            if connection.execute(select(func.count()).select_from(table)).scalar_one():
                name = table.name
                raise ValueError(f"demo data goes into an empty database, and {name} has rows")
        with (
            telling(orders, seed, today) as story,
            _unguarded(connection),
            _unsearched(connection),
            filled_last(connection),
            indexes_last(connection),
        ):
            for told in story:
                if isinstance(told, Batch):
                    _write(connection, told)
                elif progress is not None:
                    progress(told, orders)
        if connection.dialect.name == "postgresql":
            _finish_postgresql(connection)

    write_all(engine, work, new_file=new_file)


def _write(connection: Connection, batch: Batch) -> None:
    if not batch.keys:
        Rows(connection, metadata.tables[batch.table], batch.columns).insert_all(batch.rows)
        return
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    named = [f'"{name}" = {mark}' for name in batch.columns.split()]
    values, keys = ", ".join(named[: -batch.keys]), " AND ".join(named[-batch.keys :])
    connection.exec_driver_sql(f'UPDATE "{batch.table}" SET {values} WHERE {keys}', batch.rows)


@contextmanager
def _unguarded(connection: Connection) -> Iterator[None]:
    """Without the guards for the block: they would add to counters that the rows already carry.

    DDL is transactional on SQLite and PostgreSQL; MariaDB and MySQL commit at each DDL statement,
    so there a demo that fails half-way has to bring them back itself (and after a power cut `init`
    does).
    """
    dialect = connection.dialect.name
    for statement in guards.drop_statements(dialect):
        connection.exec_driver_sql(statement)
    try:
        yield
    except BaseException:
        if dialect in MYSQL_FAMILY:
            connection.exec_driver_sql("ROLLBACK")
            for statement in guards.create_statements(dialect):
                connection.exec_driver_sql(statement)
        raise
    for statement in guards.create_statements(dialect):
        connection.exec_driver_sql(statement)


@contextmanager
def _unsearched(connection: Connection) -> Iterator[None]:
    """Without noting new rows for the index of pieces of text: all are entered after the block."""
    if not search_index.has_index(connection):
        yield
        return
    for statement in search_index.drop_trigger_statements():
        connection.exec_driver_sql(statement)
    yield
    for statement in search_index.trigger_statements():
        connection.exec_driver_sql(statement)
    search_index.fill(connection)


def _finish_postgresql(connection: Connection) -> None:
    """Move the serials past the ids that were given, and let the planner know what is there."""
    for table in (change_set, order_item_change, shipment_receipt):
        key = next(iter(table.primary_key.columns))
        serial = func.pg_get_serial_sequence(f'"{table.name}"', key.name)
        connection.execute(
            select(func.setval(serial, func.coalesce(func.max(key), 1))).select_from(table)
        )
    for table in metadata.sorted_tables:
        connection.exec_driver_sql(f'ANALYZE "{table.name}"')
