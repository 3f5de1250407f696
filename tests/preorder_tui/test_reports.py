"""Reports (domain §5): what they count, whom they leave out, and that their sums add up."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, select, update

from data import tables as t
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, UnknownId, WrongUsage
from preorder_tui.lines import LineId, parse_line
from preorder_tui.report_catalogue import REPORTS, Report, Window, report_kind, window_of
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.command_line import CommandLine

YESTERDAY = TODAY - timedelta(days=1)
EARLY, LATER = date(2026, 12, 10), date(2027, 1, 15)
HOSTILE = "=cmd|' /C calc'!A0\x1b[2J [b]x[/b]"


def cells(report: Report, *names: str) -> list[tuple[Any, ...]]:
    """Some columns of every row."""
    places = [report.kind.place(name) for name in names]
    return [tuple(row.cells[place] for place in places) for row in report.rows]


def price(engine: Engine, line: str, amount: str) -> None:
    """Give a line its unit price."""
    key = parse_line(line)
    with engine.begin() as connection:
        connection.execute(
            update(t.order_item)
            .where(
                t.order_item.c.ORDER_ID == key.order_id,
                t.order_item.c.ORDER_ITEM_SEQ_ID == key.order_item_seq_id,
            )
            .values(UNIT_PRICE=Decimal(amount))
        )


def set_queue(engine: Engine, order_id: str, facility: str, *, origin: str = "desk") -> None:
    """Release an order's only line as the journal will tell it."""
    with engine.begin() as connection:
        group = t.order_item_ship_group
        old = connection.execute(
            select(group.c.FACILITY_ID).where(group.c.ORDER_ID == order_id)
        ).scalar_one()
        connection.execute(
            update(group).where(group.c.ORDER_ID == order_id).values(FACILITY_ID=facility)
        )
        change_set_id = connection.execute(
            insert(t.change_set)
            .values(
                CHANGE_DATETIME=datetime.combine(TODAY, time(9)),
                CHANGE_USER_LOGIN="ana",
                ORIGIN=origin,
                COMMAND=f"release {order_id}/1",
                CHANGE_COUNT=1,
            )
            .returning(t.change_set.c.CHANGE_SET_ID)
        ).scalar_one()
        connection.execute(
            insert(t.order_item_change).values(
                CHANGE_SET_ID=change_set_id,
                ORDER_ID=order_id,
                ORDER_ITEM_SEQ_ID="00001",
                CHANGE_TYPE_ENUM_ID="ODR_ITM_UPDATE",
                FIELD="facilityId",
                OLD_VALUE=old,
                NEW_VALUE=facility,
            )
        )


# --- Promise date changed -------------------------------------------------------------------------


def test_several_changes_of_a_promise_are_one_from_the_first_to_the_last(
    service: Service, book: Book
) -> None:
    book.party("Ada", email="ada@example.org")
    (line,) = book.sales_order("10001", YESTERDAY, [("SKU-1", 2)], customer="Ada", promised=EARLY)
    book.purchase_order("20001", LATER, [("SKU-1", 5)], external_id="PO-A")
    book.allocate("10001/1", "20001/1", 2)
    service.apply(service.plan_promise_date(line, LATER))
    service.apply(service.plan_promise_date(line, LATER + timedelta(days=1)))
    found = service.report("promise-date-changes")
    assert found.window == Window(YESTERDAY, TODAY)
    assert [row.line for row in found.rows] == [line]
    assert cells(found, "orderId", "correspondingPoId", "customerName", "emailAddress", "days") == [
        ("10001", "PO-A", "Ada", "ada@example.org", 37)
    ]
    assert cells(found, "fromPromisedDatetime", "toPromisedDatetime") == [
        (EARLY, LATER + timedelta(days=1))
    ]


def test_a_promise_that_came_back_is_not_told(service: Service, book: Book) -> None:
    (line,) = book.sales_order("10001", YESTERDAY, [("SKU-1", 2)], promised=EARLY)
    service.apply(service.plan_promise_date(line, LATER))
    service.apply(service.plan_undo())
    assert service.report("promise-date-changes").rows == ()


def test_only_changes_of_the_window_count_and_its_days_are_the_sites(
    engine: Engine, book: Book
) -> None:
    (line,) = book.sales_order("10001", YESTERDAY, [("SKU-1", 2)], promised=EARLY)
    tokyo = Clock(ZoneInfo("Asia/Tokyo"), TODAY)
    service = Service(engine, Actor("ana"), tokyo)
    service.apply(service.plan_promise_date(line, LATER))
    with engine.begin() as connection:  # 16:00 UTC is tomorrow in Tokyo
        connection.execute(
            update(t.change_set).values(CHANGE_DATETIME=datetime.combine(TODAY, time(16)))
        )
    tomorrow = TODAY + timedelta(days=1)
    assert not service.report("promise-date-changes", Window(TODAY, TODAY)).rows
    assert len(service.report("promise-date-changes", Window(tomorrow, tomorrow)).rows) == 1
    utc = Service(engine, Actor("ana"), Clock(UTC, TODAY))
    assert len(utc.report("promise-date-changes", Window(TODAY, TODAY)).rows) == 1


