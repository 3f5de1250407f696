"""The small book that the tests of the procurement pages work on: that of worked case T1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import Engine

from data.engine import open_engine
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.records import PurchaseLine, SalesLine
from preorder_tui.service import Service
from screens.purchase_order_detail import PurchaseOrderDetail
from tests.book import Book
from tests.conftest import TODAY

SKU = "MH-01-BLU-M"
JUNE_1, JUNE_15, JUNE_20, MAY_20 = (
    date(2027, 6, 1),
    date(2027, 6, 15),
    date(2027, 6, 20),
    date(2027, 5, 20),
)
SO1, SO2, SO3 = (LineId(f"1000{n}", "00001") for n in (1, 2, 3))
PO_A, PO_C = (LineId(f"2000{n}", "00001") for n in (1, 3))
PEOPLE = ("Ana", "Ben", "Cleo")


@dataclass
class Case:
    """T1's book, and readers that name what the cases look at."""

    service: Service
    book: Book

    def sales(self, line: LineId) -> SalesLine:
        return next(n for n in self.service.sales_order(line.order_id).items if n.line == line)

    def purchase(self, line: LineId) -> PurchaseLine:
        return next(n for n in self.service.purchase_order(line.order_id).items if n.line == line)

    def allocated(self) -> list[int]:
        return [self.sales(line).allocated for line in (SO1, SO2, SO3)]

    def promises(self) -> list[date | None]:
        return [self.sales(line).promise_date for line in (SO1, SO2, SO3)]

    def date_rows(self) -> list[int]:
        return [
            sum(1 for row in self.service.history(line=line) if row.field == "promisedDatetime")
            for line in (SO1, SO2, SO3)
        ]


@pytest.fixture
def engine(sqlite_database_url: str) -> Any:
    """These tests need only SQLite."""
    engine = open_engine(sqlite_database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def waiting(engine: Engine) -> Case:
    """PO-A with 10 units on 1 June; SO1, SO2, SO3 of 4 units each, nothing allocated."""
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    book.product(SKU, parent="Harbor", color="Blue", size="M", name="Harbor Jacket")
    for n, line in enumerate((SO1, SO2, SO3), start=1):
        book.sales_order(line.order_id, date(2026, 5, n), [(SKU, 4)], customer=PEOPLE[n - 1])
    book.purchase_order(PO_A.order_id, JUNE_1, [(SKU, 10)], external_id="PO-A")
    return Case(Service(engine, Actor("ana", "desk"), clock), book)


@pytest.fixture
def t1(waiting: Case) -> Case:
    """T1: FIFO was run."""
    waiting.service.apply(waiting.service.plan_auto_allocate("fifo"))
    return waiting


def detail(order: str = "PO-A", line: LineId | None = None) -> Callable[[], Any]:
    return lambda: PurchaseOrderDetail(order, line)
