"""MDM_EXPORT_SO, EXP_ORD_ITEM_UPD and EXP_ORD_ITM_PO_DTL: sales order lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, and_, func, select

from data.tables import (
    good_identification,
    order_header,
    order_item,
    order_item_assoc,
    order_item_ship_group,
    order_role,
    party,
    product,
)
from preorder_tui.clock import Clock
from preorder_tui.customers import PLACING_CUSTOMER
from preorder_tui.exim import tokens
from preorder_tui.exim.export_filters import conditions, sku_of, stream
from preorder_tui.exim.exporting import Cell
from preorder_tui.exim.promise_dates import promise_text
from preorder_tui.exim.records import ExportFilter
from preorder_tui.words import SALES_ORDER

_item, _header, _group = order_item.c, order_header.c, order_item_ship_group.c
_in_group = and_(
    _group.ORDER_ID == _item.ORDER_ID, _group.SHIP_GROUP_SEQ_ID == _item.SHIP_GROUP_SEQ_ID
)


def rows(
    connection: Connection, clock: Clock, config_id: str, filters: ExportFilter
) -> Iterator[tuple[Cell, ...]]:
    """The rows of one of these exports, by order and item."""
    if config_id == "EXP_ORD_ITEM_UPD":
        return _promises(connection, clock, filters)
    if config_id == "EXP_ORD_ITM_PO_DTL":
        return _allocations(connection, clock, filters)
    return _orders(connection, clock, filters)


def _promises(
    connection: Connection, clock: Clock, filters: ExportFilter
) -> Iterator[tuple[Cell, ...]]:
    query = (
        select(
            _item.ORDER_ID,
            _header.EXTERNAL_ID,
            _item.ORDER_ITEM_SEQ_ID,
            sku_of(),
            _item.PROMISED_DATETIME,
        )
        .join_from(order_item, order_header, _header.ORDER_ID == _item.ORDER_ID)
        .where(*conditions(connection, filters, SALES_ORDER, only_open=True))
        .order_by(_item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)
    )
    if filters.facility_id:
        query = query.join(order_item_ship_group, _in_group)
    texts: dict[Any, str] = {}
    for order_id, external_id, item, sku, promised in stream(connection, query):
        text = texts.get(promised)
        if text is None:
            text = texts[promised] = promise_text(clock, promised)
        token = tokens.make(f"{order_id}/{item}", text)
        yield order_id, external_id, item, sku, text, None, token


def _allocations(
    connection: Connection, clock: Clock, filters: ExportFilter
) -> Iterator[tuple[Cell, ...]]:
    purchase, ordered = order_item.alias("purchase"), order_header.alias("purchase_order")
    assoc = order_item_assoc.c
    query = (
        select(
            _item.ORDER_ID,
            _header.EXTERNAL_ID,
            _item.ORDER_ITEM_SEQ_ID,
            sku_of(),
            _item.PROMISED_DATETIME,
            assoc.TO_ORDER_ID,
            ordered.c.EXTERNAL_ID,
            assoc.TO_ORDER_ITEM_SEQ_ID,
            assoc.QUANTITY,
            purchase.c.ESTIMATED_DELIVERY_DATE,
        )
        .select_from(
            order_item_assoc.join(
                order_item,
                and_(
                    _item.ORDER_ID == assoc.ORDER_ID,
                    _item.ORDER_ITEM_SEQ_ID == assoc.ORDER_ITEM_SEQ_ID,
                ),
            )
            .join(order_header, _header.ORDER_ID == _item.ORDER_ID)
            .join(
                purchase,
                and_(
                    purchase.c.ORDER_ID == assoc.TO_ORDER_ID,
                    purchase.c.ORDER_ITEM_SEQ_ID == assoc.TO_ORDER_ITEM_SEQ_ID,
                ),
            )
            .join(ordered, ordered.c.ORDER_ID == assoc.TO_ORDER_ID)
        )
        .where(*conditions(connection, filters, SALES_ORDER, only_open=True))
        .order_by(
            assoc.ORDER_ID, assoc.ORDER_ITEM_SEQ_ID, assoc.TO_ORDER_ID, assoc.TO_ORDER_ITEM_SEQ_ID
        )
    )
    if filters.facility_id:
        query = query.join(order_item_ship_group, _in_group)
    for (
        order_id, external_id, item, sku, promised, to_order, to_external_id, to_item, quantity,
        arrival,
    ) in stream(connection, query):  # fmt: skip
        text = promise_text(clock, promised)
        token = tokens.make(f"{order_id}/{item}", f"{text};{to_order}")
        yield (
            order_id, external_id, item, sku, text, to_order, to_external_id, to_item,
            int(quantity), None if arrival is None else clock.day(arrival), None, token,
        )  # fmt: skip


def _orders(
    connection: Connection, clock: Clock, filters: ExportFilter
) -> Iterator[tuple[Cell, ...]]:
    placing, other = order_role.c, order_role.alias("other")
    customer = (
        select(func.min(other.c.PARTY_ID))
        .where(
            other.c.ORDER_ID == _item.ORDER_ID,
            other.c.ROLE_TYPE_ID == PLACING_CUSTOMER,
        )
        .scalar_subquery()
    )
    placed = and_(
        placing.ORDER_ID == _item.ORDER_ID,
        placing.ROLE_TYPE_ID == PLACING_CUSTOMER,
        placing.PARTY_ID == customer,  # one of them, should there be several
    )
    upc = (
        select(good_identification.c.ID_VALUE)
        .where(
            good_identification.c.PRODUCT_ID == _item.PRODUCT_ID,
            good_identification.c.GOOD_IDENTIFICATION_TYPE_ID == "UPCA",
        )
        .scalar_subquery()
    )
    query = (
        select(
            order_header,
            order_item,
            order_item_ship_group,
            product.c.INTERNAL_NAME.label("SKU"),
            party.c.PARTY_ID.label("CUSTOMER_ID"),
            party.c.EXTERNAL_ID.label("CUSTOMER_EXTERNAL_ID"),
            party.c.PARTY_NAME,
            party.c.POSTAL_ADDRESS,
            party.c.COUNTRY,
            party.c.PHONE_NUMBER,
            upc.label("UPC"),
        )
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
        .join_from(order_item, order_header, _header.ORDER_ID == _item.ORDER_ID)
        .join(product, product.c.PRODUCT_ID == _item.PRODUCT_ID)
        .outerjoin(order_item_ship_group, _in_group)
        .outerjoin(order_role, placed)
        .outerjoin(party, party.c.PARTY_ID == placing.PARTY_ID)
        .where(*conditions(connection, filters, SALES_ORDER, only_open=False))
        .order_by(_item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)
    )
    for row in stream(connection, query):
        yield _order(clock, row._mapping)


def _order(clock: Clock, row: Any) -> tuple[Cell, ...]:
    first, _, last = (row[party.c.PARTY_NAME] or "").rpartition(" ")
    key = f"{row[_item.ORDER_ID]}/{row[_item.ORDER_ITEM_SEQ_ID]}"
    quantity = int(row[_item.QUANTITY] - row[_item.CANCEL_QUANTITY])
    customer = row["CUSTOMER_ID"]
    return (
        row[_item.ORDER_ID],
        row[_header.EXTERNAL_ID],
        row[_header.PRODUCT_STORE_ID],
        None,
        row[_item.STATUS_ID],
        row[_group.FACILITY_ID],
        customer,
        row["CUSTOMER_EXTERNAL_ID"],
        first,
        last,
        row[_group.SHIP_TO_ADDRESS] or row[party.c.POSTAL_ADDRESS],
        None,
        None,
        None,
        None,
        row[party.c.COUNTRY],
        row[party.c.PHONE_NUMBER],
        None,
        row[_header.ORDER_TYPE_ID],
        row[_item.ORDER_ITEM_TYPE_ID],
        None,
        clock.local(row[_header.ORDER_DATE]).replace(tzinfo=None).isoformat(" ", "seconds"),
        row[_item.PRODUCT_ID],
        row["SKU"],
        row[_item.EXTERNAL_ID],
        quantity,
        row[_item.UNIT_LIST_PRICE],
        row[_item.UNIT_PRICE],
        row["UPC"],
        row[_header.GRAND_TOTAL],
        row[_group.SHIPMENT_METHOD_TYPE_ID],
        row[_group.CARRIER_PARTY_ID],
        customer,
        customer,
        customer,
        customer,
        None,
        None,
        row[_header.SALES_CHANNEL_ENUM_ID],
        tokens.make(key, f"{row[_item.STATUS_ID]};{quantity}"),
    )
