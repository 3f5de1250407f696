"""Copies of a whole database: a SQLite file page by page, any database table by table.

A copy is one state of its source, however long it takes and whoever works on it meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import BigInteger, Connection, Table, delete, func, insert, inspect, select, text

from data.guards import counters_by_trigger
from data.partly_closed import filled_last
from data.tables import metadata

Tell = Callable[[int, int], None]
"""Hears how much is done, and of how much."""

PAGES = 4_096
ROWS = 5_000
BUSY_SECONDS = 10.0
COUNTER = "ALLOCATED_QUANTITY"


class InUse(Exception):
    """Somebody else has the database open."""


class Damaged(Exception):
    """A SQLite file whose pages do not fit together; the message is what SQLite says."""


def silent(done: int, total: int) -> None:
    """Nobody listens."""
    del done, total


def _connect(path: Path, mode: str, seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=seconds)


# --- SQLite files ---------------------------------------------------------------------------------


def copy_file(source: Path, target: Path, tell: Tell = silent) -> None:
    """Copy a SQLite database into a new file at ``target``, and see that the copy is whole.

    The source is read in one transaction: writers go on, and the copy never starts again.

    Raises:
        Damaged: the copy is not whole, and neither is the source.
        sqlite3.Error: it cannot be read or written.
    """
    with closing(_connect(source, "rw")) as reader, closing(_connect(target, "rwc")) as writer:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # the state to be copied
        _pages(reader, writer, tell)
        seal(writer)


def _pages(reader: sqlite3.Connection, writer: sqlite3.Connection, tell: Tell) -> None:
    reader.backup(
        writer, pages=PAGES, progress=lambda _, remaining, total: tell(total - remaining, total)
    )


def seal(connection: sqlite3.Connection) -> None:
    """Leave a file that needs no other beside it, on the disk, and checked.

    Raises:
        Damaged: its pages do not fit together.
    """
    connection.execute("PRAGMA journal_mode = DELETE")
    try:
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise Damaged(str(error)) from error
    if found != "ok":
        raise Damaged(str(found).splitlines()[-1])


def to_disk(path: Path) -> None:
    """Return when the file, and its name in its folder, are on the disk."""
    for name, flags in ((path, os.O_RDONLY), (path.parent, os.O_RDONLY | os.O_DIRECTORY)):
        handle = os.open(name, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def overwrite_file(source: Path, target: Path, keep: Path, tell: Tell = silent) -> None:
    """Put the contents of one SQLite file into another that exists, in one transaction.

    What was there is copied to ``keep`` first. The file stays the same file, so that whoever opens
    it meanwhile waits; a run that is killed leaves what was there.

    Raises:
        InUse: somebody else has it open.
        sqlite3.Error: it cannot be read or written, or is no database.
    """
    with closing(_connect(source, "rw")) as reader, closing(_connect(target, "rw", 1.0)) as writer:
        try:
            writer.execute("PRAGMA locking_mode = EXCLUSIVE")
            writer.execute("PRAGMA synchronous = FULL")
            # Only the last one to have a WAL database open may do this: it finds the others out.
            (mode,) = writer.execute("PRAGMA journal_mode = DELETE").fetchone()
            if mode != "delete":
                raise InUse
            writer.execute("BEGIN EXCLUSIVE")
            writer.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise InUse from error
            raise
        keep.touch(mode=0o600)
        with closing(_connect(keep, "rw")) as old:
            writer.backup(old, pages=PAGES)
            old.execute("PRAGMA journal_mode = DELETE")
        to_disk(keep)
        _pages(reader, writer, tell)
        writer.execute("PRAGMA locking_mode = NORMAL")
        writer.execute("PRAGMA journal_mode = WAL")


# --- Table by table -------------------------------------------------------------------------------


def is_unused(connection: Connection) -> bool:
    """Whether there is no order, product, person or journal yet."""
    return all(
        connection.execute(select(text("1")).select_from(metadata.tables[name]).limit(1)).first()
        is None
        for name in ("ORDER_HEADER", "PRODUCT", "PARTY", "CHANGE_SET")
    )


def copy_tables(source: Connection, target: Connection, tell: Tell = silent) -> int:
    """Replace every row of the target by those of the source; how many there are.

    Both are of this version's schema. Where DDL is part of a transaction the guards rest meanwhile
    and the counters of allocated units come along; elsewhere the guards count them anew.
    """
    tables = [table for table in metadata.sorted_tables if table.name in _tables_of(source)]
    total = sum(
        source.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
    )
    done = 0
    with _emptied(target) as by_trigger:
        for table in tables:
            for rows in _batches(source, table):
                if by_trigger and table.name == "ORDER_ITEM":
                    rows = [{**row, COUNTER: 0} for row in rows]
                _insert(target, table, rows)
                done += len(rows)
                tell(done, total)
    for table in tables:
        _continue_numbers(target, table)
    return done


@contextmanager
def _emptied(target: Connection) -> Iterator[bool]:
    """Every table empty; yields whether the guards count the units of the block's rows."""
    if target.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        guard = 'ALTER TABLE "ORDER_ITEM_ASSOC" {} TRIGGER "ALLOCATION_GUARDED"'
        target.exec_driver_sql(f"TRUNCATE {names}")
        target.exec_driver_sql(guard.format("DISABLE"))
        yield False
        target.exec_driver_sql(guard.format("ENABLE"))
        return
    with filled_last(target):
        for table in reversed(metadata.sorted_tables):
            target.execute(delete(table))
        with counters_by_trigger(target, suspended=True) as by_trigger:
            yield by_trigger


def _tables_of(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def _batches(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    columns = [column for column in table.columns if column.computed is None]
    found = source.execute(
        select(*columns), execution_options={"stream_results": True, "yield_per": ROWS}
    )
    for rows in found.mappings().partitions(ROWS):
        yield [dict(row) for row in rows]


def _insert(target: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if target.dialect.name != "postgresql":
        target.execute(insert(table), rows)
        return
    # Row by row the server is asked anew for each; COPY tells it all of them.
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    driver = target.connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row([row[name] for name in names])


def _continue_numbers(connection: Connection, table: Table) -> None:
    """The next number that PostgreSQL gives comes after those that were copied."""
    if connection.dialect.name != "postgresql":
        return
    (key, *more) = table.primary_key.columns
    if more or key.autoincrement is not True or not isinstance(key.type, BigInteger):
        return
    highest = connection.execute(select(func.max(key))).scalar_one()
    if highest is not None:
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, :key), :highest)"),
            {"name": f'"{table.name}"', "key": key.name, "highest": highest},
        )
