"""The jobs by keys alone: policies compared, scopes, early-PO reallocation, sync, stopping."""

from __future__ import annotations

import threading
import time
from datetime import date
from typing import Any

import pytest

from preorder_tui.lines import parse_line
from preorder_tui.permissions import Permission
from preorder_tui.service import Service
from screens.auto_allocate import AutoAllocate
from screens.find_purchase_orders import FindPurchaseOrders
from screens.reallocate_all import ReallocateAll
from screens.sync_all import SyncAll
from screens.view_sales_order import ViewSalesOrder
from tests.screens.jobs_book import AUGUST, JULY, OTHER, SKU, allocated, engine, service
from tests.screens.procurement_desk import NARROW, WIDE, desk_on
from tests.screens.typing_ahead import type_ahead, until

__all__ = ["engine", "service"]


def cells(line: str) -> list[str]:
    return line.replace(">", " ").replace("*", " ").split()


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_policies_side_by_side(service: Service, size: tuple[int, int]) -> None:
    async with desk_on(service, AutoAllocate, size=size) as hand:
        for title in ("FIFO:", "Earliest promise first:", "Fair share:", "largest remainders"):
            assert title in hand.text
        await hand.press("c")
        await hand.until("5 policies compared; nothing is changed")
        title = [] if size == NARROW else ["FIFO"]
        # served, whole, units, late lines, days, at most, waiting, missing, losing
        figures = ["2", "1", "6", "0", "0", "0", "3", "7", "0"]
        assert cells(hand.row("fifo"))[: 12 + len(title)] == ["1", "yes", "fifo", *title, *figures]
        assert {"Policy", "Served", "Losing"} <= set(hand.row("Served").split())
        assert "Allocated: 6 units to 2 lines, 1 of them whole" in hand.text
        await hand.press("end")
        await hand.until("Allocated: 6 units to 3 lines, 0 of them whole")
        await hand.press("home", "space", "down", "space", "c")
        await hand.until("2 policies compared")
        assert cells(hand.row("promise "))[-9:-8] == ["2"] or size == WIDE
        assert cells(hand.row("priority"))[:2] == ["3", "priority"]
        assert not any(cell.isdigit() for cell in cells(hand.row("priority"))[1:])
    assert allocated(service) == [0, 0, 0, 0]


