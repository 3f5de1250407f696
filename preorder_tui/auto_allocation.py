"""Automatic allocation of the whole book, first in, first out (R-20…R-25)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection

from data.tables import order_header, order_item, order_item_ship_group
from preorder_tui.allocation import eligible_supply, fill
from preorder_tui.clock import Clock
from preorder_tui.draft import Draft
from preorder_tui.errors import Refused, UnknownId, WrongUsage
from preorder_tui.line_state import sales_where
from preorder_tui.marks import OPEN_ITEM_STATUSES, OPEN_ORDER_STATUSES
from preorder_tui.plan import Plan
from preorder_tui.products import by_sku
from preorder_tui.resolve import order as resolve_order
from preorder_tui.words import PRESELL_PARKINGS, SALES_ORDER

POLICIES = {"fifo": "earliest order first, earliest arrival first (R-20, R-21)"}


def plan_auto_allocate(
    connection: Connection,
    clock: Clock,
    policy: str = "fifo",
    *,
    sku: str | None = None,
    order: str | None = None,
) -> Plan:
    """Allocate every open presell line to eligible supply.

    Args:
        policy: one of :data:`POLICIES`.
        sku: only lines of that product.
        order: only lines of that sales order.

    Raises:
        WrongUsage: there is no such policy.
        UnknownId: there is no such product or order.
        Refused: there is nothing to allocate.
    """
    if policy not in POLICIES:
        raise WrongUsage(f"{policy!r} is not a policy: write {' or '.join(POLICIES)}")
    conditions: list[ColumnElement[bool]] = [
        order_item.c.STATUS_ID.in_(OPEN_ITEM_STATUSES),
        order_item.c.ALLOCATED_QUANTITY < order_item.c.QUANTITY - order_item.c.CANCEL_QUANTITY,
        order_header.c.STATUS_ID.in_(OPEN_ORDER_STATUSES),
        order_item_ship_group.c.FACILITY_ID.in_(PRESELL_PARKINGS),
    ]
    command = f"auto-allocate --policy {policy}"
    if sku is not None:
        product_id = by_sku(connection, sku)
        if product_id is None:
            raise UnknownId(f"there is no product {sku!r}: give its SKU as the lists show it")
        conditions.append(order_item.c.PRODUCT_ID == product_id)
        command += f" --product {sku}"
    if order is not None:
        order_id = resolve_order(connection, clock, order, SALES_ORDER)
        conditions.append(order_item.c.ORDER_ID == order_id)
        command += f" --order {order_id}"
    demand = sorted(sales_where(connection, *conditions), key=lambda state: state.fifo_key)
    if not demand:
        raise Refused("no open pre-order or backorder line waits for allocation")
    draft = Draft(connection, clock, command, "Allocate all open lines, first in, first out")
    draft.take_sales(demand)
    supplies = eligible_supply(connection, draft, sorted({state.product_id for state in demand}))
    # Products are independent of each other: FIFO within each is FIFO over all.
    for state in demand:
        fill(draft, [state], supplies.get((state.product_store_id, state.product_id), []))
    return draft.finish(promises_follow=True)
