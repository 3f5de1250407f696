"""EXPORT_PO and EXP_PO_ATP: purchase order lines, as IMP_PO and IMP_ATP_ON_PO take them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, and_, select

from data.tables import facility, order_header, order_item, order_item_ship_group, product
from preorder_tui.clock import Clock
from preorder_tui.exim import tokens
from preorder_tui.exim.export_filters import conditions, stream
from preorder_tui.exim.exporting import Cell
from preorder_tui.exim.purchase_orders import line_value
from preorder_tui.exim.records import ExportFilter
from preorder_tui.words import PURCHASE_ORDER

_item, _header, _group = order_item.c, order_header.c, order_item_ship_group.c


def rows(
    connection: Connection, clock: Clock, config_id: str, filters: ExportFilter
) -> Iterator[tuple[Cell, ...]]:
    """The rows of either export, by order and item."""
    query = (
        select(
            _item.ORDER_ID,
            _header.EXTERNAL_ID,
            _item.ORDER_ITEM_SEQ_ID,
            _item.PRODUCT_ID,
            product.c.INTERNAL_NAME,
            _item.QUANTITY - _item.CANCEL_QUANTITY,
            _item.ATP_CEILING,
            _item.AVAILABLE_TO_PROMISE,
            _item.UNIT_PRICE,
            _item.ESTIMATED_DELIVERY_DATE,
            _item.EXTERNAL_ID,
            _item.IS_NEW_PRODUCT,
            _header.PRODUCT_STORE_ID,
            _group.FACILITY_ID,
            facility.c.EXTERNAL_ID,
        )
        .join_from(order_item, order_header, _header.ORDER_ID == _item.ORDER_ID)
        .join(product, product.c.PRODUCT_ID == _item.PRODUCT_ID)
        .outerjoin(
            order_item_ship_group,
            and_(
                _group.ORDER_ID == _item.ORDER_ID,
                _group.SHIP_GROUP_SEQ_ID == _item.SHIP_GROUP_SEQ_ID,
            ),
        )
        .outerjoin(facility, facility.c.FACILITY_ID == _group.FACILITY_ID)
        .where(*conditions(connection, filters, PURCHASE_ORDER, only_open=True))
        .order_by(_item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)
    )
    make = _atp if config_id == "EXP_PO_ATP" else _purchase
    for row in stream(connection, query):
        yield make(clock, row)


def _atp(clock: Clock, row: Any) -> tuple[Cell, ...]:
    order_id, external_id, item, product_id, sku, _, _, atp, *_ = row
    atp = int(atp or 0)
    token = tokens.make(f"{order_id}/{item}", str(atp))
    return order_id, external_id, item, product_id, sku, atp, token


def _purchase(clock: Clock, row: Any) -> tuple[Cell, ...]:
    (
        order_id, external_id, _, _, sku, ordered, ceiling, _, price, arrival, item_external_id,
        is_new, store, facility_id, facility_external_id,
    ) = row  # fmt: skip
    ordered = int(ordered)
    ceiling = None if ceiling is None else int(ceiling)
    name = external_id or order_id
    token = tokens.make(f"{name}/{sku}", line_value(clock, ordered, ceiling, arrival))
    return (
        name,
        store,
        facility_id,
        facility_external_id,
        sku,
        ordered,
        ordered if ceiling is None else min(ceiling, ordered),
        price if price is None or isinstance(price, Decimal) else Decimal(str(price)),
        None if arrival is None else clock.day(arrival),
        item_external_id,
        is_new,
        token,
    )
