"""Early-dated purchase orders: older orders move to supply that arrives sooner (R-80…R-83)."""

from __future__ import annotations

from sqlalchemy import Connection

from data.tables import order_item
from preorder_tui import supply
from preorder_tui.clock import Clock
from preorder_tui.draft import Draft
from preorder_tui.errors import Refused
from preorder_tui.line_state import (
    PurchaseState,
    links_of_purchase,
    purchase_line,
    purchase_where,
)
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.products import load
from preorder_tui.wording import units


def _earlier(clock: Clock, source: PurchaseState, target: PurchaseState) -> str:
    """By how much the supply comes earlier, for the communication event (R-81)."""
    if source.arrival is None or target.arrival is None:
        return ""
    days = (clock.day(source.arrival) - clock.day(target.arrival)).days
    return f", {days:,} day{'' if days == 1 else 's'} earlier"


def plan_reallocate(connection: Connection, clock: Clock, line: LineId) -> Plan:
    """Move sales order lines from later purchase orders of the product to this earlier one.

    The oldest sales orders move first, each from its latest supply, until this line's ATP is used
    up (R-82); promises follow (R-80), and both purchase orders get a communication event (R-81).

    Raises:
        UnknownId: there is no such purchase order line.
        Refused: it offers nothing, or no later purchase order has units to move.
    """
    target = purchase_line(connection, line)
    reason = supply.why_no_supply(target)
    if reason is not None:
        raise Refused(f"{target.name} cannot take units: {reason}")
    draft = Draft(
        connection, clock, f"reallocate {line}", f"Move sales orders to the earlier {target.name}"
    )
    if supply.is_late(target, draft.today):
        raise Refused(f"{target.name} is late: set a new arrival date first")
    later = [
        state
        for state in purchase_where(
            connection,
            order_item.c.PRODUCT_ID == target.product_id,
            order_item.c.ALLOCATED_QUANTITY > 0,
        )
        if state.line != line
        and state.product_store_id == target.product_store_id
        and state.arrival is not None
        and target.arrival is not None
        and state.arrival > target.arrival
    ]
    draft.take_purchase([target, *later])
    draft.load_sales(links_of_purchase(connection, [state.line for state in later]))
    later_lines = {state.line for state in later}
    (product,) = load(connection, [target.product_id]).values()
    moved_total = 0
    for sales in sorted(draft.sales, key=lambda one: draft.sales[one].fifo_key):
        if not draft.sales[sales].waiting:
            continue
        sources = sorted(
            (to for to in draft.links[sales] if to in later_lines),
            key=lambda to: draft.purchase[to].supply_key,
            reverse=True,
        )
        for source in sources:
            step = min(draft.atp(line), draft.links[sales][source])
            if step == 0:
                continue
            draft.add_units(sales, source, -step)
            draft.add_units(sales, line, step)
            moved_total += step
            text = (
                f"{units(step)} of {product.upc or product.sku} for {sales} moved from "
                f"{draft.purchase[source].name} to {target.name}"
                + _earlier(clock, draft.purchase[source], target)
            )
            draft.plan.communications += [
                (order_id, "Reallocation", text)
                for order_id in dict.fromkeys((source.order_id, line.order_id))
            ]
    if not moved_total:
        raise Refused(f"no later purchase order has units to move to {target.name}")
    draft.plan.title = f"Move {units(moved_total)} to the earlier {target.name}"
    return draft.finish(promises_follow=True)
