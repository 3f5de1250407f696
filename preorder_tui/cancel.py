"""Cancelling sales order lines (R-110…R-113)."""

from __future__ import annotations

from sqlalchemy import Connection

from data.tables import order_item
from preorder_tui import marks
from preorder_tui.clock import Clock
from preorder_tui.draft import Draft, change, order_change
from preorder_tui.errors import Refused, WrongUsage
from preorder_tui.line_state import sales_line, sales_where
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.words import CANCEL_REASON_WORDS, CHANGE_CANCEL, word


def plan_cancel_item(
    connection: Connection, clock: Clock, line: LineId, reason_enum_id: str
) -> Plan:
    """Cancel a line: its allocation ends and the purchase order gets its units back (R-111).

    The line keeps its purchase order's number, so that the order is still found from there. When
    the last open line goes, the order is cancelled too (R-113).

    Raises:
        UnknownId: there is no such sales order line.
        WrongUsage: the reason is none of the OMS's.
        Refused: the line is closed already.
    """
    if reason_enum_id not in CANCEL_REASON_WORDS:
        raise WrongUsage(
            f"{reason_enum_id!r} is not a reason: give {', '.join(CANCEL_REASON_WORDS)}"
        )
    state = sales_line(connection, line)
    if state.status_id in marks.CLOSED_ITEM_STATUSES:
        raise Refused(f"{line} is {word(state.status_id).lower()} already")
    if state.order_status_id in marks.CLOSED_ORDER_STATUSES:
        raise Refused(f"the order of {line} is {word(state.order_status_id).lower()}")
    draft = Draft(
        connection,
        clock,
        f"cancel-item {line} --reason-code {reason_enum_id}",
        f"Cancel {line}: {CANCEL_REASON_WORDS[reason_enum_id].lower()}",
    )
    draft.plan.reason_enum_id = reason_enum_id
    draft.take_sales([state])
    for to, quantity in list(draft.links[line].items()):
        draft.add_units(line, to, -quantity)
    plan = draft.finish(promises_follow=False)
    draft.watch(state)
    draft.add(change(line, "statusId", state.status_id, "ITEM_CANCELLED", CHANGE_CANCEL))
    if state.cancelled != state.quantity:
        draft.add(change(line, "cancelQuantity", state.cancelled, state.quantity, CHANGE_CANCEL))
    others = [
        other
        for other in sales_where(connection, order_item.c.ORDER_ID == line.order_id)
        if other.line != line
    ]
    close_order(draft, line.order_id, state.order_status_id, [other.status_id for other in others])
    draft.watch(*others)
    return plan


def close_order(
    draft: Draft, order_id: str, order_status_id: str, other_item_statuses: list[str]
) -> None:
    """Cancel or complete the order when no open line is left (R-113, R-71).

    Args:
        other_item_statuses: of the lines that this plan does not cancel.
    """
    if any(status not in marks.CLOSED_ITEM_STATUSES for status in other_item_statuses):
        return
    done = "ITEM_COMPLETED" in other_item_statuses
    new = "ORDER_COMPLETED" if done else "ORDER_CANCELLED"
    if new != order_status_id:
        draft.add(order_change(order_id, "statusId", order_status_id, new, CHANGE_CANCEL))
        draft.plan.effects.append(
            f"order {order_id} becomes {word(new).lower()}: no open line is left"
        )
