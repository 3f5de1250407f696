"""Who changed a line last, and when: what a refused plan says."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, literal_column, select

from data.prepared import Prepared
from data.tables import change_set, order_item_change
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.text import clean

_LAST = (
    select(change_set.c.CHANGE_USER_LOGIN, change_set.c.CHANGE_DATETIME, change_set.c.COMMAND)
    .join(order_item_change, order_item_change.c.CHANGE_SET_ID == change_set.c.CHANGE_SET_ID)
    .where(order_item_change.c.ORDER_ID == bindparam("b_order"))
    .order_by(order_item_change.c.ORDER_ITEM_CHANGE_ID.desc())
    .limit(literal_column("1"))
)
_OF_ORDER = Prepared(_LAST)
_OF_LINE = Prepared(_LAST.where(order_item_change.c.ORDER_ITEM_SEQ_ID == bindparam("b_item")))


def who_changed(connection: Connection, clock: Clock, line: LineId, number: int) -> str:
    """The last change of a line, as a sentence.

    Args:
        line: the line; one without an item stands for its whole order.
        number: how many lines changed in all.
    """
    values = {"b_order": line.order_id}
    statement, name = _OF_ORDER, f"order {line.order_id}"
    if line.order_item_seq_id:
        statement, name = _OF_LINE, str(line)
        values["b_item"] = line.order_item_seq_id
    last = statement.rows(connection, values)
    others = f" (and {number - 1:,} more lines)" if number > 1 else ""
    if not last:
        return f"{name}{others} changed since the plan was made: look again and make a new plan"
    user, moment, command = last[0]
    return (
        f"{name}{others} was changed by {clean(user)} at {clock.local(moment):%Y-%m-%d %H:%M:%S} "
        f"({clean(command)}): look again and make a new plan"
    )
