"""The statements that walk along the orders or lines of Find Sales Order, on SQLite.

Along the index of the sort, that is, or where a row has no date, along the orders; reading nothing
but indexes. What they find are places (:mod:`preorder_tui.sales_order_places`).
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, TextClause, bindparam, text

from data.sqlite_indexes import ALLOCATED_WITHOUT_PROMISE, CLOSED, PROMISED_BEFORE_ARRIVAL
from data.types import sqlite_moment
from preorder_tui.marks import CLOSED_ITEM_STATUSES
from preorder_tui.records import SalesSort
from preorder_tui.sales_order_filters import Shape
from preorder_tui.sales_order_lookups import (
    OF_HEADER,
    OF_LINES,
    OF_ORDER,
    Lookups,
    statement,
)

OWN = {
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
_WITH_UNITS = {"partly", "allocated"}
# An order without an open line of any promise has units on a line without one, or on a closed one.
_CLOSED_OR_UNDATED = (
    '(SELECT "ORDER_ID" FROM "ORDER_ITEM" INDEXED BY "ORDER_ITEM_CLOSED_IX"'
    f" WHERE {CLOSED} UNION ALL"
    ' SELECT "ORDER_ID" FROM "ORDER_ITEM" INDEXED BY "ORDER_ITEM_UNDATED_IX"'
    f" WHERE {ALLOCATED_WITHOUT_PROMISE}) o"
)
# Where an order's own filter has one value, its index is walked instead of that of the dates.
OF_DATES = {
    "statuses": ("ORDER_HEADER_STATUS_IX", "h.\"ORDER_TYPE_ID\" = 'SALES_ORDER' AND "),
    "product_store_id": ("ORDER_HEADER_STORE_IX", ""),
    "sales_channel_enum_id": ("ORDER_HEADER_CHANNEL_IX", ""),
}
_DAYS = ("ordered_from", "ordered_to")
_BETWEEN = "{} BETWEEN :first_order AND :last_order"
MOST_BETWEEN, MOST_DAYS, SOME_DAYS = 100_000, 1_000, 16

Between = tuple[str, str]
"""The ids of a first and of a last order."""


def stored(value: Any) -> Any:
    """A value as SQLite has it."""
    return sqlite_moment(value) if isinstance(value, datetime) else value


@lru_cache(maxsize=512)
def walk(
    shape: Shape,
    sort: SalesSort,
    items: bool,
    segment: int,
    looks: Lookups,
    several: tuple[str, ...],
    ranged: bool,
    bounded: bool,
    inclusive: bool,
    ascending: bool,
) -> TextClause:
    """The statement that walks a segment from a place on; its parameters: the filters', those of
    ``place_0``, ``place_1``, … and ``most``."""
    item = None
    if sort == "orderDate":
        source, keys, conditions, looks = _by_date(shape, looks, several, bounded, ascending)
    elif segment == 0:
        source, keys, conditions, looks = _by_line(shape, sort, items, looks, bounded, ascending)
        item = 'i."ORDER_ITEM_SEQ_ID"' if items else None
    else:
        source, keys, conditions, looks = _by_order(shape, sort, items, looks)
        if ranged:
            conditions = [*conditions, _BETWEEN.format(keys[0])]
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
    own = next((name for name in OF_DATES if name in shape.header and name not in several), None)
    left = tuple(name for name in shape.header if name not in (own, *_DAYS))
    index, kind = "ORDER_HEADER_DATE_IX", "h.\"ORDER_TYPE_ID\" = 'SALES_ORDER'"
    if own is not None:
        index, kind = OF_DATES[own]
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
    column, index, name = OWN[sort]
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
        seen.add("overdue")
    filters = looks.filters
    if "item_statuses" in shape.line:
        conditions.append('i."STATUS_ID" IN :item_statuses')
        seen.add("item_statuses")
    seen.update(ends)
    filters = tuple(each for each in filters if each not in seen)
    lines = tuple(each for each in looks.lines if each not in seen)
    return (
        f'"ORDER_ITEM" i INDEXED BY "{index}"',
        [*keys, 'i."ORDER_ITEM_SEQ_ID"'],
        conditions,
        replace(looks, filters=filters, lines=lines),
    )


def _by_order(shape: Shape, sort: SalesSort, items: bool, looks: Lookups) -> _Walk:
    dates = {"promised_from", "promised_to", "overdue"}.intersection(shape.line)
    if not items and sort == "promisedDatetime" and dates:
        # An order without an open line of any date has none of these but closed ones.
        own = [OF_LINES[name].replace("x.", "i.") for name in sorted(dates)]
        lines = tuple(name for name in looks.lines if name not in dates)
        source = '"ORDER_ITEM" i INDEXED BY "ORDER_ITEM_CLOSED_IX"'
        return source, ['i."ORDER_ID"'], [CLOSED, *own], replace(looks, lines=lines)
    ends = {"auto_cancel_from", "auto_cancel_to"}.intersection(shape.line)
    if not items and sort == "autoCancelDate" and ends:
        own = [OF_ORDER[name][2].replace("g.", "i.") for name in sorted(ends)]
        filters = tuple(name for name in looks.filters if name not in ends)
        source = '"ORDER_ITEM" i INDEXED BY "ORDER_ITEM_AUTO_CANCEL_IX"'
        return source, ['i."ORDER_ID"'], [CLOSED, *own], replace(looks, filters=filters)
    with_units = sort == "promisedDatetime" and _WITH_UNITS.intersection(shape.line)
    if items and with_units:
        source = '"ORDER_ITEM" i INDEXED BY "ORDER_ITEM_UNDATED_IX"'
        return source, ['i."ORDER_ID"'], [ALLOCATED_WITHOUT_PROMISE], looks
    # One value is one stretch of its index, in the order of the orders.
    if looks.one_value:
        driver = looks.one_value[0]
        table, index, condition = OF_ORDER[driver]
        filters = tuple(each for each in looks.filters if each != driver)
        source = f'"{table}" g INDEXED BY "{index}"'
        return source, ['g."ORDER_ID"'], [condition], replace(looks, filters=filters)
    if with_units:
        return _CLOSED_OR_UNDATED, ['o."ORDER_ID"'], ['o."ORDER_ID" IS NOT NULL'], looks
    return (
        '"ORDER_HEADER" h INDEXED BY "ORDER_HEADER_FILTERS_IX"',
        ['h."ORDER_ID"'],
        ["h.\"ORDER_TYPE_ID\" = 'SALES_ORDER'", *(OF_HEADER[name] for name in looks.header)],
        replace(looks, header=()),
    )


# --- Promised before arrival --------------------------------------------------------------------
#
# Near the end of all promises few lines are promised before their arrival, and a walk along the
# promises is long. The lines that are have an index of their own, by promise. An order stands at
# its earliest promise, so not behind the last of its own lines in that index.


NUMBER_BEFORE_ARRIVAL = text(
    'SELECT count(*) FROM (SELECT 1 FROM "ORDER_ITEM" b'
    ' INDEXED BY "ORDER_ITEM_BEFORE_ARRIVAL_IX"'
    f' WHERE b.{PROMISED_BEFORE_ARRIVAL} AND b."PROMISED_DATETIME" >= :place LIMIT :most)'
)
"""How many such lines are behind a ``place``; not over ``most``."""


@lru_cache(maxsize=64)
def before_arrival(looks: Lookups) -> TextClause:
    """The statement that reads the lines promised before their arrival from the last promise up:
    the line's promise, and its order's place."""
    left = replace(
        looks,
        filters=tuple(name for name in looks.filters if name != "before_arrival"),
        lines=tuple(name for name in looks.lines if name != "before_arrival"),
    )
    where = [f"b.{PROMISED_BEFORE_ARRIVAL}", *left.conditions('b."ORDER_ID"')]
    return statement(
        'SELECT b."PROMISED_DATETIME", (SELECT min(i."PROMISED_DATETIME") FROM "ORDER_ITEM" i'
        f' WHERE i."ORDER_ID" = b."ORDER_ID" AND {_IS_OPEN}), b."ORDER_ID"'
        ' FROM "ORDER_ITEM" b INDEXED BY "ORDER_ITEM_BEFORE_ARRIVAL_IX"'
        f" WHERE {' AND '.join(where)}"
        ' ORDER BY b."PROMISED_DATETIME" DESC LIMIT :most',
        bindparam("most", type_=Integer, literal_execute=True),
    )


# --- Orders of some days ------------------------------------------------------------------------
#
# Who asks for orders of some days gets a stretch of the book: orders are numbered as they come, so
# their ids lie between two ids, with few others. And the dates of lines are ends of days: there are
# few. So a list by such a date is read from one of these to the next, and of each only the stretch.


def orders_between(
    connection: Connection, shape: Shape, values: Mapping[str, Any]
) -> Between | None:
    """The first and the last id of the orders of the days asked for; None: they are too many."""
    days = [OF_HEADER[name] for name in _DAYS if name in shape.header]
    if not days:
        return None
    stretch = (
        ' FROM "ORDER_HEADER" h INDEXED BY "ORDER_HEADER_DATE_IX"'
        f" WHERE h.\"ORDER_TYPE_ID\" = 'SALES_ORDER' AND {' AND '.join(days)}"
    )
    given = {name: stored(values[name]) for name in _DAYS if name in shape.header}
    counted = text(f"SELECT count(*) FROM (SELECT 1{stretch} LIMIT {MOST_BETWEEN + 1})")
    if connection.execute(counted, given).scalar_one() > MOST_BETWEEN:
        return None
    ends = text(f'SELECT min(h."ORDER_ID"), max(h."ORDER_ID"){stretch}')
    first, last = connection.execute(ends, given).one()
    return (first or "", last or "")


def days_of(connection: Connection, sort: SalesSort) -> tuple[str, ...] | None:
    """The dates that lines have; None: they are too many to go from one to the next."""
    column, index, _ = OWN[sort]
    following = (
        f'SELECT min(i."{column}") FROM "ORDER_ITEM" i INDEXED BY "{index}" WHERE i."{column}" >'
    )
    sql = (
        f"WITH RECURSIVE days(day) AS ({following}= '{_EARLIEST}' UNION ALL"
        f" SELECT ({following} days.day) FROM days WHERE days.day IS NOT NULL LIMIT {MOST_DAYS})"
        " SELECT day FROM days WHERE day IS NOT NULL ORDER BY day"
    )
    found = tuple(connection.execute(text(sql)).scalars())
    return found if len(found) < MOST_DAYS - 1 else None


@lru_cache(maxsize=128)
def of_days(shape: Shape, sort: SalesSort, items: bool, looks: Lookups) -> TextClause:
    """The statement that reads the stretch of some ``days``, in no order."""
    source, keys, conditions, left = _by_line(
        shape, sort, items, looks, bounded=False, ascending=True
    )
    item = keys[2] if items else None
    where = [*conditions, _BETWEEN.format(keys[1]), *left.conditions(keys[1], item)]
    sql = f"SELECT {', '.join(keys)} FROM {source} WHERE {keys[0]} IN :days"
    return statement(f"{sql} AND {' AND '.join(where)}", bindparam("days", expanding=True))
