"""What happened to a purchase order: created, new arrival dates, receipts, closing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, String, and_, bindparam, or_, select

from data.tables import change_set, order_item_change
from preorder_tui.clock import Clock
from preorder_tui.journal_values import as_people_read
from preorder_tui.marks import CLOSED_ITEM_STATUSES, CLOSED_ORDER_STATUSES
from preorder_tui.text import clean
from preorder_tui.wording import counted

_change = order_item_change.c
_EVENTS = (
    select(
        change_set.c.CHANGE_DATETIME,
        change_set.c.CHANGE_USER_LOGIN,
        _change.ORDER_ITEM_SEQ_ID,
        _change.FIELD,
        _change.OLD_VALUE,
        _change.NEW_VALUE,
    )
    .join_from(order_item_change, change_set, change_set.c.CHANGE_SET_ID == _change.CHANGE_SET_ID)
    .where(
        _change.ORDER_ID == bindparam("order_id", type_=String),
        or_(
            _change.FIELD.in_(("estimatedDeliveryDate", "receivedQuantity")),
            and_(
                _change.FIELD == "statusId",
                or_(
                    _change.NEW_VALUE.in_(CLOSED_ORDER_STATUSES + CLOSED_ITEM_STATUSES),
                    # Opened again by an undo.
                    _change.OLD_VALUE.in_(CLOSED_ORDER_STATUSES + CLOSED_ITEM_STATUSES),
                ),
            ),
        ),
    )
    .order_by(_change.CHANGE_SET_ID, _change.ORDER_ITEM_CHANGE_ID)
)


def timeline(
    connection: Connection, clock: Clock, order_id: str, entered: datetime
) -> tuple[tuple[datetime, str], ...]:
    """The moments of a purchase order with a sentence for each, the newest last."""
    events = [(clock.local(entered), "created")]
    for moment, user, item, field, old, new in connection.execute(_EVENTS, {"order_id": order_id}):
        said = f"{item or 'order'} {_said(clock, field, old, new)} ({clean(user)})"
        events.append((clock.local(moment), said))
    return tuple(events)


def _said(clock: Clock, field: str, old: str | None, new: str | None) -> str:
    after = as_people_read(clock, field, new)
    if field == "estimatedDeliveryDate":
        return f"arrives {after} instead of {as_people_read(clock, field, old)}"
    if field == "receivedQuantity":
        step = int(new or 0) - int(old or 0)
        units = counted(abs(step), "unit")
        return f"received {units}" if step >= 0 else f"receipt of {units} taken back"
    if new in CLOSED_ORDER_STATUSES + CLOSED_ITEM_STATUSES:
        return after.lower()
    return f"opened again: {after.lower()}"
