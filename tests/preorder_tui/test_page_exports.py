"""Export CSV of the pages."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from sqlalchemy import Engine

from preorder_tui import page_exports
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from tests.book import Book
from tests.conftest import TODAY


@pytest.fixture
def orders(book: Book) -> Book:
    book.product("=SUM(A1)", parent="Bag", color="Red", name='A "bag", red')
    book.purchase_order("20001", TODAY, [("=SUM(A1)", 50)], external_id="+PO")
    for number in range(7):
        order_id = f"1000{number}"
        book.sales_order(order_id, TODAY, [("=SUM(A1)", 2)], promised=TODAY, customer="@home")
        if number < 3:
            book.allocate(f"{order_id}/1", "20001/1", 2)
    return book


def test_find_sales_order(
    engine: Engine, clock: Clock, orders: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_exports, "PAGE", 2)
    out = StringIO()
    with engine.connect() as connection:
        number = page_exports.find_sales_csv(connection, clock, SalesOrderQuery(), out.write)
    assert number == 7
    header, *rows = csv.reader(StringIO(out.getvalue()))
    assert header == list(page_exports.SALES_COLUMNS)
    assert [row[0] for row in rows] == [f"1000{n}" for n in range(6, -1, -1)]
    assert rows[-1] == [
        "10000",
        "#10000",
        "00001",
        orders.products["=SUM(A1)"],
        "Bag",
        'A "bag", red',
        "'=SUM(A1)",
        "2",
        "ITEM_APPROVED",
        "Approved",
        "PRE_ORDER_PARKING",
        "2026-11-25",
        "20001",
    ]


def test_the_filter_holds(engine: Engine, clock: Clock, orders: Book) -> None:
    query = SalesOrderQuery(allocation="allocated")
    with engine.connect() as connection:
        assert page_exports.find_sales_csv(connection, clock, query, lambda text: None) == 3
        none = SalesOrderQuery(text="nothing")
        assert page_exports.find_sales_csv(connection, clock, none, lambda text: None) == 0


def test_find_purchase_orders(engine: Engine, clock: Clock, orders: Book) -> None:
    out = StringIO()
    query = PurchaseOrderQuery(grouping="product")
    with engine.connect() as connection:
        assert page_exports.find_purchases_csv(connection, clock, query, out.write) == 1
    (row,) = csv.DictReader(StringIO(out.getvalue()))
    assert row["po-external-id"] == "'+PO"
    assert row["product-sku"] == "'=SUM(A1)"
    assert (row["quantity"], row["allocated"], row["atp"]) == ("50", "6", "44")
    assert (row["color"], row["parent-product-name"]) == ("Red", "Bag")
    assert row["arrival-date"] == "2026-11-25"


def test_review_allocations(engine: Engine, clock: Clock, orders: Book) -> None:
    out = StringIO()
    line = LineId("20001", "00001")
    with engine.connect() as connection:
        assert page_exports.review_allocations_csv(connection, clock, line, out.write) == 3
    first, *_ = csv.DictReader(StringIO(out.getvalue()))
    assert first == {
        "po-external-id": "'+PO",
        "po-item-seq-id": "00001",
        "product-sku": "'=SUM(A1)",
        "order-id": "10000",
        "order-external-id": "",
        "order-item-seq-id": "00001",
        "customer": "'@home",
        "order-date": "2026-11-25",
        "quantity": "2",
        "promised-datetime": "2026-11-25",
        "arrival-date": "2026-11-25",
    }
