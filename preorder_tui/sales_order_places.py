"""Where the orders that a query of Find Sales Order may find stand in its list, on SQLite.

Two ways to know (both for :mod:`preorder_tui.along_keys`). *Walking*: along the index of the sort,
reading nothing but indexes: what a filter wants is looked up in an index of its own. That is a
fraction of what the list's statement does for each row. *Gathering*: all orders that one filter or
a search finds, each with its date, sorted.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Mapping
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

from data.sqlite_indexes import IS_SALE, PARTLY_ALLOCATED, UNUSUAL_STATUS
from data.tables import order_header, order_item
from preorder_tui import sales_line_rules as rules
from preorder_tui.along_keys import Gathered, Place, Walked
from preorder_tui.marks import CLOSED_ITEM_STATUSES
from preorder_tui.query_hints import not_by_index
from preorder_tui.records import SalesSort
from preorder_tui.sales_order_filters import Shape, own_conditions

_OWN = {
    "promisedDatetime": ("PROMISED_DATETIME", "ORDER_ITEM_PROMISED_IX", "promised"),
    "autoCancelDate": ("AUTO_CANCEL_DATE", "ORDER_ITEM_AUTO_CANCEL_IX", "auto_cancel"),
}
_EARLIEST = "0001-01-01"
_IS_OPEN = 'i."STATUS_ID" NOT IN ({})'.format(
    ", ".join(f"'{status}'" for status in sorted(CLOSED_ITEM_STATUSES))
)
_OF_HEADER = {
    "statuses": 'h."STATUS_ID" IN :statuses',
    "product_store_id": 'h."PRODUCT_STORE_ID" = :product_store_id',
    "sales_channel_enum_id": 'h."SALES_CHANNEL_ENUM_ID" = :sales_channel_enum_id',
    "ordered_from": 'h."ORDER_DATE" >= :ordered_from',
    "ordered_to": 'h."ORDER_DATE" < :ordered_to',
}
# Indexes that lead from what a line or its ship group has to the order: table, index, condition.
_OF_ORDER = {
    "facility_ids": (
        "ORDER_ITEM_SHIP_GROUP",
        "ORDER_ITEM_SHIP_GROUP_FACILITY_IX",
        'g."FACILITY_ID" IN :facility_ids',
    ),
    "shipment_method_type_id": (
        "ORDER_ITEM_SHIP_GROUP",
        "ORDER_ITEM_SHIP_GROUP_METHOD_IX",
        'g."SHIPMENT_METHOD_TYPE_ID" = :shipment_method_type_id'
        ' AND g."SHIPMENT_METHOD_TYPE_ID" IS NOT NULL',
    ),
    "item_statuses": (
        "ORDER_ITEM",
        "ORDER_ITEM_UNUSUAL_STATUS_IX",
        f'g."STATUS_ID" IN :item_statuses AND g.{UNUSUAL_STATUS}',
    ),
    "partly": ("ORDER_ITEM", "ORDER_ITEM_PARTLY_IX", PARTLY_ALLOCATED),
}
# What is looked up in the lines themselves: one reading of an order's lines for all of it.
_NOT_FULL = 'x."ALLOCATED_QUANTITY" < x."QUANTITY" - x."CANCEL_QUANTITY"'
_OF_LINES = {
    "promised_from": 'x."PROMISED_DATETIME" >= :promised_from',
    "promised_to": 'x."PROMISED_DATETIME" < :promised_to',
    "auto_cancel_from": 'x."AUTO_CANCEL_DATE" >= :auto_cancel_from',
    "auto_cancel_to": 'x."AUTO_CANCEL_DATE" < :auto_cancel_to',
    "without_promise": 'x."PROMISED_DATETIME" IS NULL',
    "before_arrival": 'x."PROMISED_DATETIME" < x."ESTIMATED_DELIVERY_DATE"',
    "overdue": 'x."PROMISED_DATETIME" < :start_of_today',
    "unallocated": f'x."ALLOCATED_QUANTITY" = 0 AND {_NOT_FULL}',
    "partly": f'x."ALLOCATED_QUANTITY" > 0 AND {_NOT_FULL}',
    "allocated": 'x."ALLOCATED_QUANTITY" > 0',
}
_USUAL = "ITEM_APPROVED"
_LISTS = ("statuses", "item_statuses", "facility_ids")


def walked(
    connection: Connection,
    shape: Shape,
    values: Mapping[str, Any],
    sort: SalesSort,
    *,
    items: bool,
) -> Walked | None:
    """The places along the index of the sort; None if no filter has an index to look it up in."""
    known = tuple(
        name
        for name in _OF_ORDER
        if name in shape.line
        and not (name == "item_statuses" and _USUAL in values["item_statuses"])
    )
    of_header = shape.header if sort != "orderDate" else ()
    if sort == "orderDate":
        of_line = any(name in _OF_LINES for name in shape.line)
    else:
        of_line = items and "item_statuses" in shape.line
    if not (known or of_header or of_line):
        return None
    # One value is one stretch of its index, in the order of the orders.
    single = tuple(name for name in known if len(values.get(name, "1")) == 1)
    given = {name: _stored(value) for name, value in values.items()}

    def read(
        segment: int, start: Place | None, size: int, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        statement = _walk(
            shape, sort, items, segment, known, single, start is not None, inclusive, ascending
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
    known: tuple[str, ...],
    single: tuple[str, ...],
    bounded: bool,
    inclusive: bool,
    ascending: bool,
) -> TextClause:
    of_header = [_OF_HEADER[name] for name in shape.header]
    of_lines = [_OF_LINES[name] for name in shape.line if name in _OF_LINES]
    looked_up = list(known)
    if sort == "orderDate":
        # The first key descends: where the list begins is where its days end.
        source = '"ORDER_HEADER" h INDEXED BY "ORDER_HEADER_DATE_IX"'
        keys = ['h."ORDER_DATE"', 'h."ORDER_ID"']
        near = "ordered_from" if ascending else "ordered_to"
        days = [name for name in ("ordered_from", "ordered_to") if name in shape.header]
        conditions = [
            "h.\"ORDER_TYPE_ID\" = 'SALES_ORDER'",
            *(_OF_HEADER[name] for name in days if not (bounded and name == near)),
        ]
        of_header = []
    elif segment == 0:
        column, index, name = _OWN[sort]
        of_lines = []  # the statement reads the line next, and no more than this
        source = f'"ORDER_ITEM" i INDEXED BY "{index}"'
        own = f'i."{column}"'
        keys = [own, 'i."ORDER_ID"', *(['i."ORDER_ITEM_SEQ_ID"'] if items else [])]
        conditions = [f"{own} IS NOT NULL"] if bounded else [f"{own} >= '{_EARLIEST}'"]
        if items:
            near = f"{name}_from" if ascending else f"{name}_to"
            for bound, sign in ((f"{name}_from", ">="), (f"{name}_to", "<")):
                if bound in shape.line and not (bounded and bound == near):
                    conditions.append(f"{own} {sign} :{bound}")
            if "item_statuses" in shape.line:
                conditions.append('i."STATUS_ID" IN :item_statuses')
                looked_up = [each for each in looked_up if each != "item_statuses"]
        else:
            conditions.append(_IS_OPEN)
    else:
        driver = single[0] if single else None
        if driver is not None:
            table, index, condition = _OF_ORDER[driver]
            source = f'"{table}" g INDEXED BY "{index}"'
            keys, conditions = ['g."ORDER_ID"'], [condition]
            looked_up.remove(driver)
        else:
            source = '"ORDER_HEADER" h INDEXED BY "ORDER_HEADER_FILTERS_IX"'
            keys = ['h."ORDER_ID"']
            conditions = ["h.\"ORDER_TYPE_ID\" = 'SALES_ORDER'", *of_header]
            of_header = []
    if bounded:
        sign = (">" if ascending else "<") + ("=" if inclusive else "")
        bounds = ", ".join(f":place_{n}" for n in range(len(keys)))
        one = len(keys) == 1
        left = keys[0] if one else f"({', '.join(keys)})"
        conditions.append(f"{left} {sign} {bounds if one else f'({bounds})'}")
    order = keys[0] if len(keys) == 1 else keys[1]
    for each in looked_up:
        table, index, condition = _OF_ORDER[each]
        condition = condition.replace("g.", "x.")
        conditions.append(
            f'EXISTS (SELECT 1 FROM "{table}" x INDEXED BY "{index}"'
            f' WHERE x."ORDER_ID" = {order} AND {condition})'
        )
    if of_lines:
        conditions.append(
            'EXISTS (SELECT 1 FROM "ORDER_ITEM" x'
            f' WHERE x."ORDER_ID" = {order} AND {_unindexed(" AND ".join(of_lines))})'
        )
    if of_header:
        conditions.append(
            'EXISTS (SELECT 1 FROM "ORDER_HEADER" h INDEXED BY "ORDER_HEADER_FILTERS_IX"'
            f' WHERE h."ORDER_ID" = {order} AND h."ORDER_TYPE_ID" = \'SALES_ORDER\''
            f" AND {' AND '.join(of_header)})"
        )
    way = "ASC" if ascending else "DESC"
    sql = (
        f"SELECT {', '.join(keys)} FROM {source} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {', '.join(f'{key} {way}' for key in keys)} LIMIT :most"
    )
    several: list[Any] = [bindparam(name, expanding=True) for name in _LISTS if f":{name}" in sql]
    return text(sql).bindparams(*several, bindparam("most", type_=Integer, literal_execute=True))


def _unindexed(condition: str) -> str:
    return condition.replace("x.", "+x.")


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
