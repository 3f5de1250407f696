"""The one place that runs a transaction, and the one place that runs it again.

A transaction is a function of a connection. It is run whole or not at all, and again whole when the
database says that it lost a race (deadlock, serialization, lock wait, a cluster's certification) or
the line to it dropped before anything was committed: a server that restarts, or another node that
takes over, is waited for a while.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from data.engine import BUSY_TIMEOUT_SECONDS, ENDED, LOCK_WAIT_SECONDS, MYSQL_FAMILY, WRITES
from data.kept_connections import KeptConnection, KeptConnections
from data.search_index import settle

Result = TypeVar("Result")

ATTEMPTS = 6
"""Races that a transaction may lose before it gives up."""
LOCK_WAITS = 3
"""Times that it waits for a lock as long as the engine lets it."""
PATIENCE_SECONDS = 10.0
"""How long a server that was there may stay away before a person is told."""
DROPS = 10
"""Lines that one transaction may lose: what it asks for may be what ends the server."""

_POSTGRESQL_RACE = {"40001", "40P01"}  # serialization, deadlock
_POSTGRESQL_LOCK = {"55P03"}
# Shut down, crashed, starting up; what a connection that broke is called.
_POSTGRESQL_LOST = {"57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006"}
_MYSQL_RACE = {1213, 1020, 1412}  # deadlock or a cluster's certification, row or table changed
_MYSQL_LOCK = {1205}
# Too many connections, node not ready, server stops, killed, no connection, line lost.
_MYSQL_LOST = {1040, 1047, 1053, 1927, 2002, 2003, 2006, 2013, 2014, 2055}
_SQLITE_RACE = ("database is locked", "database table is locked", "database schema is locked")


class DatabaseUnreachable(Exception):
    """The database did not answer, or a transaction lost its race too many times."""


class CommitUnknown(DatabaseUnreachable):
    """The line dropped while committing: the change may be there, or not. Look before repeating."""


class StillLocked(DatabaseUnreachable):
    """Somebody else's transaction holds what this one needs, and does not end."""


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
    pool = engine.pool
    if isinstance(pool, KeptConnections):
        return _attempts(lambda: KeptConnection(engine, pool), work, writing=writing)
    return _attempts(engine.connect, work, writing=writing)


def _attempts(
    connect: Callable[[], AbstractContextManager[Connection]],
    work: Callable[[Connection], Result],
    *,
    writing: bool,
    held: bool = False,
) -> Result:
    patience = _Patience()
    while True:
        connected = committing = False
        try:
            with connect() as connection:
                connected = True
                ready = _prepared(connection, writing=writing, held=held)
                with ready.begin() as transaction:
                    try:
                        result = work(connection)
                    except DBAPIError:
                        raise
                    except Exception:
                        if not (writing or held):
                            # It only looked, and says no: nothing is to be rolled back. A driver
                            # may throw away what it keeps ready when a transaction is.
                            transaction.commit()
                            connection.info[ENDED] = True
                        raise
                    if writing:
                        settle(connection)
                    committing = True
                    transaction.commit()
                connection.info[ENDED] = True
                return result
        except DBAPIError as error:
            lost = lost_line(error) or (not connected and _may_come_back(error))
            if lost and committing and writing:
                raise CommitUnknown(
                    "the line to the database dropped while the change was being committed: "
                    "look at the history before doing it again"
                ) from error
            if not (lost or lost_race(error)):
                if isinstance(error, OperationalError):
                    raise DatabaseUnreachable(_first_line(error)) from error
                raise
            if (lost and held) or not patience.again(error, lost=lost, connected=connected):
                if waited_for_lock(error):
                    raise StillLocked(
                        "somebody else is changing the same lines and has not finished in "
                        f"{LOCK_WAITS * LOCK_WAIT_SECONDS:.0f} seconds: nothing was changed, "
                        "try again"
                    ) from error
                raise DatabaseUnreachable(_first_line(error)) from error


class _Patience:
    """How often one transaction is tried again, and how long it waits before."""

    def __init__(self) -> None:
        self._races = self._waits = self._losses = self._drops = 0
        self._lost_at = 0.0
        self._began = time.monotonic()

    def again(self, error: DBAPIError, *, lost: bool, connected: bool) -> bool:
        """Wait and say yes, or say no."""
        if lost:
            return self._until_it_is_back(connected)
        if waited_for_lock(error):
            self._waits += 1
            return self._waits < LOCK_WAITS
        self._races += 1
        # SQLite has waited for its one lock as long as it may: once is what a person waits.
        waited = isinstance(error.orig, sqlite3.Error) and (
            time.monotonic() - self._began >= BUSY_TIMEOUT_SECONDS
        )
        if self._races >= ATTEMPTS or waited:
            return False
        time.sleep(random.uniform(0.5, 1.0) * 0.02 * 2**self._races)
        return True

    def _until_it_is_back(self, connected: bool) -> bool:
        now = time.monotonic()
        if connected:  # it was there: a new absence, with patience of its own
            self._drops += 1
            if self._drops > DROPS:
                return False
            self._losses, self._lost_at = 0, now
        elif not self._lost_at:
            self._lost_at = now
        if now - self._lost_at > PATIENCE_SECONDS:
            return False
        time.sleep(min(0.5, 0.05 * 2**self._losses))
        self._losses += 1
        return True


def _prepared(connection: Connection, *, writing: bool, held: bool) -> Connection:
    dialect = connection.dialect.name
    if dialect in ("sqlite", *MYSQL_FAMILY):  # see data.engine: what it does at BEGIN
        connection.info[WRITES] = writing
        return connection
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
    return waited_for_lock(error) or _is_one_of(error, _POSTGRESQL_RACE, _MYSQL_RACE, _SQLITE_RACE)


def waited_for_lock(error: DBAPIError) -> bool:
    """Whether a lock was waited for as long as the engine lets it."""
    return _is_one_of(error, _POSTGRESQL_LOCK, _MYSQL_LOCK, ())


def lost_line(error: DBAPIError) -> bool:
    """Whether the line to the server is gone, and with it the transaction."""
    return error.connection_invalidated or _is_one_of(error, _POSTGRESQL_LOST, _MYSQL_LOST, ())


def _may_come_back(error: DBAPIError) -> bool:
    """Whether a connection that was not made may be made later: of a server, not of a file.

    A MariaDB server that answers with an error of its own (a wrong password) means it; PostgreSQL's
    library tells only in words what went wrong.
    """
    module = type(error.orig).__module__
    return module.startswith("psycopg") and "authentication failed" not in str(error.orig)


def _is_one_of(
    error: DBAPIError, states: Container[str], numbers: Container[int], texts: tuple[str, ...]
) -> bool:
    original = error.orig
    arguments = getattr(original, "args", ())
    if arguments and isinstance(arguments[0], int):  # PyMySQL; it has a state too, a vaguer one
        return arguments[0] in numbers
    state = getattr(original, "sqlstate", None)
    if state is not None:
        return state in states
    return str(original).startswith(texts) if texts else False


def _first_line(error: DBAPIError) -> str:
    arguments: tuple[object, ...] = getattr(error.orig, "args", ())
    if len(arguments) == 2 and isinstance(arguments[0], int):  # PyMySQL: number, message
        return str(arguments[1]).strip() or f"error {arguments[0]}"
    return next(iter(str(error.orig).strip().splitlines()), type(error.orig).__name__)
