"""Something longer to read: any of Enter and Esc closes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from screens.actions import bindings
from screens.dialog import Dialog
from screens.widgets.text_pages import TextPages


class ShowText(Dialog[bool]):
    """Lines of text, scrolled by the arrows."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("accept", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("accept", "close"))]
    HELP = "Up, Down, PgUp, PgDn scroll; Enter or Esc closes."

    def __init__(self, title: str, lines: Iterable[str]) -> None:
        super().__init__(title)
        self.lines = tuple(lines)

    def body(self) -> Iterable[Widget]:
        """The text."""
        yield TextPages(self.lines)

    def key_line(self) -> str:
        """How to close it."""
        return "Up Down PgUp PgDn scroll  Esc Enter close"

    def do_accept(self) -> None:
        """Read it."""
        self.answer(True)
