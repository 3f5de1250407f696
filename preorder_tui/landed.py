"""A commit that was not answered: did the change arrive? The journal knows.

When the line to the database drops while a change is being committed, nobody here can tell whether
it was. Doing it again blindly could do it twice; so the journal is looked at first.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from data.tables import change_set, order_item_change
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.journal import to_text
from preorder_tui.plan import Plan
from preorder_tui.records import Outcome
from preorder_tui.staged_plan import StagedPlan

ROUNDING = timedelta(seconds=1)
"""Some databases keep whole seconds only."""

_row = order_item_change.c


def outcome_of(
    connection: Connection,
    clock: Clock,
    actor: Actor,
    plan: Plan,
    since: datetime,
    told: Collection[int] = (),
) -> Outcome | None:
    """The outcome of a plan that this person applied at ``since`` or later; None: it is not there.

    The change set has the plan's command, and row for row what the plan would have written. It is
    none of those that were ``told`` as done: the same change may have been made and taken back a
    moment ago.
    """
    del clock  # moments are compared as they are stored
    found = connection.execute(
        select(change_set.c.CHANGE_SET_ID, change_set.c.CHANGE_COUNT)
        .where(
            change_set.c.CHANGE_USER_LOGIN == actor.user,
            change_set.c.ORIGIN == actor.origin,
            change_set.c.COMMAND == plan.command,
            change_set.c.CHANGE_DATETIME >= since - ROUNDING,
        )
        .order_by(change_set.c.CHANGE_SET_ID.desc())
    ).all()
    for change_set_id, count in found:
        if change_set_id not in told and _is_this(connection, plan, change_set_id, count):
            summary = f"{plan.title}: done, {plan.scope()}"
            return Outcome(change_set_id, count, summary, plan.refused, tuple(plan.warnings))
    return None


def _is_this(connection: Connection, plan: Plan, change_set_id: int, count: int) -> bool:
    if isinstance(plan, StagedPlan):
        return count == plan.count  # its rows are no longer at hand
    if count != len(plan.changes):
        return False
    written = connection.execute(
        select(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID, _row.TO_ORDER_ID,
               _row.TO_ORDER_ITEM_SEQ_ID, _row.FIELD, _row.OLD_VALUE, _row.NEW_VALUE)
        .where(_row.CHANGE_SET_ID == change_set_id)
    )  # fmt: skip
    wanted = {
        (row.order_id, row.order_item_seq_id, row.to_order_id, row.to_order_item_seq_id, row.field,
         to_text(row.old), to_text(row.new))
        for row in plan.changes
    }  # fmt: skip
    return {tuple(row) for row in written} == wanted
