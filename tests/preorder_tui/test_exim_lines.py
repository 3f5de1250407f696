"""EXIM imports about order lines: promise dates, ATP, purchase orders, cancellations."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from preorder_tui.errors import Refused
from preorder_tui.exim.layout import StructuralFault
from preorder_tui.exim.records import ImportOptions
from preorder_tui.lines import LineId
from preorder_tui.records import HistoryRow
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.exim_files import Exchange, counts, edit

LATER = TODAY + timedelta(days=40)


@pytest.fixture
def exchange(service: Service, book: Book, tmp_path: Path) -> Exchange:
    """A book of two sales orders and two purchase orders."""
    book.sales_order("1", TODAY, [("A", 4), ("B", 2)], external_id="X1", promised=LATER)
    book.sales_order("2", TODAY, [("A", 4)], external_id="X2")
    book.sales_order("3", TODAY, [("A", 4)], status="ORDER_CANCELLED")
    book.purchase_order("8", LATER, [("A", 10), ("B", 10)], external_id="PX8")
    book.purchase_order("9", LATER + timedelta(days=9), [("A", 6)], external_id="PX9")
    return Exchange(service, tmp_path)


def promise(exchange: Exchange, line: str) -> date | None:
    """The promise date of a line."""
    order, item = line.split("/")
    found = exchange.service.sales_order(order).items
    return next(one for one in found if one.line.order_item_seq_id == item.zfill(5)).promise_date


def history(exchange: Exchange, order: str, item: str) -> list[HistoryRow]:
    """The history of a line, newest first."""
    return list(exchange.service.history(line=LineId(order, item.zfill(5))))


def holds(exchange: Exchange) -> None:
    """Every invariant."""
    assert exchange.service.verify().violations == ()


def test_promise_dates(exchange: Exchange) -> None:
    result = exchange.run(
        "IMP_ORD_ITEM_UPD",
        "order-id,order-item-seq-id,promised-datetime,change-comments\n"
        "1,1,2026-12-20,late ship\n1,00002,2026-12-21 10:30:00,\n2,1,2026-12-22,\n",
        reason="supplier",
    )
    assert counts(result) == (3, 0, 0, 0)
    assert promise(exchange, "1/1") == date(2026, 12, 20)
    assert exchange.service.sales_order("1").items[1].promised_datetime is not None
    row = history(exchange, "1", "1")[0]
    assert (row.old_text, row.new_text, row.field) == (
        LATER.isoformat(), "2026-12-20", "promisedDatetime",
    )  # fmt: skip
    assert "late ship" in row.comments
    holds(exchange)

    undone = exchange.service.apply(exchange.service.plan_undo(result.change_set_id))
    assert undone.applied == 3
    assert promise(exchange, "1/1") == LATER
    assert promise(exchange, "2/1") is None
    exchange.service.apply(exchange.service.plan_redo())
    assert promise(exchange, "2/1") == date(2026, 12, 22)
    holds(exchange)


def test_a_line_is_named_by_external_id_and_sku(exchange: Exchange) -> None:
    result = exchange.run(
        "IMP_ORD_ITEM_UPD",
        "Order-External-Id;Product SKU;promised-datetime;colour\n"
        "X1;B;2026-12-20;x\nX2;A;2026-12-20;x\nX9;A;2026-12-20;x\nX1;C;2026-12-20;x\n",
    )
    assert counts(result) == (2, 0, 0, 2)
    assert result.preview.ignored == ("colour",)
    reasons = [row["error"] for row in exchange.failed()]
    assert "'X9' names no sales order" in reasons[0]
    assert "no open line of product-sku 'C'" in reasons[1]
    assert promise(exchange, "1/2") == date(2026, 12, 20)


def test_t10_a_past_promise_is_handed_back_and_the_others_apply(exchange: Exchange) -> None:
    result = exchange.run(
        "IMP_ORD_ITEM_UPD",
        "order-id,order-item-seq-id,promised-datetime\n1,1,2020-01-01\n1,2,2026-12-20\n",
    )
    assert counts(result) == (1, 0, 0, 1)
    (row,) = exchange.failed()
    assert list(row)[-1] == "error"
    assert row["error"] == f"2020-01-01 is over: promise {TODAY} or later"
    assert promise(exchange, "1/1") == LATER
    assert promise(exchange, "1/2") == date(2026, 12, 20)


def test_every_documented_row_error_of_promise_dates(exchange: Exchange, book: Book) -> None:
    book.sales_order("4", TODAY, [("A", 1), ("A", 1)], external_id="X4")
    lines = {
        "77,1,,2026-12-20": "order-id '77' does not exist",
        "8,1,,2026-12-20": "order-id '8' is not a sales order",
        "1,7,,2026-12-20": "sales order '1' has no item '00007'",
        "1,x,,2026-12-20": "is not an item number",
        "3,1,,2026-12-20": "cannot change: it is cancelled",
        "4,,A,2026-12-20": "several open lines",
        "1,1,,": "promised-datetime is empty",
        "1,2,,soon": "is not a date",
        "2,1,,2026-02-30": "not a day of the calendar",
        ",1,,2026-12-20": "are both empty",
        "2,,,2026-12-20": "are both empty",
        "4,1,,2026-12-20": "more than once",
        "4,00001,,2026-12-21": "more than once",
        "1,1,,2026-12-20,too,many": "more fields",
    }
    header = "order-id,order-item-seq-id,product-sku,promised-datetime\n"
    result = exchange.run("IMP_ORD_ITEM_UPD", header + "\n".join(lines) + "\n")
    assert counts(result) == (0, 0, 0, len(lines))
    assert result.change_set_id is None
    for reason, row in zip(lines.values(), exchange_rows(exchange), strict=True):
        assert reason in row[-1]


def exchange_rows(exchange: Exchange) -> list[list[str]]:
    """The cells of the failed rows."""
    import csv

    with exchange.failed_path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def test_clear_takes_a_promise_away(exchange: Exchange) -> None:
    header = "order-id,order-item-seq-id,promised-datetime\n"
    result = exchange.run("IMP_ORD_ITEM_UPD", f"{header}1,1,clear\n2,1,CLEAR\n")
    assert counts(result) == (1, 1, 0, 0)
    assert promise(exchange, "1/1") is None


def test_what_is_there_already_is_unchanged_and_applies_nothing(exchange: Exchange) -> None:
    text = "order-id,order-item-seq-id,promised-datetime\n1,1,2026-12-20\n2,1,2026-12-20\n"
    assert counts(exchange.run("IMP_ORD_ITEM_UPD", text)) == (2, 0, 0, 0)
    again = exchange.run("IMP_ORD_ITEM_UPD", text)
    assert counts(again) == (0, 2, 0, 0)
    assert again.change_set_id is None


def test_second_date_forms_are_chosen_never_guessed(exchange: Exchange) -> None:
    text = "order-id,order-item-seq-id,promised-datetime\n1,1,12/11/2026\n2,1,12/10/2026\n"
    with pytest.raises(StructuralFault, match=r"'12/11/2026' is 2026-12-11 as MM/DD/YYYY or 2026"):
        exchange.run("IMP_ORD_ITEM_UPD", text)
    assert promise(exchange, "2/1") is None
    exchange.run("IMP_ORD_ITEM_UPD", text, ImportOptions(date_format="mdy"))
    assert promise(exchange, "2/1") == date(2026, 12, 10)
    mixed = "order-id,order-item-seq-id,promised-datetime\n1,1,2026-12-24\n2,1,12/10/2026\n"
    assert counts(exchange.run("IMP_ORD_ITEM_UPD", mixed)) == (1, 0, 0, 1)
    assert "--date-format" in exchange.failed()[0]["error"]


# --- Round trip ---------------------------------------------------------------------------------


def test_an_export_comes_back_unchanged_and_conflicts_are_told(
    exchange: Exchange, service: Service
) -> None:
    path = exchange.export("EXP_ORD_ITEM_UPD")
    assert counts(exchange.run("IMP_ORD_ITEM_UPD", path)) == (0, 3, 0, 0)

    service.apply(service.plan_promise_date(LineId("1", "00001"), date(2026, 12, 30)))
    service.apply(service.plan_promise_date(LineId("1", "00002"), date(2026, 12, 31)))

    def change(row: dict[str, str]) -> None:
        if row["order-item-seq-id"] == "00001":
            row["promised-datetime"] = "2026-12-24"

    edited = edit(path, change)
    result = exchange.run("IMP_ORD_ITEM_UPD", edited)
    # 2/1 is clean, 1/1 was moved by somebody else, 1/2 nobody edited: theirs stays.
    assert counts(result) == (1, 1, 1, 0)
    assert promise(exchange, "2/1") == date(2026, 12, 24)
    assert promise(exchange, "1/1") == date(2026, 12, 30)
    assert promise(exchange, "1/2") == date(2026, 12, 31)
    (conflict,) = result.preview.first_conflicts
    assert (conflict.key, conflict.base, conflict.ours, conflict.theirs) == (
        "1/00001", LATER.isoformat(), "2026-12-24", "2026-12-30",
    )  # fmt: skip
    assert conflict.who.startswith("by ana on")

    assert exchange.failed() == []
    (row,) = read_rows(exchange.conflicts_path)
    assert result.conflicts == str(exchange.conflicts_path)
    assert "is 2026-12-30 now, this row says 2026-12-24" in row["error"]
    again = exchange.run("IMP_ORD_ITEM_UPD", exchange.write(exchange.conflicts_path.read_bytes()))
    assert counts(again) == (1, 0, 0, 0)
    assert promise(exchange, "1/1") == date(2026, 12, 24)
    assert counts(exchange.run("IMP_ORD_ITEM_UPD", edited)) == (0, 3, 0, 0)
    holds(exchange)


def test_a_token_on_another_row_is_noticed(exchange: Exchange) -> None:
    path = exchange.export("EXP_ORD_ITEM_UPD")
    tokens = [row["row-token"] for row in read_rows(path)]

    def shift(row: dict[str, str]) -> None:
        row["row-token"] = tokens[(tokens.index(row["row-token"]) + 1) % len(tokens)]
        row["promised-datetime"] = "2026-12-24"

    result = exchange.run("IMP_ORD_ITEM_UPD", edit(path, shift))
    assert counts(result) == (0, 0, 0, 3)
    assert "does not belong to this row" in exchange.failed()[0]["error"]


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file."""
    from tests.preorder_tui.exim_files import read

    return read(path)


def test_an_emptied_promise_is_no_wish_to_clear(exchange: Exchange) -> None:
    path = exchange.export("EXP_ORD_ITEM_UPD")
    edited = edit(path, lambda row: row.update({"promised-datetime": ""}))
    assert counts(exchange.run("IMP_ORD_ITEM_UPD", edited)) == (0, 1, 0, 2)
    assert "write CLEAR" in exchange.failed()[0]["error"]


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
        "5,1,2027-01-20,8": "not in the pre-order or backorder queue",
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
