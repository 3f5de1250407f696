"""What is typed and not applied is kept when the desk ends, offered at the next start, put back."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, closing
from datetime import UTC, date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Engine, select, update
from textual.widget import Widget

from data.engine import BUSY_TIMEOUT_SECONDS
from data.tables import desk_session, kept_input
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.desk_options import DeskOptions
from preorder_tui.lines import LineId, parse_line
from preorder_tui.policy_names import DEFAULT, NAMES
from preorder_tui.service import Service
from screens import keeper as keeping
from screens.app import DeskApp
from screens.auto_allocate import AutoAllocate
from screens.dialogs.ask_text import AskText
from screens.dialogs.list_box import ListBox, field
from screens.dialogs.what_was_left import WhatWasLeft
from screens.find_page import FindPage
from screens.find_purchase_orders import FindPurchaseOrders
from screens.kept_drafts import KeptDrafts
from screens.line_columns import Column
from screens.line_list import LineList
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.remove_allocations import RemoveAllocations
from screens.text_field import TextField
from screens.view_sales_order import ViewSalesOrder
from tests.conftest import TODAY
from tests.screens.procurement_desk import Hand
from tests.screens.sales_book import engine, fill, line, service, units
from tests.screens.test_lost_database import Plug
from tests.screens.typing_ahead import settled, until

__all__ = ["engine", "service"]
HANG_UP, TERMINATE, KILL = 129, 143, 0
PO_LINE = LineId("20001", "00001")


@asynccontextmanager
async def desk(
    service: Service, landing: Callable[[], Any] | None = None, *, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Hand]:
    """A desk that keeps what is typed, and at its end waits until it is kept."""
    options = DeskOptions("sqlite:///book.db", "ana", keep_input=True)
    app = DeskApp(options, lambda _: service, landing=landing)
    with patch.multiple(keeping, AT_THE_END=60.0, NOBODY_WAITS=60.0):
        async with app.run_test(size=size):
            hand = Hand(app)
            await until(lambda: app.opened and app.desk_pages())
            await settled(app)
            await until(lambda: app.keeper is not None and app.keeper._session is not None)
            await settled(app)
            yield hand
            if app.keeper is not None and not app.keeper._ended:
                die(hand)


def die(hand: Hand) -> None:
    """End the desk without its saying anything, as kill -9 does."""
    assert hand.app.keeper is not None
    hand.app.keeper._ended = True


def kill_all(engine: Engine) -> None:
    """The desks that are said to be open were run by a process that is not there."""
    with engine.begin() as connection:
        connection.execute(update(desk_session).values(PROCESS="999999999, start 1"))


def kept(service: Service) -> list[tuple[str, str]]:
    """Titles and words of what is kept."""
    return [(one.draft.title, one.draft.typed) for one in service.kept_drafts()]


async def look(hand: Hand) -> None:
    """Look now, and wait until it is written."""
    keeper = hand.app.keeper
    assert keeper is not None
    keeper.look_now()
    await until(lambda: keeper._thread is None)


async def hang_up(hand: Hand, status: int = HANG_UP) -> None:
    """End the desk as a signal does."""
    hand.app.exit(return_code=status)


def order(number: int = 10001) -> Callable[[], Any]:
    return lambda: ViewSalesOrder(str(number))


async def test_a_date_typed_when_the_line_drops(service: Service) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hang_up(hand)
    ((title, typed),) = kept(service)
    assert title.startswith("Promise date of 10001/00001"), title
    assert typed == "typed 2027-03-31"
    assert line(service, "10001/1").promise_date is None
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        assert "the line dropped" in hand.text
        assert "Promise date of 10001/00001" in hand.text
        await hand.press("enter")
        await hand.until("Promise date of 10001/00001.*")
        await until(lambda: "2027-03-31" in hand.row("Date"))
        assert isinstance(hand.app.desk_pages()[-1], ViewSalesOrder)
        assert line(service, "10001/1").promise_date is None, "nothing is applied by itself"
        await hand.press("enter")
        await hand.until("1 change on 1 line")
        await hand.press("y")
        await hand.until("2027-03-31.*done|done")
        assert line(service, "10001/1").promise_date == date(2027, 3, 31)
        await until(lambda: not kept(service))
        assert len(service.change_sets()) == 1


async def test_nothing_typed_is_nothing_kept(service: Service, engine: Engine) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await look(hand)
        await hand.press("escape", "l")
        await hang_up(hand)
    assert kept(service) == []
    with engine.connect() as connection:
        assert connection.execute(select(kept_input.c.KEPT_INPUT_ID)).all() == []


async def test_a_kill_takes_no_more_than_the_last_moments(service: Service, engine: Engine) -> None:
    """What was written after the last key is there; the rest of the desk says how it ended."""
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await until(lambda: [typed for _, typed in kept(service)] == ["typed 2027-03-31"])
        die(hand)
    kill_all(engine)
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        said = " ".join(hand.text.replace("│", " ").split())
        assert "was killed; it had changed nothing." in said, said
        assert "the desk was killed while you were at: Promise date of 10001/00001" in said, said
        assert "(typed 2027-03-31)" in said
        await hand.press("enter")
        await until(lambda: "2027-03-31" in hand.row("Date"))
        await hand.press("escape")
        assert hand.sentence == "Nothing was changed."
        await until(lambda: not kept(service))
        assert not service.change_sets()


async def test_left_for_later_then_thrown_away(service: Service) -> None:
    async with desk(service, order()) as hand:
        await hand.press("l", "space", "down", "space")
        await hand.press(*"3")
        await hang_up(hand, TERMINATE)
    async with desk(service) as hand:
        await hand.until("the desk was told to end")
        await hand.press("escape")
        assert hand.sentence == "Left for later: 1 kept draft, under F10/m, Workflow, Kept drafts."
        await hand.press("f3")
    async with desk(service) as hand:
        await hand.until("1 kept draft: F10/m, Workflow, Kept drafts")
        assert not isinstance(hand.app.screen, WhatWasLeft), "asked once"
        await hand.press("f10", *"kept", "enter")
        await hand.until("Allocate 10001/00001")
        assert isinstance(hand.app.screen, KeptDrafts)
        assert "typed 3, 2 ticked" in hand.text
        await hand.press("d")
        await hand.until("Nothing is kept")
        assert kept(service) == []
        await hand.press("d")
        assert hand.sentence == "There is no draft here."


async def test_ticks_units_and_all_in_the_pick_list(service: Service) -> None:
    async with desk(service, order()) as hand:
        await hand.press("l", "space", "down", "space", *"3")
        await hang_up(hand)
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        await hand.until("Allocate 10001/00001")
        await until(lambda: hand.text.count("[x]") == 2)
        assert "3" in hand.row("Quantity")
        await hand.press("enter")
        await hand.until("3 units to PO-A")
        await hand.press("y")
        await hand.until("done")
        assert units(service, "10001/1") == {"PO-A": 3}
        await until(lambda: not kept(service))


async def test_a_plan_that_was_shown_is_made_anew(service: Service) -> None:
    """Through the dialogs before it, with what was typed as its reason."""
    async with desk(service, order()) as hand:
        await hand.press("C", "enter")
        await hand.until("Why")
        await hand.press("tab", *"rang up")
        await hang_up(hand)
    ((title, typed),) = kept(service)
    assert title.startswith("Cancel 10001/00001")
    assert typed.endswith("typed rang up")
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        await until(lambda: "rang up" in hand.row("Why"))
        assert line(service, "10001/1").editable
        await hand.press("enter")
        await hand.until("Done, ")
        assert not line(service, "10001/1").editable
        (change_set,) = service.change_sets()
        assert change_set.comments == "rang up"
        await until(lambda: not kept(service))


async def test_a_refusal_meanwhile_is_said_where_it_was_typed(service: Service) -> None:
    ben = Service(service.engine, Actor("ben", "desk"), service.clock)
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hang_up(hand)
    ben.apply(ben.plan_cancel_item(parse_line("10001/1"), "OICR_CHANGE_MIND"))
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        await hand.until("10001/00001 can only be looked at")
        assert kept(service), "it stays until the person throws it away"


async def test_an_order_that_has_gone(service: Service, engine: Engine) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hang_up(hand)
    with engine.begin() as connection:
        text = connection.execute(select(kept_input.c.INPUT)).scalar_one()
        connection.execute(update(kept_input).values(INPUT=text.replace("10001", "99999")))
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        await hand.until("Order 99999 is not there any more")
        assert kept(service)


async def test_quantities_typed_in_the_rows(service: Service) -> None:
    async with desk(service, lambda: PurchaseOrderDetail("20001")) as hand:
        await hand.press("n", "7")
        await hang_up(hand)
    ((title, typed),) = kept(service)
    assert title.endswith("PO-A")
    assert typed == "20001/00001 to 7"
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        await hand.until("7<3")
        await hand.press("ctrl+s")
        await hand.until("1 change on 1 line")
        await hand.press("y")
        await hand.until("done")
        await until(lambda: not kept(service))


async def test_ticked_rows_of_a_page(service: Service) -> None:
    service.apply(service.plan_allocate(parse_line("10001/1"), [(parse_line("20001/1"), 2)]))
    async with desk(service, lambda: RemoveAllocations(PO_LINE)) as hand:
        await hand.press("space")
        await hang_up(hand)
    async with desk(service) as hand:
        await hand.until("1 ticked")
        await hand.press("enter")
        await hand.until(r"Ticked 1 of 1")


async def test_filters_and_a_search_being_typed(service: Service) -> None:
    async with desk(service, FindPurchaseOrders) as hand:
        hand.app.desk_pages()[-1].entry = None
    async with desk(service) as hand:
        await hand.press("1", "slash", *"ada")
        await hang_up(hand)
    ((title, typed),) = kept(service)
    assert title == "Order Management > Sales Orders"
    assert '"ada"' in typed
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        await hand.until('"ada"')
        page = hand.app.screen
        assert isinstance(page, FindPage)
        assert page.search_text == "ada"
        assert "10001" in hand.row(">")
        await hand.press("slash", "escape", "0")
        await look(hand)
        assert kept(service) == []


async def test_how_a_list_is_sorted_is_no_draft(service: Service) -> None:
    async with desk(service) as hand:
        await hand.press("s", "i")
        await hang_up(hand)
    assert kept(service) == []


async def test_the_filter_form(service: Service) -> None:
    async with desk(service) as hand:
        await hand.press("f", "space", "down", "space")
        await hand.press("escape")
        await hand.press("f", "space")
        before = [row for row in hand.lines if ">" in row][:1]
        await hang_up(hand)
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        await hand.until("Filters of Find Sales Order")
        await until(lambda: [row for row in hand.lines if ">" in row][:1] == before)


async def test_a_new_item(service: Service) -> None:
    async with desk(service, lambda: PurchaseOrderDetail("20001")) as hand:
        await hand.press("A", *"TC-TAN-S", "enter", *"12", "enter")
        await hang_up(hand)
    async with desk(service) as hand:
        await hand.until("Add item to PO-A")
        await hand.press("enter")
        await until(lambda: "12" in hand.row("Quantity"))
        assert "TC-TAN-S" in hand.row("looks up")
        assert hand.app.focused is not None
        assert hand.app.focused.id == "arrival", "where it was left"
        await hand.press("enter")
        await hand.until("Add")


class OneOfItsOwn(ListBox[str]):
    """A dialog that does nothing to be kept: a field and ticks, without names of their own."""

    def body(self) -> Iterable[Widget]:
        yield LineList([Column("", str, 5)], row_id=lambda row: row, rows=["a", "b"], ticks=True)
        yield from field("Text", TextField())


async def test_any_dialog_is_kept(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(page: Any) -> None:
        await page.ask(OneOfItsOwn("Its own"))

    monkeypatch.setattr(ViewSalesOrder, "do_timeline", ask, raising=False)
    monkeypatch.setattr(ViewSalesOrder, "do_history", ask)
    async with desk(service, order()) as hand:
        await hand.press("h", "down", "space", "tab", *"xyz")
        await hang_up(hand)
    assert kept(service) == [("Its own", "typed xyz, 1 ticked")]
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        await hand.until("Its own")
        await until(lambda: "xyz" in hand.row("Text"))
        (ticked,) = [row for row in hand.lines if "[x]" in row]
        assert " b " in ticked


async def test_a_flow_that_has_changed_something_keeps_nothing_more(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going its way again would change it again."""

    async def change_and_ask(page: Any) -> None:
        name = await page.ask(AskText("A name"))
        await page.call(page.service.save_filter, "sales", name, {})
        await page.ask(AskText("Another"))

    monkeypatch.setattr(ViewSalesOrder, "do_history", change_and_ask)
    async with desk(service, order()) as hand:
        await hand.press("h", *"first")
        await look(hand)
        assert kept(service) == [("A name", "typed first")]
        await hand.press("enter", *"second")
        await hang_up(hand)
    assert kept(service) == []
    assert [name for name, _ in service.saved_filters("sales")] == ["first"]


