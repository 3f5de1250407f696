"""Automatic allocation of the whole book, first in, first out (R-20…R-25)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection

from data.tables import order_header, order_item, order_item_ship_group
from preorder_tui.allocation import eligible_supply, fill, units
from preorder_tui.clock import Clock
from preorder_tui.draft import Draft
from preorder_tui.errors import Refused, UnknownId, WrongUsage
from preorder_tui.line_state import PurchaseState, SalesState, sales_where
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
    late: list[PurchaseState] = []
    products = sorted({state.product_id for state in demand})
    supplies = eligible_supply(connection, draft, products, late)
    # Products are independent of each other: FIFO within each is FIFO over all.
    for state in demand:
        fill(draft, [state], supplies.get((state.product_store_id, state.product_id), []))
    plan = draft.finish(promises_follow=True)
    plan.totals = _totals(draft, demand, late)
    return plan


def _totals(draft: Draft, demand: Sequence[SalesState], late: Sequence[PurchaseState]) -> list[str]:
    """How many lines and units are served and how many are not, which promises move, what is late.

    The reasons of what is not served are the last words of its notices.
    """
    wanted = {state.line: state.open_units for state in demand}
    left = {line: draft.open_units(line) for line in wanted}
    served = sum(1 for line in wanted if left[line] < wanted[line])
    whole = sum(1 for line in wanted if not left[line])
    given = sum(wanted.values()) - sum(left.values())
    totals = [
        f"Allocated: {units(given)} to {lines(served)}, {whole:,} of them whole, "
        f"of {lines(len(wanted))} that wait for {units(sum(wanted.values()))}"
    ]
    moved = Counter(
        "for the first time" if row.old is None else "later" if row.new > row.old else "earlier"
        for row in draft.plan.changes
        if row.field == "promisedDatetime"
        and isinstance(row.new, datetime)
        and (row.old is None or isinstance(row.old, datetime))
    )
    if moved:
        said = ", ".join(f"{number:,} {how}" for how, number in moved.most_common())
        totals.append(f"Promise dates: {said}")
    if draft.plan.refused:
        reasons = Counter(
            notice.sentence.rpartition(", ")[2] for notice in draft.plan.refused
        ).most_common()
        said = ", ".join(f"{number:,} because {reason}" for reason, number in reasons)
        missing = f"{units(sum(left.values()))} of {lines(len(draft.plan.refused))}"
        totals.append(f"Not allocated: {missing}: {said}")
    if late:
        totals.append(
            f"Passed over because late: {units(sum(state.atp for state in late))} on "
            f"{len(late):,} purchase order line{'s' * (len(late) != 1)}; "
            "set a new arrival date, or allocate by hand"
        )
    return totals


def lines(number: int) -> str:
    """A number of sales order lines in words."""
    return f"{number:,} line{'' if number == 1 else 's'}"
