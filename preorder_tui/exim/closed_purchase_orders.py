"""IMP_CLOSED_PO: purchase orders, or lines of them, that are complete (R-77)."""

from __future__ import annotations

from typing import NamedTuple

from data.tables import order_header, order_item
from preorder_tui import marks
from preorder_tui.draft import Draft
from preorder_tui.exim import fields
from preorder_tui.exim.context import ImportContext, Prepared
from preorder_tui.exim.line_verdicts import change_text
from preorder_tui.exim.rows import Row, RowFault
from preorder_tui.line_state import PurchaseState, chunks, purchase_where
from preorder_tui.lines import LineId
from preorder_tui.purchase_changes import complete_lines
from preorder_tui.words import word


class _Row(NamedTuple):
    at: int
    order_id: str
    external_id: str
    item: str | None
    comment: str | None


def prepare(context: ImportContext) -> Prepared:
    """Check the rows, and plan the completions."""
    rows = list(_rows(context))
    lines = _lines(context, rows)
    closing: dict[LineId, PurchaseState] = {}
    comments: dict[LineId | None, str] = {}
    named: dict[LineId, int] = {}
    unchanged = 0
    for row in rows:
        try:
            states = _chosen(lines, row)
            for state in states:
                if state.line in named:
                    raise RowFault(
                        f"line {str(state.line)!r} stands in this file on line {named[state.line]} "
                        "too"
                    )
            for state in states:
                named[state.line] = row.at
            is_open = [one for one in states if one.status_id not in marks.CLOSED_ITEM_STATUSES]
            if not is_open:
                _require_completed(states)
                unchanged += 1
                continue
        except RowFault as fault:
            context.handed_back.add(row.at, str(fault))
            continue
        for state in is_open:
            closing[state.line] = state
            if row.comment:
                comments[state.line] = row.comment
    draft = Draft(
        context.connection,
        context.clock,
        context.command,
        change_text("completed purchase order line", len(closing)),
    )
    by_order: dict[str, list[PurchaseState]] = {}
    for state in closing.values():
        by_order.setdefault(state.line.order_id, []).append(state)
    for order_id, states in by_order.items():
        complete_lines(draft, states)
        draft.watch(*lines[order_id])
    draft.plan.effects[:] = draft.plan.effects[:20]
    draft.plan.comments |= comments
    return Prepared(draft.plan.title, unchanged=unchanged, plan=draft.plan)


def _rows(context: ImportContext) -> list[_Row]:
    rows = []
    for row in context.rows():
        try:
            rows.append(_read(row))
        except RowFault as fault:
            context.handed_back.add(row.line, str(fault))
    return rows


def _read(row: Row) -> _Row:
    order_id = fields.text(row, "po-id", fields.LONGEST_ID, required=False)
    external_id = fields.text(row, "po-external-id", fields.LONGEST_NAME, required=False)
    if not order_id and not external_id:
        raise RowFault("po-id and po-external-id are both empty")
    item = fields.item_number(row, "po-item-seq-id")
    comment = fields.text(row, "change-comments", required=False) or None
    return _Row(row.line, order_id, external_id, item, comment)


def _lines(context: ImportContext, rows: list[_Row]) -> dict[str, list[PurchaseState]]:
    """The lines of the named orders, by order id and by ``external:`` and the external id."""
    found: dict[str, list[PurchaseState]] = {}
    for column, names in (
        (order_item.c.ORDER_ID, {row.order_id for row in rows if row.order_id}),
        (order_header.c.EXTERNAL_ID, {row.external_id for row in rows if not row.order_id}),
    ):
        for piece in chunks(sorted(names)):
            for state in purchase_where(context.connection, column.in_(piece)):
                lines = found.setdefault(state.line.order_id, [])
                if state not in lines:
                    lines.append(state)
                if column is order_header.c.EXTERNAL_ID and state.external_id is not None:
                    found[f"external:{state.external_id}"] = lines
    return found


def _chosen(lines: dict[str, list[PurchaseState]], row: _Row) -> list[PurchaseState]:
    name = f"po-id {row.order_id!r}" if row.order_id else f"po-external-id {row.external_id!r}"
    states = lines.get(row.order_id if row.order_id else f"external:{row.external_id}", [])
    if not states:
        raise RowFault(f"{name} names no purchase order")
    if row.item is None:
        return states
    chosen = [state for state in states if state.line.order_item_seq_id == row.item]
    if not chosen:
        raise RowFault(f"{name} has no item {row.item!r}")
    return chosen


def _require_completed(states: list[PurchaseState]) -> None:
    """Nothing is open: that is what the row wants, unless all of it was cancelled."""
    if any(state.status_id == "ITEM_COMPLETED" for state in states):
        return
    state = states[0]
    raise RowFault(f"{str(state.line)!r} is {word(state.status_id).lower()} already")
