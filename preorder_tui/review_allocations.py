"""Review Allocations of a purchase order line, and the queue of lines it could serve."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, String, bindparam, func, select

from data.tables import order_header, order_item, order_item_assoc, order_item_ship_group
from preorder_tui import products
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.deallocation import why_not_removable
from preorder_tui.demand import demand_rows
from preorder_tui.line_state import (
    SalesState,
    links_of_purchase,
    purchase_line,
    sales_lines,
    sales_where,
)
from preorder_tui.lines import LineId
from preorder_tui.records import AllocationReview, DemandRow
from preorder_tui.site_days import day_or_none
from preorder_tui.text import clean_or_empty

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
    target = purchase_line(connection, line)
    links = links_of_purchase(connection, [line])
    here = {sales: present[line] for sales, present in links.items()}
    states = sorted(sales_lines(connection, links).values(), key=_fifo)
    cancelled = sales_where(
        connection,
        order_item.c.CORRESPONDING_PO_ID == line.order_id,
        order_item.c.PRODUCT_ID == target.product_id,
        order_item.c.STATUS_ID == "ITEM_CANCELLED",
    )
    info = products.load(connection, [target.product_id])[target.product_id]
    recorded = connection.execute(
        _RECORDED, {"order_id": line.order_id, "item": line.order_item_seq_id}
    ).scalar_one()
    return AllocationReview(
        line=line,
        external_id=clean_or_empty(target.external_id),
        product=info,
        quantity=target.ordered,
        received=target.received,
        consumed=target.allocated,
        available_to_promise=target.atp,
        recorded=int(recorded),
        arrival_date=day_or_none(clock, target.arrival),
        rows=demand_rows(
            connection,
            clock,
            states,
            here=here,
            new_promise={state.line: state.arrival for state in states},
            reasons={state.line: why_not_removable(state) or "" for state in states},
            compare_with=target.arrival,
            purchase_line=line,
        ),
        cancelled_rows=demand_rows(
            connection,
            clock,
            sorted(cancelled, key=_fifo),
            here={},
            new_promise={},
            reasons={state.line: "it is cancelled" for state in cancelled},
        ),
    )


def unallocated_for(connection: Connection, clock: Clock, line: LineId) -> tuple[DemandRow, ...]:
    """The waiting lines of the product and product store with open units, FIFO (R-06…R-08, R-21).

    ``new_promise_date`` is what allocating here would promise: the latest of this arrival and those
    of its present allocations (R-23).

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a sales order.
    """
    target = purchase_line(connection, line)
    states = sales_where(
        connection,
        order_item.c.PRODUCT_ID == target.product_id,
        order_header.c.PRODUCT_STORE_ID == target.product_store_id,
        rules.has_open_units(order_item),
        rules.waits(order_header, order_item, order_item_ship_group),
    )
    states.sort(key=_fifo)
    return demand_rows(
        connection,
        clock,
        states,
        here={sales: to[line] for sales, to in links_of_purchase(connection, [line]).items()},
        new_promise={state.line: _later(target.arrival, state.arrival) for state in states},
        reasons={},
    )


def _fifo(state: SalesState) -> tuple[datetime, str, str]:
    return state.fifo_key


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)
