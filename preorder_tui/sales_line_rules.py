"""The rules of :mod:`preorder_tui.marks` for sales order lines, as conditions for queries.

Each takes the tables (or aliases of them) that the line, its order and its ship group are read
from, so that a query can apply them to any of its lines. Both forms are tested against each other.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, or_

from data.tables import order_item_ship_group
from preorder_tui.marks import CLOSED_ITEM_STATUSES, OPEN_ITEM_STATUSES, OPEN_ORDER_STATUSES
from preorder_tui.query_hints import not_by_index
from preorder_tui.words import PRESELL_PARKINGS

Condition = ColumnElement[bool]


def in_ship_group(item: FromClause, group: FromClause = order_item_ship_group) -> Condition:
    """The join of a line with its ship group."""
    return and_(
        group.c.ORDER_ID == item.c.ORDER_ID,
        group.c.SHIP_GROUP_SEQ_ID == item.c.SHIP_GROUP_SEQ_ID,
    )


def not_closed(item: FromClause) -> Condition:
    """The line is neither completed, cancelled nor rejected: its dates still matter."""
    return item.c.STATUS_ID.not_in(CLOSED_ITEM_STATUSES)


def waits(
    header: FromClause, item: FromClause, group: FromClause, *, by_status: bool = True
) -> Condition:
    """:func:`preorder_tui.marks.waits`.

    ``by_status``: the order's status may be the way to the orders.
    """
    status = header.c.STATUS_ID
    return and_(
        (status if by_status else not_by_index(status)).in_(OPEN_ORDER_STATUSES),
        item.c.STATUS_ID.in_(OPEN_ITEM_STATUSES),
        # Half of the book is in these queues: never start from there.
        not_by_index(group.c.FACILITY_ID).in_(PRESELL_PARKINGS),
    )


def has_open_units(item: FromClause) -> Condition:
    """Fewer units allocated than ordered; of a line that waits, R-07."""
    return item.c.ALLOCATED_QUANTITY < item.c.QUANTITY - item.c.CANCEL_QUANTITY


def unallocated(header: FromClause, item: FromClause, group: FromClause) -> Condition:
    """The allocation state is ``unallocated``."""
    return and_(item.c.ALLOCATED_QUANTITY == 0, has_open_units(item), waits(header, item, group))


def partly(header: FromClause, item: FromClause, group: FromClause) -> Condition:
    """The allocation state is ``partly``."""
    return and_(item.c.ALLOCATED_QUANTITY > 0, has_open_units(item), waits(header, item, group))


def allocated(header: FromClause, item: FromClause, group: FromClause) -> Condition:
    """The allocation state is ``allocated``."""
    # Spelled out instead of NOT waits(…): a line without ship group has a null facility.
    return and_(
        item.c.ALLOCATED_QUANTITY > 0,
        or_(
            item.c.ALLOCATED_QUANTITY >= item.c.QUANTITY - item.c.CANCEL_QUANTITY,
            header.c.STATUS_ID.not_in(OPEN_ORDER_STATUSES),
            item.c.STATUS_ID.not_in(OPEN_ITEM_STATUSES),
            group.c.FACILITY_ID.is_(None),
            group.c.FACILITY_ID.not_in(PRESELL_PARKINGS),
        ),
    )


def before_arrival(item: FromClause) -> Condition:
    """:func:`preorder_tui.marks.before_arrival` of a line that is not closed."""
    return and_(item.c.PROMISED_DATETIME < item.c.ESTIMATED_DELIVERY_DATE, not_closed(item))


def overdue(item: FromClause, start_of_today: Any) -> Condition:
    """:func:`preorder_tui.marks.overdue` of a line that is not closed."""
    return and_(start_of_today > item.c.PROMISED_DATETIME, not_closed(item))


def out_of_sync(item: FromClause) -> Condition:
    """:func:`preorder_tui.marks.out_of_sync`, the line's own openness aside."""
    return and_(
        item.c.ESTIMATED_DELIVERY_DATE.is_not(None),
        or_(
            item.c.PROMISED_DATETIME.is_(None),
            item.c.PROMISED_DATETIME != item.c.ESTIMATED_DELIVERY_DATE,
        ),
    )