async def test_through_a_question_to_the_ticks(service: Service) -> None:
    service.apply(service.plan_allocate(parse_line("10001/1"), [(parse_line("20001/1"), 2)]))
    service.apply(service.plan_promise_date(parse_line("10001/1"), date(2026, 12, 1)))
    async with desk(service, lambda: PurchaseOrderDetail("20001")) as hand:
        await hand.press("y", "y", "a", "o")
        await hand.until("0 ticked")
        await hang_up(hand)
    async with desk(service) as hand:
        await hand.until("Sync Date with SO: PO-A")
        await hand.press("enter")
        await hand.until("0 ticked")
        await hand.until("only dates that get later change")
        await hand.press("a", "enter")
        await hand.until("1 change on 1 line")


async def test_the_policy_of_a_job_and_its_plan(service: Service) -> None:
    async with desk(service) as hand:
        await hand.press("f10", *"auto", "enter", "2", "w")
        await hand.until("Apply")
        await hang_up(hand)
    ((_, typed),) = kept(service)
    before = len(service.change_sets())
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        await hand.until("The plan is made anew, on what the orders are now")
        assert len(service.change_sets()) == before
        await hand.press("n")
        page = hand.app.screen
        assert isinstance(page, AutoAllocate)
        assert NAMES[page.policy][0] in typed
        assert page.policy != DEFAULT


