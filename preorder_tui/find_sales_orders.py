"""Find Sales Order: pages of orders, or of their lines, by any filter and sort."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Column, Connection, and_, exists, not_, select, tuple_

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
    Place,
    Segment,
    Statement,
    capped_count,
    count_statement,
    fetch,
    page_statement,
)
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
    Shape,
    line_conditions,
    order_conditions,
    parameters,
    shape_of,
)
from preorder_tui.sales_order_rows import item_rows, order_rows
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
    shape = shape_of(query)

    def statement_for(number: int, backwards: bool, bounded: bool) -> Statement:
        return _orders_statement(shape, query.sort, number, backwards, bounded)

    found = fetch(
        connection,
        statement_for,
        _segment_count(query.sort),
        parameters(clock, query),
        size,
        after=after,
        before=before,
        place=place,
    )
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
    shape = shape_of(query)

    def statement_for(number: int, backwards: bool, bounded: bool) -> Statement:
        return _items_statement(shape, query.sort, number, backwards, bounded)

    found = fetch(
        connection,
        statement_for,
        _segment_count(query.sort),
        parameters(clock, query),
        size,
        after=after,
        before=before,
        place=place,
    )
    rows = item_rows(connection, clock, found.rows)
    return Page(rows, found.keys, found.at_start, found.at_end)


def count(
    connection: Connection, clock: Clock, query: SalesOrderQuery, *, items: bool = False
) -> Count:
    """How many orders, or lines, ``query`` finds; counting stops at 10,000."""
    return capped_count(
        connection, _count_statement(shape_of(query), items), parameters(clock, query)
    )


def choices(connection: Connection, clock: Clock) -> Choices:
    """What the filter form offers; queues come before warehouses and stores."""
    stores = connection.execute(
        select(product_store.c.PRODUCT_STORE_ID, product_store.c.STORE_NAME)
    )
    places = connection.execute(select(facility.c.FACILITY_ID, facility.c.FACILITY_NAME)).all()
    names = {facility_id: clean_or_empty(name) or facility_id for facility_id, name in places}
    methods = connection.execute(
        select(order_item_ship_group.c.SHIPMENT_METHOD_TYPE_ID).distinct()
    ).scalars()
    return Choices(
        product_stores=_by_word((key, clean_or_empty(name) or key) for key, name in stores),
        facilities=(
            *((key, words) for key, words in QUEUE_WORDS.items() if key in names),
            *_by_word((key, name) for key, name in names.items() if key not in QUEUE_WORDS),
        ),
        sales_channels=tuple(CHANNEL_WORDS.items()),
        shipment_methods=_by_word((key, clean_or_empty(key)) for key in methods if key),
    )


def _by_word(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pairs, key=lambda pair: (pair[1].casefold(), pair[0])))


# --- Statements ---------------------------------------------------------------------------------


def _segment_count(sort: SalesSort) -> int:
    return 1 if sort == "orderDate" else 2


@lru_cache(maxsize=512)
def _orders_statement(
    shape: Shape, sort: SalesSort, number: int, backwards: bool, bounded: bool
) -> Statement:
    segments = _order_segments(shape, sort)
    return page_statement(segments[number], backwards=backwards, bounded=bounded)


@lru_cache(maxsize=512)
def _items_statement(
    shape: Shape, sort: SalesSort, number: int, backwards: bool, bounded: bool
) -> Statement:
    segments = _item_segments(shape, sort)
    return page_statement(segments[number], backwards=backwards, bounded=bounded)


@lru_cache(maxsize=128)
def _count_statement(shape: Shape, items: bool) -> Statement:
    if items:
        return count_statement(_lines(shape))
    return count_statement(select(order_header.c.ORDER_ID).where(*order_conditions(shape)))


def _order_segments(shape: Shape, sort: SalesSort) -> tuple[Segment, ...]:
    columns = (
        *_HEADER_COLUMNS,
        order_header.c.PRODUCT_STORE_ID,
        order_header.c.SALES_CHANNEL_ENUM_ID,
    )
    by_lines = sort in _LINE_DATES
    listed = select(*columns).where(*order_conditions(shape, by_lines=by_lines))
    order_id = order_header.c.ORDER_ID
    if sort == "orderDate":
        return (Segment(listed, (order_header.c.ORDER_DATE, order_id), descending=True),)
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
    undated = listed.where(
        not_(exists(select(other.c.ORDER_ID).where(dated).correlate(order_header)))
    )
    return (
        Segment(earliest, (own, order_item.c.ORDER_ID), nullable=True),
        Segment(undated, (order_id,)),
    )


def _lines(shape: Shape, *, by_lines: bool = False) -> Statement:
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
        .where(*line_conditions(shape, by_lines=by_lines))
    )


def _item_segments(shape: Shape, sort: SalesSort) -> tuple[Segment, ...]:
    lines = _lines(shape, by_lines=sort in _LINE_DATES)
    item = order_item.c.ORDER_ITEM_SEQ_ID
    if sort == "orderDate":
        order = (order_header.c.ORDER_DATE, order_header.c.ORDER_ID)
        return (Segment(lines, order, descending=True, tail=(item,)),)
    own = _LINE_DATES[sort]
    line = (order_item.c.ORDER_ID, item)
    return (
        Segment(lines, (own, *line), nullable=True),
        Segment(lines.where(own.is_(None)), line),
    )
