"""Temporary tables: rows of one job on one connection, sorted, joined and applied by the set.

They belong to a connection from :func:`data.transaction.held` and are gone with it. Nothing else
sees them, they write nothing to the database's own log, and a read transaction may fill them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Engine, MetaData, Table
from sqlalchemy.schema import CreateTable, DropTable

from data import transaction
from data.engine import MYSQL_FAMILY
from data.types import sqlite_moment

Result = TypeVar("Result")
Statement = TypeVar("Statement", bound=Any)

BIG_CACHE_KIB = 96 * 1024
WHOLE_BOOK_CACHE_KIB = 256 * 1024
"""For changes whose rows lie all over the book: each touches a page of every index."""
NARROW_CACHE_KIB = 128


def temporary(name: str, *columns: Column[Any]) -> Table:
    """The description of a temporary table; its name must be none of the schema's."""
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])


def create(connection: Connection, *tables: Table) -> None:
    """Make the tables, empty; one of that name that this connection has already goes.

    Their rows are numbered 1, 2, 3, …, also on a node of a cluster, which would count in steps.
    """
    if connection.dialect.name in MYSQL_FAMILY:
        connection.exec_driver_sql(
            "SET SESSION auto_increment_increment = 1, SESSION auto_increment_offset = 1"
        )
    for table in tables:
        connection.execute(DropTable(table, if_exists=True))
        connection.execute(CreateTable(table))


def prepare_for(connection: Connection, bytes_to_stage: int) -> None:
    """Before the first temporary table: keep a big job's rows on disk, and its pages in memory.

    Must run outside of a transaction.
    """
    if connection.dialect.name != "sqlite":
        return
    big = bytes_to_stage > 4 * 1024 * 1024
    cursor = connection.connection.cursor()
    if big:
        cursor.execute("PRAGMA temp_store = FILE")
        cursor.execute(f"PRAGMA cache_size = -{BIG_CACHE_KIB}")
    cursor.close()


@contextmanager
def wide_cache(connection: Connection, kib: int = BIG_CACHE_KIB) -> Iterator[None]:
    """Keep the pages of a big job in memory for the block (SQLite; the others have their own)."""
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    if -kib < before < 0:
        connection.exec_driver_sql(f"PRAGMA cache_size = -{kib}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


@contextmanager
def narrow_cache(connection: Connection) -> Iterator[None]:
    """Read rows that lie all over the book, each from a page of its own (SQLite).

    No page is needed twice, and a few that stay in the processor's cache are filled sooner than
    thousands that do not: ten thousand lines take two thirds of the time.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{NARROW_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


def write_proved(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """:func:`data.transaction.write` for work whose statements prove what foreign keys would.

    SQLite looks both lines of every allocation up again, and of a million those of the purchase
    orders lie all over the book: half of the time of the insert. It has one writer at a time, so
    what a statement of this transaction has seen stands until it ends. The connection is the work's
    own and goes with it; nobody writes through it without foreign keys afterwards.
    """
    if engine.dialect.name != "sqlite":
        return transaction.write(engine, work)
    with transaction.held(engine) as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys = OFF")  # a transaction cannot switch it
        return transaction.write_on(connection, work)


def fails_whole(statement: Statement) -> Statement:
    """``statement`` for a transaction that ends when it fails: nothing is kept to undo it alone.

    SQLite otherwise copies each page that it changes first, until the statement ends. Foreign keys
    make it do so all the same, unless :func:`write_proved` has left them to the work.
    """
    prefixed: Statement = statement.prefix_with("OR FAIL", dialect="sqlite")
    return prefixed


def stored_moment(dialect: str, moment: datetime | None) -> Any:
    """A moment as positional rows of :class:`data.bulk.Rows` carry it: SQLite has no date type."""
    if dialect != "sqlite" or moment is None:
        return moment
    return sqlite_moment(moment)


def changes_seen(connection: Connection) -> int | None:
    """A number that moves when another connection commits; None where the database has none."""
    if connection.dialect.name != "sqlite":
        return None
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def slices(first: int, last: int, size: int) -> Sequence[tuple[int, int]]:
    """``first``…``last`` in consecutive ranges of at most ``size``, both ends included."""
    return [(start, min(start + size - 1, last)) for start in range(first, last + 1, size)]