async def test_dates_of_a_report(service: Service) -> None:
    async with desk(service) as hand:
        await hand.press("f10", *"reports", "enter", "enter", "w", *"2026-10-01")
        await hang_up(hand)
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        await hand.until("From 2026-10-01")


async def test_typed_while_the_database_is_away(engine: Engine) -> None:
    clock = Clock(UTC, TODAY)
    fill(engine, clock)
    plug = Plug(engine, Actor("ana", "desk"), clock)
    async with desk(plug, order()) as hand:
        await hand.press("e")
        plug.down = True
        await hand.type("2027-03-")
        await look(hand)
        await hand.type("3")
        plug.down = False
        assert kept(plug) == []
        await hand.type("1")
        await until(lambda: [typed for _, typed in kept(plug)] == ["typed 2027-03-31"])
        await hang_up(hand)


# --- Two desks ----------------------------------------------------------------------------------


async def test_the_draft_of_an_open_desk_is_not_offered(service: Service) -> None:
    other = Service(service.engine, service.actor, service.clock)
    async with desk(service, order()) as first:
        await first.press("e")
        await first.type("2027-03-31")
        await look(first)
        assert kept(service)
        async with desk(other) as second:
            assert not isinstance(second.app.screen, WhatWasLeft)
            await second.press("f10", *"kept", "enter")
            await second.until(r"Since \d\d:\d\d it is open: Promise date of 10001/00001")
            await second.press("enter")
            assert "It is open at your other desk" in second.sentence
            await second.press("d")
            assert "It is open at your other desk" in second.sentence
            await hang_up(first)
            keeper = second.app.keeper
            assert keeper is not None
            await second.press("f12")
            await keeper._ask_what_was_left(again=True)
            assert "Your desk ended" in second.sentence
            assert "1 kept draft: F10/m, Workflow, Kept drafts." in second.sentence


