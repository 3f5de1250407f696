"""Naming orders and lines."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from preorder_tui import resolve
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, UnknownId, WrongUsage
from preorder_tui.lines import LineId
from tests.book import Book
from tests.conftest import TODAY


@pytest.fixture
def orders(book: Book) -> Book:
    book.sales_order("10001", TODAY, [("A", 1), ("A", 2)], name="#1001", external_id="shop-1")
    book.sales_order("10002", TODAY, [("A", 1)], name="#1001", external_id="10001")
    book.sales_order("10003", TODAY, [("A", 1)], name="1003", external_id="twin")
    book.purchase_order("20001", TODAY, [("A", 5)], external_id="twin")
    book.purchase_order("20002", TODAY, [("A", 5)], external_id="PO-1")
    return book


@pytest.mark.parametrize(
    ("text", "order_type", "order_id"),
    [
        ("10001", None, "10001"),  # the internal id wins over another order's external id
        (" 10001 ", None, "10001"),
        ("shop-1", None, "10001"),
        ("1003", None, "10003"),
        ("#1003", None, None),  # its name is 1003 without the sign
        ("PO-1", None, "20002"),
        ("twin", "SALES_ORDER", "10003"),
        ("twin", "PURCHASE_ORDER", "20001"),
        ("sho\x00p-1", None, "10001"),
    ],
)
def test_order(
    engine: Engine, clock: Clock, orders: Book, text: str, order_type: str, order_id: str | None
) -> None:
    with engine.connect() as connection:
        if order_id is None:
            with pytest.raises(UnknownId):
                resolve.order(connection, clock, text, order_type)
        else:
            assert resolve.order(connection, clock, text, order_type) == order_id


def test_several_orders_are_named(engine: Engine, clock: Clock, orders: Book) -> None:
    with engine.connect() as connection:
        with pytest.raises(Refused, match=r"10001 .*, 10002 "):
            resolve.order(connection, clock, "1001")
        with pytest.raises(Refused, match="names 2 orders"):
            resolve.order(connection, clock, "#1001")
        with pytest.raises(Refused, match=r"10003 \(sales order.*20001 \(purchase order"):
            resolve.order(connection, clock, "twin")


@pytest.mark.parametrize("text", ["", "  ", "nothing", "x" * 300, "\x00", "\udc80", "'"])
def test_no_such_order(engine: Engine, clock: Clock, orders: Book, text: str) -> None:
    with engine.connect() as connection, pytest.raises(UnknownId, match="preorder-tui find"):
        resolve.order(connection, clock, text)


def test_the_other_type_is_said(engine: Engine, clock: Clock, orders: Book) -> None:
    with engine.connect() as connection:
        with pytest.raises(Refused, match="PO-1 is a purchase order"):
            resolve.order(connection, clock, "PO-1", "SALES_ORDER")
        with pytest.raises(Refused, match="shop-1 is a sales order"):
            resolve.order(connection, clock, "shop-1", "PURCHASE_ORDER")


def test_line(engine: Engine, clock: Clock, orders: Book) -> None:
    with engine.connect() as connection:
        assert resolve.line(connection, clock, "shop-1/2") == LineId("10001", "00002")
        assert resolve.line(connection, clock, "PO-1/00001") == LineId("20002", "00001")
        with pytest.raises(UnknownId, match=r"no item 00003: it has 00001, 00002$"):
            resolve.line(connection, clock, "shop-1/3")
        with pytest.raises(UnknownId, match="no order"):
            resolve.line(connection, clock, "nothing/1")
        with pytest.raises(WrongUsage):
            resolve.line(connection, clock, "10001")


def test_many_items_are_not_all_named(engine: Engine, clock: Clock, book: Book) -> None:
    book.sales_order("1", TODAY, [("A", 1)] * 12)
    with engine.connect() as connection, pytest.raises(UnknownId, match=r"00008 and 4 more$"):
        resolve.line(connection, clock, "1/99")


def test_lines_of_one_type(engine: Engine, clock: Clock, orders: Book) -> None:
    sales, purchase = LineId("10001", "00001"), LineId("20001", "00001")
    with engine.connect() as connection:
        assert resolve.sales_line(connection, clock, sales) == sales
        assert resolve.purchase_line(connection, clock, purchase) == purchase
        with pytest.raises(Refused, match="line of a purchase order"):
            resolve.sales_line(connection, clock, purchase)
        with pytest.raises(Refused, match="line of a sales order"):
            resolve.purchase_line(connection, clock, sales)
        with pytest.raises(UnknownId):
            resolve.purchase_line(connection, clock, LineId("20001", "00009"))
