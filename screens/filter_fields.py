"""Kinds of fields of a filter form, over any frozen state whose fields they name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from preorder_tui.words import word
from screens.date_ranges import Range, days_of, text_of, words_of
from screens.dialogs.ask_dates import AskDates
from screens.dialogs.choose import Choice, Choose
from screens.dialogs.filter_form import FilterField, FilterForm
from screens.dialogs.pick_rows import PickRows
from screens.line_columns import Column

State = TypeVar("State")


def with_value(now: State, name: str, value: Any) -> State:
    """The state with one field changed."""
    changed: State = replace(now, **{name: value})  # type: ignore[type-var]
    return changed


def cleared(name: str) -> Callable[[State], State]:
    """Sets a field back to what restricts nothing."""
    return lambda now: with_value(now, name, getattr(type(now)(), name))


def flag(label: str, name: str) -> FilterField[Any]:
    """Yes or no."""
    return FilterField(
        label,
        lambda now: "[x]" if getattr(now, name) else "[ ]",
        lambda _, now: with_value(now, name, not getattr(now, name)),
        cleared(name),
    )


def date_range(label: str, name: str, presets: Sequence[str]) -> FilterField[Any]:
    """A preset that moves with today, or two days."""

    async def change(form: FilterForm[State], now: State) -> State | None:
        present: str = getattr(now, name)
        dialog: Choose[str] = Choose(
            label,
            [
                Choice("", "any", "0"),
                *(Choice(preset, preset) for preset in presets),
                Choice("..", "from … to …", "f"),
            ],
            at=".." if ".." in present else present,
        )
        answer = await form.desk.ask(dialog)
        if answer is None:
            return None
        if answer == "..":
            today = form.desk.service.clock.today()
            asked: Range | None = await form.desk.ask(AskDates(label, days_of(present, today)))
            if asked is None:
                return None
            answer = text_of(asked)
        return with_value(now, name, answer)

    return FilterField(label, lambda now: words_of(getattr(now, name)), change, cleared(name))


def several(label: str, name: str, values: Sequence[tuple[str, str]]) -> FilterField[Any]:
    """Any of these values."""

    async def change(form: FilterForm[State], now: State) -> State | None:
        dialog: PickRows[tuple[str, str]] = PickRows(
            label,
            [Column("Any of", lambda row: row[1], 20, at_most=60)],
            lambda row: row[0],
            rows=values,
            preticked=getattr(now, name),
            enter_takes_current=True,
            yes="take",
        )
        picked = await form.desk.ask(dialog)
        if picked is None:
            return None
        return with_value(now, name, tuple(row[0] for row in picked.rows))

    return FilterField(
        label,
        lambda now: ", ".join(word(one) for one in getattr(now, name)),
        change,
        cleared(name),
    )


def one_of(label: str, name: str, values: Sequence[tuple[str, str]]) -> FilterField[Any]:
    """One of these values, or any."""
    names = dict(values)

    async def change(form: FilterForm[State], now: State) -> State | None:
        choices = [Choice("", "any", "0"), *(Choice(key, text) for key, text in values)]
        dialog: Choose[str] = Choose(label, choices, at=getattr(now, name))
        answer = await form.desk.ask(dialog)
        return None if answer is None else with_value(now, name, answer)

    def words(now: Any) -> str:
        value: str = getattr(now, name)
        return names.get(value, value)

    return FilterField(label, words, change, cleared(name))
