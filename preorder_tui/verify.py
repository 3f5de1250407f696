"""Verify: every invariant recomputed from the rows, each difference reported (domain §1.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, or_, select

from data import partly_closed
from data.tables import (
    order_header,
    order_item,
    order_item_assoc,
    order_item_ship_group,
    shipment_receipt,
)
from preorder_tui.clock import Clock
from preorder_tui.sales_line_rules import in_ship_group
from preorder_tui.words import PURCHASE_ORDER, SALES_ORDER

LIMIT_PER_CHECK = 1000


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked (rows by check) and what is wrong, as sentences."""

    checked: dict[str, int]
    violations: tuple[str, ...]


def verify(connection: Connection, clock: Clock) -> Verification:
    """Recompute counters, derived copies and statuses; changes nothing."""
    del clock  # every check is about what is stored, not about today
    checked = {
        "orderItems": _number(connection, select(func.count()).select_from(order_item)),
        "allocations": _number(connection, select(func.count()).select_from(order_item_assoc)),
        "orders": _number(connection, select(func.count()).select_from(order_header)),
    }
    violations: list[str] = []
    for sentence, statement in _checks():
        rows = connection.execute(statement.limit(LIMIT_PER_CHECK)).all()
        violations += sorted(sentence.format(*row) for row in rows)
    violations += sorted(
        f"{order_id}: what the lists of closed orders know of it as {status_id} is not so"
        for order_id, status_id in partly_closed.differences(connection, LIMIT_PER_CHECK)
    )
    return Verification(checked, tuple(violations))


def _number(connection: Connection, statement: Select[Any]) -> int:
    return int(connection.execute(statement).scalar_one())


