"""The floor of keys: a list of a thousand rows in memory, in as little of Textual as shows one.

A ``ScrollView`` with a cursor: a key moves it and refreshes two lines. No pages, no database, no
marks, and Textual's own way to the terminal.
"""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

ROWS = 1_000
_CURRENT = Style(reverse=True)
_PLAIN = Style()


class BareList(ScrollView, can_focus=True):
    """Rows and a cursor."""

    DEFAULT_CSS = "BareList { scrollbar-size: 0 0; }"

    def __init__(self) -> None:
        super().__init__()
        self.rows = [
            f"    {12_000 - n:<8}#{3_000 - n:<6}2026-11-25 Customer {n:<6}    1 unallocated -"
            for n in range(ROWS)
        ]
        self.cursor = 0
        self.virtual_size = Size(80, ROWS)

    def render_line(self, y: int) -> Strip:
        """One row."""
        row = y + self.scroll_offset.y
        style = _CURRENT if row == self.cursor else _PLAIN
        width = self.size.width
        return Strip([Segment(self.rows[row].ljust(width)[:width], style)], width)

    def on_key(self, event: events.Key) -> None:
        """Up, Down, PageUp, PageDown."""
        page = self.size.height - 1
        by = {"up": -1, "down": 1, "pageup": -page, "pagedown": page}.get(event.key, 0)
        before, top = self.cursor, self.scroll_offset.y
        self.cursor = max(0, min(ROWS - 1, before + by))
        if abs(by) > 1:
            top = max(0, min(ROWS - self.size.height, top + by))
        elif not top <= self.cursor < top + self.size.height:
            top = self.cursor - self.size.height // 2
        event.stop()
        event.prevent_default()
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)
            self.refresh()
            return
        for row in (before, self.cursor):
            self.refresh(Region(0, row - top, self.size.width, 1))


class BareApp(App[None]):
    """Nothing but the list."""

    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        """The list."""
        yield BareList()

    def on_mount(self) -> None:
        """Keys are for the list."""
        self.query_one(BareList).focus()


if __name__ == "__main__":
    BareApp(ansi_color=True).run(mouse=False)
