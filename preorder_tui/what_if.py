"""What if a purchase order line came later, or with other units: who turns late, who loses out.

Nothing is changed here. The same rules decide as in the plans that would make it so: lateness is
that of :mod:`preorder_tui.marks`, who loses units is R-73 (the newest orders first), what is left
is R-14, and :func:`plan_what_if` is those plans themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import nsmallest
from typing import get_args

from sqlalchemy import Connection

from preorder_tui import customers, marks, products, supply
from preorder_tui.arrival_dates import (
    plan_arrival_date,
    require_arrival_day,
    require_open_purchase,
)
from preorder_tui.clock import Clock
from preorder_tui.deallocation import why_not_removable
from preorder_tui.demand import header_names
from preorder_tui.errors import Refused, WrongUsage
from preorder_tui.line_state import PurchaseState, SalesState, purchase_line
from preorder_tui.lines import LineId
from preorder_tui.linked_sales import LinkedLine, linked_sales
from preorder_tui.plan import Plan
from preorder_tui.purchase_changes import cannot_shrink, plan_quantities, require_quantity
from preorder_tui.sync_dates import why_not_synced
from preorder_tui.why_records import Supposed, Turn, WhatIf, WhatIfRow

FIRST_ROWS = 200
_RANK = {turn: rank for rank, turn in enumerate(get_args(Turn))}


@dataclass(frozen=True, slots=True)
class _Change:
    """What is supposed, resolved against the line as it stands; None: that stays."""

    state: PurchaseState
    day: date | None
    ordered: int | None
    clock: Clock

    @property
    def arrival(self) -> datetime | None:
        """When the line would arrive."""
        return self.state.arrival if self.day is None else self.clock.end_of(self.day)

    @property
    def quantity(self) -> int:
        """How many units would be ordered."""
        return self.state.ordered if self.ordered is None else self.ordered

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that make it so; the plans' own."""
        commands = []
        if self.day is not None:
            commands.append(f"set-arrival-date {self.state.line} {self.day}")
        if self.ordered is not None:
            release = " --release-newest" if self.ordered < self.state.allocated else ""
            commands.append(f"set-quantity {self.state.line} {self.ordered}{release}")
        return tuple(commands)


def _resolve(state: PurchaseState, clock: Clock, supposed: Supposed) -> _Change:
    """What is supposed, held against the line and the rules for changing it.

    Raises:
        WrongUsage: it is said in two ways at once, or lies beyond the calendar.
        Refused: a rule forbids such a change.
    """
    if supposed.slip is not None and supposed.arrival is not None:
        raise WrongUsage("give a slip in days or an arrival date, not both")
    if supposed.units is not None and supposed.quantity is not None:
        raise WrongUsage("give units more or fewer, or a new quantity, not both")
    present = None if state.arrival is None else clock.day(state.arrival)
    day = supposed.arrival
    if supposed.slip:
        if present is None:
            raise Refused(f"{state.name} has no arrival date to slip from: give a date")
        try:
            day = present + timedelta(days=supposed.slip)
        except OverflowError as error:
            raise WrongUsage(f"{supposed.slip:+} days is beyond the calendar") from error
    if day == present:
        day = None
    ordered = supposed.quantity
    if supposed.units:
        ordered = state.ordered + supposed.units
    if ordered == state.ordered:
        ordered = None
    if day is not None or ordered is not None:
        require_open_purchase(state)
    if day is not None:
        require_arrival_day(clock, day)
        clock.end_of(day)
    if ordered is not None:
        require_quantity(state, ordered)
    return _Change(state, day, ordered, clock)


@dataclass(slots=True)
class _Totals:
    """Sums over all lines, while they are read once."""

    lines: int = 0
    changed: int = 0
    turn_late: int = 0
    on_time: int = 0
    late_before: int = 0
    late_after: int = 0
    most_days: int = 0
    losing: int = 0
    units_lost: int = 0
    pinned_losing: int = 0
    sync: int = 0
    sync_later: int = 0
    orders: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Line:
    """One line as it would stand."""

    state: SalesState
    row: WhatIfRow


