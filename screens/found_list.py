"""The list of a Find page: it can be read anew while a person goes on typing what to look for."""

from __future__ import annotations

from functools import partial
from typing import TypeVar

from preorder_tui.records import Key, Page
from screens.line_list import LineList
from screens.line_window import PageSource
from screens.paged_rows import PagedRows

Row = TypeVar("Row")


class FoundList(LineList[Row]):
    """A list with search as you type."""

    def show_found(
        self, source: PageSource[Row], *, hold_keys: bool, near: Key | None = None
    ) -> None:
        """Show what is found from its start, or with the cursor where a key has its place.

        Without ``hold_keys`` the person goes on typing meanwhile; whoever leaves the search field
        then calls :meth:`hold_until_read`.
        """
        self.quiet = not hold_keys
        if near is None:
            self.show_source(source)
        else:
            self._paged = PagedRows(source, self._view)
            self._read(partial(self._page_near, near))
        self.quiet = False

    def show_before_reading(self, page: Page[Row]) -> None:
        """Show rows that were had in some other way; the list is read all the same."""
        self._take(lambda: self._view.window.replace(page), keep_cursor=False)

    @property
    def lines_shown(self) -> int:
        """How many rows there is room for."""
        return max(1, self.size.height - 1)

    @property
    def current_key(self) -> Key | None:
        """The key of the row under the cursor."""
        return self._view.window.keys[self._view.cursor] if self.current is not None else None
