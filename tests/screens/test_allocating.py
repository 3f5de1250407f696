"""Allocating and moving by keys: eligible and late supply, spreading, quantities, whole orders."""

from __future__ import annotations

from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from tests.screens.procurement_desk import desk_on, open_order
from tests.screens.sales_book import LATER, engine, line, service, units

__all__ = ["engine", "service"]


async def test_a_line_is_spread_over_two_purchase_orders(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10001")
        await hand.press("l")
        await hand.until("Allocate 10001/00001")
        await hand.press("space", "down", "space")
        await hand.until("3 from PO-A . 1 from PO-B: 4 of 4 units open")
        await hand.press("enter")
        await hand.until("3 units to PO-A/00001, 1 unit to PO-B/00001")
        await hand.press("enter")
        await hand.until("Done, 3 changes on 1 line: Allocate 10001/00001")
        assert units(service, "10001/1") == {"PO-A": 3, "PO-B": 1}
        assert line(service, "10001/1").promise_date == LATER, "the latest arrival (R-23)"
        assert "2 POs" in hand.row("HJ-BLU-M")


async def test_an_allocated_line_moves_and_says_so(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10002")
        await hand.press("l")
        await hand.until("Choosing a purchase order moves the allocation")
        await hand.press("down", "enter")
        await hand.until("all units come from it already")
        await hand.press("up")
        await hand.until("Quantity 2")
        await hand.press("enter")
        await hand.until("Move 2 units of 10002/00001 to PO-A")
        await hand.press("y")
        await hand.until("Move 2 units.*done")
        assert units(service, "10002/1") == {"PO-A": 2}


async def test_a_quantity_that_does_not_fit_is_kept_and_told_why(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10001")
        await hand.press("l", "tab")
        await hand.until("Quantity 3")
        for typed, sentence in (
            ("0", "0 is too few: give 1 or more"),
            ("-1", "-1 is too few"),
            ("1.5", "'1.5' is not a whole number"),
            ("4", "4 is too many: PO-A has 3 units left"),
            ("x", "'x' is not a number"),
            ("99999999999", "more than there can be"),
        ):
            await hand.press("ctrl+u", *typed, "enter")
            await hand.until(sentence)
            assert f"Quantity {typed}" in hand.text, "what was typed is still there"
        await hand.press("ctrl+u", "enter")
        await hand.until("How many units")
        await hand.press("escape", "escape")
        await hand.until("Nothing was changed")
        assert not units(service, "10001/1")


async def test_a_digit_begins_the_quantity_and_tab_replaces_it(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10001")
        await hand.press("l", "2")
        await hand.until("Quantity 2")
        await hand.press("1")
        await hand.until("Quantity 21")
        await hand.press("escape", "tab", "1")
        await hand.until("Quantity 1 ")
        await hand.press("enter")
        await hand.until("1 unit to PO-A")


async def test_moving_begins_at_the_first_order_it_can_move_to(service: Service) -> None:
    service.apply(service.plan_allocate(parse_line("10003/1"), [(parse_line("20001/1"), 1)]))
    async with desk_on(service) as hand:
        await open_order(hand, "10003")
        await hand.press("l")
        await hand.until("Move 10003/00001")
        assert "PO-B" in hand.row(">")
        await hand.press("enter")
        await hand.until("Move 1 unit of 10003/00001 to PO-B")


async def test_a_purchase_order_that_is_not_eligible_cannot_be_picked(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10001")
        await hand.press("l", "end", "enter")
        await hand.until("the purchase order is cancelled")
        await hand.press("space")
        assert "[x]" not in hand.text


async def test_a_late_purchase_order_warns(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10001")
        await hand.press("l", "down", "down")
        await hand.until("PO-C: late")
        await hand.press("enter")
        await hand.until("Warning: PO-C/00001 is late")
        await hand.press("y")
        await hand.until("done, ")
        assert units(service, "10001/1") == {"PO-C": 4}


async def test_all_open_lines_of_an_order(service: Service) -> None:
    async with desk_on(service) as hand:
        await open_order(hand, "10002")
        await hand.press("L")
        await hand.until("Not done: 10002/00002: 1 unit not allocated, no eligible supply")
        assert "Nothing will change" in hand.text
        await hand.press("enter")
        await hand.until("Nothing was changed")
        await hand.press("b")
        await open_order(hand, "10001")
        await hand.press("L", "y")
        await hand.until("done, ")
        assert units(service, "10001/1") == {"PO-A": 3, "PO-B": 1}
