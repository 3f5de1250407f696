"""Purchase Order Detail: the header, all lines, and what happened to it."""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, bindparam, case, distinct, func, select, text

from data.tables import (
    communication_event,
    facility,
    order_header,
    order_item,
    order_item_assoc,
    order_item_ship_group,
    order_role,
    party,
)
from preorder_tui import products, resolve
from preorder_tui.clock import Clock
from preorder_tui.find_purchase_orders import out_of_sync_counts
from preorder_tui.lines import LineId
from preorder_tui.purchase_line_rules import late
from preorder_tui.purchase_order_filters import ITS_SHIP_GROUP, LINE_OF_LINK
from preorder_tui.purchase_order_timeline import timeline
from preorder_tui.read_only import read_only_reason
from preorder_tui.records import ProductInfo, PurchaseLine, PurchaseOrder
from preorder_tui.sales_line_rules import in_ship_group
from preorder_tui.site_days import day_or_none
from preorder_tui.text import clean, clean_or_empty
from preorder_tui.words import BACKORDER_PARKING, PRE_ORDER_PARKING, PURCHASE_ORDER

_order_id = bindparam("order_id", type_=String)

_HEADER = select(
    order_header.c.ORDER_ID,
    order_header.c.EXTERNAL_ID,
    order_header.c.STATUS_ID,
    order_header.c.ENTRY_DATE,
    order_header.c.PRODUCT_STORE_ID,
).where(order_header.c.ORDER_ID == _order_id)

_FACILITY = (
    select(order_item_ship_group.c.FACILITY_ID, facility.c.FACILITY_NAME, facility.c.ADDRESS)
    .outerjoin(facility, facility.c.FACILITY_ID == order_item_ship_group.c.FACILITY_ID)
    .where(order_item_ship_group.c.ORDER_ID == _order_id)
    .order_by(order_item_ship_group.c.SHIP_GROUP_SEQ_ID)
)

_SUPPLIER_ROLES = ("BILL_FROM_VENDOR", "SHIP_FROM_VENDOR", "SUPPLIER_AGENT")
_SUPPLIER = (
    select(party.c.PARTY_NAME)
    .join(order_role, order_role.c.PARTY_ID == party.c.PARTY_ID)
    .where(order_role.c.ORDER_ID == _order_id, order_role.c.ROLE_TYPE_ID.in_(_SUPPLIER_ROLES))
    .order_by(
        case({role: n for n, role in enumerate(_SUPPLIER_ROLES)}, value=order_role.c.ROLE_TYPE_ID),
        party.c.PARTY_NAME,
    )
)

_LINES = select(order_item).where(order_item.c.ORDER_ID == _order_id)

_ORDERS_OF_LINES = (
    select(
        order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID, func.count(distinct(order_item_assoc.c.ORDER_ID))
    )
    .where(order_item_assoc.c.TO_ORDER_ID == _order_id)
    .group_by(order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID)
)

# Orders counted once each however many of their lines are allocated here.
_ORDERS_BY_QUEUE = (
    select(order_item_ship_group.c.FACILITY_ID, order_item_assoc.c.ORDER_ID)
    .distinct()
    .join_from(
        order_item_assoc,
        order_item,
        (order_item.c.ORDER_ID == order_item_assoc.c.ORDER_ID)
        & (order_item.c.ORDER_ITEM_SEQ_ID == order_item_assoc.c.ORDER_ITEM_SEQ_ID),
    )
    .outerjoin(order_item_ship_group, in_ship_group(order_item))
    .where(order_item_assoc.c.TO_ORDER_ID == _order_id)
    .subquery("orders")
)
_COUNTS = select(_ORDERS_BY_QUEUE.c.FACILITY_ID, func.count()).group_by(
    _ORDERS_BY_QUEUE.c.FACILITY_ID
)
_COUNTS_ON_SQLITE = text(
    'SELECT "FACILITY_ID", count(*) FROM (SELECT DISTINCT g."FACILITY_ID", a."ORDER_ID"'
    f' FROM "ORDER_ITEM_ASSOC" a{LINE_OF_LINK}'
    f'LEFT JOIN "ORDER_ITEM_SHIP_GROUP" g ON {ITS_SHIP_GROUP}'
    ' WHERE a."TO_ORDER_ID" = :order_id) GROUP BY 1'
)
_COUNT = select(func.count(distinct(order_item_assoc.c.ORDER_ID))).where(
    order_item_assoc.c.TO_ORDER_ID == _order_id
)

_COMMUNICATIONS = (
    select(
        communication_event.c.ENTRY_DATE,
        communication_event.c.SUBJECT,
        communication_event.c.CONTENT,
    )
    .where(communication_event.c.ORDER_ID == _order_id)
    .order_by(communication_event.c.ENTRY_DATE, communication_event.c.COMMUNICATION_EVENT_ID)
)


