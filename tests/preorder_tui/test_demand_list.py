"""Lists of a purchase order line: their beginning, their roll and their rows say the same."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from preorder_tui import demand_list
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, UnknownId
from preorder_tui.lines import LineId, parse_line
from preorder_tui.records import Demand, DemandEntry, DemandRow
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY

PO = LineId("20001", "00001")
SOON, LATER, EARLIER = (TODAY + timedelta(days=n) for n in (20, 40, 10))
KINDS: tuple[Demand, ...] = ("review", "allocate", "sync")


@pytest.fixture
def desk(engine: Engine, clock: Clock) -> Service:
    """Thirty lines: allocated, partly, out of sync, released, cancelled, and of other products."""
    book = Book(engine, clock)
    book.product("A")
    for number in range(20):
        # Ids count down: the queue goes by the date. Two orders share each moment.
        book.sales_order(
            str(10_100 - number),
            date(2026, 5, 1) + timedelta(days=number // 2),
            [("A", 2), ("B", 1)] if number % 4 == 0 else [("A", 2)],
            promised=(None, EARLIER, SOON)[number % 3],
            facility="_NA_" if number == 7 else "PRE_ORDER_PARKING",
            status="ORDER_COMPLETED" if number == 9 else "ORDER_APPROVED",
        )
    book.sales_order("10300", date(2026, 5, 2), [("A", 1)], facility="WH1")
    book.purchase_order(PO.order_id, SOON, [("A", 100)])
    book.purchase_order("20002", LATER, [("A", 100)])
    for number in range(0, 20, 2):
        book.allocate(f"{10_100 - number}/1", str(PO), 1)
    for number in (7, 9):
        book.allocate(f"{10_100 - number}/1", str(PO), 2)
    book.allocate("10096/1", "20002/1", 1)
    service = Service(engine, Actor("ana"), clock)
    service.apply(service.plan_pin(parse_line("10090/1"), PO))
    service.apply(service.plan_cancel_item(parse_line("10098/1"), "OICR_CHANGE_MIND"))
    return service


def whole(service: Service, kind: Demand) -> tuple[DemandRow, ...]:
    with service.engine.connect() as connection:
        found = demand_list.whole(connection, service.clock, kind, PO)
    return (*found.rows, *found.cancelled)


def as_entry(row: DemandRow, kind: Demand) -> tuple[object, ...]:
    """What an entry says of it."""
    if row.reason == "it is cancelled":
        return (row.line, 0, 0, None, row.reason, False)
    if kind == "allocate":
        return (row.line, 0, row.open_quantity, None, "", False)
    return (row.line, row.allocated_here, 0, row.days, row.reason, row.pinned)


def said(entry: DemandEntry, kind: Demand) -> tuple[object, ...]:
    pinned = entry.pinned
    return (
        entry.line, entry.allocated_here, entry.open_quantity, entry.days, entry.reason, pinned,
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_roll_says_what_the_rows_say(desk: Service, kind: Demand) -> None:
    rows, roll = whole(desk, kind), desk.demand_roll(kind, PO)
    expected = [as_entry(row, kind) for row in rows]
    if kind == "sync":  # in a row the pin may be on another allocation of the line
        expected = [(*one[:-1], entry.pinned) for one, entry in zip(expected, roll, strict=True)]
    assert [said(entry, kind) for entry in roll] == expected
    assert len(roll) >= 9
    assert [entry.key for entry in roll] == sorted(entry.key for entry in roll)
    assert any(entry.reason for entry in roll) == (kind != "allocate")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 5, 100])
def test_it_begins_with_the_first_of_them(desk: Service, kind: Demand, size: int) -> None:
    start = desk.demand_start(kind, PO, size)
    roll = [entry for entry in desk.demand_roll(kind, PO) if not entry.cancelled]
    assert start.page.rows == whole(desk, kind)[: min(size, len(roll))]
    assert list(start.page.keys) == [entry.key for entry in roll[:size]]
    assert start.page.at_end == (len(roll) <= size)
    assert start.facts == desk.demand_facts(PO)
    assert start.facts.quantity == 100


@pytest.mark.parametrize("kind", KINDS)
def test_some_rows_are_those_of_the_whole(desk: Service, kind: Demand) -> None:
    everything = whole(desk, kind)
    gone = [entry.line for entry in desk.demand_roll(kind, PO) if entry.cancelled]
    present = [row for row in everything if row.line not in gone]
    some = [row.line for row in present[2:7]]
    missing = LineId("1", "00001")
    found = desk.demand_rows(kind, PO, [*some, missing], gone)
    assert found == (*present[2:7], *(row for row in everything if row.line in gone))


def test_the_queue_goes_by_the_date_then_by_the_id(desk: Service) -> None:
    dates = [(row.order_date, *row.line) for row in whole(desk, "allocate")]
    assert dates == sorted(dates)
    assert len({first for first, *_ in dates}) < len(dates), "some share a moment"


def test_in_review_cancelled_lines_come_last(desk: Service) -> None:
    roll = desk.demand_roll("review", PO)
    assert [str(entry.line) for entry in roll if entry.cancelled] == ["10098/00001"]
    assert roll[-1].cancelled
    assert sum(entry.allocated_here for entry in roll) == desk.review_allocations(PO).recorded


def test_of_a_line_that_is_none(desk: Service) -> None:
    for kind in KINDS:
        with pytest.raises(UnknownId):
            desk.demand_roll(kind, LineId("20001", "00009"))
        with pytest.raises(Refused, match="sales order"):
            desk.demand_start(kind, parse_line("10096/1"), 10)
