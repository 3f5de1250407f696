"""What is typed in dialogs is kept when the desk ends, offered at the next start, put back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from textual.widget import Widget

from data.tables import kept_input
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId, parse_line
from preorder_tui.service import Service
from screens.dialogs.ask_text import AskText
from screens.dialogs.list_box import ListBox, field
from screens.line_columns import Column
from screens.line_list import LineList
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.text_field import TextField
from screens.view_sales_order import ViewSalesOrder
from tests.conftest import TODAY
from tests.screens.keeping_desk import (
    PO_LINE,
    desk,
    desk_with_it_back,
    die,
    hang_up,
    kept,
    kill_all,
    look,
    order,
)
from tests.screens.long_demand import long_book
from tests.screens.sales_book import engine, fill, line, service, units
from tests.screens.test_lost_database import Plug
from tests.screens.typing_ahead import until

__all__ = ["engine", "service"]


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


async def test_ticks_units_and_all_in_the_pick_list(service: Service) -> None:
    async with desk(service, order()) as hand:
        await hand.press("l", "space", "down", "space", *"3")
        await hang_up(hand)
    async with desk_with_it_back(service) as hand:
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
    async with desk_with_it_back(service) as hand:
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
    async with desk_with_it_back(service) as hand:
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
    async with desk_with_it_back(service) as hand:
        await hand.until("Order 99999 is not there any more")
        assert kept(service)


async def test_the_filter_form(service: Service) -> None:
    async with desk(service) as hand:
        await hand.press("f", "space", "down", "space")
        await hand.press("escape")
        await hand.press("f", "space")
        before = [row for row in hand.lines if ">" in row][:1]
        await hang_up(hand)
    async with desk_with_it_back(service) as hand:
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
    async with desk_with_it_back(service) as hand:
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


# --- Look-ups inside a dialog ---------------------------------------------------------------------


async def test_a_list_opened_from_a_dialog(service: Service) -> None:
    """The filter form asks for statuses in a list of its own: both come back, and go on."""
    async with desk(service) as hand:
        await hand.press("f", *"allo", "space", *"status", "space")
        await hand.until("Any of")
        await hand.press("space", "down", "space")
        await look(hand)
        ((title, typed),) = kept(service)
        assert title == "Filters of Find Sales Order"
        assert "2 ticked" in typed
        await hang_up(hand)
    async with desk_with_it_back(service) as hand:
        await hand.until("Any of")
        assert hand.text.count("[x]") == 2
        await hand.press("enter")
        await hand.until("Filters of Find Sales Order")
        status = hand.row("> Status") or hand.row("Status")
        assert status.count(",") == 1, status
        await hand.press("escape")
        await look(hand)
        assert kept(service) == []


async def test_days_typed_two_dialogs_above_a_form(service: Service) -> None:
    async with desk(service) as hand:
        await hand.press("f", "p", "p", "space", "f")
        await hand.type("2026-12-01")
        await hang_up(hand)
    assert "2026-12-01" in kept(service)[0][1]
    async with desk_with_it_back(service) as hand:
        await hand.until("2026-12-01")
        await hand.press("enter", "enter")
        await hand.until("Filters of Find Sales Order")
        assert "2026-12-01" in hand.row("Promise date")


# --- Very many ticks ------------------------------------------------------------------------------


async def test_all_ticks_of_a_long_list(engine: Engine) -> None:
    """More than is in memory of the list: those that were never shown too."""
    service = long_book(engine, 2_600)
    async with desk(service, lambda: PurchaseOrderDetail("20001")) as hand:
        await hand.press("l", "y", "a", "down", "space")
        await hand.until("in 2,599 of 2,600 lines")
        await hang_up(hand)
    ((title, typed),) = kept(service)
    assert title == "Allocate Sales Orders: PO-A/00001"
    assert typed == "2,599 ticked"
    others = [LineId("19999", "00003"), LineId("19990", "00050")]
    service.apply(service.plan_allocate_sales_orders(PO_LINE, others))
    async with desk_with_it_back(service) as hand:
        await hand.until("in 2,597 of 2,598 lines")
        await hand.until("2 of the ticked rows are not here any more.")
        await hand.press("enter")
        await hand.until("on 2,597 lines")
