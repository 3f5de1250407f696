"""A purchase order line that very many sales order lines wait for."""

from __future__ import annotations

from datetime import UTC, date, timedelta

from sqlalchemy import Engine

from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY

SKU = "MH-01-BLU-M"
PO_LINE = LineId("20001", "00001")
OF_AN_ORDER = 100


def long_book(engine: Engine, lines: int, *, promised: date | None = None) -> Service:
    """So many lines of one unit each, a hundred to an order, and units for all of them."""
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    for number in range(lines // OF_AN_ORDER):
        # The ids count the other way round: the order of the queue is that of the dates.
        book.sales_order(
            str(19_999 - number),
            date(2026, 5, 1) + timedelta(days=number),
            [(SKU, 1)] * OF_AN_ORDER,
            customer=f"Customer {number}",
            promised=promised,
        )
    book.purchase_order(PO_LINE.order_id, date(2027, 6, 1), [(SKU, lines)], external_id="PO-A")
    return Service(engine, Actor("ana", "desk"), clock)
