"""Plain output: aligned tables that fit a terminal where they can, of cleaned text."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from preorder_tui.text import clean

GAP = "  "
SHORTEST = 6
"""A column is never cut below this width."""


def cell_width(text: str) -> int:
    """How many terminal cells ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells, with a dot at the end where it was cut."""
    if cell_width(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += _character_width(character)
        if used > width - 1:
            break
        kept.append(character)
    return f"{''.join(kept)}."


def day(value: date | datetime | None) -> str:
    """A day, or a dash for none."""
    return "-" if value is None else value.strftime("%Y-%m-%d")


def minute(value: datetime) -> str:
    """A moment to the minute."""
    return value.strftime("%Y-%m-%d %H:%M")


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Sequence[str] = (),
    elastic: Sequence[str] = (),
) -> list[str]:
    """The lines of a table.

    Columns named in ``right`` are aligned right. Where the terminal is too narrow, the columns
    named in ``elastic`` give way, the widest first; into a file or pipe nothing is cut.
    """
    cells = [[clean(str(cell)) for cell in row] for row in rows]
    widths = [max((cell_width(row[n]) for row in cells), default=0) for n in range(len(headings))]
    widths = [max(width, len(title)) for width, title in zip(widths, headings, strict=True)]
    if sys.stdout.isatty():
        _narrow(widths, [headings.index(name) for name in elastic])
    lines = []
    for row in ([*headings], *cells):
        parts = []
        for title, cell, width in zip(headings, row, widths, strict=True):
            shown = cut(cell, width)
            padding = " " * (width - cell_width(shown))
            parts.append(padding + shown if title in right else shown + padding)
        lines.append(GAP.join(parts).rstrip())
    return lines


def _narrow(widths: list[int], elastic: Sequence[int]) -> None:
    room = shutil.get_terminal_size().columns
    while sum(widths) + len(GAP) * (len(widths) - 1) > room:
        widest = max(elastic, key=lambda n: widths[n], default=None)
        if widest is None or widths[widest] <= SHORTEST:
            return
        widths[widest] -= 1
