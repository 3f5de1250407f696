"""What is seen while the database opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

if TYPE_CHECKING:
    from screens.app import DeskApp


class OpeningPage(Screen[None]):
    """One line. Keys typed now wait for the page that comes."""

    def compose(self) -> ComposeResult:
        """The line."""
        demo = cast("DeskApp", self.app).options.throw_away
        yield Static(Content("Making demo data…" if demo else "Opening…"))