async def test_an_open_desk_says_that_it_is_there(service: Service, engine: Engine) -> None:
    """So that desks on other hosts know it from one that was killed."""
    async with desk(service) as hand:
        long_ago = service.clock.now() - timedelta(hours=1)
        with engine.begin() as connection:
            connection.execute(update(desk_session).values(LAST_SEEN=long_ago))
        keeper = hand.app.keeper
        assert keeper is not None
        keeper._say_that_it_is_there()
        await until(lambda: keeper._thread is None)
        with engine.connect() as connection:
            (seen,) = connection.execute(select(desk_session.c.LAST_SEEN)).scalars()
        assert seen > long_ago + timedelta(minutes=59)


async def test_nobody_else_is_offered_it(service: Service) -> None:
    ben = Service(service.engine, Actor("ben", "desk"), service.clock)
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hang_up(hand)
    async with desk(ben) as hand:
        assert not isinstance(hand.app.screen, WhatWasLeft)
    assert kept(ben) == []


async def test_who_types_ahead_is_not_interrupted(service: Service) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hang_up(hand)
    options = DeskOptions("sqlite:///book.db", "ana", keep_input=True)
    app = DeskApp(options, lambda _: service)
    async with app.run_test(size=(80, 24)):
        hand = Hand(app)
        await hand.press("slash", *"ada", "enter")
        await hand.until("1 kept draft: F10/m, Workflow")
        assert "10001" in hand.row(">")
        await hang_up(hand)


