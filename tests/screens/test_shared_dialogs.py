"""The dialogs that every page shares, each by itself, by keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from textual.widget import Widget

from preorder_tui.errors import WrongUsage
from preorder_tui.plan import Plan, PlannedChange
from preorder_tui.records import Notice
from preorder_tui.service import Service
from screens.desk_screen import DeskScreen
from screens.dialog import Dialog
from screens.dialogs import show_plan
from screens.dialogs.calendar import Calendar, typed_date
from screens.dialogs.choose import Choice, Choose
from screens.dialogs.month_grid import add_days, add_months
from screens.dialogs.pick_rows import PickOption, PickRows
from screens.dialogs.quantity import AskQuantity, whole_units
from screens.dialogs.show_plan import ShowPlan
from screens.line_columns import Column
from screens.line_list import LineList
from screens.short_numbers import short
from tests.screens.procurement_desk import Hand, desk_on
from tests.screens.sales_book import engine, service

__all__ = ["engine", "service"]

TODAY = date(2026, 11, 25)


class Asking(DeskScreen):
    """A page that shows one dialog and keeps its answer."""

    ACTIONS = ("open",)

    def __init__(self, dialog: Dialog[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answer: Any = "not answered"

    def content(self) -> Iterable[Widget]:
        """A list that opens the dialog."""
        yield LineList([Column("", str, 10)], str, rows=["row"])

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter."""
        self.desk.start_flow(self.ask_it())

    async def ask_it(self) -> None:
        """Ask and keep."""
        self.answer = await self.ask(self.dialog)


async def asked(service: Service, dialog: Dialog[Any], *keys: str, sees: str = "") -> Any:
    """The answer of a dialog to keys; what the screen must match before the last one."""
    page = Asking(dialog)
    async with desk_on(service, lambda: page) as hand:
        await hand.press("enter", *keys[:-1])
        if sees:
            await hand.until(sees)
        fits(hand)
        await hand.press(keys[-1])
        return page.answer


def fits(hand: Hand) -> None:
    """The box is closed at the bottom, inside 80x24."""
    assert any("╰" in line for line in hand.lines), hand.text


# --- Picking ------------------------------------------------------------------------------------


def pick(**options: Any) -> PickRows[int]:
    """Numbers to pick."""
    return PickRows(
        "Pick", [Column("Number", str, 10)], lambda row: row, rows=range(1, 41),
        counter=lambda rows: f"{len(rows)} picked, {sum(rows)} in all", **options,
    )  # fmt: skip


async def test_ticks_are_counted_live_and_answered_in_the_order_of_the_list(
    service: Service,
) -> None:
    answer = await asked(
        service, pick(), "down", "space", "up", "space", "enter", sees="2 picked, 3 in all"
    )
    assert answer.rows == (1, 2)


async def test_all_can_be_ticked_at_first(service: Service) -> None:
    answer = await asked(service, pick(preticked=None), "space", "enter", sees="39 picked")
    assert len(answer.rows) == 39


async def test_disabled_rows_say_why(service: Service) -> None:
    dialog = pick(disabled=lambda row: "odd numbers are out" if row % 2 else "")
    answer = await asked(service, dialog, "space", "a", "enter", sees="20 picked")
    assert answer.rows == tuple(range(2, 41, 2))
    dialog = pick(disabled=lambda row: "odd numbers are out" if row % 2 else "")
    answer = await asked(service, dialog, "up", "space", "escape", sees="odd numbers are out")
    assert answer is None, "the cursor begins on the first that can be picked"


async def test_nothing_ticked_is_not_everything(service: Service) -> None:
    assert await asked(service, pick(), "enter", "escape", sees="Nothing is ticked") is None


async def test_options_are_cycled_by_a_key(service: Service) -> None:
    guard = PickOption("guard", "Dates", (("any", "any"), ("later", "only later")))
    other = PickOption("other", "Mail", (("no", "none"), ("yes", "all")))
    answer = await asked(
        service, pick(options=(guard, other)), "o", "p", "p", "space", "enter",
        sees="Dates: only later   Mail: none",
    )  # fmt: skip
    assert answer.options == {"guard": "later", "other": "no"}


async def test_single_choice(service: Service) -> None:
    answer = await asked(service, pick(single=True), "down", "down", "enter", sees="1 picked, 3 in")
    assert answer.rows == (3,)


async def test_choose_by_key_and_by_arrows(service: Service) -> None:
    choices = [Choice("x", "first"), Choice("y", "second", "s"), Choice("z", "no", "n", "why not")]
    assert await asked(service, Choose("Choose", choices), "s") == "y"
    assert await asked(service, Choose("Choose", choices, at="y"), "up", "enter") == "x"
    assert await asked(service, Choose("Choose", choices), "n", "escape", sees="why not") is None


async def test_quantity_keeps_what_was_typed(service: Service) -> None:
    dialog = AskQuantity("How many?", 7, lambda text: whole_units(text, most=9))
    assert await asked(service, dialog, "1", "0", "enter", "backspace", "enter") == 1