class _Days:
    """Days of moments, each worked out once: most lines share a handful."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[datetime, date] = {}

    def of(self, moment: datetime | None) -> date | None:
        """The day at the site."""
        if moment is None:
            return None
        day = self._known.get(moment)
        if day is None:
            day = self._known[moment] = self._clock.day(moment)
        return day

    def late(self, promised: datetime | None, arrival: datetime | None) -> int:
        """How many days the arrival is after the promise."""
        first, last = self.of(promised), self.of(arrival)
        return 0 if first is None or last is None else max(0, (last - first).days)


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _as_it_would_stand(
    linked: Iterator[LinkedLine], change: _Change, days: _Days, totals: _Totals
) -> Iterator[_Line]:
    """The lines that would stand otherwise; all are counted."""
    arrival, before = change.arrival, change.state.arrival
    excess = change.state.allocated - change.quantity
    # An arrival that is over is never carried to promises.
    to_sync = arrival is None or arrival >= change.clock.start_of(change.clock.today())
    for state, units, pinned, elsewhere in linked:
        totals.lines += 1
        lost = 0
        if excess > 0 and why_not_removable(state) is None:
            lost = min(excess, units)
            excess -= lost
            totals.losing += 1
            totals.units_lost += lost
            totals.pinned_losing += pinned
        old = _latest(before, elsewhere)
        new = elsewhere if lost == units else _latest(arrival, elsewhere)
        was_late = is_late = False
        if state.status_id not in marks.CLOSED_ITEM_STATUSES:
            was_late = marks.before_arrival(state.promised, old)
            is_late = marks.before_arrival(state.promised, new)
        late_after = days.late(state.promised, new) if is_late else 0
        totals.late_before += was_late
        totals.late_after += is_late
        totals.most_days = max(totals.most_days, late_after)
        # Sync speaks for the lines that this purchase order line still serves.
        if (
            to_sync
            and lost < units
            and new is not None
            and state.promised != new
            and why_not_synced(state) is None
        ):
            totals.sync += 1
            totals.sync_later += state.promised is not None and state.promised < new
        if not lost and old == new:
            continue
        totals.changed += 1
        if is_late and not was_late:
            totals.turn_late += 1
            totals.orders.add(state.line.order_id)
        totals.on_time += was_late and not is_late
        late_before = days.late(state.promised, old) if was_late else 0
        yield _Line(
            state,
            WhatIfRow(
                line=state.line,
                order_name="",
                customer_name="",
                units=units,
                lost=lost,
                promise_date=days.of(state.promised),
                old_arrival=days.of(old),
                new_arrival=days.of(new),
                late_before=was_late,
                late_after=is_late,
                days_late_before=late_before,
                days_late_after=late_after,
                pinned=pinned,
                turn=_turn(was_late, is_late, late_after - late_before, lost),
            ),
        )
    if excess > 0:
        raise cannot_shrink(change.state, excess)


def _turn(was_late: bool, is_late: bool, more_days: int, lost: int) -> Turn:
    if is_late and not was_late:
        return "turns late"
    if lost:
        return "loses units"
    if was_late and not is_late:
        return "on time again"
    if is_late:
        return "later still" if more_days > 0 else "less late"
    return "moves"


def _severity(line: _Line) -> tuple[object, ...]:
    """The worst first, then first in, first out."""
    row = line.row
    return (_RANK[row.turn], -row.days_late_after, -row.lost, line.state.fifo_key)


def what_if(
    connection: Connection,
    clock: Clock,
    line: LineId,
    supposed: Supposed,
    *,
    first: int = FIRST_ROWS,
) -> WhatIf:
    """What would become of the sales order lines that a purchase order line serves.

    Late is what is promised before its units arrive (R-55), of lines that are not closed.

    Args:
        line: the purchase order line.
        supposed: what would be different; nothing, to see how it stands.
        first: how many rows to show; the numbers are of all lines.

    Raises:
        UnknownId: there is no such purchase order line.
        WrongUsage: what is supposed is said in two ways, or no date.
        Refused: a rule forbids the change, as it would if it were made.
    """
    state = purchase_line(connection, line)
    change = _resolve(state, clock, supposed)
    totals = _Totals()
    losing = change.quantity < state.allocated
    linked = linked_sales(connection, line, newest_first=losing)
    # One at least: of none nothing would be read, and nothing be counted.
    worst = nsmallest(
        max(1, first), _as_it_would_stand(linked, change, _Days(clock), totals), key=_severity
    )[:first]
    order_ids = [one.state.line.order_id for one in worst]
    names = header_names(connection, order_ids)
    people = customers.names(connection, order_ids)
    return WhatIf(
        line=line,
        name=state.name,
        sku=products.load(connection, [state.product_id])[state.product_id].sku,
        old_arrival=None if state.arrival is None else clock.day(state.arrival),
        new_arrival=None if change.arrival is None else clock.day(change.arrival),
        old_quantity=state.ordered,
        new_quantity=change.quantity,
        atp_before=state.atp,
        atp_after=supply.available_to_promise(
            change.quantity,
            state.received,
            state.allocated - totals.units_lost,
            state.ceiling,
            state.status_id,
        ),
        lines=totals.lines,
        changed=totals.changed,
        turn_late=totals.turn_late,
        orders_turn_late=len(totals.orders),
        on_time=totals.on_time,
        late_before=totals.late_before,
        late_after=totals.late_after,
        most_days=totals.most_days,
        losing=totals.losing,
        units_lost=totals.units_lost,
        pinned_losing=totals.pinned_losing,
        sync=totals.sync,
        sync_later=totals.sync_later,
        commands=change.commands,
        rows=tuple(_named(one.row, names, people) for one in worst),
    )


def _named(row: WhatIfRow, names: dict[str, tuple[str, str]], people: dict[str, str]) -> WhatIfRow:
    name, external_id = names.get(row.line.order_id, ("", ""))
    return replace(
        row,
        order_name=name or external_id,
        customer_name=people.get(row.line.order_id, ""),
    )


def plan_what_if(connection: Connection, clock: Clock, line: LineId, supposed: Supposed) -> Plan:
    """The plan that makes it so: arrival and quantity as one change; promises stay (R-40, R-73).

    Raises:
        UnknownId, WrongUsage, Refused: as :func:`what_if`; also where nothing would change.
    """
    state = purchase_line(connection, line)
    change = _resolve(state, clock, supposed)
    plans = []
    if change.day is not None:
        plans.append(plan_arrival_date(connection, clock, line, change.day))
    if change.ordered is not None:
        release = change.ordered < state.allocated
        plans.append(
            plan_quantities(connection, clock, [(line, change.ordered)], release_newest=release)
        )
    if not plans:
        raise Refused(f"nothing is supposed that differs from how {state.name} stands")
    plan = plans[0]
    for other in plans[1:]:
        plan.command = f"{plan.command} ; {other.command}"
        plan.title = f"{plan.title}; {other.title}"
        for row in other.changes:
            plan.changes.add(row)
        plan.versions |= other.versions
        plan.order_versions |= other.order_versions
        plan.effects += other.effects
        plan.warnings += other.warnings
    return plan
