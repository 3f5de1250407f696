"""Find Purchase Orders by keys: search, filters, sorts, groups, saved filters, export."""

from __future__ import annotations

import csv
from datetime import UTC, date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.service import Service
from screens.find_purchase_orders import FindPurchaseOrders
from tests.book import Book
from tests.conftest import TODAY
from tests.on_sqlite import engine
from tests.screens.procurement_desk import WIDE, desk_on

__all__ = ["engine"]

JUNE_1, JULY_1 = date(2027, 6, 1), date(2027, 7, 1)


@pytest.fixture
def service(engine: Engine) -> Service:
    """Four purchase orders of two styles in two warehouses."""
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    book.product("HJ-BLU-M", parent="Harbor Jacket", color="Blue", size="M", name="Harbor Jacket")
    book.product("HJ-RED-L", parent="Harbor Jacket", color="Red", size="L", name="Harbor Jacket")
    book.product("TC-TAN-S", parent="Tidal Cap", color="Tan", size="S", name="Tidal Cap")
    book.purchase_order("20001", JUNE_1, [("HJ-BLU-M", 10), ("TC-TAN-S", 5)], external_id="PO-A")
    book.purchase_order("20002", JULY_1, [("HJ-RED-L", 20)], external_id="PO-B")
    book.purchase_order("20003", date(2026, 11, 1), [("HJ-BLU-M", 7)], external_id="PO-C")
    book.purchase_order(
        "20004", JUNE_1, [("TC-TAN-S", 3)], external_id="PO-D", status="ORDER_COMPLETED"
    )
    book.sales_order("10001", date(2026, 5, 1), [("HJ-BLU-M", 4)], promised=JULY_1)
    book.allocate("10001/1", "20001/1", 4)
    return Service(engine, Actor("ana", "desk"), clock)


async def test_one_row_per_item_with_its_columns_and_count(service: Service) -> None:
    async with desk_on(service, FindPurchaseOrders) as hand:
        await hand.until("^open · 4 items · soonest arrival first")
        assert hand.row("PO-B").split() == [
            "PO-B", "20002", "Approved", "HJ-RED-L", "WH1", "20", "0", "20", "2027-07-01",
        ]  # fmt: skip
        assert "2026-11-01!" in hand.row("PO-C")
    async with desk_on(service, FindPurchaseOrders, size=WIDE) as hand:
        assert "sync 1" in hand.text
        assert "Red / L" in hand.row("PO-B")
        assert "late" in hand.row("PO-C")


async def test_open_items_at_first_and_all_by_one_key(service: Service) -> None:
    async with desk_on(service, FindPurchaseOrders) as hand:
        await hand.until("^open · 4 items")
        assert "PO-D" not in hand.text
        await hand.press("slash", *"po-d", "enter")
        await hand.until("No open purchase order item fits: 6 shows completed and cancelled ones")
        await hand.press("6")
        await hand.until('^"po-d" · 1 item ')
        assert "PO-D" in hand.row("> ")
        await hand.press("0")
        await hand.until("^5 items")
        await hand.press("6")
        await hand.until("^open · 4 items")


async def test_search_as_you_type_and_open_the_line(service: Service) -> None:
    async with desk_on(service, FindPurchaseOrders) as hand:
        # In one go: search, on to the list, open the first, back.
        await hand.press("slash", *"tidal", "enter", "enter")
        await hand.until("PO-A .id 20001.")
        assert hand.row("> ").split()[2] == "TC-TAN-S"
        await hand.press("escape")
        await hand.until('"tidal" · open · 1 item ')
        for text in ("po-b", "20002", "hj-red"):
            await hand.press("slash", *text, "enter")
            await hand.until(f'"{text}" · open · 1 item ')
            assert "PO-B" in hand.text


async def test_filters_by_form_and_digits(service: Service) -> None:
    async with desk_on(service, FindPurchaseOrders) as hand:
        await hand.press("3")
        await hand.until("open · late · 1 item ")
        assert "PO-C" in hand.text
        await hand.press("0", "5")
        await hand.until("out of sync · 1 item ")
        assert "PO-A" in hand.text
        await hand.press("0", "f")
        await hand.until("Filters of Find Purchase Orders")
        await hand.press("h", "space", "s", "space")  # Has ATP, Status
        await hand.until("Any of")
        await hand.press("down", "space", "enter")
        await hand.until("Approved")
        await hand.press("enter")
        await hand.until("Approved · has ATP · 4 items")
        await hand.press("f", "a", "space", "f", *"2027-06-15", "enter", "enter")
        await hand.until("Arrival date +from 2027-06-15")
        await hand.press("enter")
        await hand.until("arrival from 2027-06-15 · has ATP · 1 item ")
        assert "PO-B" in hand.text


async def test_sorts_go_round(service: Service) -> None:
    async with desk_on(service, FindPurchaseOrders) as hand:
        await hand.press("s")
        assert hand.sentence == "Sorted: most ATP first."
        assert hand.lines[4].split()[1] == "PO-B"
        await hand.press("s", "s")
        assert hand.sentence == "Sorted: by SKU."
        await hand.press("s")
        assert hand.sentence == "Sorted: soonest arrival first."


async def test_groups_with_totals_open_and_return_to_the_same_place(service: Service) -> None:
    async with desk_on(service, FindPurchaseOrders) as hand:
        await hand.press("0", "g", "4")
        await hand.until("^2 groups · by parent product")
        assert hand.row("Harbor Jacket").split()[-8:] == [
            "3", "37", "0", "4", "33", "2026-11-01", "–", "2027-07-01",
        ]  # fmt: skip
        await hand.press("down", "enter")
        await hand.until("Parent product Tidal Cap · 2 items")
        assert "PO-D" in hand.text
        assert "Harbor" not in hand.text
        await hand.press("enter")
        await hand.until("PO-A .id 20001.|PO-D .id 20004.")
        await hand.press("b", "escape")
        await hand.until("2 groups")
        assert "Tidal Cap" in hand.row(">")
        for number, label in (("2", "PO-B"), ("3", "HJ-RED-L"), ("5", "2027-07-01"), ("6", "WH1")):
            await hand.press("g", number)
            await hand.until(f"{label} .*\\d")
            assert "groups" in hand.text or "1 group " in hand.text
        await hand.press("g", "1")
        await hand.until("^5 items")


async def test_saved_filters_keep_search_sort_and_grouping(service: Service) -> None:
    async with desk_on(service, FindPurchaseOrders) as hand:
        await hand.press("0", "g", "3", "2", "d", *"mine", "enter")
        await hand.until("kept as 'mine'")
        await hand.press("g", "1", "0")
        await hand.until("^5 items")
        await hand.press("d", "enter")
        await hand.until("Approved · 3 groups · by product")


async def test_export_writes_everything_found(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with desk_on(service, FindPurchaseOrders) as hand:
        await hand.press("slash", *"harbor", "enter", "o", "enter")
        await hand.until("3 rows written to purchase-orders-2026-11-25.csv")
    with (tmp_path / "purchase-orders-2026-11-25.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["po-external-id"] for row in rows] == ["PO-C", "PO-A", "PO-B"]


async def test_from_the_menu(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("m", "p", "enter")
        await hand.until("Procurement › Purchase Orders")
        await hand.until("^open · 4 items")
