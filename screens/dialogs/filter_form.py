"""The filter form: one row per filter, with what it is set to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget

from screens.actions import bindings
from screens.dialogs.list_box import ListBox
from screens.kept_filters import from_fields, to_fields
from screens.line_columns import Column
from screens.line_list import LineList

State = TypeVar("State")


@dataclass(frozen=True)
class FilterField(Generic[State]):
    """One filter of the form.

    Attributes:
        label: its name.
        words: what it is set to; empty when it is not set.
        change: the state with the next value, or (awaited) with what a dialog answered.
        clear: the state without it.
    """

    label: str
    words: Callable[[State], str]
    change: Callable[[FilterForm[State], State], State | Awaitable[State | None]]
    clear: Callable[[State], State]


class FieldList(LineList[FilterField[State]]):
    """The rows; letters jump to the next label that begins with them."""

    def takes_key(self, event: events.Key) -> bool:
        """Letters are handled here alone."""
        return event.key != "space" and (
            super().takes_key(event) or (event.character or "").isalpha()
        )

    async def _on_key(self, event: events.Key) -> None:
        letter = (event.character or "").lower()
        if event.key == "space":
            event.prevent_default()  # no tag: the form changes the field
            return
        if not (letter.isalpha() and event.is_printable):
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        rows = self.loaded_rows
        current = self.current
        here = rows.index(current) if current is not None else 0
        for step in range(1, len(rows) + 1):
            row = rows[(here + step) % len(rows)]
            if row.label.lower().startswith(letter):
                self.go_to(row.label)
                return


class FilterForm(ListBox[State]):
    """Space changes the filter under the cursor, Enter shows the result with all of them."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "tag", "clear_field", "accept", "close")
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(("change_field", "clear_field", "clear_all", "save", "filters_done"))
    ]
    HELP = (
        "Each row is a filter. Space changes the one under the cursor: it ticks it, goes to the "
        "next value, or asks for one. A letter jumps to the next filter that begins with it. "
        "Backspace clears the filter, Ctrl+X all of them. Enter (or F2) shows what fits all of "
        "them together; Esc leaves the list as it was."
    )

    def __init__(self, title: str, fields: Sequence[FilterField[State]], state: State) -> None:
        super().__init__(title)
        self.fields = tuple(fields)
        self.state = state

    def body(self) -> Iterable[Widget]:
        """The filters."""
        yield FieldList(
            [
                Column("Filter", lambda one: one.label, 24, priority=90),
                Column("Set to", lambda one: one.words(self.state) or "any", 30, at_most=90),
            ],
            row_id=lambda one: one.label,
            rows=self.fields,
            taggable=False,
            id="fields",
        )

    def kept_input(self) -> dict[str, Any]:
        """What each filter is set to."""
        return {**super().kept_input(), "more": to_fields(self.state)}

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """Set the filters as they were."""
        more = kept.get("more")
        if isinstance(more, dict):
            self._take(from_fields(type(self.state), more, {}))
        await super().put_back(kept)

    def list_rows(self) -> int:
        """All filters."""
        return len(self.fields)

    def key_line(self) -> str:
        """What the keys do."""
        return "F1 Help  Space change  Backspace clear  ^X clear all  Enter show  Esc leave"

    @property
    def _current(self) -> FilterField[State] | None:
        current: FilterField[State] | None = self.query_one("#fields", FieldList).current
        return current

    def _take(self, state: State) -> None:
        self.state = state
        self.query_one("#fields", FieldList).show_rows(self.fields, mark_changed=False)

    async def do_change_field(self) -> None:
        """Space."""
        current = self._current
        if current is None:
            return
        changed = current.change(self, self.state)
        if isinstance(changed, Awaitable):
            answer = await changed
            if answer is None:
                return
            changed = answer
        self._take(changed)

    def do_clear_field(self) -> None:
        """Backspace."""
        current = self._current
        if current is not None:
            self._take(current.clear(self.state))

    def do_clear_all(self) -> None:
        """Ctrl+X."""
        state = self.state
        for one in self.fields:
            state = one.clear(state)
        self._take(state)

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter."""
        event.stop()
        self.answer(self.state)

    def do_save(self) -> None:
        """Ctrl+S."""
        self.answer(self.state)

    def do_filters_done(self) -> None:
        """F2 again."""
        self.answer(self.state)
