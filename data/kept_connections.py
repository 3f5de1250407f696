"""A pool that keeps SQLAlchemy's connections too, not only those of the driver.

Half of what a short transaction costs is making SQLAlchemy's connection around the driver's and
taking it apart again. One that has just committed is ready for the next transaction as it is.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool
from sqlalchemy.exc import DBAPIError

KEPT = 2
"""Connections that are kept; what more threads than these want at once is made and closed."""


class KeptConnections(QueuePool):
    """A pool with a few connections that are ready to begin a transaction."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.kept: list[Connection] = []

    def dispose(self) -> None:
        """Close what is kept, and then as any pool does."""
        while self.kept:
            self.kept.pop().close()
        super().dispose()


class KeptConnection:
    """A connection of an engine for one transaction: a context, as ``engine.connect()`` is."""

    __slots__ = ("_connection", "_engine", "_pool")

    def __init__(self, engine: Engine, pool: KeptConnections) -> None:
        self._engine = engine
        self._pool = pool

    def __enter__(self) -> Connection:
        try:
            connection = self._pool.kept.pop()
        except IndexError:
            connection = self._engine.connect()
        self._connection = connection
        return connection

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pool, connection = self._pool, self._connection
        # What a rule refused has ended as well. Disposed of meanwhile: the engine has another pool,
        # and this connection no place.
        if (
            (kind is None or (issubclass(kind, Exception) and not issubclass(kind, DBAPIError)))
            and len(pool.kept) < KEPT
            and pool is self._engine.pool
            and not connection.in_transaction()
            and not connection.invalidated
        ):
            pool.kept.append(connection)
        else:
            connection.close()
