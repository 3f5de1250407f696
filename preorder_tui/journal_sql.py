"""The journal's texts made and read by the database itself, for change sets written by the set.

The same forms as :func:`preorder_tui.journal.to_text` and :func:`~preorder_tui.journal.from_text`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, Text, cast
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from preorder_tui.journal import DATE_FIELDS, NUMBER_FIELDS


class _MomentText(FunctionElement[str]):
    name = "moment_text"
    inherit_cache = True
    type = Text()


class _TextMoment(FunctionElement[Any]):
    name = "text_moment"
    inherit_cache = True
    type = DateTime()


def to_text(field: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A stored value of a plan's field as the journal keeps it."""
    if field in DATE_FIELDS:
        return _MomentText(value)
    return cast(cast(value, BigInteger), Text) if field in NUMBER_FIELDS else value


def from_text(field: str, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """The stored value behind the journal's text."""
    if field in DATE_FIELDS:
        return _TextMoment(text)
    return cast(text, BigInteger) if field in NUMBER_FIELDS else text


def _inner(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_MomentText, "sqlite")
def _sqlite_text(element: _MomentText, compiler: SQLCompiler, **options: Any) -> str:
    return f"replace({_inner(element, compiler, **options)}, ' ', 'T')"


@compiles(_TextMoment, "sqlite")
def _sqlite_moment(element: _TextMoment, compiler: SQLCompiler, **options: Any) -> str:
    return f"replace({_inner(element, compiler, **options)}, 'T', ' ')"


@compiles(_MomentText, "postgresql")
def _postgresql_text(element: _MomentText, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_char({_inner(element, compiler, **options)}, 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"


@compiles(_TextMoment, "postgresql")
def _postgresql_moment(element: _TextMoment, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({_inner(element, compiler, **options)} AS TIMESTAMP)"


@compiles(_MomentText)
def _mysql_text(element: _MomentText, compiler: SQLCompiler, **options: Any) -> str:
    # Doubled: MySQL drivers format the statement with %.
    return f"date_format({_inner(element, compiler, **options)}, '%%Y-%%m-%%dT%%H:%%i:%%s.%%f')"


@compiles(_TextMoment)
def _mysql_moment(element: _TextMoment, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(replace({_inner(element, compiler, **options)}, 'T', ' ') AS DATETIME(6))"
