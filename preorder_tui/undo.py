"""Undo and redo: any change set taken back as a plan of its own, through the same door.

Redo is the undo of an undo. A change set stands as long as no standing change set is its inverse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from data.tables import change_set, order_header, order_item, order_item_assoc, order_item_change
from preorder_tui import journal, pins, reopened_orders, staged_inverse
from preorder_tui.apply import COLUMNS
from preorder_tui.clock import Clock
from preorder_tui.creation import recorded_line, recorded_order
from preorder_tui.errors import Refused, UnknownId
from preorder_tui.history import undone_by
from preorder_tui.line_state import chunks, key_in, keys_in
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan, PlannedChange, Value
from preorder_tui.text import clean

Cell = tuple[str, str | None, str | None, str | None, str]
"""What a row changes: order, item, the linked purchase order line, field."""


_PAGE = 100
"""How many change sets of a person are looked at at once."""


def _depth(connection: Connection, change_set_id: int) -> int:
    """0 for an ordinary change set, 1 for an undo, 2 for a redo, and so on."""
    depth = 0
    number: int | None = change_set_id
    while (number := _inverse_of(connection, number)) is not None:
        depth += 1
    return depth


def _inverse_of(connection: Connection, change_set_id: int | None) -> int | None:
    found: int | None = connection.execute(
        select(change_set.c.INVERSE_OF).where(change_set.c.CHANGE_SET_ID == change_set_id)
    ).scalar()
    return found


def _candidates(connection: Connection, user: str, *, undos: bool) -> Iterator[int]:
    """A person's change sets that stand, newest first: what to undo, or (``undos``) to redo."""
    mine = select(change_set.c.CHANGE_SET_ID, change_set.c.INVERSE_OF).where(
        change_set.c.CHANGE_USER_LOGIN == user, change_set.c.CHANGE_COUNT > 0
    )
    found = connection.execute(mine.order_by(change_set.c.CHANGE_SET_ID.desc())).all()
    for start in range(0, len(found), _PAGE):
        page = found[start : start + _PAGE]
        undone = undone_by(connection, (number for number, _ in page))
        for number, original in page:
            if undos and original is None:
                return  # a later change of one's own closes the way to redo what came before
            is_undo = original is not None and _depth(connection, number) % 2 == 1
            if is_undo == undos and number not in undone:
                yield number


def plan_undo(
    connection: Connection, clock: Clock, user: str, change_set_id: int | None = None
) -> Plan:
    """Take back a change set; by default the person's last one that stands.

    Raises:
        UnknownId: there is no such change set.
        Refused: it is taken back already, later changes stand in the way, or there is none.
    """
    if change_set_id is None:
        change_set_id = next(_candidates(connection, user, undos=False), None)
        if change_set_id is None:
            raise Refused(_nothing_to_undo(connection, user))
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
        undo_id = next(_candidates(connection, user, undos=True), None)
        if undo_id is None:
            raise Refused("there is nothing to redo: no undo of yours is the last thing you did")
        return _plan_inverse(connection, clock, undo_id, f"redo {undo_id}", "Redo")
    _header(connection, change_set_id)
    if _depth(connection, change_set_id) % 2 == 1:
        undo_id = change_set_id
    else:
        undo_id = undone_by(connection, [change_set_id]).get(change_set_id)
        if undo_id is None:
            raise Refused(f"change set {change_set_id} stands: there is nothing to redo")
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


def _header(connection: Connection, change_set_id: int) -> Row[Any]:
    row = connection.execute(
        select(change_set).where(change_set.c.CHANGE_SET_ID == change_set_id)
    ).first()
    if row is None:
        raise UnknownId(f"there is no change set {change_set_id}: see the list of change sets")
    return row


