"""What the standing of a sales order line forbids, and why, in the words of every refusal."""

from __future__ import annotations

from preorder_tui import marks
from preorder_tui.words import PRESELL_PARKINGS, word


def why_not_waiting(state: marks.Standing) -> str | None:
    """Why a sales order line may not be allocated; None when it may (R-04, R-06, R-08)."""
    if state.order_status_id not in marks.OPEN_ORDER_STATUSES:
        return f"its order is {word(state.order_status_id).lower()}"
    if state.status_id not in marks.OPEN_ITEM_STATUSES:
        return f"it is {word(state.status_id).lower()}"
    if state.facility_id not in PRESELL_PARKINGS:
        place = f"in {word(state.facility_id)}, not" if state.facility_id else "not"
        return f"it is {place} in a presell queue"
    return None


def why_closed(state: marks.Standing) -> str | None:
    """Why a line and its order are over and done with; None when they are not."""
    if state.status_id in marks.CLOSED_ITEM_STATUSES:
        return f"it is {word(state.status_id).lower()}"
    if state.order_status_id in marks.CLOSED_ORDER_STATUSES:
        return f"its order is {word(state.order_status_id).lower()}"
    return None


def why_out_of_queue(state: marks.Standing) -> str | None:
    """Why what a line has is no longer to be touched: it is closed, or has left its queue."""
    closed = why_closed(state)
    if closed is None and state.facility_id not in PRESELL_PARKINGS:
        return f"it was released from its queue to {word(state.facility_id)}"
    return closed or why_not_waiting(state)
