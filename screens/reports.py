"""Reports: the list of them, each with what it tells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.report_catalogue import REPORTS, ReportKind
from screens.desk_screen import DeskScreen
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain
from screens.report_page import ReportPage

NOW, DAYS = "How things stand now", "Over some days"


class Reports(DeskScreen):
    """Enter opens the report under the cursor."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("open",)
    PATH: ClassVar[tuple[str, ...]] = ("Reports",)
    HELP = """All reports. Those over some days come with their usual days, which can be changed on
    their page; the others tell how things stand at this moment. The line at the bottom says what
    the report under the cursor tells. Enter opens it."""

    def content(self) -> Iterable[Widget]:
        """The list, and what the report under the cursor tells."""
        yield LineList(
            [
                Column("Report", lambda kind: kind.title, 26, at_most=30, priority=90),
                Column("What it tells", lambda kind: kind.description, 20, at_most=90),
            ],
            row_id=lambda kind: kind.name,
            rows=sorted(REPORTS, key=lambda kind: kind.days_back is None),
            group=lambda kind: NOW if kind.days_back is None else DAYS,
            taggable=False,
        )
        yield Static("", classes="about-row of-report")

    def on_mount(self) -> None:
        """What the first one tells."""
        self._show_about(self.query_one(LineList).current)

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """What the report under the cursor tells."""
        event.stop()
        self._show_about(event.row)

    def _show_about(self, kind: ReportKind | None) -> None:
        self.query_one(".about-row", Static).update(plain(kind.description if kind else ""))

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter."""
        event.stop()
        self.desk.start_flow(self.desk.open_page(ReportPage(event.row)))
