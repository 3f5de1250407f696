"""Orders that may be on a page, in the page's own order, read no further than the page goes.

A statement that lists rows compares and joins all that the list shows. Where few rows pass, that is
much work for each that does not. So something cheaper goes first, and says in the list's order
which orders may have a row, and where (:class:`Places`). Slice by slice these are given to the
statement, which still decides: the places may be too many, never too few.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Connection

from preorder_tui.paging import Statement, execute_straight
from preorder_tui.query_hints import as_list
from preorder_tui.records import Key

Place: TypeAlias = tuple[str, ...]
"""The first sort keys of a row, as SQLite stores them."""

_FIRST_SLICE = 10  # more than the rows that are wanted
_AHEAD = 6  # times as many places as were asked for
_ALL = 1_000_000  # rows of a slice's orders, of which there are a few each


class Places(Protocol):
    """Where orders may have rows."""

    def width(self, segment: int) -> int:
        """How many sort keys a place of the segment has."""

    def order_of(self, place: Place) -> str:
        """The order of a place."""

    def place_of(self, key: Iterable[Any]) -> Place:
        """The place of a row's first sort keys."""

    def read(
        self, segment: int, start: Place | None, size: int, *, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        """At most ``size`` places with their orders, from ``start`` on, one way or the other."""


class AlongKeys:
    """Runs a statement over places, slice by slice, for :func:`preorder_tui.paging.fetch`."""

    def __init__(self, connection: Connection, places: Places, *, descending: bool = False) -> None:
        self._connection = connection
        self._places = places
        self._descending = descending
        self._came_from: str | None = None

    def __call__(
        self,
        segment: int,
        statement: Statement,
        values: Mapping[str, Any],
        backwards: bool,
        bounded: bool,
    ) -> list[tuple[Key, Any]]:
        """The rows of a statement of the list."""
        wanted = values["page_size"]
        if bounded and wanted == 1 and self._came_from is not None:
            # Whether anything is behind the page: normally the row that it was asked for from.
            given = {**values, "orders": as_list([self._came_from])}
            if rows := execute_straight(self._connection, statement, given):
                return rows
        ascending = backwards == self._descending
        width = self._places.width(segment)
        place_of = self._places.place_of
        start = place_of(values[f"key_{n}"] for n in range(width)) if bounded else None
        if start is not None:
            self._came_from = self._places.order_of(start)
        rows = []
        # The page begins in the place of the row before it: an order may have more rows there.
        size, first, done = wanted + _FIRST_SLICE, True, False
        while not done and len(rows) < wanted:
            found = self._places.read(segment, start, size, inclusive=first, ascending=ascending)
            done = len(found) < size
            if found:
                end = found[-1][0]
                orders = as_list(dict.fromkeys(order for _, order in found))
                for key, row in execute_straight(
                    self._connection, statement, {**values, "orders": orders, "page_size": _ALL}
                ):
                    place = place_of(key[:width])
                    # What lies beyond comes in the slice that it lies in.
                    if (done or not _beyond(place, end, ascending=ascending)) and (
                        first or start is None or _beyond(place, start, ascending=ascending)
                    ):
                        rows.append((key, row))
                start, first = end, False
            size *= 4
        return rows[:wanted]


class _Shaped:
    """What is known of places however they are read."""

    def __init__(self, widths: tuple[int, ...], order_of: Callable[[Place], str]) -> None:
        self.widths = widths
        self._order_of = order_of

    def width(self, segment: int) -> int:
        """How many sort keys a place of the segment has."""
        return self.widths[segment]

    def order_of(self, place: Place) -> str:
        """The order of a place."""
        return self._order_of(place)

    def place_of(self, key: Iterable[Any]) -> Place:
        """The place of a row's first sort keys."""
        return _place(key)

    def read(
        self, segment: int, start: Place | None, size: int, *, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        """At most ``size`` places with their orders."""
        raise NotImplementedError


class Gathered(_Shaped):
    """Places that a statement sorts: it is asked for the first of a segment, and when these are
    not all that is wanted, for everything."""

    def __init__(
        self,
        widths: tuple[int, ...],
        first: Callable[[int, Place | None, int, bool, bool], list[tuple[Place, str]]],
        every: Callable[[], tuple[list[tuple[Place, str]], ...]],
        order_of: Callable[[Place], str],
    ) -> None:
        super().__init__(widths, order_of)
        self._first = first
        self._every = every
        self._rows: tuple[list[tuple[Place, str]], ...] | None = None
        # Of each segment what was read ahead, and whether that was all.
        self._ahead: dict[int, tuple[list[tuple[Place, str]], bool]] = {}

    def read(
        self, segment: int, start: Place | None, size: int, *, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        """At most ``size`` places with their orders."""
        if segment not in self._ahead:
            # To sort more of them costs nothing.
            most = _AHEAD * size
            rows = self._first(segment, start, most, inclusive, ascending)
            self._ahead[segment] = (rows[size:], len(rows) < most)
            return rows[:size]
        rows, all_of_them = self._ahead[segment]
        if rows and start is not None and not inclusive and (all_of_them or len(rows) >= size):
            before = rows[0][0]
            if _beyond(before, start, ascending=ascending):
                self._ahead[segment] = (rows[size:], all_of_them)
                return rows[:size]
        if self._rows is None:
            self._rows = self._every()
        rows = self._rows[segment]
        if ascending:
            find = bisect_left if inclusive else bisect_right
            first = 0 if start is None else find(rows, start, key=_of_place)
            return rows[first : first + size]
        find = bisect_right if inclusive else bisect_left
        last = len(rows) if start is None else find(rows, start, key=_of_place)
        return rows[max(0, last - size) : last][::-1]


class Apart(_Shaped):
    """The places of a list's first segment from one source, those of the others from another."""

    def __init__(self, first: _Shaped, others: _Shaped) -> None:
        super().__init__(first.widths, first.order_of)
        self._sources = (first, others)

    def read(
        self, segment: int, start: Place | None, size: int, *, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        """At most ``size`` places with their orders."""
        source = self._sources[min(segment, 1)]
        return source.read(segment, start, size, inclusive=inclusive, ascending=ascending)


class Walked(_Shaped):
    """Places read along an index, as far as they are asked for."""

    def __init__(
        self,
        widths: tuple[int, ...],
        read: Callable[[int, Place | None, int, bool, bool], list[tuple[Place, str]]],
        order_of: Callable[[Place], str],
    ) -> None:
        super().__init__(widths, order_of)
        self._read = read

    def read(
        self, segment: int, start: Place | None, size: int, *, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        """At most ``size`` places with their orders."""
        return self._read(segment, start, size, inclusive, ascending)


def _of_place(row: tuple[Place, str]) -> Place:
    return row[0]


def _place(key: Iterable[Any]) -> Place:
    return tuple(
        part.isoformat(" ", "microseconds") if isinstance(part, datetime) else str(part)
        for part in key
    )


def _beyond(place: Place, other: Place, *, ascending: bool) -> bool:
    return place > other if ascending else place < other
