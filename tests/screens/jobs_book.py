"""The small book that the tests of the jobs work on."""

from __future__ import annotations

from datetime import UTC, date

import pytest
from sqlalchemy import Engine

from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.on_sqlite import engine as engine

SKU, OTHER, CAP, HAT = "MH-01-BLU-M", "TC-TAN-S", "CP-01-RED-S", "HT-01-GRN-L"
JUNE, JULY, AUGUST = date(2027, 6, 1), date(2027, 7, 1), date(2027, 8, 1)


def fill(engine: Engine, clock: Clock) -> None:
    """Three orders of 4 for 6 units on 1 June, the last one promised that day; one whose only
    supply is late; one that could move to an earlier purchase order; one out of sync."""
    book = Book(engine, clock)
    for n, customer in ((1, "Ada Lovelace"), (2, "Grace Hopper"), (3, "Alan Turing")):
        book.sales_order(
            f"1000{n}", date(2026, 5, n), [(SKU, 4)], customer=customer,
            promised=JUNE if n == 3 else None,
        )  # fmt: skip
    book.sales_order("10004", date(2026, 5, 4), [(OTHER, 1)], promised=date(2026, 12, 1))
    book.sales_order("10005", date(2026, 5, 5), [(CAP, 3)], promised=AUGUST)
    book.sales_order("10006", date(2026, 5, 6), [(HAT, 1)], promised=JULY)
    book.purchase_order("20001", JUNE, [(SKU, 6)], external_id="PO-A")
    book.purchase_order("20002", date(2026, 11, 1), [(OTHER, 5)], external_id="PO-B")
    book.purchase_order("20004", JULY, [(CAP, 3)], external_id="PO-D")
    book.purchase_order("20005", AUGUST, [(CAP, 3)], external_id="PO-E")
    book.purchase_order("20006", AUGUST, [(HAT, 1)], external_id="PO-F")
    book.allocate("10005/1", "20005/1", 3)
    book.allocate("10006/1", "20006/1", 1)


@pytest.fixture
def service(engine: Engine) -> Service:
    """The service on the small book, for ana at the desk."""
    clock = Clock(UTC, TODAY)
    fill(engine, clock)
    return Service(engine, Actor("ana", "desk"), clock)


def allocated(service: Service) -> list[int]:
    """Units of the first four orders."""
    return [service.sales_order(f"1000{n}").items[0].allocated for n in (1, 2, 3, 4)]
