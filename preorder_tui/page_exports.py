"""Export CSV of the pages: the whole filtered set, streamed page by page, cells made harmless.

It runs from the desk, so it is the standard library's csv and no pandas. All pages of one export
are read in one transaction and therefore show one state of the book.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from preorder_tui import find_purchase_orders, find_sales_orders, review_allocations
from preorder_tui.clock import Clock
from preorder_tui.csv_safety import neutralise
from preorder_tui.lines import LineId
from preorder_tui.records import (
    DemandRow,
    Key,
    Page,
    PurchaseItemRow,
    PurchaseOrderQuery,
    SalesItemRow,
    SalesOrderQuery,
)
from preorder_tui.words import word

Write = Callable[[str], object]
Row = TypeVar("Row")
PAGE = 1000

SALES_COLUMNS = (
    "orderId",
    "orderName",
    "orderItemSeqId",
    "productId",
    "parentProductName",
    "productName",
    "internalName",
    "quantity",
    "orderItemStatusId",
    "orderItemStatusDesc",
    "facilityId",
    "promisedDatetime",
    "correspondingPoId",
)
PURCHASE_COLUMNS = (
    "po-id",
    "po-external-id",
    "po-item-seq-id",
    "status-id",
    "facility-id",
    "product-id",
    "product-sku",
    "parent-product-name",
    "product-name",
    "color",
    "size",
    "upc",
    "quantity",
    "received",
    "allocated",
    "atp",
    "created-date",
    "arrival-date",
)
REVIEW_COLUMNS = (
    "po-external-id",
    "po-item-seq-id",
    "product-sku",
    "order-id",
    "order-external-id",
    "order-item-seq-id",
    "customer",
    "order-date",
    "quantity",
    "promised-datetime",
    "arrival-date",
)


class _Pages(Protocol[Row]):
    def __call__(self, *, after: Key | None) -> Page[Row]: ...


def find_sales_csv(
    connection: Connection, clock: Clock, query: SalesOrderQuery, write: Write
) -> int:
    """Write every line that ``query`` finds as CSV, a header row first; returns how many lines.

    Args:
        connection: in a read transaction.
        clock: the site's clock.
        query: filters, search and sort.
        write: takes the text piece by piece, such as the ``write`` of a file opened with
            ``newline=""``.
    """

    def page(*, after: Key | None) -> Page[SalesItemRow]:
        return find_sales_orders.items_page(connection, clock, query, PAGE, after=after)

    return write_csv(write, SALES_COLUMNS, map(_sales_cells, _walk(page)))


def find_purchases_csv(
    connection: Connection, clock: Clock, query: PurchaseOrderQuery, write: Write
) -> int:
    """Write every purchase order line that ``query`` finds (see :func:`find_sales_csv`).

    Lines are exported however the page groups them; of an open group only its own.
    """

    def page(*, after: Key | None) -> Page[PurchaseItemRow]:
        return find_purchase_orders.items_page(connection, clock, query, PAGE, after=after)

    return write_csv(write, PURCHASE_COLUMNS, map(_purchase_cells, _walk(page)))


def review_allocations_csv(connection: Connection, clock: Clock, line: LineId, write: Write) -> int:
    """Write the allocations of a purchase order line (see :func:`find_sales_csv`).

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a sales order.
    """
    found = review_allocations.review(connection, clock, line)
    first = (found.external_id, found.line.order_item_seq_id, found.product.sku)
    return write_csv(
        write,
        REVIEW_COLUMNS,
        ((*first, *_demand_cells(row), found.arrival_date) for row in found.rows),
    )


def _walk(page: _Pages[Row]) -> Iterator[Row]:
    after: Key | None = None
    while True:
        found = page(after=after)
        yield from found.rows
        if found.at_end:
            return
        after = found.keys[-1]


class _Sink:
    """What csv writes to."""

    def __init__(self, write: Write) -> None:
        self.write = write


def write_csv(write: Write, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> int:
    """Write a header and rows as CSV, cells made harmless; how many rows there were."""
    writer = csv.writer(_Sink(write), lineterminator="\n")
    writer.writerow(header)
    number = 0
    for row in rows:
        writer.writerow(_cell(value) for value in row)
        number += 1
    return number


def _cell(value: str | int | Decimal | date | None) -> str:
    if isinstance(value, int | Decimal):
        return str(value)  # a negative number is a number
    if isinstance(value, date):
        return value.isoformat()
    return neutralise(value) if value else ""


def _sales_cells(row: SalesItemRow) -> tuple[str | int | date | None, ...]:
    return (
        row.line.order_id,
        row.order_name,
        row.line.order_item_seq_id,
        row.product.product_id,
        row.product.parent_name,
        row.product.name,
        row.product.sku,
        row.quantity,
        row.item_status_id,
        word(row.item_status_id),
        row.facility_id,
        row.promise_date,
        row.corresponding_po_id,
    )


def _purchase_cells(row: PurchaseItemRow) -> tuple[str | int | date | None, ...]:
    return (
        row.line.order_id,
        row.external_id,
        row.line.order_item_seq_id,
        row.item_status_id,
        row.facility_id,
        row.product.product_id,
        row.product.sku,
        row.product.parent_name,
        row.product.name,
        row.product.color,
        row.product.size,
        row.product.upc,
        row.quantity,
        row.received,
        row.allocated,
        row.available_to_promise,
        row.created_date,
        row.arrival_date,
    )


def _demand_cells(row: DemandRow) -> tuple[str | int | date | None, ...]:
    return (
        row.line.order_id,
        row.external_id,
        row.line.order_item_seq_id,
        row.customer_name,
        row.order_date.date(),
        row.allocated_here,
        row.promise_date,
    )
