"""Derived copies on sales order lines: the latest arrival of their supply, and its order.

ESTIMATED_DELIVERY_DATE is the latest arrival among a line's allocations (R-23), CORRESPONDING_PO_ID
the purchase order of that arrival. A cancelled line has no allocation and no arrival, but keeps
the number of its purchase order (R-111).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from data.tables import order_item, order_item_assoc
from preorder_tui.line_state import chunks, key_in, keys_in, links_of_purchase
from preorder_tui.lines import LineId

LONG_AGO = datetime(1, 1, 1)  # noqa: DTZ001  (as stored: UTC without zone)
Supply = tuple[datetime | None, str]

_SET = (
    update(order_item)
    .where(
        bindparam("b_order") == order_item.c.ORDER_ID,
        bindparam("b_item") == order_item.c.ORDER_ITEM_SEQ_ID,
    )
    .values(ESTIMATED_DELIVERY_DATE=bindparam("b_arrival"), CORRESPONDING_PO_ID=bindparam("b_po"))
)


def latest_supply(connection: Connection, lines: Iterable[LineId]) -> dict[LineId, Supply]:
    """For each line that has allocations: the latest arrival and the order it comes with.

    Among equal arrivals the larger order id and item decide, so that the copy is always the same.
    """
    purchase = order_item.alias("purchase")
    assoc = order_item_assoc
    best: dict[LineId, tuple[datetime, str, str]] = {}
    arrivals: dict[LineId, datetime | None] = {}
    for chunk in chunks(dict.fromkeys(lines)):
        for order_id, item, to_order, to_item, arrival in connection.execute(
            select(
                assoc.c.ORDER_ID,
                assoc.c.ORDER_ITEM_SEQ_ID,
                assoc.c.TO_ORDER_ID,
                assoc.c.TO_ORDER_ITEM_SEQ_ID,
                purchase.c.ESTIMATED_DELIVERY_DATE,
            )
            .join(
                purchase,
                (purchase.c.ORDER_ID == assoc.c.TO_ORDER_ID)
                & (purchase.c.ORDER_ITEM_SEQ_ID == assoc.c.TO_ORDER_ITEM_SEQ_ID),
            )
            .where(keys_in(assoc.c.ORDER_ID, assoc.c.ORDER_ITEM_SEQ_ID, chunk))
        ):
            line = LineId(order_id, item)
            rank = (arrival or LONG_AGO, to_order, to_item)
            if line not in best or rank > best[line]:
                best[line] = rank
                arrivals[line] = arrival
    return {line: (arrivals[line], rank[1]) for line, rank in best.items()}


def refresh_derived(
    connection: Connection, lines: Iterable[LineId], rearrived: Iterable[LineId]
) -> None:
    """Bring the derived copies up to date.

    Args:
        lines: sales order lines whose allocations changed (others among them are passed over).
        rearrived: purchase order lines whose arrival date changed.
    """
    touched = dict.fromkeys(lines)
    touched |= dict.fromkeys(links_of_purchase(connection, rearrived))
    if not touched:
        return
    supply = latest_supply(connection, touched)
    present: dict[LineId, tuple[datetime | None, str | None, str]] = {}
    for chunk in chunks(touched):
        for order_id, item, arrival, order, status in connection.execute(
            select(
                order_item.c.ORDER_ID,
                order_item.c.ORDER_ITEM_SEQ_ID,
                order_item.c.ESTIMATED_DELIVERY_DATE,
                order_item.c.CORRESPONDING_PO_ID,
                order_item.c.STATUS_ID,
            ).where(
                key_in(chunk),
                order_item.c.RECEIVED_QUANTITY.is_(None),  # sales order lines only
            )
        ):
            present[LineId(order_id, item)] = (arrival, order, status)
    parameters = []
    for line, (arrival, order, status) in present.items():
        new_arrival, new_order = supply.get(line, (None, None))
        if line not in supply and status == "ITEM_CANCELLED":
            new_order = order
        if (new_arrival, new_order) != (arrival, order):
            parameters.append(
                {
                    "b_order": line.order_id,
                    "b_item": line.order_item_seq_id,
                    "b_arrival": new_arrival,
                    "b_po": new_order,
                }
            )
    if parameters:
        connection.execute(_SET, parameters)
