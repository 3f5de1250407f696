"""Review and Remove Allocations by keys, and the way to the orders and back."""

from __future__ import annotations

from screens.remove_allocations import RemoveAllocations
from screens.review_allocations import ReviewAllocations
from tests.screens.procurement_book import detail, engine, t1, waiting
from tests.screens.procurement_desk import desk_on
from tests.worked_case import JUNE_1, PO_A, SKU, SO1, Case

__all__ = ["engine", "t1", "waiting"]


# --- Review Allocations ---------------------------------------------------------------------------


async def test_review_shows_totals_and_rows(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("v")
        await hand.until("Review Allocations")
        assert "Ordered 10  received 0  consumed ATP 10  remaining ATP 0" in hand.text
        assert "3 sales order lines, 10 units recorded: the totals agree." in hand.text
        assert "2/4" in hand.row("Cleo")
        assert "Pre-order" in hand.row("Ana")
        await hand.press("b")
        await hand.until("PO-A .id 20001")


async def test_t9_a_sales_order_line_is_cancelled_by_keys_and_gives_its_units_back(
    t1: Case,
) -> None:
    async with desk_on(t1.service, lambda: ReviewAllocations(PO_A)) as hand:
        # To the sales order, cancel its line, the first reason, apply, and back.
        await hand.press("enter", "C")
        await hand.until("Why is it cancelled")
        await hand.press("enter")
        await hand.until("Cancel 10001/00001")
        await hand.press("y")
        await hand.until("Done, 4 changes")
        await hand.press("b")
        await hand.until("consumed ATP 6  remaining ATP 4")
        await hand.press("k")
        await hand.until("Cancelled, for the record")
    assert t1.purchase(PO_A).available_to_promise == 4
    assert t1.sales(SO1).status_id == "ITEM_CANCELLED"
    kinds = [row.change_type_enum_id for row in t1.service.history(line=SO1)]
    assert "ODR_ITM_CANCEL" in kinds


async def test_t9_cancelled_lines_behind_a_toggle(t1: Case) -> None:
    async with desk_on(t1.service, lambda: ReviewAllocations(PO_A)) as hand:
        await hand.press("k")
        assert hand.sentence == "No sales order line of this item was cancelled."
        t1.service.apply(t1.service.plan_cancel_item(SO1, "OICR_CHANGE_MIND"))
        await hand.press("r")
        await hand.until("2 sales order lines, 6 units recorded")
        assert "Ana" not in hand.text
        await hand.press("k")
        await hand.until("Cancelled, for the record")
        assert "Cancelled" in hand.row("Ana")
        await hand.press("end", "space")
        assert hand.sentence == "it is cancelled"


async def test_review_removes_the_tagged(t1: Case) -> None:
    async with desk_on(t1.service, lambda: ReviewAllocations(PO_A)) as hand:
        await hand.press("space", "down", "down", "space")
        assert hand.sentence == "2 tagged, 6 units."
        await hand.press("x")
        await hand.until("Remove allocations of 6 units")
        await hand.press("y")
        await hand.until("remaining ATP 6")
    assert t1.allocated() == [0, 4, 0]


async def test_review_edits_the_date_syncs_and_allocates(t1: Case) -> None:
    async with desk_on(t1.service, lambda: ReviewAllocations(PO_A)) as hand:
        await hand.press("e", *"20270620", "enter", "y")
        await hand.until("arrival 2027-06-20")
        assert "-19" in hand.row("Ana")
        await hand.press("y", "y", "enter", "y")
        await hand.until("Ana .* 2027-06-20 +.0")
        await hand.press("x", "y")
        await hand.until("remaining ATP 4")
        await hand.press("l", "y", "enter", "y")
        await hand.until("remaining ATP 0")


async def test_an_item_without_allocations_says_so(waiting: Case) -> None:
    for make in (ReviewAllocations, RemoveAllocations):
        async with desk_on(waiting.service, lambda make=make: make(PO_A)) as hand:
            await hand.until("No sales order is allocated to this item")
            await hand.press("x")
            assert hand.sentence == "No sales order is allocated to this item."


# --- Jumps ----------------------------------------------------------------------------------------


async def test_jump_to_a_sales_order_and_back_keeps_the_place(t1: Case) -> None:
    async with desk_on(t1.service, lambda: ReviewAllocations(PO_A)) as hand:
        await hand.press("down", "enter")
        await hand.until("10002")
        await hand.until("Ben")
        await hand.press("escape")
        await hand.until("Review Allocations")
        assert "Ben" in hand.row("> ")
        await hand.press("up", "p")
        await hand.until("10001")
        await hand.press("p")
        await hand.until("PO-A .id 20001.")
        assert SKU in hand.row("> ")
        await hand.press("b")
        await hand.until("10001")


# --- Remove Allocations ---------------------------------------------------------------------------


async def test_t3_remove_allocations_ticked(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("x")
        await hand.until("Remove Allocations")
        await hand.press("x")
        assert hand.sentence == "Nothing is ticked: Space ticks a row, a ticks all."
        await hand.press("space")
        await hand.until("Ticked 1 of 3 lines, 4 of 10 units")
        await hand.press("x")
        await hand.until("Remove allocations of 4 units from PO-A")
        assert "promise date stays as told" in hand.text
        await hand.press("y")
        await hand.until("Ticked 0 of 2 lines, 0 of 6 units")
        assert t1.allocated() == [0, 4, 2]
        await hand.press("a", "x", "y")
        await hand.until("No sales order is allocated to this item")
        await hand.press("escape")
        await hand.until("allocated 0  ATP 10")
    assert t1.promises() == [JUNE_1] * 3
    assert "promise without supply" in t1.sales(SO1).marks
