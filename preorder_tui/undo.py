"""Undo and redo: any change set taken back as a plan of its own, through the same door.

Redo is the undo of an undo. A change set stands as long as no standing change set is its inverse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from data.prepared import Prepared
from data.tables import change_set, order_header, order_item, order_item_assoc, order_item_change
from preorder_tui import journal, pins, reopened_orders, staged_inverse
from preorder_tui.apply import COLUMNS
from preorder_tui.by_keys import ByKeys
from preorder_tui.change_set_heads import Head, depth, head_of, standing
from preorder_tui.clock import Clock
from preorder_tui.creation import recorded_line, recorded_order
from preorder_tui.errors import Refused
from preorder_tui.history import undone_by
from preorder_tui.line_state import chunks
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan, PlannedChange, Value
from preorder_tui.text import clean

Cell = tuple[str, str | None, str | None, str | None, str]
"""What a row changes: order, item, the linked purchase order line, field."""


_ROWS = Prepared(
    select(
        order_item_change.c.ORDER_ID,
        order_item_change.c.ORDER_ITEM_SEQ_ID,
        order_item_change.c.TO_ORDER_ID,
        order_item_change.c.TO_ORDER_ITEM_SEQ_ID,
        order_item_change.c.FIELD,
        order_item_change.c.OLD_VALUE,
        order_item_change.c.NEW_VALUE,
    )
    .where(bindparam("b_number") == order_item_change.c.CHANGE_SET_ID)
    .order_by(order_item_change.c.ORDER_ITEM_CHANGE_ID)
)
_LINES = ByKeys(
    select(
        order_item.c.ORDER_ID,
        order_item.c.ORDER_ITEM_SEQ_ID,
        order_item.c.ROW_VERSION,
        *(order_item.c[column] for column in COLUMNS.values()),
    ),
    order_item.c.ORDER_ID,
    order_item.c.ORDER_ITEM_SEQ_ID,
)
_LINKS = ByKeys(
    select(
        order_item_assoc.c.ORDER_ID,
        order_item_assoc.c.ORDER_ITEM_SEQ_ID,
        order_item_assoc.c.TO_ORDER_ID,
        order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID,
        order_item_assoc.c.QUANTITY,
        order_item_assoc.c.PINNED,
    ),
    order_item_assoc.c.ORDER_ID,
    order_item_assoc.c.ORDER_ITEM_SEQ_ID,
)


def plan_undo(
    connection: Connection, clock: Clock, user: str, change_set_id: int | None = None
) -> Plan:
    """Take back a change set; by default the person's last one that stands.

    Raises:
        UnknownId: there is no such change set.
        Refused: it is taken back already, later changes stand in the way, or there is none.
    """
    if change_set_id is None:
        last = next(standing(connection, user, undos=False), None)
        if last is None:
            raise Refused(_nothing_to_undo(connection, user))
        return _plan_inverse_of(connection, clock, last, f"undo {last.number}", "Undo")
    return _plan_inverse(connection, clock, change_set_id, f"undo {change_set_id}", "Undo")


def plan_redo(
    connection: Connection, clock: Clock, user: str, change_set_id: int | None = None
) -> Plan:
    """Do a change set again that was taken back; by default the person's last undo.

    Args:
        change_set_id: the original change set, or the undo of it.

    Raises:
        UnknownId: there is no such change set.
        Refused: it stands, or later changes stand in the way, or there is none.
    """
    if change_set_id is None:
        last = next(standing(connection, user, undos=True), None)
        if last is None:
            raise Refused("there is nothing to redo: no undo of yours is the last thing you did")
        return _plan_inverse_of(connection, clock, last, f"redo {last.number}", "Redo")
    head_of(connection, change_set_id)
    undo_id = change_set_id
    if depth(connection, change_set_id) % 2 == 0:
        taken_back = undone_by(connection, [change_set_id]).get(change_set_id)
        if taken_back is None:
            raise Refused(f"change set {change_set_id} stands: there is nothing to redo")
        undo_id = taken_back
    return _plan_inverse(connection, clock, undo_id, f"redo {change_set_id}", "Redo")


def _nothing_to_undo(connection: Connection, user: str) -> str:
    last = connection.execute(
        select(change_set.c.CHANGE_SET_ID, change_set.c.CHANGE_USER_LOGIN)
        .where(change_set.c.CHANGE_COUNT > 0)
        .order_by(change_set.c.CHANGE_SET_ID.desc())
        .limit(1)
    ).first()
    if last is None:
        return "there is nothing to undo: nothing was changed yet"
    return (
        f"there is nothing of {clean(user)} to undo; the last change is {last[0]} by "
        f"{clean(last[1])}: name it to take it back"
    )


def _plan_inverse(
    connection: Connection, clock: Clock, change_set_id: int, command: str, verb: str
) -> Plan:
    head = head_of(connection, change_set_id)
    if not head.changes:
        raise Refused(
            f"change set {change_set_id} ({clean(head.command)}) changed no order: the commands "
            "people and groups, and the page Users and permissions, do the opposite"
        )
    taken_back = undone_by(connection, [change_set_id]).get(change_set_id)
    if taken_back is not None:
        raise Refused(
            f"change set {change_set_id} is taken back already, by change set {taken_back}"
        )
    return _plan_inverse_of(connection, clock, head, command, verb)


def _plan_inverse_of(
    connection: Connection, clock: Clock, head: Head, command: str, verb: str
) -> Plan:
    """The inverse of a change set that stands and changed something."""
    change_set_id, shown = head.number, head
    if verb == "Redo" and head.inverse_of is not None:
        # What a redo does again is what its undo had taken back.
        shown = head_of(connection, head.inverse_of)
    plan = Plan(
        command=command,
        title=f"{verb} change set {shown.number} of {clean(shown.user)}: {clean(shown.command)}",
        inverse_of=change_set_id,
    )
    if head.changes >= staged_inverse.FROM:
        staged = staged_inverse.plan(connection, change_set_id, plan.command, plan.title)
        if staged is not None:
            if staged[1]:
                left: list[Cell] = [(*line, None, None, "") for line in staged[1]]
                raise Refused(_in_the_way(connection, clock, change_set_id, left))
            return staged[0]
    cells = _net_changes(connection, change_set_id)
    versions: dict[LineId, int] = {}
    current = _current_values(connection, cells, versions)
    blocked = [cell for cell, (_, new) in cells.items() if current.get(cell) != new]
    appended = [
        LineId(cell[0], cell[1])
        for cell, (old, _) in cells.items()
        if cell[1] is not None
        and ((cell[4] == "quantity" and old is None) or (cell[4] == "line" and old is None))
    ]
    if blocked:
        raise Refused(_in_the_way(connection, clock, change_set_id, blocked))
    for cell, (old, new) in cells.items():
        order_id, item, to_order, to_item, field = cell
        if item is not None and LineId(order_id, item) in appended:
            continue
        if field == "order" and old is None:
            continue  # it goes with its last line
        plan.changes.add(
            PlannedChange(
                order_id,
                item,
                to_order,
                to_item,
                _types(field),
                field,
                new,
                old,
            )
        )
    _take_lines_back(connection, clock, change_set_id, plan, appended)
    reopened_orders.require_open(connection, clock, plan, change_set_id)
    for row in plan.changes:
        if (line := row.line) is not None and line in versions:
            plan.versions[line] = versions[line]
    return plan


def _types(field: str) -> str:
    if field in journal.DATE_FIELDS:
        return "ITM_DLVRYDATE_CHNGD"
    return "ODR_ITM_UPDATE"


def _net_changes(connection: Connection, change_set_id: int) -> dict[Cell, tuple[Value, Value]]:
    """The first old and last new value of everything the change set touched."""
    cells: dict[Cell, tuple[Value, Value]] = {}
    for order_id, item, to_order, to_item, field, old, new in _ROWS.rows(
        connection, {"b_number": change_set_id}
    ):
        cell = (order_id, item, to_order, to_item, field)
        first = cells[cell][0] if cell in cells else journal.from_text(field, old)
        cells[cell] = (first, journal.from_text(field, new))
    return {cell: pair for cell, pair in cells.items() if pair[0] != pair[1]}


def _current_values(
    connection: Connection, cells: Iterable[Cell], versions: dict[LineId, int]
) -> dict[Cell, Value]:
    """What each cell holds now, in one query per few hundred lines; and the lines' versions."""
    current: dict[Cell, Value] = {}
    wanted = list(cells)
    lines = dict.fromkeys((cell[0], cell[1]) for cell in wanted if cell[1] is not None)
    rows: dict[tuple[str, str], dict[str, Value]] = {}
    for order_id, item, version, *values in _LINES.rows(connection, lines):
        rows[order_id, item] = dict(zip(COLUMNS, values, strict=True))
        versions[LineId(order_id, item)] = version
    links: dict[tuple[str, str, str, str], int] = {}
    pinned: set[tuple[str, str, str, str]] = set()
    sales = dict.fromkeys((cell[0], cell[1] or "") for cell in wanted if cell[2] is not None)
    for *key, quantity, pin in _LINKS.rows(connection, sales):
        links[key[0], key[1], key[2], key[3]] = quantity
        if pin == pins.PINNED:
            pinned.add((key[0], key[1], key[2], key[3]))
    headers: dict[str, str] = {}
    for ids in chunks(dict.fromkeys(cell[0] for cell in wanted if cell[1] is None)):
        headers.update(
            connection.execute(
                select(order_header.c.ORDER_ID, order_header.c.STATUS_ID).where(
                    order_header.c.ORDER_ID.in_(ids)
                )
            ).all()
        )
    for cell in wanted:
        order_id, item, to_order, to_item, field = cell
        link = (order_id, item or "", to_order or "", to_item or "")
        if field == "allocation":
            current[cell] = links.get(link, 0)
        elif field == pins.FIELD:
            current[cell] = pins.PINNED if link in pinned else pins.FREE
        elif field == "order":
            current[cell] = (
                None if order_id not in headers else recorded_order(connection, order_id)
            )
        elif item is None:
            current[cell] = headers.get(order_id)
        elif field == "line":
            current[cell] = recorded_line(connection, LineId(order_id, item))
        else:
            found = rows.get((order_id, item))
            current[cell] = None if found is None else found[field]
    return current


