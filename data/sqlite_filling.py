"""Filling an empty SQLite database with all of a book: what costs least when nothing is there yet.

SQLite looks after each row by itself: its foreign keys, and its place in every index. Of millions
of rows most of those places lie far apart. Sorted once at the end, an index is written from its
first page to its last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from data import transaction
from data.staging import wide_cache

Result = TypeVar("Result")

SORT_KIB = 64 * 1024
"""Memory for sorting an index, and as much again for pages; what is more is sorted in files."""


def write_all(
    engine: Engine, work: Callable[[Connection], Result], *, new_file: bool = False
) -> Result:
    """:func:`data.transaction.write` for work that fills an empty database, foreign keys in order.

    On SQLite the connection is the work's own and goes with it; nobody writes through it without
    foreign keys afterwards.

    Args:
        engine: of the database, which nobody else fills.
        work: as for every transaction.
        new_file: whether it is a SQLite file that nobody else knows of, and that is deleted should
            this fail: then no page is written twice, and none waits for the disk. Who gives it its
            name has to (:func:`data.copying.to_disk`).
    """
    if engine.dialect.name != "sqlite":
        return transaction.write(engine, work)
    if new_file:
        engine.dispose()  # only the last connection may leave the write-ahead log
    with transaction.held(engine) as connection:
        raw: Any = connection.connection.driver_connection
        # A transaction can switch none of these.
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA temp_store = FILE")
        if new_file:
            raw.execute("PRAGMA locking_mode = EXCLUSIVE")
            raw.execute("PRAGMA journal_mode = OFF")
            raw.execute("PRAGMA synchronous = OFF")
        result = transaction.write_on(connection, work)
        if new_file:
            raw.execute("PRAGMA journal_mode = WAL")
        return result


@contextmanager
def indexes_last(connection: Connection) -> Iterator[None]:
    """Take the indexes of SQLite's tables away for the block and make them again after it.

    A transaction that fails has never been without. Keys and what they forbid stay in force.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    found = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " AND tbl_name NOT LIKE 'sqlite_%' ORDER BY tbl_name, rowid"
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    yield
    with wide_cache(connection, SORT_KIB):
        for _, statement in found:
            connection.exec_driver_sql(statement)
