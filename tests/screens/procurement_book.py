"""The small book that the tests of the procurement pages work on: that of worked case T1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import Engine

from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from screens.purchase_order_detail import PurchaseOrderDetail
from tests.book import Book
from tests.conftest import TODAY
from tests.on_sqlite import engine as engine
from tests.worked_case import SKU, Case, fill


@pytest.fixture
def waiting(engine: Engine) -> Case:
    """PO-A with 10 units on 1 June; SO1, SO2, SO3 of 4 units each, nothing allocated."""
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    book.product(SKU, parent="Harbor", color="Blue", size="M", name="Harbor Jacket")
    fill(book)
    return Case(Service(engine, Actor("ana", "desk"), clock), book)


@pytest.fixture
def t1(waiting: Case) -> Case:
    """T1: FIFO was run."""
    waiting.service.apply(waiting.service.plan_auto_allocate("fifo"))
    return waiting


def detail(order: str = "PO-A", line: LineId | None = None) -> Callable[[], Any]:
    return lambda: PurchaseOrderDetail(order, line)