# --- The end ------------------------------------------------------------------------------------


async def test_leaving_gives_up_what_one_was_asked_about(service: Service, engine: Engine) -> None:
    async with desk(service, lambda: PurchaseOrderDetail("20001")) as hand:
        await hand.press("n", "7")
        await look(hand)
        assert kept(service)
        await hand.press("escape", "f3")
        await hand.until("Leave the desk")
        await hand.press("y")
    assert kept(service) == []
    with engine.connect() as connection:
        assert connection.execute(select(desk_session.c.DESK_SESSION_ID)).all() == []


async def test_leaving_at_once_keeps_it(service: Service) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        hand.app.action_leave_now()
    async with desk(service) as hand:
        await hand.until("you left at once")


async def test_the_last_change_is_named(service: Service, engine: Engine) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hand.press("enter", "y")
        await hand.until("done")
        die(hand)
    kill_all(engine)
    async with desk(service) as hand:
        await hand.until("was killed; its last change is set 1")
    async with desk(service) as hand:
        assert "killed" not in hand.sentence, "said once"


async def test_a_database_that_is_locked_does_not_keep_the_desk_open(
    service: Service, engine: Engine
) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        with closing(sqlite3.connect(str(engine.url.database))) as other:
            other.execute("BEGIN IMMEDIATE")
            began = asyncio.get_running_loop().time()
            with patch.object(keeping, "NOBODY_WAITS", 0.1):
                await hang_up(hand)
            took = asyncio.get_running_loop().time() - began
            assert took < BUSY_TIMEOUT_SECONDS - 1, "it did not wait for the lock"
            other.rollback()
        await until(lambda: kept(service))


async def test_old_drafts_go(service: Service, engine: Engine) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hang_up(hand)
    with engine.begin() as connection:
        long_ago = service.clock.now() - timedelta(days=31)
        connection.execute(update(kept_input).values(KEPT_DATETIME=long_ago))
    async with desk(service) as hand:
        assert not isinstance(hand.app.screen, WhatWasLeft)
    assert kept(service) == []
