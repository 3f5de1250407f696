"""Orders that may be on a page, in the page's own order, read no further than the page goes.

A statement that lists rows compares and joins all that the list shows. Where few rows pass, that is
much work for each that does not. So something cheaper goes first, and says in the list's order
which orders may have a row, and where (:class:`Places`). Slice by slice these are given to the
statement, which still decides: the places may be too many, never too few.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, Protocol, TypeAlias

from sqlalchemy import Connection

from data.types import sqlite_moment
from preorder_tui.paging import Statement, execute_straight
from preorder_tui.query_hints import as_list, as_list_of_lines
from preorder_tui.records import Key

Place: TypeAlias = tuple[str, ...]
"""The first sort keys of a row, as SQLite stores them."""

AtOnce = Literal["never", "from the end", "always"]
"""When all places are read instead of the first: never, for the last page, or for every page."""

_FIRST_SLICE = 10  # more than the rows that are wanted
_AHEAD = 6  # times as many places as were asked for
_LEAST_AHEAD = 1_000
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

    def __init__(
        self,
        connection: Connection,
        places: Places,
        *,
        descending: bool = False,
        by_line: bool = False,
    ) -> None:
        """``by_line``: a place ends with its line, and the statement is given lines."""
        self._connection = connection
        self._places = places
        self._descending = descending
        self._by_line = by_line
        self._came_from: tuple[Place, str] | None = None

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
            given = {**values, **self._given([self._came_from])}
            if rows := execute_straight(self._connection, statement, given):
                return rows
        ascending = backwards == self._descending
        width = self._places.width(segment)
        place_of = self._places.place_of
        start = place_of(values[f"key_{n}"] for n in range(width)) if bounded else None
        if start is not None:
            self._came_from = (start, self._places.order_of(start))
        rows = []
        # The page begins in the place of the row before it: an order may have more rows there.
        size, first, done = wanted + _FIRST_SLICE, True, False
        while not done and len(rows) < wanted:
            found = self._places.read(segment, start, size, inclusive=first, ascending=ascending)
            done = len(found) < size
            if found:
                end = found[-1][0]
                given = {**values, **self._given(found), "page_size": _ALL}
                for key, row in execute_straight(self._connection, statement, given):
                    place = place_of(key[:width])
                    # What lies beyond comes in the slice that it lies in.
                    if (done or not _beyond(place, end, ascending=ascending)) and (
                        first or start is None or _beyond(place, start, ascending=ascending)
                    ):
                        rows.append((key, row))
                start, first = end, False
            size *= 4
        return rows[:wanted]

    def _given(self, found: list[tuple[Place, str]]) -> dict[str, str]:
        if self._by_line:
            return {"lines": as_list_of_lines(place[-2:] for place, _ in found)}
        return {"orders": as_list(dict.fromkeys(order for _, order in found))}


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


@dataclass(frozen=True)
class Stretch:
    """All the places between two of them, in ascending order; None: from the very first, or to the
    very last."""

    rows: list[tuple[Place, str]]
    low: Place | None = None
    high: Place | None = None

    def read(
        self, start: Place | None, size: int, *, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]] | None:
        """At most ``size`` places with their orders; None: some of them lie outside."""
        near, far = (self.low, self.high) if ascending else (self.high, self.low)
        rows = self.rows
        if near is not None and (start is None or _beyond(near, start, ascending=ascending)):
            return None
        if ascending:
            find = bisect_left if inclusive else bisect_right
            first = 0 if start is None else find(rows, start, key=_of_place)
            found = rows[first : first + size]
        else:
            find = bisect_right if inclusive else bisect_left
            last = len(rows) if start is None else find(rows, start, key=_of_place)
            found = rows[max(0, last - size) : last][::-1]
        return found if len(found) == size or far is None else None


class Gathered(_Shaped):
    """Places that a statement sorts: it is asked for the first of a segment, and when these are
    not all that is wanted, for everything. Where they are not many, for everything at once."""

    def __init__(
        self,
        widths: tuple[int, ...],
        first: Callable[[int, Place | None, int, bool, bool], list[tuple[Place, str]]],
        every: Callable[[], tuple[list[tuple[Place, str]], ...]],
        order_of: Callable[[Place], str],
        *,
        at_once: AtOnce = "never",
    ) -> None:
        super().__init__(widths, order_of)
        self._first = first
        self._every = every
        self._at_once = at_once
        self._stretches: dict[int, Stretch] = {}

    def read(
        self, segment: int, start: Place | None, size: int, *, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        """At most ``size`` places with their orders."""
        known = self._stretches.get(segment)
        found = None
        if known is not None:
            found = known.read(start, size, inclusive=inclusive, ascending=ascending)
        if found is not None:
            return found
        # The last page may want some of each segment.
        from_end = self._at_once == "from the end" and start is None and not ascending
        if known is not None or from_end or self._at_once == "always":
            self._stretches = {n: Stretch(rows) for n, rows in enumerate(self._every())}
        else:
            # To sort more of them costs nothing.
            most = max(_AHEAD * size, _LEAST_AHEAD)
            rows = self._first(segment, start, most, inclusive, ascending)
            end = rows[-1][0] if len(rows) == most else None
            low, high = (start, end) if ascending else (end, start)
            self._stretches[segment] = Stretch(rows if ascending else rows[::-1], low, high)
        known = self._stretches[segment]
        found = known.read(start, size, inclusive=inclusive, ascending=ascending)
        assert found is not None
        return found

    def known(self, most: int) -> Known | None:
        """The places that have been read; None: more than ``most``."""
        if sum(len(stretch.rows) for stretch in self._stretches.values()) > most:
            return None
        return Known(self, dict(self._stretches))


class NotKnown(Exception):
    """A place that was asked for is not among those that are known."""


class Known(_Shaped):
    """Places that were read for another page."""

    def __init__(self, places: _Shaped, stretches: Mapping[int, Stretch]) -> None:
        super().__init__(places.widths, places.order_of)
        self._places = places
        self._stretches = stretches

    def place_of(self, key: Iterable[Any]) -> Place:
        """The place of a row's first sort keys."""
        return self._places.place_of(key)

    def read(
        self, segment: int, start: Place | None, size: int, *, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        """At most ``size`` places with their orders.

        Raises:
            NotKnown: they would have to be read.
        """
        known = self._stretches.get(segment)
        if known is not None:
            found = known.read(start, size, inclusive=inclusive, ascending=ascending)
            if found is not None:
                return found
        raise NotKnown


class Apart(_Shaped):
    """The places of a list's first segment from one source, those of the others from another.

    The first source is made when it is asked for.
    """

    def __init__(self, first: Callable[[], _Shaped], others: _Shaped) -> None:
        super().__init__(others.widths, others.order_of)
        self._first = cache(first)
        self._others = others

    def read(
        self, segment: int, start: Place | None, size: int, *, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        """At most ``size`` places with their orders."""
        source = self._others if segment else self._first()
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
    return tuple(sqlite_moment(part) if isinstance(part, datetime) else str(part) for part in key)


def _beyond(place: Place, other: Place, *, ascending: bool) -> bool:
    return place > other if ascending else place < other
