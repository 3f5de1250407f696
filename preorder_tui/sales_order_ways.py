"""Ways to the rows of Find Sales Order on SQLite, whose planner has no statistics to choose by.

A page is read by walking the list's own index from where the page begins, keeping the rows that the
filters let through. That is the fastest way when many pass. When few do, the walk is long, and the
way is the other way round: ask what lets few rows through for its orders (an index of the filter's
own, or the index of pieces of text), see where in the list these stand, and read them from there
(:mod:`preorder_tui.sales_order_places`). Between the two lies a walk that looks at nothing but
indexes. Which is best nobody knows beforehand, so the first walk gets a few milliseconds, and what
the filters find is counted before it is read. A page is the same by every way, only the time is
not.

Other databases have statistics and take the plain statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Subquery, select

from data.search_index import has_index
from preorder_tui.along_dates import AlongDates
from preorder_tui.along_keys import AlongKeys, Apart, AtOnce, Gathered, Walked
from preorder_tui.kept_places import keep, note_walk, page_of, seconds_walked
from preorder_tui.marks import CLOSED_ITEM_STATUSES, CLOSED_ORDER_STATUSES
from preorder_tui.paging import Execute
from preorder_tui.query_hints import as_list, within
from preorder_tui.records import SalesOrderQuery
from preorder_tui.sales_order_candidates import (
    OF_SHIP_GROUPS,
    candidates_of,
    closed_with_date,
    dated_lines,
    lines_of,
    listed_orders,
    orders_of,
    share_of_lines,
    ways_of,
)
from preorder_tui.sales_order_filters import Shape, shape_of
from preorder_tui.sales_order_lookups import Lookups, Words, lookups, words_of
from preorder_tui.sales_order_places import gathered, number_of, sales_only, walked
from preorder_tui.sales_order_search import Search
from preorder_tui.sales_order_walks import OF_DATES

Result = TypeVar("Result")
Work = Callable[[Shape, Mapping[str, Any], Execute | None], Result]

WALK_SECONDS = 0.002
SHORT_WALK_SECONDS = 0.015
LONG_WALK_SECONDS = 0.25
LONGEST_WALK_SECONDS = 30.0
FEW, MANY, MOST = 2_000, 20_000, 400_000
AT_ONCE = 20_000
GATHER_SECONDS = 0.00001  # an order by the dates of its lines, about
SOLD = 8_000  # ship groups of which the sales orders are read at once
_SOLD = "sold"
_PAGE = 50  # the page that the seconds are for
_COUNT_PAGES = 4  # a count, which nobody waits for, may walk so many times longer


def by_the_best_way(
    connection: Connection,
    query: SalesOrderQuery,
    values: Mapping[str, Any],
    work: Work[Result],
    *,
    rows: int | None = None,
    items: bool = False,
    at: str = "first",
) -> Result:
    """What ``work`` reads for ``query``, soon.

    Args:
        connection: in a read transaction.
        query: what is looked for.
        values: the values of its shape's statements.
        work: reads by statements of a shape, with values, in a way of executing them; it may be
            called again.
        rows: how many rows its page has; None: it reads no page but counts.
        items: whether it is a page of lines.
        at: which page it is: the first, the last, one after a row or before one.
    """
    shape = shape_of(query)
    if connection.dialect.name != "sqlite" or not (shape.words or shape.header or shape.line):
        return work(shape, values, None)
    if rows is not None:
        kept = page_of(connection, query, values, work, items=items)
        if kept is not None:
            return kept
    given, search = values, None
    if shape.words and has_index(connection):
        search = Search(connection, query, shape, values)
        shape, values = search.shape, search.values
    asked = _Asked(connection, query, shape, values, work, search, rows, items, given, at)
    for attempt in asked.for_number() if rows is None else asked.for_page():
        if (result := attempt()) is not None:
            return result
    return work(shape, values, None)


@dataclass(frozen=True)
class _Found:
    """How many orders something finds, and how to read them: a filter's name or a word's number,
    None: the words that only orders have."""

    number: int
    orders: Subquery
    values: Mapping[str, Any]
    way: str | int | None

    @property
    def cost(self) -> int:
        """The number as one of orders that a filter finds: those with a word take two looks."""
        return self.number if isinstance(self.way, str) else 2 * self.number


class _TooMany(Exception):
    """There are more than a way is good for."""


@dataclass(frozen=True)
class _Asked(Generic[Result]):
    """A list that is asked for, and the ways that there are to it."""

    connection: Connection
    query: SalesOrderQuery
    shape: Shape
    values: Mapping[str, Any]
    work: Work[Result]
    search: Search | None
    rows: int | None
    items: bool
    given: Mapping[str, Any]
    at: str

    @property
    def _page_kind(self) -> tuple[SalesOrderQuery, bool, str]:
        return (self.query, self.items, self.at)

    def for_page(self) -> Iterator[Callable[[], Result | None]]:
        """The ways to a page: the cheapest tries first."""
        if (before := seconds_walked(self.connection, self._page_kind)) is not None:
            yield partial(self._walk_places, before)
            note_walk(self.connection, self._page_kind, None)
        if not self._beside and self.search is not None and self.search.only_own:
            yield self._along_text
        if not self.shape.words:
            yield partial(self._walk, WALK_SECONDS)
            few = self._fewest(FEW // 10)
            if few is not None:
                yield partial(self._gather, few)
        if self._closed is not None:
            yield partial(self._gather_closed, FEW)
            yield partial(self._walk_places, SHORT_WALK_SECONDS)
            yield partial(self._gather_closed, MANY)
        known = self._sold(self._fewest(MANY))
        if known is not None and known.number <= FEW:
            yield partial(self._gather, known)
        if self._places is None and not self.shape.words:
            yield partial(self._walk, WALK_SECONDS)
        if known is None or not self._dated(known):
            yield self._along_text
            if known is not None and self._seconds_to_gather(known) <= SHORT_WALK_SECONDS:
                yield partial(self._gather, known)
        if known is None and self._places is None:
            yield partial(self._walk, SHORT_WALK_SECONDS)
        # A part of what it takes to gather, if that would be sooner.
        seconds = LONG_WALK_SECONDS
        if known is not None:
            words = 8 if self._looks.without(known.way) else 3
            seconds = known.number * GATHER_SECONDS / (4 if self.search is None else words)
        yield partial(self._walk_places, max(SHORT_WALK_SECONDS, seconds))
        if known is not None:
            yield partial(self._gather, known)
        longer = self._walk if self._places is None else self._walk_places
        for most in (MOST // 4, MOST):
            if (known := self._fewest(most)) is not None:
                yield partial(self._gather, known)
            yield partial(longer, LONGEST_WALK_SECONDS)

    def for_number(self) -> Iterator[Callable[[], Result | None]]:
        """The ways to a number."""
        yield partial(self._by_text, FEW)
        yield partial(self._walk, WALK_SECONDS)
        yield partial(self._by_filter, FEW)
        yield partial(self._walk, SHORT_WALK_SECONDS)
        yield partial(self._by_text, MANY)
        yield partial(self._by_filter, MANY)
        yield partial(self._walk, LONG_WALK_SECONDS)
        yield partial(self._by_filter, MOST // 4)

    def _walk(self, seconds: float) -> Result | None:
        limit = seconds * (max(1, self.rows / _PAGE) if self.rows is not None else _COUNT_PAGES)
        return within(self.connection, limit, lambda: self.work(self.shape, self.values, None))

    def _walk_places(self, seconds: float) -> Result | None:
        places = self._places
        if places is None:
            return None
        along = AlongKeys(self.connection, places, descending=self.query.sort == "orderDate")
        found = within(
            self.connection,
            seconds * max(1, (self.rows or 0) / _PAGE),
            lambda: self.work(replace(self.shape, given=True), self.values, along),
        )
        if found is not None:
            note_walk(self.connection, self._page_kind, seconds)
        return found

    @cached_property
    def _places(self) -> Walked | None:
        return walked(
            self.connection,
            self.shape,
            self.values,
            self.query.sort,
            self._words,
            items=self.items,
        )

    @cached_property
    def _words(self) -> Words:
        return words_of(self.search) if self.search is not None else ()

    @cached_property
    def _looks(self) -> Lookups:
        return replace(lookups(self.shape, self.values), words=self._words)

    @cached_property
    def _beside(self) -> Lookups:
        """What can be looked up of the orders that have the words that only orders have."""
        return self._looks.without(None)

    def _gather(self, known: _Found) -> Result:
        values = known.values
        looks = self._looks.without(known.way)
        sort = self.query.sort
        orders = known.orders
        if known.way in OF_SHIP_GROUPS and _SOLD not in values:
            orders = sales_only(orders)
        if self.items and sort != "orderDate":
            lines = self._lines_of(known.way)
            orders = orders if lines is None else lines
        at_once: AtOnce = "never"
        if known.number <= AT_ONCE:
            # Some more than a few are read in one go for all that a person looks at.
            at_once = "always" if looks or FEW < known.number <= 2 * FEW else "from the end"
        places = gathered(
            self.connection,
            orders,
            values,
            self.shape,
            sort,
            looks,
            items=self.items,
            at_once=at_once,
        )
        along = AlongKeys(self.connection, places, descending=sort == "orderDate")
        shape, query = replace(self.shape, given=True), self.query
        result = self.work(shape, self.values, along)
        keep(self.connection, query, self.given, places, shape, self.values, items=self.items)
        return result

    def _lines_of(self, way: str | int | None) -> Subquery | None:
        if isinstance(way, str):
            return lines_of(way, self.shape, self.query.sort, self.values)
        lines = self.search.lines(way) if self.search is not None and way is not None else None
        return lines if lines is None else dated_lines(lines, self.shape, self.query.sort)

    @property
    def _closed(self) -> str | None:
        """The filter that finds closed orders or lines, in a list where few of them have a date.

        Orders stand at a date of their open lines, and few closed ones have an open line. Lines are
        closed before they would be cancelled by themselves. A walk along those dates is long.
        """
        if self.query.sort == "orderDate" or self.shape.words:
            return None
        if self.items and self.query.sort != "autoCancelDate":
            return None
        for way, closed in (
            ("statuses", CLOSED_ORDER_STATUSES),
            ("item_statuses", CLOSED_ITEM_STATUSES),
        ):
            if (asked := self.values.get(way)) and not set(asked).difference(closed):
                return way if way == "statuses" or not self.items else None
        return None

    def _gather_closed(self, most: int) -> Result | None:
        rest = self._places
        if rest is None:
            return None
        along = AlongKeys(self.connection, Apart(partial(self._with_date, most), rest))
        narrowed = replace(self.shape, given=True)
        try:
            return within(
                self.connection,
                LONGEST_WALK_SECONDS,
                lambda: self.work(narrowed, self.values, along),
            )
        except _TooMany:
            return None

    def _with_date(self, most: int) -> Gathered:
        """The places of what is closed and has a date."""
        way = self._closed
        assert way is not None
        orders = closed_with_date(self.connection, way, self.values, most, items=self.items)
        if orders is None:
            raise _TooMany
        return gathered(
            self.connection,
            listed_orders("orders"),
            {**self.values, "orders": as_list(orders)},
            self.shape,
            self.query.sort,
            lookups(self.shape, self.values).without(way),
            items=self.items,
        )

    def _fewest(self, most: int) -> _Found | None:
        """The search or the filter that finds the fewest orders; not over ``most``.

        What it finds is counted along an index, which takes no time beside reading the orders.
        """
        found: list[_Found] = []
        values = self.values
        if self.search is not None and (named := self.search.fewest(most)) is not None:
            every = {**values, "most": -1}
            found.append(_Found(named.number, named.orders, every, named.word))
        for way in ways_of(self.shape, self.query):
            least = min([most, *(each.cost for each in found)])
            if found and least <= FEW // 10:
                break
            candidates = candidates_of(way, values)
            limited = {**values, "most": least + 1}
            number = number_of(self.connection, candidates, limited)
            if number <= least:
                found.append(_Found(number, candidates.subquery("candidates"), limited, way))
        return min(found, key=lambda each: each.cost, default=None)

    def _sold(self, found: _Found | None) -> _Found | None:
        """What was found without its purchase orders: they have ship groups, too."""
        if found is None or found.way not in OF_SHIP_GROUPS or found.number > SOLD:
            return found
        sold = select(sales_only(found.orders).c.ORDER_ID)
        orders = self.connection.execute(sold, found.values).scalars().all()
        values = {**self.values, _SOLD: as_list(orders)}
        return _Found(len(orders), listed_orders(_SOLD), values, found.way)

    def _dated(self, found: _Found) -> bool:
        """Whether it is a filter whose own index goes along the list, so that the words need only
        be looked up on the way."""
        if self.search is None or self.query.sort != "orderDate":
            return False
        return found.way in OF_DATES and len(self.values.get("statuses", "1")) == 1

    def _seconds_to_gather(self, found: _Found) -> float:
        """About how long it takes to read where all that was found stands."""
        sort = self.query.sort
        share = 0.35 if sort == "autoCancelDate" else 0.45
        if isinstance(found.way, str) and any(word is None for word, *_ in self._words):
            share = 0.08  # few of them have the words
        elif isinstance(found.way, str) and self.items and sort != "orderDate":
            share = min(share, share_of_lines(found.way, sort))
        return found.number * GATHER_SECONDS * share

    def _given(self, orders: list[str]) -> Result:
        narrowed = replace(self.shape, given=True)
        return self.work(narrowed, {**self.values, "orders": as_list(orders)}, None)

    def _by_text(self, most: int) -> Result | None:
        orders = self.search.orders(most) if self.search is not None else None
        return None if orders is None else self._given(orders)

    def _along_text(self) -> Result | None:
        search = self.search
        if self.query.sort != "orderDate" or search is None or search.own is None:
            return None
        if search.some_wait:
            return None
        along = AlongDates(self.connection, self.shape, self.values, self._beside)
        given = replace(self.shape, given=True)
        if (search.only_own and not self._beside) or search.number_of(search.own) <= MANY:
            return self.work(given, self.values, along)
        return within(
            self.connection, LONG_WALK_SECONDS, lambda: self.work(given, self.values, along)
        )

    def _by_filter(self, most: int) -> Result | None:
        for way in ways_of(self.shape, self.query):
            if (orders := orders_of(self.connection, way, self.values, most)) is not None:
                return self._given(orders)
        return None
