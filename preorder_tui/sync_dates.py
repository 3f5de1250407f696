"""Sync Date with SO: carry a purchase order line's arrival to its sales order lines (R-40…R-47)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from preorder_tui import marks
from preorder_tui.arrival_dates import is_open_purchase
from preorder_tui.clock import Clock
from preorder_tui.demand import demand_rows
from preorder_tui.draft import Draft, change
from preorder_tui.errors import Refused
from preorder_tui.line_state import (
    Links,
    PurchaseState,
    SalesState,
    links_of_purchase,
    links_of_sales,
    purchase_line,
    purchase_lines,
    sales_line,
    sales_lines,
)
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.records import DemandRow
from preorder_tui.words import CHANGE_DATE, word

Guard = Literal["any", "later", "earlier"]
LONG_SLIP_DAYS = 30
"""A promise that slips by more may give the customer a right to be asked."""


def why_not_synced(state: SalesState) -> str | None:
    """Why sync leaves a line alone (R-45); None when it does not."""
    if state.status_id in marks.CLOSED_ITEM_STATUSES:
        return f"it is {word(state.status_id).lower()}"
    if state.order_status_id in marks.CLOSED_ORDER_STATUSES:
        return f"its order is {word(state.order_status_id).lower()}"
    if not state.waiting:
        return f"it was released from its queue to {word(state.facility_id)}"
    return None


def _over(target: PurchaseState) -> str:
    """What to say of an arrival that is over; a closed line can get no new one (R-76)."""
    return "over: set a new arrival date first" if is_open_purchase(target) else "over"


def _targets(
    connection: Connection, line: LineId
) -> tuple[dict[LineId, SalesState], Links, dict[LineId, datetime | None]]:
    """The line's sales order lines, their links, and the latest arrival of each (R-47)."""
    linked = links_of_purchase(connection, [line])
    states = sales_lines(connection, linked)
    links = links_of_sales(connection, linked)
    supplies = purchase_lines(connection, {to for present in links.values() for to in present})
    latest: dict[LineId, datetime | None] = {
        sales: max(
            (arrival for to in present if (arrival := supplies[to].arrival) is not None),
            default=None,
        )
        for sales, present in links.items()
    }
    return states, links, latest


def candidates(connection: Connection, clock: Clock, line: LineId) -> tuple[DemandRow, ...]:
    """The line's sales order lines, FIFO, with the promise that sync would set.

    Raises:
        UnknownId, Refused: ``line`` is no purchase order line.
    """
    over = _over(purchase_line(connection, line))
    states, links, latest = _targets(connection, line)
    today = clock.start_of(clock.today())
    reasons: dict[LineId, str] = {}
    for sales, state in states.items():
        arrival = latest[sales]
        reason = why_not_synced(state)
        if reason is None and state.promised == arrival:
            reason = "in sync"
        if reason is None and (arrival is None or arrival < today):
            reason = f"the arrival is {over}"
        reasons[sales] = reason or ""
    return demand_rows(
        connection,
        clock,
        sorted(states.values(), key=lambda state: state.fifo_key),
        here={sales: present.get(line, 0) for sales, present in links.items()},
        new_promise=latest,
        reasons=reasons,
    )


def plan_sync_dates(
    connection: Connection,
    clock: Clock,
    line: LineId,
    only: Sequence[LineId] | None = None,
    *,
    guard: Guard = "any",
) -> Plan:
    """Set the promise of the line's open sales order lines to their latest arrival (R-43, R-47).

    Args:
        line: the purchase order line.
        only: the ticked sales order lines; None for all.
        guard: ``later`` passes over lines whose promise would get earlier, ``earlier`` the others.

    Lines already in sync get no row (R-44); slips of more than 30 days are warned of.

    Raises:
        UnknownId: a line does not exist.
        Refused: a ticked line is not allocated to this one, or the arrival date is over.
    """
    target = purchase_line(connection, line)
    states, _, latest = _targets(connection, line)
    command = f"sync-dates {line}"
    if only is not None:
        for one in only:
            if one not in states:
                sales_line(connection, one)
                raise Refused(f"{one} has no allocation from {target.name}")
        command += "".join(f" --only {one}" for one in only)
    if guard != "any":
        command += f" --guard {guard}"
    draft = Draft(connection, clock, command, f"Sync dates with {target.name}")
    draft.watch(target)
    if target.arrival is not None and target.arrival < draft.today:
        raise Refused(
            f"{target.name} was to arrive on {clock.day(target.arrival)}, which is {_over(target)}"
        )
    chosen = sorted(
        (states[one] for one in (states if only is None else dict.fromkeys(only))),
        key=lambda state: state.fifo_key,
    )
    in_sync = 0
    for state in chosen:
        reason, arrival = why_not_synced(state), latest[state.line]
        if reason is not None:
            draft.refuse(state.line, f"{state.line} keeps its promise: {reason}", "R-45")
            continue
        if arrival is None or state.promised == arrival:
            in_sync += 1
            continue
        days = (
            None
            if state.promised is None
            else (clock.day(arrival) - clock.day(state.promised)).days
        )
        if days is not None and (
            (guard == "later" and days < 0) or (guard == "earlier" and days > 0)
        ):
            draft.refuse(
                state.line,
                f"{state.line} keeps its promise: it would get "
                f"{abs(days):,} days {'later' if days > 0 else 'earlier'}",
            )
            continue
        draft.watch(state)
        draft.add(change(state.line, "promisedDatetime", state.promised, arrival, CHANGE_DATE))
        if days is not None and days > LONG_SLIP_DAYS:
            draft.warn(
                state.line,
                f"{state.line} slips by {days:,} days: the customer may have a right to be asked",
            )
    if in_sync:
        draft.plan.effects.append(
            f"{in_sync:,} line{' is' if in_sync == 1 else 's are'} in sync already"
        )
    return draft.plan
