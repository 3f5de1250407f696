"""Why a purchase order line has its ATP, who waits for it, and what is late because of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nsmallest
from itertools import chain
from typing import Any

from sqlalchemy import Connection, select

from data.tables import order_header, order_item, order_item_assoc, order_item_ship_group
from preorder_tui import marks, products, supply
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.line_state import (
    SALES_FROM,
    PurchaseState,
    keys_in,
    purchase_where,
    supply_of,
)
from preorder_tui.lines import LineId
from preorder_tui.purchase_line_rules import sellable
from preorder_tui.served_lines import FARES, ServedLine, served_lines
from preorder_tui.stored_moments import as_moment
from preorder_tui.why_queue import FIRST_FEW, Demand, open_demand
from preorder_tui.why_records import Reason, Step, Suggestion, Why
from preorder_tui.why_supply import days
from preorder_tui.wording import counted, lines, units


@dataclass(slots=True)
class _Served:
    """What is to be said of the sales order lines that the line serves, read once."""

    lines: int = 0
    pinned: int = 0
    released: int = 0
    out_of_sync: int = 0
    late: int = 0
    worst: list[tuple[datetime, LineId]] = field(default_factory=list)
    """The first of those that are late, by promise: the earliest are the worst off."""


def why_purchase(connection: Connection, clock: Clock, state: PurchaseState) -> Why:
    """Why a purchase order line stands as it does, and what would help those who wait for it."""
    product = products.load(connection, [state.product_id])[state.product_id]
    today = clock.start_of(clock.today())
    served = _served(connection, state, today)
    demand = open_demand(connection, clock, state.product_id, state.product_store_id)
    reasons = [_available(state), *_stands_against(clock, state, today)]
    if served.lines:
        reasons.append(_held(state, served))
    reasons.append(_waiting(state, demand, product.sku))
    reasons += _late(clock, state, served)
    return Why(
        state.line,
        state.name,
        product,
        purchase=True,
        verdict=_verdict(clock, state, today, served.late),
        reasons=tuple(reasons),
        suggestions=tuple(_suggestions(connection, state, demand, served, today)),
    )


def _served(connection: Connection, state: PurchaseState, today: datetime) -> _Served:
    served = _Served()
    for batch in served_lines(connection, state.line):
        alike: defaultdict[tuple[Any, ...], list[ServedLine]] = defaultdict(list)
        for one in batch:
            alike[one[FARES:]].append(one)
        for fares, group in alike.items():
            _count(served, state, today, fares, group)
    return served


def _count(
    served: _Served,
    state: PurchaseState,
    today: datetime,
    fares: tuple[Any, ...],
    group: list[ServedLine],
) -> None:
    """Count lines that fare alike."""
    promised, waits, closed, pinned, elsewhere = fares
    promised = None if promised is None else as_moment(promised)
    served.lines += len(group)
    number = sum(int(one.units) for one in group)
    served.pinned += number if pinned else 0
    served.released += 0 if waits else number
    others = None if elsewhere is None else as_moment(elsewhere)
    latest = max((one for one in (state.arrival, others) if one is not None), default=None)
    if latest is not None and latest >= today and waits and marks.out_of_sync(promised, latest):
        served.out_of_sync += len(group)
    if not closed and marks.before_arrival(promised, state.arrival):
        assert promised is not None
        served.late += len(group)
        first = ((promised, one.line) for one in group)
        served.worst = nsmallest(FIRST_FEW, chain(served.worst, first))


def _verdict(clock: Clock, state: PurchaseState, today: datetime, late: int) -> str:
    arrival = "no arrival date" if state.arrival is None else f"arriving {clock.day(state.arrival)}"
    parts = [f"ATP {state.atp:,} of {units(state.ordered)}", arrival]
    if supply.is_late(state, today) and not supply.is_closed(state):
        parts.append("late itself")
    if late:
        parts.append(f"{lines(late)} late because of it")
    return f"{state.name}: {', '.join(parts)}."


def _available(state: PurchaseState) -> Reason:
    """R-14 with the line's own numbers."""
    ordered, ceiling = state.ordered, state.ceiling
    to_sell = sellable(ordered, ceiling)
    limit = "no ATP limit" if ceiling is None else f"ATP limit {ceiling:,}"
    if state.status_id not in marks.OPEN_ITEM_STATUSES:
        said = f"ATP is 0 because {supply.why_no_supply(state) or 'the line is not open'}"
        return Reason("atp", said, "R-14", 0)
    return Reason(
        "atp",
        f"ATP {state.atp:,} is the smaller of {to_sell:,} to sell - {state.allocated:,} promised "
        f"= {to_sell - state.allocated:,} and {ordered:,} ordered - {state.received:,} received = "
        f"{ordered - state.received:,}, at least 0 ({limit})",
        "R-14",
        state.atp,
    )


def _stands_against(clock: Clock, state: PurchaseState, today: datetime) -> list[Reason]:
    """Why it cannot be allocated to, or only by hand."""
    reason = supply.why_no_supply(state)
    if reason is not None:
        return [Reason("no supply", f"Nothing can be allocated to it: {reason}", "R-15")]
    if supply.is_late(state, today) and state.arrival is not None:
        over = (clock.today() - clock.day(state.arrival)).days
        return [
            Reason(
                "late supply",
                f"It was to arrive {clock.day(state.arrival)}, {days(over)} ago: policies pass it "
                "over, by hand it can be allocated",
                "R-17",
                state.atp,
                over,
            )
        ]
    return []


