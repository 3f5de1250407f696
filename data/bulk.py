"""Rows into tables the fast way: positional tuples, by the chunk, in the order of the keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

CHUNK = 20_000

Row = tuple[Any, ...]


class Rows:
    """The rows of one table that wait for their insert; ``add`` is a plain list append."""

    def __init__(self, connection: Connection, table: Table, columns: str) -> None:
        names = columns.split()
        unknown = [name for name in names if name not in table.columns]
        if unknown:
            raise ValueError(f"{table.name} has no column {unknown[0]}")
        self._connection = connection
        self._copy = connection.dialect.name == "postgresql"
        quoted = ", ".join(f'"{name}"' for name in names)
        target = f'"{table.name}" ({quoted})'
        if self._copy:
            self._statement = f"COPY {target} FROM STDIN"
        else:
            mark = "?" if connection.dialect.name == "sqlite" else "%s"
            self._statement = " ".join(
                ("INSERT INTO", target, f"VALUES ({', '.join([mark] * len(names))})")
            )
        self.waiting: list[Row] = []
        self.add = self.waiting.append

    def insert(self) -> None:
        """Insert what waits."""
        if self.waiting:
            self._send(self.waiting)
            self.waiting.clear()

    def insert_all(self, rows: Iterable[Row]) -> None:
        """Insert ``rows`` chunk by chunk, never holding more than one of them."""
        iterator = iter(rows)
        while chunk := list(islice(iterator, CHUNK)):
            self._send(chunk)

    def _send(self, rows: Sequence[Row]) -> None:
        if not self._copy:
            self._connection.exec_driver_sql(self._statement, list(rows))
            return
        # COPY is PostgreSQL's own bulk path; it keeps constraints and runs in our transaction.
        cursor: Any = self._connection.connection.cursor()
        try:
            with cursor.copy(self._statement) as copy:
                for row in rows:
                    copy.write_row(row)
        finally:
            cursor.close()
