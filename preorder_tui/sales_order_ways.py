"""Ways to the rows of Find Sales Order on SQLite, whose planner has no statistics to choose by.

A page is read by walking the list's own index from where the page begins, keeping the rows that the
filters let through. That is the fastest way when many pass. When few do, the walk is long, and the
way is the other way round: ask what lets few rows through for its orders (an index of the filter's
own, or the index of pieces of text), give those to the statement, and sort. Which it is nobody
knows beforehand, so the walk gets a few milliseconds; and a filter is asked for no more orders than
are worth it. A page is the same by every way; only the time is not.

Other databases have statistics and take the plain statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Integer, Select, bindparam, select, text

from data.search_index import ORDERS, PRODUCTS, has_index
from data.sqlite_indexes import PARTLY_ALLOCATED, PROMISED_BEFORE_ARRIVAL, UNUSUAL_STATUS
from data.tables import order_header, order_item, order_item_ship_group, product
from preorder_tui import text_index
from preorder_tui.paging import Execute, Statement, execute_straight
from preorder_tui.query_hints import as_list, in_list, within
from preorder_tui.records import Key, SalesOrderQuery
from preorder_tui.sales_order_filters import (
    Products,
    Shape,
    lines_of_purchase_order,
    product_has,
    shape_of,
)
from preorder_tui.text_search import words
from preorder_tui.words import SALES_ORDER

Result = TypeVar("Result")
Work = Callable[[Shape, Mapping[str, Any], Execute | None], Result]

FEW = 3_000
MANY = 20_000
WALK_SECONDS = 0.008
LONG_WALK_SECONDS = 0.04
_PAGE = 50  # the page that the seconds are for
_MOST_PRODUCTS = 6_000
_FIRST_SLICE = 150
_USUAL_ITEM_STATUSES = {"ITEM_APPROVED", "ITEM_COMPLETED"}


def by_the_best_way(
    connection: Connection,
    query: SalesOrderQuery,
    values: Mapping[str, Any],
    work: Work[Result],
    *,
    rows: int = 4 * _PAGE,
) -> Result:
    """What ``work`` reads for ``query``, soon.

    Args:
        connection: in a read transaction.
        query: what is looked for.
        values: the values of its shape's statements.
        work: reads by statements of a shape, with values, in a way of executing them; it may be
            called again.
        rows: how many rows it reads, about.
    """
    shape = shape_of(query)
    if connection.dialect.name != "sqlite":
        return work(shape, values, None)
    search: _Search | None = None
    if shape.words and has_index(connection):
        search = _Search(connection, query, shape, values)
        shape, values = search.shape, search.values
    elif not shape.header and not shape.line:
        return work(shape, values, None)

    def given(orders: list[str]) -> Result:
        narrowed = replace(shape, given=True)
        return work(narrowed, {**values, "orders": as_list(orders)}, None)

    by_text = search is not None and not shape.header and not shape.line
    if search is not None and by_text and query.sort == "orderDate" and search.by_date:
        return work(replace(shape, given=True), values, search.execute)
    if search is not None and (orders := search.orders(FEW)) is not None:
        return given(orders)
    pages = max(1, rows / _PAGE)

    def walk() -> Result:
        return work(shape, values, None)

    if (found := within(connection, WALK_SECONDS * pages, walk)) is not None:
        return found
    ways = list(_ways(shape, query))
    for way in ways:
        if (orders := _orders(connection, way, values, FEW)) is not None:
            return given(orders)
    if search is not None and query.sort == "orderDate" and search.by_date:
        return work(replace(shape, given=True), values, search.execute)
    if (found := within(connection, LONG_WALK_SECONDS * pages, walk)) is not None:
        return found
    if search is not None and (orders := search.orders(MANY)) is not None:
        return given(orders)
    for way in ways:
        if (orders := _orders(connection, way, values, MANY)) is not None:
            return given(orders)
    return walk()


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
    "purchase_order_id": select(_linked.c.ORDER_ID),
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


def _orders(
    connection: Connection, way: str, values: Mapping[str, Any], most: int
) -> list[str] | None:
    """The orders that have what the filter wants, and perhaps others; None: more than ``most``."""
    start, end = (bound in values for bound in _RANGES.get(way, ("", "")))
    found = (
        connection.execute(_statement(way, start, end), {**values, "most": most + 1})
        .scalars()
        .all()
    )
    return list(dict.fromkeys(found)) if len(found) <= most else None


# --- By text ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Word:
    """One word of a search: what finds it in orders, and the products that have it."""

    expression: str | None
    known: Products
    products: tuple[str, ...]


class _Search:
    """The text of a query, looked up in the index."""

    def __init__(
        self,
        connection: Connection,
        query: SalesOrderQuery,
        shape: Shape,
        values: Mapping[str, Any],
    ) -> None:
        self._connection = connection
        self._words = [
            self._word(number, spellings, values)
            for number, spellings in enumerate(words(query.text))
        ]
        known = tuple(word.known for word in self._words)
        self.shape = replace(shape, products=known)
        self.values = {
            **values,
            **{
                f"products_{number}": as_list(word.products)
                for number, word in enumerate(self._words)
                if word.known == "listed"
            },
        }
        self._in_orders = set(known) == {"none"}

    def _word(self, number: int, spellings: tuple[str, ...], values: Mapping[str, Any]) -> _Word:
        connection = self._connection
        expression = text_index.expression(connection, ORDERS, spellings)
        of_products = text_index.expression(connection, PRODUCTS, spellings)
        if of_products is None:
            return _Word(expression, "many", ())
        ids = text_index.candidates(connection, PRODUCTS, of_products, _MOST_PRODUCTS)
        if ids is None:
            return _Word(expression, "many", ())
        if ids:
            having = _having(number, len(spellings))
            ids = list(connection.execute(having, {**values, "candidates": as_list(ids)}).scalars())
        return _Word(expression, "listed" if ids else "none", tuple(ids))

    @property
    def by_date(self) -> bool:
        """Whether the index alone leads to the orders, so that they can be read by their dates."""
        return (
            self._in_orders
            and all(word.expression is not None for word in self._words)
            and not text_index.some_wait(self._connection)
        )

    def orders(self, most: int) -> list[str] | None:
        """The orders that may have all words; None when they are more than ``most``."""
        if self._in_orders:
            told = [word.expression for word in self._words if word.expression is not None]
            if not told:
                return None
            return text_index.candidates(self._connection, ORDERS, text_index.all_of(told), most)
        # Each word must be somewhere: the orders of any one word have all that count.
        best: list[str] | None = None
        for word in self._words:
            found = self._orders_of(word, most if best is None else len(best))
            best = found if found is not None else best
        return best

    def _orders_of(self, word: _Word, most: int) -> list[str] | None:
        if word.expression is None or word.known == "many":
            return None
        found: list[str] = []
        if word.products:
            statement, values = _OF_PRODUCTS, {"products": as_list(word.products)}
            found = list(
                self._connection.execute(statement, {**values, "most": most + 1}).scalars()
            )
            if len(found) > most:
                return None
        named = text_index.candidates(self._connection, ORDERS, word.expression, most)
        return None if named is None else list(dict.fromkeys([*found, *named]))

    def execute(
        self, statement: Statement, values: Mapping[str, Any], backwards: bool, bounded: bool
    ) -> list[tuple[Key, Any]]:
        """Run a statement of the list by date along the index, as far as the page goes."""
        matching = text_index.all_of(word.expression or "" for word in self._words)
        wanted = values["page_size"]
        start = text_index.bucket(values["key_0"]) if bounded else None
        slice_size, rows, done = max(_FIRST_SLICE, 2 * wanted), [], not matching
        while not done and len(rows) < wanted:
            read = text_index.by_date(
                self._connection, matching, start, slice_size, ascending=backwards
            )
            done = len(read) < slice_size
            slice_size *= 4
            if not done:
                # The last bucket may go on: its orders come whole, in the next slice.
                start = read[-1][0]
                read = [(bucket, order) for bucket, order in read if bucket != start]
            orders = {"orders": as_list(order for _, order in read)}
            left = {"page_size": wanted - len(rows)}
            if read:
                rows += execute_straight(self._connection, statement, {**values, **orders, **left})
        return rows


@lru_cache(maxsize=64)
def _having(number: int, spellings: int) -> Statement:
    return select(product.c.PRODUCT_ID).where(
        in_list(product.c.PRODUCT_ID, "candidates"), product_has(number, spellings)
    )


_OF_PRODUCTS = _by_lines(in_list(order_item.c.PRODUCT_ID, "products")).limit(
    bindparam("most", type_=Integer, literal_execute=True)
)
