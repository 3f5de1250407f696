"""Jobs › Auto-allocate by keys: what a run would do, the run, and taking it back."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

import pytest

from data.engine import open_engine
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.service import Service
from screens.auto_allocate import AutoAllocate
from tests.book import Book
from tests.conftest import TODAY
from tests.screens.procurement_desk import desk_on

SKU, OTHER = "MH-01-BLU-M", "TC-TAN-S"


@pytest.fixture
def service(sqlite_database_url: str) -> Any:
    """Three orders of 4 for 10 units on 1 June; one whose only supply is late."""
    engine = open_engine(sqlite_database_url)
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    for n in (1, 2, 3):
        book.sales_order(f"1000{n}", date(2026, 5, n), [(SKU, 4)])
    book.sales_order("10004", date(2026, 5, 4), [(OTHER, 1)], promised=date(2026, 12, 1))
    book.purchase_order("20001", date(2027, 6, 1), [(SKU, 10)], external_id="PO-A")
    book.purchase_order("20002", date(2026, 11, 1), [(OTHER, 5)], external_id="PO-B")
    yield Service(engine, Actor("ana", "desk"), clock)
    engine.dispose()


def allocated(service: Service) -> list[int]:
    return [service.sales_order(f"1000{n}").items[0].allocated for n in (1, 2, 3, 4)]


async def test_from_the_menu_shown_applied_and_taken_back(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("m", "j", "enter")
        await hand.until("Jobs › Auto-allocate")
        await hand.press("r")
        await hand.until("Allocated: 10 units to 3 lines, 2 of them whole, of 4 lines that wait")
        assert "Promise dates: 3 for the first time" in hand.text
        assert (
            "Not allocated: 3 units of 2 lines: 1 because no eligible supply, "
            "1 because supply ran out" in " ".join(hand.text.split())
        )
        assert "Passed over because late: 5 units on 1 purchase order line" in hand.text
        assert "2 units not allocated, supply ran out" in hand.row("10003/00001")
        assert hand.sentence == "So much a run would do; nothing is changed."
        assert allocated(service) == [0, 0, 0, 0]
        await hand.press("w")
        await hand.until("6 changes on 3 lines · 2 not done")
        await hand.press("n")
        assert allocated(service) == [0, 0, 0, 0]
        await hand.press("w", "y")
        await hand.until("Auto-allocate")
        assert allocated(service) == [4, 4, 2, 0]
        await hand.press("end", "enter")
        await hand.until("10004 ")
        await hand.press("b", "u", "y")
        await hand.until("shows what a run would do")
        assert allocated(service) == [0, 0, 0, 0]


async def test_all_of_it_typed_ahead(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("m", "j", "enter", "w", "y")
        await hand.until("3 lines")
    assert allocated(service) == [4, 4, 2, 0]


async def test_nothing_waits(service: Service) -> None:
    service.apply(service.plan_cancel_item(service.resolve_line("10004/1"), "OICR_CHANGE_MIND"))
    for n in (1, 2, 3):
        line = service.resolve_line(f"1000{n}/1")
        service.apply(service.plan_cancel_item(line, "OICR_CHANGE_MIND"))
    async with desk_on(service, AutoAllocate) as hand:
        for key in ("r", "w"):
            await hand.press(key)
            await hand.until("o open pre-order or backorder line waits")
