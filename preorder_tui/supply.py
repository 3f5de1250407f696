"""Supply: what a purchase order line still offers, and whether it may be offered (R-14…R-17)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from data.tables import order_item
from preorder_tui import marks
from preorder_tui.clock import Clock
from preorder_tui.line_state import (
    PurchaseState,
    links_of_sales,
    purchase_where,
    sales_line,
)
from preorder_tui.lines import LineId
from preorder_tui.purchase_line_rules import sellable
from preorder_tui.records import SupplyRow
from preorder_tui.text import clean_or_empty
from preorder_tui.words import word


def available_to_promise(
    ordered: int, received: int, consumed: int, ceiling: int | None, item_status_id: str
) -> int:
    """Units left to promise of a purchase order line: max(0, min(sellable - consumed, open)).

    Source: domain R-14, with sellable = min(ordered, imported ceiling) and open = ordered -
    received; 0 for a line that is not created or approved. The column AVAILABLE_TO_PROMISE holds
    the same for the rows as they stand; this serves plans, where the numbers are not stored yet.
    """
    if item_status_id not in marks.OPEN_ITEM_STATUSES:
        return 0
    return max(0, min(sellable(ordered, ceiling) - consumed, ordered - received))


def atp_after(state: PurchaseState, more: int) -> int:
    """The ATP of a line when so many more (or fewer) of its units are allocated (R-14)."""
    return available_to_promise(
        state.ordered, state.received, state.allocated + more, state.ceiling, state.status_id
    )


def atp_moves(state: PurchaseState, after: int) -> list[str]:
    """What a plan says of a line's ATP: nothing where it stays as it is."""
    return [] if after == state.atp else [f"{state.name}: ATP {state.atp:,} → {after:,}"]


def why_no_supply(state: PurchaseState) -> str | None:
    """Why a purchase order line cannot be allocated to at all; None when it can (R-15).

    A late line (R-17) can, by hand: see :func:`is_late`.
    """
    if state.order_status_id not in marks.OPEN_ORDER_STATUSES:
        return f"the purchase order is {word(state.order_status_id).lower()}"
    if state.status_id not in marks.OPEN_ITEM_STATUSES:
        return f"the line is {word(state.status_id).lower()}"
    if state.atp <= 0:
        if state.received >= state.ordered:
            return "fully received"
        return "no units left to promise"
    if state.arrival is None:
        return "it has no arrival date"
    return None


def is_closed(state: PurchaseState) -> bool:
    """Whether the status of the line or of its order stands against it, whatever its numbers."""
    return (
        state.order_status_id not in marks.OPEN_ORDER_STATUSES
        or state.status_id not in marks.OPEN_ITEM_STATUSES
    )


def is_late(state: PurchaseState, start_of_today: datetime) -> bool:
    """Whether its arrival day is over and it is still expected (R-17)."""
    return (
        state.arrival is not None
        and state.arrival < start_of_today
        and state.received < state.ordered
    )


def is_eligible(state: PurchaseState, start_of_today: datetime) -> bool:
    """Whether automatic allocation may use it (R-15, R-17)."""
    return why_no_supply(state) is None and not is_late(state, start_of_today)


LATE_WARNING = "late: its arrival date is over, allocate by hand only"


def supply_for(connection: Connection, clock: Clock, line: LineId) -> tuple[SupplyRow, ...]:
    """Every purchase order line of the sales order line's product and store (§3.3.1).

    Eligible ones come first by arrival (R-21), then late ones, then the others with the reason.

    Raises:
        UnknownId, Refused: ``line`` is no sales order line.
    """
    asking = sales_line(connection, line)
    mine = links_of_sales(connection, [line]).get(line, {})
    today = clock.start_of(clock.today())
    found = purchase_where(connection, order_item.c.PRODUCT_ID == asking.product_id)
    ranked: list[tuple[tuple[int, datetime, datetime, str, str], SupplyRow]] = []
    for state in found:
        reason = why_no_supply(state)
        if reason is None and state.product_store_id != asking.product_store_id:
            reason = f"another store: {clean_or_empty(state.product_store_id)}"
        late = reason is None and is_late(state, today)
        rank = 2 if reason is not None else 1 if late else 0
        row = SupplyRow(
            line=state.line,
            external_id=clean_or_empty(state.external_id),
            order_status_id=state.order_status_id,
            item_status_id=state.status_id,
            facility_id=clean_or_empty(state.facility_id),
            arrival_date=clock.day(state.arrival) if state.arrival else None,
            ordered=state.ordered,
            allocated=state.allocated,
            received=state.received,
            available_to_promise=state.atp,
            already_allocated=mine.get(state.line, 0),
            days_after_promise=(
                (clock.day(state.arrival) - clock.day(asking.promised)).days
                if state.arrival and asking.promised
                else None
            ),
            eligible=reason is None,
            reason=LATE_WARNING if late else reason or "",
        )
        ranked.append(((rank, *state.supply_key), row))
    ranked.sort(key=lambda pair: pair[0])
    return tuple(row for _, row in ranked)
