"""IMP_ATP_ON_PO: the units that purchase order lines may still promise (R-14).

A file states what is left: the limit that is stored is that and what is allocated at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Boolean, Column, Row, Text, and_, case, or_, select

from data.staging import changes_seen, create
from data.tables import order_header, order_item
from data.types import Quantity
from preorder_tui.exim import fields, tokens
from preorder_tui.exim.configurations import TOKEN_COLUMN
from preorder_tui.exim.context import ImportContext, Prepared
from preorder_tui.exim.line_stage import LineColumns, LineStage, joined
from preorder_tui.exim.line_verdicts import CLOSED, NOT_HERE, REPEATED, Verdicts, change_text
from preorder_tui.exim.rows import RowFault
from preorder_tui.exim.values import Values
from preorder_tui.marks import CLOSED_ITEM_STATUSES, CLOSED_ORDER_STATUSES
from preorder_tui.staged_fields import CHANGE, CONFLICT, UNCHANGED, FieldRows, planned_table
from preorder_tui.words import CHANGE_UPDATE, PURCHASE_ORDER

TOO_MANY = 20
PURCHASE_COLUMNS = LineColumns(
    "po-id", "po-external-id", "po-item-seq-id", "product-sku", "product-id",
    PURCHASE_ORDER, "purchase order",
)  # fmt: skip


def prepare(context: ImportContext) -> Prepared:
    """Stage the rows, judge them by joins, and plan what is left."""
    stage = LineStage(
        context,
        PURCHASE_COLUMNS,
        (
            Column("ATP", Quantity),
            Column("HAS_BASE", Boolean),
            Column("BASE", Quantity),
            Column("CHANGE_COMMENTS", Text),
        ),
    )
    stage.fill(_records(context, stage))
    verdicts = Verdicts(
        context,
        stage,
        "atp",
        ours=lambda row: str(row.NEW_VALUE - row.ALLOCATED_QUANTITY),
        theirs=lambda row: str(row.AVAILABLE_TO_PROMISE),
        base=lambda row: "" if row.BASE is None else str(row.BASE),
    )
    planned = planned_table("EXIM_PLANNED", "availableToPromise")
    create(context.connection, planned)
    seen = changes_seen(context.connection)
    _judge(context, stage, planned)
    verdicts.hand_back(planned, _why_not)
    part = FieldRows(
        planned, "availableToPromise", CHANGE_UPDATE, watched="ALLOCATED_QUANTITY",
        on_stale=verdicts.stale, seen=seen,
    )  # fmt: skip
    plan = verdicts.plan(part, change_text("ATP limit", part.count(context.connection)))
    return Prepared(plan.title, unchanged=verdicts.count(planned, UNCHANGED), plan=plan)


def _why_not(row: Row[Any]) -> str | None:
    if row.VERDICT != TOO_MANY:
        return None
    ordered = row.QUANTITY - row.CANCEL_QUANTITY
    left = max(0, min(ordered - row.ALLOCATED_QUANTITY, ordered - row.RECEIVED_QUANTITY))
    return (
        f"atp {row.NEW_VALUE - row.ALLOCATED_QUANTITY} is more than the {left} units that are "
        "neither allocated nor received"
    )


def _records(context: ImportContext, stage: LineStage) -> Iterator[tuple[Any, ...]]:
    readers = [
        Values("atp", fields.units_or_none),
        Values(TOKEN_COLUMN, lambda row, column: fields.text(row, column, required=False)),
    ]
    for *key, atp, token in stage.read(readers):
        has_base, base = False, None
        try:
            if token:
                text = tokens.base(token, f"{key[1]}/{key[3]}") or ""
                has_base, base = True, int(text) if text.isdigit() else None
            if atp is None:
                raise RowFault("atp is empty")
        except RowFault as fault:
            context.handed_back.add(key[0], str(fault))
            continue
        yield (*key, atp, has_base, base, None)


def _judge(context: ImportContext, stage: LineStage, planned: Any) -> None:
    row, item = stage.sorted.c, order_item.c
    ordered = item.QUANTITY - item.CANCEL_QUANTITY
    verdict = case(
        (or_(item.ORDER_ID.is_(None), order_header.c.ORDER_TYPE_ID != PURCHASE_ORDER), NOT_HERE),
        (stage.repeated(), REPEATED),
        (item.AVAILABLE_TO_PROMISE == row.ATP, UNCHANGED),
        (and_(row.HAS_BASE, row.BASE == row.ATP), UNCHANGED),
        (
            or_(
                item.STATUS_ID.in_(CLOSED_ITEM_STATUSES),
                order_header.c.STATUS_ID.in_(CLOSED_ORDER_STATUSES),
            ),
            CLOSED,
        ),
        (
            or_(
                row.ATP + item.ALLOCATED_QUANTITY > ordered,
                row.ATP + item.RECEIVED_QUANTITY > ordered,
            ),
            TOO_MANY,
        ),
        (
            and_(row.HAS_BASE, row.BASE.is_distinct_from(item.AVAILABLE_TO_PROMISE)),
            CONFLICT,
        ),
        else_=CHANGE,
    )
    context.connection.execute(
        planned.insert().from_select(
            [
                "N", "LINE_NO", "ORDER_ID", "ORDER_ITEM_SEQ_ID", "OLD_VALUE", "NEW_VALUE",
                "VERSION", "WATCHED", "VERDICT",
            ],
            select(
                row.N,
                row.LINE_NO,
                row.ORDER_ID,
                row.ORDER_ITEM_SEQ_ID,
                item.ATP_CEILING,
                row.ATP + item.ALLOCATED_QUANTITY,
                item.ROW_VERSION,
                item.ALLOCATED_QUANTITY,
                verdict,
            ).select_from(joined(stage.sorted)),
        )
    )  # fmt: skip
