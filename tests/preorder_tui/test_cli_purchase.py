"""Commands of the procurement side."""

from __future__ import annotations

from datetime import date

import pytest

from tests.book import Book
from tests.preorder_tui.command_line import CommandLine


@pytest.fixture
def orders(book: Book) -> Book:
    """T1: a line of 10 units, three sales orders of 4."""
    book.purchase_order("200", date(2026, 12, 10), [("SKU-1", 10)], external_id="PO-A")
    for n in (1, 2, 3):
        book.sales_order(f"10{n}", date(2026, 11, n), [("SKU-1", 4)])
    return book


def units(cli: CommandLine, line: str) -> dict[str, int]:
    """Units of a purchase order line by sales order."""
    return {one["orderId"]: one["quantity"] for one in cli.json("review", line)["allocations"]}


def test_allocate_sales_orders_and_remove(cli: CommandLine, orders: Book) -> None:
    done = cli.json("allocate-sales-orders", "PO-A/1")
    assert units(cli, "200/1") == {"101": 4, "102": 4, "103": 2}
    assert len(done["refused"]) == 1
    cli.json("remove-allocations", "200/1", "--only", "101/1")
    assert units(cli, "200/1") == {"102": 4, "103": 2}
    cli.json("allocate-sales-orders", "200/1", "--only", "101/1", "--only", "103/1")
    assert sum(units(cli, "200/1").values()) == 10
    cli.json("remove-allocations", "200/1")
    assert units(cli, "200/1") == {}


def test_arrival_and_sync(cli: CommandLine, orders: Book) -> None:
    cli.json("allocate-sales-orders", "200/1")
    done = cli.json("set-arrival-date", "200/1", "2026-12-20")
    assert [change["field"] for change in done["changes"]] == ["estimatedDeliveryDate"]
    assert done["changes"][0]["newValue"] == "2026-12-20T23:59:59.999+00:00"
    promise = cli.json("show", "101")["items"][0]["promisedDatetime"]
    assert promise == "2026-12-10T23:59:59.999+00:00"
    assert "later" in cli.refuses(1, "sync-dates", "200/1", "--guard", "earlier")
    done = cli.json("sync-dates", "200/1", "--only", "101/1", "--only", "103/1")
    assert [change["orderId"] for change in done["changes"]] == ["101", "103"]
    dates = [cli.json("show", order)["items"][0]["promisedDatetime"][:10] for order in
             ("101", "102", "103")]  # fmt: skip
    assert dates == ["2026-12-20", "2026-12-10", "2026-12-20"]


def test_set_quantity(cli: CommandLine, orders: Book) -> None:
    cli.json("allocate-sales-orders", "200/1")
    assert "allocated" in cli.refuses(1, "set-quantity", "200/1", "7")
    cli.json("set-quantity", "200/1", "7", "--release-newest")
    assert units(cli, "200/1") == {"101": 4, "102": 3}
    for status, number in ((1, "0"), (1, "-5"), (2, "1.5"), (2, "many")):
        cli.refuses(status, "set-quantity", "200/1", number)
    cli.refuses(2, "set-quantity", "200/1", "7", "--relaese-newest")


def test_add_item_and_receive(cli: CommandLine, orders: Book) -> None:
    orders.product("SKU-9")
    done = cli.json("add-item", "PO-A", "SKU-9", "6", "2026-12-30")
    assert done["changes"][0]["changeTypeEnumId"] == "ODR_ITM_APPEND"
    assert (done["changes"][0]["oldValue"], done["changes"][0]["newValue"]) == (None, 6)
    added = cli.json("show", "200")["items"]
    assert {line["sku"]: line["quantity"] for line in added} == {"SKU-1": 10, "SKU-9": 6}
    cli.json("receive", "200/2", "6")
    lines = {line["sku"]: line for line in cli.json("show", "200")["items"]}
    assert lines["SKU-9"]["receivedQuantity"] == 6
    assert lines["SKU-9"]["availableToPromise"] == 0
    for status, words in (
        (1, "add-item PO-A NO-SUCH 6 2026-12-30"),
        (1, "add-item PO-A SKU-9 0 2026-12-30"),
        (1, "add-item PO-A SKU-9 6 2026-11-24"),
        (2, "add-item PO-A SKU-9 6 2026-11-31"),
        (1, "receive 200/1 -1"),
        (1, "receive 200/1 0"),
        (2, "receive 200/1 half"),
    ):
        cli.refuses(status, *words.split())


def test_cancel_and_complete(cli: CommandLine, orders: Book) -> None:
    orders.purchase_order("201", date(2026, 12, 20), [("SKU-1", 5), ("SKU-2", 5)])
    cli.json("cancel-purchase", "201/2")
    cli.json("complete-purchase", "201/1")
    statuses = {
        line["orderItemSeqId"]: line["statusId"] for line in cli.json("show", "201")["items"]
    }
    assert statuses == {"00001": "ITEM_COMPLETED", "00002": "ITEM_CANCELLED"}
    cli.json("cancel-purchase", "PO-A")
    assert cli.json("show", "PO-A")["statusId"] == "ORDER_CANCELLED"
    cli.refuses(1, "complete-purchase", "PO-A")
    cli.refuses(1, "cancel-purchase", "101")
    cli.refuses(1, "cancel-purchase", "PO-A/7")
    assert cli.json("verify")["violations"] == []


def test_reallocate(cli: CommandLine, orders: Book) -> None:
    cli.json("allocate-sales-orders", "200/1")
    orders.purchase_order("202", date(2026, 12, 1), [("SKU-1", 6)])
    cli.json("reallocate", "202/1")
    assert units(cli, "202/1") == {"101": 4, "102": 2}
    assert cli.json("verify")["violations"] == []
