"""The statements that walk along the orders or lines of Find Sales Order, on SQLite.

Along the index of the sort, that is, or where a row has no date, along the orders; reading nothing
but indexes. What they find are places (:mod:`preorder_tui.sales_order_places`).
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, TextClause, bindparam, text

from data.sqlite_indexes import ALLOCATED_WITHOUT_PROMISE, CLOSED, PROMISED_BEFORE_ARRIVAL
from preorder_tui.marks import CLOSED_ITEM_STATUSES
from preorder_tui.records import SalesSort
from preorder_tui.sales_order_filters import Shape
from preorder_tui.sales_order_lookups import (
    EARLIEST,
    OF_HEADER,
    OF_LINES,
    OF_ORDER,
    OWN,
    Lookups,
    statement,
)

_IS_OPEN = 'i."STATUS_ID" NOT IN ({})'.format(
    ", ".join(f"'{status}'" for status in sorted(CLOSED_ITEM_STATUSES))
)
# What the index of a sort says of a line besides its own date.
_IN_INDEX: dict[str, set[str]] = {
    "promisedDatetime": set(),
    "autoCancelDate": {"promised_from", "promised_to", "overdue"},
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
MOST_DAYS, SOME_DAYS = 1_000, 2


@lru_cache(maxsize=512)
def walk(
    shape: Shape,
    sort: SalesSort,
    items: bool,
    segment: int,
    looks: Lookups,
    several: tuple[str, ...],
    capped: bool,
    bounded: bool,
    inclusive: bool,
    ascending: bool,
) -> TextClause:
    """The statement that walks a segment from a place on; its parameters: the filters', those of
    ``place_0``, ``place_1``, …, ``first_order``, ``last_order`` and ``most``."""
    item = None
    if sort == "orderDate":
        source, keys, conditions, looks = _by_date(shape, looks, several, bounded, ascending)
    elif segment == 0:
        source, keys, conditions, looks = _by_line(shape, sort, items, looks, bounded, ascending)
        if capped and (ascending or not bounded):
            conditions = [*conditions, f"{keys[0]} < :{OWN[sort][2]}_to"]
        item = 'i."ORDER_ITEM_SEQ_ID"' if items else None
    else:
        source, keys, conditions, looks = _by_order(shape, sort, items, looks)
    if len(keys) > 1:
        conditions = [*conditions, _BETWEEN.format(keys[1])]
    elif bounded:
        # Its place is where the walk begins: one bound of two is enough for an index.
        far = "<= :last_order" if ascending else ">= :first_order"
        conditions = [*conditions, f"{keys[0]} {far}"]
    else:
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
    conditions = [f"{own} IS NOT NULL"] if bounded else [f"{own} >= '{EARLIEST}'"]
    keys = [own, 'i."ORDER_ID"']
    if not items:
        if "overdue" in looks.lines and sort == "promisedDatetime":
            # An order stands at its earliest open line: that one is overdue if any is.
            if ascending or not bounded:
                conditions.append(OF_LINES["overdue"].replace("x.", "i."))
            if not looks.of_same_line:
                left = tuple(each for each in looks.lines if each != "overdue")
                looks = replace(looks, lines=left)
        return f'"ORDER_ITEM" i INDEXED BY "{index}"', keys, [*conditions, _IS_OPEN], looks
    near = f"{name}_from" if ascending else f"{name}_to"
    ends = {f"{name}_from": ">=", f"{name}_to": "<"}
    for bound, sign in ends.items():
        if bound in shape.line and not (bounded and bound == near):
            conditions.append(f"{own} {sign} :{bound}")
    seen = _IN_INDEX[sort].intersection(looks.lines)
    conditions += [OF_LINES[each].replace("x.", "i.") for each in sorted(seen)]
    if "without_promise" in shape.line:
        conditions.append('i."PROMISED_DATETIME" IS NULL')
        seen.add("without_promise")
    if "overdue" in shape.line and sort == "promisedDatetime":
        conditions.append(OF_LINES["overdue"].replace("x.", "i."))
        seen.add("overdue")
    filters = looks.filters
    early = "before_arrival" in shape.line and sort == "promisedDatetime"
    if early and "item_statuses" not in shape.line:
        # These have an index of their own by promise; it does not say their state.
        index = "ORDER_ITEM_BEFORE_ARRIVAL_IX"
        conditions.append(f"i.{PROMISED_BEFORE_ARRIVAL}")
        seen.add("before_arrival")
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
        # One that is overdue has an open line of a date.
        own = own if "overdue" not in dates else ["i.\"ORDER_ID\" = ''"]
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


def ends_before(
    connection: Connection, shape: Shape, sort: SalesSort, given: Mapping[str, Any]
) -> bool:
    """Whether no order of the list stands behind the end of the dates asked for: it stands at an
    open line, so only an order with a closed line of these dates could."""
    if sort != "autoCancelDate" or "auto_cancel_to" not in shape.line:
        return False
    asked = {"auto_cancel_from", "auto_cancel_to"}.intersection(shape.line)
    dates = [OF_ORDER[name][2].replace("g.", "i.") for name in sorted(asked)]
    closed = text(
        f'SELECT 1 FROM "ORDER_ITEM" i INDEXED BY "{OWN[sort][1]}"'
        f" WHERE {' AND '.join(dates)} AND i.{CLOSED} LIMIT 1"
    )
    return connection.execute(closed, given).first() is None


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


def days_of(
    connection: Connection, sort: SalesSort, first: str, last: str
) -> tuple[str, ...] | None:
    """The dates that lines of orders between two have; None: all dates are too many to go from one
    to the next."""
    column, index, _ = OWN[sort]
    following = (
        f'SELECT min(i."{column}") FROM "ORDER_ITEM" i INDEXED BY "{index}" WHERE i."{column}" >'
    )
    sql = (
        f"WITH RECURSIVE days(day) AS ({following}= '{EARLIEST}' UNION ALL"
        f" SELECT ({following} days.day) FROM days WHERE days.day IS NOT NULL LIMIT {MOST_DAYS})"
        f' SELECT day, EXISTS (SELECT 1 FROM "ORDER_ITEM" i INDEXED BY "{index}"'
        f' WHERE i."{column}" = day AND i."ORDER_ID" BETWEEN :first_order AND :last_order)'
        " FROM days WHERE day IS NOT NULL ORDER BY day"
    )
    found = connection.execute(text(sql), {"first_order": first, "last_order": last}).all()
    return tuple(day for day, some in found if some) if len(found) < MOST_DAYS - 1 else None


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
