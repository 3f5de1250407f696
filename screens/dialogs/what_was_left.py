"""What was typed when the desk ended: open it again, throw it away, or leave it for later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.kept_input import KeptDraft
from screens.actions import bindings
from screens.dialogs.list_box import ListBox
from screens.draft_columns import COLUMNS
from screens.line_list import LineList
from screens.plain_text import plain

Answer = tuple[str, KeptDraft]
"""What to do (open, throw away) and with which."""

ROWS_OF_SENTENCE = 3


class WhatWasLeft(ListBox[Answer]):
    """The drafts of desks that ended before what was typed was applied."""

    KEPT = False
    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "open", "throw_away", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("throw_away", "close"))]
    HELP = (
        "The desk ended, by a line that dropped or in some other way, while something was typed or "
        "picked that was not applied. Enter opens it again: the same page, the same row, the same "
        "dialog, with what you typed in it. Nothing is applied by itself; a plan is made anew and "
        "shown. d throws it away. Esc leaves it for later: Hamburger Menu, Workflow, Kept drafts."
    )

    def __init__(self, drafts: Sequence[KeptDraft], said: str, *, unexpected: bool) -> None:
        super().__init__("What you typed is kept", unexpected=unexpected)
        self.drafts = tuple(drafts)
        self.said = said

    @property
    def _width(self) -> int:
        return max(20, min(self.app.size.width, 120) - 6)

    def _lines(self) -> list[str]:
        return wrap(self.said, self._width)

    def body(self) -> Iterable[Widget]:
        """What happened, the drafts, the one under the cursor in full."""
        if self.said:
            yield Static(plain("\n".join(self._lines())), classes="box-text")
        yield LineList(
            COLUMNS, row_id=lambda row: row.number, rows=self.drafts, taggable=False, id="drafts"
        )
        yield Static("", classes="box-text", id="in-full")

    def list_rows(self) -> int:
        """All drafts."""
        return len(self.drafts)

    def other_rows(self) -> int:
        """What happened, and the sentence below."""
        return super().other_rows() + len(self._lines()) + ROWS_OF_SENTENCE

    def key_line(self) -> str:
        """The three answers."""
        return "F1 Help  Enter opens it again  d throws it away  Esc leaves it for later"

    def on_mount(self) -> None:
        """The first draft in full."""
        self._say_in_full()

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another draft."""
        event.stop()
        self._say_in_full()

    def _say_in_full(self) -> None:
        row: KeptDraft | None = self.query_one("#drafts", LineList).current
        lines = [] if row is None else wrap(row.sentence, self._width)[:ROWS_OF_SENTENCE]
        self.query_one("#in-full", Static).update(plain("\n".join(lines)))

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter."""
        event.stop()
        self.answer(("open", event.row))

    def do_throw_away(self) -> None:
        """d."""
        row: KeptDraft | None = self.query_one("#drafts", LineList).current
        if row is not None:
            self.answer(("throw away", row))
