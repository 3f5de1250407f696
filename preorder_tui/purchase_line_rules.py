"""How a purchase order line stands, on its own numbers and as a condition for queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func

from preorder_tui.marks import CLOSED_ITEM_STATUSES


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
        func.coalesce(item.c.RECEIVED_QUANTITY, 0) < item.c.QUANTITY - item.c.CANCEL_QUANTITY,
    )
