"""Why? and What if? by keys alone, from the pages and dialogs that show a line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Engine
from textual.pilot import Pilot

from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.desk_options import DeskOptions
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from preorder_tui.why_records import Supposed, WhatIf
from screens.app import DeskApp
from screens.dialogs.what_if import WhatIfDialog
from screens.find_purchase_orders import FindPurchaseOrders
from screens.find_sales_orders import FindSalesOrders
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.remove_allocations import RemoveAllocations
from screens.review_allocations import ReviewAllocations
from screens.view_sales_order import ViewSalesOrder
from tests.book import Book
from tests.conftest import TODAY
from tests.on_sqlite import engine
from tests.screens.procurement_desk import NARROW, WIDE, desk_on
from tests.screens.typing_ahead import settled, type_ahead, until

__all__ = ["engine"]

SKU = "HJ-BLU-M"
LINE = LineId("20001", "00001")
ARRIVAL = date(2026, 12, 10)


@pytest.fixture
def service(engine: Engine) -> Service:
    """PO-A with 10 units for three orders of 4: the third has 2; a later PO-B with 5 units."""
    book = Book(engine, Clock(UTC, TODAY))
    book.product(SKU, parent="Harbor Jacket", color="Blue", size="M", name="Harbor Jacket")
    book.purchase_order("20001", ARRIVAL, [(SKU, 10)], external_id="PO-A")
    book.purchase_order("20002", ARRIVAL + timedelta(days=20), [(SKU, 1)], external_id="PO-B")
    people = ("Ana Lindqvist", "李小龍", "O'Brien")
    for n, units in enumerate((4, 4, 2), start=1):
        book.sales_order(
            f"1000{n}",
            date(2026, 5, n),
            [(SKU, 4)],
            customer=people[n - 1],
            promised=ARRIVAL + timedelta(days=2 * (n - 1)),
        )
        book.allocate(f"1000{n}/1", "20001/1", units)
    return Service(engine, Actor("ana", "desk"), Clock(UTC, TODAY))


def purchase(service: Service) -> tuple[date | None, int, int]:
    (line,) = service.purchase_order("20001").items
    return line.arrival_date, line.quantity, line.available_to_promise


# --- Why? -----------------------------------------------------------------------------------------


async def test_why_from_view_sales_order_and_carry_out_what_helps(service: Service) -> None:
    async with desk_on(service, lambda: ViewSalesOrder("10003")) as hand:
        await hand.press("W")
        text = await hand.until("Why. 10003/00001")
        assert "2 of its 4 units are not allocated" in text
        assert "1-3 carry out" in text
        await hand.press("1")
        await hand.until("Allocate 10003/00001: 1 unit to PO-B/00001")
        await hand.press("y")
        await hand.until("done")
    (line,) = service.sales_order("10003").items
    assert line.allocated == 3


async def test_why_closes_with_its_own_key_enter_and_escape(service: Service) -> None:
    async with desk_on(service, lambda: ViewSalesOrder("10001")) as hand:
        for key in ("W", "enter", "escape"):
            await hand.press("W")
            await hand.until("Why. 10001/00001")
            await hand.press(key)
            assert "Why? 10001" not in hand.text
        await hand.press("W", "7")
        await hand.until("There is no suggestion 7")


@pytest.mark.parametrize(
    ("landing", "typed", "name"),
    [
        (lambda: FindSalesOrders(), ("W",), "10003/00001"),
        (lambda: FindSalesOrders(), ("i", "down", "W"), "10002/00001"),
        (lambda: FindPurchaseOrders(), ("W",), "PO-A/00001"),
        (lambda: PurchaseOrderDetail("PO-A"), ("W",), "PO-A/00001"),
        (lambda: ReviewAllocations(LINE), ("down", "W"), "10002/00001"),
        (lambda: RemoveAllocations(LINE), ("W",), "10001/00001"),
        (lambda: ViewSalesOrder("10003"), ("l", "W"), "PO-"),
        (lambda: PurchaseOrderDetail("PO-B"), ("l", "y", "W"), "10003/00001"),
    ],
    ids=["orders", "items", "find-po", "detail", "review", "remove", "allocate", "allocate-so"],
)
async def test_why_from_every_list_of_lines(
    service: Service, landing: Callable[[], Any], typed: tuple[str, ...], name: str
) -> None:
    async with desk_on(service, landing) as hand:
        await hand.press(*typed)
        await hand.until(rf"Why\? {name}")


async def test_why_within_a_dialog_leaves_the_dialog_as_it_was(service: Service) -> None:
    async with desk_on(service, lambda: PurchaseOrderDetail("PO-B")) as hand:
        await hand.press("l", "y", "a", "W")
        text = await hand.until("Why. 10003/00001")
        assert "carry out" not in text
        await hand.press("1")
        await hand.until("There is no suggestion 1")
        await hand.press("escape")
        await hand.until("selected 2 / ATP 1 in 1 line")
        await hand.press("enter", "y")
        await hand.until("done")
    assert service.sales_order("10003").items[0].allocated == 3


async def test_why_of_a_group_says_where_to_ask(service: Service) -> None:
    async with desk_on(service, FindPurchaseOrders) as hand:
        await hand.press("g", "2")
        await hand.press("W")
        assert hand.sentence == "Enter opens the group; its items can be asked about."


# --- What if? -------------------------------------------------------------------------------------


async def test_what_if_shows_who_turns_late_while_one_types(service: Service) -> None:
    async with desk_on(service, lambda: PurchaseOrderDetail("PO-A")) as hand:
        before = purchase(service)
        await hand.press("I")
        await hand.until("3 lines, none turns late, late 0 → 0")
        await hand.press("1")
        await hand.until("1 line of 1 order TURNS LATE, late 0 → 1, at most 1 day late")
        assert "TURNS LATE" in hand.row("#10001")
        assert "moves" in hand.row("#10002")
        await hand.press("0")
        await hand.until("3 lines of 3 orders TURN LATE, late 0 → 3, at most 10 days late")
        await hand.press("tab", *"-3")
        await hand.until("2 lines lose 3 units")
        assert "-2/2" in hand.row("#10003")
        await hand.press("escape")
        assert "What if?" not in hand.text
        assert hand.sentence == "Nothing was changed."
        assert purchase(service) == before


async def test_what_if_is_applied_and_the_dates_synced(service: Service) -> None:
    async with desk_on(service, lambda: PurchaseOrderDetail("PO-A")) as hand:
        # All of it typed ahead: the slip, the units, apply, yes, sync, yes.
        await hand.press("I", "5", "tab", *"-3", "enter", "y", "y", "y")
        await hand.until("Sync dates with PO-A/00001: done")
    assert purchase(service) == (ARRIVAL + timedelta(days=5), 7, 0)
    promises = [service.sales_order(f"1000{n}").items[0].promise_date for n in (1, 2, 3)]
    # The third has lost its units, and keeps what it was told.
    assert promises == [ARRIVAL + timedelta(days=n) for n in (5, 5, 4)]
    assert service.verify().violations == ()


async def test_what_if_without_sync_keeps_the_promises(service: Service) -> None:
    async with desk_on(service, FindPurchaseOrders) as hand:
        await hand.press("I", "5", "enter", "y")
        await hand.until("And sync 3 promise dates with the arrival")
        await hand.press("n")
    assert purchase(service) == (ARRIVAL + timedelta(days=5), 10, 0)
    assert service.sales_order("10001").items[0].promise_date == ARRIVAL


async def test_what_if_leaving_the_plan_changes_nothing(service: Service) -> None:
    async with desk_on(service, lambda: PurchaseOrderDetail("PO-A")) as hand:
        before = purchase(service)
        await hand.press("I", "5", "enter")
        await hand.until("PO-A/00001 arrives on 2026-12-15")
        await hand.press("n")
        assert hand.sentence == "Nothing was changed."
    assert purchase(service) == before


async def test_what_cannot_be_is_said_beside_the_fields(service: Service) -> None:
    async with desk_on(service, lambda: PurchaseOrderDetail("PO-A")) as hand:
        await hand.press("I", "enter")
        await hand.until("Nothing is supposed yet")
        await hand.press(*"soon")
        await hand.until("'soon' is not a number of days")
        assert "TURN" not in hand.text
        await hand.press("enter")
        await hand.until("'soon' is not a number of days.*\n(.*\n)*.*'soon'")
        for _ in "soon":
            await hand.press("backspace")
        await hand.press(*"-90")
        await hand.until("2026-09-11 is over: give 2026-11-25 or later")
        await hand.press("enter")
        await hand.until("What if")
        for _ in "-90":
            await hand.press("backspace")
        await hand.press(*"2026-12-11")
        await hand.until("1 line of 1 order TURNS LATE")


async def test_a_stale_answer_is_dropped(service: Service, monkeypatch: Any) -> None:
    slow, asked = threading.Event(), threading.Event()
    answer = service.what_if

    def what_if(line: LineId, supposed: Supposed, **options: Any) -> WhatIf:
        if supposed.slip == 1:
            asked.set()
            slow.wait(60)
        return answer(line, supposed, **options)

    def show(dialog: WhatIfDialog, found: WhatIf) -> None:
        seen.append(None if found.new_arrival == ARRIVAL else found.most_days)
        shown(dialog, found)

    seen: list[int | None] = []
    shown = WhatIfDialog._show
    monkeypatch.setattr(service, "what_if", what_if)
    monkeypatch.setattr(WhatIfDialog, "_show", show)
    async with desk_on(service, lambda: PurchaseOrderDetail("PO-A")) as hand:
        await hand.press("I", "1")
        await until(asked.is_set)
        await hand.press("0")  # typed while the answer for 1 is under way
        slow.set()
        await hand.until("at most 10 days late")
        assert seen == [None, 10]


async def test_what_if_of_a_closed_purchase_order_only_looks(service: Service) -> None:
    service.apply(service.plan_complete_purchase_order("20001"))
    async with desk_on(service, lambda: PurchaseOrderDetail("PO-A")) as hand:
        await hand.press("I")
        assert hand.sentence == "PO-A can only be looked at: the purchase order is completed."


# --- Pictures -------------------------------------------------------------------------------------

PICTURES: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "why": (lambda: ViewSalesOrder("10003"), ("W",)),
    "why-purchase": (lambda: PurchaseOrderDetail("PO-A"), ("W",)),
    "what-if": (lambda: PurchaseOrderDetail("PO-A"), ("I", "3", "tab", "-", "1")),
}


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, size: tuple[int, int], service: Service, snap_compare: Any) -> None:
    landing, keys = PICTURES[name]
    app = DeskApp(DeskOptions("sqlite:///book.db", "ana"), lambda _: service, landing=landing)

    async def before(pilot: Pilot[Any]) -> None:
        await until(lambda: app.opened and app.desk_pages())
        await settled(app)
        for key in keys:
            type_ahead(app, key)
            await settled(app)
        if name == "what-if":
            await until(lambda: cast("WhatIfDialog", app.screen).shown.units_lost == 1)
            await settled(app)

    assert snap_compare(app, terminal_size=size, run_before=before)
