"""Asking the source of a list for the right page. Changes nothing by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from preorder_tui.records import Key, Page
from screens.line_view import LineView
from screens.line_window import PageSource

Row = TypeVar("Row")

_WHOLESALE = 1_000


@runtime_checkable
class SaysEverything(Protocol):
    """A source that knows all of its rows without reading them page by page."""

    async def everything(self) -> Sequence[Any]:
        """All of them, in their order."""


class PagedRows(Generic[Row]):
    """A source of pages, and which of them a view needs next."""

    def __init__(self, source: PageSource[Row], view: LineView[Row]) -> None:
        self.source = source
        self._view = view

    @property
    def _size(self) -> int:
        return max(50, 3 * self._view.height)

    async def first(self) -> Page[Row]:
        """The first page."""
        return await self.source(self._size)

    async def last(self) -> Page[Row]:
        """The last page."""
        return await self.source(self._size, place="last")

    async def shown(self) -> Page[Row]:
        """What is shown now, read again, as far as it is still there."""
        view, window = self._view, self._view.window
        first = view.first_row_shown()
        size = max(self._size, view.cursor - first + 2 * view.height)
        if first > 0:
            page = await self.source(size, after=window.keys[first - 1])
        elif window.at_start:
            page = await self.source(size)
        else:
            # The row above is not in memory: ask for the rows before, then for those after one.
            before = await self.source(size, before=window.keys[0])
            page = await self.source(2 * size, after=before.keys[0]) if before.keys else before
        return page if page.rows else await self.last()

    async def shown_again(self, first: int) -> Page[Row]:
        """The rows from ``first`` on, read again, the cursor's row and what is below it too."""
        view = self._view
        size = max(self._size, view.cursor - first + 2 * view.height)
        if first > 0:
            return await self.source(size, after=view.window.keys[first - 1])
        return await self.source(size)

    async def near(self, key: Key) -> tuple[Page[Row], int]:
        """The rows around a key, which need not be there, and where the first not before it is."""
        before = await self.source(self._size, before=key)
        if before.at_start:
            return await self.source(2 * self._size), len(before.rows)
        return await self.source(2 * self._size, after=before.keys[0]), len(before.rows) - 1

    def ahead(self) -> dict[str, Any] | None:
        """Which page the cursor will soon run into, as words for :meth:`at`; None: none."""
        window, cursor = self._view.window, self._view.cursor
        near = 2 * self._view.height
        if window.rows and not window.at_end and len(window) - cursor < near:
            return {"after": window.keys[-1]}
        if window.rows and not window.at_start and cursor < near:
            return {"before": window.keys[0]}
        return None

    async def at(self, where: dict[str, Any]) -> Page[Row]:
        """The page after or before a key."""
        return await self.source(self._size, **where)

    async def everything(self, at_most: int) -> list[Row] | None:
        """All rows of the list; None when there are more than that.

        A source that has ``everything`` says it at once, with no more of each row than can be
        added up, however many there are.
        """
        if isinstance(self.source, SaysEverything):
            return list(await self.source.everything())
        page = await self.source(_WHOLESALE)
        rows = list(page.rows)
        while not page.at_end and page.keys and len(rows) <= at_most:
            page = await self.source(_WHOLESALE, after=page.keys[-1])
            rows.extend(page.rows)
        return rows if page.at_end and len(rows) <= at_most else None
