"""One report: its days, a chart where a picture says more, and its rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.report_catalogue import (
    Report,
    ReportKind,
    ReportRow,
    Window,
    cell_text,
    window_of,
)
from preorder_tui.wording import counted
from screens import service_calls
from screens.desk_screen import DeskScreen
from screens.dialogs.ask_dates import AskDates
from screens.dialogs.export_csv import export_csv
from screens.line_list import LineList
from screens.plain_text import plain
from screens.report_columns import report_columns
from screens.widgets.bar_chart import BarChart

ROOMY = 32
"""Lines of a terminal from which on the chart is shown without asking."""
OF_DAYS = ("window", "earlier", "later")


class ReportPage(DeskScreen):
    """Reads the report when it opens; F5 reads it again."""

    ACTIONS: ClassVar[tuple[str, ...]] = (
        "open", "window", "chart", "export", "earlier", "later", "refresh", "back",
    )  # fmt: skip

    HELP = """A report; the lines above the rows say what it tells, over which days, and when it was
    made. Enter opens the order of a row on its line. w asks for the days, Left and Right go to the
    days before and after. c shows or hides the chart; every bar has its number beside it. o writes
    all rows, not only those shown, to a CSV file. F5 reads the report again: it does not follow
    changes by itself."""

    def __init__(self, kind: ReportKind) -> None:
        super().__init__()
        self.kind = kind
        self.report: Report | None = None
        self.window: Window | None = None
        self.chart_wanted: bool | None = None
        self._stale = False

    def place(self) -> dict[str, Any] | None:
        """The report."""
        return {"report": self.kind.name}

    def path(self) -> tuple[str, ...]:
        """Which report."""
        return ("Reports", self.kind.title)

    def all_actions(self) -> tuple[str, ...]:
        """Without the days where the report has none."""
        passed = OF_DAYS if self.kind.days_back is None else ()
        return tuple(name for name in super().all_actions() if name not in passed)

    def content(self) -> Iterable[Widget]:
        """Days, chart, rows."""
        yield Static("", classes="facts of-report")
        yield BarChart(ascii_only=self.desk.terminal.ascii_only)
        yield LineList(
            report_columns(self.kind),
            row_id=lambda row: row.cells,
            rows=(),
            taggable=False,
            empty="Nothing to report.",
        )
        yield Static("", classes="about-row of-report")

    # --- Reading and showing ----------------------------------------------------------------------

    def on_mount(self) -> None:
        """Read it."""
        if self.kind.days_back is not None:
            self.window = window_of(self.kind, self.service.clock.today(), None, None)
        self.desk.start_flow(self.read())

    async def read(self) -> None:
        """Read and show; Esc gives up waiting."""
        report = await service_calls.call_or_abandon(
            self.desk, self.service.report, self.kind.name, self.window
        )
        self.report = report
        self._stale = False
        self.query_one(LineList).show_rows(report.rows)
        self._show_chart()
        self._show_facts()

    def changed(self) -> None:
        """Orders have changed: a report is read again only when somebody asks."""
        self._stale = True
        self._show_facts()

    def do_refresh(self) -> object:
        """F5."""
        self.desk.repaint_all()
        return self.read()

    def on_resize(self) -> None:
        """The chart has another room."""
        if self.report is not None:
            self._show_chart()
            self._show_facts()

    def _show_facts(self) -> None:
        report = self.report
        if report is None:
            return
        number = len(report.rows)
        parts = [str(report.window)] if report.window is not None else []
        parts.append(
            f"the first {number:,} rows, o writes all" if report.capped else counted(number, "row")
        )
        parts.append(f"made {report.made_at:%Y-%m-%d %H:%M}")
        if self._stale:
            parts.append("orders have changed since: F5")
        lines = (self.kind.description, " · ".join(parts))
        self.query_one(".facts", Static).update(plain("\n".join(lines)))

    def _show_chart(self) -> None:
        chart = self.query_one(BarChart)
        picture = self.report.chart if self.report is not None else None
        wanted = self.size.height >= ROOMY if self.chart_wanted is None else self.chart_wanted
        chart.most = max(4, min(16, self.size.height // 2 - 3))
        chart.display = wanted and picture is not None
        chart.show(picture if wanted else None)

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """The row under the cursor with all its cells: some columns may have had no room."""
        event.stop()
        row: ReportRow | None = event.row
        text = ""
        if row is not None:
            cells = zip(self.kind.columns, row.cells, strict=True)
            text = ", ".join(
                f"{column.title} {cell_text(column.kind, cell)}"
                for column, cell in cells
                if cell not in (None, "")
            )
        self.query_one(".about-row", Static).update(plain(text))

    # --- What the keys do -------------------------------------------------------------------------

    def reason_against(self, name: str) -> str | None:
        """Days of a report that has none."""
        if name in OF_DAYS and self.window is None:
            return "This report tells how things stand now: it has no days to choose."
        if name == "chart" and (self.report is None or self.report.chart is None):
            return "This report has no chart."
        return None

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: the order of the row."""
        event.stop()
        row: ReportRow = event.row
        if row.order_id:
            self.desk.start_flow(self.desk.open_order(row.order_id, row.line))
        else:
            self.say("This row is a sum: there is no one order to open.")

    async def do_window(self) -> None:
        """w: ask for the days."""
        assert self.window is not None
        days = await self.ask(
            AskDates(f"Days of {self.kind.title}", (self.window.first, self.window.last))
        )
        if days is not None:
            await self._read_days(window_of(self.kind, self.service.clock.today(), *days))

    async def do_earlier(self) -> None:
        """Left."""
        assert self.window is not None
        await self._read_days(self.window.moved(-1))

    async def do_later(self) -> None:
        """Right."""
        assert self.window is not None
        await self._read_days(self.window.moved(1))

    async def _read_days(self, window: Window | None) -> None:
        before, self.window = self.window, window
        try:
            await self.read()
        except BaseException:
            self.window = before  # what is shown is still that
            raise

    def do_chart(self) -> None:
        """c: show or hide the chart."""
        self.chart_wanted = not self.query_one(BarChart).display
        self._show_chart()

    async def do_export(self) -> None:
        """o: all rows to a CSV file."""
        window = self.window

        def write(path: Path, replace: bool) -> int:
            return self.service.export_report(self.kind.name, window, path, replace=replace)

        await export_csv(self, self.kind.name, write)
