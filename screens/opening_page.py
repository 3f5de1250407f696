"""What is seen while the database opens."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static


class OpeningPage(Screen[None]):
    """One line. Keys typed now wait for the page that comes."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static("Opening…", markup=False)
