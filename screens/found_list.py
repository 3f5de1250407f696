"""The list of a Find page: it can be read anew while a person goes on typing what to look for."""

from __future__ import annotations

from typing import TypeVar

from screens.line_list import LineList
from screens.line_window import PageSource

Row = TypeVar("Row")


class FoundList(LineList[Row]):
    """A list with search as you type."""

    _quiet = False

    def show_found(self, source: PageSource[Row], *, hold_keys: bool) -> None:
        """Show what is found from its start.

        Without ``hold_keys`` the person goes on typing meanwhile; whoever leaves the search field
        then calls :meth:`hold_until_read`.
        """
        self._quiet = not hold_keys
        self.show_source(source)
        self._quiet = False

    def hold_until_read(self) -> None:
        """Keys wait from now on, if the list is being read."""
        if self._reading:
            self._take_hold()

    def _take_hold(self) -> None:
        if not self._quiet:
            super()._take_hold()
