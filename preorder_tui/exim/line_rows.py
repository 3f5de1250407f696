"""Rows about order lines, one by one, for imports whose rules need more than a join."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import select

from data.tables import order_header, order_item
from preorder_tui.exim.line_stage import LineStage, joined
from preorder_tui.lines import LineId


class LineRow(NamedTuple):
    """A row whose line has been found, in the order of the keys."""

    at: int
    line: LineId
    payload: tuple[Any, ...]
    repeated: bool


def line_rows(stage: LineStage) -> Iterator[LineRow]:
    """The staged rows whose line exists; the others are handed back."""
    row, words = stage.sorted.c, stage.columns
    rows = stage.connection.execute(
        select(
            row.LINE_NO,
            row.ORDER_ID,
            row.ORDER_ITEM_SEQ_ID,
            stage.repeated(),
            order_item.c.ORDER_ID.is_not(None),
            order_header.c.ORDER_TYPE_ID,
            *(row[name] for name in stage.names),
        )
        .select_from(joined(stage.sorted))
        .order_by(row.N)
    ).all()
    for at, order_id, item, repeated, present, order_type, *payload in rows:
        line = LineId(order_id, item)
        if not present or order_type != words.order_type_id:
            stage.context.handed_back.add(at, words.why_not_here(line, order_type))
        else:
            yield LineRow(at, line, tuple(payload), bool(repeated))
