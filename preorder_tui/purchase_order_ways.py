"""Ways to the rows of Find Purchase Orders on SQLite; why, says the sales side.

:mod:`preorder_tui.sales_order_ways`: the walk comes first, and when it takes too long, whichever
filter few purchase orders pass. There are a tenth as many lines here, so beyond that the walk may
take the time it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Integer, Select, and_, bindparam, select, text, union

from data.search_index import has_index
from data.sqlite_indexes import IS_PURCHASE, OF_PURCHASE, UNUSUAL_STATUS
from data.tables import (
    order_header,
    order_item,
    order_item_assoc,
    order_item_ship_group,
    product,
)
from preorder_tui.along_keys import AlongKeys
from preorder_tui.paging import Execute, Statement
from preorder_tui.purchase_order_filters import Shape, order_has, shape_of
from preorder_tui.purchase_order_places import places_of
from preorder_tui.query_hints import as_list, in_list, within
from preorder_tui.records import PurchaseOrderQuery
from preorder_tui.sales_line_rules import out_of_sync
from preorder_tui.sales_order_filters import product_has
from preorder_tui.sales_order_search import products_with
from preorder_tui.text_search import words

Result = TypeVar("Result")

WALK_SECONDS, LONGER = 0.012, 2.5  # times as long where most lines pass
FEW, FEWEST = 2_000, 100
_PAGE = 50


def by_the_best_way(
    connection: Connection,
    query: PurchaseOrderQuery,
    values: Mapping[str, Any],
    work: Callable[[Shape, Mapping[str, Any]], Result],
    *,
    rows: int = 4 * _PAGE,
    along: Callable[[Shape, Mapping[str, Any], Execute], Result] | None = None,
) -> Result:
    """What ``work`` reads for ``query``, soon (arguments as on the sales side).

    ``along`` reads a page by giving its statements the orders that its places are in.
    """
    shape = shape_of(query)
    if connection.dialect.name != "sqlite" or not (shape.filters or shape.words or shape.group):
        return work(shape, values)

    if shape.words and has_index(connection):
        found_products = [
            products_with(connection, number, spellings, values)
            for number, spellings in enumerate(words(query.text))
        ]
        shape = replace(shape, listed=tuple(ids is not None for ids in found_products))
        lists = {f"products_{n}": as_list(ids) for n, ids in enumerate(found_products) if ids}
        empty = {f"products_{n}": "[]" for n, ids in enumerate(found_products) if ids == ()}
        values = {**values, **lists, **empty}

    def walk() -> Result:
        return work(shape, values)

    # What has a word takes longer to find than a short walk.
    for orders in _ways(connection, query, replace(shape, words=()), values, FEWEST):
        if orders is not None:
            return work(replace(shape, given=True), {**values, "orders": as_list(orders)})
    seconds = WALK_SECONDS * max(1, rows / _PAGE) * (1 if _finds_few(shape, query) else LONGER)
    if (found := within(connection, seconds, walk)) is not None:
        return found
    if along is not None and (places := places_of(connection, shape, values, query.sort)):
        narrowed = replace(shape, given=True)
        return along(narrowed, values, AlongKeys(connection, places))
    for orders in _ways(connection, query, shape, values, FEW):
        if orders is not None:
            return work(replace(shape, given=True), {**values, "orders": as_list(orders)})
    return walk()


def _finds_few(shape: Shape, query: PurchaseOrderQuery) -> bool:
    """Whether a filter looks as if few lines pass."""
    if {"facility_id", "arrival_from", "arrival_to"}.intersection(shape.filters):
        return True
    return any(
        asked and not any(status.endswith("_APPROVED") for status in asked)
        for asked in (query.statuses, query.item_statuses)
    )


def _ways(
    connection: Connection,
    query: PurchaseOrderQuery,
    shape: Shape,
    values: Mapping[str, Any],
    most: int,
) -> Iterator[list[str] | None]:
    """For each filter that an index leads from: its orders, and perhaps others; None: too many."""
    if shape.words and has_index(connection):
        for number, spellings in enumerate(words(query.text)):
            yield _by_word(connection, number, spellings, values, most)
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


def _by_word(
    connection: Connection,
    number: int,
    spellings: tuple[str, ...],
    values: Mapping[str, Any],
    most: int,
) -> list[str] | None:
    products = products_with(connection, number, spellings, values)
    if products is None:
        return None
    return _few(
        connection,
        _with_word(number, len(spellings)),
        {**values, "candidates": as_list(products)},
        most,
    )


_MOST = bindparam("most", type_=Integer, literal_execute=True)


@lru_cache(maxsize=64)
def _with_word(number: int, spellings: int) -> Any:
    having = select(product.c.PRODUCT_ID).where(
        in_list(product.c.PRODUCT_ID, "candidates"), product_has(number, spellings)
    )
    return union(
        select(order_header.c.ORDER_ID).where(text(IS_PURCHASE), order_has(number, spellings)),
        select(order_item.c.ORDER_ID).where(text(OF_PURCHASE), order_item.c.PRODUCT_ID.in_(having)),
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
