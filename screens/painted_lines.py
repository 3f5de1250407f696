"""What the terminal shows, cell by cell, so that only what has changed is sent.

Textual repaints whole widgets, and the whole screen two or three times when a dialog opens or
closes. Most of those cells are on the screen already; here they cost nothing, which on a slow line
is the difference between a flicker and a wait.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, groupby, repeat
from operator import itemgetter

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

Cell = tuple[str, str]
"""The codes of a style, and what stands in the cell; empty behind a character of two cells."""

_CODES, _TEXT = itemgetter(0), itemgetter(1)
_AGREED = re.compile("[\x00-\x7f\u2500-\u257f]*")
"""Characters of whose width all terminals think alike."""

_ONE_CELL_EACH = re.compile(
    "[\x00-\x7e\xa1-\xac\xae-\u02ff\u0391-\u03a1\u03a3-\u03ff\u0400-\u0482\u05d0-\u05ea"
    "\u0621-\u063a\u0641-\u064a\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u203a\u2500-\u257f]*"
)
"""Text without any character that needs to be measured: looking at it whole is ten times faster."""

_BLANK: Cell = ("", " ")
_ERASE_REST = "\x1b[K"
_WORTH_A_MOVE = 8
"""Unchanged cells that are cheaper to jump over than to send again."""


class Ready(CompositorUpdate):
    """An update whose terminal sequences are known."""

    def __init__(self, sequences: str) -> None:
        self.sequences = sequences

    def render_segments(self, console: Console) -> str:
        """The sequences."""
        return self.sequences


class PaintedLines:
    """Remembers each line as it was sent."""

    def __init__(self) -> None:
        self._lines: dict[int, list[Cell]] = {}
        self._size = Size()

    def forget(self) -> None:
        """Trust nothing: the terminal may show anything now. The next painting sends all."""
        self._lines.clear()

    def changes(self, update: CompositorUpdate, size: Size, console: Console) -> Ready | None:
        """What an update changes on the screen; None for one of a kind that is not known."""
        if size != self._size:
            self.forget()
            self._size = size
        system = console._color_system or ColorSystem.STANDARD
        if isinstance(update, LayoutUpdate):
            rows = enumerate(update.strips, update.region.y)
            x = update.region.x
            return Ready("".join(self._paint(y, x, _cells(row, system)) for y, row in rows))
        if isinstance(update, ChopsUpdate):
            return Ready("".join(self._chops(update, system)))
        self.forget()
        return None

    def _chops(self, update: ChopsUpdate, system: ColorSystem) -> Iterable[str]:
        for y, x1, x2 in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x <= x2 and end > x1:
                    if end > x2:
                        strip = strip.crop(0, x2 - x)
                    yield self._paint(y, x, _cells((strip,), system))

    def _paint(self, y: int, x: int, cells: list[Cell]) -> str:
        """Sequences that put ``cells`` at this place, given what is there."""
        line = self._lines.get(y)
        if line is None:
            line = self._lines[y] = [("?", "")] * self._size.width  # unlike any cell
        cells = cells[: self._size.width - x]
        present = line[x : x + len(cells)]
        if present == cells:
            return ""
        line[x : x + len(cells)] = cells
        if _AGREED.fullmatch("".join(map(_TEXT, chain(cells, present)))):
            changed = [
                index
                for index, (cell, was) in enumerate(zip(cells, present, strict=True))
                if cell != was
            ]
        else:
            # Terminals disagree about the width of some characters: send such a line whole.
            changed = list(range(len(cells)))
        parts = []
        first = last = changed[0]
        for index in changed[1:]:
            if index - last > _WORTH_A_MOVE:
                parts.append(self._run(y, x, cells, first, last + 1))
                first = index
            last = index
        parts.append(self._run(y, x, cells, first, last + 1))
        return "".join(parts)

    def _run(self, y: int, x: int, cells: list[Cell], first: int, end: int) -> str:
        move = f"\x1b[{y + 1};{x + first + 1}H" if x + first else f"\x1b[{y + 1}H"
        rest = ""
        if x + end == self._size.width:
            while end > first and cells[end - 1] == _BLANK:
                end -= 1
            blanks = self._size.width - x - end
            rest = _ERASE_REST if blanks > len(_ERASE_REST) else " " * blanks
        parts = [move]
        for codes, run in groupby(cells[first:end], key=_CODES):
            text = "".join(map(_TEXT, run))
            parts.append(f"\x1b[{codes}m{text}\x1b[0m" if codes else text)
        return "".join((*parts, rest))


def _cells(strips: Iterable[Strip], system: ColorSystem) -> list[Cell]:
    """The cells of a line."""
    cells: list[Cell] = []
    for strip in strips:
        for text, style, _ in strip:
            codes = _codes(style, system) if style is not None else ""
            if _ONE_CELL_EACH.fullmatch(text):
                cells.extend(zip(repeat(codes), text))
                continue
            for character in text:
                width = cell_len(character)
                if width == 0 and cells:
                    before = cells[-1]
                    cells[-1] = (before[0], before[1] + character)
                else:
                    cells.append((codes, character))
                    cells.extend([(codes, "")] * (width - 1))
    return cells


@lru_cache(1024)
def _codes(style: Style, system: ColorSystem) -> str:
    """The codes of a style, without the default colours: a cell has those anyway after a reset."""
    attributes = (
        (style.bold, "1"),
        (style.dim, "2"),
        (style.italic, "3"),
        (style.underline, "4"),
        (style.reverse, "7"),
    )
    codes = [code for wanted, code in attributes if wanted]
    for color, foreground in ((style.color, True), (style.bgcolor, False)):
        if color is not None and not color.is_default:
            codes.extend(color.downgrade(system).get_ansi_codes(foreground))
    return ";".join(codes)
