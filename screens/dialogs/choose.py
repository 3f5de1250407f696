"""Pick one of a few: by its key, by arrows and Enter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static

from screens.actions import bindings
from screens.dialogs.list_box import ListBox
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain

Value = TypeVar("Value")


@dataclass(frozen=True)
class Choice(Generic[Value]):
    """One thing to choose.

    Attributes:
        value: what the answer is.
        label: its words.
        key: the key that chooses it at once; without one, its digit.
        why_not: why it cannot be chosen now; empty when it can.
    """

    value: Value
    label: str
    key: str = ""
    why_not: str = ""


class ChoiceList(LineList[tuple[str, Choice[Value]]]):
    """The choices; their keys choose."""

    def __init__(self, choices: Sequence[Choice[Value]], heading: str) -> None:
        taken = {choice.key for choice in choices}
        free = (digit for digit in "123456789" if digit not in taken)
        rows = [(choice.key or next(free, ""), choice) for choice in choices]
        columns: list[Column[tuple[str, Choice[Value]]]] = [
            Column("", lambda row: row[0], 2, priority=90),
            Column(heading, lambda row: row[1].label, 20, at_most=100, priority=80),
        ]
        if any(choice.why_not for choice in choices):  # what is not in the labels is for reasons
            longest = max(len(text) for text in (heading, *(choice.label for choice in choices)))
            columns[1] = replace(columns[1], at_most=longest)
            columns.append(
                Column("", lambda row: row[1].why_not, 10, at_most=60, priority=10),
            )
        super().__init__(
            columns,
            row_id=lambda row: (row[0], row[1].label),
            rows=rows,
            disabled=lambda row: row[1].why_not,
            taggable=False,
        )

    async def _on_key(self, event: events.Key) -> None:
        row = next((row for row in self.loaded_rows if row[0] and row[0] == event.character), None)
        if row is None:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        self.go_to(self.row_id(row))
        self.post_message(self.Opened(self, row))


class Choose(ListBox[Value]):
    """Pick one of a few; the answer is the choice's value."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "accept", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("close",))]
    HELP = "Press the key shown before a choice, or go there with the arrows and press Enter."

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice[Value]],
        *,
        lines: Iterable[str] = (),
        heading: str = "",
        at: Value | None = None,
    ) -> None:
        super().__init__(title)
        self.choices = tuple(choices)
        self.lines = tuple(lines)
        self.heading = heading
        self.at = at

    def body(self) -> Iterable[Widget]:
        """What it is about, and the choices."""
        if self.lines:
            yield Static(plain("\n".join(self.lines)), classes="box-text")
        yield ChoiceList(self.choices, self.heading)

    def list_rows(self) -> int:
        """All choices."""
        return len(self.choices)

    def other_rows(self) -> int:
        """The lines above the list too."""
        return super().other_rows() + len(self.lines)

    def on_mount(self) -> None:
        """The cursor on the present choice."""
        choices: ChoiceList[Value] = self.query_one(ChoiceList)
        for row in choices.loaded_rows:
            if self.at is not None and row[1].value == self.at:
                choices.go_to(choices.row_id(row))

    def key_line(self) -> str:
        """How to answer."""
        return "its key, or Enter, chooses  Esc closes"

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Chosen."""
        event.stop()
        self._take(event.row[1])

    def do_accept(self) -> None:
        """The choice under the cursor."""
        row: tuple[str, Choice[Value]] | None = self.query_one(ChoiceList).current
        if row is not None:
            self._take(row[1])

    def _take(self, choice: Choice[Value]) -> None:
        if choice.why_not:
            self.say(choice.why_not)
        else:
            self.answer(choice.value)
