"""Purchase Order Detail by keys: every workflow, and the worked cases that it does."""

from __future__ import annotations

from datetime import date

from preorder_tui.actor import Actor
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.review_allocations import ReviewAllocations
from tests.screens.procurement_book import detail, engine, t1, waiting
from tests.screens.procurement_desk import desk_on
from tests.worked_case import JUNE_1, JUNE_15, JUNE_20, MAY_20, PO_A, PO_C, SKU, SO3, Case

__all__ = ["engine", "t1", "waiting"]


async def test_detail_shows_header_counts_and_items(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        text = await hand.until("PO-A .id 20001.  APPROVED")
        assert "all orders 3  pre-orders 3  back orders 0" in text
        assert "ordered 10  received 0  allocated 10  ATP 0" in text
        row = hand.row(SKU)
        assert row.split()[:8] == [">", "1", SKU, "10", "0", "10", "0", "2027-06-01"]


async def test_t1_allocate_sales_orders_serves_the_oldest_first_and_reports_the_rest(
    waiting: Case,
) -> None:
    async with desk_on(waiting.service, detail()) as hand:
        await hand.press("l")
        await hand.until("Allocate sales orders to this item")
        assert "3 unallocated lines of this product wait for 12 units." in hand.text
        await hand.press("y", "a")
        await hand.until("selected 12 / ATP 10 in 3 lines: 2 beyond ATP")
        await hand.press("enter")
        await hand.until("Not done: .*2 of 4 units|Not done")
        await hand.press("y")
        await hand.until("done, 6 changes|done")
    assert waiting.allocated() == [4, 4, 2]
    assert waiting.promises() == [JUNE_1] * 3
    assert waiting.purchase(PO_A).available_to_promise == 0


async def test_t2_units_of_a_second_purchase_order_move_the_promise(t1: Case) -> None:
    t1.book.purchase_order("20002", JUNE_15, [(SKU, 5)], external_id="PO-B")
    async with desk_on(t1.service, detail("PO-B")) as hand:
        await hand.press("l", "y")
        await hand.until("Cleo .* 2 .* 2027-06-01 2027-06-15")
        await hand.press("enter", "y")
        await hand.until("allocated 2  ATP 3")
    assert t1.allocated() == [4, 4, 4]
    assert t1.promises() == [JUNE_1, JUNE_1, JUNE_15]


async def test_allocate_only_the_ticked(waiting: Case) -> None:
    async with desk_on(waiting.service, detail()) as hand:
        # Everything at once: l, yes, down to the second, tick it, go on, apply.
        await hand.press("l", "y", "down", "space", "enter", "y")
        await hand.until("done")
    assert waiting.allocated() == [0, 4, 0]


async def test_t4_edit_arrival_leaves_promises_and_marks_the_line(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("e", *"20270620", "enter", "y")
        await hand.until("sync 3")
        assert "2027-06-20" in hand.row(SKU)
        assert t1.promises() == [JUNE_1] * 3
        assert t1.purchase(PO_A).out_of_sync_items == 3
        # Each of its sales order lines says so too, until it is synced.
        await hand.press("v", "enter")
        await hand.until("10001 .*Approved")
        assert "promise before arrival, out of sync · Units: 4 from PO-A" in hand.text
        await hand.press("b", "y", "y", "enter", "y", "enter")
        await hand.until("10001 .*Approved")
        assert "out of sync" not in hand.text
    assert t1.promises() == [JUNE_20] * 3


async def test_t5_sync_changes_exactly_the_ticked(t1: Case) -> None:
    t1.service.apply(t1.service.plan_arrival_date(PO_A, JUNE_20))
    before = t1.date_rows()
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("y")
        await hand.until("3 sales order lines would be promised another date")
        await hand.press("y")
        await hand.until("3 ticked: 3 get later, 0 earlier, 0 slip by more than 30 days")
        assert "+19" in hand.row("Ben")
        await hand.press("down", "space", "enter")
        await hand.until("2 changes on 2 lines")
        await hand.press("y")
        await hand.until("sync 1")
    assert t1.promises() == [JUNE_20, JUNE_1, JUNE_20]
    assert [b - a for a, b in zip(before, t1.date_rows(), strict=True)] == [1, 0, 1]


async def test_sync_marks_long_slips_and_the_guard_holds(t1: Case) -> None:
    t1.service.apply(t1.service.plan_arrival_date(PO_A, date(2027, 8, 1)))
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("y", "y")
        await hand.until("3 slip by more than 30 days")
        assert "!30d" in hand.row("Ana")
        await hand.press("o", "o", "enter")
        await hand.until("Nothing will change.* 3 not done")
        await hand.press("escape")
        await hand.press("y", "y", "o", "enter")
        await hand.until("3 changes on 3 lines")
        assert "3 warnings" in hand.text
        await hand.press("n")
        await hand.until("Nothing was changed")
    assert t1.promises() == [JUNE_1] * 3


async def test_a_plan_that_somebody_overtook_is_made_again(t1: Case) -> None:
    t1.service.apply(t1.service.plan_arrival_date(PO_A, JUNE_20))
    other = Service(t1.service.engine, Actor("bob", "command"), t1.service.clock)
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("y", "y", "enter")
        await hand.until("3 changes on 3 lines")
        other.apply(other.plan_deallocate(SO3))
        await hand.press("y")
        await hand.until("Somebody else changed this meanwhile")
        assert "bob" in hand.text
        assert t1.promises() == [JUNE_1] * 3
        await hand.press("n")
        await hand.until("Nothing was changed")
        # What bob did is seen, and what is left can be done.
        await hand.until("allocated 8  ATP 2")
        await hand.press("y", "y", "enter", "y")
        await hand.until("done")
    assert t1.promises() == [JUNE_20, JUNE_20, JUNE_1]


async def test_sync_says_when_there_is_nothing_to_do(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("y")
        assert hand.sentence == "No change: 3 in sync."
        # What was typed for dialogs that did not come reaches nothing else.
        await hand.press("y", "y", "enter", "y", "x", "a", "x", "y")
        assert hand.sentence == "No change: 3 in sync."
        await hand.press("l", "y", "a", "enter", "y")
        assert hand.sentence == "PO-A/00001 has no units left to promise; 1 line waits for 2 units."
        assert isinstance(hand.app.screen, PurchaseOrderDetail)
        t1.service.apply(t1.service.plan_complete_purchase_order("PO-A"))
        await hand.press("r")
        await hand.press("R", "5", "enter", "y", "x", "a", "x", "y")
        assert "can only be looked at" in hand.sentence
        assert isinstance(hand.app.screen, PurchaseOrderDetail)
    assert t1.allocated() == [4, 4, 2]


async def test_t6_quantity_below_allocated_asks_and_shows_who_loses(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("n", "7")
        assert "7<10" in hand.row(SKU)
        await hand.press("ctrl+s")
        await hand.until("10 are allocated")
        assert "Cleo" in hand.row("10003/00001 loses 2 units")
        assert "Ben" in hand.row("10002/00001 loses 1 unit")
        await hand.press("1")
        await hand.until("Nothing was changed. The typed quantities are still there.")
        assert t1.allocated() == [4, 4, 2]
        await hand.press("ctrl+s", "2")
        await hand.until("3 changes on 3 lines")
        await hand.press("y")
        await hand.until("allocated 7  ATP 0")
        assert "<" not in hand.row(SKU)
    assert t1.allocated() == [4, 3, 0]


async def test_quantities_of_several_rows_are_saved_once(t1: Case) -> None:
    t1.book.purchase_order("20009", JUNE_1, [("AA-1", 5), ("BB-1", 6), ("CC-1", 7)])
    async with desk_on(t1.service, detail("20009")) as hand:
        await hand.press("n", "1", "2", "enter", "down", "8", "backspace", "9", "ctrl+s")
        await hand.until("2 changes on 2 lines")
        await hand.press("y")
        await hand.until("ordered 27")
        assert [row.quantity for row in t1.service.purchase_order("20009").items] == [12, 6, 9]
        assert len(t1.service.change_sets()) == 2
        await hand.press("u", "y")
        await hand.until("ordered 18")


async def test_typed_quantities_are_not_lost(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("n", "1", "2", "x")
        assert hand.sentence.startswith("Type digits")
        await hand.press("escape")
        assert "12<10" in hand.row(SKU)
        assert hand.sentence.startswith("1 typed quantity is not saved yet")
        await hand.press("q")
        await hand.until("Leave the desk")
        await hand.press("n", "ctrl+s", "y")
        await hand.until("ordered 12")


async def test_t7_cancel_the_order_frees_its_lines_and_makes_it_read_only(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("C")
        await hand.until("Cancel what")
        await hand.press("o", "y")
        await hand.until("CANCELLED")
        for key in ("l", "e", "n", "R", "E", "C", "D", "A"):
            await hand.press(key)
            assert hand.sentence == (
                "PO-A can only be looked at: the purchase order is cancelled."
            ), key
    assert t1.allocated() == [0, 0, 0]
    assert t1.promises() == [JUNE_1] * 3


async def test_a_cancelled_item_is_read_only_and_the_rest_is_not(t1: Case) -> None:
    first, _ = t1.book.purchase_order("20009", JUNE_1, [("AA-1", 5), ("BB-1", 6)])
    async with desk_on(t1.service, detail("20009", first)) as hand:
        await hand.press("C", "i", "y")
        await hand.until("Cancelled")
        await hand.press("e")
        assert "20009/00001 can only be looked at" in hand.sentence
        await hand.press("down", "D", "i", "y")
        await hand.until("COMPLETED|CANCELLED")


async def test_t8_reallocate_to_an_earlier_purchase_order(t1: Case) -> None:
    t1.book.purchase_order(PO_C.order_id, MAY_20, [(SKU, 6)], external_id="PO-C")
    async with desk_on(t1.service, detail("PO-C")) as hand:
        await hand.press("E")
        await hand.until("Move 6 units to the earlier PO-C")
        await hand.press("y")
        await hand.until("allocated 6  ATP 0")
        await hand.press("t")
        await hand.until("Communication events")
        assert "moved from" in hand.text
        await hand.press("escape")
    assert t1.promises() == [MAY_20, JUNE_1, JUNE_1]
    assert t1.purchase(PO_A).available_to_promise == 6


async def test_receive_units_and_complete(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("R", "4", "enter", "y")
        await hand.until("received 4")
        await hand.press("R", "enter", "y")
        await hand.until("COMPLETED")


async def test_add_item_with_look_up_and_calendar(t1: Case) -> None:
    t1.book.product("ZZ-9", name="Zebra")
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("A", *"zeb", "f4")
        await hand.until("Which product")
        await hand.press("enter", "3", "enter", "f4")
        await hand.until("Arrival date")
        await hand.press(*"20270701", "enter", "enter")
        await hand.until("Add 3 units of ZZ-9")
        await hand.press("y")
        await hand.until("ordered 13")
        assert "2027-07-01" in hand.row("ZZ-9")


async def test_add_item_says_what_does_not_fit_and_keeps_it(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("A", "ctrl+s")
        await hand.until("Which product")
        await hand.press(*"NO-SUCH", "enter", *"x", "ctrl+s")
        await hand.until("'x' is not a number")
        assert "NO-SUCH" in hand.text
        await hand.press("2", "ctrl+s")
        await hand.until("there is no product 'NO-SUCH'")


async def test_history_of_a_line(t1: Case) -> None:
    t1.service.apply(t1.service.plan_arrival_date(PO_A, JUNE_20))
    async with desk_on(t1.service, detail()) as hand:
        await hand.press("h")
        await hand.until("Order item change history")
        assert "2027-06-20" in hand.text
        await hand.press("escape")
        await hand.until("PO-A .id 20001")


async def test_a_page_that_could_not_be_read_can_be_left(t1: Case) -> None:
    async with desk_on(t1.service, detail()) as hand:
        for page in (PurchaseOrderDetail("no-such"), ReviewAllocations(LineId("20001", "00009"))):
            hand.app.start_flow(hand.app.open_page(page))
            await hand.until("there is no |has no item")
            await hand.press("v", "l")
            assert "not read yet" in hand.sentence
            await hand.press("f1", "escape", "b")
            await hand.until("PO-A .id 20001")
