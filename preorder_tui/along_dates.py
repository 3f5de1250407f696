"""Known orders, read along their dates and no further than a page goes.

The keys of the index of pieces of text (:mod:`data.search_index`) say where an order stands among
the others, without reading it. So of many orders that may be on a page only those are read that the
page comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from preorder_tui import text_index
from preorder_tui.paging import Statement, execute_straight
from preorder_tui.query_hints import as_list
from preorder_tui.records import Key

Place = tuple[int, str]
"""The bucket of an order, and its id."""
_FIRST_SLICE = 150


class AlongDates:
    """Runs a statement over some orders, slice by slice, for :func:`preorder_tui.paging.fetch`."""

    def __init__(
        self, connection: Connection, read: Callable[[int | None, int, bool], list[Place]]
    ) -> None:
        self._connection = connection
        self._read = read

    @classmethod
    def matching(cls, connection: Connection, expression: str) -> AlongDates:
        """The orders that an expression of :mod:`preorder_tui.text_index` finds."""

        def read(start: int | None, size: int, ascending: bool) -> list[Place]:
            if not expression:
                return []
            return text_index.by_date(connection, expression, start, size, ascending=ascending)

        return cls(connection, read)

    def __call__(
        self,
        _: int,
        statement: Statement,
        values: Mapping[str, Any],
        backwards: bool,
        bounded: bool,
    ) -> list[tuple[Key, Any]]:
        """The rows of a statement of the list by order date; its other way round is upwards."""
        wanted = values["page_size"]
        start = text_index.bucket(values["key_0"]) if bounded else None
        rows: list[tuple[Key, Any]] = []
        size, done = max(_FIRST_SLICE, 2 * wanted), False
        while not done and len(rows) < wanted:
            places = self._read(start, size, backwards)
            done = len(places) < size
            if not done:
                # The last bucket may go on: its orders come whole, in the next slice.
                start = places[-1][0]
                places = [place for place in places if place[0] != start]
            size *= 4
            if places:
                given = {"orders": as_list(order for _, order in places)}
                left = {"page_size": wanted - len(rows)}
                rows += execute_straight(self._connection, statement, {**values, **given, **left})
        return rows
