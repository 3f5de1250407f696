"""Moments as the database stores them, for jobs over a whole book.

On SQLite that is text, which sorts as moments do and is written back as it was read: a million
moments are neither parsed nor formatted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, type_coerce

from data.types import sqlite_moment

Moment = Any
"""A moment, or its text: compared with its like and written back, never computed with."""


def stored(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of moments, as it lies in the database."""
    return stored_in(connection.dialect.name, column)


def stored_in(dialect: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same for a statement that is kept for a kind of database."""
    return column if dialect != "sqlite" else type_coerce(column, String())


def as_stored(connection: Connection, moment: datetime) -> Moment:
    """A moment in the form of :func:`stored`."""
    if connection.dialect.name != "sqlite":
        return moment
    return sqlite_moment(moment)


def as_moment(stored: Moment) -> datetime:
    """A moment out of the form of :func:`stored`."""
    return stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
