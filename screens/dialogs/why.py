"""Why?: why a line stands as it does, and what would help; a digit carries it out."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget

from preorder_tui.why_records import Suggestion, Why
from preorder_tui.why_words import why_lines
from screens.actions import bindings
from screens.dialogs.list_box import FRAME, ListBox
from screens.widgets.text_pages import TextPages

MOST_SUGGESTIONS = 9


class WhyDialog(ListBox[Suggestion]):
    """The reasons with their numbers, and the suggestions; the answer is the one chosen."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("accept", "why"))]
    HELP = (
        "Why this line is unallocated, late, out of sync or behind another, in words with the "
        "numbers and the rule each comes from. Below stands what would help, the smallest change "
        "first, with the command that does the same. A digit makes the plan of that change: it is "
        "shown before anything is written. Up, Down, PgUp, PgDn scroll; Enter or Esc closes."
    )

    def __init__(self, found: Why, *, may_act: bool = True) -> None:
        """Show an explanation.

        Args:
            found: the explanation.
            may_act: whether a digit carries a suggestion out; not from within another dialog.
        """
        super().__init__(f"Why? {found.name}")
        self.found = found
        self.suggestions = found.suggestions[:MOST_SUGGESTIONS] if may_act else ()

    def body(self) -> Iterable[Widget]:
        """The text, as high as there is room."""
        width = min(self.app.size.width, 120) - 6
        yield TextPages(hanging(why_lines(self.found, commands=True), width), at_most=self._room())

    def _room(self) -> int:
        return max(6, min(self.app.size.height - 2, 38) - FRAME - 3)

    def first_focus(self) -> Widget | None:
        """The text, to scroll it."""
        return next(iter(self.query(TextPages)), None)

    def key_line(self) -> str:
        """How to choose and to close."""
        number = len(self.suggestions)
        digits = "" if not number else "1 carry out  " if number == 1 else f"1-{number} carry out  "
        return f"F1 Help  {digits}Up Down PgUp PgDn scroll  Esc Enter close"

    def on_key(self, event: events.Key) -> None:
        """A digit chooses a suggestion."""
        character = event.character or ""
        if not (character.isascii() and character.isdigit()):
            return
        event.stop()
        number = int(character)
        if 1 <= number <= len(self.suggestions):
            self.answer(self.suggestions[number - 1])
        else:
            self.say(f"There is no suggestion {number} to carry out here.")

    def do_accept(self) -> None:
        """Enter: read."""
        self.answer(None)

    def do_why(self) -> None:
        """The key that opened it closes it."""
        self.answer(None)


def hanging(lines: Iterable[str], width: int) -> list[str]:
    """The lines wrapped, the rest of each under its first word."""
    wrapped: list[str] = []
    for line in lines:
        first = line.split(" ", 1)[0]
        marked = first == "-" or first.isdigit()
        indent = "  " if marked else " " * (len(line) - len(line.lstrip()) + 2)
        wrapped += wrap(line, width, subsequent_indent=indent if line[:1] in "- 123456789" else "")
        if not line:
            wrapped.append("")
    return wrapped
