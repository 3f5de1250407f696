"""The first line of a page: where one is, and who, where and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widget import Widget

from preorder_tui.text import clean

if TYPE_CHECKING:
    from screens.app import DeskApp
    from screens.desk_screen import DeskScreen

SEPARATOR = " › "


class TitleLine(Widget):
    """Breadcrumb at the left; user, database, DEMO and today at the right."""

    DEFAULT_CSS = "TitleLine { height: 1; text-style: reverse; }"

    def render(self) -> Content:
        """The line, as wide as the terminal; the path gives way to nothing but its own length."""
        width = self.size.width
        path = clean(SEPARATOR.join(cast("DeskScreen", self.screen).path()))
        facts = clean(cast("DeskApp", self.app).title_facts())
        room = width - cell_len(path) - 2
        right = facts if cell_len(facts) <= room else facts[-max(0, room) :] if room > 10 else ""
        return Content(set_cell_size(path, max(0, width - cell_len(right))) + right)