async def test_a_policy_chosen_shown_applied_and_taken_back(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("m", "j", "enter", "2", "r")
        await hand.until("Policy Earliest promise first: The earliest promise first")
        assert "2 units not allocated, supply ran out" in hand.row("10001/00001")
        await hand.press("tab")
        await hand.until(r"2 yes promise")
        await hand.press("home", "enter")  # Enter: that policy, and what a run by it would do
        await hand.until("Policy FIFO")
        assert "2 units not allocated" in hand.row("10002/00001")
        await hand.press("2", "w", "y")
        await hand.until("[Dd]one, ")
        assert allocated(service) == [2, 0, 4, 0]
        await hand.press("u", "y")
        await hand.until("Undo|Take back")
        assert allocated(service) == [0, 0, 0, 0]
    newest, *_ = service.change_sets()
    assert newest.inverse_of is not None


async def test_esc_ends_the_planning(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    began, ended = threading.Event(), threading.Event()

    def slow(*_: Any, told: Any, **options: Any) -> Any:
        began.set()
        try:
            while True:  # nothing but the person ends it
                told()
                time.sleep(0.01)
        finally:
            ended.set()

    for name, key in (("plan_auto_allocate", "w"), ("compare_policies", "c")):
        began.clear()
        ended.clear()
        async with desk_on(service, AutoAllocate) as hand:
            monkeypatch.setattr(service, name, slow)
            type_ahead(hand.app, key)
            await hand.until("Working… .*Esc stops it")
            assert began.is_set()
            assert not ended.is_set()
            type_ahead(hand.app, "escape")
            await hand.until("Nothing was changed")
            await until(ended.is_set)
    assert not service.change_sets()


async def test_what_a_search_of_sales_orders_finds(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("slash", *"turing", "enter", "w")
        await hand.until('Scope  lines of this search: "turing"')
        await hand.press("r")
        await hand.until("Allocated: 4 units to 1 line, 1 of them whole, of 1 line")
        await hand.press("w", "y")
        await hand.until("[Dd]one, ")
        assert allocated(service) == [0, 0, 4, 0]
        await hand.press("s", "1")  # the whole book, from the search
        await hand.until("Scope  the whole book")
        await hand.press("r")
        await hand.until("Allocated: 2 units to 1 line")
        await hand.press("s", "2")  # and back to it
        await hand.until("Scope  lines of this search")
        await hand.press("b", "0", "w")
        await hand.until("Scope  the whole book")


async def test_what_a_search_of_purchase_orders_finds(service: Service) -> None:
    async with desk_on(service, FindPurchaseOrders) as hand:
        await hand.press("w")
        await hand.until("Scope  the whole book")
        await hand.press("b", "slash", *"po-b", "enter", "w")
        await hand.until('Scope  supply of this search: "po-b"$')
        await hand.press("r")
        await hand.until("Allocated: 0 units to 0 lines")
        await hand.press("b", "slash", *"po-a", "enter", "w", "w", "y")
        await hand.until("[Dd]one, ")
    assert allocated(service) == [4, 2, 0, 0]


async def test_the_product_of_a_line_and_another_one(service: Service) -> None:
    async with desk_on(service, lambda: ViewSalesOrder("10004")) as hand:
        await hand.press("w")
        await hand.until(f"Scope  product {OTHER}")
        await hand.press("r")
        await hand.until("Not allocated: 1 unit of 1 line: 1 because no eligible supply")
        await hand.press("s", "p", *"nothing like it", "enter")
        await hand.until("No product has 'nothing like it'")
        await hand.press(*SKU, "enter")
        await hand.until(f"Scope  product {SKU}")
        await hand.press("w", "y")
        await hand.until("[Dd]one, ")
    assert allocated(service) == [4, 2, 0, 0]


async def test_again_matches_what_has_units_and_leaves_what_is_pinned(service: Service) -> None:
    service.apply(service.plan_auto_allocate("promise"))
    line = parse_line("10003/1")
    service.apply(service.plan_pin(line))
    async with desk_on(service, AutoAllocate) as hand:
        await hand.press("w")
        await hand.until("Nothing will change · 3 not done")
        await hand.press("escape", "g")
        await hand.until("Lines  again all that have units, pinned ones stay")
        await hand.press("w", "y")
        await hand.until("[Dd]one, 3 changes on 1 line")  # the cap moves to the earlier order
        assert allocated(service) == [2, 0, 4, 0]
        service.apply(service.plan_pin(line, pinned=False))
        await hand.press("w", "y")
        await hand.until("Losing units they have now: 1 line")
        assert allocated(service) == [4, 2, 0, 0]
        await hand.press("u", "y")
        await hand.until("shows what a run would do")
        assert allocated(service) == [2, 0, 4, 0]
    assert not service.verify().violations


async def test_early_purchase_orders(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("m", *"early", "enter", "r")
        await hand.until("Moved: 3 units of 1 line to earlier supply")
        assert "Units from PO-D/00001" in hand.text
        assert "nothing is changed" in hand.sentence
        await hand.press("w", "y")
        await hand.until("[Dd]one, ")
        line = service.sales_order("10005").items[0]
        assert (line.corresponding_po_external_id, line.promise_date) == ("PO-D", JULY)
        await hand.press("w")
        await hand.until("^no sales order line can move to supply that arrives earlier")
        await hand.press("u", "y")
        await hand.until("shows what a run would do")
    line = service.sales_order("10005").items[0]
    assert (line.corresponding_po_external_id, line.promise_date) == ("PO-E", AUGUST)


async def test_all_dates_are_synced_as_the_guard_says(service: Service) -> None:
    def promise() -> date | None:
        return service.sales_order("10006").items[0].promise_date

    async with desk_on(service) as hand:
        await hand.press("m", *"sync", "enter", "g", "g")
        await hand.until("Dates  only promises that get earlier")
        await hand.press("r")
        await hand.until("^no promise date differs .*; 1 line left out by the$")
        await hand.press("g", "r")
        await hand.until("Promise dates of 1 line: 1 later, 31 days at most")
        assert "2027-07-01  → 2027-08-01" in hand.row("10006/00001")
        await hand.press("w", "y")
        await hand.until("[Dd]one, ")
        assert promise() == AUGUST
        await hand.press("u", "y")
        await hand.until("shows what a run would do")
    assert promise() == JULY


@pytest.mark.parametrize("page", [AutoAllocate, ReallocateAll, SyncAll])
async def test_whoever_may_not_allocate_may_look(service: Service, page: Any) -> None:
    made = page()
    assert set(made.needed("run_job")) == {Permission.ALLOCATE}
    assert not set(made.needed("refresh"))
