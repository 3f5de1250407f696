"""The sales side by keys alone: the seed workflows, removing, dates, cancelling, history, undo."""

from __future__ import annotations

from datetime import date

from preorder_tui.actor import Actor
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from tests.screens.procurement_desk import WIDE, desk_on, open_order
from tests.screens.sales_book import EARLY, LATER, engine, line, service, units

__all__ = ["engine", "service"]


# --- The two seed workflows ---------------------------------------------------------------------


async def test_allocate_sales_order_items_from_the_hamburger_menu_on(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("f10")
        await hand.until("Hamburger Menu")
        await hand.press("s", "enter")
        await hand.until("5 orders")
        await hand.press("enter")
        await hand.until("Order +#10001")
        assert "unallocated" in hand.row("HJ-BLU-M")
        await hand.press("l")
        await hand.until("Allocate 10001/00001")
        # Eligible ones first by arrival, late ones after them, cancelled ones with the reason.
        rows = [text for text in hand.lines if "]  PO-" in text or " -   PO-" in text]
        assert [text.split("PO-")[1][0] for text in rows] == list("ABCD")
        assert "late" in hand.row("PO-C")
        assert " -  " in hand.row("PO-D")
        await hand.until("Quantity 3")
        await hand.press("enter")
        await hand.until("3 units to PO-A")
        assert "→ 3" in hand.row("Units from PO-A/00001"), "named as in the sentences"
        assert f"→ {EARLY}" in hand.row("Promise date")
        assert "ATP 3 → 0" in hand.text
        assert not units(service, "10001/1"), "nothing is written before the plan is confirmed"
        await hand.press("y")
        await hand.until("Allocate 10001/00001: 3 units to PO-A.*done")
        row = hand.row("HJ-BLU-M")
        assert "PO-A" in row
        assert str(EARLY) in row
        assert "~" in row, "a changed row is marked"
        assert row.startswith(">"), "the cursor is still on it"
        assert units(service, "10001/1") == {"PO-A": 3}
        await hand.press("h")
        await hand.until("Order item change history")
        assert "ana" in hand.row("3 from PO-A")
        await hand.press("b", "b")
        await hand.until("5 orders")
        assert "partly" in hand.row("Ada Love")
    assert not service.verify().violations


async def test_edit_promise_date_from_the_hamburger_menu_on(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("f10", "s", "enter", "down", "enter")
        await hand.until("Order +#10002")
        await hand.press("e")
        await hand.until("January 2027")
        assert ">15PA" in hand.text
        assert "T today   2026-11-25" in hand.text
        await hand.press("right", "enter")
        await hand.until("Promise 2027-01-16 for 10002/00001")
        await hand.press("y")
        await hand.until("Promise 2027-01-16.*done")
        assert line(service, "10002/1").promise_date == date(2027, 1, 16)
        assert line(service, "10002/2").promise_date == LATER, "only the selected line changes"
        await hand.press("h")
        await hand.until("Promise date")
        assert "2027-01-16" in hand.row(str(LATER))


# --- Removing, cancelling -----------------------------------------------------------------------


async def test_remove_allocation_keeps_the_promise_and_marks_it(service: Service) -> None:
    async with desk_on(service, size=WIDE) as hand:
        await open_order(hand, "10002")
        await hand.press("x")
        await hand.until("1 promise date stays as told to the customer")
        await hand.press("tab", *"wrong PO", "enter")
        await hand.until("Remove the allocation.*done")
        row = hand.row("HJ-BLU-M")
        assert "unallocated, no supply" in row
        assert line(service, "10002/1").promise_date == LATER
        assert service.history(line=parse_line("10002/1"))[0].comments == "wrong PO"


async def test_removing_one_of_two_allocations(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10001")
        await hand.press("L", "y")
        await hand.until("done, ")
        await hand.press("x")
        await hand.until("Remove which allocation")
        await hand.press("1")
        await hand.until("Remove the allocation of 3 units")
        await hand.press("y")
        await hand.until("Remove the allocation.*done")
        assert units(service, "10001/1") == {"PO-B": 1}


async def test_cancel_an_item_with_a_reason(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10002")
        await hand.press("C")
        await hand.until("Why is it cancelled")
        await hand.press("2")
        await hand.until("Cancel 10002/00001: ordered by mistake")
        await hand.press("y")
        await hand.until("Cancel 10002/00001.*done")
        assert "Cancelled" in hand.row("HJ-BLU-M")
        for key, sentence in (("l", "the line is cancelled"), ("e", "the line is cancelled")):
            await hand.press(key)
            assert sentence in hand.sentence
        assert service.history(line=parse_line("10002/1"))[0].reason == "Ordered by mistake"


async def test_lines_that_wait_in_no_queue_say_why(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10005")
        await hand.press("l")
        reason = "it is in Brokering, not in a presell queue"
        assert hand.sentence == f"10005/00001 cannot be allocated: {reason}."
        await hand.press("x")
        assert hand.sentence == "10005/00001 has no allocation."
        await hand.press("b")
        await open_order(hand, "10001")
        await hand.press("x")
        assert hand.sentence == "10001/00001 has no allocation."
        await hand.press("p")
        assert hand.sentence == "10001/00001 has no allocation."


# --- Dates --------------------------------------------------------------------------------------


async def test_dates_that_do_not_fit_are_kept_and_told_why(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10002")
        await hand.press("e", "enter")
        await hand.until("The promise date is 2027-01-15 already: nothing to save")
        for typed, sentence in (
            ("2026-02-30", "'2026-02-30' is not a date"),
            ("2026-11-24", "2026-11-24 is over: choose 2026-11-25 or later"),
            ("15.1.2027", "'15.1.2027' is not a date"),
            ("12", "'12' is not a date"),
        ):
            await hand.press("ctrl+u", *typed, "enter")
            await hand.until(sentence.replace(".", r"\."))
            assert f"Date {typed}" in hand.text
        await hand.press("escape")
        assert line(service, "10002/1").promise_date == LATER


async def test_the_calendar_moves_by_day_week_and_month(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10002")
        await hand.press("e")
        for key, day in (
            ("right", "2027-01-16"), ("down", "2027-01-23"), ("left", "2027-01-22"),
            ("up", "2027-01-15"), ("end", "2027-01-31"), ("pagedown", "2027-02-28"),
            ("home", "2027-02-01"), ("pageup", "2027-01-01"), ("t", "2026-11-25"),
        ):  # fmt: skip
            await hand.press(key)
            await hand.until(f"Date {day}")
        # Typing replaces the day shown; what is typed whole is shown in the month.
        await hand.press(*"20270305")
        await hand.until("March 2027")
        assert "> 5" in hand.text
        await hand.press("enter")
        await hand.until("Promise 2027-03-05")


async def test_a_promise_before_the_arrival_warns_and_is_marked(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10002")
        await hand.press("e", *"2027-01-10")
        await hand.until("5 days before arrival")
        await hand.press("enter")
        await hand.until("Warning: 2027-01-10 is before the supply arrives on 2027-01-15")
        await hand.press("y")
        await hand.until("Promise 2027-01-10.*done")
        assert "before arr" in hand.row("HJ-BLU-M")
        assert "promise before arrival" in hand.text


# --- History, jumping, undo ---------------------------------------------------------------------


async def test_history_of_the_order_and_back_to_the_line(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10002")
        await hand.press("down", "H")
        await hand.until("Nothing was changed yet")
        await hand.press("b")
        assert hand.row("TC-TAN-S").startswith(">")


async def test_jump_to_the_purchase_order_and_back_keeps_the_place(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10002")
        await hand.press("p")
        await hand.until("Purchase Orders . PO-B")
        await hand.press("b")
        await hand.until("Order +#10002")
        assert hand.row("HJ-BLU-M").startswith(">")
        await hand.press("down", "p")
        assert hand.sentence == "10002/00002 has no allocation."


async def test_enter_offers_what_one_can_do_and_why_not(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10001")
        await hand.press("enter")
        await hand.until("What to do with this item")
        await hand.press("x")
        await hand.until("10001/00001 has no allocation")
        await hand.press("l")
        await hand.until("Allocate 10001/00001")


async def test_undo_and_redo_are_plans_shown_first(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10001")
        await hand.press("l", "enter", "y")
        await hand.until("done, ")
        await hand.press("f7")
        await hand.until("Undo change set")
        assert "→ 0" in hand.row("Units from")
        assert units(service, "10001/1") == {"PO-A": 3}
        await hand.press("y")
        await hand.until("unallocated")
        assert not units(service, "10001/1")
        await hand.press("f8", "y")
        await hand.until("PO-A")
        assert units(service, "10001/1") == {"PO-A": 3}
        await hand.press("u", "n")
        assert "Nothing was changed" in hand.sentence
        assert units(service, "10001/1") == {"PO-A": 3}


async def test_change_sets_are_listed_and_taken_back(service: Service) -> None:
    first = service.apply(
        service.plan_allocate(parse_line("10001/1"), [(parse_line("20001/1"), 1)])
    ).change_set_id
    assert first is not None
    service.apply(service.plan_promise_date(parse_line("10003/1"), date(2026, 12, 24)))
    async with desk_on(service) as hand:
        await hand.press("f10", "c", "enter")
        await hand.until("Change sets")
        assert hand.lines[2].startswith(">"), hand.text
        await hand.press("down")
        await hand.until("> +1 ")
        await hand.press("enter")
        await hand.until(f"Change set {first}")
        assert "1 from PO-A" in hand.text
        await hand.press("b", "u")
        await hand.until(f"Undo change set {first}")
        await hand.press("y")
        await hand.until(f"undoes {first}")
        assert f"undone, {first + 2}" in hand.row(">"), "the cursor stays on its change set"
        assert not units(service, "10001/1")
        await hand.press("colon", *f"redo {first}", "enter")
        await hand.until("Redo")
        await hand.press("y")
        assert units(service, "10001/1") == {"PO-A": 1}


async def test_a_plan_gone_stale_is_made_again_in_one_key(service: Service) -> None:
    bob = Service(service.engine, Actor("bob", "desk"), service.clock)
    async with desk_on(service) as hand:
        await open_order(hand, "10001")
        await hand.press("l", "2", "enter")
        await hand.until("2 units to PO-A")
        bob.apply(bob.plan_promise_date(parse_line("10001/1"), date(2026, 12, 24)))
        await hand.press("y")
        await hand.until("Somebody else changed this meanwhile")
        assert "bob" in hand.text
        assert not units(service, "10001/1"), "nothing was written"
        await hand.press("y")
        await hand.until("2026-12-24 +→ 2026-12-10")
        await hand.press("y")
        await hand.until("2 units to PO-A.*done")
        assert units(service, "10001/1") == {"PO-A": 2}


async def test_a_plan_gone_stale_can_be_left(service: Service) -> None:
    bob = Service(service.engine, Actor("bob", "desk"), service.clock)
    async with desk_on(service) as hand:
        await open_order(hand, "10001")
        await hand.press("l", "enter")
        await hand.until("3 units to PO-A")
        bob.apply(bob.plan_allocate(parse_line("10003/1"), [(parse_line("20001/1"), 1)]))
        await hand.press("y", "y")
        await hand.until("Somebody else changed this meanwhile")
        await hand.press("escape")
        await hand.until("Nothing was changed")
        assert not units(service, "10001/1")
