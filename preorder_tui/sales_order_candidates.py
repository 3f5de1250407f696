"""The orders, or the lines, that one filter of Find Sales Order finds, on SQLite.

By the index of the filter's own. They are candidates: other filters may want none of them.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Integer,
    Select,
    String,
    Subquery,
    bindparam,
    func,
    literal_column,
    select,
    text,
    tuple_,
    type_coerce,
    union,
    union_all,
)

from data.partly_closed import order_partly_closed
from data.sqlite_indexes import (
    CANCELS,
    CLOSED,
    PARTLY_ALLOCATED,
    PROMISED_BEFORE_ARRIVAL,
    UNUSUAL_STATUS,
)
from data.tables import (
    order_header,
    order_item,
    order_item_assoc,
    order_item_ship_group,
)
from preorder_tui.paging import Statement
from preorder_tui.query_hints import not_by_index
from preorder_tui.records import SalesOrderQuery, SalesSort
from preorder_tui.sales_order_filters import Shape, lines_of_purchase_order, own_conditions
from preorder_tui.sales_order_lookups import OWN
from preorder_tui.words import SALES_ORDER

OF_SHIP_GROUPS = {"facility_ids", "shipment_method_type_id"}
_USUAL_ITEM_STATUSES = {"ITEM_APPROVED"}


def ways_of(shape: Shape, query: SalesOrderQuery) -> Iterator[str]:
    """The filters of ``query`` that an index leads from to the orders."""
    for name in (*shape.line, *shape.header):
        if name == "item_statuses" and _USUAL_ITEM_STATUSES.intersection(query.item_statuses):
            continue
        if name in _STATEMENTS:
            yield name
    for name, (start, end) in _RANGES.items():
        if start in shape.line + shape.header or end in shape.line + shape.header:
            yield name


_RANGES = {
    "ordered": ("ordered_from", "ordered_to"),
    "promised": ("promised_from", "promised_to"),
    "auto_cancel": ("auto_cancel_from", "auto_cancel_to"),
}


def _by_lines(*conditions: Any) -> Select[Any]:
    return select(order_item.c.ORDER_ID).where(*conditions)


def _by_header(*conditions: Any) -> Select[Any]:
    return select(order_header.c.ORDER_ID).where(*conditions)


def _by_group(*conditions: Any) -> Select[Any]:
    return select(order_item_ship_group.c.ORDER_ID).where(*conditions)


def _several(name: str) -> Any:
    return bindparam(name, expanding=True)


_MOST = bindparam("most", type_=Integer, literal_execute=True)
_linked = lines_of_purchase_order().subquery("linked_lines")
_STATEMENTS: dict[str, Select[Any]] = {
    "purchase_order_id": select(_linked.c.ORDER_ID).distinct(),
    "product_id": _by_lines(order_item.c.PRODUCT_ID == bindparam("product_id")),
    "partly": _by_lines(text(PARTLY_ALLOCATED)),
    "before_arrival": _by_lines(text(PROMISED_BEFORE_ARRIVAL)),
    "item_statuses": _by_lines(
        order_item.c.STATUS_ID.in_(_several("item_statuses")), text(UNUSUAL_STATUS)
    ),
    "shipment_method_type_id": _by_group(
        order_item_ship_group.c.SHIPMENT_METHOD_TYPE_ID == bindparam("shipment_method_type_id"),
        order_item_ship_group.c.SHIPMENT_METHOD_TYPE_ID.is_not(None),
    ),
    "facility_ids": _by_group(order_item_ship_group.c.FACILITY_ID.in_(_several("facility_ids"))),
    "overdue": _by_lines(order_item.c.PROMISED_DATETIME < bindparam("start_of_today")),
    "statuses": _by_header(
        order_header.c.ORDER_TYPE_ID == SALES_ORDER,
        order_header.c.STATUS_ID.in_(_several("statuses")),
    ),
    "product_store_id": _by_header(
        order_header.c.PRODUCT_STORE_ID == bindparam("product_store_id")
    ),
    "sales_channel_enum_id": _by_header(
        order_header.c.SALES_CHANNEL_ENUM_ID == bindparam("sales_channel_enum_id")
    ),
}

# Of closed lines few have an auto-cancel date, and no index has those alone.
_CLOSED_LINES = text(
    'SELECT "ORDER_ID" FROM "ORDER_ITEM" INDEXED BY "ORDER_ITEM_AUTO_CANCEL_IX"'
    f" WHERE {CANCELS} AND {CLOSED}"
).columns(order_item.c.ORDER_ID)


def _partly_closed(way: str) -> Select[Any]:
    closed = order_partly_closed.c
    return select(closed.ORDER_ID).where(closed.STATUS_ID.in_(_several(way)))


_PARTLY_CLOSED: dict[tuple[str, bool], Executable] = {
    ("statuses", False): _partly_closed("statuses").distinct().limit(_MOST),
    ("item_statuses", False): _partly_closed("item_statuses").distinct().limit(_MOST),
    ("statuses", True): union(_partly_closed("statuses"), _CLOSED_LINES).limit(_MOST),
}


@lru_cache(maxsize=64)
def _statement(way: str, start: bool, end: bool) -> Statement:
    if way not in _RANGES:
        return _STATEMENTS[way].limit(_MOST)
    column = {
        "ordered": order_header.c.ORDER_DATE,
        "promised": order_item.c.PROMISED_DATETIME,
        "auto_cancel": order_item.c.AUTO_CANCEL_DATE,
    }[way]
    # An order's own dates are behind its type in their index.
    kind = [order_header.c.ORDER_TYPE_ID == SALES_ORDER] if way == "ordered" else []
    first, last = _RANGES[way]
    bounds = [
        *([column >= bindparam(first, type_=column.type)] if start else []),
        *([column < bindparam(last, type_=column.type)] if end else []),
    ]
    return (_by_header if way == "ordered" else _by_lines)(*kind, *bounds).limit(_MOST)


def candidates_of(way: str, values: Mapping[str, Any]) -> Statement:
    """The statement for the orders that a filter finds, no more than the parameter ``most``."""
    start, end = (bound in values for bound in _RANGES.get(way, ("", "")))
    return _statement(way, start, end)


def orders_of(
    connection: Connection, way: str, values: Mapping[str, Any], most: int
) -> list[str] | None:
    """The orders that have what the filter wants, and perhaps others; None: more than ``most``."""
    found = (
        connection.execute(candidates_of(way, values), {**values, "most": most + 1}).scalars().all()
    )
    return list(dict.fromkeys(found)) if len(found) <= most else None


def closed_with_date(
    connection: Connection, way: str, values: Mapping[str, Any], most: int, *, items: bool
) -> list[str] | None:
    """Of the orders that a filter for what is closed finds, those that may have a place by a date.

    Args:
        connection: in a read transaction.
        way: the filter.
        values: those of the query.
        most: None, if they are more than that.
        items: whether the place of a closed line by its auto-cancel date is asked for, too.
    """
    statement = _PARTLY_CLOSED[way, items]
    found = connection.execute(statement, {**values, "most": most + 1}).scalars().all()
    return list(found) if len(found) <= most else None


def listed_orders(name: str) -> Subquery:
    """The orders that the parameter ``name`` lists (see :func:`query_hints.as_list`)."""
    listed = func.json_each(bindparam(name, type_=String)).table_valued("value", name="listed")
    return select(listed.c.value.label("ORDER_ID")).subquery("listed_orders")


# --- Lines with their dates ---------------------------------------------------------------------
#
# A list of lines needs no more of a line than its date. Where the filter's index has it, or an
# index of few lines does, no line is read; else that line alone and not all of its order.

_WITH_DATES = {"overdue", "promised", "auto_cancel", "item_statuses", "partly"}
_WITH_BOTH = {"auto_cancel", "item_statuses", "partly"}
_OF_KEYS = {"purchase_order_id", "product_id", "before_arrival"}
_SAID = {
    "purchase_order_id": ("purchase_order_id",),
    "product_id": ("product_id",),
    "partly": ("partly",),
    "item_statuses": ("item_statuses",),
    "promised": ("promised_from", "promised_to"),
    "auto_cancel": ("auto_cancel_from", "auto_cancel_to"),
}


def share_of_lines(way: str, sort: SalesSort) -> float:
    """What it takes to read a line that a filter finds, of what it takes for its whole order."""
    if way in _WITH_BOTH or (way in _WITH_DATES and sort == "promisedDatetime"):
        return 0.1
    return 0.5 if way in _OF_KEYS else 1.0


def lines_of(way: str, shape: Shape, sort: SalesSort, values: Mapping[str, Any]) -> Subquery | None:
    """The lines that a filter finds: their date, as ``place``, and their key. None: it finds
    orders.

    Args:
        way: the filter.
        shape: what the query asks for; what can be said of a line alone is compared.
        sort: which date.
        values: those of the query.
    """
    if way not in _WITH_DATES | _OF_KEYS:
        return None
    start, end = (bound in values for bound in _RANGES.get(way, ("", "")))
    return _lines(way, start, end, shape, sort)


@lru_cache(maxsize=128)
def _lines(way: str, start: bool, end: bool, shape: Shape, sort: SalesSort) -> Subquery:
    said = _SAID.get(way, ())
    left = own_conditions(
        replace(shape, line=tuple(name for name in shape.line if name not in said))
    )
    place: Any = type_coerce(order_item.c[OWN[sort][0]], String).label("place")
    key = (order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID)
    found = _statement(way, start, end)
    if way in _WITH_BOTH or (way in _WITH_DATES and sort == "promisedDatetime"):
        return found.with_only_columns(place, *key).where(*left).subquery("candidates")
    if way == "purchase_order_id" and sort == "promisedDatetime" and not left:
        return _promised_of_purchase_order()
    if way == "purchase_order_id":
        found = select(_linked.c.ORDER_ID, _linked.c.ORDER_ITEM_SEQ_ID).distinct().limit(_MOST)
    else:
        found = found.with_only_columns(*key)
    return _dated(found.subquery("found_lines"), sort, left)


def dated_lines(lines: Subquery, shape: Shape, sort: SalesSort) -> Subquery:
    """Some lines, given by their keys, as :func:`lines_of` has them."""
    return _dated(lines, sort, own_conditions(shape))


def _dated(keys: Subquery, sort: SalesSort, left: list[ColumnElement[bool]]) -> Subquery:
    place: Any = type_coerce(order_item.c[OWN[sort][0]], String).label("place")
    if sort == "autoCancelDate":
        place = literal_column(
            '(SELECT c."AUTO_CANCEL_DATE" FROM "ORDER_ITEM" c INDEXED BY "ORDER_ITEM_CANCELS_IX"'
            f' WHERE c."ORDER_ID" = {keys.name}."ORDER_ID" AND c.{CANCELS}'
            f' AND c."ORDER_ITEM_SEQ_ID" = {keys.name}."ORDER_ITEM_SEQ_ID")',
            String,
        ).label("place")
    lines = select(place, keys.c.ORDER_ID, keys.c.ORDER_ITEM_SEQ_ID).limit(_MOST)
    if left or sort != "autoCancelDate":
        # Joined by a line that no index is asked for: those found come first in every plan.
        lines = lines.join(
            order_item,
            (order_item.c.ORDER_ID == not_by_index(keys.c.ORDER_ID))
            & (order_item.c.ORDER_ITEM_SEQ_ID == not_by_index(keys.c.ORDER_ITEM_SEQ_ID)),
        ).where(*left)
    return lines.subquery("candidates")


def _promised_of_purchase_order() -> Subquery:
    """The lines of a purchase order: those that name it by the index of that, which has their
    promise, and the others, which have units of several purchase orders, one by one."""
    order = bindparam("purchase_order_id", type_=String)
    place: Any = type_coerce(order_item.c.PROMISED_DATETIME, String).label("place")
    columns = (place, order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID)
    naming = select(*columns).where(order_item.c.CORRESPONDING_PO_ID == order)
    link, line = order_item_assoc.c, order_item.alias("naming")
    naming_it = select(line.c.ORDER_ID, line.c.ORDER_ITEM_SEQ_ID).where(
        line.c.CORRESPONDING_PO_ID == order
    )
    linked = select(link.ORDER_ID, link.ORDER_ITEM_SEQ_ID).where(link.TO_ORDER_ID == order)
    others = (
        linked.where(tuple_(link.ORDER_ID, link.ORDER_ITEM_SEQ_ID).not_in(naming_it))
        .distinct()
        .limit(_MOST)
        .subquery("other_lines")
    )
    one_by_one = (
        select(*columns)
        .select_from(others)
        .join(
            order_item,
            (order_item.c.ORDER_ID == not_by_index(others.c.ORDER_ID))
            & (order_item.c.ORDER_ITEM_SEQ_ID == not_by_index(others.c.ORDER_ITEM_SEQ_ID)),
        )
    )
    return union_all(naming, one_by_one).limit(_MOST).subquery("candidates")
