"""Two forms that SQL has no common word for: a column kept away from indexes, a caseless LIKE.

SQLite without statistics takes any index that an equality fits, even one that selects half of the
table, and then sorts. Its own way to say "not by this one" is a unary plus, which leaves value and
affinity alone. Other databases have statistics and see the plain column.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Boolean, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

Value = TypeVar("Value")

ESCAPE = "/"


class _NotByIndex(FunctionElement[Any]):
    name = "not_by_index"
    inherit_cache = True


class _CaselessLike(FunctionElement[bool]):
    name = "caseless_like"
    inherit_cache = True
    type = Boolean()


def not_by_index(column: ColumnElement[Value]) -> ColumnElement[Value]:
    """``column`` for a condition that should only filter what another condition found."""
    kept = _NotByIndex(column)
    kept.type = column.type
    return kept


def caseless_like(column: ColumnElement[str], pattern: Any) -> ColumnElement[bool]:
    """Whether ``column`` is like ``pattern``, in any case; ``/`` escapes."""
    return _CaselessLike(column, pattern)


@compiles(_NotByIndex)
def _plain(element: _NotByIndex, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_NotByIndex, "sqlite")
def _unary_plus(element: _NotByIndex, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(_CaselessLike)
def _like(element: _CaselessLike, compiler: SQLCompiler, **options: Any) -> str:
    # SQLite's LIKE ignores the case of ASCII, MariaDB's that of all letters (by collation).
    column, pattern = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} LIKE {pattern} ESCAPE '{ESCAPE}'"


@compiles(_CaselessLike, "postgresql")
def _ilike(element: _CaselessLike, compiler: SQLCompiler, **options: Any) -> str:
    column, pattern = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} ILIKE {pattern} ESCAPE '{ESCAPE}'"
