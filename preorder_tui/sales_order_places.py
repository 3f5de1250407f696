"""Where the orders that a query of Find Sales Order may find stand in its list, on SQLite.

Two ways to know (both for :mod:`preorder_tui.along_keys`). *Walking*: along the index of the sort,
reading nothing but indexes: what a filter wants is looked up in an index of its own. That is a
fraction of what the list's statement does for each row. *Gathering*: all orders that one filter or
a search finds, each with its date, sorted.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    Integer,
    Select,
    String,
    Subquery,
    TextClause,
    bindparam,
    func,
    literal,
    literal_column,
    null,
    select,
    text,
    tuple_,
    type_coerce,
    union_all,
)

from data.sqlite_indexes import CANCELS, CLOSED, IS_SALE, PROMISED
from data.tables import order_item
from preorder_tui.along_keys import AtOnce, Gathered, Place, Walked
from preorder_tui.query_hints import by_index, not_by_index
from preorder_tui.records import SalesSort
from preorder_tui.sales_order_ends import Ends
from preorder_tui.sales_order_filters import Shape, own_conditions
from preorder_tui.sales_order_lookups import IS_SOLD, OWN, PROMISES, Lookups, Words, lookups, stored
from preorder_tui.sales_order_walks import (
    NUMBER_BEFORE_ARRIVAL,
    SOME_DAYS,
    before_arrival,
    days_of,
    ends_before,
    of_days,
    walk,
)

_FIRST_LINES, _MOST_LINES = 400, 6_400


def walked(
    connection: Connection,
    shape: Shape,
    values: Mapping[str, Any],
    sort: SalesSort,
    words: Words = (),
    *,
    items: bool,
) -> Walked | None:
    """The places along the index of the sort; None if nothing can be looked up on the way.

    Args:
        connection: in a read transaction.
        shape: what the query asks for.
        values: the values of its statements, those of ``words`` among them.
        sort: the order of the list.
        words: from :func:`preorder_tui.sales_order_lookups.words_of`.
        items: whether it is a list of lines.
    """
    looks = replace(lookups(shape, values), words=words)
    beside = looks if sort != "orderDate" else replace(looks, header=())
    if not beside:
        return None
    several = ("statuses",) if len(values.get("statuses", ())) > 1 else ()
    given = {name: stored(value) for name, value in values.items()}
    ends = Ends(connection, shape, values, looks)
    days = cache(partial(days_of, connection, sort))
    capped = cache(partial(ends_before, connection, shape, sort, given))
    early = not items and sort == "promisedDatetime" and "before_arrival" in shape.line

    def read(
        segment: int, start: Place | None, size: int, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        between = ends.of_lines
        if sort != "orderDate":
            between = (segment and ends.of_days) or ends.of_few_days or between
        ended = {**given, "first_order": between[0], "last_order": between[1]}
        narrow = segment == 0 and sort != "orderDate" and ends.of_few_days is not None
        if narrow and (dates := days(*between)) is not None:
            lines = of_days(shape, sort, items, looks)
            return _by_days(connection, lines, ended, dates, start, size, inclusive, ascending)
        if segment == 0 and early:
            lines = before_arrival(looks)
            found = _from_the_last(connection, lines, given, start, size, inclusive, ascending)
            if found is not None:
                return found
        statement = walk(
            shape,
            sort,
            items,
            segment,
            looks,
            several,
            segment == 0 and not items and capped(),
            start is not None,
            inclusive,
            ascending,
        )
        bounds = {f"place_{n}": part for n, part in enumerate(start or ())}
        asked = {**ended, **bounds, "most": size}
        rows = connection.execute(statement, asked)
        return [_with_order(tuple(row)) for row in rows]

    if sort == "orderDate":
        return Walked((2,), read, _order_of)
    return Walked((3 if items else 2, 1), read, _order_of)


def _by_days(
    connection: Connection,
    stretch: TextClause,
    given: Mapping[str, Any],
    days: tuple[str, ...],
    start: Place | None,
    size: int,
    inclusive: bool,
    ascending: bool,
) -> list[tuple[Place, str]]:
    if ascending:
        left = list(days if start is None else days[bisect_left(days, start[0]) :])
    else:
        left = list(days if start is None else days[: bisect_right(days, start[0])])[::-1]
    found: list[Place] = []
    some = SOME_DAYS
    while left and len(found) < size:
        rows = connection.execute(stretch, {**given, "days": left[:some]})
        places = sorted((tuple(row) for row in rows), reverse=not ascending)
        left, some = left[some:], some if 4 * len(places) > size else 2 * some
        for place in places:
            ahead = start is None or (place > start if ascending else place < start)
            if ahead or (inclusive and place == start):
                found.append(place)
    return [_with_order(place) for place in found[:size]]


def _from_the_last(
    connection: Connection,
    lines: TextClause,
    given: Mapping[str, Any],
    start: Place | None,
    size: int,
    inclusive: bool,
    ascending: bool,
) -> list[tuple[Place, str]] | None:
    """The places from ``start`` on, one way or the other; None: too many lines are behind it."""
    if start is None and ascending:
        return None
    behind, more = 0, _FIRST_LINES
    if start is not None:
        asked = {"place": start[0], "most": _MOST_LINES + 1}
        behind = connection.execute(NUMBER_BEFORE_ARRIVAL, asked).scalar_one()
        if behind > _MOST_LINES:
            return None
    while more <= _MOST_LINES:
        most = behind + more
        rows = connection.execute(lines, {**given, "most": most}).all()
        # An order that stands behind the last line read has a line among those read.
        end = rows[-1][0] if len(rows) == most else ""
        places = {(place, order) for _, place, order in rows if place is not None and place > end}
        if start is None:
            found = sorted(places, reverse=not ascending)
        elif ascending:
            found = sorted(place for place in places if place > start)
        else:
            found = sorted((place for place in places if place < start), reverse=True)
        if inclusive and start in places:
            found.insert(0, start)
        enough = len(found) >= size if not ascending else start is not None and end < start[0]
        if enough or not end:
            return [_with_order(place) for place in found[:size]]
        more *= 4
    return None


def gathered(
    connection: Connection,
    candidates: Subquery,
    values: Mapping[str, Any],
    shape: Shape,
    sort: SalesSort,
    looks: Lookups,
    *,
    items: bool,
    at_once: AtOnce = "never",
) -> Gathered:
    """The places of the orders that a statement (its column ORDER_ID) finds, of those that have
    what can be looked up."""
    if looks:
        also = looks.clause(f'{candidates.name}."ORDER_ID"')
        left = select(*candidates.c).where(also).limit(_every_order())
        candidates = left.subquery("left_candidates")
    found = _places_of(candidates, shape, sort, items=items)
    columns = tuple(found.c)
    by_header = sort == "orderDate"

    def first(
        segment: int, start: Place | None, size: int, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        keys = columns if segment == 0 else columns[1:2]
        statement = select(*keys)
        # An order without a date in the list of orders by their dates is a purchase order.
        lead = columns[0]
        statement = statement.where(lead.is_(None) if segment else lead.is_not(None))
        if start is not None:
            left: Any = keys[0] if len(keys) == 1 else tuple_(*keys)
            right: Any = start[0] if len(keys) == 1 else tuple_(*start)
            beyond = left >= right if ascending else left <= right
            statement = statement.where(beyond)
        order = [key.asc() if ascending else key.desc() for key in keys]
        limit = bindparam("slice", type_=Integer, literal_execute=True)
        rows = connection.execute(
            statement.order_by(*order).limit(limit), {**values, "slice": size}
        )
        return [_with_order(tuple(row)) for row in rows]

    def every() -> tuple[list[tuple[Place, str]], ...]:
        dated: set[Place] = set()
        undated: set[Place] = set()
        for row in connection.execute(select(*columns), values):
            if row[0] is None:
                undated.add((row[1],))
            else:
                dated.add(tuple(row))
        return tuple([_with_order(place) for place in sorted(some)] for some in (dated, undated))

    widths = (2,) if by_header else (3 if items else 2, 1)
    return Gathered(widths, first, every, _order_of, at_once=at_once)


def _with_order(place: Place) -> tuple[Place, str]:
    return place, _order_of(place)


def _order_of(place: Place) -> str:
    return place[0 if len(place) == 1 else 1]


def sales_only(candidates: Subquery) -> Subquery:
    """The sales orders among some orders."""
    is_sale = text(IS_SOLD.format(f'{candidates.name}."ORDER_ID"'))
    left = select(candidates.c.ORDER_ID).where(is_sale).limit(_every_order())
    return left.subquery("sales_candidates")


def _every_order() -> Any:
    return bindparam("every_order", 1_000_000_000, type_=Integer, literal_execute=True)


# What can be said of a line, but not by its promise and status.
_BESIDE_PROMISES = {
    "auto_cancel_from",
    "auto_cancel_to",
    "without_promise",
    "before_arrival",
    "product_id",
    "purchase_order_id",
    "unallocated",
    "partly",
    "allocated",
}


def _places_of(candidates: Subquery, shape: Shape, sort: SalesSort, *, items: bool) -> FromClause:
    # Joined by an order that no index is asked for, they come first in every plan. With a limit
    # all is reckoned once, and not again for each comparison.
    every = _every_order()
    order = candidates.c.ORDER_ID
    if "place" in candidates.c:
        return candidates
    if sort == "orderDate":
        dated: Any = literal_column(
            '(SELECT h."ORDER_DATE" FROM "ORDER_HEADER" h INDEXED BY "ORDER_HEADER_FILTERS_IX"'
            f' WHERE h."ORDER_ID" = {candidates.name}."ORDER_ID" AND h.{IS_SALE})',
            String,
        )
        return select(dated.label("place"), order).limit(every).subquery("places")
    # Few lines have an auto-cancel date: these are read in an index of their own.
    if sort == "autoCancelDate" and items and not own_conditions(shape):
        known = select(order).cte("known_orders")
        dated = (
            select(
                type_coerce(order_item.c.AUTO_CANCEL_DATE, String).label("place"),
                order_item.c.ORDER_ID,
                order_item.c.ORDER_ITEM_SEQ_ID,
            )
            .select_from(known)
            .join(order_item, order_item.c.ORDER_ID == not_by_index(known.c.ORDER_ID))
            .where(text(CANCELS))
        )
        # Any of them may have lines without one.
        undated = select(null(), known.c.ORDER_ID, literal(""))
        return union_all(dated, undated).limit(every).subquery("places")
    if sort == "autoCancelDate" and not items:
        cancelled: Any = literal_column(
            '(SELECT min(i."AUTO_CANCEL_DATE") FROM "ORDER_ITEM" i'
            f' INDEXED BY "ORDER_ITEM_CANCELS_IX" WHERE i."ORDER_ID" = {candidates.name}."ORDER_ID"'
            f' AND i.{CANCELS} AND NOT EXISTS (SELECT 1 FROM "ORDER_ITEM" x'
            ' INDEXED BY "ORDER_ITEM_CLOSED_IX" WHERE x."ORDER_ID" = i."ORDER_ID"'
            f' AND x."ORDER_ITEM_SEQ_ID" = i."ORDER_ITEM_SEQ_ID" AND x.{CLOSED}))',
            String,
        )
        return select(cancelled.label("place"), order).limit(every).subquery("places")
    date = order_item.c[OWN[sort][0]]
    if items and sort == "promisedDatetime" and not _BESIDE_PROMISES.intersection(shape.line):
        known = select(order).cte("known_orders")
        of_order = order_item.c.ORDER_ID == not_by_index(known.c.ORDER_ID)
        promised = (
            select(
                type_coerce(date, String).label("place"),
                order_item.c.ORDER_ID,
                order_item.c.ORDER_ITEM_SEQ_ID,
            )
            .select_from(by_index(known, order_item, of_order, "ORDER_ITEM_PROMISES_IX"))
            .where(text(PROMISED), *own_conditions(shape))
        )
        if PROMISES.intersection(shape.line):
            return promised.limit(every).subquery("places")
        without = select(null(), known.c.ORDER_ID, literal(""))
        return union_all(promised, without).limit(every).subquery("places")
    if items:
        lines = (
            select(
                type_coerce(date, String).label("place"),
                order_item.c.ORDER_ID,
                order_item.c.ORDER_ITEM_SEQ_ID,
            )
            .select_from(candidates)
            .join(order_item, order_item.c.ORDER_ID == not_by_index(order))
        )
        lines = lines.where(*own_conditions(shape))
        return lines.limit(every).subquery("places")
    earliest: Any = literal_column(
        '(SELECT min(i."PROMISED_DATETIME") FROM "ORDER_ITEM" i'
        f' INDEXED BY "ORDER_ITEM_PROMISES_IX" WHERE i."ORDER_ID" = {candidates.name}."ORDER_ID"'
        f" AND i.{PROMISED} AND NOT i.{CLOSED})",
        String,
    )
    return select(earliest.label("place"), order).limit(every).subquery("places")


def number_of(connection: Connection, candidates: Select[Any], values: Mapping[str, Any]) -> int:
    """How many there are; the statement has its own limit."""
    found: int = connection.execute(_counting(candidates), values).scalar_one()
    return found


@lru_cache(maxsize=64)
def _counting(candidates: Select[Any]) -> Select[Any]:
    return select(func.count()).select_from(candidates.subquery())
