"""Review Allocations of a purchase order line, whole."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import Connection, String, bindparam, func, select

from data.tables import order_item_assoc
from preorder_tui import demand_list
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.records import AllocationReview, SupplyFacts

# Counted anew from the rows, to be held against the counter on the line.
_RECORDED = select(func.coalesce(func.sum(order_item_assoc.c.QUANTITY), 0)).where(
    order_item_assoc.c.TO_ORDER_ID == bindparam("order_id", type_=String),
    order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID == bindparam("item", type_=String),
)


def review(connection: Connection, clock: Clock, line: LineId) -> AllocationReview:
    """All that is allocated to a purchase order line, released and completed lines included.

    A row is eligible when its allocation may be removed; ``days`` is its promise minus this line's
    arrival. Cancelled lines that were allocated to this order follow separately (R-111).

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a sales order.
    """
    facts, rows, cancelled = demand_list.whole(connection, clock, "review", line)
    recorded = connection.execute(
        _RECORDED, {"order_id": line.order_id, "item": line.order_item_seq_id}
    ).scalar_one()
    return AllocationReview(
        **{one.name: getattr(facts, one.name) for one in fields(SupplyFacts)},
        recorded=int(recorded),
        rows=rows,
        cancelled_rows=cancelled,
    )
