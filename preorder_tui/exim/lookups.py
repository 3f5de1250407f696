"""What rows of a file refer to: stores, facilities, products, parties, orders, by the set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from data.tables import facility, order_header, party, product, product_store
from preorder_tui.line_state import chunks


def _map(
    connection: Connection,
    key: ColumnElement[Any],
    value: ColumnElement[Any],
    keys: Iterable[str],
    *conditions: ColumnElement[bool],
) -> dict[str, str]:
    """``value`` by ``key`` for those keys; where a key is there twice, the smallest value."""
    found: dict[str, str] = {}
    for chunk in chunks(dict.fromkeys(filter(None, keys))):
        for one, other in connection.execute(
            select(key, value).where(key.in_(chunk), *conditions).order_by(value.desc())
        ):
            found[one] = other
    return found


def products_by_sku(connection: Connection, skus: Iterable[str]) -> dict[str, str]:
    """Product ids of variants (never of a parent product) by SKU."""
    return _map(
        connection,
        product.c.INTERNAL_NAME,
        product.c.PRODUCT_ID,
        skus,
        product.c.IS_VIRTUAL != "Y",
    )


def products_by_id(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Those of the product ids that are variants."""
    return _map(
        connection, product.c.PRODUCT_ID, product.c.PRODUCT_ID, ids, product.c.IS_VIRTUAL != "Y"
    )


def stores(connection: Connection) -> set[str]:
    """All product stores."""
    return set(connection.execute(select(product_store.c.PRODUCT_STORE_ID)).scalars())


def facilities(connection: Connection) -> tuple[dict[str, str], dict[str, str]]:
    """The type of each facility, and facilities by external id."""
    rows = connection.execute(
        select(facility.c.FACILITY_ID, facility.c.FACILITY_TYPE_ID, facility.c.EXTERNAL_ID)
    ).all()
    return {row[0]: row[1] for row in rows}, {row[2]: row[0] for row in rows if row[2]}


def parties_by_id(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Those of the party ids that exist."""
    return _map(connection, party.c.PARTY_ID, party.c.PARTY_ID, ids)


def orders_by_external_id(
    connection: Connection, ids: Iterable[str], order_type_id: str
) -> dict[str, list[tuple[str, str, int]]]:
    """Orders of a type by external id: order id, status and version of each."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for chunk in chunks(dict.fromkeys(filter(None, ids))):
        for external_id, order_id, status_id, version in connection.execute(
            select(
                order_header.c.EXTERNAL_ID,
                order_header.c.ORDER_ID,
                order_header.c.STATUS_ID,
                order_header.c.ROW_VERSION,
            )
            .where(
                order_header.c.EXTERNAL_ID.in_(chunk),
                order_header.c.ORDER_TYPE_ID == order_type_id,
            )
            .order_by(order_header.c.ORDER_ID)
        ):
            found.setdefault(external_id, []).append((order_id, status_id, version))
    return found