def _plan_inverse(
    connection: Connection, clock: Clock, change_set_id: int, command: str, verb: str
) -> Plan:
    header = _header(connection, change_set_id)
    if not header.CHANGE_COUNT:
        raise Refused(
            f"change set {change_set_id} ({clean(header.COMMAND)}) changed no order: the commands "
            "people and groups, and the page Users and permissions, do the opposite"
        )
    taken_back = undone_by(connection, [change_set_id]).get(change_set_id)
    if taken_back is not None:
        raise Refused(
            f"change set {change_set_id} is taken back already, by change set {taken_back}"
        )
    # What a redo does again is what its undo had taken back.
    shown = _header(connection, header.INVERSE_OF) if verb == "Redo" else header
    plan = Plan(
        command=command,
        title=f"{verb} change set {shown.CHANGE_SET_ID} of {clean(shown.CHANGE_USER_LOGIN)}: "
        f"{clean(shown.COMMAND)}",
        inverse_of=change_set_id,
    )
    if header.CHANGE_COUNT >= staged_inverse.FROM:
        staged = staged_inverse.plan(connection, change_set_id, plan.command, plan.title)
        if staged is not None:
            if staged[1]:
                left: list[Cell] = [(*line, None, None, "") for line in staged[1]]
                raise Refused(_in_the_way(connection, clock, change_set_id, left))
            return staged[0]
    cells = _net_changes(connection, change_set_id)
    current = _current_values(connection, cells)
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
    _watch(connection, plan)
    return plan


def _types(field: str) -> str:
    if field in journal.DATE_FIELDS:
        return "ITM_DLVRYDATE_CHNGD"
    return "ODR_ITM_UPDATE"


def _net_changes(connection: Connection, change_set_id: int) -> dict[Cell, tuple[Value, Value]]:
    """The first old and last new value of everything the change set touched."""
    cells: dict[Cell, tuple[Value, Value]] = {}
    table = order_item_change.c
    for order_id, item, to_order, to_item, field, old, new in connection.execute(
        select(
            table.ORDER_ID,
            table.ORDER_ITEM_SEQ_ID,
            table.TO_ORDER_ID,
            table.TO_ORDER_ITEM_SEQ_ID,
            table.FIELD,
            table.OLD_VALUE,
            table.NEW_VALUE,
        )
        .where(table.CHANGE_SET_ID == change_set_id)
        .order_by(table.ORDER_ITEM_CHANGE_ID)
    ):
        cell = (order_id, item, to_order, to_item, field)
        first = cells[cell][0] if cell in cells else journal.from_text(field, old)
        cells[cell] = (first, journal.from_text(field, new))
    return {cell: pair for cell, pair in cells.items() if pair[0] != pair[1]}


def _current_values(connection: Connection, cells: Iterable[Cell]) -> dict[Cell, Value]:
    """What each cell holds now, in one query per few hundred lines."""
    current: dict[Cell, Value] = {}
    wanted = list(cells)
    lines = dict.fromkeys(
        (cell[0], cell[1]) for cell in wanted if cell[1] is not None and cell[2] is None
    )
    rows: dict[tuple[str, str], Any] = {}
    for chunk in chunks(lines):
        for row in connection.execute(select(order_item).where(key_in(chunk))).mappings():
            rows[row["ORDER_ID"], row["ORDER_ITEM_SEQ_ID"]] = row
    links: dict[tuple[str, str, str, str], int] = {}
    pinned: set[tuple[str, str, str, str]] = set()
    sales = dict.fromkeys((cell[0], cell[1] or "") for cell in wanted if cell[2] is not None)
    table = order_item_assoc.c
    for linked in chunks(sales):
        for *key, quantity, pin in connection.execute(
            select(
                table.ORDER_ID,
                table.ORDER_ITEM_SEQ_ID,
                table.TO_ORDER_ID,
                table.TO_ORDER_ITEM_SEQ_ID,
                table.QUANTITY,
                table.PINNED,
            ).where(keys_in(table.ORDER_ID, table.ORDER_ITEM_SEQ_ID, linked))
        ):
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
            current[cell] = None if found is None else found[COLUMNS[field]]
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


def _watch(connection: Connection, plan: Plan) -> None:
    lines = dict.fromkeys(line for row in plan.changes if (line := row.line) is not None)
    for chunk in chunks(lines):
        for order_id, item, version in connection.execute(
            select(
                order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID, order_item.c.ROW_VERSION
            ).where(key_in(chunk))
        ):
            plan.versions[LineId(order_id, item)] = version


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
