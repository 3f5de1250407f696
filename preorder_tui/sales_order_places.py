"""Where the orders that a query of Find Sales Order may find stand in its list, on SQLite.

Two ways to know (both for :mod:`preorder_tui.along_keys`). *Walking*: along the index of the sort,
reading nothing but indexes: what a filter wants is looked up in an index of its own. That is a
fraction of what the list's statement does for each row. *Gathering*: all orders that one filter or
a search finds, each with its date, sorted.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    Integer,
    Select,
    String,
    TextClause,
    bindparam,
    func,
    select,
    text,
    tuple_,
    type_coerce,
)

from data.sqlite_indexes import ALLOCATED_WITHOUT_PROMISE, IS_SALE
from data.tables import order_header, order_item
from preorder_tui import sales_line_rules as rules
from preorder_tui.along_keys import Gathered, Place, Walked
from preorder_tui.marks import CLOSED_ITEM_STATUSES
from preorder_tui.query_hints import not_by_index
from preorder_tui.records import SalesSort
from preorder_tui.sales_order_filters import Shape, own_conditions
from preorder_tui.sales_order_lookups import (
    OF_HEADER,
    OF_LINES,
    OF_ORDER,
    Lookups,
    Words,
    lookups,
    statement,
)

_OWN = {
    "promisedDatetime": ("PROMISED_DATETIME", "ORDER_ITEM_PROMISED_IX", "promised"),
    "autoCancelDate": ("AUTO_CANCEL_DATE", "ORDER_ITEM_AUTO_CANCEL_IX", "auto_cancel"),
}
_EARLIEST = "0001-01-01"
_IS_OPEN = 'i."STATUS_ID" NOT IN ({})'.format(
    ", ".join(f"'{status}'" for status in sorted(CLOSED_ITEM_STATUSES))
)
# What the index of a sort says of a line besides its own date.
_IN_INDEX: dict[str, set[str]] = {
    "promisedDatetime": set(),
    "autoCancelDate": {"promised_from", "promised_to", "without_promise", "overdue"},
}
# Where an order's own filter has one value, its index is walked instead of that of the dates.
_OF_DATES = {
    "statuses": ("ORDER_HEADER_STATUS_IX", "h.\"ORDER_TYPE_ID\" = 'SALES_ORDER' AND "),
    "product_store_id": ("ORDER_HEADER_STORE_IX", ""),
    "sales_channel_enum_id": ("ORDER_HEADER_CHANNEL_IX", ""),
}
_DAYS = ("ordered_from", "ordered_to")


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
    given = {name: _stored(value) for name, value in values.items()}

    def read(
        segment: int, start: Place | None, size: int, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        statement = _walk(
            shape, sort, items, segment, looks, several, start is not None, inclusive, ascending
        )
        bounds = {f"place_{n}": part for n, part in enumerate(start or ())}
        asked = {**given, **bounds, "most": size}
        found = connection.execute(statement, asked)
        return [_with_order(tuple(row)) for row in found]

    if sort == "orderDate":
        return Walked((2,), read, _order_of)
    return Walked((3 if items else 2, 1), read, _order_of)


def _stored(value: Any) -> Any:
    return value.isoformat(" ", "microseconds") if isinstance(value, datetime) else value


@lru_cache(maxsize=512)
def _walk(
    shape: Shape,
    sort: SalesSort,
    items: bool,
    segment: int,
    looks: Lookups,
    several: tuple[str, ...],
    bounded: bool,
    inclusive: bool,
    ascending: bool,
) -> TextClause:
    item = None
    if sort == "orderDate":
        source, keys, conditions, looks = _by_date(shape, looks, several, bounded, ascending)
    elif segment == 0:
        source, keys, conditions, looks = _by_line(shape, sort, items, looks, bounded, ascending)
        item = 'i."ORDER_ITEM_SEQ_ID"' if items else None
    else:
        source, keys, conditions, looks = _by_order(shape, sort, items, looks)
    if bounded:
        sign = (">" if ascending else "<") + ("=" if inclusive else "")
        bounds = ", ".join(f":place_{n}" for n in range(len(keys)))
        one = len(keys) == 1
        left = keys[0] if one else f"({', '.join(keys)})"
        conditions.append(f"{left} {sign} {bounds if one else f'({bounds})'}")
    conditions += looks.conditions(keys[0] if len(keys) == 1 else keys[1], item)
    way = "ASC" if ascending else "DESC"
    return statement(
        f"SELECT {', '.join(keys)} FROM {source} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {', '.join(f'{key} {way}' for key in keys)} LIMIT :most",
        bindparam("most", type_=Integer, literal_execute=True),
    )


_Walk = tuple[str, list[str], list[str], Lookups]
"""What is walked, its keys, its conditions, and what is left to be looked up."""


def _by_date(
    shape: Shape, looks: Lookups, several: tuple[str, ...], bounded: bool, ascending: bool
) -> _Walk:
    # The first key descends: where the list begins is where its days end.
    near = "ordered_from" if ascending else "ordered_to"
    days = [OF_HEADER[name] for name in _DAYS if name in shape.header]
    if bounded:
        days = [OF_HEADER[name] for name in _DAYS if name in shape.header and name != near]
    own = next((name for name in _OF_DATES if name in shape.header and name not in several), None)
    left = tuple(name for name in shape.header if name not in (own, *_DAYS))
    index, kind = "ORDER_HEADER_DATE_IX", "h.\"ORDER_TYPE_ID\" = 'SALES_ORDER'"
    if own is not None:
        index, kind = _OF_DATES[own]
        kind += OF_HEADER[own]
    return (
        f'"ORDER_HEADER" h INDEXED BY "{index}"',
        ['h."ORDER_DATE"', 'h."ORDER_ID"'],
        [kind, *days],
        replace(looks, header=left),
    )


def _by_line(
    shape: Shape, sort: SalesSort, items: bool, looks: Lookups, bounded: bool, ascending: bool
) -> _Walk:
    column, index, name = _OWN[sort]
    own = f'i."{column}"'
    conditions = [f"{own} IS NOT NULL"] if bounded else [f"{own} >= '{_EARLIEST}'"]
    keys = [own, 'i."ORDER_ID"']
    if not items:
        return f'"ORDER_ITEM" i INDEXED BY "{index}"', keys, [*conditions, _IS_OPEN], looks
    near = f"{name}_from" if ascending else f"{name}_to"
    ends = {f"{name}_from": ">=", f"{name}_to": "<"}
    for bound, sign in ends.items():
        if bound in shape.line and not (bounded and bound == near):
            conditions.append(f"{own} {sign} :{bound}")
    seen = _IN_INDEX[sort].intersection(looks.lines)
    conditions += [OF_LINES[each].replace("x.", "i.") for each in sorted(seen)]
    if "overdue" in shape.line and sort == "promisedDatetime":
        conditions.append(OF_LINES["overdue"].replace("x.", "i."))
        seen = {*seen, "overdue"}
    filters = looks.filters
    if "item_statuses" in shape.line:
        conditions.append('i."STATUS_ID" IN :item_statuses')
        filters = tuple(each for each in filters if each != "item_statuses")
    lines = tuple(each for each in looks.lines if each not in seen and each not in ends)
    return (
        f'"ORDER_ITEM" i INDEXED BY "{index}"',
        [*keys, 'i."ORDER_ITEM_SEQ_ID"'],
        conditions,
        replace(looks, filters=filters, lines=lines),
    )


def _by_order(shape: Shape, sort: SalesSort, items: bool, looks: Lookups) -> _Walk:
    if items and sort == "promisedDatetime" and {"partly", "allocated"}.intersection(shape.line):
        source = '"ORDER_ITEM" i INDEXED BY "ORDER_ITEM_UNDATED_IX"'
        return source, ['i."ORDER_ID"'], [ALLOCATED_WITHOUT_PROMISE], looks
    # One value is one stretch of its index, in the order of the orders.
    if looks.one_value:
        driver = looks.one_value[0]
        table, index, condition = OF_ORDER[driver]
        filters = tuple(each for each in looks.filters if each != driver)
        source = f'"{table}" g INDEXED BY "{index}"'
        return source, ['g."ORDER_ID"'], [condition], replace(looks, filters=filters)
    return (
        '"ORDER_HEADER" h INDEXED BY "ORDER_HEADER_FILTERS_IX"',
        ['h."ORDER_ID"'],
        ["h.\"ORDER_TYPE_ID\" = 'SALES_ORDER'", *(OF_HEADER[name] for name in looks.header)],
        replace(looks, header=()),
    )


def gathered(
    connection: Connection,
    candidates: FromClause,
    values: Mapping[str, Any],
    shape: Shape,
    sort: SalesSort,
    *,
    items: bool,
) -> Gathered:
    """The places of the orders that a statement (its column ORDER_ID) finds."""
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

    return Gathered((2,) if by_header else (3 if items else 2, 1), first, every, _order_of)


def _with_order(place: Place) -> tuple[Place, str]:
    return place, _order_of(place)


def _order_of(place: Place) -> str:
    return place[0 if len(place) == 1 else 1]


def _places_of(candidates: FromClause, shape: Shape, sort: SalesSort, *, items: bool) -> FromClause:
    # Joined by an order that no index is asked for, they come first in every plan. With a limit
    # all is reckoned once, and not again for each comparison.
    every = bindparam("every_order", 1_000_000_000, type_=Integer, literal_execute=True)
    order = candidates.c.ORDER_ID
    if sort == "orderDate":
        header = order_header.c
        dated: Any = (
            select(type_coerce(header.ORDER_DATE, String))
            .with_hint(order_header, 'INDEXED BY "ORDER_HEADER_FILTERS_IX"', "sqlite")
            .where(header.ORDER_ID == order, text(IS_SALE))
            .correlate(candidates)
            .scalar_subquery()
        )
        return select(dated.label("place"), order).limit(every).subquery("places")
    date = order_item.c[_OWN[sort][0]]
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
    earliest: Any = (
        select(func.min(type_coerce(date, String)))
        .where(order_item.c.ORDER_ID == order, rules.not_closed(order_item))
        .correlate(candidates)
        .scalar_subquery()
    )
    return select(earliest.label("place"), order).limit(every).subquery("places")


def number_of(connection: Connection, candidates: Select[Any], values: Mapping[str, Any]) -> int:
    """How many there are; the statement has its own limit."""
    counted = select(func.count()).select_from(candidates.subquery())
    found: int = connection.execute(counted, values).scalar_one()
    return found
