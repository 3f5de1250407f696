"""The last line of a page: its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.widget import Widget

from screens import keys

if TYPE_CHECKING:
    from screens.desk_screen import DeskScreen


class KeyLine(Widget):
    """The most useful keys of the page, as many as fit; F1 tells all."""

    DEFAULT_CSS = "KeyLine { height: 1; text-style: reverse; }"

    def render(self) -> Content:
        """The line of keys."""
        return Content(keys.footer(cast("DeskScreen", self.screen).all_actions(), self.size.width))
