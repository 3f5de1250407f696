"""The first line of a page: where one is, and who, where and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from preorder_tui.text import clean
from screens.line_columns import fit

if TYPE_CHECKING:
    from screens.app import DeskApp
    from screens.desk_screen import DeskScreen

SEPARATOR = " › "


class TitleLine(Widget):
    """Breadcrumb at the left; user, database, DEMO and today at the right."""

    DEFAULT_CSS = "TitleLine { height: 1; text-style: reverse; }"

    def render(self) -> Content:
        """The line, as wide as the terminal.

        Who and which database are left out where they have no room, never cut, which would name
        another; DEMO and the day stay, and the path gives way to them.
        """
        width = self.size.width
        path = clean(SEPARATOR.join(cast("DeskScreen", self.screen).path()))
        right = clean(cast("DeskApp", self.app).title_facts())
        while cell_len(path) + 2 + cell_len(right) > width:
            if right.startswith("DEMO") or "  " not in right:
                break
            right = right.partition("  ")[2].lstrip()
        return Content(f"{fit(path, max(0, width - cell_len(right) - 2))}  {right}")
