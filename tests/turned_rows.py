"""Rows of a SELECT without ORDER BY, last one first: what depends on their order is noticed.

``TURN_ROWS=1 make tests`` runs the tests so. A database may give such rows in any order, and a
server does when its statistics or its load are other than on the machine that a test was written
on. Rows that the program itself has sorted or looks up by key do not mind.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import psycopg
import pymysql.cursors
from sqlalchemy import Engine, event

SYSTEM_TABLES = re.compile(r"pg_catalog|pg_stat|information_schema|\bSHOW\b", re.IGNORECASE)


def turn() -> None:
    """From now on, for every connection of SQLAlchemy's in this process."""
    event.listen(Engine, "connect", _turn_connection)


def _turn_connection(connection: Any, _record: Any) -> None:
    if isinstance(connection, psycopg.Connection):
        connection.cursor_factory = _PostgresqlCursor
    elif hasattr(connection, "cursorclass"):
        connection.cursorclass = _MysqlCursor
    else:
        connection.execute("PRAGMA reverse_unordered_selects = ON")


@cache
def has_no_order(statement: str) -> bool:
    """Whether a statement's outermost SELECT gives its rows in no order."""
    if SYSTEM_TABLES.search(statement):
        return False
    outermost, before = re.sub(r"'(?:[^']|'')*'", "''", statement), ""
    while outermost != before:
        outermost, before = re.sub(r"\([^()]*\)", " ", outermost), outermost
    words = outermost.upper()
    gives_rows = re.search(r"\b(SELECT|RETURNING)\b", words)
    return gives_rows is not None and not re.search(r"\bORDER\s+BY\b", words)


class _PostgresqlCursor(psycopg.Cursor[Any]):
    _turned: list[Any] | None = None

    def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
        self._turned = None
        super().execute(query, *arguments, **options)
        if self.description is not None and has_no_order(str(query)):
            self._turned = super().fetchall()[::-1]
        return self

    def executemany(self, *arguments: Any, **options: Any) -> None:
        self._turned = None
        super().executemany(*arguments, **options)

    def fetchone(self) -> Any:
        if self._turned is None:
            return super().fetchone()
        return self._turned.pop(0) if self._turned else None

    def fetchmany(self, size: int = 0) -> list[Any]:
        if self._turned is None:
            return super().fetchmany(size)
        number = size or self.arraysize
        rows, self._turned = self._turned[:number], self._turned[number:]
        return rows

    def fetchall(self) -> list[Any]:
        if self._turned is None:
            return super().fetchall()
        rows, self._turned = self._turned, []
        return rows

    def __iter__(self) -> Any:
        while (row := self.fetchone()) is not None:
            yield row


class _MysqlCursor(pymysql.cursors.Cursor):
    def execute(self, query: Any, args: Any = None) -> int:
        number = int(super().execute(query, args))
        rows = getattr(self, "_rows", None)
        if rows and has_no_order(str(query)):
            self._rows = tuple(rows)[::-1]
        return number
