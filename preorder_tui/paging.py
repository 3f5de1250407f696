"""Pages by key: a list is walked from the row before, never counted off with OFFSET.

A list is a sequence of *segments*, each a statement whose sort keys are never null. A list sorted
by a date that may be missing is two segments: the rows with a date in its order, then those without
in theirs; so each can follow an index. Keys are compared as row values and LIMIT is executed as a
literal: both are what keeps SQLite on the right index (design §5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from preorder_tui.query_hints import row_range
from preorder_tui.records import Count, Key

Statement: TypeAlias = Select[*tuple[Any, ...]]
Place = Literal["first", "last"]
Part = Literal["all", "level", "beyond"]
"""Of the rows behind a key: all, those level with its lead, those beyond it."""
Record = TypeVar("Record")

Execute: TypeAlias = Callable[
    [int, Statement, Mapping[str, Any], bool, bool], list[tuple[Key, Any]]
]

COUNT_CAP = 10_000
_EARLIEST = datetime.min  # noqa: DTZ901  stored moments have no zone


@dataclass(frozen=True)
class Segment:
    """A statement and the keys it is sorted by, all together unique.

    ``lead`` is sorted in one direction and ``tail``, if any, ascending below it. ``nullable`` says
    that the first key is a moment that may be null: rows without one are not in the segment.
    """

    statement: Statement
    lead: tuple[ColumnElement[Any], ...]
    descending: bool = False
    tail: tuple[ColumnElement[Any], ...] = ()
    nullable: bool = False

    @property
    def keys(self) -> tuple[ColumnElement[Any], ...]:
        """All sort keys in order."""
        return self.lead + self.tail


@dataclass(frozen=True)
class Fetched(Generic[Record]):
    """The rows of a page with their keys; see :class:`preorder_tui.records.Page`."""

    rows: tuple[Row[*tuple[Any, ...]], ...]
    keys: tuple[Key, ...]
    at_start: bool
    at_end: bool


def page_statement(
    segment: Segment, *, backwards: bool, bounded: bool, part: Part = "all"
) -> Statement:
    """``segment``'s statement sorted and limited, its keys appended to its columns.

    Its parameters are ``page_size`` and, if ``bounded``, ``key_0``, ``key_1``, … of the row that
    the page starts behind. ``backwards`` walks the other way. Where a segment has a tail, a
    ``part`` is a range of its index, and all is not: it begins with the first row of that lead.
    """
    lead_descending = segment.descending != backwards
    statement = segment.statement.add_columns(
        *(key.label(f"key_{number}") for number, key in enumerate(segment.keys))
    )
    if bounded:
        bounds = [
            bindparam(f"key_{number}", type_=key.type) for number, key in enumerate(segment.keys)
        ]
        lead = len(segment.lead)
        beyond = _beyond(segment.lead, bounds[:lead], descending=lead_descending, equal=False)
        if part == "level":
            level = [key == bound for key, bound in zip(segment.lead, bounds, strict=False)]
            behind = _beyond(segment.tail, bounds[lead:], descending=backwards, equal=False)
            beyond = and_(*level, behind)
        elif part == "all" and segment.tail:
            # The first condition is the index range; the second only cuts its first few rows.
            beyond = and_(
                _beyond(segment.lead, bounds[:lead], descending=lead_descending, equal=True),
                or_(
                    beyond,
                    _beyond(segment.tail, bounds[lead:], descending=backwards, equal=False),
                ),
            )
        if segment.nullable:
            # Nulls compare with nothing and are left out either way; said so, SQLite may use an
            # index that has none of them.
            beyond = and_(segment.lead[0].is_not(None), beyond)
        statement = statement.where(beyond)
    elif segment.nullable:
        # A comparison, because IS NOT NULL is no range of an index to SQLite.
        statement = statement.where(segment.lead[0] >= _EARLIEST)
    return statement.order_by(
        *(key.desc() if lead_descending else key.asc() for key in segment.lead),
        *(key.desc() if backwards else key.asc() for key in segment.tail),
    ).limit(_literal("page_size"))


def count_statement(statement: Statement) -> Statement:
    """How many rows ``statement`` has, counting no further than ``page_size``."""
    capped = (
        statement.with_only_columns(literal_column("1", Integer))
        .order_by(None)
        .limit(_literal("page_size"))
    )
    return select(func.count()).select_from(capped.subquery())


def capped_count(
    connection: Connection, statement: Statement, parameters: Mapping[str, Any]
) -> Count:
    """Run a :func:`count_statement`: beyond 10,000 it says so instead of counting on."""
    found = connection.execute(statement, {**parameters, "page_size": COUNT_CAP + 1}).scalar_one()
    return Count(min(found, COUNT_CAP), found > COUNT_CAP)


def fetch(
    connection: Connection,
    statement_for: Callable[[int, bool, bool], Statement | None],
    segments: int,
    parameters: Mapping[str, Any],
    size: int,
    *,
    after: Key | None,
    before: Key | None,
    place: Place,
    execute: Execute | None = None,
    parts_for: Callable[[int, bool, Part], Statement] | None = None,
) -> Fetched[Any]:
    """A page of ``size`` rows.

    Args:
        connection: in a read transaction.
        statement_for: the :func:`page_statement` of (segment number, backwards, bounded); None
            for a segment that can have no rows.
        segments: how many segments the list has.
        parameters: the values of the statements' filters.
        size: rows on the page, at least one.
        after: the key of the row that the page follows.
        before: the key of the row that the page ends before.
        place: without a key: the first or the last page.
        execute: runs a statement (given: segment number, statement, values, backwards, bounded) in
            some other way than straight on the connection.
        parts_for: the bounded :func:`page_statement` of (segment number, backwards, part), of a
            list in which many rows have one lead.

    Raises:
        ValueError: both keys are given.
    """
    if after is not None and before is not None:
        raise ValueError("a page follows a row or precedes one, not both")
    size = max(1, size)
    run = execute or (
        lambda _, statement, values, *__: execute_straight(connection, statement, values)
    )

    def statements(number: int, backwards: bool, bounded: bool) -> Iterator[Statement | None]:
        if bounded and parts_for is not None and execute is None:
            yield parts_for(number, backwards, "level")
            yield parts_for(number, backwards, "beyond")
        else:
            yield statement_for(number, backwards, bounded)

    def walk(key: Key | None, wanted: int, *, backwards: bool) -> list[tuple[Key, Any]]:
        found: list[tuple[Key, Any]] = []
        number = key[0] if key is not None else segments - 1 if backwards else 0
        bounded = key is not None
        while 0 <= number < segments and len(found) < wanted:
            values = dict(parameters)
            values["page_size"] = wanted - len(found)
            if bounded and key is not None:
                values |= {f"key_{n}": value for n, value in enumerate(key[1:])}
            for statement in statements(number, backwards, bounded):
                if statement is not None and values["page_size"]:
                    found += [
                        ((number, *row_key), row)
                        for row_key, row in run(number, statement, values, backwards, bounded)
                    ]
                    values["page_size"] = wanted - len(found)
            number += -1 if backwards else 1
            bounded = False
        return found

    backwards = before is not None or (after is None and place == "last")
    key = before if backwards else after
    found = walk(key, size + 1, backwards=backwards)
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    behind = False
    if key is not None:
        # Where the page came from there is normally its neighbour; it may be gone by now.
        edge = found[-1 if backwards else 0][0] if found else None
        behind = bool(walk(edge, 1, backwards=not backwards))
    at_start, at_end = (not more, not behind) if backwards else (not behind, not more)
    return Fetched(tuple(row for _, row in found), tuple(key for key, _ in found), at_start, at_end)


def execute_straight(
    connection: Connection, statement: Statement, values: Mapping[str, Any]
) -> list[tuple[Key, Any]]:
    """The rows of a :func:`page_statement`, each with the values of its sort keys."""
    result = connection.execute(statement, values)
    first_key = next(n for n, name in enumerate(result.keys()) if name == "key_0")
    return [(tuple(row[first_key:]), row) for row in result]


def _beyond(
    columns: tuple[ColumnElement[Any], ...],
    bounds: list[Any],
    *,
    descending: bool,
    equal: bool,
) -> ColumnElement[bool]:
    left: Any = columns[0] if len(columns) == 1 else tuple_(*columns)
    right: Any = bounds[0] if len(columns) == 1 else tuple_(*bounds)
    if descending:
        condition: ColumnElement[bool] = left <= right if equal else left < right
        first = columns[0] <= bounds[0]
    else:
        condition = left >= right if equal else left > right
        first = columns[0] >= bounds[0]
    return condition if len(columns) == 1 else row_range(condition, first)


def _literal(name: str) -> Any:
    return bindparam(name, type_=Integer, literal_execute=True)
