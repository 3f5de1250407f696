"""MDM_CANCEL_ORD_ITM: sales order lines to cancel, each with its reason (R-110…R-113)."""

from __future__ import annotations

from sqlalchemy import Column, Text

from data.tables import order_item
from preorder_tui import marks
from preorder_tui.cancel import close_order
from preorder_tui.draft import Draft, change
from preorder_tui.exim.context import ImportContext, Prepared
from preorder_tui.exim.line_rows import LineRow, line_rows
from preorder_tui.exim.line_stage import LineColumns, LineStage
from preorder_tui.exim.line_verdicts import change_text
from preorder_tui.exim.promise_dates import read_comment
from preorder_tui.exim.rows import Row, RowFault
from preorder_tui.exim.values import Values
from preorder_tui.line_state import SalesState, chunks, sales_lines, sales_where
from preorder_tui.lines import LineId
from preorder_tui.words import CANCEL_REASON_WORDS, CHANGE_CANCEL, word

_REASONS = {code.casefold(): code for code in CANCEL_REASON_WORDS} | {
    words.casefold(): code for code, words in CANCEL_REASON_WORDS.items()
}


def prepare(context: ImportContext) -> Prepared:
    """Check the rows, and plan the cancellations."""
    stage = LineStage(
        context, LineColumns(), (Column("REASON", Text), Column("CHANGE_COMMENTS", Text))
    )
    stage.fill(stage.read([Values("reason", _reason), read_comment()]))
    rows = list(line_rows(stage))
    states = sales_lines(context.connection, [row.line for row in rows])
    draft = Draft(context.connection, context.clock, context.command, "")
    unchanged, chosen = 0, []
    for row in rows:
        state = states[row.line]
        try:
            if row.repeated:
                raise RowFault(f"line {str(row.line)!r} stands in this file more than once")
            if state.status_id == "ITEM_CANCELLED":
                unchanged += 1
                continue
            _check(state)
        except RowFault as fault:
            context.handed_back.add(row.at, str(fault))
            continue
        chosen.append(row)
    _cancel(draft, states, chosen)
    draft.plan.title = change_text("cancelled line", len(chosen))
    return Prepared(draft.plan.title, unchanged=unchanged, plan=draft.plan)


def _reason(row: Row, column: str) -> str:
    code = _REASONS.get(row[column].casefold())
    if code is None:
        what = f"{column} {row[column][:40]!r} is none" if row[column] else f"{column} is empty"
        raise RowFault(f"{what}: give {', '.join(CANCEL_REASON_WORDS)}")
    return code


def _check(state: SalesState) -> None:
    """The rules of :func:`preorder_tui.cancel.plan_cancel_item`."""
    if state.status_id in marks.CLOSED_ITEM_STATUSES:
        raise RowFault(f"{str(state.line)!r} is {word(state.status_id).lower()} already")
    if state.order_status_id in marks.CLOSED_ORDER_STATUSES:
        raise RowFault(f"the order of {str(state.line)!r} is {word(state.order_status_id).lower()}")


def _cancel(draft: Draft, states: dict[LineId, SalesState], rows: list[LineRow]) -> None:
    draft.take_sales(states[row.line] for row in rows)
    for row in rows:
        for to, quantity in list(draft.links[row.line].items()):
            draft.add_units(row.line, to, -quantity)
    draft.finish(promises_follow=False)
    draft.plan.effects[:] = draft.plan.effects[:20]
    for row in rows:
        state = states[row.line]
        reason, comment = row.payload
        draft.plan.reasons[row.line] = reason
        if comment:
            draft.plan.comments[row.line] = comment
        draft.watch(state)
        draft.add(change(row.line, "statusId", state.status_id, "ITEM_CANCELLED", CHANGE_CANCEL))
        if state.cancelled != state.quantity:
            draft.add(
                change(row.line, "cancelQuantity", state.cancelled, state.quantity, CHANGE_CANCEL)
            )
    _close_orders(draft, {row.line for row in rows})


def _close_orders(draft: Draft, cancelled: set[LineId]) -> None:
    """Orders without an open line left close with their last one (R-113)."""
    for ids in chunks(dict.fromkeys(line.order_id for line in cancelled)):
        others: dict[str, list[SalesState]] = {order_id: [] for order_id in ids}
        status: dict[str, str] = {}
        for state in sales_where(draft.connection, order_item.c.ORDER_ID.in_(ids)):
            status[state.line.order_id] = state.order_status_id
            if state.line not in cancelled:
                others[state.line.order_id].append(state)
        for order_id, left in others.items():
            draft.watch(*left)
            close_order(draft, order_id, status[order_id], [state.status_id for state in left])
    draft.plan.effects[:] = draft.plan.effects[:40]
