"""What can only be looked at: orders and lines that are completed, cancelled or rejected."""

from __future__ import annotations

from preorder_tui import marks
from preorder_tui.words import word


def read_only_reason(
    order_status_id: str, item_status_id: str | None = None, *, order: str = "order"
) -> str:
    """Why an order, or a line of it, can no longer be changed (R-76); empty when it can.

    Args:
        order_status_id: the status of the order.
        item_status_id: that of the line; None: the order itself is meant.
        order: what the order is called.
    """
    if order_status_id in marks.CLOSED_ORDER_STATUSES:
        return f"the {order} is {word(order_status_id).lower()}"
    if item_status_id in marks.CLOSED_ITEM_STATUSES:
        return f"the line is {word(item_status_id).lower()}"
    return ""
