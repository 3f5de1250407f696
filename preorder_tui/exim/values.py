"""Columns as values, by the chunk: each distinct cell is parsed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from preorder_tui.exim import fields
from preorder_tui.exim.handed_back import HandedBack
from preorder_tui.exim.reading import TOO_MANY, Chunk
from preorder_tui.exim.rows import Row, RowFault

MOST_KNOWN = 50_000


class Values:
    """The reader of one column.

    Args:
        column: its name.
        parse: the value of a cell, given as a row of that column alone; raises RowFault.
    """

    def __init__(self, column: str, parse: Callable[[Row, str], Any]) -> None:
        self.column = column
        self._parse = parse
        self._known: dict[str, Any] = {}

    def of(self, chunk: Chunk) -> tuple[list[Any], bool]:
        """The chunk's values, a RowFault in place of each that is none; and whether there are."""
        cells = chunk.column(self.column)
        known = self._known
        if len(known) > MOST_KNOWN:
            known.clear()
        for cell in set(cells) - known.keys():
            try:
                known[cell] = self._parse(Row(0, {self.column: cell}), self.column)
            except RowFault as fault:
                known[cell] = fault
        values = [known[cell] for cell in cells]
        return values, any(type(value) is RowFault for value in set(values))


class Texts(Values):
    """The reader of a column of text, which is as it is unless it is too long."""

    def __init__(self, column: str, longest: int, *, required: bool = False) -> None:
        super().__init__(
            column, lambda row, name: fields.text(row, name, longest, required=required)
        )
        self._longest = longest
        self._required = required

    def of(self, chunk: Chunk) -> tuple[list[Any], bool]:
        """The chunk's texts; looked at one by one only where the longest or emptiest is none."""
        cells = chunk.column(self.column)
        lengths = set(map(len, cells))
        if max(lengths) <= self._longest and not (self._required and 0 in lengths):
            return cells, False
        return super().of(chunk)


def read_values(
    chunk: Chunk, readers: list[Values], handed_back: HandedBack
) -> Iterator[tuple[Any, ...]]:
    """The line and the values of each good record; the others are handed back."""
    read = [reader.of(chunk) for reader in readers]
    records = zip(chunk.lines, *(values for values, _ in read), strict=True)
    if not chunk.overlong and not any(faulty for _, faulty in read):
        yield from records
        return
    for number, record in enumerate(records):
        if number in chunk.overlong:
            handed_back.add(record[0], TOO_MANY)
            continue
        fault = next((value for value in record if type(value) is RowFault), None)
        if fault is not None:
            handed_back.add(record[0], str(fault))
        else:
            yield record
