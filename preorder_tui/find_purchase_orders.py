"""Find Purchase Orders: pages of purchase order lines by any filter and sort; groups are in
:mod:`preorder_tui.purchase_order_groups`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from data.tables import order_header, order_item, order_item_ship_group, product
from preorder_tui import products
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.line_state import chunks
from preorder_tui.lines import LineId
from preorder_tui.paging import (
    COUNT_CAP,
    Execute,
    Fetched,
    Part,
    Place,
    Segment,
    Statement,
    capped_count,
    count_statement,
    fetch,
    page_statement,
)
from preorder_tui.purchase_line_rules import late
from preorder_tui.purchase_order_filters import (
    OUT_OF_SYNC_COUNTS,
    OUT_OF_SYNC_COUNTS_ON_SQLITE,
    Shape,
    conditions,
    parameters,
)
from preorder_tui.purchase_order_groups import group_count, groups_page
from preorder_tui.purchase_order_ways import by_the_best_way
from preorder_tui.query_hints import as_it_is, not_by_index
from preorder_tui.records import (
    Count,
    Key,
    Page,
    PurchaseItemRow,
    PurchaseOrderQuery,
    PurchaseSort,
)
from preorder_tui.site_days import day_or_none
from preorder_tui.text import clean_or_empty

__all__ = ["count", "groups_page", "items_page", "out_of_sync_counts"]


def items_page(
    connection: Connection,
    clock: Clock,
    query: PurchaseOrderQuery,
    size: int,
    *,
    after: Key | None = None,
    before: Key | None = None,
    place: Place = "first",
) -> Page[PurchaseItemRow]:
    """A page of the purchase order lines that ``query`` finds, or of one group of them.

    Args:
        connection: in a read transaction.
        clock: the site's clock.
        query: filters, search, sort, and the group to open.
        size: rows on the page.
        after: key of the row that the page follows.
        before: key of the row that the page ends before.
        place: without a key: the first or the last page.

    Raises:
        WrongUsage: the group of the grouping by arrival date is no date.
    """

    def pages(
        shape: Shape, values: Mapping[str, Any], execute: Execute | None = None
    ) -> Fetched[Any]:
        def statement_for(number: int, backwards: bool, bounded: bool) -> Statement | None:
            if number and _ARRIVES.intersection(shape.filters):
                return None
            return _statement(shape, query.sort, number, backwards, bounded)

        def parts_for(number: int, backwards: bool, part: Part) -> Statement:
            return _statement(shape, query.sort, number, backwards, True, part)

        return fetch(
            connection,
            statement_for,
            2 if query.sort == "estimatedDeliveryDate" else 1,
            values,
            size,
            after=after,
            before=before,
            place=place,
            execute=execute,
            # Many lines have the same few units left, and most of all none.
            parts_for=parts_for if query.sort == "availableToPromise" else None,
        )

    values = parameters(clock, query)
    found = by_the_best_way(connection, query, values, pages, rows=size, along=pages)
    rows = _rows(connection, clock, found.rows)
    return Page(rows, found.keys, found.at_start, found.at_end)


_ARRIVES = {"arrival_from", "arrival_to", "late"}
"""The filters that find only lines with a date: the others need not be looked at."""


def count(connection: Connection, clock: Clock, query: PurchaseOrderQuery) -> Count:
    """How many lines, or groups when the query groups and opens none; stops at 10,000."""
    if query.grouping != "item" and query.group is None:
        groups = group_count(connection, clock, query)
        return Count(min(groups, COUNT_CAP), groups > COUNT_CAP)

    def counted(shape: Shape, values: Mapping[str, Any]) -> Count:
        return capped_count(connection, _count_statement(shape), values)

    return by_the_best_way(connection, query, parameters(clock, query), counted)


def out_of_sync_counts(connection: Connection, lines: list[LineId]) -> dict[LineId, int]:
    """Of each purchase order line, how many sales order lines a sync would change."""
    sqlite = connection.dialect.name == "sqlite"
    counts: Any = OUT_OF_SYNC_COUNTS_ON_SQLITE if sqlite else OUT_OF_SYNC_COUNTS
    return {
        LineId(order_id, item): number
        for piece in chunks(lines)
        for order_id, item, number in connection.execute(
            counts,
            {"lines": piece, "orders": list(dict.fromkeys(line.order_id for line in piece))},
        )
    }


def _lines(shape: Shape, hidden: frozenset[str] = frozenset()) -> Statement:
    return (
        select(
            order_item.c.ORDER_ID,
            order_item.c.ORDER_ITEM_SEQ_ID,
            order_header.c.EXTERNAL_ID,
            order_header.c.STATUS_ID,
            order_header.c.ENTRY_DATE,
            order_item.c.STATUS_ID,
            order_item.c.PRODUCT_ID,
            order_item_ship_group.c.FACILITY_ID,
            order_item.c.QUANTITY,
            order_item.c.CANCEL_QUANTITY,
            order_item.c.RECEIVED_QUANTITY,
            order_item.c.ALLOCATED_QUANTITY,
            order_item.c.AVAILABLE_TO_PROMISE,
            order_item.c.ESTIMATED_DELIVERY_DATE,
        )
        .join_from(order_item, order_header, order_header.c.ORDER_ID == order_item.c.ORDER_ID)
        .outerjoin(order_item_ship_group, rules.in_ship_group(order_item))
        .where(*conditions(shape, hidden=hidden))
    )


_NEAR: dict[tuple[PurchaseSort, bool], frozenset[str]] = {
    ("estimatedDeliveryDate", False): frozenset({"arrival_from"}),
    ("estimatedDeliveryDate", True): frozenset({"arrival_to"}),
    ("availableToPromise", True): frozenset({"has_atp"}),
}
"""By sort and whether it goes backwards: the filter that a list begins with. A page behind a row
begins there, which is nearer; of two beginnings SQLite may take the farther one."""


def _segments(
    shape: Shape, sort: PurchaseSort, near: frozenset[str] = frozenset()
) -> tuple[Segment, ...]:
    lines = _lines(shape, near)
    key = (order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID)
    hidden = not_by_index if shape.given else as_it_is
    if sort == "orderId":
        return (Segment(lines, key),)
    if sort == "availableToPromise":
        left = hidden(order_item.c.AVAILABLE_TO_PROMISE)  # never null of a purchase order line
        return (Segment(lines, (left,), descending=True, tail=key),)
    if sort == "productId":
        # By SKU, which is what people see of a product.
        # The walk along the SKUs asks each product for its lines.
        otherwise = as_it_is if shape.given else not_by_index
        named = lines.join(product, otherwise(product.c.PRODUCT_ID) == order_item.c.PRODUCT_ID)
        return (Segment(named, (product.c.INTERNAL_NAME, *key)),)
    arrival = hidden(order_item.c.ESTIMATED_DELIVERY_DATE)
    return (
        Segment(lines, (arrival, *key), nullable=True),
        Segment(lines.where(arrival.is_(None)), key),
    )


@lru_cache(maxsize=512)
def _statement(
    shape: Shape,
    sort: PurchaseSort,
    number: int,
    backwards: bool,
    bounded: bool,
    part: Part = "all",
) -> Statement:
    near: frozenset[str] = _NEAR.get((sort, backwards), frozenset()) if bounded else frozenset()
    if shape.many_arrive and sort in ("orderId", "availableToPromise"):
        near |= {"arrival_from", "arrival_to"}
    segment = _segments(shape, sort, near)[number]
    return page_statement(segment, backwards=backwards, bounded=bounded, part=part)


@lru_cache(maxsize=128)
def _count_statement(shape: Shape) -> Statement:
    return count_statement(_lines(shape))


def _rows(
    connection: Connection, clock: Clock, found: tuple[Any, ...]
) -> tuple[PurchaseItemRow, ...]:
    infos = products.load(connection, (row[6] for row in found))
    out_of_sync = out_of_sync_counts(connection, [LineId(row[0], row[1]) for row in found])
    today = clock.start_of(clock.today())
    rows = []
    for row in found:
        line = LineId(row[0], row[1])
        external_id, order_status_id, entered, status_id, product_id, facility_id = row[2:8]
        quantity, cancelled, received, allocated, left, arrival = row[8:14]
        ordered = quantity - cancelled
        rows.append(
            PurchaseItemRow(
                line=line,
                external_id=clean_or_empty(external_id),
                order_status_id=order_status_id,
                item_status_id=status_id,
                product=infos[product_id],
                facility_id=facility_id or "",
                quantity=ordered,
                received=received or 0,
                allocated=allocated,
                available_to_promise=left or 0,
                created_date=clock.day(entered),
                arrival_date=day_or_none(clock, arrival),
                out_of_sync_items=out_of_sync.get(line, 0),
                late=late(
                    arrival,
                    today,
                    received=received or 0,
                    ordered=ordered,
                    item_status_id=status_id,
                ),
            )
        )
    return tuple(rows)
