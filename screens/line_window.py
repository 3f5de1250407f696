"""The part of a long list that is in memory: consecutive rows with their keys."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Generic, Protocol, TypeVar

from preorder_tui.records import Key, Page

Row = TypeVar("Row")


class PageSource(Protocol[Row]):
    """Where rows come from: a page after a key, before a key, or at one end of the list."""

    async def __call__(
        self,
        size: int,
        *,
        after: Key | None = None,
        before: Key | None = None,
        place: str = "first",
    ) -> Page[Row]:
        """The page."""
        ...


class Window(Generic[Row]):
    """Rows ``0…len-1`` of the window, which may begin and end anywhere in the list."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.keys: list[Key] = []
        self.at_start = True
        self.at_end = True

    def __len__(self) -> int:
        return len(self.rows)

    def replace(self, page: Page[Row]) -> None:
        """Hold this page and nothing else."""
        self.rows = list(page.rows)
        self.keys = list(page.keys)
        self.at_start = page.at_start
        self.at_end = page.at_end

    def fill(self, rows: Sequence[Row]) -> None:
        """Hold a whole list that has no pages."""
        self.rows = list(rows)
        self.keys = [()] * len(self.rows)
        self.at_start = self.at_end = True

    def append(self, page: Page[Row], at_most: int) -> int:
        """Add the page that follows; how many rows were dropped at the top to stay small."""
        self.rows.extend(page.rows)
        self.keys.extend(page.keys)
        self.at_end = page.at_end
        dropped = max(0, len(self.rows) - at_most)
        if dropped:
            del self.rows[:dropped]
            del self.keys[:dropped]
            self.at_start = False
        return dropped

    def prepend(self, page: Page[Row], at_most: int) -> int:
        """Add the page that comes before; how many rows were added at the top."""
        self.rows[:0] = page.rows
        self.keys[:0] = page.keys
        self.at_start = page.at_start
        if len(self.rows) > at_most:
            del self.rows[at_most:]
            del self.keys[at_most:]
            self.at_end = False
        return len(page.rows)


def index_of(ids: Sequence[Hashable], wanted: Hashable) -> int | None:
    """Where ``wanted`` is, or None."""
    try:
        return ids.index(wanted)
    except ValueError:
        return None
