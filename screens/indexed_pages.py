"""Pages of a sequence that is in memory, or made when it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from preorder_tui.records import Key, Page
from screens.line_window import PageSource

Item = TypeVar("Item")
Row = TypeVar("Row")


def source_of(items: Sequence[Item], row: Callable[[int, Item], Row]) -> PageSource[Row]:
    """Where a list gets the rows of ``items`` from; only those that are shown are made.

    Args:
        items: what to show.
        row: makes a row of an item and its place.
    """

    async def source(
        size: int, *, after: Key | None = None, before: Key | None = None, place: str = "first"
    ) -> Page[Any]:
        count = len(items)
        if after is not None:
            first, last = after[0] + 1, min(count, after[0] + 1 + size)
        elif before is not None:
            first, last = max(0, before[0] - size), before[0]
        elif place == "last":
            first, last = max(0, count - size), count
        else:
            first, last = 0, min(count, size)
        rows = tuple(row(index, items[index]) for index in range(first, last))
        keys = tuple((index,) for index in range(first, last))
        return Page(rows, keys, first == 0, last >= count)

    return source
