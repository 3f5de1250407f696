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
from functools import cached_property, lru_cache, partial
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Integer, Select, Subquery, bindparam, select, text

from data.search_index import has_index
from data.sqlite_indexes import PARTLY_ALLOCATED, PROMISED_BEFORE_ARRIVAL, UNUSUAL_STATUS
from data.tables import order_header, order_item, order_item_ship_group
from preorder_tui import text_index
from preorder_tui.along_dates import AlongDates
from preorder_tui.along_keys import AlongKeys, Apart, AtOnce, Walked
from preorder_tui.kept_places import keep, page_of
from preorder_tui.marks import CLOSED_ITEM_STATUSES, CLOSED_ORDER_STATUSES
from preorder_tui.paging import Execute, Statement
from preorder_tui.query_hints import as_list, listed_orders, within
from preorder_tui.records import SalesOrderQuery
from preorder_tui.sales_order_filters import Shape, lines_of_purchase_order, shape_of
from preorder_tui.sales_order_lookups import Words, lookups, words_of
from preorder_tui.sales_order_places import gathered, number_of, sales_only, walked
from preorder_tui.sales_order_search import Search
from preorder_tui.sales_order_walks import Between, orders_between
from preorder_tui.words import SALES_ORDER

Result = TypeVar("Result")
Work = Callable[[Shape, Mapping[str, Any], Execute | None], Result]

FIRST_WALK_SECONDS = 0.001
WALK_SECONDS = 0.002
SHORT_WALK_SECONDS = 0.015
LONG_WALK_SECONDS = 0.25
LONGEST_WALK_SECONDS = 30.0
FEW, MANY, MOST = 2_000, 20_000, 400_000
AT_ONCE = 20_000
GATHER_SECONDS = 0.00001  # an order, about
_PAGE = 50  # the page that the seconds are for
_COUNT_PAGES = 4  # a count, which nobody waits for, may walk so many times longer
_OF_SHIP_GROUPS = {"facility_ids", "shipment_method_type_id"}
_USUAL_ITEM_STATUSES = {"ITEM_APPROVED"}


