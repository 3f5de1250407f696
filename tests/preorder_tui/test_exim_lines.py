"""EXIM imports about order lines: promise dates, and their way out and back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from preorder_tui.exim.layout import StructuralFault
from preorder_tui.exim.records import ImportOptions
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.exim_files import Exchange, counts, edit, history, holds, promise
from tests.preorder_tui.exim_lines_book import LATER, exchange

__all__ = ["exchange"]


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
