"""What if a purchase order line came later, or with other units: who turns late, who loses out.

Nothing is changed here. The same rules decide as in the plans that would make it so: lateness is
that of :mod:`preorder_tui.marks`, who loses units is R-73 (the newest orders first), what is left
is R-14, and :func:`plan_what_if` is those plans themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection

from preorder_tui import customers, products, supply
from preorder_tui.arrival_dates import plan_arrival_date
from preorder_tui.clock import Clock
from preorder_tui.demand import header_names
from preorder_tui.errors import Refused
from preorder_tui.line_state import PurchaseState, purchase_line
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.purchase_changes import plan_quantities
from preorder_tui.served_lines import ServedLine, served_lines
from preorder_tui.stored_moments import as_moment
from preorder_tui.supposed_change import resolve
from preorder_tui.what_if_lines import Days, Weighed, Weighing
from preorder_tui.why_records import Supposed, WhatIf, WhatIfRow

FIRST_ROWS = 200
MOST_KEPT = 20_000
"""Lines that are kept between two questions: some ten megabytes."""


class Known(NamedTuple):
    """A purchase order line and those it serves, read once to be asked about many times."""

    state: PurchaseState
    sku: str
    served: list[ServedLine] | None
    """The newest first; None where they are too many to keep."""


def know(connection: Connection, clock: Clock, line: LineId) -> Known:
    """Read a purchase order line for questions that follow each other, as while one types.

    Raises:
        UnknownId: there is no such purchase order line.
    """
    del clock
    state = purchase_line(connection, line)
    kept: list[ServedLine] = []
    for lines in served_lines(connection, line):
        kept += lines
        if len(kept) > MOST_KEPT:
            return Known(state, _sku(connection, state), None)
    kept.sort(reverse=True)
    return Known(state, _sku(connection, state), kept)


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
    days = Days(clock)
    weighing = Weighing(change, days, first)
    served: Iterable[list[ServedLine]]
    if known is not None and known.served is not None:
        served = [known.served]
    elif change.quantity < state.allocated:  # the newest lose their units first, as in the plan
        served = [sorted(chain.from_iterable(served_lines(connection, line)), reverse=True)]
    else:
        served = served_lines(connection, line)
    for lines in served:
        weighing.add(lines)
    worst, totals = weighing.worst(), weighing.totals
    order_ids = [one.served.order_id for one in worst]
    names = header_names(connection, order_ids)
    people = customers.names(connection, order_ids)
    return WhatIf(
        line=line,
        name=state.name,
        sku=known.sku if known else _sku(connection, state),
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
    one: Weighed, days: Days, names: dict[str, tuple[str, str]], people: dict[str, str]
) -> WhatIfRow:
    served, stands = one.served, one.stands
    name, external_id = names.get(served.order_id, ("", ""))
    return WhatIfRow(
        line=served.line,
        order_name=name or external_id,
        customer_name=people.get(served.order_id, ""),
        units=int(served.units),
        lost=one.lost,
        promise_date=None if served.promised is None else days.of(as_moment(served.promised)),
        old_arrival=days.of(stands.old),
        new_arrival=days.of(stands.new),
        late_before=stands.was_late,
        late_after=stands.is_late,
        days_late_before=stands.days_before,
        days_late_after=stands.days_after,
        pinned=bool(served.pinned),
        turn=one.turn,
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
