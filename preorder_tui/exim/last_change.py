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
    # All rows of the line, and the newest of them here: asked to sort, SQLite would walk the whole
    # journal from its end.
    rows = connection.execute(
        select(
            _row.ORDER_ITEM_CHANGE_ID, change_set.c.CHANGE_USER_LOGIN, change_set.c.CHANGE_DATETIME
        )
        .join(order_item_change, _row.CHANGE_SET_ID == change_set.c.CHANGE_SET_ID)
        .where(
            or_(
                (_row.ORDER_ID == line.order_id)
                & (_row.ORDER_ITEM_SEQ_ID == line.order_item_seq_id),
                (_row.TO_ORDER_ID == line.order_id)
                & (_row.TO_ORDER_ITEM_SEQ_ID == line.order_item_seq_id),
            )
        )
    ).all()
    if not rows:
        return ""
    _, user, moment = max(tuple(row) for row in rows)
    return f"by {clean(user)} on {clock.local(moment):%Y-%m-%d %H:%M}"
