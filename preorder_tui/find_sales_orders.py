"""Find Sales Order: pages of orders, or of their lines, by any filter and sort."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    and_,
    bindparam,
    exists,
    func,
    not_,
    select,
    tuple_,
)

from data.tables import (
    facility,
    order_header,
    order_item,
    order_item_ship_group,
    product_store,
)
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.paging import (
    Execute,
    Fetched,
    Place,
    Segment,
    Statement,
    capped_count,
    count_statement,
    fetch,
    page_statement,
)
from preorder_tui.query_hints import as_it_is, not_by_index
from preorder_tui.records import (
    Choices,
    Count,
    Key,
    Page,
    SalesItemRow,
    SalesOrderQuery,
    SalesOrderRow,
    SalesSort,
)
from preorder_tui.sales_order_filters import (
    Along,
    Shape,
    line_conditions,
    order_conditions,
    parameters,
)
from preorder_tui.sales_order_rows import item_rows, order_rows
from preorder_tui.sales_order_ways import by_the_best_way
from preorder_tui.text import clean_or_empty
from preorder_tui.words import CHANNEL_WORDS, QUEUE_WORDS

_LINE_DATES: dict[SalesSort, Column[datetime]] = {
    "promisedDatetime": order_item.c.PROMISED_DATETIME,
    "autoCancelDate": order_item.c.AUTO_CANCEL_DATE,
}

_HEADER_COLUMNS = (
    order_header.c.ORDER_ID,
    order_header.c.ORDER_NAME,
    order_header.c.EXTERNAL_ID,
    order_header.c.ORDER_DATE,
    order_header.c.STATUS_ID,
)


def orders_page(
    connection: Connection,
    clock: Clock,
    query: SalesOrderQuery,
    size: int,
    *,
    after: Key | None = None,
    before: Key | None = None,
    place: Place = "first",
) -> Page[SalesOrderRow]:
    """A page of the orders that ``query`` finds.

    An order sorts by its own date, or by the earliest promise or auto-cancel date among its lines
    that are not closed; orders without one come last.

    Args:
        connection: in a read transaction.
        clock: the site's clock.
        query: filters, search and sort.
        size: rows on the page.
        after: key of the row that the page follows.
        before: key of the row that the page ends before.
        place: without a key: the first or the last page.
    """

    def statement_for(
        shape: Shape, number: int, backwards: bool, bounded: bool
    ) -> Statement | None:
        promised = query.sort == "promisedDatetime" and _PROMISED.intersection(shape.line)
        if number and promised:
            return None
        return _orders_statement(shape, query.sort, number, backwards, bounded)

    found = _found(connection, clock, query, size, statement_for, after, before, place, items=False)
    rows = order_rows(connection, clock, found.rows)
    return Page(rows, found.keys, found.at_start, found.at_end)


def items_page(
    connection: Connection,
    clock: Clock,
    query: SalesOrderQuery,
    size: int,
    *,
    after: Key | None = None,
    before: Key | None = None,
    place: Place = "first",
) -> Page[SalesItemRow]:
    """A page of the lines that ``query`` finds (arguments as for :func:`orders_page`).

    Sorted by order date the lines of an order stand together; sorted by a line's own date they do
    not.
    """

    def statement_for(
        shape: Shape, number: int, backwards: bool, bounded: bool
    ) -> Statement | None:
        if number in _impossible(shape, query.sort):
            return None
        return _items_statement(shape, query.sort, number, backwards, bounded)

    found = _found(connection, clock, query, size, statement_for, after, before, place, items=True)
    rows = item_rows(connection, clock, found.rows)
    return Page(rows, found.keys, found.at_start, found.at_end)


def count(
    connection: Connection, clock: Clock, query: SalesOrderQuery, *, items: bool = False
) -> Count:
    """How many orders, or lines, ``query`` finds; counting stops at 10,000."""

    def counted(shape: Shape, values: Mapping[str, Any], _: Execute | None) -> Count:
        return capped_count(connection, _count_statement(shape, items), values)

    return by_the_best_way(connection, query, parameters(clock, query), counted)


def choices(connection: Connection, clock: Clock) -> Choices:
    """What the filter form offers; queues come before warehouses and stores."""
    stores = connection.execute(
        select(product_store.c.PRODUCT_STORE_ID, product_store.c.STORE_NAME)
    )
    places = connection.execute(select(facility.c.FACILITY_ID, facility.c.FACILITY_NAME)).all()
    names = {facility_id: clean_or_empty(name) or facility_id for facility_id, name in places}
    methods = _methods(connection)
    return Choices(
        product_stores=_by_word((key, clean_or_empty(name) or key) for key, name in stores),
        facilities=(
            *((key, words) for key, words in QUEUE_WORDS.items() if key in names),
            *_by_word((key, name) for key, name in names.items() if key not in QUEUE_WORDS),
        ),
        sales_channels=tuple(CHANNEL_WORDS.items()),
        shipment_methods=_by_word((key, clean_or_empty(key)) for key in methods if key),
    )


def _methods(connection: Connection) -> list[str]:
    column = order_item_ship_group.c.SHIPMENT_METHOD_TYPE_ID
    if connection.dialect.name != "sqlite":
        return list(connection.execute(select(column).distinct()).scalars())
    # From one to the next along their index: three steps instead of a million rows.
    found: list[str] = []
    following = select(func.min(column)).where(column > bindparam("method"), column.is_not(None))
    method: str | None = ""
    while (method := connection.execute(following, {"method": method}).scalar_one()) is not None:
        found.append(method)
    return found


def _by_word(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pairs, key=lambda pair: (pair[1].casefold(), pair[0])))


def _found(
    connection: Connection,
    clock: Clock,
    query: SalesOrderQuery,
    size: int,
    statement_for: Callable[[Shape, int, bool, bool], Statement | None],
    after: Key | None,
    before: Key | None,
    place: Place,
    *,
    items: bool,
) -> Fetched[Any]:
    def page(shape: Shape, values: Mapping[str, Any], execute: Execute | None) -> Fetched[Any]:
        return fetch(
            connection,
            partial(statement_for, shape),
            1 if query.sort == "orderDate" else 2,
            values,
            size,
            after=after,
            before=before,
            place=place,
            execute=execute,
        )

    values = parameters(clock, query)
    at = "after" if after is not None else "before" if before is not None else place
    return by_the_best_way(connection, query, values, page, rows=size, items=items, at=at)


# --- Statements ---------------------------------------------------------------------------------


_PROMISED = {"before_arrival", "overdue"}
"""The filters whose lines are open and have a promise: so has every order they find."""
_DATED: dict[SalesSort, set[str]] = {
    "promisedDatetime": {"promised_from", "promised_to", "before_arrival", "overdue"},
    "autoCancelDate": {"auto_cancel_from", "auto_cancel_to"},
}


def _impossible(shape: Shape, sort: SalesSort) -> tuple[int, ...]:
    """The segments of the list of lines that the filters leave empty: nobody need look there."""
    if _DATED.get(sort, set()).intersection(shape.line):
        return (1,)
    if sort == "promisedDatetime" and "without_promise" in shape.line:
        return (0,)
    return ()


@lru_cache(maxsize=512)
def _orders_statement(
    shape: Shape, sort: SalesSort, number: int, backwards: bool, bounded: bool
) -> Statement:
    segments = _order_segments(shape, sort, _along(sort, backwards=backwards, bounded=bounded))
    return page_statement(segments[number], backwards=backwards, bounded=bounded)


@lru_cache(maxsize=512)
def _items_statement(
    shape: Shape, sort: SalesSort, number: int, backwards: bool, bounded: bool
) -> Statement:
    segments = _item_segments(shape, sort, _along(sort, backwards=backwards, bounded=bounded))
    return page_statement(segments[number], backwards=backwards, bounded=bounded)


@lru_cache(maxsize=128)
def _count_statement(shape: Shape, items: bool) -> Statement:
    if items:
        return count_statement(_lines(shape))
    return count_statement(select(order_header.c.ORDER_ID).where(*order_conditions(shape)))


def _along(sort: SalesSort, *, backwards: bool, bounded: bool) -> Along:
    """The filters that a walk may begin and end with: a key is nearer than the day it is in."""
    start, *end = {
        "orderDate": ("ordered_to", "ordered_from"),
        "promisedDatetime": ("promised_from", "promised_to", "overdue"),
        "autoCancelDate": ("auto_cancel_from", "auto_cancel_to"),
    }[sort]
    if not bounded:
        return frozenset((start, *end))
    return frozenset((start,) if backwards else end)


def _order_segments(shape: Shape, sort: SalesSort, along: Along) -> tuple[Segment, ...]:
    columns = (
        *_HEADER_COLUMNS,
        order_header.c.PRODUCT_STORE_ID,
        order_header.c.SALES_CHANNEL_ENUM_ID,
    )
    by_lines = sort in _LINE_DATES
    listed = select(*columns).where(*order_conditions(shape, by_lines=by_lines, along=along))
    order_id = order_header.c.ORDER_ID
    hidden = not_by_index if shape.given else as_it_is
    if sort == "orderDate":
        keys = (hidden(order_header.c.ORDER_DATE), order_id)
        return (Segment(listed, keys, descending=True),)
    own = _LINE_DATES[sort]
    other = order_item.alias("earlier")
    others = other.c[own.key]
    dated = and_(other.c.ORDER_ID == order_id, others.is_not(None), rules.not_closed(other))
    # The order stands where its earliest line stands in the index on that date, so the walk goes
    # along the lines and keeps those that no line of the same order precedes.
    earliest = listed.join(order_item, order_item.c.ORDER_ID == order_id).where(
        rules.not_closed(order_item),
        not_(
            exists(
                select(other.c.ORDER_ID)
                .where(
                    dated,
                    tuple_(others, other.c.ORDER_ITEM_SEQ_ID)
                    < tuple_(own, order_item.c.ORDER_ITEM_SEQ_ID),
                )
                .correlate(order_header, order_item)
            )
        ),
    )
    if sort == "promisedDatetime" and "overdue" in shape.line:
        # Of an order with an overdue line the earliest promise is overdue: look no further.
        earliest = earliest.where(hidden(own) < bindparam("start_of_today", type_=DateTime))
    undated = listed.where(
        not_(exists(select(other.c.ORDER_ID).where(dated).correlate(order_header)))
    )
    return (
        Segment(earliest, (hidden(own), order_item.c.ORDER_ID), nullable=True),
        Segment(undated, (order_id,)),
    )


def _lines(shape: Shape, *, by_lines: bool = False, along: Along = None) -> Statement:
    return (
        select(
            *_HEADER_COLUMNS,
            order_item.c.ORDER_ITEM_SEQ_ID,
            order_item.c.STATUS_ID,
            order_item.c.PRODUCT_ID,
            order_item.c.QUANTITY,
            order_item.c.CANCEL_QUANTITY,
            order_item.c.ALLOCATED_QUANTITY,
            order_item_ship_group.c.FACILITY_ID,
            order_item_ship_group.c.SHIPMENT_METHOD_TYPE_ID,
            order_item.c.PROMISED_DATETIME,
            order_item.c.ESTIMATED_DELIVERY_DATE,
            order_item.c.CORRESPONDING_PO_ID,
            order_item.c.AUTO_CANCEL_DATE,
        )
        .join_from(order_header, order_item, order_item.c.ORDER_ID == order_header.c.ORDER_ID)
        .outerjoin(order_item_ship_group, rules.in_ship_group(order_item))
        .where(*line_conditions(shape, by_lines=by_lines, along=along))
    )


def _item_segments(shape: Shape, sort: SalesSort, along: Along) -> tuple[Segment, ...]:
    lines = _lines(shape, by_lines=sort in _LINE_DATES, along=along)
    item = order_item.c.ORDER_ITEM_SEQ_ID
    hidden = not_by_index if shape.given else as_it_is
    if sort == "orderDate":
        order = (hidden(order_header.c.ORDER_DATE), order_header.c.ORDER_ID)
        return (Segment(lines, order, descending=True, tail=(item,)),)
    own = _LINE_DATES[sort]
    line = (order_item.c.ORDER_ID, item)
    return (
        Segment(lines, (hidden(own), *line), nullable=True),
        Segment(lines.where(hidden(own).is_(None)), line),
    )
