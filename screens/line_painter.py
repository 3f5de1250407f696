"""How a row of a list looks: a gutter with marks, then its cells.

The gutter says everything that a style says too, so that nothing depends on colour or on reverse
video: ``>`` the cursor, ``*`` (or ``[x]``) a tag, ``~`` changed since it was last read, ``+`` new
since then, ``-`` gone from here since then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from screens.fresh_rows import GONE
from screens.line_columns import Column, PlacedColumn, fit, place

Row = TypeVar("Row")

_PLAIN = Style()
_HEADER = Style(bold=True)
_CURRENT = Style(reverse=True)
_RESTING = Style(bold=True)
_DISABLED = Style(dim=True)
_CHANGED = Style(bold=True, underline=True)


class LinePainter(Generic[Row]):
    """Lays out columns and makes strips."""

    def __init__(self, *, ticks: bool) -> None:
        self.ticks = ticks
        self._columns: tuple[Column[Row], ...] = ()
        self._placed: tuple[PlacedColumn[Row], ...] = ()
        self._header: Strip | None = None

    @property
    def gutter(self) -> int:
        """Cells before the first column."""
        return 6 if self.ticks else 4

    def lay_out(self, columns: Sequence[Column[Row]], width: int) -> None:
        """Choose the columns for this width."""
        self._columns = tuple(columns)
        self._placed = place(self._columns, max(1, width - self.gutter))
        self._header = None

    def words(self, text: str, width: int, style: Style = _PLAIN) -> Strip:
        """A line that is no row."""
        return Strip([Segment(fit(text, width), style)], width)

    def header(self, width: int) -> Strip:
        """The line of headings."""
        if self._header is None:
            cells = [fit(item.column.title, item.width, item.column.align) for item in self._placed]
            text = " " * self.gutter + " ".join(cells)
            self._header = Strip([Segment(fit(text, width), _HEADER)], width)
        return self._header

    def row(
        self,
        row: Row,
        *,
        current: bool,
        focused: bool,
        tagged: bool,
        disabled: bool,
        changed: frozenset[int],
        width: int,
        mark: str = "",
    ) -> Strip:
        """The line of a row; ``mark`` is what has become of it."""
        style = _DISABLED if disabled or mark == GONE else _PLAIN
        if current:
            style = _CURRENT if focused else _RESTING
        tag = ("[x]" if tagged else "[ ]") if self.ticks else ("*" if tagged else " ")
        if self.ticks and disabled:
            tag = " - "
        text = f"{'>' if current else ' '}{tag}{mark or ' '} "
        segments: list[Segment] = []
        for item in self._placed:
            cell = fit(item.column.value(row), item.width, item.column.align)
            if changed and self._columns.index(item.column) in changed:
                if text:
                    segments.append(Segment(text, style))
                segments.append(Segment(cell, style + _CHANGED))
                text = " "
            else:
                text += f"{cell} "
        used = sum(segment.cell_length for segment in segments)
        segments.append(Segment(fit(text.removesuffix(" "), width - used), style))
        return Strip(segments, width)
