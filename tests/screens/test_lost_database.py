"""The database goes away in the middle of things, and comes back: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import Engine

from data import transaction
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import Uncertain, Unreachable
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from screens.find_page import FindPage
from screens.view_sales_order import ViewSalesOrder
from tests.conftest import TODAY
from tests.screens.procurement_desk import desk_on
from tests.screens.sales_book import engine, fill, line, units
from tests.screens.test_watching import look
from tests.screens.typing_ahead import settled

__all__ = ["engine"]
GONE = "the server does not answer"
LINE_1 = parse_line("10001/1")


class Plug(Service):
    """A service whose line to the database can be pulled out.

    ``down``: nothing gets through. ``cut``: the next commit is made, but its answer does not
    arrive; ``cut_before``: it is not made either.
    """

    down = False
    cut = False
    cut_before = False

    def _run(self, run: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        if self.down:
            raise Unreachable(GONE)
        if run is not transaction.write or not (self.cut or self.cut_before):
            return super()._run(run, *arguments, **options)
        if self.cut:
            super()._run(run, *arguments, **options)
        self.down = True
        self.cut = self.cut_before = False
        raise Uncertain("the line dropped while the change was being committed")


@pytest.fixture
def plug(engine: Engine) -> Plug:
    """The small book behind a plug."""
    clock = Clock(UTC, TODAY)
    fill(engine, clock)
    return Plug(engine, Actor("ana", "desk"), clock)


async def test_a_list_goes_on_where_it_was(plug: Plug) -> None:
    async with desk_on(plug) as hand:
        await hand.press("i", "down", "down")
        row = hand.row(">")
        plug.down = True
        await look(hand)
        assert hand.sentence.startswith("No database since"), hand.sentence
        assert GONE in hand.sentence
        await look(hand)
        await hand.press("down", "up")
        assert hand.row(">") == row
        await hand.press("f5")
        assert GONE in hand.text
        assert hand.row(">") == row, "what was read stays on the screen"
        plug.down = False
        await look(hand)
        await settled(hand.app)
        assert "The database is back" in hand.sentence
        page = hand.app.screen
        assert isinstance(page, FindPage)
        assert not page.found.could_not_be_read
        assert hand.row(">") == row


async def test_a_page_that_could_not_be_read_is_read_when_it_is_back(plug: Plug) -> None:
    async with desk_on(plug) as hand:
        plug.down = True
        await hand.press("enter")
        assert GONE in hand.text
        await look(hand)
        plug.down = False
        await look(hand)
        await hand.until("Ada Lovelace")
        assert isinstance(hand.app.screen, ViewSalesOrder)


async def test_what_was_picked_survives_a_lost_database(plug: Plug) -> None:
    async with desk_on(plug, lambda: ViewSalesOrder("10001")) as hand:
        await hand.press("l", "2")
        plug.down = True
        await hand.press("enter")
        await hand.until("The database does not answer")
        await hand.press("enter")
        await hand.until("The database does not answer")
        plug.down = False
        await hand.press("enter")
        await hand.until("2 units to PO-A")
        plug.down = True
        await hand.press("tab", *"why", "enter")
        await hand.until("Try again")
        assert GONE in hand.text
        plug.down = False
        await hand.press("y")
        await hand.until("2 units to PO-A.*done")
        assert units(plug, "10001/1") == {"PO-A": 2}
        (change_set,) = plug.change_sets()
        assert change_set.comments == "why"


async def test_esc_brings_back_what_was_picked(plug: Plug) -> None:
    async with desk_on(plug, lambda: ViewSalesOrder("10001")) as hand:
        await hand.press("l", "2")
        plug.down = True
        await hand.press("enter")
        await hand.until("The database does not answer")
        await hand.press("escape")
        await hand.until(GONE)
        plug.down = False
        await hand.press("enter")
        await hand.until("2 units to PO-A")
        await hand.press("n")
        assert hand.sentence == "Nothing was changed."
        assert len(hand.app.screen_stack) == 2, "nothing stays behind"


async def test_a_commit_that_was_not_answered_is_not_made_twice(plug: Plug) -> None:
    async with desk_on(plug, lambda: ViewSalesOrder("10001")) as hand:
        await hand.press("l", "2", "enter")
        plug.cut = True
        await hand.press("y")
        await hand.until("journal first")
        await hand.press("y")
        await hand.until("journal first")
        plug.down = False
        await hand.press("y")
        await hand.until("2 units to PO-A.*done")
        assert len(plug.change_sets()) == 1
        assert units(plug, "10001/1") == {"PO-A": 2}
        await look(hand)
        assert "elsewhere" not in hand.sentence


async def test_a_commit_that_did_not_arrive_is_made_now(plug: Plug) -> None:
    async with desk_on(plug, lambda: ViewSalesOrder("10001")) as hand:
        await hand.press("l", "2", "enter")
        plug.cut_before = True
        await hand.press("y")
        await hand.until("journal first")
        assert not plug.cut_before
        plug.down = False
        assert not plug.change_sets()
        await hand.press("y")
        await hand.until("2 units to PO-A.*done")
        assert len(plug.change_sets()) == 1


async def test_leaving_an_unknown_commit_says_so(plug: Plug) -> None:
    async with desk_on(plug, lambda: ViewSalesOrder("10001")) as hand:
        await hand.press("l", "2", "enter")
        plug.cut = True
        await hand.press("y")
        await hand.until("journal first")
        await hand.press("n")
        assert "not known" in hand.sentence


async def test_a_refused_date_comes_back_as_it_was_typed(plug: Plug) -> None:
    ben = Service(plug.engine, Actor("ben", "desk"), plug.clock)
    async with desk_on(plug, lambda: ViewSalesOrder("10001")) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        ben.apply(ben.plan_cancel_item(LINE_1, "OICR_CHANGE_MIND"))
        await hand.press("enter")
        await hand.until("is cancelled")
        assert "2027-03-31" in hand.text, "what was typed is there"
        await hand.press("escape")
        assert hand.sentence == "Nothing was changed."
        assert line(plug, "10001/1").promise_date is None


async def test_ticks_survive_a_refusal(plug: Plug) -> None:
    ben = Service(plug.engine, Actor("ben", "desk"), plug.clock)
    async with desk_on(plug, lambda: ViewSalesOrder("10001")) as hand:
        await hand.press("l", "down", "3")
        ben.apply(ben.plan_cancel_purchase_line(parse_line("20002/1")))
        await hand.press("enter")
        await hand.until("Allocate 10001/00001")
        before = hand.text
        assert "cancelled" in before.lower()
        await hand.press("escape")
        assert not units(plug, "10001/1")


async def test_the_same_plan_on_fresh_data_shows_what_differs(plug: Plug) -> None:
    ben = Service(plug.engine, Actor("ben", "desk"), plug.clock)
    async with desk_on(plug, lambda: ViewSalesOrder("10001")) as hand:
        await look(hand)
        await hand.press("l", "2", "enter")
        await hand.until("2 units to PO-A")
        number = ben.apply(ben.plan_promise_date(LINE_1, date(2027, 2, 1))).change_set_id
        await look(hand)
        await hand.until("ben changed 10001/00001 meanwhile: F5/r makes the plan again")
        await hand.press("y")
        await hand.until("Somebody else changed this meanwhile")
        assert "by ben at" in hand.text
        await hand.press("y")
        await hand.until("Made again on fresh data: 1 row other")
        assert any(" ~ " in row for row in hand.lines)
        await hand.press("y")
        await hand.until("done")
        assert units(plug, "10001/1") == {"PO-A": 2}
        assert number == 1


async def test_f5_makes_the_plan_again(plug: Plug) -> None:
    ben = Service(plug.engine, Actor("ben", "desk"), plug.clock)
    async with desk_on(plug, lambda: ViewSalesOrder("10001")) as hand:
        await hand.press("l", "2", "enter")
        ben.apply(ben.plan_promise_date(LINE_1, date(2027, 2, 1)))
        await hand.press("tab", *"because", "f5")
        await hand.until("Made again on fresh data")
        assert "because" in hand.text
        await hand.press("f5")
        await hand.until("the same rows as before")


async def test_the_pick_list_follows(plug: Plug) -> None:
    ben = Service(plug.engine, Actor("ben", "desk"), plug.clock)
    async with desk_on(plug, lambda: ViewSalesOrder("10001")) as hand:
        await look(hand)
        await hand.press("l", "space", "4")
        ben.apply(ben.plan_allocate(parse_line("10003/1"), [(parse_line("20001/1"), 1)]))
        await look(hand)
        row = hand.row("PO-A")
        assert row.lstrip(" │|").startswith(">[x]~"), hand.text
        assert "ben changed" in hand.text
        field = hand.row("Quantity")
        assert "4" in field, "what was typed stays"
        await hand.press("enter")
        await hand.until("PO-A has 2 units left")
