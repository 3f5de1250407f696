"""The queue for a product in a store: who waits, in what order, and who holds its supply."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, func, literal, select, tuple_

from data.tables import order_header, order_item, order_item_assoc, order_item_ship_group
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.line_state import SALES_FROM, SalesState, keys_in
from preorder_tui.lines import LineId
from preorder_tui.open_lines import Queue
from preorder_tui.open_lines import queue as open_queue
from preorder_tui.stored_moments import Moment, as_moment, as_stored
from preorder_tui.why_records import QueuePlace, QueueRow
from preorder_tui.words import SALES_ORDER

FIRST_FEW = 3

_UNITS = order_item.c.QUANTITY - order_item.c.CANCEL_QUANTITY
_FIFO = (order_header.c.ORDER_DATE, order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID)


class _Waiting(NamedTuple):
    """A line of the queue, as the driver gives it and as it sorts: the demand order comes first."""

    placed: Moment
    order_id: str
    order_item_seq_id: str
    units: int
    allocated: int


def _queue(product_id: str, product_store_id: str) -> tuple[ColumnElement[bool], ...]:
    """The lines that wait for a product in a store (R-04, R-25)."""
    return (
        order_header.c.ORDER_TYPE_ID == SALES_ORDER,
        order_item.c.PRODUCT_ID == product_id,
        order_header.c.PRODUCT_STORE_ID == product_store_id,
        rules.waits(order_header, order_item, order_item_ship_group),
    )


def _before(state: SalesState) -> ColumnElement[bool]:
    """The line is ahead of ``state`` in the demand order (R-21)."""
    date, order_id, item = state.fifo_key
    return tuple_(*_FIFO) < tuple_(
        literal(date, order_header.c.ORDER_DATE.type), literal(order_id), literal(item)
    )


def _waiting(
    connection: Connection, product_id: str, product_store_id: str, *, only_open: bool = False
) -> list[_Waiting]:
    """The queue in one pass and in no order: a popular product has thousands in it."""
    queue = Queue(SALES_FROM, _queue(product_id, product_store_id), {})
    if only_open:
        queue = open_queue(connection, product_id, product_store_id)
    statement = select(*_FIFO, _UNITS, order_item.c.ALLOCATED_QUANTITY).select_from(queue.source)
    cursor: Any = connection.execute(statement.where(*queue.conditions), queue.parameters).cursor
    return [_Waiting._make(row) for row in cursor.fetchall()]


def place_of(connection: Connection, clock: Clock, state: SalesState, free: int) -> QueuePlace:
    """Where a waiting line stands; ``free`` is what eligible supply still has."""
    waiting = _waiting(connection, state.product_id, state.product_store_id)
    mine = (as_stored(connection, state.order_date), *state.line)
    ahead = [one for one in waiting if one < mine]
    return QueuePlace(
        place=len(ahead) + 1,
        lines=len(waiting),
        units_ahead=int(sum(one.units for one in ahead)),
        allocated_ahead=int(sum(one.allocated for one in ahead)),
        free=free,
        first=tuple(_row(clock, one) for one in nsmallest(FIRST_FEW, ahead)),
    )


class Demand(NamedTuple):
    """The lines that wait for a product with open units."""

    lines: int
    units: int
    first: tuple[QueueRow, ...]


def open_demand(
    connection: Connection, clock: Clock, product_id: str, product_store_id: str
) -> Demand:
    """Who waits for a product in a store and has units open (R-06, R-07)."""
    waiting = _waiting(connection, product_id, product_store_id, only_open=True)
    units = sum(one.units for one in waiting) - sum(one.allocated for one in waiting)
    first = nsmallest(FIRST_FEW, waiting)
    return Demand(len(waiting), int(units), tuple(_row(clock, one) for one in first))


def _row(clock: Clock, one: _Waiting) -> QueueRow:
    return QueueRow(
        LineId(one.order_id, one.order_item_seq_id),
        clock.local(as_moment(one.placed)),
        int(one.units),
        int(one.allocated),
    )


class Holders(NamedTuple):
    """Who holds the units of some purchase order lines, as one line of the queue sees them."""

    earlier_lines: int
    earlier_units: int
    later_lines: int
    later_units: int
    pinned_units: int


_HELD_FROM = SALES_FROM.join(
    order_item_assoc,
    (order_item_assoc.c.ORDER_ID == order_item.c.ORDER_ID)
    & (order_item_assoc.c.ORDER_ITEM_SEQ_ID == order_item.c.ORDER_ITEM_SEQ_ID),
)


def _holds(lines: Sequence[LineId]) -> ColumnElement[bool]:
    return keys_in(order_item_assoc.c.TO_ORDER_ID, order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID, lines)


def _other_than(state: SalesState) -> ColumnElement[bool]:
    return tuple_(order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID) != tuple_(
        *map(literal, state.line)
    )


def holders(connection: Connection, state: SalesState, supplies: Sequence[LineId]) -> Holders:
    """Who else holds units of ``supplies``: orders before ``state`` and after it (R-21)."""
    if not supplies:
        return Holders(0, 0, 0, 0, 0)
    before, units = _before(state), order_item_assoc.c.QUANTITY
    found = connection.execute(
        select(
            func.coalesce(func.sum(case((before, 1), else_=0)), 0),
            func.coalesce(func.sum(case((before, units), else_=0)), 0),
            func.count(),
            func.coalesce(func.sum(units), 0),
            func.coalesce(func.sum(case((order_item_assoc.c.PINNED == "Y", units), else_=0)), 0),
        )
        .select_from(_HELD_FROM)
        .where(_holds(supplies), _other_than(state))
    ).one()
    earlier_lines, earlier_units, lines, total, pinned = (int(number) for number in found)
    return Holders(
        earlier_lines, earlier_units, lines - earlier_lines, total - earlier_units, pinned
    )


class Holder(NamedTuple):
    """A line that holds units of one purchase order line and of no other."""

    line: LineId
    to: LineId
    units: int
    order_date: Any
    promised: Any


def one_holder(
    connection: Connection,
    state: SalesState,
    supplies: Sequence[LineId],
    units: int,
    *conditions: ColumnElement[bool],
    best: Sequence[Any],
) -> Holder | None:
    """The best line that could give ``units`` of ``supplies``: it waits, unpinned, one supply."""
    if not supplies:
        return None
    found = connection.execute(
        select(
            order_item_assoc.c.ORDER_ID,
            order_item_assoc.c.ORDER_ITEM_SEQ_ID,
            order_item_assoc.c.TO_ORDER_ID,
            order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID,
            order_item_assoc.c.QUANTITY,
            order_header.c.ORDER_DATE,
            order_item.c.PROMISED_DATETIME,
        )
        .select_from(_HELD_FROM)
        .where(
            _holds(supplies),
            _other_than(state),
            rules.waits(order_header, order_item, order_item_ship_group),
            order_header.c.PRODUCT_STORE_ID == state.product_store_id,
            order_item_assoc.c.PINNED == "N",
            order_item_assoc.c.QUANTITY == order_item.c.ALLOCATED_QUANTITY,
            order_item_assoc.c.QUANTITY >= units,
            *conditions,
        )
        .order_by(*best)
        .limit(1)
    ).first()
    if found is None:
        return None
    order_id, item, to_order, to_item, held, placed, promised = found
    return Holder(LineId(order_id, item), LineId(to_order, to_item), int(held), placed, promised)


def placed_after(state: SalesState) -> ColumnElement[bool]:
    """The line stands behind ``state`` in the demand order."""
    date, order_id, item = state.fifo_key
    return tuple_(*_FIFO) > tuple_(
        literal(date, order_header.c.ORDER_DATE.type), literal(order_id), literal(item)
    )


NEWEST_FIRST = tuple(column.desc() for column in _FIFO)
PROMISED_LAST_FIRST = (
    order_item.c.PROMISED_DATETIME.desc(),
    order_item.c.ORDER_ID,
    order_item.c.ORDER_ITEM_SEQ_ID,
)
