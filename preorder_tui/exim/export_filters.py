"""What export filters mean, as conditions over lines, orders and ship groups."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from data.tables import (
    facility,
    order_header,
    order_item,
    order_item_ship_group,
    product,
    product_store,
)
from preorder_tui.errors import UnknownId, WrongUsage
from preorder_tui.exim.records import ExportFilter
from preorder_tui.marks import CLOSED_ITEM_STATUSES, CLOSED_ORDER_STATUSES
from preorder_tui.products import by_sku
from preorder_tui.query_hints import not_by_index
from preorder_tui.text import clean
from preorder_tui.words import ITEM_STATUS_WORDS

FETCH = 5_000


def stream(connection: Connection, query: Any) -> Any:
    """The rows of a query, a few thousand in memory at a time."""
    return connection.execution_options(stream_results=True, yield_per=FETCH).execute(query)


def conditions(
    connection: Connection, filters: ExportFilter, order_type_id: str, *, only_open: bool
) -> list[ColumnElement[bool]]:
    """The conditions of an export over ORDER_ITEM, ORDER_HEADER and ORDER_ITEM_SHIP_GROUP.

    Args:
        connection: in a read transaction.
        filters: as given.
        order_type_id: SALES_ORDER or PURCHASE_ORDER.
        only_open: whether closed lines are left out unless their status is asked for.

    Raises:
        UnknownId: a filter names what is not there.
        WrongUsage: a status is none of the OMS's.
    """
    # Half of the book meets each of these: the key leads, they only filter.
    found: list[ColumnElement[bool]] = [not_by_index(order_header.c.ORDER_TYPE_ID) == order_type_id]
    if filters.statuses:
        for status in filters.statuses:
            if status not in ITEM_STATUS_WORDS:
                raise WrongUsage(
                    f"{clean(status)!r} is not an item status: give {', '.join(ITEM_STATUS_WORDS)}"
                )
        found.append(order_item.c.STATUS_ID.in_(filters.statuses))
    elif only_open:
        found.append(order_item.c.STATUS_ID.not_in(CLOSED_ITEM_STATUSES))
        found.append(not_by_index(order_header.c.STATUS_ID).not_in(CLOSED_ORDER_STATUSES))
    if filters.product_store_id:
        _require(
            connection, product_store.c.PRODUCT_STORE_ID, filters.product_store_id, "product store"
        )
        found.append(order_header.c.PRODUCT_STORE_ID == filters.product_store_id)
    if filters.facility_id:
        _require(connection, facility.c.FACILITY_ID, filters.facility_id, "facility or queue")
        found.append(not_by_index(order_item_ship_group.c.FACILITY_ID) == filters.facility_id)
    if filters.sku:
        found.append(order_item.c.PRODUCT_ID == by_sku(connection, filters.sku))
    if filters.orders:
        found.append(_orders(connection, filters.orders, order_type_id))
    return found


def _orders(
    connection: Connection, names: tuple[str, ...], order_type_id: str
) -> ColumnElement[bool]:
    ids: list[str] = []
    for name in dict.fromkeys(names):
        here = connection.execute(
            select(order_header.c.ORDER_ID).where(
                or_(order_header.c.ORDER_ID == name, order_header.c.EXTERNAL_ID == name),
                not_by_index(order_header.c.ORDER_TYPE_ID) == order_type_id,
            )
        ).scalars()
        order_ids = list(here)
        if not order_ids:
            raise UnknownId(f"there is no order {clean(name)!r} of that kind")
        ids += order_ids
    return order_item.c.ORDER_ID.in_(ids)


def _require(connection: Connection, column: Any, value: str, what: str) -> None:
    if connection.execute(select(column).where(column == value)).first() is None:
        raise UnknownId(f"there is no {what} {clean(value)!r}")


def sku_of(item: Any = order_item) -> ColumnElement[str]:
    """The SKU of a line's product."""
    found: ColumnElement[str] = (
        select(product.c.INTERNAL_NAME)
        .where(product.c.PRODUCT_ID == item.c.PRODUCT_ID)
        .scalar_subquery()
    )
    return found
