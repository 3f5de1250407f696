"""SQLite alone, and a list that has no other way than one: for the tests of ways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from preorder_tui import (
    along_dates,
    along_keys,
    kept_places,
    purchase_order_ways,
    query_hints,
    sales_order_search,
    sales_order_ways,
)
from tests.on_sqlite import engine as engine

NEVER = -1.0


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Leaves a list no other way than the one named."""

    def only(name: str) -> None:
        monkeypatch.setattr(query_hints, "_STEPS_PER_LOOK", 1)
        for module in (sales_order_ways, purchase_order_ways):
            monkeypatch.setattr(module, "WALK_SECONDS", NEVER)
        for size in ("SHORT", "LONG", "LONGEST"):
            monkeypatch.setattr(sales_order_ways, f"{size}_WALK_SECONDS", NEVER)
        monkeypatch.setattr(sales_order_ways, "GATHER_SECONDS", NEVER)
        for module in (along_dates, along_keys):
            monkeypatch.setattr(module, "_FIRST_SLICE", 1)
        monkeypatch.setattr(purchase_order_ways, "MOMENT", NEVER)
        if name == "kept":
            return
        monkeypatch.setattr(kept_places, "MOST_KEPT", -1)
        if name == "few":
            return
        monkeypatch.setattr(along_keys, "_LEAST_AHEAD", 1)
        monkeypatch.setattr(sales_order_ways, "AT_ONCE", -1)
        monkeypatch.setattr(sales_order_ways, "FEW", -1)
        monkeypatch.setattr(purchase_order_ways, "FEW", -1)
        monkeypatch.setattr(purchase_order_ways, "FEWER", -1)
        monkeypatch.setattr(purchase_order_ways, "FEWEST", -1)
        monkeypatch.setattr(purchase_order_ways, "NARROW", -1)
        if name == "places":
            monkeypatch.setattr(sales_order_ways, "LONGEST_WALK_SECONDS", 60)
        if name in ("walk", "places"):
            monkeypatch.setattr(sales_order_ways, "MANY", -1)
            monkeypatch.setattr(sales_order_ways, "MOST", -1)
            monkeypatch.setattr(sales_order_search, "MOST_PRODUCTS", -1)

    return only


def orders_named(connection: Connection, names: list[str]) -> None:
    """Have no orders but these, named so."""
    connection.execute(text('DELETE FROM "ORDER_HEADER"'))
    for number, name in enumerate(names):
        connection.execute(
            text(
                'INSERT INTO "ORDER_HEADER" ("ORDER_ID", "ORDER_TYPE_ID", "ORDER_NAME",'
                ' "ORDER_DATE", "ENTRY_DATE", "STATUS_ID", "PRODUCT_STORE_ID", "ROW_VERSION")'
                " VALUES (:id, 'SALES_ORDER', :name, '2026-11-01 00:00:00.000000',"
                " '2026-11-01 00:00:00.000000', 'ORDER_APPROVED', 'STORE', 1)"
            ),
            {"id": f"ORD{number}", "name": name},
        )
