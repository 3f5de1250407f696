"""What if a purchase order line came later, or with other units: who turns late, who loses out.

Nothing is changed here. The same rules decide as in the plans that would make it so: lateness is
that of :mod:`preorder_tui.marks`, who loses units is R-73 (the newest orders first), what is left
is R-14, and :func:`plan_what_if` is those plans themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple, get_args

from sqlalchemy import Connection

from preorder_tui import customers, marks, products, supply
from preorder_tui.arrival_dates import plan_arrival_date
from preorder_tui.clock import Clock
from preorder_tui.deallocation import why_not_removable
from preorder_tui.demand import header_names
from preorder_tui.errors import Refused
from preorder_tui.line_state import PurchaseState, SalesState, purchase_line
from preorder_tui.lines import LineId
from preorder_tui.linked_sales import LinkedLine, linked_sales
from preorder_tui.plan import Plan
from preorder_tui.purchase_changes import cannot_shrink, plan_quantities
from preorder_tui.supposed_change import Change, resolve
from preorder_tui.sync_dates import why_not_synced
from preorder_tui.why_records import Supposed, Turn, WhatIf, WhatIfRow

FIRST_ROWS = 200
MOST_KEPT = 20_000
"""Lines that are kept between two questions: some ten megabytes."""
_RANK = {turn: rank for rank, turn in enumerate(get_args(Turn))}


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


class _Line(NamedTuple):
    """One line that would stand otherwise, as it sorts: the worst first, then FIFO."""

    rank: int
    least_late: int
    least_lost: int
    fifo_key: tuple[datetime, str, str]  # no two lines have the same: what follows only comes along
    linked: LinkedLine
    stands: _Stands


class _Stands(NamedTuple):
    """What the arrivals make of a line; the same for most lines."""

    old: datetime | None
    new: datetime | None
    was_late: bool
    is_late: bool
    days_before: int
    days_after: int


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
    linked: Iterable[LinkedLine], change: Change, days: _Days, totals: _Totals
) -> Iterator[_Line]:
    """The lines that would stand otherwise; all are counted."""
    excess = change.state.allocated - change.quantity
    # An arrival that is over is never carried to promises.
    to_sync = change.arrival is None or change.arrival >= change.clock.start_of(
        change.clock.today()
    )
    known: dict[tuple[object, ...], _Stands] = {}
    for one in linked:
        state, units, pinned, elsewhere = one
        totals.lines += 1
        lost = 0
        if excess > 0 and why_not_removable(state) is None:
            lost = min(excess, units)
            excess -= lost
            totals.losing += 1
            totals.units_lost += lost
            totals.pinned_losing += pinned
        gone = lost == units
        key = (state.promised, elsewhere, gone, state.status_id)
        stands = known.get(key)
        if stands is None:
            stands = known[key] = _stands(state, elsewhere, change, days, gone=gone)
        old, new, was_late, is_late, _, late_after = stands
        totals.late_before += was_late
        totals.late_after += is_late
        if late_after > totals.most_days:
            totals.most_days = late_after
        # Sync speaks for the lines that this purchase order line still serves.
        if (
            to_sync
            and not gone
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
        yield _Line(_RANK[_turn(stands, lost)], -late_after, -lost, state.fifo_key, one, stands)
    if excess > 0:
        raise cannot_shrink(change.state, excess)


def _stands(
    state: SalesState,
    elsewhere: datetime | None,
    change: Change,
    days: _Days,
    *,
    gone: bool,
) -> _Stands:
    """How a line stands before and after; ``gone``: it would have no unit of this supply left."""
    old = _latest(change.state.arrival, elsewhere)
    new = elsewhere if gone else _latest(change.arrival, elsewhere)
    was_late = is_late = False
    if state.status_id not in marks.CLOSED_ITEM_STATUSES:
        was_late = marks.before_arrival(state.promised, old)
        is_late = marks.before_arrival(state.promised, new)
    return _Stands(
        old,
        new,
        was_late,
        is_late,
        days.late(state.promised, old) if was_late else 0,
        days.late(state.promised, new) if is_late else 0,
    )


def _turn(stands: _Stands, lost: int) -> Turn:
    if stands.is_late and not stands.was_late:
        return "turns late"
    if lost:
        return "loses units"
    if stands.was_late and not stands.is_late:
        return "on time again"
    if stands.is_late:
        return "later still" if stands.days_after > stands.days_before else "less late"
    return "moves"


class Known(NamedTuple):
    """A purchase order line and those it serves, read once to be asked about many times."""

    state: PurchaseState
    sku: str
    linked: tuple[LinkedLine, ...] | None
    """The newest first; None where they are too many to keep."""


def know(connection: Connection, clock: Clock, line: LineId) -> Known:
    """Read a purchase order line for questions that follow each other, as while one types.

    Raises:
        UnknownId: there is no such purchase order line.
    """
    del clock
    state = purchase_line(connection, line)
    kept = tuple(islice(linked_sales(connection, line, newest_first=True), MOST_KEPT + 1))
    return Known(state, _sku(connection, state), None if len(kept) > MOST_KEPT else kept)


def _sku(connection: Connection, state: PurchaseState) -> str:
    return products.load(connection, [state.product_id])[state.product_id].sku


def what_if(
    connection: Connection,
    clock: Clock,
    line: LineId,
    supposed: Supposed,
    *,
    first: int = FIRST_ROWS,
    known: Known | None = None,
) -> WhatIf:
    """What would become of the sales order lines that a purchase order line serves.

    Late is what is promised before its units arrive (R-55), of lines that are not closed.

    Args:
        line: the purchase order line.
        supposed: what would be different; nothing, to see how it stands.
        first: how many rows to show; the numbers are of all lines.
        known: the line as it was read before, which need not be read again.

    Raises:
        UnknownId: there is no such purchase order line.
        WrongUsage: what is supposed is said in two ways, or no date.
        Refused: a rule forbids the change, as it would if it were made.
    """
    state = purchase_line(connection, line) if known is None else known.state
    change = resolve(state, clock, supposed)
    totals = _Totals()
    days = _Days(clock)
    linked: Iterable[LinkedLine]
    if known is not None and known.linked is not None:
        linked = known.linked
    else:
        losing = change.quantity < state.allocated
        linked = linked_sales(connection, line, newest_first=losing)
    # One at least: of none nothing would be read, and nothing be counted.
    worst = nsmallest(max(1, first), _as_it_would_stand(linked, change, days, totals))[:first]
    order_ids = [one.linked.state.line.order_id for one in worst]
    names = header_names(connection, order_ids)
    people = customers.names(connection, order_ids)
    return WhatIf(
        line=line,
        name=state.name,
        sku=known.sku
        if known
        else products.load(connection, [state.product_id])[state.product_id].sku,
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
        rows=tuple(_row(one, days, names, people) for one in worst),
    )


def _row(
    one: _Line, days: _Days, names: dict[str, tuple[str, str]], people: dict[str, str]
) -> WhatIfRow:
    state, stands = one.linked.state, one.stands
    name, external_id = names.get(state.line.order_id, ("", ""))
    lost = -one.least_lost
    return WhatIfRow(
        line=state.line,
        order_name=name or external_id,
        customer_name=people.get(state.line.order_id, ""),
        units=one.linked.units,
        lost=lost,
        promise_date=days.of(state.promised),
        old_arrival=days.of(stands.old),
        new_arrival=days.of(stands.new),
        late_before=stands.was_late,
        late_after=stands.is_late,
        days_late_before=stands.days_before,
        days_late_after=stands.days_after,
        pinned=one.linked.pinned,
        turn=_turn(stands, lost),
    )


def plan_what_if(connection: Connection, clock: Clock, line: LineId, supposed: Supposed) -> Plan:
    """The plan that makes it so: arrival and quantity as one change; promises stay (R-40, R-73).

    Raises:
        UnknownId, WrongUsage, Refused: as :func:`what_if`; also where nothing would change.
    """
    state = purchase_line(connection, line)
    change = resolve(state, clock, supposed)
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
