"""Pins wherever a sales order line is read, and on the command line."""

from __future__ import annotations

from datetime import date

import pytest

from preorder_tui.lines import LineId, parse_line
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.service import Service
from tests.book import Book
from tests.preorder_tui.command_line import CommandLine

SKU = "HJ-BLU-M"


@pytest.fixture
def lines(book: Book) -> list[LineId]:
    """Two lines with units from PO-A; the second has some from PO-B too, and one that has none."""
    book.purchase_order("20001", date(2027, 1, 10), [(SKU, 9)], external_id="PO-A")
    book.purchase_order("20002", date(2027, 2, 10), [(SKU, 9)], external_id="PO-B")
    for n in (1, 2, 3):
        book.sales_order(f"1000{n}", date(2026, 11, n), [(SKU, 3)])
    book.allocate("10001/1", "20001/1", 3)
    book.allocate("10002/1", "20001/1", 2)
    book.allocate("10002/1", "20002/1", 1)
    return [parse_line(f"1000{n}/1") for n in (1, 2, 3)]


def test_every_list_knows_them(service: Service, lines: list[LineId]) -> None:
    first, second = parse_line("20001/1"), parse_line("20002/1")
    service.apply(service.plan_pin(lines[1], second))

    def found() -> tuple[dict[str, bool], dict[str, bool]]:
        orders = service.find_sales_orders(SalesOrderQuery(), 50).rows
        items = service.find_sales_items(SalesOrderQuery(), 50).rows
        return (
            {row.order_id: row.pinned for row in orders},
            {row.line.order_id: row.pinned for row in items},
        )

    assert found() == ({"10001": False, "10002": True, "10003": False},) * 2
    (item,) = service.sales_order("10002").items
    assert [(one.purchase_line, one.pinned) for one in item.allocations] == [
        (first, False),
        (second, True),
    ]
    assert "pinned" in item.marks
    # In review only the allocation that is reviewed counts.
    assert [row.pinned for row in service.review_allocations(first).rows] == [False, False]
    assert [row.pinned for row in service.review_allocations(second).rows] == [True]
    newest = service.history(line=lines[1])[0]
    assert (newest.old_text, newest.new_text) == ("not pinned", "pinned to PO-B")
    service.apply(service.plan_undo())
    assert not any(found()[1].values())


def test_several_at_once(service: Service, lines: list[LineId]) -> None:
    first = parse_line("20001/1")
    plan = service.plan_pin_all(lines[:2], first)
    assert plan.title == "Pin the allocations of 2 lines"
    service.apply(plan)
    assert [row.pinned for row in service.review_allocations(first).rows] == [True, True]
    again = service.plan_pin_all(lines[:2], first)
    assert again.empty
    assert len(again.refused) == 2
    service.apply(service.plan_pin_all(lines[:2], first, pinned=False))
    assert [row.pinned for row in service.review_allocations(first).rows] == [False, False]
    assert service.find_purchase_items(PurchaseOrderQuery(), 5).rows  # nothing else moved
    assert not service.verify().violations


def test_on_the_command_line(cli: CommandLine, lines: list[LineId]) -> None:
    said = cli("pin", "10001/1", "--dry-run")
    assert said.status == 0
    row = next(line for line in said.out.splitlines() if "PO-A" in line and "not pinned" in line)
    assert row.split() == ["10001/00001", "Pin", "not", "pinned", "pinned", "PO-A/00001"]
    assert cli.json("pin", "10001/1")["applied"] == 1
    (item,) = cli.json("show", "10001")["items"]
    assert [one["pinned"] for one in item["allocations"]] == [True]
    assert {one["orderId"]: one["pinned"] for one in cli.json("review", "20001/1")["allocations"]}
    shown = cli.json("review", "20001/1")["allocations"]
    assert {one["orderId"]: one["pinned"] for one in shown} == {"10001": True, "10002": False}
    (purchase,) = cli.json("show", "20001")["items"]
    assert {one["orderId"]: one["pinned"] for one in purchase["allocations"]} == {
        "10001": True,
        "10002": False,
    }
