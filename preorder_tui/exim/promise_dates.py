"""IMP_ORD_ITEM_UPD: promise dates of sales order lines (R-50…R-57), a million at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Text, and_, case, or_, select

from data.staging import changes_seen, create, stored_moment
from data.tables import order_header, order_item
from preorder_tui.clock import Clock
from preorder_tui.exim import fields, tokens
from preorder_tui.exim.configurations import TOKEN_COLUMN
from preorder_tui.exim.context import ImportContext, Prepared
from preorder_tui.exim.line_stage import LineColumns, LineStage, joined
from preorder_tui.exim.line_verdicts import (
    CLOSED,
    NOT_HERE,
    REPEATED,
    Verdicts,
    change_text,
)
from preorder_tui.exim.rows import Row, RowFault
from preorder_tui.exim.values import Values
from preorder_tui.marks import CLOSED_ITEM_STATUSES, CLOSED_ORDER_STATUSES
from preorder_tui.records import Notice
from preorder_tui.staged_fields import CHANGE, CONFLICT, UNCHANGED, FieldRows, planned_table
from preorder_tui.words import CHANGE_DATE, SALES_ORDER

PAST = 20
CLEAR = "CLEAR"
COLUMN = "promised-datetime"
_NOTHING = object()


def prepare(context: ImportContext) -> Prepared:
    """Stage the rows, judge them by joins, and plan what is left."""
    stage = LineStage(
        context,
        LineColumns(),
        (
            Column("NEW_VALUE", DateTime),
            Column("HAS_BASE", Boolean),
            Column("BASE", DateTime),
            Column("CHANGE_COMMENTS", Text),
        ),
    )
    stage.fill(_records(context, stage))
    clock = context.clock
    verdicts = Verdicts(
        context,
        stage,
        COLUMN,
        ours=lambda row: promise_text(clock, row.NEW_VALUE),
        theirs=lambda row: promise_text(clock, row.OLD_VALUE),
        base=lambda row: promise_text(clock, row.BASE),
    )
    planned = planned_table("EXIM_PLANNED", "promisedDatetime")
    create(context.connection, planned)
    seen = changes_seen(context.connection)
    _judge(context, stage, planned)

    def why_not(row: Any) -> str:
        return f"{clock.day(row.NEW_VALUE)} is over: promise {clock.today()} or later"

    verdicts.hand_back(planned, why_not)
    part = FieldRows(planned, "promisedDatetime", CHANGE_DATE, on_stale=verdicts.stale, seen=seen)
    plan = verdicts.plan(part, change_text("promise date", part.count(context.connection)))
    if early := verdicts.flagged(planned):
        plan.warnings.append(
            Notice(
                None,
                f"{early:,} line{' is' if early == 1 else 's are'} promised before the supply "
                "arrives and will be marked",
                "R-55",
            )
        )
    return Prepared(plan.title, unchanged=verdicts.count(planned, UNCHANGED), plan=plan)


def promise_text(clock: Clock, value: datetime | None) -> str:
    """A promise as files have it: a date for the end of a day, else with its time."""
    if value is None:
        return ""
    local = clock.local(value)
    if clock.end_of(local.date()) == value:
        return local.date().isoformat()
    return local.replace(tzinfo=None).isoformat(" ", "microseconds" if value.microsecond else
                                                "seconds")  # fmt: skip


def read_promise(context: ImportContext) -> Values:
    """The reader of the promise: a moment, None for CLEAR, the empty text for an empty cell."""

    def parse(row: Row, column: str) -> datetime | str | None:
        if not row[column]:
            return ""
        if row[column].upper() == CLEAR:
            return None
        return context.dates.promise(row, column)

    return Values(COLUMN, parse)


def read_comment() -> Values:
    """The reader of the comment that goes into the history."""
    return Values(
        "change-comments", lambda row, column: fields.text(row, column, required=False) or None
    )


def _records(context: ImportContext, stage: LineStage) -> Iterator[tuple[Any, ...]]:
    dialect = context.connection.dialect.name
    readers = [
        read_promise(context),
        read_comment(),
        Values(TOKEN_COLUMN, lambda row, column: fields.text(row, column, required=False)),
    ]
    bases: dict[str, Any] = {}
    stored: dict[Any, Any] = {}
    for *key, promise, comment, token in stage.read(readers):
        has_base, base = False, None
        if token:
            try:
                line = f"{key[1]}/{key[3]}"
                text = tokens.base(token, line)
                has_base = text is not None
                if text not in bases:
                    bases[str(text)] = _base(context, text)
                base = bases[str(text)]
                if promise == "" and base is not None:
                    raise RowFault(f"{COLUMN} is empty: write {CLEAR} to take the promise away")
            except RowFault as fault:
                context.handed_back.add(key[0], str(fault))
                continue
        elif promise == "":
            context.handed_back.add(key[0], f"{COLUMN} is empty")
            continue
        value = stored.get(promise, _NOTHING)
        if value is _NOTHING:
            value = stored[promise] = stored_moment(dialect, promise or None)
        yield (*key, value, has_base, base, comment)


def _base(context: ImportContext, text: str | None) -> Any:
    if not text:
        return None
    moment = context.dates.promise(Row(0, {TOKEN_COLUMN: text}), TOKEN_COLUMN)
    return stored_moment(context.connection.dialect.name, moment)


def _judge(context: ImportContext, stage: LineStage, planned: Any) -> None:
    row, item = stage.sorted.c, order_item.c
    clock = context.clock
    present = item.PROMISED_DATETIME
    verdict = case(
        (or_(item.ORDER_ID.is_(None), order_header.c.ORDER_TYPE_ID != SALES_ORDER), NOT_HERE),
        (stage.repeated(), REPEATED),
        (present.is_not_distinct_from(row.NEW_VALUE), UNCHANGED),
        (and_(row.HAS_BASE, row.BASE.is_not_distinct_from(row.NEW_VALUE)), UNCHANGED),
        (
            or_(
                item.STATUS_ID.in_(CLOSED_ITEM_STATUSES),
                order_header.c.STATUS_ID.in_(CLOSED_ORDER_STATUSES),
            ),
            CLOSED,
        ),
        (row.NEW_VALUE < clock.start_of(clock.today()), PAST),
        (and_(row.HAS_BASE, row.BASE.is_distinct_from(present)), CONFLICT),
        else_=CHANGE,
    )
    context.connection.execute(
        planned.insert().from_select(
            [
                "N", "LINE_NO", "ORDER_ID", "ORDER_ITEM_SEQ_ID", "OLD_VALUE", "NEW_VALUE",
                "VERSION", "VERDICT", "FLAGGED", "CHANGE_COMMENTS",
            ],
            select(
                row.N,
                row.LINE_NO,
                row.ORDER_ID,
                row.ORDER_ITEM_SEQ_ID,
                present,
                row.NEW_VALUE,
                item.ROW_VERSION,
                verdict,
                and_(
                    item.ESTIMATED_DELIVERY_DATE.is_not(None),
                    row.NEW_VALUE < item.ESTIMATED_DELIVERY_DATE,
                ),
                row.CHANGE_COMMENTS,
            ).select_from(joined(stage.sorted)),
        )
    )  # fmt: skip
