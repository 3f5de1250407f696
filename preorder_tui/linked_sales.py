"""The sales order lines that hold units of one purchase order line, read in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, String, and_, bindparam, case, func, select

from data.tables import order_header, order_item, order_item_assoc
from preorder_tui.line_state import SALES_COLUMNS, SALES_FROM, SalesState, sales_state
from preorder_tui.lines import LineId


class LinkedLine(NamedTuple):
    """A sales order line with what it holds of the purchase order line."""

    state: SalesState
    units: int
    pinned: bool
    elsewhere: datetime | None
    """The latest arrival among its other purchase order lines; None where there is none."""


_other = order_item_assoc.alias("other")
_other_item = order_item.alias("other_item")
_ELSEWHERE = (
    select(func.max(_other_item.c.ESTIMATED_DELIVERY_DATE))
    .join_from(
        _other,
        _other_item,
        and_(
            _other_item.c.ORDER_ID == _other.c.TO_ORDER_ID,
            _other_item.c.ORDER_ITEM_SEQ_ID == _other.c.TO_ORDER_ITEM_SEQ_ID,
        ),
    )
    .where(
        _other.c.ORDER_ID == order_item_assoc.c.ORDER_ID,
        _other.c.ORDER_ITEM_SEQ_ID == order_item_assoc.c.ORDER_ITEM_SEQ_ID,
        (_other.c.TO_ORDER_ID != order_item_assoc.c.TO_ORDER_ID)
        | (_other.c.TO_ORDER_ITEM_SEQ_ID != order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID),
    )
    .correlate(order_item_assoc)
    .scalar_subquery()
)


@cache
def _statement(*, newest_first: bool) -> Select[*tuple[Any, ...]]:
    statement = (
        select(
            *SALES_COLUMNS,
            order_item_assoc.c.QUANTITY,
            order_item_assoc.c.PINNED,
            # Most lines have one purchase order line: only the others are looked up.
            case((order_item_assoc.c.QUANTITY < order_item.c.ALLOCATED_QUANTITY, _ELSEWHERE)),
        )
        .select_from(SALES_FROM)
        .join(
            order_item_assoc,
            and_(
                order_item_assoc.c.ORDER_ID == order_item.c.ORDER_ID,
                order_item_assoc.c.ORDER_ITEM_SEQ_ID == order_item.c.ORDER_ITEM_SEQ_ID,
            ),
        )
        .where(
            order_item_assoc.c.TO_ORDER_ID == bindparam("order_id", type_=String),
            order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID == bindparam("item", type_=String),
        )
    )
    if newest_first:
        statement = statement.order_by(
            order_header.c.ORDER_DATE.desc(),
            order_item.c.ORDER_ID.desc(),
            order_item.c.ORDER_ITEM_SEQ_ID.desc(),
        )
    return statement


def linked_sales(
    connection: Connection, line: LineId, *, newest_first: bool = False
) -> Iterator[LinkedLine]:
    """Each sales order line with units of ``line``; with ``newest_first`` the last in FIFO first.

    Ten thousand of them are one statement, and never all in memory.
    """
    found = connection.execute(
        _statement(newest_first=newest_first),
        {"order_id": line.order_id, "item": line.order_item_seq_id},
    )
    for row in found:
        *state, units, pinned, elsewhere = row
        yield LinkedLine(sales_state(state), units, pinned == "Y", elsewhere)