def _checks() -> Iterator[tuple[str, Select[Any]]]:
    item, header, assoc = order_item, order_header, order_item_assoc
    key = (item.c.ORDER_ID, item.c.ORDER_ITEM_SEQ_ID)

    for type_id, order, seq in (
        (SALES_ORDER, assoc.c.ORDER_ID, assoc.c.ORDER_ITEM_SEQ_ID),
        (PURCHASE_ORDER, assoc.c.TO_ORDER_ID, assoc.c.TO_ORDER_ITEM_SEQ_ID),
    ):
        sums = (
            select(order.label("o"), seq.label("i"), func.sum(assoc.c.QUANTITY).label("q"))
            .group_by(order, seq)
            .subquery()
        )
        yield (
            "{0}/{1}: ALLOCATED_QUANTITY is {2}, its allocations sum to {3}",
            select(*key, item.c.ALLOCATED_QUANTITY, func.coalesce(sums.c.q, 0))
            .join(header, header.c.ORDER_ID == item.c.ORDER_ID)
            .outerjoin(
                sums, and_(item.c.ORDER_ID == sums.c.o, item.c.ORDER_ITEM_SEQ_ID == sums.c.i)
            )
            .where(
                header.c.ORDER_TYPE_ID == type_id,
                func.coalesce(sums.c.q, 0) != item.c.ALLOCATED_QUANTITY,
            ),
        )
    yield (
        "{0}/{1}: {2} units are allocated, only {3} are there",
        select(*key, item.c.ALLOCATED_QUANTITY, item.c.QUANTITY - item.c.CANCEL_QUANTITY).where(
            item.c.ALLOCATED_QUANTITY > item.c.QUANTITY - item.c.CANCEL_QUANTITY
        ),
    )
    yield (
        "{0}/{1}: cancelled, but {2} units are allocated",
        select(*key, item.c.ALLOCATED_QUANTITY).where(
            item.c.STATUS_ID == "ITEM_CANCELLED", item.c.ALLOCATED_QUANTITY != 0
        ),
    )
    received = (
        select(
            shipment_receipt.c.ORDER_ID.label("o"),
            shipment_receipt.c.ORDER_ITEM_SEQ_ID.label("i"),
            func.sum(shipment_receipt.c.QUANTITY_ACCEPTED).label("q"),
        )
        .group_by(shipment_receipt.c.ORDER_ID, shipment_receipt.c.ORDER_ITEM_SEQ_ID)
        .subquery()
    )
    yield (
        "{0}/{1}: RECEIVED_QUANTITY is {2}, its receipts sum to {3}",
        select(*key, item.c.RECEIVED_QUANTITY, func.coalesce(received.c.q, 0))
        .outerjoin(
            received,
            and_(item.c.ORDER_ID == received.c.o, item.c.ORDER_ITEM_SEQ_ID == received.c.i),
        )
        .where(func.coalesce(item.c.RECEIVED_QUANTITY, 0) != func.coalesce(received.c.q, 0)),
    )
    yield (
        "{0}/{1}: a line of a {2} with RECEIVED_QUANTITY {3}",
        select(*key, header.c.ORDER_TYPE_ID, item.c.RECEIVED_QUANTITY)
        .join(header, header.c.ORDER_ID == item.c.ORDER_ID)
        .where(
            or_(
                and_(header.c.ORDER_TYPE_ID == SALES_ORDER, item.c.RECEIVED_QUANTITY.is_not(None)),
                and_(header.c.ORDER_TYPE_ID == PURCHASE_ORDER, item.c.RECEIVED_QUANTITY.is_(None)),
            )
        ),
    )
    sales, purchase = item.alias("sales"), item.alias("purchase")
    linked = (
        select(assoc.c.ORDER_ID, assoc.c.ORDER_ITEM_SEQ_ID, assoc.c.TO_ORDER_ID)
        .join(
            sales,
            and_(
                sales.c.ORDER_ID == assoc.c.ORDER_ID,
                sales.c.ORDER_ITEM_SEQ_ID == assoc.c.ORDER_ITEM_SEQ_ID,
            ),
        )
        .join(
            purchase,
            and_(
                purchase.c.ORDER_ID == assoc.c.TO_ORDER_ID,
                purchase.c.ORDER_ITEM_SEQ_ID == assoc.c.TO_ORDER_ITEM_SEQ_ID,
            ),
        )
    )
    yield (
        "{0}/{1}: allocated to purchase order {2} of another product",
        linked.where(sales.c.PRODUCT_ID != purchase.c.PRODUCT_ID),
    )
    latest = (
        select(
            assoc.c.ORDER_ID.label("o"),
            assoc.c.ORDER_ITEM_SEQ_ID.label("i"),
            func.max(purchase.c.ESTIMATED_DELIVERY_DATE).label("arrival"),
        )
        .join(
            purchase,
            and_(
                purchase.c.ORDER_ID == assoc.c.TO_ORDER_ID,
                purchase.c.ORDER_ITEM_SEQ_ID == assoc.c.TO_ORDER_ITEM_SEQ_ID,
            ),
        )
        .group_by(assoc.c.ORDER_ID, assoc.c.ORDER_ITEM_SEQ_ID)
        .subquery()
    )
    on_latest = and_(item.c.ORDER_ID == latest.c.o, item.c.ORDER_ITEM_SEQ_ID == latest.c.i)
    yield (
        "{0}/{1}: its latest supply arrives {3}, the copy says {2}",
        select(*key, item.c.ESTIMATED_DELIVERY_DATE, latest.c.arrival)
        .join(header, header.c.ORDER_ID == item.c.ORDER_ID)
        .outerjoin(latest, on_latest)
        .where(
            header.c.ORDER_TYPE_ID == SALES_ORDER,
            item.c.ESTIMATED_DELIVERY_DATE.is_distinct_from(latest.c.arrival),
        ),
    )
    # The copied order number must be one of the line's purchase orders that arrives last.
    numbered = (
        select(assoc.c.ORDER_ID)
        .join(
            purchase,
            and_(
                purchase.c.ORDER_ID == assoc.c.TO_ORDER_ID,
                purchase.c.ORDER_ITEM_SEQ_ID == assoc.c.TO_ORDER_ITEM_SEQ_ID,
            ),
        )
        .where(
            assoc.c.ORDER_ID == item.c.ORDER_ID,
            assoc.c.ORDER_ITEM_SEQ_ID == item.c.ORDER_ITEM_SEQ_ID,
            assoc.c.TO_ORDER_ID == item.c.CORRESPONDING_PO_ID,
            purchase.c.ESTIMATED_DELIVERY_DATE == item.c.ESTIMATED_DELIVERY_DATE,
        )
        .exists()
    )
    yield (
        "{0}/{1}: CORRESPONDING_PO_ID is {2}, which is not its latest supply",
        select(*key, item.c.CORRESPONDING_PO_ID)
        .join(header, header.c.ORDER_ID == item.c.ORDER_ID)
        .where(
            header.c.ORDER_TYPE_ID == SALES_ORDER,
            item.c.STATUS_ID != "ITEM_CANCELLED",
            case(
                (item.c.ALLOCATED_QUANTITY > 0, ~numbered),
                else_=item.c.CORRESPONDING_PO_ID.is_not(None),
            ),
        ),
    )
    yield (
        "{0}: cancelled, but its line {1} is {2}",
        select(item.c.ORDER_ID, item.c.ORDER_ITEM_SEQ_ID, item.c.STATUS_ID)
        .join(header, header.c.ORDER_ID == item.c.ORDER_ID)
        .where(
            header.c.STATUS_ID == "ORDER_CANCELLED",
            item.c.STATUS_ID.not_in(("ITEM_CANCELLED", "ITEM_REJECTED")),
        ),
    )
    yield (
        "{0}/{1}: its ship group does not exist",
        select(*key)
        .outerjoin(order_item_ship_group, in_ship_group(item))
        .where(order_item_ship_group.c.ORDER_ID.is_(None)),
    )
