"""Units taken and given: the rows of ORDER_ITEM_ASSOC that a plan changes, and what bounds them.

Part of :mod:`preorder_tui.apply`, which calls it with the lines locked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, delete, insert, update

from data.prepared import Bound, Prepared
from data.tables import order_item_assoc
from preorder_tui.actor import Actor
from preorder_tui.errors import Refused, StalePlan
from preorder_tui.given_back import stood_before
from preorder_tui.line_state import purchase_lines
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan, PlannedChange
from preorder_tui.progress import Progress
from preorder_tui.purchase_line_rules import sellable
from preorder_tui.stale import Standing

_LINK = (
    bindparam("b_order") == order_item_assoc.c.ORDER_ID,
    bindparam("b_item") == order_item_assoc.c.ORDER_ITEM_SEQ_ID,
    bindparam("b_to_order") == order_item_assoc.c.TO_ORDER_ID,
    bindparam("b_to_item") == order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID,
    bindparam("b_old") == order_item_assoc.c.QUANTITY,
)
_DELETE_LINK = Prepared(delete(order_item_assoc).where(*_LINK))
_UPDATE_LINK = Prepared(update(order_item_assoc).where(*_LINK).values(QUANTITY=bindparam("b_new")))
_INSERT_LINK = Prepared(insert(order_item_assoc), list(order_item_assoc.c.keys()))
_PIN_LINK = Prepared(update(order_item_assoc).where(*_LINK[:-1]).values(PINNED=bindparam("b_pin")))


_UNITS = ("b_old", "b_new")
NONE_STAND: Mapping[LineId, Standing] = {}
"""Where lines were many when they were locked: what is left of them is read again."""


def less_and_more(rows: list[PlannedChange]) -> tuple[list[PlannedChange], list[PlannedChange]]:
    """Rows of allocations that take units, and those that give units."""
    return (
        [row for row in rows if units_of(row.new) < units_of(row.old)],
        [row for row in rows if units_of(row.new) > units_of(row.old)],
    )


def taken_by(rows: list[PlannedChange]) -> dict[LineId, int]:
    """Units by the purchase order line that rows take them from."""
    taken: dict[LineId, int] = defaultdict(int)
    for row in rows:
        if (to := row.to_line) is not None:
            taken[to] += units_of(row.old) - units_of(row.new)
    return taken


def _given_by(rows: list[PlannedChange]) -> dict[LineId, int]:
    """Units by the purchase order line that rows give them from."""
    given: dict[LineId, int] = defaultdict(int)
    for row in rows:
        to = row.to_line
        if to is None:
            raise Refused(f"an allocation of {row.line} names no purchase order line")
        given[to] += units_of(row.new) - units_of(row.old)
    return given


def units_of(value: Any) -> int:
    """The units of an allocation row's value; none: 0."""
    return int(value or 0)


def _link_parameters(row: PlannedChange) -> dict[str, Any]:
    return {
        "b_order": row.order_id,
        "b_item": row.order_item_seq_id,
        "b_to_order": row.to_order_id,
        "b_to_item": row.to_order_item_seq_id,
        "b_old": row.old,
        "b_new": row.new,
    }


def take_units(connection: Connection, rows: list[PlannedChange], progress: Progress) -> None:
    """Take units away: rows that shrink or go. Each must still be as the plan saw it."""
    shrink = [_link_parameters(row) for row in rows if units_of(row.new)]
    gone = [
        {key: value for key, value in _link_parameters(row).items() if key != "b_new"}
        for row in rows
        if not units_of(row.new)
    ]
    for statement, parameters in ((_UPDATE_LINK, shrink), (_DELETE_LINK, gone)):
        if progress.execute(connection, statement, parameters) not in (-1, len(parameters)):
            raise StalePlan("an allocation changed since the plan was made: look again")


def give_units(
    connection: Connection,
    actor: Actor,
    plan: Plan,
    rows: list[PlannedChange],
    taken: dict[LineId, int],
    now: datetime,
    progress: Progress,
) -> None:
    """Give units: capacity is checked once for all of them, then rows grow or are made."""
    if not rows:
        return
    _check_capacity(connection, plan, _given_by(rows), taken, NONE_STAND)
    grow = [_link_parameters(row) for row in rows if units_of(row.old)]
    if progress.execute(connection, _UPDATE_LINK, grow) not in (-1, len(grow)):
        raise StalePlan("an allocation changed since the plan was made: look again")
    made = [_new_link(row, actor, now) for row in rows if not units_of(row.old)]
    progress.execute(connection, _INSERT_LINK, made)


