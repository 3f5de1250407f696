"""The queue that the tests of Why? ask about, and what they read out of an answer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, update

from data.tables import order_item, order_item_assoc
from preorder_tui.lines import LineId
from preorder_tui.records import SalesLine
from preorder_tui.service import Service
from preorder_tui.why_records import Reason, Suggestion, Why
from tests.book import Book
from tests.conftest import TODAY

SKU = "HJ-BLU-M"
SO1, SO2, SO3 = (LineId(f"1000{n}", "00001") for n in (1, 2, 3))
PO_A, PO_B, PO_C = (LineId(f"2000{n}", "00001") for n in (1, 2, 3))


def in_days(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.fixture
def queue(book: Book) -> Book:
    """Three orders of 4 units, placed one day after the other."""
    for n, line in enumerate((SO1, SO2, SO3), start=1):
        book.sales_order(line.order_id, date(2026, 5, n), [(SKU, 4)], promised=in_days(20))
    return book


def supply(book: Book, line: LineId, arrival: date, units: int, status: str = "") -> None:
    letter = "ABC"[int(line.order_id[-1]) - 1]
    book.purchase_order(
        line.order_id,
        arrival,
        [(SKU, units)],
        external_id=f"PO-{letter}",
        status=status or "ORDER_APPROVED",
    )


def set_item(engine: Engine, line: LineId, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(order_item)
            .where(
                order_item.c.ORDER_ID == line.order_id,
                order_item.c.ORDER_ITEM_SEQ_ID == line.order_item_seq_id,
            )
            .values(values)
        )


def pin(engine: Engine, line: LineId) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(order_item_assoc)
            .where(order_item_assoc.c.ORDER_ID == line.order_id)
            .values(PINNED="Y")
        )


def reason(found: Why, code: str) -> Reason:
    return next(one for one in found.reasons if one.code == code)


def codes(found: Why) -> set[str]:
    return {one.code for one in found.reasons}


def commands(suggestion: Suggestion) -> list[str]:
    return [step.command for step in suggestion.steps]


def carry_out(service: Service, suggestion: Suggestion) -> None:
    for step in suggestion.steps:
        service.apply(service.plan_step(step))


def line_of(service: Service, line: LineId) -> SalesLine:
    return next(one for one in service.sales_order(line.order_id).items if one.line == line)


@pytest.fixture
def late(queue: Book) -> Book:
    """SO1, promised in 20 days, has its units from PO-A in 29 days."""
    supply(queue, PO_A, in_days(29), 10)
    queue.allocate("10001/1", "20001/1", 4)
    return queue
