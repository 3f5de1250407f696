"""Imports of supply, and of lines with their supply: ATP, allocations, cancelling, closing."""

from __future__ import annotations

from datetime import date

import pytest

from preorder_tui.errors import Refused
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.exim_files import Exchange, counts, edit, history, holds, promise
from tests.preorder_tui.exim_lines_book import LATER, exchange

__all__ = ["exchange"]


# --- ATP ----------------------------------------------------------------------------------------


def atp(exchange: Exchange, line: str) -> tuple[int, int | None]:
    """ATP and limit of a purchase order line."""
    order, item = line.split("/")
    found = exchange.service.purchase_order(order).items
    one = next(row for row in found if row.line.order_item_seq_id == item.zfill(5))
    return one.available_to_promise, one.atp_ceiling


def test_remaining_atp_of_purchase_orders(exchange: Exchange, book: Book) -> None:
    book.allocate("1/1", "8/1", 3)
    header = "po-id,po-external-id,po-item-seq-id,product-id,product-sku,atp\n"
    result = exchange.run(
        "IMP_ATP_ON_PO",
        header + "8,PX8,1,1000,A,5\n,PX8,,,B,0\n9,,1,,,6\n",
    )
    assert counts(result) == (2, 1, 0, 0)
    assert atp(exchange, "8/1") == (5, 8)  # what is left, and what is allocated
    assert atp(exchange, "8/2") == (0, 0)
    holds(exchange)
    exchange.service.apply(exchange.service.plan_undo())
    assert atp(exchange, "8/1") == (7, None)
    assert atp(exchange, "8/2") == (10, None)

    bad = exchange.run(
        "IMP_ATP_ON_PO",
        header + "8,,1,,,8\n9,,1,,,-1\n8,,2,,,\n8,,2,,,x\n1,,1,,,2\n8,,9,,,1\n,PX7,1,,,1\n",
    )
    assert counts(bad) == (0, 0, 0, 7)
    reasons = [row["error"] for row in exchange.failed()]
    for words, reason in zip(
        ("more than the 7 units", "below zero", "atp is empty", "not a whole number",
         "'1' is not a purchase order", "has no item '00009'", "'PX7' names no purchase order"),
        reasons, strict=True,
    ):  # fmt: skip
        assert words in reason


def test_atp_round_trip(exchange: Exchange, service: Service, book: Book) -> None:
    path = exchange.export("EXP_PO_ATP")
    assert counts(exchange.run("IMP_ATP_ON_PO", path)) == (0, 3, 0, 0)
    service.apply(service.plan_allocate(LineId("1", "00001"), [(LineId("8", "00001"), 4)]))
    edited = edit(path, lambda row: row.update(atp="2"))
    result = exchange.run("IMP_ATP_ON_PO", edited)
    assert counts(result) == (2, 0, 1, 0)
    (conflict,) = result.preview.first_conflicts
    assert (conflict.base, conflict.ours, conflict.theirs) == ("10", "2", "6")
    holds(exchange)


# --- Promise with purchase order ----------------------------------------------------------------


def test_promise_with_purchase_order(exchange: Exchange, book: Book) -> None:
    book.allocate("1/1", "9/1", 4)
    header = "order-id,order-item-seq-id,promised-datetime,corresponding-po-id,change-comments\n"
    result = exchange.run(
        "IMP_ORD_ITM_PO_DTL",
        header + "1,1,2027-01-20,PX8,moved\n2,1,2027-01-20,8,\n1,2,2027-01-20,8,\n",
    )
    assert counts(result) == (3, 0, 0, 0)
    holds(exchange)
    line = exchange.service.sales_order("1").items[0]
    assert [(str(one.purchase_line), one.quantity) for one in line.allocations] == [("8/00001", 4)]
    assert line.promise_date == date(2027, 1, 20)
    assert atp(exchange, "8/1")[0] == 2
    assert atp(exchange, "9/1")[0] == 6
    assert "moved" in history(exchange, "1", "1")[0].comments
    again = exchange.run(
        "IMP_ORD_ITM_PO_DTL",
        header + "1,1,2027-01-20,PX8,moved\n2,1,2027-01-20,8,\n1,2,2027-01-20,8,\n",
    )
    assert counts(again) == (0, 3, 0, 0)
    exchange.service.apply(exchange.service.plan_undo(result.change_set_id))
    assert atp(exchange, "9/1")[0] == 2
    holds(exchange)


def test_promise_with_purchase_order_that_cannot_be(exchange: Exchange, book: Book) -> None:
    book.sales_order("5", TODAY, [("A", 9)], facility="_NA_")
    book.sales_order("6", TODAY, [("A", 9)])
    header = "order-id,order-item-seq-id,promised-datetime,corresponding-po-id\n"
    rows = {
        "1,1,2027-01-20,77": "names no purchase order",
        "1,2,2027-01-20,9": "has no line of the product",
        "2,1,2020-01-01,8": "is over",
        "2,1,,8": "is empty",
        "3,1,2027-01-20,8": "cancelled",
        "5,1,2027-01-20,8": "not in a presell queue",
        "6,1,2027-01-20,9": "9 units are too many: 'PX9/00001' has 6 units left",
    }
    result = exchange.run("IMP_ORD_ITM_PO_DTL", header + "\n".join(rows) + "\n")
    assert counts(result) == (0, 0, 0, len(rows))
    for words, row in zip(rows.values(), exchange.failed(), strict=True):
        assert words in row["error"]