# --- Pre-order summary and product performance ----------------------------------------------------


def test_the_summary_tells_revenue_per_order_date_and_the_share_of_pre_orders(
    service: Service, book: Book, engine: Engine
) -> None:
    book.sales_order("10001", TODAY, [("SKU-1", 2)])
    book.sales_order("10002", TODAY, [("SKU-2", 1)], facility="WH1")
    book.sales_order("10003", TODAY, [("SKU-1", 9)], status="ORDER_CANCELLED")
    book.sales_order("10004", YESTERDAY, [("SKU-1", 1)], facility="BACKORDER_PARKING")
    for line, amount in (("10001/1", "10.10"), ("10002/1", "79.80"), ("10004/1", "5")):
        price(engine, line, amount)
    found = service.report("pre-order-summary")
    assert cells(
        found, "orderDate", "totalRevenue", "preOrderRevenue", "preOrderUnits", "preOrderPercent"
    ) == [
        (TODAY, Decimal("100.00"), Decimal("20.20"), 2, Decimal("20.2")),
        (YESTERDAY, Decimal("5.00"), Decimal("0.00"), 0, Decimal("0.0")),
    ]


def test_a_day_without_revenue_has_no_percentage(service: Service, book: Book) -> None:
    book.sales_order("10001", TODAY, [("SKU-1", 2)])
    assert cells(service.report("pre-order-summary"), "preOrderPercent", "totalUnits") == [
        (None, 2)
    ]


def test_currencies_are_not_added_together(service: Service, book: Book, engine: Engine) -> None:
    for order_id, currency in (("10001", "EUR"), ("10002", "USD")):
        book.sales_order(order_id, TODAY, [("SKU-1", 1)])
        price(engine, f"{order_id}/1", "7")
        with engine.begin() as connection:
            connection.execute(
                update(t.order_header)
                .where(t.order_header.c.ORDER_ID == order_id)
                .values(CURRENCY_UOM=currency)
            )
    assert cells(service.report("pre-order-summary"), "currencyUom", "totalRevenue") == [
        ("EUR", Decimal("7.00")),
        ("USD", Decimal("7.00")),
    ]


def test_a_released_line_stays_a_pre_order(service: Service, book: Book, engine: Engine) -> None:
    """Pre-order needs a lasting mark: the journal, else the supply of a new product (§5)."""
    book.sales_order("10001", TODAY, [("SKU-1", 2)])
    set_queue(engine, "10001", "WH1")
    book.sales_order("10002", TODAY, [("SKU-1", 3)], facility="BACKORDER_PARKING")
    set_queue(engine, "10002", "WH1")
    book.purchase_order("20001", EARLY, [("SKU-1", 5), ("SKU-2", 5)])
    with engine.begin() as connection:
        connection.execute(
            update(t.order_item)
            .where(t.order_item.c.ORDER_ID == "20001", t.order_item.c.ORDER_ITEM_SEQ_ID == "00001")
            .values(IS_NEW_PRODUCT="Y")
        )
    book.sales_order("10003", TODAY, [("SKU-1", 1), ("SKU-2", 1)], facility="WH1")
    book.allocate("10003/1", "20001/1", 1)
    book.allocate("10003/2", "20001/2", 1)
    assert cells(service.report("pre-order-summary"), "preOrderUnits", "totalUnits") == [(3, 7)]


def test_product_performance_is_per_variant_the_best_first(
    service: Service, book: Book, engine: Engine
) -> None:
    book.product("SKU-1", parent="Jacket", color="Blue", size="M")
    book.sales_order("10001", TODAY, [("SKU-1", 2), ("SKU-2", 1)])
    book.sales_order("10002", YESTERDAY, [("SKU-1", 1)], facility="WH1")
    book.sales_order("10003", TODAY - timedelta(days=30), [("SKU-1", 50)])
    for line, amount in (("10001/1", "3"), ("10001/2", "100"), ("10002/1", "4")):
        price(engine, line, amount)
    assert cells(
        service.report("product-performance"),
        "parentProductName", "internalName", "color", "size", "revenue", "units", "preOrderUnits",
    ) == [
        ("", "SKU-2", "", "", Decimal("100.00"), 1, 1),
        ("Jacket", "SKU-1", "Blue", "M", Decimal("10.00"), 3, 2),
    ]  # fmt: skip


