"""View Sales Order, Purchase Order Detail and Review Allocations."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, update

from data import tables as t
from preorder_tui import (
    demand_list,
    marks,
    purchase_order_detail,
    review_allocations,
    sales_order_detail,
)
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, UnknownId
from preorder_tui.lines import LineId
from preorder_tui.read_only import read_only_reason
from tests.book import Book
from tests.conftest import TODAY

SOON, LATER = TODAY + timedelta(days=5), TODAY + timedelta(days=20)


@pytest.fixture
def orders(book: Book) -> Book:
    book.product("BAG", parent="Zebra bag", color="Red")
    book.product("CAP", parent="Acme cap")
    book.purchase_order("20001", SOON, [("BAG", 10), ("CAP", 3)], external_id="PO-A")
    book.purchase_order("20002", LATER, [("BAG", 5)], external_id="PO-B")
    book.sales_order("10001", TODAY, [("BAG", 6), ("CAP", 1)], promised=SOON, external_id="shop-1")
    book.sales_order("10002", TODAY - timedelta(days=1), [("BAG", 2)], customer="Bo")
    book.sales_order("10003", TODAY, [("BAG", 1)], facility="BACKORDER_PARKING")
    book.sales_order("10004", TODAY, [("BAG", 1)], facility="WH1", promised=TODAY)
    book.sales_order("10005", TODAY, [("BAG", 9)], store="OUTLET")
    book.sales_order("10006", TODAY, [("BAG", 1)], status="ORDER_CANCELLED")
    book.allocate("10001/1", "20001/1", 3)
    book.allocate("10001/1", "20002/1", 1)
    book.allocate("10003/1", "20001/1", 1)
    book.allocate("10004/1", "20001/1", 1)
    with book.engine.begin() as connection:
        connection.execute(
            update(t.order_item)
            .where(t.order_item.c.ORDER_ID == "10006")
            .values(CORRESPONDING_PO_ID="20001")
        )
    return book


def test_sales_order(engine: Engine, clock: Clock, orders: Book) -> None:
    with engine.connect() as connection:
        order = sales_order_detail.view(connection, clock, "shop-1")
    assert (order.order_id, order.customer_name, order.external_id) == ("10001", "Ana", "shop-1")
    assert [group.facility_id for group in order.ship_groups] == ["PRE_ORDER_PARKING"]
    bag, cap = order.items
    assert (bag.quantity, bag.allocated, bag.open_quantity) == (6, 4, 2)
    assert bag.allocation_state == "partly"
    assert bag.marks == (marks.PARTLY, marks.BEFORE_ARRIVAL, marks.OUT_OF_SYNC)
    assert [(str(a.purchase_line), a.quantity, a.arrival_date) for a in bag.allocations] == [
        ("20001/00001", 3, SOON),
        ("20002/00001", 1, LATER),
    ]
    assert (bag.corresponding_po_id, bag.corresponding_po_external_id) == ("20002", "PO-B")
    assert (bag.promise_date, bag.arrival_date) == (SOON, LATER)
    assert bag.promised_datetime is not None
    assert bag.promised_datetime.isoformat() == f"{SOON}T23:59:59.999000+00:00"
    assert (bag.product.color, bag.product.parent_name) == ("Red", "Zebra bag")
    assert (bag.editable, bag.read_only_reason) == (True, "")
    assert cap.marks == (marks.UNALLOCATED, marks.WITHOUT_SUPPLY)
    assert cap.allocations == ()


def test_closed_lines_are_read_only(engine: Engine, clock: Clock, orders: Book) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(t.order_header)
            .where(t.order_header.c.ORDER_ID == "10002")
            .values(STATUS_ID="ORDER_COMPLETED")
        )
    with engine.connect() as connection:
        (cancelled,) = sales_order_detail.view(connection, clock, "10006").items
        (of_completed,) = sales_order_detail.view(connection, clock, "10002").items
    assert (cancelled.editable, cancelled.read_only_reason) == (False, "the order is cancelled")
    assert cancelled.marks == ()
    assert cancelled.corresponding_po_external_id == "PO-A"
    assert of_completed.read_only_reason == "the order is completed"
    assert read_only_reason("ORDER_APPROVED", "ITEM_CANCELLED") == "the line is cancelled"
    assert read_only_reason("ORDER_APPROVED", "ITEM_APPROVED") == ""


def test_the_wrong_type_of_order(engine: Engine, clock: Clock, orders: Book) -> None:
    with engine.connect() as connection:
        with pytest.raises(Refused, match="PO-A is a purchase order"):
            sales_order_detail.view(connection, clock, "PO-A")
        with pytest.raises(Refused, match="shop-1 is a sales order"):
            purchase_order_detail.view(connection, clock, "shop-1")
        with pytest.raises(UnknownId):
            purchase_order_detail.view(connection, clock, "nothing")


def test_purchase_order(engine: Engine, clock: Clock, orders: Book) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(t.change_set).values(
                CHANGE_SET_ID=1,
                CHANGE_DATETIME=datetime(2026, 11, 20, 10),
                CHANGE_USER_LOGIN="bo",
                ORIGIN="desk",
                COMMAND="x",
                CHANGE_COUNT=1,
            )
        )
        for item, field, old, new in (
            (
                "00001",
                "estimatedDeliveryDate",
                "2026-11-28T23:59:59.999000",
                "2026-11-30T23:59:59.999000",
            ),
            ("00002", "receivedQuantity", "0", "2"),
            ("00002", "receivedQuantity", "2", "1"),
            ("00001", "quantity", "9", "10"),
            ("00001", "statusId", "ITEM_APPROVED", "ITEM_COMPLETED"),
            ("00001", "statusId", "ITEM_COMPLETED", "ITEM_APPROVED"),
            (None, "statusId", "ORDER_APPROVED", "ORDER_COMPLETED"),
        ):
            connection.execute(
                insert(t.order_item_change).values(
                    CHANGE_SET_ID=1,
                    ORDER_ID="20001",
                    ORDER_ITEM_SEQ_ID=item,
                    CHANGE_TYPE_ENUM_ID="ODR_ITM_UPDATE",
                    FIELD=field,
                    OLD_VALUE=old,
                    NEW_VALUE=new,
                )
            )
        connection.execute(
            insert(t.communication_event).values(
                ORDER_ID="20001",
                ENTRY_DATE=datetime(2026, 11, 21),
                SUBJECT="Moved",
                CONTENT="4 units",
            )
        )
    with engine.connect() as connection:
        order = purchase_order_detail.view(connection, clock, "PO-A")
    assert (order.order_id, order.supplier_name, order.facility_id) == ("20001", "Supplier", "WH1")
    assert (order.allocated_orders, order.pre_orders, order.backorders) == (3, 1, 1)
    cap, bag = order.items  # by parent product: Acme cap before Zebra bag
    assert (cap.product.sku, bag.product.sku) == ("CAP", "BAG")
    assert (bag.allocated, bag.order_count, bag.available_to_promise) == (5, 3, 5)
    # 10001 is promised before its latest arrival, 10003 has no promise; 10004 was released.
    assert bag.out_of_sync_items == 2
    assert (bag.late, bag.editable, order.editable) == (False, True, True)
    assert [text for _, text in order.timeline] == [
        "created",
        "00001 arrives 2026-11-30 instead of 2026-11-28 (bo)",
        "00002 received 2 units (bo)",
        "00002 receipt of 1 unit taken back (bo)",
        "00001 completed (bo)",
        "00001 opened again: approved (bo)",
        "order completed (bo)",
    ]
    assert [text for _, text in order.communications] == ["Moved: 4 units"]


def test_a_closed_purchase_order_is_read_only(engine: Engine, clock: Clock, book: Book) -> None:
    book.purchase_order("1", TODAY - timedelta(days=1), [("A", 1)], status="ORDER_COMPLETED")
    with engine.connect() as connection:
        order = purchase_order_detail.view(connection, clock, "1")
    assert order.read_only_reason == order.items[0].read_only_reason
    assert order.read_only_reason == "the purchase order is completed"
    assert not order.items[0].late


def test_a_late_line(engine: Engine, clock: Clock, book: Book) -> None:
    book.purchase_order("1", TODAY - timedelta(days=1), [("A", 1)])
    with engine.connect() as connection:
        assert purchase_order_detail.view(connection, clock, "1").items[0].late


def test_review(engine: Engine, clock: Clock, orders: Book) -> None:
    with engine.connect() as connection:
        found = review_allocations.review(connection, clock, LineId("20001", "00001"))
    assert (found.quantity, found.consumed, found.recorded) == (10, 5, 5)
    assert (found.available_to_promise, found.arrival_date) == (5, SOON)
    assert [(row.line.order_id, row.allocated_here, row.allocated) for row in found.rows] == [
        ("10001", 3, 4),
        ("10003", 1, 1),
        ("10004", 1, 1),
    ]
    first, second, released = found.rows
    assert (first.days, first.new_promise_date, first.eligible) == (0, LATER, True)
    assert (second.days, second.promise_date) == (None, None)
    assert (released.days, released.eligible) == (-5, False)
    assert "released" in released.reason
    assert [row.line.order_id for row in found.cancelled_rows] == ["10006"]
    with engine.connect() as connection, pytest.raises(Refused, match="sales order"):
        review_allocations.review(connection, clock, LineId("10001", "00001"))


def test_who_waits_for_a_purchase_order_line(engine: Engine, clock: Clock, orders: Book) -> None:
    with engine.connect() as connection:
        early, late = (
            demand_list.whole(connection, clock, "allocate", LineId(order, "00001")).rows
            for order in ("20001", "20002")
        )
    # First in, first out; another store's and released lines are not among them.
    assert [row.line.order_id for row in early] == ["10002", "10001"]
    assert [(row.open_quantity, row.allocated_here) for row in early] == [(2, 0), (2, 3)]
    assert [row.new_promise_date for row in early] == [SOON, LATER]
    assert [row.days for row in early] == [None, 15]
    assert [row.new_promise_date for row in late] == [LATER, LATER]
    assert all(row.eligible for row in early)
