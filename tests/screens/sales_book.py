"""The small book that the tests of the sales pages work on."""

from __future__ import annotations

from datetime import UTC, date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.engine import open_engine
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import parse_line
from preorder_tui.records import SalesLine
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.on_sqlite import engine as engine

EARLY, LATER, OVER = date(2026, 12, 10), date(2027, 1, 15), date(2026, 11, 1)


def fill(engine: Engine, clock: Clock) -> Book:
    """Five sales orders and four purchase orders.

    10001 waits for 4 jackets; PO-A has 3 of them early, PO-B 10 later, PO-C 5 that are late, PO-D
    is cancelled. 10002 has a jacket allocated to PO-B and a cap that nobody has.
    """
    book = Book(engine, clock)
    book.product("HJ-BLU-M", parent="Harbor Jacket", color="Blue", size="M", name="Harbor Jacket")
    book.product("TC-TAN-S", parent="Tidal Cap", color="Tan", size="S", name="Tidal Cap")
    book.purchase_order("20001", EARLY, [("HJ-BLU-M", 3)], external_id="PO-A")
    book.purchase_order("20002", LATER, [("HJ-BLU-M", 10)], external_id="PO-B")
    book.purchase_order("20003", OVER, [("HJ-BLU-M", 5)], external_id="PO-C")
    book.purchase_order(
        "20004", LATER, [("HJ-BLU-M", 9)], external_id="PO-D", status="ORDER_CANCELLED"
    )
    book.sales_order("10001", date(2026, 11, 20), [("HJ-BLU-M", 4)], customer="Ada Lovelace")
    book.sales_order(
        "10002", date(2026, 11, 19), [("HJ-BLU-M", 2), ("TC-TAN-S", 1)], customer="Grace Hopper",
        promised=LATER, facility="BACKORDER_PARKING",
    )  # fmt: skip
    book.allocate("10002/1", "20002/1", 2)
    book.sales_order(
        "10003", date(2026, 11, 18), [("HJ-BLU-M", 1)], customer="Alan Turing", promised=OVER
    )
    book.sales_order(
        "10004", date(2026, 11, 17), [("HJ-BLU-M", 1)], customer="Edsger Dijkstra",
        status="ORDER_CANCELLED",
    )  # fmt: skip
    book.sales_order(
        "10005", date(2026, 11, 16), [("TC-TAN-S", 1)], customer="Barbara Liskov", facility="_NA_"
    )
    return book


@pytest.fixture
def service(engine: Engine) -> Service:
    """The service on the small book, for ana at the desk."""
    clock = Clock(UTC, TODAY)
    fill(engine, clock)
    return Service(engine, Actor("ana", "desk"), clock)


@pytest.fixture
def book_url(sqlite_database_url: str, tmp_path: Path) -> str:
    """The small book in a file, for a desk of its own process."""
    engine = open_engine(sqlite_database_url)
    fill(engine, Clock(UTC, TODAY))
    engine.dispose()
    return sqlite_database_url


def line(service: Service, name: str) -> SalesLine:
    """A sales order line as it stands."""
    wanted = parse_line(name)
    order = service.sales_order(wanted.order_id)
    return next(item for item in order.items if item.line == wanted)


def units(service: Service, name: str) -> dict[str, int]:
    """Where a line's units come from: units by purchase order."""
    return {one.purchase_external_id: one.quantity for one in line(service, name).allocations}