def _new_link(row: PlannedChange, actor: Actor, now: datetime | None) -> dict[str, Any]:
    return {
        "ORDER_ID": row.order_id,
        "ORDER_ITEM_SEQ_ID": row.order_item_seq_id,
        "SHIP_GROUP_SEQ_ID": "_NA_",
        "TO_ORDER_ID": row.to_order_id,
        "TO_ORDER_ITEM_SEQ_ID": row.to_order_item_seq_id,
        "TO_SHIP_GROUP_SEQ_ID": "_NA_",
        "ORDER_ITEM_ASSOC_TYPE_ID": "PURCHASE_ORDER",
        "QUANTITY": row.new,
        "FROM_DATE": now,
        "CREATED_BY": actor.user,
        "PINNED": "N",
    }


class FewUnits:
    """The allocation rows of a small plan, ready to be written: the same as above, row by row."""

    __slots__ = ("_given", "_giving", "_made", "_plan", "_taken", "_taking")

    def __init__(self, dialect: Dialect, actor: Actor, plan: Plan, rows: list[PlannedChange]):
        less, more = less_and_more(rows)
        self._plan = plan
        self._taken, self._given = taken_by(less), _given_by(more)
        self._taking = [_bound(dialect, row) for row in less]
        self._giving = [_bound(dialect, row) for row in more if units_of(row.old)]
        self._made = [
            _INSERT_LINK.bound(dialect, _new_link(row, actor, None))
            for row in more
            if not units_of(row.old)
        ]

    def write(
        self, connection: Connection, now: datetime, standing: Mapping[LineId, Standing]
    ) -> None:
        """Take the units, see that there are as many as are given, and give them."""
        for statement in self._taking:
            _require_one(statement.run(connection))
        if self._given:
            _check_capacity(connection, self._plan, self._given, self._taken, standing)
        for statement in self._giving:
            _require_one(statement.run(connection))
        for statement in self._made:
            statement.put(FROM_DATE=now)
            statement.run(connection)


def _bound(dialect: Dialect, row: PlannedChange) -> Bound:
    values = _link_parameters(row)
    if units_of(row.new):
        return _UPDATE_LINK.bound(dialect, values)
    del values["b_new"]
    return _DELETE_LINK.bound(dialect, values)


def _require_one(matched: int) -> None:
    if matched != 1:
        raise StalePlan("an allocation changed since the plan was made: look again")


def set_pins(connection: Connection, rows: list[PlannedChange], progress: Progress) -> None:
    """Pin allocations, or unpin them."""
    progress.execute(
        connection,
        _PIN_LINK,
        [
            {key: value for key, value in _link_parameters(row).items() if key not in _UNITS}
            | {"b_pin": row.new}
            for row in rows
        ],
    )


def _check_capacity(
    connection: Connection,
    plan: Plan,
    given: dict[LineId, int],
    taken: dict[LineId, int],
    standing: Mapping[LineId, Standing],
) -> None:
    """The units given away are still there, now that the rows are locked (R-122).

    ``taken`` are units that the plan has taken from lines before; ``standing`` lines as they were
    when they were locked, which holds for those that the plan has not written to.
    """
    unread = [line for line in given if line in taken or line not in standing]
    states = purchase_lines(connection, unread)
    short: dict[LineId, int] = {}
    for line, wanted in given.items():
        state = states.get(line) or (None if line in taken else standing.get(line))
        if state is None or state.atp is None:
            raise StalePlan(f"purchase order line {line} is gone: look again")
        if plan.inverse_of is None:
            left = state.atp
        else:
            # An inverse gives back what stood before: received units still serve it, but what
            # somebody else has taken meanwhile is gone.
            left = max(0, sellable(state.ordered, state.ceiling) - state.allocated)
        if wanted > left:
            short[line] = left
    if not short:
        return
    states |= purchase_lines(connection, [line for line in short if line not in states])
    stood = {} if plan.inverse_of is None else stood_before(connection, plan.inverse_of, short)
    for line, left in short.items():
        state = states[line]
        before = stood.get(line, 0) + taken.get(line, 0)
        if state.allocated + given[line] > min(state.ordered, before):
            raise StalePlan(
                f"{state.name} has {left:,} units left, {given[line]:,} are needed: "
                "somebody else took them; look again and make a new plan"
                if plan.inverse_of is None or line in stood
                else f"{state.name} has {left:,} units left, {given[line]:,} are needed: "
                "its ATP limit was changed since"
            )