def test_atp_is_spent_once_within_a_file(exchange: Exchange) -> None:
    header = "order-id,order-item-seq-id,promised-datetime,corresponding-po-id\n"
    result = exchange.run("IMP_ORD_ITM_PO_DTL", header + "1,1,2027-01-20,9\n2,1,2027-01-20,9\n")
    assert counts(result) == (1, 0, 0, 1)
    assert "has 2 units left" in exchange.failed()[0]["error"]
    holds(exchange)


def test_allocations_round_trip(exchange: Exchange, book: Book, service: Service) -> None:
    book.allocate("1/1", "8/1", 2)
    book.allocate("1/1", "9/1", 2)
    book.allocate("2/1", "8/1", 4)
    path = exchange.export("EXP_ORD_ITM_PO_DTL")
    assert counts(exchange.run("IMP_ORD_ITM_PO_DTL", path)) == (0, 3, 0, 0)
    service.apply(service.plan_promise_date(LineId("2", "00001"), date(2027, 2, 1)))

    def change(row: dict[str, str]) -> None:
        if row["order-id"] == "2":
            row["promised-datetime"] = "2027-03-01"

    result = exchange.run("IMP_ORD_ITM_PO_DTL", edit(path, change))
    assert counts(result) == (0, 2, 1, 0)
    again = exchange.run("IMP_ORD_ITM_PO_DTL", exchange.write(exchange.conflicts_path.read_bytes()))
    assert counts(again) == (1, 0, 0, 0)
    assert promise(exchange, "2/1") == date(2027, 3, 1)


# --- Cancelling and closing ---------------------------------------------------------------------


def test_cancelled_lines(exchange: Exchange, book: Book) -> None:
    book.allocate("1/1", "8/1", 4)
    header = "order-id,order-item-seq-id,reason,change-comments\n"
    text = header + (
        "1,1,OICR_CHANGE_MIND,phoned\n1,2,Ordered by mistake,\n3,1,OICR_CHANGE_MIND,\n"
        "2,1,BECAUSE,\n2,1,,\n"
    )
    result = exchange.run("MDM_CANCEL_ORD_ITM", text)
    assert counts(result) == (2, 1, 0, 2)
    order = exchange.service.sales_order("1")
    assert order.status_id == "ORDER_CANCELLED"
    assert {line.status_id for line in order.items} == {"ITEM_CANCELLED"}
    assert atp(exchange, "8/1")[0] == 10
    row = history(exchange, "1", "1")[0]
    assert "phoned" in row.comments
    assert row.reason == "Customer changed their mind"
    assert history(exchange, "1", "2")[0].reason == "Ordered by mistake"
    assert counts(exchange.run("MDM_CANCEL_ORD_ITM", text)) == (0, 3, 0, 2)
    holds(exchange)
    exchange.service.apply(exchange.service.plan_undo(result.change_set_id))
    assert exchange.service.sales_order("1").status_id == "ORDER_APPROVED"
    assert atp(exchange, "8/1")[0] == 6
    holds(exchange)


def test_closed_purchase_orders(exchange: Exchange, book: Book) -> None:
    book.purchase_order("7", LATER, [("A", 1)], external_id="PX7", status="ORDER_CANCELLED")
    header = "po-id,po-external-id,po-item-seq-id,change-comments\n"
    text = header + "8,,2,over\n,PX9,,\n,PX7,,\n,PX0,,\n,,,x\n8,,7,\n"
    result = exchange.run("IMP_CLOSED_PO", text)
    assert counts(result) == (2, 0, 0, 4)
    assert exchange.service.purchase_order("9").status_id == "ORDER_COMPLETED"
    order = exchange.service.purchase_order("8")
    assert order.status_id == "ORDER_APPROVED"
    assert [line.status_id for line in order.items] == ["ITEM_APPROVED", "ITEM_COMPLETED"]
    reasons = [row["error"] for row in exchange.failed()]
    for words, reason in zip(
        ("cancelled already", "names no purchase order", "both empty", "has no item"),
        reasons, strict=True,
    ):  # fmt: skip
        assert words in reason
    assert counts(exchange.run("IMP_CLOSED_PO", text)) == (0, 2, 0, 4)
    holds(exchange)
    exchange.service.apply(exchange.service.plan_undo(result.change_set_id))
    assert exchange.service.purchase_order("9").status_id == "ORDER_APPROVED"


def test_purchase_orders_round_trip(exchange: Exchange, service: Service) -> None:
    path = exchange.export("EXPORT_PO")
    assert counts(exchange.run("IMP_PO", path)) == (0, 3, 0, 0)
    service.apply(service.plan_quantities([(LineId("9", "00001"), 20)]))
    edited = edit(path, lambda row: row.update({"arrival-date": "2027-05-05"}))
    result = exchange.run("IMP_PO", edited)
    assert counts(result) == (2, 0, 1, 0)
    assert exchange.service.purchase_order("8").items[0].arrival_date == date(2027, 5, 5)
    assert exchange.service.purchase_order("9").items[0].quantity == 20
    again = exchange.run("IMP_PO", exchange.write(exchange.conflicts_path.read_bytes()))
    assert counts(again) == (1, 0, 0, 0)
    assert exchange.service.purchase_order("9").items[0].quantity == 6
    holds(exchange)


def test_a_later_change_stands_in_the_way_of_undo(exchange: Exchange, service: Service) -> None:
    header = "order-id,order-item-seq-id,promised-datetime\n"
    result = exchange.run("IMP_ORD_ITEM_UPD", f"{header}1,1,2026-12-20\n2,1,2026-12-20\n")
    service.apply(service.plan_promise_date(LineId("1", "00001"), date(2026, 12, 30)))
    with pytest.raises(Refused, match=r"was changed later by .* by ana"):
        service.plan_undo(result.change_set_id)
