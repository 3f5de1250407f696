"""Columns of a list, and cutting text to the cells of a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from rich.cells import cell_len, set_cell_size

from preorder_tui.text import clean

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column.

    Attributes:
        title: the heading.
        value: the row's text in it.
        width: its cells. A flexible column has ``at_most`` too and grows up to it.
        align: numbers stand at the right.
        priority: the lower, the sooner it is dropped from a narrow terminal.
        at_most: how wide it may grow when there is room; 0: it never grows.
    """

    title: str
    value: Callable[[Row], str]
    width: int
    align: Literal["left", "right"] = "left"
    priority: int = 10
    at_most: int = 0


@dataclass(frozen=True)
class PlacedColumn(Generic[Row]):
    """A column with the cells it got."""

    column: Column[Row]
    width: int


def place(columns: Sequence[Column[Row]], width: int) -> tuple[PlacedColumn[Row], ...]:
    """The columns that fit into ``width`` cells, one blank between two, in their order."""
    chosen: list[Column[Row]] = []
    room = width
    for column in sorted(columns, key=lambda column: -column.priority):
        needed = column.width + (1 if chosen else 0)
        if needed <= room:
            chosen.append(column)
            room -= needed
    widths = {id(column): column.width for column in chosen}
    for column in sorted(chosen, key=lambda column: -column.priority):
        more = min(room, column.at_most - column.width)
        if more > 0:
            widths[id(column)] += more
            room -= more
    return tuple(
        PlacedColumn(column, widths[id(column)]) for column in columns if id(column) in widths
    )


def fit(text: str, width: int, align: str = "left") -> str:
    """``text`` in exactly ``width`` cells: padded, or cut with ``…``; never shifts a neighbour."""
    if not text.isprintable():
        text = clean(text)
    if text.isascii():
        length = len(text)
        if length > width:
            return f"{text[: width - 1]}…" if width > 1 else text[:width]
        return text.rjust(width) if align == "right" else text.ljust(width)
    length = cell_len(text)
    if length > width:
        return f"{set_cell_size(text, width - 1)}…" if width > 1 else set_cell_size(text, width)
    blanks = " " * (width - length)
    return blanks + text if align == "right" else text + blanks
