"""Review Allocations of a purchase order line, and the queue of lines it could serve, whole."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import Connection, String, bindparam, func, select

from data.tables import order_item_assoc
from preorder_tui import demand_list
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.records import AllocationReview, DemandRow, SupplyFacts

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
    facts = demand_list.facts(connection, clock, line)
    rows, cancelled = demand_list.whole(connection, clock, "review", line)
    recorded = connection.execute(
        _RECORDED, {"order_id": line.order_id, "item": line.order_item_seq_id}
    ).scalar_one()
    return AllocationReview(
        **{one.name: getattr(facts, one.name) for one in fields(SupplyFacts)},
        recorded=int(recorded),
        rows=rows,
        cancelled_rows=cancelled,
    )


def unallocated_for(connection: Connection, clock: Clock, line: LineId) -> tuple[DemandRow, ...]:
    """The waiting lines of the product and product store with open units, FIFO (R-06…R-08, R-21).

    ``new_promise_date`` is what allocating here would promise: the latest of this arrival and those
    of its present allocations (R-23).

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a sales order.
    """
    return demand_list.whole(connection, clock, "allocate", line)[0]


def sync_candidates(connection: Connection, clock: Clock, line: LineId) -> tuple[DemandRow, ...]:
    """The line's sales order lines, FIFO, with the promise that sync would set (R-42, R-47).

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a sales order.
    """
    return demand_list.whole(connection, clock, "sync", line)[0]