@pytest.mark.parametrize("text", ["", " ", "0", "-3", "1.5", "1,5.0", "x", "１２", "9" * 30, "4 a"])
def test_numbers_that_are_no_units(text: str) -> None:
    with pytest.raises(WrongUsage):
        whole_units(text)


@pytest.mark.parametrize(
    ("text", "number"), [("4", 4), (" 12 ", 12), ("1,000", 1000), ("1 000", 1000), ("+3", 3)]
)
def test_units_as_people_type_them(text: str, number: int) -> None:
    assert whole_units(text) == number


@pytest.mark.parametrize(
    ("number", "cells", "text"),
    [(7, 3, "7"), (999, 3, "999"), (2345, 4, "2345"), (12345, 4, "12k"), (-12, 3, "-12"),
     (74215, 3, "74k"), (1_234_567, 3, "1M"), (123_456_789_000, 4, "123G"), (10**15, 3, "###")],
)  # fmt: skip
def test_a_number_is_never_cut_in_the_middle(number: int, cells: int, text: str) -> None:
    assert short(number, cells) == text


# --- The calendar -------------------------------------------------------------------------------


def calendar(present: date | None = date(2026, 12, 31), **options: Any) -> Calendar:
    """A calendar."""
    return Calendar("When?", present=present, today=TODAY, first_allowed=TODAY, **options)


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("right", "enter"), date(2027, 1, 1)),
        (("pagedown", "pagedown", "enter"), date(2027, 2, 28)),
        (("t", "enter"), TODAY),
        (("t", "ctrl+s"), TODAY),
        ((*tuple("2028-02-29"), "enter"), date(2028, 2, 29)),
        ((*tuple("20280229"), "enter"), date(2028, 2, 29)),
        (("right", *"2027-01-0", "9", "backspace", "5", "enter"), date(2027, 1, 5)),
        (("escape",), None),
    ],
)
async def test_a_date_is_gone_to_or_typed(
    service: Service, keys: tuple[str, ...], answer: date | None
) -> None:
    assert await asked(service, calendar(), *keys) == answer


async def test_saving_the_present_date_does_nothing_and_says_so(service: Service) -> None:
    answer = await asked(service, calendar(), "enter", "escape", sees="already: nothing to save")
    assert answer is None


async def test_a_line_without_a_date_begins_at_its_arrival(service: Service) -> None:
    dialog = calendar(None, arrival=date(2027, 3, 1))
    assert await asked(service, dialog, "enter", sees="P now +none") == date(2027, 3, 1)


def test_months_and_days_stay_inside_the_calendar() -> None:
    assert add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert add_months(date(2027, 1, 31), -2) == date(2026, 11, 30)
    assert add_months(date(9999, 12, 31), 5) == date(9999, 12, 31)
    assert add_months(date(1, 1, 1), -5) == date(1, 1, 1)
    assert add_days(date(1, 1, 1), -7) == date(1, 1, 1)
    assert add_days(date(9999, 12, 31), 7) == date(9999, 12, 31)


@pytest.mark.parametrize(
    "text", ["", "2026-02-30", "20260230", "2026-13-01", "1.2.2027", "tomorrow"]
)
def test_texts_that_are_no_dates(text: str) -> None:
    with pytest.raises(WrongUsage):
        typed_date(text)


# --- Plans --------------------------------------------------------------------------------------


def plan(rows: int) -> Plan:
    """A plan of so many rows."""
    made = Plan("command", "A large plan")
    for number in range(rows):
        made.changes.add(
            PlannedChange(f"{number:06}", "00001", None, None, "X", "quantity", 1, number)
        )
    return made


async def test_a_plan_of_very_many_rows_is_shown_at_once_and_to_its_end(service: Service) -> None:
    """No more of its rows are put into words than a few screens hold."""
    with patch.object(show_plan, "value_text", wraps=show_plan.value_text) as texts:
        answer = await asked(service, ShowPlan(plan(200_000)), "end", "y", sees="199999/00001")
    assert answer == ""
    assert 20 < texts.call_count < 2_000


async def test_sentences_scroll_and_the_reason_is_answered(service: Service) -> None:
    made = plan(3)
    made.warnings = [
        Notice(None, f"warning number {n} is long enough to fill a row") for n in range(30)
    ]
    made.refused = [Notice(None, "this is not done")]
    answer = await asked(
        service, ShowPlan(made), "tab", *"why", "enter", sees="30 warnings · 1 not"
    )
    assert answer == "why"
    assert await asked(service, ShowPlan(made), "tab", "tab", "end", "n", sees="not done") is None


async def test_an_empty_plan_says_why_and_applies_nothing(service: Service) -> None:
    made = plan(0)
    made.warnings = [Notice(None, "it is so already")]
    assert await asked(service, ShowPlan(made), "y", sees="it is so already") is None
