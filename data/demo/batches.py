"""Rows of the demo on their way to their tables, some thousands at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

Row = tuple[Any, ...]

BATCH = 5_000
"""Rows of one table that go together: enough to be worth a call, few enough to be held twice."""


class StoryLost(Exception):
    """The process that makes the rows ended before it was done."""


class Batch(NamedTuple):
    """Some rows of one table."""

    table: str
    columns: str  # their names, with blanks between them
    rows: list[Row]
    keys: int = 0  # rows that are there already: so many last columns say which


class Heap:
    """The rows of one table that have been made; ``add`` is a plain list append."""

    def __init__(self, table: str, columns: str) -> None:
        self._table, self._columns = table, columns
        self._rows: list[Row] = []
        self.add = self._rows.append

    def is_high(self) -> bool:
        """Whether there is enough for a batch."""
        return len(self._rows) >= BATCH

    def taken(self) -> Iterator[Batch]:
        """What lies here, and lies here no longer."""
        if self._rows:
            rows = self._rows.copy()
            self._rows.clear()
            yield from batches(self._table, self._columns, rows)


def batches(table: str, columns: str, rows: Iterable[Row], *, keys: int = 0) -> Iterator[Batch]:
    """``rows`` batch by batch, never holding more than one of them."""
    iterator = iter(rows)
    while some := list(islice(iterator, BATCH)):
        yield Batch(table, columns, some, keys)