def _held(state: PurchaseState, served: _Served) -> Reason:
    parts = [f"{units(state.allocated)} are held by {lines(served.lines)}"]
    if served.released:
        parts.append(f"{served.released:,} of them released or closed, which stay")
    if served.pinned:
        parts.append(f"{served.pinned:,} pinned by a person")
    return Reason("held", ", ".join(parts), "R-104", state.allocated)


def _waiting(state: PurchaseState, demand: Demand, sku: str) -> Reason:
    if not demand.lines:
        said = f"Nobody in store {state.product_store_id} waits for {sku}"
        return Reason("waiting", said, "R-06")
    verb = "waits" if demand.lines == 1 else "wait"
    first = ", ".join(f"{row.line} ({row.units - row.allocated:,})" for row in demand.first)
    rest = demand.lines - len(demand.first)
    more = f" and {rest:,} more" if rest else ""
    return Reason(
        "waiting",
        f"{lines(demand.lines)} of store {state.product_store_id} {verb} for {units(demand.units)} "
        f"of {sku}: {first}{more}",
        "R-21",
        demand.units,
    )


def _late(clock: Clock, state: PurchaseState, served: _Served) -> list[Reason]:
    reasons = []
    if served.late and state.arrival is not None:
        day = clock.day(state.arrival)
        worst = served.worst
        said = ", ".join(
            f"{line} by {days((day - clock.day(promised)).days)}" for promised, line in worst
        )
        rest = served.late - len(worst)
        verb = "is" if served.late == 1 else "are"
        reasons.append(
            Reason(
                "before arrival",
                f"{lines(served.late)} {verb} promised before {day}: {said}"
                + (f" and {rest:,} more" if rest else ""),
                "R-55",
                days=(day - clock.day(worst[0][0])).days,
            )
        )
    if served.out_of_sync:
        number = served.out_of_sync
        reasons.append(
            Reason(
                "out of sync",
                f"{counted(number, 'promise date')} would change if synced",
                "R-40",
            )
        )
    return reasons


def _suggestions(
    connection: Connection,
    state: PurchaseState,
    demand: Demand,
    served: _Served,
    today: datetime,
) -> list[Suggestion]:
    suggestions = []
    open_for_more = state.arrival is not None and not supply.is_closed(state)
    if demand.units and supply.why_no_supply(state) is None:
        given = min(state.atp, demand.units)
        suggestions.append(
            Suggestion(
                f"Allocate {units(given)} to those who wait, first in, first out",
                "units",
                given,
                (Step("allocate-sales-orders", state.line),),
            )
        )
    if served.out_of_sync and state.arrival is not None and state.arrival >= today:
        number = served.out_of_sync
        suggestions.append(
            Suggestion(
                f"Sync {counted(number, 'promise date')} with its arrival",
                "in sync",
                0,
                (Step("sync-dates", state.line),),
            )
        )
    short = demand.units - state.atp
    if short > 0 and open_for_more and not supply.is_late(state, today):
        ordered = max(state.allocated, state.received) + demand.units
        after = supply.available_to_promise(
            ordered, state.received, state.allocated, state.ceiling, state.status_id
        )
        if after >= demand.units and ordered > state.ordered:
            suggestions.append(
                Suggestion(
                    f"Order {units(ordered - state.ordered)} more: all who wait could be served",
                    "units",
                    demand.units,
                    (
                        Step("set-quantity", state.line, units=ordered),
                        Step("allocate-sales-orders", state.line),
                    ),
                )
            )
    if state.atp and not supply.why_no_supply(state) and not supply.is_late(state, today):
        movable = _later_units(connection, state)
        if movable:
            given = min(movable, state.atp)
            suggestions.append(
                Suggestion(
                    f"Pull {units(given)} of orders here from later purchase orders",
                    "on time",
                    given,
                    (Step("reallocate", state.line),),
                )
            )
    return suggestions


def _later_units(connection: Connection, state: PurchaseState) -> int:
    """Units that lines in the queue have from later purchase orders, unpinned (R-80)."""
    later = [
        one.line
        for one in purchase_where(
            connection,
            *supply_of(state.product_id),
            order_item.c.ALLOCATED_QUANTITY > 0,
            order_item.c.ESTIMATED_DELIVERY_DATE > state.arrival,
        )
        if one.product_store_id == state.product_store_id
    ]
    if not later:
        return 0
    found = connection.execute(
        select(order_item_assoc.c.QUANTITY)
        .select_from(
            SALES_FROM.join(
                order_item_assoc,
                (order_item_assoc.c.ORDER_ID == order_item.c.ORDER_ID)
                & (order_item_assoc.c.ORDER_ITEM_SEQ_ID == order_item.c.ORDER_ITEM_SEQ_ID),
            )
        )
        .where(
            keys_in(order_item_assoc.c.TO_ORDER_ID, order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID, later),
            order_item_assoc.c.PINNED == "N",
            rules.waits(order_header, order_item, order_item_ship_group),
        )
    )
    total = 0
    for (quantity,) in found:
        total += quantity
        if total >= state.atp:
            break
    return total
