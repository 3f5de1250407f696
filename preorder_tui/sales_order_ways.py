"""Ways to the rows of Find Sales Order on SQLite, whose planner has no statistics to choose by.

A page is read by walking the list's own index from where the page begins, keeping the rows that the
filters let through. That is the fastest way when many pass. When few do, the walk is long, and the
way is the other way round: ask what lets few rows through for its orders (an index of the filter's
own, or the index of pieces of text), give those to the statement, and sort. Which it is nobody
knows beforehand, so the walk gets a few milliseconds, then the filters may be asked for a few
orders, then each gets more. A page is the same by every way; only the time is not.

Other databases have statistics and take the plain statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Integer, Select, bindparam, select, text

from data.search_index import has_index
from data.sqlite_indexes import PARTLY_ALLOCATED, PROMISED_BEFORE_ARRIVAL, UNUSUAL_STATUS
from data.tables import order_header, order_item, order_item_ship_group
from preorder_tui import text_index
from preorder_tui.along_dates import AlongDates
from preorder_tui.paging import Execute, Statement
from preorder_tui.query_hints import as_list, within
from preorder_tui.records import SalesOrderQuery
from preorder_tui.sales_order_filters import Shape, lines_of_purchase_order, shape_of
from preorder_tui.sales_order_search import Search
from preorder_tui.words import SALES_ORDER

Result = TypeVar("Result")
Work = Callable[[Shape, Mapping[str, Any], Execute | None], Result]

WALK_SECONDS = 0.008
LONG_WALK_SECONDS = 0.04
LONGEST_WALK_SECONDS = 0.4
FEW, MANY, MOST = 3_000, 20_000, 300_000
FEW_DATED = 8_000  # where not all of them need be read (preorder_tui.along_dates)
_PAGE = 50  # the page that the seconds are for
_COUNT_PAGES = 4  # a count, which nobody waits for, may walk so many times longer
_USUAL_ITEM_STATUSES = {"ITEM_APPROVED", "ITEM_COMPLETED"}


def by_the_best_way(
    connection: Connection,
    query: SalesOrderQuery,
    values: Mapping[str, Any],
    work: Work[Result],
    *,
    rows: int | None = None,
) -> Result:
    """What ``work`` reads for ``query``, soon.

    Args:
        connection: in a read transaction.
        query: what is looked for.
        values: the values of its shape's statements.
        work: reads by statements of a shape, with values, in a way of executing them; it may be
            called again.
        rows: how many rows its page has; None: it reads no page but counts.
    """
    shape = shape_of(query)
    if connection.dialect.name != "sqlite" or not (shape.words or shape.header or shape.line):
        return work(shape, values, None)
    search: Search | None = None
    indexed = has_index(connection)
    if shape.words and indexed:
        search = Search(connection, query, shape, values)
        shape, values = search.shape, search.values
    by_date = rows is not None and query.sort == "orderDate"
    dated = by_date and indexed and not text_index.some_wait(connection)
    few = FEW_DATED if dated else FEW

    def walk(seconds: float) -> Result | None:
        limit = seconds * (max(1, rows / _PAGE) if rows is not None else _COUNT_PAGES)
        return within(connection, limit, lambda: work(shape, values, None))

    def given(orders: list[str]) -> Result:
        narrowed = replace(shape, given=True)
        if dated:
            return work(narrowed, values, AlongDates.of(connection, orders))
        return work(narrowed, {**values, "orders": as_list(orders)}, None)

    def by_text(most: int) -> Result | None:
        orders = search.orders(most) if search is not None else None
        return None if orders is None else given(orders)

    def along_text() -> Result | None:
        if search is None or not dated or search.matching is None:
            return None
        along = AlongDates.matching(connection, search.matching)
        return work(replace(shape, given=True), values, along)

    def by_filter(most: int) -> Result | None:
        for way in _ways(shape, query):
            if (orders := _orders(connection, way, values, most)) is not None:
                return given(orders)
        return None

    attempts: tuple[Callable[[], Result | None], ...] = (
        *(() if shape.header or shape.line else (along_text,)),
        lambda: by_text(few),
        lambda: walk(WALK_SECONDS),
        lambda: by_filter(few),
        along_text,
        lambda: walk(LONG_WALK_SECONDS),
        lambda: by_text(MANY),
        lambda: by_filter(MANY),
        lambda: walk(LONGEST_WALK_SECONDS),
        lambda: by_filter(MOST),
    )
    for attempt in attempts:
        if (result := attempt()) is not None:
            return result
    return work(shape, values, None)


# --- By a filter --------------------------------------------------------------------------------


def _ways(shape: Shape, query: SalesOrderQuery) -> Iterator[str]:
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
_EARLIEST, _LATEST = "0001-01-01", "9999-12-31 99"


def _by_lines(*conditions: Any) -> Select[Any]:
    return select(order_item.c.ORDER_ID).where(*conditions)


def _by_header(*conditions: Any) -> Select[Any]:
    return select(order_header.c.ORDER_ID).where(*conditions)


def _by_group(*conditions: Any) -> Select[Any]:
    return select(order_item_ship_group.c.ORDER_ID).where(*conditions)


def _several(name: str) -> Any:
    return bindparam(name, expanding=True)


_linked = lines_of_purchase_order().subquery("linked_lines")
_STATEMENTS: dict[str, Select[Any]] = {
    "purchase_order_id": select(_linked.c.ORDER_ID),
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


@lru_cache(maxsize=64)
def _statement(way: str, start: bool, end: bool) -> Statement:
    limit = bindparam("most", type_=Integer, literal_execute=True)
    if way not in _RANGES:
        return _STATEMENTS[way].limit(limit)
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
    return (_by_header if way == "ordered" else _by_lines)(*kind, *bounds).limit(limit)


def _orders(
    connection: Connection, way: str, values: Mapping[str, Any], most: int
) -> list[str] | None:
    """The orders that have what the filter wants, and perhaps others; None: more than ``most``."""
    start, end = (bound in values for bound in _RANGES.get(way, ("", "")))
    found = (
        connection.execute(_statement(way, start, end), {**values, "most": most + 1})
        .scalars()
        .all()
    )
    return list(dict.fromkeys(found)) if len(found) <= most else None