def _take_lines_back(
    connection: Connection,
    clock: Clock,
    change_set_id: int,
    plan: Plan,
    lines: Sequence[LineId],
) -> None:
    """Remove lines that the change set added; orders that would have none go with them."""
    for line in lines:
        if _later(connection, change_set_id, line):
            raise Refused(_in_the_way(connection, clock, change_set_id, [(*line, None, None, "")]))
        content = recorded_line(connection, line)
        plan.changes.add(PlannedChange(*line, None, None, "ODR_ITM_CANCEL", "line", content, None))
    leaving = set(lines)
    for order_id in dict.fromkeys(line.order_id for line in lines):
        present = {
            LineId(order_id, item)
            for (item,) in connection.execute(
                select(order_item.c.ORDER_ITEM_SEQ_ID).where(order_item.c.ORDER_ID == order_id)
            )
        }
        if present <= leaving:
            plan.changes.add(
                PlannedChange(
                    order_id,
                    None,
                    None,
                    None,
                    "ODR_ITM_CANCEL",
                    "order",
                    recorded_order(connection, order_id),
                    None,
                )
            )


def _later(connection: Connection, change_set_id: int, line: LineId) -> list[Row[Any]]:
    """Standing change sets after this one that touched the line."""
    table = order_item_change.c
    touched = (table.ORDER_ID == line.order_id) & (
        table.ORDER_ITEM_SEQ_ID == line.order_item_seq_id
    )
    touched |= (table.TO_ORDER_ID == line.order_id) & (
        table.TO_ORDER_ITEM_SEQ_ID == line.order_item_seq_id
    )
    rows = connection.execute(
        select(change_set)
        .where(
            change_set.c.CHANGE_SET_ID.in_(
                select(table.CHANGE_SET_ID).where(touched, change_set_id < table.CHANGE_SET_ID)
            )
        )
        .order_by(change_set.c.CHANGE_SET_ID)
    ).all()
    undone = undone_by(connection, (row.CHANGE_SET_ID for row in rows))
    return [row for row in rows if row.CHANGE_SET_ID not in undone and row.INVERSE_OF is None]


def _in_the_way(
    connection: Connection, clock: Clock, change_set_id: int, blocked: Sequence[Cell]
) -> str:
    """The sentence that names the later changes standing in the way."""
    cell = blocked[0]
    line = LineId(cell[0], cell[1]) if cell[1] is not None else None
    later = _later(connection, change_set_id, line) if line is not None else []
    what = str(line) if line is not None else f"order {cell[0]}"
    others = f" and {len(blocked) - 1:,} more" if len(blocked) > 1 else ""
    if not later:
        return (
            f"change set {change_set_id} cannot be taken back: {what}{others} no longer stands "
            "as it left it"
        )
    named = "; ".join(
        f"{row.CHANGE_SET_ID} by {clean(row.CHANGE_USER_LOGIN)} on "
        f"{clock.local(row.CHANGE_DATETIME):%Y-%m-%d %H:%M} ({clean(row.COMMAND)})"
        for row in later[-3:]
    )
    return (
        f"change set {change_set_id} cannot be taken back: {what}{others} was changed later by "
        f"{named}: take that back first"
    )