def test_released_lines_come_from_the_journal(service: Service, book: Book, engine: Engine) -> None:
    book.sales_order("10001", TODAY, [("SKU-1", 2)])
    book.sales_order("10002", TODAY, [("SKU-1", 3)], facility="BACKORDER_PARKING")
    book.sales_order("10003", TODAY, [("SKU-1", 3)])
    set_queue(engine, "10001", "WH1")
    set_queue(engine, "10002", "_NA_", origin="job")
    set_queue(engine, "10003", "BACKORDER_PARKING")  # from queue to queue: not released
    assert cells(
        service.report("released"), "orderId", "units", "autoReleased", "fromFacilityId"
    ) == [("10002", 3, "Y", "BACKORDER_PARKING"), ("10001", 2, "N", "PRE_ORDER_PARKING")]


# --- Worklists ------------------------------------------------------------------------------------


@pytest.fixture
def worked(book: Book) -> Book:
    """Lines of every kind, and what must stay out of each list."""
    old = TODAY - timedelta(days=40)
    book.purchase_order("20001", EARLY, [("SKU-1", 5)], external_id="PO-A")
    book.purchase_order("20002", YESTERDAY, [("SKU-1", 5)], external_id="PO-L")
    book.purchase_order("20003", YESTERDAY, [("SKU-1", 5)], status="ORDER_COMPLETED")
    book.sales_order("10001", old, [("SKU-1", 4)])
    book.sales_order("10002", TODAY, [("SKU-1", 3)])
    book.allocate("10002/1", "20001/1", 1)  # partly: two units are open
    book.sales_order("10003", old, [("SKU-1", 4)], facility="_NA_")
    book.sales_order("10004", old, [("SKU-1", 4)], status="ORDER_CANCELLED")
    book.sales_order("10005", old, [("SKU-1", 1)], promised=date(2026, 12, 1))
    book.allocate("10005/1", "20001/1", 1)  # promised before it arrives
    book.sales_order("10006", old, [("SKU-1", 1)], promised=LATER)
    book.allocate("10006/1", "20001/1", 1)  # promised later than it arrives
    book.sales_order("10007", old, [("SKU-1", 1)], promised=YESTERDAY)
    book.sales_order("10008", old, [("SKU-1", 1)], promised=YESTERDAY, status="ORDER_COMPLETED")
    return book


def orders(service: Service, name: str, *more: str) -> list[tuple[Any, ...]]:
    return cells(service.report(name), "orderId", *more)


def test_unallocated_lines_by_age(service: Service, worked: Book) -> None:
    found = orders(service, "unallocated", "days", "openQuantity")
    assert found == [("10001", 40, 4), ("10007", 40, 1), ("10002", 0, 2)]
    chart = service.report("unallocated").chart
    assert chart is not None
    assert [bar.value for bar in chart.bars] == [2, 0, 0, 5, 0, 0]


def test_out_of_sync_and_promise_before_arrival(service: Service, worked: Book) -> None:
    assert orders(service, "out-of-sync", "correspondingPoId", "days") == [
        ("10002", "PO-A", None),
        ("10005", "PO-A", -9),
        ("10006", "PO-A", 36),
    ]
    assert orders(service, "promise-before-arrival", "days") == [("10005", -9)]
    chart = service.report("out-of-sync").chart
    assert chart is not None
    assert [(bar.label, bar.value) for bar in chart.bars] == [("PO-A", 3)]


def test_overdue_promises_and_late_purchase_lines(service: Service, worked: Book) -> None:
    assert orders(service, "overdue", "days") == [("10007", 1)]
    assert orders(service, "late-purchase-lines", "days", "outstanding") == [("20002", 1, 5)]


def test_supply_against_demand_the_largest_shortage_first(service: Service, worked: Book) -> None:
    worked.sales_order("10020", TODAY, [("SKU-9", 30)])
    found = service.report("supply-and-demand")
    assert cells(found, "internalName", "demand", "lines", "supply", "shortage") == [
        ("SKU-9", 30, 1, 0, 30),
        ("SKU-1", 7, 3, 7, 0),
    ]
    assert cells(found, "nextArrival")[1] == (YESTERDAY,)


def test_ages_meet_without_gap_or_overlap(service: Service, book: Book) -> None:
    for number, age in enumerate((0, 7, 8, 14, 15, 30, 31, 60, 61, 90, 91, 400)):
        book.sales_order(str(10001 + number), TODAY - timedelta(days=age), [("SKU-1", 1)])
    chart = service.report("unallocated").chart
    assert chart is not None
    assert [bar.value for bar in chart.bars] == [2] * 6


# --- All of them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", REPORTS, ids=lambda kind: kind.name)
def test_every_report_of_an_empty_book_is_empty(service: Service, book: Book, kind: Any) -> None:
    found = service.report(kind.name)
    assert (found.rows, found.capped, found.chart) == ((), False, None)


