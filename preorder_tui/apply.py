"""Applying a plan: one transaction that re-checks everything and writes all of it, or nothing.

This, with :mod:`preorder_tui.moved_units`, is the only code that writes to an order table. The
order of its steps keeps every constraint of the store satisfied at every moment: new lines first,
then units taken away, then fields, then units given, then the derived copies on sales order lines,
then the journal. A small change of allocations and promise dates, as most are, writes each line
once: what it may break is the units alone.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from data.prepared import Prepared
from data.search_index import no_texts_change
from data.tables import (
    order_header,
    order_item,
    shipment_receipt,
)
from preorder_tui import grants, journal
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.creation import insert_new, insert_recorded, remove_recorded
from preorder_tui.derived import differing, refresh_derived
from preorder_tui.errors import Refused, StalePlan
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
from preorder_tui.staged_plan import StagedPlan, apply_staged
from preorder_tui.stale import Standing, check_versions
from preorder_tui.text import clean

COLUMNS = {
    "promisedDatetime": "PROMISED_DATETIME",
    "estimatedDeliveryDate": "ESTIMATED_DELIVERY_DATE",
    "quantity": "QUANTITY",
    "cancelQuantity": "CANCEL_QUANTITY",
    "statusId": "STATUS_ID",
    "receivedQuantity": "RECEIVED_QUANTITY",
    "availableToPromise": "ATP_CEILING",
}
"""The column behind each field that a plan may change on a line."""

_WRITTEN = COLUMNS | {"correspondingPoId": "CORRESPONDING_PO_ID"}

_KEY = (
    bindparam("b_order") == order_item.c.ORDER_ID,
    bindparam("b_item") == order_item.c.ORDER_ITEM_SEQ_ID,
)


@cache
def _update_of(fields: tuple[str, ...]) -> Prepared:
    """The statement that writes some fields of a line, and that the line changed."""
    return Prepared(
        update(order_item)
        .where(*_KEY)
        .values(
            {_WRITTEN[field]: bindparam(f"b_{field}") for field in fields}
            | {
                "ROW_VERSION": order_item.c.ROW_VERSION + 1,
                "CHANGE_BY_USER_LOGIN_ID": bindparam("b_user"),
                "LAST_UPDATED_STAMP": bindparam("b_now"),
            }
        )
    )


def apply(
    connection: Connection,
    clock: Clock,
    actor: Actor,
    plan: Plan,
    reason: str | None,
    tell: Tell | None = None,
) -> Outcome:
    """Apply ``plan`` in the connection's transaction and journal it as one change set.

    ``tell`` hears how far it is; what it raises leaves everything as it was.

    Raises:
        NotPermitted: the person may not, or no longer.
        StalePlan: a line, an order or the units it counts on changed since the plan was made.
        Refused: the store refused it (a constraint), or a plan asks for what is not there.
    """
    if plan.empty:
        return Outcome(None, 0, _summary(plan), plan.refused, tuple(plan.warnings))
    granted = grants.require_for_plan(connection, actor, plan)
    reason = journal.with_who_acted(clean(reason) if reason else None, granted)
    if isinstance(plan, StagedPlan):
        plan.tell = plan.tell or tell
        return apply_staged(connection, clock, actor, plan, reason)
    now = clock.now()
    # Rows are looked at once, written once (the row, then its line's version), and journaled once.
    progress = Progress(len(plan.versions) + 3 * len(plan.changes) + 1, tell)
    standing = check_versions(
        connection, clock, plan, progress, also=_written_too(connection, plan)
    )
    try:
        few = _is_of_links_and_promises(plan)
        if few:
            _write_few(connection, actor, plan, now, progress, standing)
        else:
            _write(connection, actor, plan, now, progress)
    except IntegrityError as error:
        raise StalePlan(
            f"{plan.title}: the store refused it, a line no longer has these units: "
            "look again and make a new plan"
        ) from error
    change_set_id = journal.record(connection, actor, plan, reason, now, progress)
    journal.communicate(connection, plan, change_set_id, now)
    progress.add(1)
    if few:
        no_texts_change(connection)
    return Outcome(
        change_set_id,
        len(plan.changes),
        _summary(plan),
        plan.refused,
        tuple(plan.warnings),
    )


def _summary(plan: Plan) -> str:
    if plan.empty:
        return plan.warnings[0].sentence if plan.warnings else "Nothing to change"
    text = f"{plan.title}: done, {plan.scope()}"
    return text + (f", {len(plan.refused):,} refused" if plan.refused else "")


# --- Checking -----------------------------------------------------------------------------------


def _written_too(connection: Connection, plan: Plan) -> set[LineId]:
    """Lines that the guards or the derived copies will write to when the plan is written.

    They are locked with the others, before anything is read that counts on them. (SQLite has one
    writer, and nothing to lock: there a few are read along, for what they have left.)
    """
    sqlite = connection.dialect.name == "sqlite"
    if sqlite and len(plan.changes) > FEW_ROWS:
        return set()
    linked = {to for row in plan.changes if (to := row.to_line) is not None}
    if sqlite:
        return linked
    rearrived = [
        line
        for row in plan.changes
        if row.field == "estimatedDeliveryDate" and (line := row.line) is not None
    ]
    return linked.union(links_of_purchase(connection, rearrived))


# --- Writing ------------------------------------------------------------------------------------

FEW_ROWS = 8


def _is_of_links_and_promises(plan: Plan) -> bool:
    """Whether it is a small change of allocations and promise dates alone, as most are."""
    return (
        len(plan.changes) <= FEW_ROWS
        and not plan.new_orders
        and not plan.new_lines
        and all(
            field == "allocation" or (field == "promisedDatetime" and item is not None)
            for field, item in zip(
                plan.changes.column("field"), plan.changes.column("order_item_seq_id"), strict=True
            )
        )
    )


def _write_few(
    connection: Connection,
    actor: Actor,
    plan: Plan,
    now: datetime,
    progress: Progress,
    standing: dict[LineId, Standing],
) -> None:
    """What :func:`_write` does, where each line is written once, with its derived copies."""
    links = [row for row in plan.changes if row.to_order_id is not None]
    written: dict[LineId, dict[str, Any]] = {}
    for row in plan.changes:
        if (line := row.line) is not None:
            fields = written.setdefault(line, {})
            if row.to_order_id is None:
                fields[row.field] = row.new
    less, more = less_and_more(links)
    take_units(connection, less, progress)
    give_units(connection, actor, plan, more, taken_by(less), now, progress, standing)
    changed = dict.fromkeys(line for row in links if (line := row.line) is not None)
    for line, (arrival, order_id) in differing(connection, changed).items():
        written[line] |= {"estimatedDeliveryDate": arrival, "correspondingPoId": order_id}
    _write_lines(connection, actor, written, now, progress)


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
        by_fields[tuple(sorted(fields))].append(
            {
                "b_order": line.order_id,
                "b_item": line.order_item_seq_id,
                "b_user": actor.user,
                "b_now": now,
            }
            | {f"b_{field}": value for field, value in fields.items()}
        )
    for names, parameters in by_fields.items():
        progress.execute(connection, _update_of(names), parameters)


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
