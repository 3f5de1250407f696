"""Forms that SQL has no common word for: a column kept away from indexes, a caseless LIKE, a list
of ids as one value, the range of an index that a comparison of rows is; and a query that is given
up when it takes too long (on SQLite).

SQLite without statistics takes any index that an equality fits, even one that selects half of the
table, and then sorts. Its own way to say "not by this one" is a unary plus, which leaves value and
affinity alone. Other databases have statistics and see the plain column.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from time import perf_counter, thread_time
from typing import Any, TypeVar

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    Join,
    String,
    bindparam,
    column,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal

Value = TypeVar("Value")

Result = TypeVar("Result")

ESCAPE = "/"
_PATIENCE = 5  # times as long by the clock
_STEPS_PER_LOOK = 1000  # of SQLite's machine, a small part of a millisecond


class _NotByIndex(FunctionElement[Any]):
    name = "not_by_index"
    inherit_cache = True


class _CaselessLike(FunctionElement[bool]):
    name = "caseless_like"
    inherit_cache = True
    type = Boolean()


class _RowRange(FunctionElement[bool]):
    name = "row_range"
    inherit_cache = True
    type = Boolean()
    _is_implicitly_boolean = True  # or MariaDB gets "(…) = 1", in which it sees no range


class _OnSqlite(FunctionElement[Any]):
    name = "on_sqlite"
    inherit_cache = True
    _is_implicitly_boolean = True


def on_sqlite(plain: ColumnElement[Value], sql: str) -> ColumnElement[Value]:
    """``plain``, and on SQLite the same as ``sql`` says it, by an index it would not choose."""
    either = _OnSqlite(plain, literal_column(sql, plain.type))
    either.type = plain.type
    return either


def row_range(rows: ColumnElement[bool], first: ColumnElement[bool]) -> ColumnElement[bool]:
    """A comparison of rows, of which ``first`` is what it says of their first column.

    MariaDB and MySQL find no range of an index in a comparison of rows and read the index from its
    beginning; they find it in ``first``. The others need no such help, and SQLite is misled by it.
    """
    return _RowRange(rows, first)


def not_by_index(column: ColumnElement[Value]) -> ColumnElement[Value]:
    """``column`` for a condition that should only filter what another condition found."""
    kept = _NotByIndex(column)
    kept.type = column.type
    return kept


def as_it_is(column: ColumnElement[Value]) -> ColumnElement[Value]:
    """``column`` where :func:`not_by_index` is not wanted."""
    return column


def caseless_like(column: ColumnElement[str], pattern: Any) -> ColumnElement[bool]:
    """Whether ``column`` is like ``pattern``, in any case; ``/`` escapes."""
    return _CaselessLike(column, pattern)


def in_list(value: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Whether ``value`` is in the list that the parameter ``name`` holds (see :func:`as_list`)."""
    listed = func.json_each(bindparam(name, type_=String)).table_valued("value", name=name)
    return value.in_(select(column("value", String)).select_from(listed))


def in_list_of_lines(
    order: ColumnElement[str], item: ColumnElement[str], name: str
) -> ColumnElement[bool]:
    """Whether a pair of columns is in the list of the parameter ``name``."""
    value: ColumnElement[str] = column("value", String)
    listed = func.json_each(bindparam(name, type_=String)).table_valued(value, name=name)
    parts = (func.json_extract(listed.c.value, f"$[{n}]") for n in range(2))
    return tuple_(order, item).in_(select(*parts).select_from(listed))


class _InThisOrder(Join):
    __visit_name__ = "in_this_order"
    inherit_cache = True


def in_this_order(left: FromClause, right: FromClause, on: ColumnElement[bool]) -> Join:
    """A join whose left side SQLite goes through first; the others' planners choose."""
    return _InThisOrder(left, right, on)


class _ByIndex(Join):
    __visit_name__ = "by_index"
    inherit_cache = True
    _traverse_internals = [*Join._traverse_internals, ("index", InternalTraversal.dp_string)]

    def __init__(
        self,
        left: FromClause,
        right: FromClause,
        on: ColumnElement[bool],
        index: str,
        *,
        outer: bool,
    ) -> None:
        super().__init__(left, right, on, isouter=outer)
        self.index = index


def by_index(
    left: FromClause,
    right: FromClause,
    on: ColumnElement[bool],
    index: str,
    *,
    outer: bool = False,
) -> Join:
    """A join whose right side SQLite reads by the index of that name, or it refuses the statement.

    Without statistics it takes a key before an index that has all that is asked for. (What
    SQLAlchemy calls a hint is not written for SQLite.)
    """
    return _ByIndex(left, right, on, index, outer=outer)


def as_list(ids: Iterable[str]) -> str:
    """Ids as the value of a parameter of :func:`in_list`."""
    return json.dumps(list(ids))