def view(connection: Connection, clock: Clock, order: str) -> PurchaseOrder:
    """The purchase order that ``order`` (internal or external id) names.

    Raises:
        UnknownId: there is no such order.
        Refused: several orders are named so, or it is a sales order.
    """
    this = {"order_id": resolve.order(connection, clock, order, PURCHASE_ORDER)}
    header = connection.execute(_HEADER, this).one()._mapping
    place = connection.execute(_FACILITY, this).first() or ("", "", "")
    facility_id, facility_name, address = place
    by_queue: Any = _COUNTS_ON_SQLITE if connection.dialect.name == "sqlite" else _COUNTS
    queues: dict[str, int] = dict(connection.execute(by_queue, this).all())
    status_id = header["STATUS_ID"]
    reason = read_only_reason(status_id, order="purchase order")
    return PurchaseOrder(
        order_id=header["ORDER_ID"],
        external_id=clean_or_empty(header["EXTERNAL_ID"]),
        status_id=status_id,
        entry_date=clock.local(header["ENTRY_DATE"]),
        facility_id=facility_id,
        facility_name=clean_or_empty(facility_name) or facility_id,
        facility_address=clean_or_empty(address),
        supplier_name=clean_or_empty(connection.execute(_SUPPLIER, this).scalars().first()),
        product_store_id=header["PRODUCT_STORE_ID"],
        allocated_orders=connection.execute(_COUNT, this).scalar_one(),
        pre_orders=queues.get(PRE_ORDER_PARKING, 0),
        backorders=queues.get(BACKORDER_PARKING, 0),
        items=_lines(connection, clock, this, status_id),
        timeline=timeline(connection, clock, header["ORDER_ID"], header["ENTRY_DATE"]),
        communications=tuple(
            (clock.local(moment), ": ".join(clean(text) for text in texts if text))
            for moment, *texts in connection.execute(_COMMUNICATIONS, this)
        ),
        editable=not reason,
        read_only_reason=reason,
    )


def _lines(
    connection: Connection, clock: Clock, this: Mapping[str, str], order_status_id: str
) -> tuple[PurchaseLine, ...]:
    rows = connection.execute(_LINES, this).mappings().all()
    infos = products.load(connection, (row["PRODUCT_ID"] for row in rows))
    counts: dict[str, int] = dict(connection.execute(_ORDERS_OF_LINES, this).all())
    keys = [LineId(row["ORDER_ID"], row["ORDER_ITEM_SEQ_ID"]) for row in rows]
    out_of_sync = out_of_sync_counts(connection, keys)
    today = clock.start_of(clock.today())
    lines = [
        _line(
            clock,
            row,
            key=key,
            product=infos[row["PRODUCT_ID"]],
            order_status_id=order_status_id,
            out_of_sync=out_of_sync.get(key, 0),
            orders=counts.get(key.order_item_seq_id, 0),
            start_of_today=today,
        )
        for key, row in zip(keys, rows, strict=True)
    ]
    lines.sort(key=lambda line: (line.product.parent_name, line.line.order_item_seq_id))
    return tuple(lines)


def _line(
    clock: Clock,
    row: Mapping[Any, Any],
    *,
    key: LineId,
    product: ProductInfo,
    order_status_id: str,
    out_of_sync: int,
    orders: int,
    start_of_today: datetime,
) -> PurchaseLine:
    status_id, arrival = row["STATUS_ID"], row["ESTIMATED_DELIVERY_DATE"]
    received = row["RECEIVED_QUANTITY"] or 0
    reason = read_only_reason(order_status_id, status_id, order="purchase order")
    return PurchaseLine(
        line=key,
        external_id=clean_or_empty(row["EXTERNAL_ID"]),
        product=product,
        quantity=row["QUANTITY"],
        cancelled=row["CANCEL_QUANTITY"],
        received=received,
        allocated=row["ALLOCATED_QUANTITY"],
        available_to_promise=row["AVAILABLE_TO_PROMISE"] or 0,
        atp_ceiling=row["ATP_CEILING"],
        unit_price=row["UNIT_PRICE"],
        arrival_date=day_or_none(clock, arrival),
        status_id=status_id,
        is_new_product=row["IS_NEW_PRODUCT"] == "Y",
        out_of_sync_items=out_of_sync,
        order_count=orders,
        late=late(
            arrival,
            start_of_today,
            received=received,
            ordered=row["QUANTITY"] - row["CANCEL_QUANTITY"],
            item_status_id=status_id,
        ),
        editable=not reason,
        read_only_reason=reason,
        version=row["ROW_VERSION"],
    )
