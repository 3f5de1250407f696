"""Find Sales Order read naively from a random book, without a database."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time
from typing import Any

from preorder_tui import marks
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.records import SalesOrderQuery
from preorder_tui.words import PRESELL_PARKINGS
from tests.conftest import TODAY
from tests.preorder_tui import random_books as rb

CLOCK = Clock(UTC, TODAY)


def _closed(line: rb.Line) -> bool:
    return line.status in ("ITEM_COMPLETED", "ITEM_CANCELLED", "ITEM_REJECTED")


def _within(moment: datetime | None, start: date | None, end: date | None) -> bool:
    if start is None and end is None:
        return True
    if moment is None:
        return False
    return (start is None or moment.date() >= start) and (end is None or moment.date() <= end)


def _state(order: rb.Order, line: rb.Line) -> str:
    waits = (
        order.status in ("ORDER_CREATED", "ORDER_APPROVED")
        and line.status in ("ITEM_CREATED", "ITEM_APPROVED")
        and line.facility in PRESELL_PARKINGS
    )
    open_units = line.quantity - line.cancelled - line.allocated if waits else 0
    if open_units > 0:
        return "partly" if line.allocated else "unallocated"
    return "allocated" if line.allocated else "none"


def _header_says(order: rb.Order, word: str) -> bool:
    texts = (order.order_id, order.name, order.external_id, rb.CUSTOMERS[order.customer])
    return any(word.lower() in text.lower() for text in texts if text)


def _line_says(line: rb.Line, word: str) -> bool:
    return any(
        word.lower() in text.lower() for text in (rb.SKUS[line.product], rb.NAMES[line.product])
    )


def _header_fits(query: SalesOrderQuery, order: rb.Order) -> bool:
    return (
        (not query.statuses or order.status in query.statuses)
        and query.product_store_id in (None, order.store)
        and query.sales_channel_enum_id in (None, order.channel)
        and _within(order.placed, query.ordered_from, query.ordered_to)
    )


def _line_fits(query: SalesOrderQuery, order: rb.Order, line: rb.Line) -> bool:
    before = bool(line.promised and line.arrival and line.promised < line.arrival)
    late = line.promised is not None and line.promised.date() < TODAY
    of_purchase = query.purchase_order_id is None or (
        query.purchase_order_id in {to for to, _ in line.links}
        or query.purchase_order_id == line.purchase_order_id
    )
    return (
        (not query.item_statuses or line.status in query.item_statuses)
        and (not query.facility_ids or line.facility in query.facility_ids)
        and query.shipment_method_type_id in (None, line.method)
        and _within(line.promised, query.promised_from, query.promised_to)
        and _within(line.auto_cancel, query.auto_cancel_from, query.auto_cancel_to)
        and not (query.without_promise and line.promised is not None)
        and query.allocation in ("any", _state(order, line))
        and (not query.before_arrival or (before and not _closed(line)))
        and (not query.overdue or (late and not _closed(line)))
        and of_purchase
        and query.product_id in (None, str(line.product))
        and all(_header_says(order, word) or _line_says(line, word) for word in query.text.split())
    )


def _restricts_lines(query: SalesOrderQuery) -> bool:
    return query != SalesOrderQuery(
        text=query.text,
        statuses=query.statuses,
        product_store_id=query.product_store_id,
        sales_channel_enum_id=query.sales_channel_enum_id,
        ordered_from=query.ordered_from,
        ordered_to=query.ordered_to,
        sort=query.sort,
    )


FAR = datetime(9999, 1, 1)


def _line_date(query: SalesOrderQuery, line: rb.Line) -> datetime | None:
    return line.promised if query.sort == "promisedDatetime" else line.auto_cancel


def expected_orders(query: SalesOrderQuery, book: rb.RandomBook) -> list[str]:
    """The ids of the orders that the query finds, in its order."""
    found = []
    for order in book.sales:
        if not _header_fits(query, order):
            continue
        by_line = any(_line_fits(query, order, line) for line in order.lines)
        by_itself = not _restricts_lines(query) and all(
            _header_says(order, word) for word in query.text.split()
        )
        if by_line or by_itself:
            found.append(order)
    if query.sort == "orderDate":
        found.sort(key=lambda order: (order.placed, order.order_id), reverse=True)
    else:
        found.sort(
            key=lambda order: (
                min(
                    (
                        moment
                        for line in order.lines
                        if not _closed(line) and (moment := _line_date(query, line))
                    ),
                    default=FAR,
                ),
                order.order_id,
            )
        )
    return [order.order_id for order in found]


def expected_lines(query: SalesOrderQuery, book: rb.RandomBook) -> list[LineId]:
    """The lines that the query finds, in its order."""
    found = [
        (order, line)
        for order in book.sales
        if _header_fits(query, order)
        for line in order.lines
        if _line_fits(query, order, line)
    ]
    found.sort(key=lambda pair: pair[1].item)
    if query.sort == "orderDate":
        found.sort(key=lambda pair: (pair[0].placed, pair[0].order_id), reverse=True)
        found.sort(key=lambda pair: pair[1].item)
        found.sort(key=lambda pair: (pair[0].placed, pair[0].order_id), reverse=True)
    else:
        found.sort(key=lambda pair: (_line_date(query, pair[1]) or FAR, *pair[1].key))
    return [LineId(*line.key) for _, line in found]


def rich_book() -> rb.RandomBook:
    """Every combination that the rules look at, in turn; the same on every run."""
    chance = random.Random(7)
    moments = [None, *map(CLOCK.end_of, rb.DAYS)]
    purchases = [
        rb.Order(
            order_id, None, f"PO-{order_id}", datetime(2026, 11, 1), "ORDER_APPROVED", "STORE",
            None, 0,
            [
                rb.Line(order_id, f"{n + 1:05}", n, 400, 0, "ITEM_APPROVED", "WH1", received=0,
                        arrival=moments[2 + n])
                for n in range(4)
            ],
        )
        for order_id in ("2000", "2001")
    ]  # fmt: skip
    sales = []
    for number in range(60):
        order_id = f"1{number:03}"
        order = rb.Order(
            order_id,
            chance.choice((None, f"#{order_id}")),
            chance.choice((None, f"shop_{order_id}")),
            datetime.combine(chance.choice(rb.DAYS), time(chance.choice((0, 12)))),
            chance.choice(rb.MOSTLY_OPEN_ORDERS),
            chance.choice(rb.STORES),
            chance.choice(rb.CHANNELS),
            chance.randrange(3),
            [],
        )
        for item in range(chance.randrange(5)):
            status = chance.choice(rb.MOSTLY_OPEN_ITEMS)
            cancelled = status == "ITEM_CANCELLED"
            line = rb.Line(
                order_id,
                f"{item + 1:05}",
                chance.randrange(4),
                4,
                4 if cancelled else chance.randrange(2),
                status,
                chance.choice(rb.MOSTLY_QUEUED),
                chance.choice(rb.METHODS),
                promised=chance.choice(moments),
                auto_cancel=chance.choice(moments),
            )
            source = chance.choice(purchases).lines[line.product]
            if cancelled:
                line.purchase_order_id = None if number % 2 else source.order_id
            elif units := chance.choice((0, 1, 4 - line.cancelled)):
                line.links[source.key] = line.allocated = units
                line.arrival, line.purchase_order_id = source.arrival, source.order_id
            order.lines.append(line)
        sales.append(order)
    return rb.RandomBook(sales, purchases)


def check_order(row: Any, order: rb.Order) -> None:
    """The row says what the order's lines add up to."""
    assert row.customer_name == rb.CUSTOMERS[order.customer]
    assert row.status_id == order.status
    assert row.item_count == len(order.lines)
    assert row.unit_count == sum(line.quantity - line.cancelled for line in order.lines)
    states = [_state(order, line) for line in order.lines]
    assert (
        row.allocated_items,
        row.partly_allocated_items,
        row.unallocated_items,
    ) == tuple(map(states.count, ("allocated", "partly", "unallocated")))
    alive = [line for line in order.lines if not _closed(line)]
    assert row.before_arrival_items == sum(
        marks.before_arrival(line.promised, line.arrival) for line in alive
    )
    assert row.overdue_items == sum(
        line.promised is not None and line.promised.date() < TODAY for line in alive
    )
    assert row.promise_date == min(
        (line.promised.date() for line in alive if line.promised), default=None
    )


def check_line(row: Any, order: rb.Order) -> None:
    """The row says what its line says."""
    (line,) = (line for line in order.lines if line.item == row.line.order_item_seq_id)
    assert row.product.sku == rb.SKUS[line.product]
    assert row.product.parent_name == (
        f"{rb.PARENTS[line.product]} style" if rb.PARENTS[line.product] else ""
    )
    assert row.allocation_state == _state(order, line)
    assert (row.quantity, row.allocated) == (line.quantity, line.allocated)
    assert row.facility_id == line.facility
    assert row.promise_date == (line.promised and line.promised.date())
    assert row.arrival_date == (line.arrival and line.arrival.date())
    assert row.corresponding_po_id == (line.purchase_order_id or "")
    alive = not _closed(line)
    assert row.before_arrival == (alive and marks.before_arrival(line.promised, line.arrival))
    assert row.overdue == (alive and line.promised is not None and line.promised.date() < TODAY)
