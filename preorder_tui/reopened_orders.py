"""Lines that an undo opens again, and their orders: a closed order has no open line.

Cancelling the last open line closes its order. Taking back the cancellation of an earlier line
would leave an open line in a closed order: the later change has to be taken back first.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from data.tables import change_set, order_header, order_item_change
from preorder_tui import marks
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused
from preorder_tui.history import undone_by
from preorder_tui.line_state import chunks
from preorder_tui.plan import Plan
from preorder_tui.text import clean
from preorder_tui.words import word


def require_open(connection: Connection, clock: Clock, plan: Plan, change_set_id: int) -> None:
    """Refuse an inverse plan that opens lines of orders which are closed, and stay so.

    Apply refuses it too when one of the orders changes before that.

    Raises:
        Refused: it names what closed the order.
    """
    opened = dict.fromkeys(
        row.order_id
        for row in plan.changes
        if row.field == "statusId"
        and row.line is not None
        and row.old in marks.CLOSED_ITEM_STATUSES
        and row.new not in marks.CLOSED_ITEM_STATUSES
    )
    own = {row.order_id for row in plan.changes if row.field == "statusId" and row.line is None}
    for order_ids in chunks(order_id for order_id in opened if order_id not in own):
        for order_id, status, version in connection.execute(
            select(
                order_header.c.ORDER_ID, order_header.c.STATUS_ID, order_header.c.ROW_VERSION
            ).where(order_header.c.ORDER_ID.in_(order_ids))
        ):
            if status in marks.CLOSED_ORDER_STATUSES:
                raise Refused(
                    f"change set {change_set_id} cannot be taken back: order {order_id} is "
                    f"{word(status).lower()} by now"
                    + _closed_by(connection, clock, order_id, change_set_id)
                )
            plan.order_versions[order_id] = version


def _closed_by(connection: Connection, clock: Clock, order_id: str, change_set_id: int) -> str:
    """The last standing change set that changed the order's status, with what to do."""
    row = order_item_change.c
    later = connection.execute(
        select(change_set)
        .where(
            change_set.c.CHANGE_SET_ID.in_(
                select(row.CHANGE_SET_ID).where(
                    row.ORDER_ID == order_id,
                    row.ORDER_ITEM_SEQ_ID.is_(None),
                    row.FIELD == "statusId",
                    change_set_id < row.CHANGE_SET_ID,
                )
            )
        )
        .order_by(change_set.c.CHANGE_SET_ID.desc())
    ).all()
    undone = undone_by(connection, (found.CHANGE_SET_ID for found in later))
    for found in later:
        if found.CHANGE_SET_ID not in undone:
            return (
                f", since {found.CHANGE_SET_ID} by {clean(found.CHANGE_USER_LOGIN)} on "
                f"{clock.local(found.CHANGE_DATETIME):%Y-%m-%d %H:%M} "
                f"({clean(found.COMMAND)}): take that back first"
            )
    return ""
