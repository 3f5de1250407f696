"""Why a sales order line is unallocated, late, out of sync or behind another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from data.tables import order_item_assoc
from preorder_tui import marks, products, supply, why_suggestions
from preorder_tui.clock import Clock
from preorder_tui.line_state import (
    PurchaseState,
    SalesState,
    purchase_lines,
    purchase_where,
    supply_of,
)
from preorder_tui.lines import LineId
from preorder_tui.sales_line_standing import why_not_waiting
from preorder_tui.why_queue import place_of
from preorder_tui.why_records import QueuePlace, Reason, Why
from preorder_tui.why_supply import (
    Supplies,
    arriving,
    days,
    named,
    reasons_against,
    sort_out,
)
from preorder_tui.wording import lines, units


@dataclass(frozen=True, slots=True)
class Held:
    """Units that the line has from a purchase order line."""

    source: PurchaseState
    units: int
    pinned: bool


def _held(connection: Connection, line: LineId) -> list[Held]:
    found = {
        LineId(order_id, item): (int(quantity), pinned == "Y")
        for order_id, item, quantity, pinned in connection.execute(
            select(
                order_item_assoc.c.TO_ORDER_ID,
                order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID,
                order_item_assoc.c.QUANTITY,
                order_item_assoc.c.PINNED,
            ).where(
                order_item_assoc.c.ORDER_ID == line.order_id,
                order_item_assoc.c.ORDER_ITEM_SEQ_ID == line.order_item_seq_id,
            )
        )
    }
    sources = purchase_lines(connection, found)
    held = [Held(source, *found[to]) for to, source in sources.items()]
    return sorted(held, key=lambda one: one.source.supply_key)


def why_sales(connection: Connection, clock: Clock, state: SalesState) -> Why:
    """Why a sales order line stands as it does, and what would help."""
    product = products.load(connection, [state.product_id])[state.product_id]
    held = _held(connection, state.line)
    reason = why_not_waiting(state)
    if reason is not None:
        return Why(
            state.line,
            str(state.line),
            product,
            purchase=False,
            verdict=f"{state.line} waits for nothing: {reason}.",
            reasons=tuple(_standing(clock, state, held, reason)),
        )
    supplies = purchase_where(connection, *supply_of(state.product_id))
    found = sort_out(supplies, state, clock)
    place = place_of(connection, clock, state, found.free_units)
    today = clock.start_of(clock.today())
    reasons: list[Reason] = []
    if state.open_units:
        reasons += reasons_against(connection, clock, state, found, product.sku, place.open_ahead)
        reasons.append(_behind(place, state))
    reasons += _dates(clock, state, held, found, today)
    reasons += _pinned(held)
    return Why(
        state.line,
        str(state.line),
        product,
        purchase=False,
        verdict=_verdict(clock, state, today),
        reasons=tuple(reasons),
        queue=place,
        suggestions=tuple(
            why_suggestions.for_sales(
                connection,
                clock,
                state,
                {one.source.line: (one.source, one.units) for one in held},
                found,
                pinned=any(one.pinned for one in held),
                open_ahead=place.open_ahead,
            )
        ),
    )


def _verdict(clock: Clock, state: SalesState, today: datetime) -> str:
    """How the line stands, in one sentence."""
    ordered = state.quantity - state.cancelled
    parts = []
    if state.open_units == ordered:
        parts.append(
            "its 1 unit is not allocated"
            if ordered == 1
            else f"none of its {units(ordered)} is allocated"
        )
    elif state.open_units:
        parts.append(f"{state.open_units:,} of its {units(ordered)} "
                     f"{'is' if state.open_units == 1 else 'are'} not allocated")  # fmt: skip
    else:
        parts.append(f"allocated whole ({units(ordered)})")
    promised, arrival = state.promised, state.arrival
    if marks.before_arrival(promised, arrival) and promised and arrival:
        late = (clock.day(arrival) - clock.day(promised)).days
        parts.append(f"late: promised {days(late)} before its units arrive")
    elif marks.overdue(promised, today) and promised:
        over = (clock.today() - clock.day(promised)).days
        parts.append(f"overdue: promised {clock.day(promised)}, {days(over)} ago")
    elif marks.out_of_sync(promised, arrival):
        parts.append("out of sync: the promise is not the arrival")
    elif not state.open_units:
        parts.append("and on time")
    return f"{state.line}: {', '.join(parts)}."


def _standing(clock: Clock, state: SalesState, held: list[Held], reason: str) -> list[Reason]:
    """What there is to say of a line that waits for nothing."""
    reasons = [Reason("not waiting", f"Only lines in a queue are allocated; {reason}", "R-04")]
    if held:
        said = "; ".join(f"{one.units:,} from {_source(clock, one)}" for one in held)
        reasons.append(
            Reason("holds", f"It keeps the units that it has: {said}", "R-104", state.allocated)
        )
    closed = state.status_id in marks.CLOSED_ITEM_STATUSES
    if not closed and marks.before_arrival(state.promised, state.arrival):
        reasons += _before_arrival(clock, state, held)
    return reasons


def _source(clock: Clock, one: Held) -> str:
    pinned = ", pinned by a person" if one.pinned else ""
    return f"{one.source.name}, {arriving(clock, one.source)}{pinned}"


def _behind(place: QueuePlace, state: SalesState) -> Reason:
    """Its place in the queue, against the supply."""
    if place.ahead == 0:
        said = f"It is the first of {lines(place.lines)} that wait here"
    else:
        first = ", ".join(f"{row.line} ({row.allocated:,} of {row.units:,})" for row in place.first)
        rest = place.ahead - len(place.first)
        said = (
            f"It is number {place.place:,} of {lines(place.lines)} that wait; ahead of it are "
            f"{units(place.units_ahead)} of {lines(place.ahead)}, {place.allocated_ahead:,} "
            f"allocated and {place.open_ahead:,} open: {first}"
            + (f" and {rest:,} more" if rest > 0 else "")
        )
    return Reason(
        "behind",
        f"{said}; {units(place.free)} {'is' if place.free == 1 else 'are'} free",
        "R-21",
        place.open_ahead,
    )


def _dates(
    clock: Clock, state: SalesState, held: list[Held], found: Supplies, today: datetime
) -> list[Reason]:
    """Why it is late, overdue or out of sync."""
    reasons: list[Reason] = []
    if marks.before_arrival(state.promised, state.arrival):
        reasons += _before_arrival(clock, state, held)
        reasons.append(_in_time(clock, state, found))
    if marks.overdue(state.promised, today) and state.promised is not None:
        over = (clock.today() - clock.day(state.promised)).days
        reasons.append(
            Reason(
                "overdue",
                f"Its promise, {clock.day(state.promised)}, was over {days(over)} ago",
                days=over,
            )
        )
        come = [one for one in held if one.source.received >= one.source.ordered]
        if come:
            said = "; ".join(f"{units(one.units)} with {one.source.name}" for one in come)
            reasons.append(
                Reason(
                    "came in",
                    f"Its units have come in: {said}; it waits to be released, not for supply",
                    "R-91",
                    sum(one.units for one in come),
                )
            )
    late = [one for one in held if supply.is_late(one.source, today)]
    if late:
        said = "; ".join(
            f"{units(one.units)} of {one.source.name}, which was to arrive "
            f"{arriving(clock, one.source)}"
            for one in late
        )
        over = max(
            (clock.today() - clock.day(one.source.arrival)).days
            for one in late
            if one.source.arrival is not None
        )
        reasons.append(
            Reason("supply overdue", f"Its supply has not come: {said}, up to {days(over)} ago",
                   "R-17", sum(one.units for one in late), over)
        )  # fmt: skip
    if (
        marks.out_of_sync(state.promised, state.arrival)
        and not marks.before_arrival(state.promised, state.arrival)
        and state.arrival is not None
    ):
        day = clock.day(state.arrival)
        if state.promised is None:
            said, slack = f"Its units arrive {day}, but it has no promise date", 0
        else:
            slack = (clock.day(state.promised) - day).days
            said = f"Its units arrive {day}, {days(slack)} before its promise: a buffer, or stale"
        reasons.append(Reason("out of sync", said, "R-40", days=slack))
    return reasons


def _before_arrival(clock: Clock, state: SalesState, held: list[Held]) -> list[Reason]:
    promised = state.promised
    assert promised is not None
    guilty = [one for one in held if marks.before_arrival(promised, one.source.arrival)]
    said = "; ".join(f"{units(one.units)} from {_source(clock, one)}" for one in guilty)
    late = max(
        (
            (clock.day(one.source.arrival) - clock.day(promised)).days
            for one in guilty
            if one.source.arrival is not None
        ),
        default=0,
    )
    return [
        Reason(
            "before arrival",
            f"It is promised {clock.day(promised)}, {days(late)} too early for its supply: {said}",
            "R-55",
            sum(one.units for one in guilty),
            late,
        )
    ]


def _in_time(clock: Clock, state: SalesState, found: Supplies) -> Reason:
    """Whether another purchase order would be in time."""
    promised = state.promised
    assert promised is not None
    good = [one for one in found.free if one.arrival is not None and one.arrival <= promised]
    if good:
        said = named(good, lambda one: f"{one.name} has {units(one.atp)}, {arriving(clock, one)}")
        return Reason("in time", f"In time would be: {said}", "R-15", sum(o.atp for o in good))
    text = "No other purchase order with free units is in time"
    if found.free:
        soonest = found.free[0]
        text += f"; the soonest is {soonest.name}, {arriving(clock, soonest)}"
    return Reason("in time", text, "R-15")


def _pinned(held: list[Held]) -> list[Reason]:
    pinned = [one for one in held if one.pinned]
    if not pinned:
        return []
    said = "; ".join(f"{units(one.units)} of {one.source.name}" for one in pinned)
    return [
        Reason(
            "pinned",
            f"Pinned by a person: {said}; no policy moves them",
            units=sum(one.units for one in pinned),
        )
    ]