def as_list_of_lines(keys: Iterable[tuple[str, ...]]) -> str:
    """Orders with items as the value of a parameter of :func:`in_list_of_lines`."""
    return json.dumps(list(keys))


def written(connection: Connection) -> tuple[int, int]:
    """A pair of numbers that changes when anybody writes to SQLite."""
    raw: Any = connection.connection.driver_connection
    # The one moves when others write, the other when this connection does.
    others: int = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
    return others, raw.total_changes


def remembered(connection: Connection, name: Any, work: Callable[[], Result]) -> Result:
    """What ``work`` reads from SQLite, from memory if nobody has written since it was read last.

    The last such reading is kept with its connection. Other databases are asked each time.
    """
    if connection.dialect.name != "sqlite":
        return work()
    state = (name, *written(connection))
    kept = connection.info.get("preorder_remembered")
    if kept is None or kept[0] != state:
        kept = connection.info["preorder_remembered"] = (state, work())
    result: Result = kept[1]
    return result


def within(connection: Connection, seconds: float, work: Callable[[], Result]) -> Result | None:
    """What ``work`` reads from SQLite, or None if it would take longer than ``seconds``.

    The seconds are those that the processor works for it: on a busy host, where everything takes
    longer, giving up the same work would only make more of it.
    """
    raw: Any = connection.connection.driver_connection
    end, latest = thread_time() + seconds, perf_counter() + _PATIENCE * seconds
    raw.set_progress_handler(
        lambda: thread_time() > end or perf_counter() > latest, _STEPS_PER_LOOK
    )
    try:
        return work()
    except OperationalError as error:
        if "interrupted" not in str(error.orig):
            raise
        return None
    finally:
        raw.set_progress_handler(None, 0)


@compiles(_NotByIndex)
def _plain(element: _NotByIndex, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_NotByIndex, "sqlite")
def _unary_plus(element: _NotByIndex, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(_OnSqlite)
def _first_form(element: _OnSqlite, compiler: SQLCompiler, **options: Any) -> str:
    plain, _ = element.clauses
    return compiler.process(plain, **options)


@compiles(_OnSqlite, "sqlite")
def _second_form(element: _OnSqlite, compiler: SQLCompiler, **options: Any) -> str:
    _, sql = element.clauses
    return compiler.process(sql, **options)


@compiles(_CaselessLike)
def _like(element: _CaselessLike, compiler: SQLCompiler, **options: Any) -> str:
    # SQLite's LIKE ignores the case of ASCII.
    column, pattern = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} LIKE {pattern} ESCAPE '{ESCAPE}'"


@compiles(_CaselessLike, "postgresql")
def _ilike(element: _CaselessLike, compiler: SQLCompiler, **options: Any) -> str:
    column, pattern = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} ILIKE {pattern} ESCAPE '{ESCAPE}'"


@compiles(_CaselessLike, "mysql", "mariadb")
def _lower_like(element: _CaselessLike, compiler: SQLCompiler, **options: Any) -> str:
    # Text is compared by its bytes there (see data.engine), accents included, as on PostgreSQL.
    column, pattern = (compiler.process(part, **options) for part in element.clauses)
    return f"LOWER({column}) LIKE LOWER({pattern}) ESCAPE '{ESCAPE}'"


@compiles(_InThisOrder)
def _join(element: Join, compiler: SQLCompiler, **options: Any) -> str:
    text: str = compiler.visit_join(element, **options)  # type: ignore[no-untyped-call]
    return text


@compiles(_InThisOrder, "sqlite")
def _cross_join(element: _InThisOrder, compiler: SQLCompiler, **options: Any) -> str:
    # Its word for it. The last JOIN is this one: what stands on the right is a table.
    left, _, right = _join(element, compiler, **options).rpartition(" JOIN ")
    return f"{left} CROSS JOIN {right}"


@compiles(_ByIndex)
def _join_as_ever(element: _ByIndex, compiler: SQLCompiler, **options: Any) -> str:
    return _join(element, compiler, **options)


@compiles(_ByIndex, "sqlite")
def _join_by_index(element: _ByIndex, compiler: SQLCompiler, **options: Any) -> str:
    # What stands on the right is a table, here too.
    left, _, right = _join(element, compiler, **options).rpartition(" JOIN ")
    table, _, on = right.partition(" ON ")
    return f'{left} JOIN {table} INDEXED BY "{element.index}" ON {on}'


@compiles(_RowRange)
def _rows_alone(element: _RowRange, compiler: SQLCompiler, **options: Any) -> str:
    rows, _ = element.clauses
    return compiler.process(rows, **options)


@compiles(_RowRange, "mysql", "mariadb")
def _rows_and_first(element: _RowRange, compiler: SQLCompiler, **options: Any) -> str:
    rows, first = (compiler.process(part, **options) for part in element.clauses)
    return f"({first} AND {rows})"
