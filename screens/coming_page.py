"""A page of the menu that this build does not have."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import Static

from screens.desk_screen import DeskScreen
from screens.pages import PageEntry
from screens.plain_text import plain


class ComingPage(DeskScreen):
    """Says what is coming."""

    HELP = "This part of the menu is not in this build yet."

    def __init__(self, entry: PageEntry) -> None:
        super().__init__()
        self.entry = entry

    def path(self) -> tuple[str, ...]:
        """Where the page will stand."""
        assert self.entry is not None
        return (self.entry.section, self.entry.title)

    def content(self) -> Iterable[Widget]:
        """The sentence."""
        assert self.entry is not None
        yield Static(plain(f"\n  {self.entry.coming}"), classes="fills")
