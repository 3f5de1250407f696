"""Why is it late? Each reason with its numbers, and what helps when it is carried out."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, update

from data.tables import order_item_ship_group
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from tests.book import Book
from tests.preorder_tui.why_book import (
    PO_A,
    PO_B,
    SKU,
    SO1,
    carry_out,
    codes,
    commands,
    in_days,
    late,
    line_of,
    pin,
    queue,
    reason,
    set_item,
    supply,
)

__all__ = ["late", "queue"]


def test_the_promise_is_before_the_arrival(service: Service, late: Book) -> None:
    found = service.why(SO1)
    assert "late: promised 9 days before its units arrive" in found.verdict
    before = reason(found, "before arrival")
    assert (before.days, before.units, before.rule) == (9, 4, "R-55")
    assert "4 units from PO-A/00001, 2026-12-24" in before.sentence
    assert "No other purchase order with free units is in time" in (
        reason(found, "in time").sentence
    )
    sooner, sync = found.suggestions
    assert sooner.sentence == ("Have the supplier deliver PO-A/00001 9 days earlier, on 2026-12-15")
    assert commands(sooner) == ["set-arrival-date 20001/00001 2026-12-15"]
    assert "9 days later" in sync.sentence
    assert commands(sync) == ["sync-dates 20001/00001 --only 10001/00001"]


def test_another_purchase_order_is_in_time(service: Service, late: Book) -> None:
    supply(late, PO_B, in_days(15), 5)
    found = service.why(SO1)
    assert "In time would be: PO-B/00001 has 5 units, 2026-12-10" in (
        reason(found, "in time").sentence
    )
    move = found.suggestions[0]
    assert commands(move) == ["move 10001/00001 20002/00001 --quantity 4"]
    carry_out(service, move)
    assert line_of(service, SO1).marks == ()


def test_changing_places_with_a_line_that_can_wait(service: Service, late: Book) -> None:
    supply(late, PO_B, in_days(15), 4)
    late.sales_order("10005", date(2026, 5, 5), [(SKU, 4)], promised=in_days(32))
    late.allocate("10005/1", "20002/1", 4)
    swap = service.why(SO1).suggestions[0]
    assert swap.sentence.startswith(
        "Change places with 10005/00001, promised 12 days later: it waits for PO-A/00001"
    )
    carry_out(service, swap)
    assert line_of(service, SO1).marks == ()
    assert line_of(service, LineId("10005", "00001")).marks == ()


def test_a_pinned_line_is_not_asked_to_change_places(
    service: Service, engine: Engine, late: Book
) -> None:
    supply(late, PO_B, in_days(15), 4)
    late.sales_order("10005", date(2026, 5, 5), [(SKU, 4)], promised=in_days(32))
    late.allocate("10005/1", "20002/1", 4)
    pin(engine, LineId("10005", "00001"))
    assert not any("10005" in one.sentence for one in service.why(SO1).suggestions)


def test_overdue_with_units_that_came_in(service: Service, engine: Engine, queue: Book) -> None:
    supply(queue, PO_A, in_days(-10), 4)
    queue.allocate("10001/1", "20001/1", 4)
    set_item(engine, PO_A, RECEIVED_QUANTITY=4)
    set_item(engine, SO1, PROMISED_DATETIME=queue.clock.end_of(in_days(-3)))
    found = service.why(SO1)
    assert "overdue: promised 2026-11-22, 3 days ago" in found.verdict
    assert reason(found, "overdue").days == 3
    assert "4 units with PO-A/00001" in reason(found, "came in").sentence


def test_supply_that_has_not_come(service: Service, queue: Book) -> None:
    supply(queue, PO_A, in_days(-2), 4)
    queue.allocate("10001/1", "20001/1", 4)
    supply(queue, PO_B, in_days(30), 5)
    found = service.why(SO1)
    assert reason(found, "supply overdue").days == 2
    carry_out(service, found.suggestions[0])
    assert line_of(service, SO1).arrival_date == in_days(30)


def test_a_promise_later_than_the_arrival(service: Service, queue: Book) -> None:
    supply(queue, PO_A, in_days(15), 4)
    queue.allocate("10001/1", "20001/1", 4)
    found = service.why(SO1)
    assert reason(found, "out of sync").days == 5
    (sync,) = found.suggestions
    assert (sync.helps, commands(sync)) == (
        "in sync",
        ["sync-dates 20001/00001 --only 10001/00001"],
    )


def test_a_released_line_keeps_what_it_has(service: Service, engine: Engine, late: Book) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(order_item_ship_group)
            .where(order_item_ship_group.c.ORDER_ID == SO1.order_id)
            .values(FACILITY_ID="_NA_")
        )
    found = service.why(SO1)
    assert codes(found) == {"not waiting", "holds", "before arrival"}
    assert found.suggestions == ()
