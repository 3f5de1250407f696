"""Applying a plan: one transaction that re-checks everything and writes all of it, or nothing.

This, with :mod:`preorder_tui.moved_units` and :mod:`preorder_tui.small_change`, is the only code
that writes to an order table. The order of its steps keeps every constraint of the store satisfied
at every moment: new lines first, then units taken away, then fields, then units given, then the
derived copies on sales order lines, then the journal.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, insert, update
from sqlalchemy.exc import IntegrityError

from data.tables import (
    order_header,
    shipment_receipt,
)
from preorder_tui import grants, journal
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.creation import insert_new, insert_recorded, remove_recorded
from preorder_tui.derived import refresh_derived
from preorder_tui.errors import Refused
from preorder_tui.line_state import links_of_purchase, purchase_lines
from preorder_tui.lines import LineId
from preorder_tui.moved_units import (
    give_units,
    less_and_more,
    set_pins,
    take_units,
    taken_by,
    units_of,
)
from preorder_tui.plan import Plan, PlannedChange
from preorder_tui.progress import Progress, Tell
from preorder_tui.records import Outcome
from preorder_tui.small_change import (
    WRITTEN,
    SmallChange,
    is_small,
    refused_by_the_store,
    update_of,
    values_of,
)
from preorder_tui.staged_plan import StagedPlan, apply_staged
from preorder_tui.stale import check_versions
from preorder_tui.text import clean

COLUMNS = {field: name for field, name in WRITTEN.items() if field != "correspondingPoId"}
"""The column behind each field that a plan may change on a line."""


def made_ready(dialect: Dialect, actor: Actor, plan: Plan) -> SmallChange | None:
    """A small change with everything done that needs no transaction; None for any other plan."""
    if isinstance(plan, StagedPlan) or not is_small(plan):
        return None
    return SmallChange(dialect, actor, plan)


def apply(
    connection: Connection,
    clock: Clock,
    actor: Actor,
    plan: Plan,
    reason: str | None,
    tell: Tell | None = None,
    ready: SmallChange | None = None,
) -> Outcome:
    """Apply ``plan`` in the connection's transaction and journal it as one change set.

    Args:
        connection: of a writing transaction.
        clock: the site's.
        actor: who applies it.
        plan: any plan.
        reason: why, for the journal.
        tell: hears how far it is; what it raises leaves everything as it was.
        ready: the same plan, made ready before the transaction began.

    Raises:
        NotPermitted: the person may not, or no longer.
        StalePlan: a line, an order or the units it counts on changed since the plan was made.
        Refused: the store refused it (a constraint), or a plan asks for what is not there.
    """
    if plan.empty:
        return Outcome(None, 0, plan.summary(), plan.refused, tuple(plan.warnings))
    granted = grants.require_for_plan(connection, actor, plan)
    reason = journal.with_who_acted(clean(reason) if reason else None, granted)
    if isinstance(plan, StagedPlan):
        plan.tell = plan.tell or tell
        return apply_staged(connection, clock, actor, plan, reason)
    now = clock.now()
    ready = ready or made_ready(connection.dialect, actor, plan)
    if ready is not None:
        change_set_id = ready.write(connection, clock, reason, now)
        if tell is not None:
            tell(len(plan.changes), len(plan.changes))
        return _done(plan, change_set_id, ready.summary)
    # Rows are looked at once, written once (the row, then its line's version), and journaled once.
    progress = Progress(len(plan.versions) + 3 * len(plan.changes) + 1, tell)
    _lock(connection, clock, plan, progress)
    try:
        _write(connection, actor, plan, now, progress)
    except IntegrityError as error:
        raise refused_by_the_store(plan) from error
    change_set_id = journal.record(connection, actor, plan, reason, now, progress)
    journal.communicate(connection, plan, change_set_id, now)
    progress.add(1)
    return _done(plan, change_set_id, plan.summary())


def _done(plan: Plan, change_set_id: int, summary: str) -> Outcome:
    return Outcome(
        change_set_id,
        len(plan.changes),
        summary,
        plan.refused,
        tuple(plan.warnings),
    )


# --- Checking -----------------------------------------------------------------------------------


LOCKINGS = 5
"""Times that lines are locked anew because more of them turned up, before the database decides."""


def _lock(connection: Connection, clock: Clock, plan: Plan, progress: Progress) -> None:
    """Lock every line that the plan will have written to, and check that it is not stale.

    Lines that the guards or the derived copies write to are locked with the others, before anything
    is read that counts on them, or two people end up with what the other wants. An arrival is
    copied to all lines that a purchase order line serves, and while it is waited for it may come to
    serve more: then all is let go and locked again, in the order that everybody keeps.

    SQLite has one writer, and nothing to lock. MariaDB gives no lock back before the end, ends a
    deadlock at once, and with it all savepoints.
    """
    if connection.dialect.name == "sqlite":
        check_versions(connection, clock, plan, progress)
        return
    linked = {to for row in plan.changes if (to := row.to_line) is not None}
    rearrived = [
        line
        for row in plan.changes
        if row.field == "estimatedDeliveryDate" and (line := row.line) is not None
    ]
    served = links_of_purchase(connection, rearrived).keys()
    lets_go = connection.dialect.name == "postgresql" and rearrived
    for _ in range(LOCKINGS if lets_go else 0):
        with connection.begin_nested() as attempt:
            check_versions(connection, clock, plan, progress, also=linked | served)
            serves = links_of_purchase(connection, rearrived).keys()
            if serves <= served:
                return
            attempt.rollback()
        served = serves
    check_versions(connection, clock, plan, progress, also=linked | served)


# --- Writing ------------------------------------------------------------------------------------


def _write(
    connection: Connection, actor: Actor, plan: Plan, now: datetime, progress: Progress
) -> None:
    links: list[PlannedChange] = []
    pins: list[PlannedChange] = []
    headers: list[PlannedChange] = []
    receipts: list[PlannedChange] = []
    recorded: list[PlannedChange] = []
    removed: list[PlannedChange] = []
    written: dict[LineId, dict[str, Any]] = {}
    """Fields of the lines that change; none where only allocations do."""
    rearrived: list[LineId] = []
    for row in plan.changes:
        line = row.line
        if row.field in ("line", "order"):
            (recorded if row.new is not None else removed).append(row)
        elif line is None:
            headers.append(row)
        elif row.to_order_id is not None:
            (pins if row.field == "pinned" else links).append(row)
            written.setdefault(line, {})
        elif row.field == "quantity" and row.old is None:
            continue  # a new line: inserted whole below
        else:
            written.setdefault(line, {})[row.field] = row.new
            if row.field == "receivedQuantity":
                receipts.append(row)
            elif row.field == "estimatedDeliveryDate":
                rearrived.append(line)
    if plan.new_orders or plan.new_lines:
        insert_new(connection, plan, actor.user, now)
    insert_recorded(connection, recorded)
    less, more = less_and_more(links)
    take_units(connection, less, progress)
    _write_lines(connection, actor, written, now, progress)
    _write_headers(connection, headers, now)
    _write_receipts(connection, actor, receipts, now)
    give_units(connection, actor, plan, more, taken_by(less), now, progress)
    # Last: a pin may come back with its allocation; one that went with it has nothing to change.
    set_pins(connection, pins, progress)
    remove_recorded(connection, removed)
    changed = [line for row in links if (line := row.line) is not None]
    reopened = [
        line for row in plan.changes if row.field == "statusId" and (line := row.line) is not None
    ]
    refresh_derived(connection, [*changed, *reopened], rearrived)


def _write_lines(
    connection: Connection,
    actor: Actor,
    written: dict[LineId, dict[str, Any]],
    now: datetime,
    progress: Progress,
) -> None:
    """Each line once: its new fields, its version, who changed it and when."""
    by_fields: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for line, fields in written.items():
        by_fields[tuple(sorted(fields))].append(values_of(line, fields, actor, now))
    for names, parameters in by_fields.items():
        progress.execute(connection, update_of(names), parameters)


def _write_headers(connection: Connection, rows: list[PlannedChange], now: datetime) -> None:
    for row in rows:
        if row.field != "statusId":
            raise Refused(f"an order's {row.field} cannot be changed by a plan")
        connection.execute(
            update(order_header)
            .where(order_header.c.ORDER_ID == row.order_id)
            .values(
                STATUS_ID=row.new,
                ROW_VERSION=order_header.c.ROW_VERSION + 1,
                LAST_UPDATED_STAMP=now,
            )
        )


def _write_receipts(
    connection: Connection, actor: Actor, rows: list[PlannedChange], now: datetime
) -> None:
    """One SHIPMENT_RECEIPT row per change of received units; a negative one takes it back."""
    lines = [line for row in rows if (line := row.line) is not None]
    states = purchase_lines(connection, lines)
    for row in rows:
        line = row.line
        if line is not None:
            connection.execute(
                insert(shipment_receipt).values(
                    ORDER_ID=line.order_id,
                    ORDER_ITEM_SEQ_ID=line.order_item_seq_id,
                    PRODUCT_ID=states[line].product_id,
                    QUANTITY_ACCEPTED=units_of(row.new) - units_of(row.old),
                    DATETIME_RECEIVED=now,
                    RECEIVED_BY_USER_LOGIN_ID=actor.user,
                )
            )