@pytest.mark.parametrize("kind", REPORTS, ids=lambda kind: kind.name)
def test_every_row_has_a_cell_for_each_column_and_survives_a_csv_file(
    service: Service, worked: Book, kind: Any, tmp_path: Path
) -> None:
    worked.party(HOSTILE)
    (line,) = worked.sales_order(
        "10030", TODAY, [("=SKU", 1)], customer=HOSTILE, promised=YESTERDAY
    )
    service.apply(service.plan_promise_date(line, LATER))
    found = service.report(kind.name)
    for row in found.rows:
        assert len(row.cells) == len(kind.columns)
        assert not any("\x1b" in str(cell) for cell in row.cells)
    path = tmp_path / "report.csv"
    assert service.export_report(kind.name, None, path) == len(found.rows)
    written = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert written[0] == [column.name for column in kind.columns]
    assert len(written) == len(found.rows) + 1
    texts = [kind.columns[n].kind == "text" for n in range(len(kind.columns))]
    for record in written[1:]:
        for cell, is_text in zip(record, texts, strict=True):
            assert not (is_text and cell.startswith(("=", "+", "-", "@")))


def test_rows_are_bounded_and_a_file_has_them_all(
    service: Service, book: Book, tmp_path: Path
) -> None:
    for number in range(7):
        book.sales_order(str(10001 + number), TODAY, [("SKU-1", 1)])
    found = service.report("unallocated", limit=5)
    assert (len(found.rows), found.capped) == (5, True)
    assert not service.report("unallocated", limit=7).capped
    path = tmp_path / "all.csv"
    assert service.export_report("unallocated", None, path) == 7
    with pytest.raises(Refused, match="exists already"):
        service.export_report("unallocated", None, path)


def test_windows() -> None:
    summary, changes = report_kind("Pre-order summary"), report_kind("promise-date-changes")
    assert window_of(changes, TODAY, None, None) == Window(YESTERDAY, TODAY)
    assert window_of(summary, TODAY, TODAY, None) == Window(TODAY, TODAY)
    assert window_of(summary, TODAY, None, YESTERDAY) == Window(date(2026, 10, 26), YESTERDAY)
    assert Window(YESTERDAY, TODAY).moved(-1) == Window(date(2026, 11, 22), date(2026, 11, 23))
    refusals: list[tuple[Callable[[], object], str]] = [
        (lambda: window_of(summary, TODAY, TODAY, YESTERDAY), "is before"),
        (lambda: window_of(summary, TODAY, date(2020, 1, 1), TODAY), "at most 366 days"),
        (lambda: window_of(summary, TODAY, None, date.min), "no such days"),
        (lambda: window_of(report_kind("overdue"), TODAY, TODAY, None), "takes no dates"),
        (lambda: Window(date.min, TODAY).moved(-1), "no such days"),
    ]
    for refused, sentence in refusals:
        with pytest.raises(WrongUsage, match=sentence):
            refused()
    with pytest.raises(UnknownId, match="there is no report 'x'"):
        report_kind("x")


# --- By command line ------------------------------------------------------------------------------


def test_report_by_command_line(cli: CommandLine, book: Book, tmp_path: Path) -> None:
    book.sales_order("10001", TODAY, [("SKU-1", 2)], promised=YESTERDAY)
    said = cli("report", "overdue")
    assert said.status == 0
    assert "SKU-1" in said.out
    assert said.out.endswith("1 row.\n")
    found = cli.json("report", "overdue")
    assert found["rows"][0]["promisedDatetime"] == YESTERDAY.isoformat()
    assert found["rows"][0]["facilityId"] == "PRE_ORDER_PARKING"
    path = tmp_path / "overdue.csv"
    assert cli("report", "overdue", "--csv", path).out.startswith("1 row written to ")
    assert "exists already" in cli.refuses(1, "report", "overdue", "--csv", path)
    assert cli("report", "overdue", "--csv", path, "--replace").status == 0
    assert "there is no report" in cli.refuses(1, "report", "nonsense")
    assert "takes no dates" in cli.refuses(2, "report", "overdue", "--from", TODAY)
    assert "not a date" in cli.refuses(2, "report", "pre-order-summary", "--to", "31.12.")


def test_reports_import_no_pandas() -> None:
    code = (
        "import sys, preorder_tui.service, preorder_tui.report_changes, preorder_tui.report_sales, "
        "preorder_tui.report_supply, preorder_tui.report_worklists, preorder_tui.commands.reports;"
        "print([name for name in ('pandas', 'numpy', 'alembic') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_lines_are_named(service: Service, worked: Book) -> None:
    assert service.report("overdue").rows[0].line == LineId("10007", "00001")
