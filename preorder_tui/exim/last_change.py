"""Who changed a line last, for people who meet the change."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from data.tables import change_set, order_item_change
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.text import clean

_row = order_item_change.c


def last_change(connection: Connection, clock: Clock, line: LineId) -> str:
    """Such as ``by ana on 2026-11-25 10:12``; empty when the journal knows of none."""
    found = connection.execute(
        select(change_set.c.CHANGE_USER_LOGIN, change_set.c.CHANGE_DATETIME)
        .join(order_item_change, _row.CHANGE_SET_ID == change_set.c.CHANGE_SET_ID)
        .where(
            or_(
                (line.order_id == _row.ORDER_ID)
                & (line.order_item_seq_id == _row.ORDER_ITEM_SEQ_ID),
                (line.order_id == _row.TO_ORDER_ID)
                & (line.order_item_seq_id == _row.TO_ORDER_ITEM_SEQ_ID),
            )
        )
        .order_by(_row.ORDER_ITEM_CHANGE_ID.desc())
        .limit(1)
    ).first()
    if found is None:
        return ""
    return f"by {clean(found[0])} on {clock.local(found[1]):%Y-%m-%d %H:%M}"
