"""The one place that runs a transaction, and the one place that runs it again.

A transaction is a function of a connection. It is run whole or not at all, and again whole when the
database says that it lost a race (deadlock, serialization, lock wait) or the line to it dropped
before anything was committed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

Result = TypeVar("Result")

ATTEMPTS = 6
_POSTGRESQL_RETRY = {"40001", "40P01", "55P03"}  # serialization, deadlock, lock not available
_MYSQL_RETRY = {1205, 1213, 1020, 1047, 2006, 2013}  # lock wait, deadlock, changed, cluster, lost
_SQLITE_RETRY = ("database is locked", "database table is locked", "database schema is locked")


class DatabaseUnreachable(Exception):
    """The database did not answer, or a transaction lost its race too many times."""


class CommitUnknown(DatabaseUnreachable):
    """The line dropped while committing: the change may be there, or not. Look before repeating."""


def read(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Run ``work`` in a read transaction: all its statements see one state of the database."""
    return _run(engine, work, writing=False)


def write(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Run ``work`` in a writing transaction and commit; on any exception nothing is changed."""
    return _run(engine, work, writing=True)


@contextmanager
def held(engine: Engine) -> Iterator[Connection]:
    """One connection for several transactions, with what belongs to it: its temporary tables.

    It is of the caller's alone and is closed for good at the end of the block.
    """
    with engine.connect() as connection:
        try:
            yield connection
        finally:
            connection.invalidate()  # nobody else gets it with what it holds


def read_on(connection: Connection, work: Callable[[Connection], Result]) -> Result:
    """:func:`read` on a connection from :func:`held`; temporary tables may be written to."""
    return _attempts(lambda: nullcontext(connection), work, writing=False, held=True)


def write_on(connection: Connection, work: Callable[[Connection], Result]) -> Result:
    """:func:`write` on a connection from :func:`held`; a lost line loses its temporary tables."""
    return _attempts(lambda: nullcontext(connection), work, writing=True, held=True)


def _run(engine: Engine, work: Callable[[Connection], Result], *, writing: bool) -> Result:
    return _attempts(engine.connect, work, writing=writing)


def _attempts(
    connect: Callable[[], AbstractContextManager[Connection]],
    work: Callable[[Connection], Result],
    *,
    writing: bool,
    held: bool = False,
) -> Result:
    for attempt in range(1, ATTEMPTS + 1):
        committing = False
        try:
            with connect() as connection:
                ready = _prepared(connection, writing=writing, held=held)
                with ready.begin() as transaction:
                    result = work(connection)
                    committing = True
                    transaction.commit()
                return result
        except DBAPIError as error:
            lost_line = error.connection_invalidated
            if lost_line and committing and writing:
                raise CommitUnknown(
                    "the line to the database dropped while the change was being committed: "
                    "look at the history before doing it again"
                ) from error
            if not (lost_line or lost_race(error)):
                if isinstance(error, OperationalError):
                    raise DatabaseUnreachable(_first_line(error)) from error
                raise
            if attempt == ATTEMPTS or (lost_line and held):
                raise DatabaseUnreachable(_first_line(error)) from error
        time.sleep(random.uniform(0.5, 1.0) * 0.02 * 2**attempt)
    raise AssertionError("unreachable")


def _prepared(connection: Connection, *, writing: bool, held: bool) -> Connection:
    dialect = connection.dialect.name
    if dialect == "sqlite":
        kind = "IMMEDIATE" if writing else "DEFERRED"
        return connection.execution_options(preorder_begin=kind)
    if dialect == "postgresql" and held:  # temporary tables are made while reading
        level = "READ COMMITTED" if writing else "REPEATABLE READ"
        return connection.execution_options(isolation_level=level)
    if dialect == "postgresql" and not writing:
        return connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    return connection


def lost_race(error: DBAPIError) -> bool:
    """Whether the database refused only because somebody else was faster."""
    original = error.orig
    state = getattr(original, "sqlstate", None)
    if state is not None:
        return state in _POSTGRESQL_RETRY
    arguments = getattr(original, "args", ())
    if arguments and isinstance(arguments[0], int):
        return arguments[0] in _MYSQL_RETRY
    return str(original).startswith(_SQLITE_RETRY)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]
