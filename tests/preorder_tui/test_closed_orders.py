"""Closed orders by a date of their open lines, on SQLite: the table that knows who has one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from data.transaction import write
from preorder_tui import find_sales_orders, sales_order_ways, staged_inverse, staged_removal
from preorder_tui.lines import parse_line
from preorder_tui.records import SalesOrderQuery
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.data.test_partly_closed import check
from tests.preorder_tui.exim_files import Exchange
from tests.preorder_tui.list_ways import engine, ways
from tests.preorder_tui.sales_oracle import CLOCK, expected_lines, expected_orders, rich_book
from tests.preorder_tui.walking import check_pages

__all__ = ["engine", "ways"]

BUYER = "OICR_CHANGE_MIND"
FILE = (
    "external-id,product-store-id,item-status-id,order-date,quantity,product-sku,"
    "unit-price,customer-external-id,facility-id\n"
)


def of_file(order: str, *statuses: str) -> str:
    """An order of a file, a line for each status."""
    return "".join(
        f"{order},STORE,{status},2026-11-01,1,{sku},1.25,C1,PRE_ORDER_PARKING\n"
        for status, sku in zip(statuses, "ABC", strict=False)
    )


@pytest.fixture
def skus(book: Book) -> Book:
    for sku in "ABC":
        book.product(sku)
    return book


@pytest.mark.parametrize("staged", [False, True])
def test_imports_and_taking_them_back(
    skus: Book, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, staged: bool
) -> None:
    """New orders, and further lines of orders that are here; undo and redo, also by the set."""
    if staged:
        monkeypatch.setattr(staged_inverse, "FROM", 2)
        monkeypatch.setattr(staged_removal, "SLICE", 2)
    exchange = Exchange(service, tmp_path)

    def named(found: set[tuple[str, str]]) -> set[tuple[str, str]]:
        page = service.find_sales_orders(SalesOrderQuery(), 50)
        names = {row.order_id: row.external_id for row in page.rows}
        return {(names[order_id] or "", status) for order_id, status in found}

    done, waits = "ITEM_COMPLETED", "ITEM_APPROVED"
    first = exchange.run(
        "IMP_ORDER", FILE + of_file("OPEN", waits, waits) + of_file("DONE", done, done)
        + of_file("PART", waits, done),
    )  # fmt: skip
    assert exchange.failed() == []
    before = {("PART", done)}
    assert named(check(service.engine)) == before
    exchange.run("IMP_ORDER", FILE + of_file("OPEN", waits, waits, done))
    assert exchange.failed() == []
    after = {*before, ("OPEN", done)}
    assert named(check(service.engine)) == after
    service.apply(service.plan_undo())
    assert named(check(service.engine)) == before
    service.apply(service.plan_redo())
    assert named(check(service.engine)) == after
    service.apply(service.plan_undo())
    service.apply(service.plan_undo(first.change_set_id))
    assert check(service.engine) == set()
    service.apply(service.plan_redo())
    assert named(check(service.engine)) == before


def test_cancelling_line_by_line_and_back(skus: Book, service: Service) -> None:
    """An order is in from its first closed line to its last open one."""
    skus.sales_order("10", TODAY, [("A", 1), ("B", 1), ("C", 1)])
    skus.sales_order("11", TODAY, [("A", 1)])
    sizes = []
    for line in ("10/1", "10/3", "11/1", "10/2"):
        service.apply(service.plan_cancel_item(parse_line(line), BUYER))
        sizes.append(len(check(service.engine)))
    assert sizes == [1, 1, 1, 0]
    for _ in range(4):
        service.apply(service.plan_undo())
        sizes.append(len(check(service.engine)))
    assert sizes[4:] == [1, 1, 1, 0]
    for _ in range(4):
        service.apply(service.plan_redo())
        sizes.append(len(check(service.engine)))
    assert sizes[8:] == sizes[:4]


CLOSED: tuple[dict[str, Any], ...] = (
    {"statuses": ("ORDER_COMPLETED",)},
    {"statuses": ("ORDER_COMPLETED", "ORDER_CANCELLED")},
    {"statuses": ("ORDER_REJECTED",)},
    {"item_statuses": ("ITEM_COMPLETED",)},
    {"item_statuses": ("ITEM_CANCELLED", "ITEM_COMPLETED")},
    {"item_statuses": ("ITEM_CANCELLED",), "statuses": ("ORDER_CANCELLED",)},
    {"item_statuses": ("ITEM_CANCELLED",), "promised_from": TODAY},
    {"item_statuses": ("ITEM_COMPLETED",), "statuses": ("ORDER_APPROVED",)},
    {"statuses": ("ORDER_CANCELLED",), "facility_ids": ("PRE_ORDER_PARKING",)},
)


@pytest.mark.parametrize("few", [True, False])
def test_closed_orders_by_a_date_of_their_open_lines(
    engine: Engine,
    ways: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    few: bool,
) -> None:
    """A page comes from the table that knows who has one, and is the same as by every other way."""
    book = rich_book()
    write(engine, book.write)
    ways("few" if few else "many")
    monkeypatch.setattr(sales_order_ways, "LONGEST_WALK_SECONDS", 60)
    monkeypatch.setattr(sales_order_ways._Asked, "_fewest", lambda *_: None)
    gather, answers = sales_order_ways._Asked._gather_closed, []

    def gathering(asked: Any, most: int) -> Any:
        answers.append((most, gather(asked, most)))
        return answers[-1][1]

    monkeypatch.setattr(sales_order_ways._Asked, "_gather_closed", gathering)
    found = 0
    with engine.connect() as connection:
        for values, sort in product(CLOSED, ("promisedDatetime", "autoCancelDate")):
            query = SalesOrderQuery(sort=sort, **values)
            for page, expected, name in (
                (find_sales_orders.orders_page, expected_orders, lambda row: row.order_id),
                (find_sales_orders.items_page, expected_lines, lambda row: row.line),
            ):
                rows: Any = expected(query, book)
                found += bool(rows)
                asked = partial(page, connection, CLOCK, query)
                check_pages(asked, 7, rows, name, from_each_key=False)
    assert found > 2 * len(CLOSED)
    read = {most for most, answer in answers if answer is not None}
    assert (sales_order_ways.FEW if few else sales_order_ways.MANY) in read
