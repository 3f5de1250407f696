"""Bars of text: a label, a bar, and the number beside it, so that nothing hangs on the picture."""

from __future__ import annotations

from decimal import Decimal

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from preorder_tui.report_catalogue import Chart
from screens.line_columns import fit

_TITLE = Style(bold=True)
FULL, REST = "█", "░"
PLAIN_FULL, PLAIN_REST = "#", "-"
LABEL = 24


class BarChart(Widget):
    """A chart of at most ``most`` bars; nothing when it has none."""

    DEFAULT_CSS = "BarChart { height: auto; width: 1fr; }"

    def __init__(self, *, ascii_only: bool = False, most: int = 16, id: str | None = None) -> None:
        super().__init__(id=id)
        self.ascii_only = ascii_only
        self.most = most
        self._chart: Chart | None = None

    def show(self, chart: Chart | None) -> None:
        """Show a chart, or nothing."""
        self._chart = chart
        self.refresh(layout=True)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """The title and its bars."""
        return 0 if self._chart is None else 1 + min(self.most, len(self._chart.bars))

    def texts(self, width: int) -> list[str]:
        """The lines, the title first."""
        chart = self._chart
        if chart is None:
            return []
        bars = chart.bars[: self.most]
        labels = min(LABEL, max((len(bar.label) for bar in bars), default=0))
        numbers = max((len(bar.text) for bar in bars), default=0)
        room = max(1, width - labels - numbers - 4)
        largest = max((bar.value + bar.rest for bar in bars), default=0)
        return [chart.title] + [
            f"  {fit(bar.label, labels)} "
            + fit(self._bar(bar.value, bar.rest, largest, room), room)
            + f" {bar.text}"
            for bar in bars
        ]

    def _bar(
        self, value: int | Decimal, rest: int | Decimal, largest: int | Decimal, room: int
    ) -> str:
        """What is there is seen: anything above nothing has at least one cell."""
        if largest <= 0:
            return ""
        full, other = (PLAIN_FULL, PLAIN_REST) if self.ascii_only else (FULL, REST)
        whole = round((value + rest) * room / largest)
        cells = round(value * room / largest)
        if value > 0:
            cells = max(1, cells)
        if rest > 0:
            whole = max(cells + 1, whole)
        over = max(0, whole - room)
        return full * (cells - over) + other * (whole - cells)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines in sight."""
        width = self.size.width
        texts = self.texts(width)
        return [
            Strip(
                [
                    Segment(
                        fit(texts[y] if y < len(texts) else "", width), _TITLE if y == 0 else None
                    )
                ],
                width,
            )
            for y in range(crop.y, crop.bottom)
        ]
