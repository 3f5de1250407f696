"""How a purchase order line stands, on its own numbers and as a condition for queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func

from preorder_tui.marks import CLOSED_ITEM_STATUSES


def sellable(ordered: int, ceiling: int | None) -> int:
    """Units that may be promised in all: the ordered ones, or fewer by the ATP limit (R-14)."""
    return ordered if ceiling is None else min(ordered, ceiling)


def ordered_of(item: FromClause) -> ColumnElement[int]:
    """Units that the supplier is to deliver: quantity - cancelled."""
    ordered: ColumnElement[int] = item.c.QUANTITY - item.c.CANCEL_QUANTITY
    return ordered


def sellable_of(item: FromClause) -> ColumnElement[int]:
    """:func:`sellable` of a line of ORDER_ITEM."""
    ordered = ordered_of(item)
    return case((item.c.ATP_CEILING < ordered, item.c.ATP_CEILING), else_=ordered)


def late(
    arrival: datetime | None,
    start_of_today: datetime,
    *,
    received: int,
    ordered: int,
    item_status_id: str,
) -> bool:
    """Whether the line was to arrive before today and is not all in (R-17)."""
    return (
        arrival is not None
        and arrival < start_of_today
        and item_status_id not in CLOSED_ITEM_STATUSES
        and received < ordered
    )


def is_late(item: FromClause, start_of_today: Any) -> ColumnElement[bool]:
    """:func:`late` as a condition over ORDER_ITEM."""
    return and_(
        item.c.ESTIMATED_DELIVERY_DATE < start_of_today,
        item.c.STATUS_ID.not_in(CLOSED_ITEM_STATUSES),
        func.coalesce(item.c.RECEIVED_QUANTITY, 0) < ordered_of(item),
    )
