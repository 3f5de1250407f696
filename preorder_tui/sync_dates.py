"""Sync Date with SO: carry a purchase order line's arrival to its sales order lines (R-40…R-47)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from preorder_tui import marks, sync_rows
from preorder_tui.arrival_dates import is_open_purchase
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused
from preorder_tui.line_state import PurchaseState, purchase_line, sales_line
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.products import by_sku
from preorder_tui.records import Notice
from preorder_tui.sales_line_standing import why_out_of_queue
from preorder_tui.sync_rows import (
    LONG_SLIP_DAYS,
    Days,
    Guard,
    SyncRow,
    guard_allows,
    plan_of_rows,
)
from preorder_tui.waiting_book import Told
from preorder_tui.wording import lines


def why_not_synced(state: marks.Standing) -> str | None:
    """Why sync leaves a line alone (R-45); None when it does not."""
    return why_out_of_queue(state)


def over(target: PurchaseState) -> str:
    """What to say of an arrival that is over; a closed line can get no new one (R-76)."""
    return "over: set a new arrival date first" if is_open_purchase(target) else "over"


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
    rows = sync_rows.of_purchase_line(connection, line)
    command = f"sync-dates {line}"
    if only is not None:
        present = {row.line for row in rows}
        for one in only:
            if one not in present:
                sales_line(connection, one)
                raise Refused(f"{one} has no allocation from {target.name}")
        command += "".join(f" --only {one}" for one in only)
        chosen = set(only)
        rows = [row for row in rows if row.line in chosen]
    if guard != "any":
        command += f" --guard {guard}"
    today = clock.start_of(clock.today())
    if target.arrival is not None and target.arrival < today:
        raise Refused(
            f"{target.name} was to arrive on {clock.day(target.arrival)}, which is {over(target)}"
        )
    days = Days(clock)
    moved: list[SyncRow] = []
    refused: list[Notice] = []
    warnings: list[Notice] = []
    in_sync = 0
    for row in rows:
        reason = why_not_synced(row)
        if reason is not None:
            refused.append(Notice(row.line, f"{row.line} keeps its promise: {reason}", "R-45"))
            continue
        if row.arrival is None or row.promised == row.arrival:
            in_sync += 1
            continue
        slip = days.between(row.promised, row.arrival)
        if not guard_allows(guard, slip):
            assert slip is not None
            how = "later" if slip > 0 else "earlier"
            refused.append(
                Notice(
                    row.line, f"{row.line} keeps its promise: it would get {abs(slip):,} days {how}"
                )
            )
            continue
        moved.append(row)
        if slip is not None and slip > LONG_SLIP_DAYS:
            warnings.append(
                Notice(
                    row.line,
                    f"{row.line} slips by {slip:,} days: the customer may have a right to be asked",
                )
            )
    plan = plan_of_rows(command, f"Sync dates with {target.name}", moved)
    plan.versions[target.line] = target.version
    plan.order_versions[target.line.order_id] = target.order_version
    plan.refused = refused
    plan.warnings += warnings
    if in_sync:
        plan.effects.append(f"{in_sync:,} line{' is' if in_sync == 1 else 's are'} in sync already")
    return plan


def plan_sync_all(
    connection: Connection,
    clock: Clock,
    *,
    sku: str | None = None,
    guard: Guard = "any",
    told: Told | None = None,
) -> Plan:
    """Carry every arrival to the promises that differ from it, in the whole book (R-41…R-47).

    Args:
        sku: only lines of that product.
        guard: ``later`` passes over promises that would get earlier, ``earlier`` the others.
        told: called now and then; what it raises ends the work.

    Raises:
        UnknownId: there is no such product.
        Refused: no promise differs from an arrival still to come.
    """
    product_id = None
    command = "sync-all"
    if sku is not None:
        product_id = by_sku(connection, sku)
        command += f" --product {sku}"
    if guard != "any":
        command += f" --guard {guard}"
    days = Days(clock)
    moved: list[SyncRow] = []
    kept = first = later = earlier = long = most = 0
    for number, row in enumerate(sync_rows.out_of_sync(connection, clock, product_id)):
        if told is not None and not number % 20_000:
            told()
        slip = days.between(row.promised, row.arrival)
        if not guard_allows(guard, slip):
            kept += 1
            continue
        moved.append(row)
        if slip is None:
            first += 1
        elif slip > 0:
            later += 1
            most = max(most, slip)
            long += slip > LONG_SLIP_DAYS
        else:
            earlier += 1
    if not moved:
        left = f"; {lines(kept)} left out by the guard" if kept else ""
        raise Refused(f"no promise date differs from an arrival still to come{left}")
    plan = plan_of_rows(command, "Sync all promise dates with the arrivals", moved)
    said = [
        (later, f"later, {most:,} days at most"),
        (earlier, "earlier"),
        (first, "for the first time"),
    ]
    parts = ", ".join(f"{number:,} {how}" for number, how in said if number)
    plan.totals.append(f"Promise dates of {lines(len(moved))}: {parts}")
    if long:
        plan.totals.append(
            f"{lines(long)} slip by more than {LONG_SLIP_DAYS} days: "
            "the customers may have a right to be asked"
        )
    if kept:
        plan.totals.append(f"{lines(kept)} keep their promise because of the guard")
    return plan
