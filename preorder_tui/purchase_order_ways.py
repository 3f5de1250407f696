"""Ways to the rows of Find Purchase Orders on SQLite; why, says the sales side.

:mod:`preorder_tui.sales_order_ways`: what few orders have is looked up; else the list is walked,
for a moment where its places can be read at once (:mod:`preorder_tui.purchase_order_places`). There
are a tenth as many lines here, so beyond that the walk may take the time it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Integer, Select, and_, bindparam, select, text, union

from data.search_index import has_index
from data.sqlite_indexes import IS_PURCHASE, OF_PURCHASE, UNUSUAL_STATUS
from data.tables import (
    order_header,
    order_item,
    order_item_assoc,
    order_item_ship_group,
)
from preorder_tui.along_keys import AlongKeys
from preorder_tui.kept_places import keep, page_of
from preorder_tui.paging import Execute, Statement
from preorder_tui.purchase_order_filters import Shape, order_has, shape_of
from preorder_tui.purchase_order_places import places_of
from preorder_tui.query_hints import as_list, in_list, within
from preorder_tui.records import PurchaseOrderQuery
from preorder_tui.sales_line_rules import out_of_sync
from preorder_tui.sales_order_search import products_with
from preorder_tui.text_search import words

Result = TypeVar("Result")
Having: TypeAlias = tuple[int, tuple[str, ...] | None]
"""Of a word: in how many spellings it is looked for, and the products that have it; None: many."""

WALK_SECONDS, LONGER = 0.012, 4  # times as long where most lines pass
MOMENT = 0.003
FEW, FEWER, FEWEST = 2_000, 300, 100
NARROW = 1_000  # lines of a range that are soon sorted
_PAGE = 50


def by_the_best_way(
    connection: Connection,
    query: PurchaseOrderQuery,
    values: Mapping[str, Any],
    work: Callable[[Shape, Mapping[str, Any]], Result],
    *,
    rows: int = 4 * _PAGE,
    along: Callable[[Shape, Mapping[str, Any], Execute | None], Result] | None = None,
) -> Result:
    """What ``work`` reads for ``query``, soon (arguments as on the sales side).

    ``along`` reads a page by giving its statements the lines that its places are of.
    """
    shape = shape_of(query)
    if connection.dialect.name != "sqlite" or not (shape.filters or shape.words or shape.group):
        return work(shape, values)

    if along is not None and (kept := page_of(connection, query, values, along, items=True)):
        return kept
    asked, having = values, list[Having]()
    if shape.words and has_index(connection):
        having = [
            (len(spellings), products_with(connection, number, spellings, values))
            for number, spellings in enumerate(words(query.text))
        ]
        shape = replace(shape, listed=tuple(ids is not None for _, ids in having))
        lists = {f"products_{n}": as_list(ids) for n, (_, ids) in enumerate(having) if ids}
        empty = {f"products_{n}": "[]" for n, (_, ids) in enumerate(having) if ids == ()}
        values = {**values, **lists, **empty}

    def found_in(ways: Iterator[list[str] | None]) -> Result | None:
        for orders in ways:
            if orders is not None:
                narrowed = replace(shape, given="orders")
                return work(narrowed, {**values, "orders": as_list(orders)})
        return None

    few = chain(
        _by_filters(connection, shape, values, FEWEST),
        _by_words(connection, having, values, FEWER),
    )
    if (found := found_in(few)) is not None:
        return found
    if _many_arrive(connection, shape, values):
        shape = replace(shape, many_arrive=True)
    places = None
    if along is not None and _few_places(shape, query):
        places = places_of(connection, shape, values, query.sort)

    def walk() -> Result:
        return work(shape, values)

    seconds = WALK_SECONDS * (1 if _few_pass(shape, query) else LONGER)
    if places is not None:
        seconds = _worth_a_walk(shape, query, seconds)
    found = within(connection, seconds * max(1, rows / _PAGE), walk) if seconds else None
    if found is None and along is not None and places is not None:
        narrowed = replace(shape, given="lines")
        found = along(narrowed, values, AlongKeys(connection, places, by_line=True))
        keep(connection, query, asked, places, narrowed, values, items=True, by_line=True)
    if found is None:
        ways = chain(
            _by_words(connection, having, values, FEW), _by_filters(connection, shape, values, FEW)
        )
        found = found_in(ways)
    return walk() if found is None else found


def _few_pass(shape: Shape, query: PurchaseOrderQuery) -> bool:
    """Whether a filter looks as if few lines pass."""
    if {"facility_id", "arrival_from", "arrival_to"}.intersection(shape.filters):
        return True
    return _of_few_statuses(query)


def _of_few_statuses(query: PurchaseOrderQuery) -> bool:
    return any(
        asked and not any(status.endswith("_APPROVED") for status in asked)
        for asked in (query.statuses, query.item_statuses)
    )


def _few_places(shape: Shape, query: PurchaseOrderQuery) -> bool:
    """Whether places, which do not know what is out of sync, are not too many for that."""
    if "out_of_sync" not in shape.filters:
        return True
    return "late" in shape.filters or _of_few_statuses(query)


def _worth_a_walk(shape: Shape, query: PurchaseOrderQuery, seconds: float) -> float:
    """How long to walk where places can be read, instead of ``seconds``."""
    if query.sort == "orderId":
        return 0  # the index that is read for places has them in this order
    if query.sort == "availableToPromise" and "late" in shape.filters:
        return MOMENT  # a walk begins with what was ordered last, which is seldom late
    return MOMENT if query.sort != "productId" and _of_few_statuses(query) else seconds


def _many_arrive(connection: Connection, shape: Shape, values: Mapping[str, Any]) -> bool:
    """Whether so many lines arrive in the days asked for that another order is not sorted soon."""
    if not {"arrival_from", "arrival_to"}.intersection(shape.filters):
        return False
    arriving = _arriving("arrival_from" in values, "arrival_to" in values)
    return _few(connection, arriving, values, NARROW) is None


def _by_words(
    connection: Connection, having: list[Having], values: Mapping[str, Any], most: int
) -> Iterator[list[str] | None]:
    """For each word: the orders that have it, and perhaps others; None: too many."""
    for number, (spellings, ids) in enumerate(having):
        few = ids is not None and len(ids) <= most
        yield _few(connection, _with_word(number, spellings), values, most) if few else None


def _by_filters(
    connection: Connection, shape: Shape, values: Mapping[str, Any], most: int
) -> Iterator[list[str] | None]:
    """For each filter that an index leads from: its orders, and perhaps others; None: too many."""
    opened = (shape.group,) if shape.group is not None and not shape.group_is_empty else ()
    for name in (*shape.filters, *opened):
        statement = _STATEMENTS.get(name)
        if name == "item_statuses" and "ITEM_APPROVED" in values["item_statuses"]:
            statement = None
        if statement is not None:
            yield _few(connection, statement, values, most)
    if {"arrival_from", "arrival_to"}.intersection(shape.filters):
        arriving = _arriving("arrival_from" in values, "arrival_to" in values)
        yield _few(connection, arriving, values, most)


def _few(
    connection: Connection, statement: Statement, values: Mapping[str, Any], most: int
) -> list[str] | None:
    limited = connection.execute(statement, {**values, "most": most + 1})
    found = limited.scalars().all()
    return list(dict.fromkeys(found)) if len(found) <= most else None


_MOST = bindparam("most", type_=Integer, literal_execute=True)


@lru_cache(maxsize=64)
def _with_word(number: int, spellings: int) -> Any:
    of_products = in_list(order_item.c.PRODUCT_ID, f"products_{number}")
    return union(
        select(order_header.c.ORDER_ID).where(text(IS_PURCHASE), order_has(number, spellings)),
        select(order_item.c.ORDER_ID).where(text(OF_PURCHASE), of_products),
    ).limit(_MOST)


def _by_lines(*conditions: Any) -> Select[Any]:
    return select(order_item.c.ORDER_ID).where(text(OF_PURCHASE), *conditions).limit(_MOST)


@lru_cache(maxsize=4)
def _arriving(start: bool, end: bool) -> Statement:
    column = order_item.c.ESTIMATED_DELIVERY_DATE
    return _by_lines(
        *([column >= bindparam("arrival_from", type_=column.type)] if start else []),
        *([column < bindparam("arrival_to", type_=column.type)] if end else []),
    )


_sales_item = order_item.alias("sales_item")
_STATEMENTS: dict[str, Any] = {
    "statuses": select(order_header.c.ORDER_ID)
    .where(text(IS_PURCHASE), order_header.c.STATUS_ID.in_(bindparam("statuses", expanding=True)))
    .limit(_MOST),
    "item_statuses": _by_lines(
        order_item.c.STATUS_ID.in_(bindparam("item_statuses", expanding=True)), text(UNUSUAL_STATUS)
    ),
    "facility_id": select(order_item_ship_group.c.ORDER_ID)
    .where(order_item_ship_group.c.FACILITY_ID == bindparam("facility_id"))
    .limit(_MOST),
    "late": _by_lines(order_item.c.ESTIMATED_DELIVERY_DATE < bindparam("start_of_today")),
    "has_atp": _by_lines(order_item.c.AVAILABLE_TO_PROMISE > 0),
    "out_of_sync": select(order_item_assoc.c.TO_ORDER_ID)
    .join_from(
        _sales_item,
        order_item_assoc,
        and_(
            order_item_assoc.c.ORDER_ID == _sales_item.c.ORDER_ID,
            order_item_assoc.c.ORDER_ITEM_SEQ_ID == _sales_item.c.ORDER_ITEM_SEQ_ID,
        ),
    )
    .where(_sales_item.c.RECEIVED_QUANTITY.is_(None), out_of_sync(_sales_item))
    .limit(_MOST),
    "purchase order": _by_lines(order_item.c.ORDER_ID == bindparam("group")),
    "product": _by_lines(order_item.c.PRODUCT_ID == bindparam("group")),
    "arrival date": _by_lines(
        order_item.c.ESTIMATED_DELIVERY_DATE >= bindparam("group_from"),
        order_item.c.ESTIMATED_DELIVERY_DATE < bindparam("group_to"),
    ),
}
