"""Arrival dates of purchase order lines (R-40, R-74, R-75)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from preorder_tui import marks
from preorder_tui.clock import Clock
from preorder_tui.draft import Draft, change
from preorder_tui.errors import Refused
from preorder_tui.line_state import (
    PurchaseState,
    links_of_purchase,
    links_of_sales,
    purchase_line,
    purchase_lines,
    sales_lines,
)
from preorder_tui.lines import LineId
from preorder_tui.permissions import OVERRIDING
from preorder_tui.plan import Plan
from preorder_tui.words import CHANGE_DATE, word


def is_open_purchase(state: PurchaseState) -> bool:
    """Whether a purchase order line may still be changed (R-76)."""
    return (
        state.order_status_id not in marks.CLOSED_ORDER_STATUSES
        and state.status_id not in marks.CLOSED_ITEM_STATUSES
    )


def require_open_purchase(state: PurchaseState) -> None:
    """Refuse to change a purchase order line that is closed (R-76).

    Raises:
        Refused: the order or the line is completed, cancelled or rejected.
    """
    if state.order_status_id in marks.CLOSED_ORDER_STATUSES:
        raise Refused(
            f"{state.name} cannot change: the purchase order is "
            f"{word(state.order_status_id).lower()}"
        )
    if state.status_id in marks.CLOSED_ITEM_STATUSES:
        raise Refused(f"{state.name} cannot change: the line is {word(state.status_id).lower()}")


def require_arrival_day(clock: Clock, day: date) -> None:
    """Refuse an arrival date that is over (R-75).

    Raises:
        Refused: it is before today.
    """
    if day < clock.today():
        raise Refused(f"{day} is over: give {clock.today()} or later")


def plan_arrival_date(
    connection: Connection, clock: Clock, line: LineId, day: date, *, override: bool = False
) -> Plan:
    """Set a purchase order line's arrival date; no promise date changes (R-40).

    The same date again makes an empty plan. A date that is over needs ``override``, and whoever
    applies it the permission OVERRIDE.

    Raises:
        UnknownId: there is no such purchase order line.
        Refused: the line is closed (R-76) or the date is over (R-75).
    """
    state = purchase_line(connection, line)
    require_open_purchase(state)
    over = day < clock.today()
    if not override:
        require_arrival_day(clock, day)
    draft = Draft(
        connection,
        clock,
        f"set-arrival-date {line} {day}" + f" {OVERRIDING}" * over,
        f"{state.name} arrives on {day}",
    )
    if state.arrival is not None and clock.day(state.arrival) == day:
        draft.warn(line, f"{state.name} arrives on {day} already")
        return draft.plan
    if over:
        draft.warn(line, f"{day} is over: the rule is overridden", "R-75")
    draft.watch(state)
    arrival = clock.end_of(day)
    draft.add(change(line, "estimatedDeliveryDate", state.arrival, arrival, CHANGE_DATE))
    allocated = sales_lines(connection, links_of_purchase(connection, [line]))
    links = links_of_sales(connection, allocated)
    others = purchase_lines(connection, {to for present in links.values() for to in present})
    differing = 0
    for sales, present in links.items():
        latest = max(arrival if to == line else others[to].arrival or arrival for to in present)
        if allocated[sales].waiting and marks.out_of_sync(allocated[sales].promised, latest):
            differing += 1
    if differing:
        draft.plan.effects.append(
            f"{differing:,} promise date{' stays' if differing == 1 else 's stay'} as told: "
            "out of sync until Sync Date with SO"
        )
    return draft.plan
