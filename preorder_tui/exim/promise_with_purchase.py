"""IMP_ORD_ITM_PO_DTL: the purchase order that serves a sales order line, and its promise date.

All units of the line go to that purchase order: the open ones, and those it has from elsewhere
(R-33). A row is done whole or handed back whole; the promise is the file's, also where the supply
arrives on another day (R-55).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, String, Text, or_

from data.tables import order_header, order_item
from preorder_tui import supply
from preorder_tui.draft import Draft, change
from preorder_tui.exim import fields, tokens
from preorder_tui.exim.configurations import TOKEN_COLUMN
from preorder_tui.exim.context import ImportContext, Prepared
from preorder_tui.exim.last_change import last_change
from preorder_tui.exim.line_rows import LineRow, line_rows
from preorder_tui.exim.line_stage import LineColumns, LineStage
from preorder_tui.exim.line_verdicts import change_text
from preorder_tui.exim.promise_dates import CLEAR, promise_text, read_comment, read_promise
from preorder_tui.exim.records import Conflict
from preorder_tui.exim.rows import RowFault
from preorder_tui.exim.values import Values
from preorder_tui.line_state import (
    PurchaseState,
    SalesState,
    chunks,
    purchase_where,
)
from preorder_tui.lines import LineId
from preorder_tui.promise_dates import why_not_datable
from preorder_tui.sales_line_standing import why_not_waiting
from preorder_tui.wording import units
from preorder_tui.words import CHANGE_DATE

COLUMNS = "promised-datetime;corresponding-po-id"


class _Wish(NamedTuple):
    promised: datetime | None
    order: str
    item: str | None
    comment: str | None
    token: str
    empty: bool = False


class _Import:
    """One run of it."""

    def __init__(self, context: ImportContext, rows: list[LineRow]) -> None:
        self.context = context
        self.rows = rows
        self.draft = Draft(context.connection, context.clock, context.command, "")
        self.draft.load_sales(row.line for row in rows)
        self.orders = _purchase_lines(context, rows)
        for lines in self.orders.values():
            self.draft.take_purchase(lines)
        self.promises: dict[LineId, datetime | None] = {}
        self.unchanged = 0

    def run(self) -> Prepared:
        """Judge each row in the order of the keys: what one takes, the next no longer has."""
        done = 0
        for row in self.rows:
            try:
                if self._take(row):
                    done += 1
                else:
                    self.unchanged += 1
            except RowFault as fault:
                self.context.handed_back.add(row.at, str(fault))
            except _Conflicted:
                pass
        draft = self.draft
        draft.plan.title = change_text("line with its purchase order", done).replace(
            "orders", "order"
        )
        draft.finish(promises_follow=False)
        draft.plan.effects[:] = draft.plan.effects[:20]
        for line, promised in self.promises.items():
            state = draft.sales[line]
            draft.watch(state)
            draft.add(change(line, "promisedDatetime", state.promised, promised, CHANGE_DATE))
        return Prepared(draft.plan.title, unchanged=self.unchanged, plan=draft.plan)

    def _take(self, row: LineRow) -> bool:
        """Whether a row changes anything.

        Raises:
            RowFault: it is handed back.
            _Conflicted: the same, with its conflict noted.
        """
        wish, draft = _Wish(*row.payload), self.draft
        state = draft.sales[row.line]
        target = self._target(state, wish)
        served = draft.links[row.line].get(target.line, 0) > 0
        elsewhere = sum(number for to, number in draft.links[row.line].items() if to != target.line)
        wanted = draft.open_units(row.line) + elsewhere
        whole = not wish.empty and served and (wanted == 0 or not state.waiting)
        if whole and wish.promised == state.promised:
            return False
        if self._untouched(row, wish, state, target):
            return False
        if row.repeated:
            raise RowFault(f"line {str(row.line)!r} stands in this file more than once")
        if wish.empty:
            raise RowFault(f"promised-datetime is empty: write {CLEAR} to take the promise away")
        reason = why_not_datable(state)
        if reason is not None:
            raise RowFault(f"{str(row.line)!r} cannot change: {reason}")
        clock = self.context.clock
        if wish.promised not in (state.promised, None) and wish.promised < draft.today:
            day = clock.day(wish.promised)
            raise RowFault(f"{day} is over: promise {clock.today()} or later")
        if not whole:
            self._give(row.line, state, target, wanted)
        if wish.promised != state.promised:
            self.promises[row.line] = wish.promised
        if wish.comment:
            draft.plan.comments[row.line] = wish.comment
        return True

    def _give(self, line: LineId, state: SalesState, target: PurchaseState, wanted: int) -> None:
        draft = self.draft
        reason = why_not_waiting(state)
        if reason is not None:
            raise RowFault(f"{str(line)!r} cannot be allocated: {reason}")
        if target.product_store_id != state.product_store_id:
            raise RowFault(
                f"{target.name!r} belongs to store {target.product_store_id!r}, "
                f"{str(line)!r} to {state.product_store_id!r}"
            )
        left = draft.atp(target.line)
        reason = supply.why_no_supply(target)
        if reason is not None:
            raise RowFault(f"{target.name!r} cannot be allocated to: {reason}")
        if wanted > left:
            raise RowFault(f"{units(wanted)} are too many: {target.name!r} has {units(left)} left")
        for other, number in list(draft.links[line].items()):
            if other != target.line:
                draft.add_units(line, other, -number)
        draft.add_units(line, target.line, wanted)

    def _target(self, state: SalesState, wish: _Wish) -> PurchaseState:
        """The line of the named purchase order that the sales order line may be served from."""
        lines = self.orders.get(wish.order)
        if not lines:
            raise RowFault(f"corresponding-po-id {wish.order!r} names no purchase order")
        if len({line.line.order_id for line in lines}) > 1:
            raise RowFault(f"corresponding-po-id {wish.order!r} names several purchase orders")
        fitting = [one for one in lines if one.product_id == state.product_id]
        if wish.item is not None:
            fitting = [one for one in fitting if one.line.order_item_seq_id == wish.item]
        if not fitting:
            raise RowFault(
                f"purchase order {wish.order!r} has no line of the product of {str(state.line)!r}"
            )
        links = self.draft.links[state.line]
        return min(
            fitting,
            key=lambda one: (
                one.line not in links,
                self.draft.atp(one.line) == 0,
                one.supply_key,
            ),
        )

    def _untouched(
        self, row: LineRow, wish: _Wish, state: SalesState, target: PurchaseState
    ) -> bool:
        """Whether nobody has edited the row since its export.

        Raises:
            RowFault: the token belongs to another row.
            _Conflicted: the database moved since, and the row says something else.
        """
        if not wish.token:
            return False
        clock, links = self.context.clock, self.draft.links[row.line]
        order = target.line.order_id
        serving = order if target.line in links else ""
        if not serving and links:
            serving = ",".join(sorted({to.order_id for to in links}))
        key = f"{row.line}"
        base = tokens.base(wish.token, key) or ""
        theirs = f"{promise_text(clock, state.promised)};{serving}"
        ours = f"{promise_text(clock, wish.promised)};{order}"
        if ours == base:
            return True
        if base != theirs:
            who = last_change(self.context.connection, clock, row.line)
            self.context.hand_back_conflict(
                Conflict(row.at, key, COLUMNS, base, ours, theirs, who), tokens.make(key, theirs)
            )
            raise _Conflicted
        return False


class _Conflicted(Exception):
    """The row is a conflict, and noted as one."""


def prepare(context: ImportContext) -> Prepared:
    """Check the rows, and plan the allocations and promises."""
    stage = LineStage(
        context,
        LineColumns(),
        (
            Column("PROMISED", Text),
            Column("PURCHASE", String(60)),
            Column("PURCHASE_ITEM", String(20)),
            Column("CHANGE_COMMENTS", Text),
            Column("TOKEN", Text),
        ),
    )
    stage.fill(_records(context, stage))
    rows = [row._replace(payload=_moment(row.payload)) for row in line_rows(stage)]
    rows.sort(key=lambda row: row.at)
    return _Import(context, rows).run()


def _moment(payload: tuple[Any, ...]) -> tuple[Any, ...]:
    text = payload[0]
    promised = datetime.fromisoformat(text) if text else None
    return (promised, *payload[1:], text == "")


def _records(context: ImportContext, stage: LineStage) -> Iterator[tuple[Any, ...]]:
    readers = [
        read_promise(context),
        Values(
            "corresponding-po-id", lambda row, column: fields.text(row, column, fields.LONGEST_NAME)
        ),
        Values("po-item-seq-id", fields.item_number),
        read_comment(),
        Values(TOKEN_COLUMN, lambda row, column: fields.text(row, column, required=False)),
    ]
    for *key, promised, order, item, comment, token in stage.read(readers):
        if promised == "" and not token:
            context.handed_back.add(key[0], "promised-datetime is empty")
            continue
        text = promised.isoformat() if isinstance(promised, datetime) else promised
        yield (*key, text, order, item, comment, token or None)


def _purchase_lines(context: ImportContext, rows: list[LineRow]) -> dict[str, list[PurchaseState]]:
    """The lines of the named purchase orders, by what they are named; ids go first."""
    names = list(dict.fromkeys(_Wish(*row.payload).order for row in rows))
    by_id: dict[str, list[PurchaseState]] = {}
    by_external_id: dict[str, list[PurchaseState]] = {}
    for piece in chunks(names):
        for state in purchase_where(
            context.connection,
            or_(order_item.c.ORDER_ID.in_(piece), order_header.c.EXTERNAL_ID.in_(piece)),
        ):
            by_id.setdefault(state.line.order_id, []).append(state)
            if state.external_id is not None:
                by_external_id.setdefault(state.external_id, []).append(state)
    return {name: by_id.get(name) or by_external_id.get(name, []) for name in names}
