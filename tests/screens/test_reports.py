"""Reports by keys: the list, a report's days, its chart, its rows, its file."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update
from textual.pilot import Pilot

from data.tables import party
from preorder_tui.clock import Clock
from preorder_tui.desk_options import DeskOptions
from preorder_tui.lines import parse_line
from preorder_tui.report_catalogue import REPORTS, Bar, Chart, report_kind
from preorder_tui.service import Service
from screens.app import DeskApp
from screens.report_columns import report_columns
from screens.report_page import ReportPage
from screens.reports import Reports
from screens.view_sales_order import ViewSalesOrder
from screens.widgets.bar_chart import BarChart
from tests.screens.procurement_desk import NARROW, WIDE, desk_on
from tests.screens.sales_book import LATER, engine, service
from tests.screens.typing_ahead import settled, type_ahead, until

__all__ = ["engine", "service"]

HOSTILE = "Eve [bold]B[/] \x1b[2J\u202e [@click=app.exit]x"


def page(name: str) -> Any:
    return lambda: ReportPage(report_kind(name))


async def test_from_the_hamburger_menu_to_a_report_and_on_to_its_order(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("f10", *"rep", "enter")
        await hand.until("How things stand now")
        await hand.press(*["down"] * 4, "enter")
        await hand.until("Reports › Unallocated lines")
        assert "Ada Love" in hand.row("10001")
        await hand.press("enter")
        await hand.until("Order +#10001|Order +#10003")
        assert isinstance(hand.app.screen, ViewSalesOrder)
        await hand.press("b")
        await hand.until("Reports › Unallocated lines")


async def test_the_whole_way_typed_ahead_in_one_write(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("f10", *"rep", "enter", *["down"] * 4, "enter", "c")
        await hand.until("Open units by days since the order")


async def test_days_are_chosen_and_moved(service: Service) -> None:
    service.apply(service.plan_promise_date(parse_line("10003/1"), LATER))
    async with desk_on(service, page("promise-date-changes")) as hand:
        await hand.until("2026-11-24 to 2026-11-25 · 1 row ")
        assert "Alan Tur" in hand.row("10003")
        await hand.press("left")
        await hand.until("2026-11-22 to 2026-11-23 · 0 rows")
        await hand.until("Nothing to report")
        await hand.press("right", "w")
        await hand.until("Days of Promise date changed")
        await hand.press(*"2026-11-25", "enter", *"2026-11-25", "enter")
        await hand.until("^2026-11-25 · 1 row ")
        await hand.press("w", *"2020-01-01", "enter", "enter")
        await hand.until("at most 366 days")
        assert hand.row("2026-11-25 · 1 row"), "what is shown is still what the line says"


async def test_a_report_of_now_has_no_days(service: Service) -> None:
    async with desk_on(service, page("overdue")) as hand:
        await hand.until("1 row")
        await hand.press("w")
        assert "no days to choose" in hand.sentence
        await hand.press("left")
        assert "no days to choose" in hand.sentence


async def test_the_chart_is_shown_when_there_is_room_or_somebody_asks(service: Service) -> None:
    async with desk_on(service, page("unallocated")) as hand:
        await hand.until("rows ·")
        assert "Open units by" not in hand.text
        await hand.press("c")
        assert "up to 7 days" in hand.text
        await hand.press("c")
        assert "Open units by" not in hand.text
    async with desk_on(service, page("unallocated"), size=WIDE) as hand:
        await hand.until("Open units by days since the order")


async def test_a_sum_opens_no_order(service: Service) -> None:
    async with desk_on(service, page("supply-and-demand")) as hand:
        await hand.until("HJ-BLU-M")
        await hand.press("enter")
        assert "no one order to open" in hand.sentence


async def test_a_report_says_when_orders_have_changed_since(service: Service) -> None:
    async with desk_on(service, page("overdue")) as hand:
        await hand.until("1 row")
        service.apply(service.plan_promise_date(parse_line("10003/1"), LATER))
        hand.app.tell_changed()
        await hand.until("orders have changed since: F5")
        await hand.press("r")
        await hand.until("0 rows")
        assert "have changed since" not in hand.text


async def test_export_writes_all_rows_and_never_over_a_file_unasked(
    service: Service, tmp_path: Path
) -> None:
    path = tmp_path / "overdue.csv"
    async with desk_on(service, page("overdue")) as hand:
        await hand.until("1 row")
        for question in ("", "Replace overdue.csv"):
            await hand.press("o")
            await hand.until("Export everything")
            await hand.press(*str(path), "enter")
            if question:
                await hand.until(question)
                await hand.press("y")
            await hand.until("1 row written")
    assert list(csv.reader(path.read_text().splitlines()))[1][0] == "10003"


async def test_hostile_names_are_text(service: Service, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(party).where(party.c.PARTY_NAME == "Alan Turing").values(PARTY_NAME=HOSTILE)
        )
    async with desk_on(service, page("overdue"), size=WIDE) as hand:
        await hand.until("10003")
        assert "Customer Eve [bold]B[/] [2J [@click=app.exit]x" in hand.row("Order 10003")
        assert "\x1b" not in hand.text


# --- Columns and charts ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", REPORTS, ids=lambda kind: kind.name)
def test_the_columns_that_matter_fit_into_80_cells(kind: Any) -> None:
    from screens.line_columns import place

    placed = place(report_columns(kind), 76)
    assert sum(one.width + 1 for one in placed) - 1 <= 76
    titles = {one.column.title for one in placed}
    matters = {one.title for one in kind.columns if one.kind in ("day", "days", "percent")}
    assert len(matters - titles) <= 1, matters - titles


def test_bars_say_their_numbers_and_never_hide_what_is_there() -> None:
    chart = Chart(
        "T",
        (Bar("a", 1, 0, "1"), Bar("b", 1000, 500, "1,000"), Bar("c", 0, 0, "0"), Bar("d", 0, 9)),
    )
    widget = BarChart(ascii_only=True)
    widget._chart = chart
    lines = widget.texts(60)
    assert lines[0] == "T"
    assert lines[1].count("#") == 1
    assert lines[1].endswith(" 1")
    assert lines[2].count("#") == pytest.approx(2 * lines[2].count("-"), abs=2)
    assert "#" not in lines[3] + lines[4]
    assert lines[4].count("-") == 1
    assert all(len(line) <= 60 for line in lines)
    assert all(line.isascii() for line in lines)
    assert "█" in BarChart(ascii_only=False)._bar(1, 0, 1, 5)


# --- Pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", ["list", "unallocated", "pre-order-summary"])
def test_picture(
    name: str,
    size: tuple[int, int],
    service: Service,
    snap_compare: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Clock, "now", lambda _: datetime(2026, 11, 25, 9, 30))
    landing = Reports if name == "list" else page(name)
    app = DeskApp(DeskOptions("sqlite:///book.db", "ana"), lambda _: service, landing=landing)

    async def before(pilot: Pilot[Any]) -> None:
        await until(lambda: app.opened and app.desk_pages())
        await settled(app)
        if name != "list":
            type_ahead(app, "c")
            await settled(app)
            if size == WIDE:
                type_ahead(app, "c")
                await settled(app)

    assert snap_compare(app, terminal_size=size, run_before=before)