def by_the_best_way(
    connection: Connection,
    query: SalesOrderQuery,
    values: Mapping[str, Any],
    work: Work[Result],
    *,
    rows: int | None = None,
    items: bool = False,
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
    asked = _Asked(connection, query, shape, values, work, search, rows, items, given)
    for attempt in asked.for_number() if rows is None else asked.for_page():
        if (result := attempt()) is not None:
            return result
    return work(shape, values, None)


@dataclass(frozen=True)
class _Found:
    """How many orders something finds, and how to read them: a filter's name, None: the words."""

    number: int
    orders: Subquery
    values: Mapping[str, Any]
    way: str | None


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

    def for_page(self) -> Iterator[Callable[[], Result | None]]:
        """The ways to a page: the cheapest tries first."""
        if not (self.shape.header or self.shape.line):
            yield self._along_text
        if not self.shape.words:
            yield partial(self._walk, FIRST_WALK_SECONDS)
            few = self._fewest(FEW // 10)
            if few is not None:
                yield partial(self._gather, few)
            yield partial(self._walk, WALK_SECONDS)
        if self._closed is not None:
            yield partial(self._walk_places, SHORT_WALK_SECONDS)
            yield self._gather_open
        known = self._fewest(MANY)
        if known is not None and known.number <= FEW:
            yield partial(self._gather, known)
        # A part of what it takes to gather, if that would be sooner.
        seconds = LONG_WALK_SECONDS
        if known is not None:
            narrowed = bool(self.shape.words and (self.shape.line or self.shape.header))
            seconds = known.number * GATHER_SECONDS / (8 if narrowed else 4)
        yield partial(self._walk_places, max(SHORT_WALK_SECONDS, seconds))
        if known is not None:
            yield partial(self._gather, known)
        yield self._along_text
        longer = self._walk if self._places() is None else self._walk_places
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
        places = self._places()
        if places is None:
            return None
        along = AlongKeys(self.connection, places, descending=self.query.sort == "orderDate")
        return within(
            self.connection,
            seconds * max(1, (self.rows or 0) / _PAGE),
            lambda: self.work(replace(self.shape, given=True), self.values, along),
        )

    def _places(self) -> Walked | None:
        words, texts = self._words
        values = {**self.values, **texts}
        sort = self.query.sort
        between = self._between if sort != "orderDate" else None
        return walked(
            self.connection, self.shape, values, sort, words, items=self.items, between=between
        )

    @cached_property
    def _between(self) -> Between | None:
        return orders_between(self.connection, self.shape, self.values)

    @cached_property
    def _words(self) -> tuple[Words, Mapping[str, Any]]:
        return words_of(self.search) if self.search is not None else ((), {})

    def _gather(self, known: _Found) -> Result:
        words, texts = self._words
        values = {**texts, **known.values}
        looks = replace(lookups(self.shape, values), words=words).without(known.way)
        sort = self.query.sort
        orders = known.orders
        if known.way in _OF_SHIP_GROUPS:
            orders = sales_only(orders)
        at_once: AtOnce = "never"
        if known.number <= AT_ONCE:
            at_once = "always" if looks else "from the end"
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
        result = self.work(replace(self.shape, given=True), self.values, along)
        keep(
            self.connection,
            self.query,
            self.given,
            places,
            self.shape,
            self.values,
            items=self.items,
        )
        return result

    @property
    def _closed(self) -> str | None:
        """The filter that finds closed orders or lines, in a list of orders by an open line's date.

        Few or none of these orders have an open line, and a walk along the open ones is long.
        """
        if self.items or self.query.sort == "orderDate" or self.shape.words:
            return None
        for way, closed in (
            ("statuses", CLOSED_ORDER_STATUSES),
            ("item_statuses", CLOSED_ITEM_STATUSES),
        ):
            if (asked := self.values.get(way)) and not set(asked).difference(closed):
                return way
        return None

    def _gather_open(self) -> Result | None:
        way = self._closed
        rest = self._places()
        assert way is not None
        if rest is None:
            return None
        candidates = _candidates(way, self.values).distinct().subquery("candidates")
        looks = lookups(self.shape, self.values).without(way)
        sort, values = self.query.sort, {**self.values, "most": -1}
        some = gathered(
            self.connection, candidates, values, self.shape, sort, looks, items=self.items
        )
        along = AlongKeys(self.connection, Apart(some, rest))
        return within(
            self.connection,
            LONGEST_WALK_SECONDS,
            lambda: self.work(replace(self.shape, given=True), self.values, along),
        )

    def _fewest(self, most: int) -> _Found | None:
        """The search or the filter that finds the fewest orders; not over ``most``.

        What it finds is counted along an index, which takes no time beside reading the orders.
        """
        found: list[_Found] = []
        values = self.values
        if self.search is not None:
            if (matching := self.search.matching) is not None:
                number = text_index.number_of_orders(self.connection, matching, most + 1)
                orders = text_index.orders_matching(matching)
                found.append(_Found(number, orders, {**values, "matching": matching}, None))
            elif (listed := self.search.orders(min(most, MANY))) is not None:
                given = {**values, "orders": as_list(listed)}
                found.append(_Found(len(listed), listed_orders("orders"), given, ""))
        for way in _ways(self.shape, self.query):
            least = min([most, *(each.number for each in found)])
            if found and least <= FEW // 10:
                break
            candidates = _candidates(way, values)
            limited = {**values, "most": least + 1}
            number = number_of(self.connection, candidates, limited)
            found.append(_Found(number, candidates.subquery("candidates"), limited, way))
        fewest = min(found, key=lambda each: each.number, default=None)
        return fewest if fewest is not None and fewest.number <= most else None

    def _given(self, orders: list[str]) -> Result:
        narrowed = replace(self.shape, given=True)
        return self.work(narrowed, {**self.values, "orders": as_list(orders)}, None)

    def _by_text(self, most: int) -> Result | None:
        orders = self.search.orders(most) if self.search is not None else None
        return None if orders is None else self._given(orders)

    def _along_text(self) -> Result | None:
        if self.search is None or self.query.sort != "orderDate" or self.search.matching is None:
            return None
        if text_index.some_wait(self.connection):
            return None
        along = AlongDates.matching(self.connection, self.search.matching)
        return self.work(replace(self.shape, given=True), self.values, along)

    def _by_filter(self, most: int) -> Result | None:
        for way in _ways(self.shape, self.query):
            if (orders := _orders(self.connection, way, self.values, most)) is not None:
                return self._given(orders)
        return None


# --- By a filter --------------------------------------------------------------------------------


def _ways(shape: Shape, query: SalesOrderQuery) -> Iterator[str]:
    """The filters of ``query`` that an index leads from to the orders."""
    for name in (*shape.line, *shape.header):
        if name == "item_statuses" and _USUAL_ITEM_STATUSES.intersection(query.item_statuses):
            continue
        if name in _STATEMENTS:
            yield name
    for name, (start, end) in _RANGES.items():
        if start in shape.line + shape.header or end in shape.line + shape.header:
            yield name


_RANGES = {
    "ordered": ("ordered_from", "ordered_to"),
    "promised": ("promised_from", "promised_to"),
    "auto_cancel": ("auto_cancel_from", "auto_cancel_to"),
}
_EARLIEST, _LATEST = "0001-01-01", "9999-12-31 99"


def _by_lines(*conditions: Any) -> Select[Any]:
    return select(order_item.c.ORDER_ID).where(*conditions)


def _by_header(*conditions: Any) -> Select[Any]:
    return select(order_header.c.ORDER_ID).where(*conditions)


def _by_group(*conditions: Any) -> Select[Any]:
    return select(order_item_ship_group.c.ORDER_ID).where(*conditions)


def _several(name: str) -> Any:
    return bindparam(name, expanding=True)


_linked = lines_of_purchase_order().subquery("linked_lines")
_STATEMENTS: dict[str, Select[Any]] = {
    "purchase_order_id": select(_linked.c.ORDER_ID).distinct(),
    "product_id": _by_lines(order_item.c.PRODUCT_ID == bindparam("product_id")),
    "partly": _by_lines(text(PARTLY_ALLOCATED)),
    "before_arrival": _by_lines(text(PROMISED_BEFORE_ARRIVAL)),
    "item_statuses": _by_lines(
        order_item.c.STATUS_ID.in_(_several("item_statuses")), text(UNUSUAL_STATUS)
    ),
    "shipment_method_type_id": _by_group(
        order_item_ship_group.c.SHIPMENT_METHOD_TYPE_ID == bindparam("shipment_method_type_id"),
        order_item_ship_group.c.SHIPMENT_METHOD_TYPE_ID.is_not(None),
    ),
    "facility_ids": _by_group(order_item_ship_group.c.FACILITY_ID.in_(_several("facility_ids"))),
    "overdue": _by_lines(order_item.c.PROMISED_DATETIME < bindparam("start_of_today")),
    "statuses": _by_header(
        order_header.c.ORDER_TYPE_ID == SALES_ORDER,
        order_header.c.STATUS_ID.in_(_several("statuses")),
    ),
    "product_store_id": _by_header(
        order_header.c.PRODUCT_STORE_ID == bindparam("product_store_id")
    ),
    "sales_channel_enum_id": _by_header(
        order_header.c.SALES_CHANNEL_ENUM_ID == bindparam("sales_channel_enum_id")
    ),
}


@lru_cache(maxsize=64)
def _statement(way: str, start: bool, end: bool) -> Statement:
    limit = bindparam("most", type_=Integer, literal_execute=True)
    if way not in _RANGES:
        return _STATEMENTS[way].limit(limit)
    column = {
        "ordered": order_header.c.ORDER_DATE,
        "promised": order_item.c.PROMISED_DATETIME,
        "auto_cancel": order_item.c.AUTO_CANCEL_DATE,
    }[way]
    # An order's own dates are behind its type in their index.
    kind = [order_header.c.ORDER_TYPE_ID == SALES_ORDER] if way == "ordered" else []
    first, last = _RANGES[way]
    bounds = [
        *([column >= bindparam(first, type_=column.type)] if start else []),
        *([column < bindparam(last, type_=column.type)] if end else []),
    ]
    return (_by_header if way == "ordered" else _by_lines)(*kind, *bounds).limit(limit)


def _candidates(way: str, values: Mapping[str, Any]) -> Statement:
    start, end = (bound in values for bound in _RANGES.get(way, ("", "")))
    return _statement(way, start, end)


def _orders(
    connection: Connection, way: str, values: Mapping[str, Any], most: int
) -> list[str] | None:
    """The orders that have what the filter wants, and perhaps others; None: more than ``most``."""
    found = (
        connection.execute(_candidates(way, values), {**values, "most": most + 1}).scalars().all()
    )
    return list(dict.fromkeys(found)) if len(found) <= most else None
