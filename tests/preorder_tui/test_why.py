"""Why is it unallocated, and what of a purchase order line? Each reason, and what helps."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from preorder_tui.errors import UnknownId
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from tests.book import Book
from tests.preorder_tui.why_book import (
    PO_A,
    PO_B,
    SKU,
    SO1,
    SO2,
    SO3,
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


# --- Nothing to explain --------------------------------------------------------------------------


def test_an_unknown_line(service: Service, queue: Book) -> None:
    with pytest.raises(UnknownId, match="no order line 10009/00001"):
        service.why(LineId("10009", "00001"))


@pytest.mark.parametrize(
    ("status", "facility", "said"),
    [
        ("ORDER_CANCELLED", "PRE_ORDER_PARKING", "its order is cancelled"),
        ("ORDER_COMPLETED", "PRE_ORDER_PARKING", "its order is completed"),
        ("ORDER_HOLD", "PRE_ORDER_PARKING", "its order is held"),
        ("ORDER_APPROVED", "_NA_", "it is in Brokering, not in a presell queue"),
    ],
)
def test_a_line_that_waits_for_nothing(
    service: Service, book: Book, status: str, facility: str, said: str
) -> None:
    book.sales_order("10001", date(2026, 5, 1), [(SKU, 4)], status=status, facility=facility)
    supply(book, PO_A, in_days(10), 10)
    found = service.why(SO1)
    assert found.verdict.startswith("10001/00001 waits for nothing: ")
    assert said in found.verdict
    assert codes(found) == {"not waiting"}
    assert found.queue is None
    assert found.suggestions == ()


def test_allocated_whole_and_on_time(service: Service, queue: Book) -> None:
    supply(queue, PO_A, in_days(20), 10)
    queue.allocate("10001/1", "20001/1", 4)
    found = service.why(SO1)
    assert found.verdict == "10001/00001: allocated whole (4 units), and on time."
    assert found.reasons == ()
    assert found.suggestions == ()
    assert found.queue is not None
    assert (found.queue.place, found.queue.lines) == (1, 3)


# --- Why it is unallocated -----------------------------------------------------------------------


def test_no_purchase_order_has_the_product(service: Service, queue: Book) -> None:
    found = service.why(SO2)
    assert found.verdict == "10002/00001: none of its 4 units is allocated."
    assert reason(found, "no supply").rule == "R-24"
    behind = reason(found, "behind")
    assert "number 2 of 3 lines" in behind.sentence
    assert "ahead of it are 4 units of 1 line, 0 allocated and 4 open" in behind.sentence
    assert found.suggestions == ()


def test_units_are_free_and_who_stands_ahead(service: Service, queue: Book) -> None:
    supply(queue, PO_A, in_days(10), 6)
    first, second, third = (service.why(line) for line in (SO1, SO2, SO3))
    assert "6 units are free: 6 on PO-A/00001, 2026-12-05" in reason(first, "free").sentence
    assert "nobody ahead of it waits for them" in reason(first, "free").sentence
    assert "first in, first out would leave it 2" in reason(second, "free").sentence
    assert "lines ahead wait for 8 units, more than there are" in reason(third, "free").sentence
    assert third.queue is not None
    assert third.queue.open_ahead == 8
    assert [row.line for row in third.queue.first] == [SO1, SO2]
    assert commands(first.suggestions[0]) == ["allocate 10001/00001 20001/00001 --quantity 4"]
    assert "passes by 6 units that wait ahead" in third.suggestions[0].sentence


def test_all_units_are_taken_by_earlier_orders(service: Service, queue: Book) -> None:
    supply(queue, PO_A, in_days(10), 8)
    queue.allocate("10001/1", "20001/1", 4)
    queue.allocate("10002/1", "20001/1", 4)
    found = service.why(SO3)
    taken = reason(found, "taken")
    assert taken.units == 8
    assert "8 units by 2 lines placed earlier" in taken.sentence
    assert "later" not in taken.sentence
    assert "10001/00001 (4 of 4), 10002/00001 (4 of 4)" in reason(found, "behind").sentence
    (more,) = found.suggestions
    assert more.sentence.startswith("Order 4 units more on PO-A/00001")
    assert commands(more) == [
        "set-quantity 20001/00001 12",
        "allocate 10003/00001 20001/00001 --quantity 4",
    ]


def test_units_went_to_a_later_order(service: Service, queue: Book) -> None:
    supply(queue, PO_A, in_days(10), 4)
    queue.allocate("10003/1", "20001/1", 4)
    found = service.why(SO1)
    assert "0 units by 0 lines placed earlier, 4 by 1 line placed later" in (
        reason(found, "taken").sentence
    )
    back = found.suggestions[-1]
    assert "Take 4 units of PO-A/00001 from 10003/00001, placed 2 days later" in back.sentence
    carry_out(service, back)
    assert line_of(service, SO1).allocated == 4
    assert line_of(service, SO3).allocated == 0


def test_what_is_pinned_is_said_and_left(service: Service, engine: Engine, queue: Book) -> None:
    supply(queue, PO_A, in_days(10), 4)
    queue.allocate("10003/1", "20001/1", 4)
    pin(engine, SO3)
    found = service.why(SO1)
    assert "4 of them pinned by a person" in reason(found, "taken").sentence
    assert not any("10003" in one.sentence for one in found.suggestions)
    assert "4 units of PO-A/00001" in reason(service.why(SO3), "pinned").sentence
    assert "4 pinned by a person" in reason(service.why(PO_A), "held").sentence


def test_an_atp_limit(service: Service, engine: Engine, queue: Book) -> None:
    supply(queue, PO_A, in_days(10), 10)
    queue.allocate("10001/1", "20001/1", 4)
    set_item(engine, PO_A, ATP_CEILING=4)
    found = service.why(SO2)
    limited = reason(found, "limited")
    assert (limited.units, limited.rule) == (6, "R-14")
    assert "holds 6 units back: PO-A/00001 may promise 4 of 10, 4 are" in limited.sentence
    assert not any("set-quantity" in command for one in found.suggestions
                   for command in commands(one))  # fmt: skip


def test_a_late_purchase_order(service: Service, queue: Book) -> None:
    supply(queue, PO_A, in_days(-5), 6)
    found = service.why(SO1)
    late = reason(found, "late supply")
    assert (late.units, late.days, late.rule) == (6, 5, "R-17")
    assert "PO-A/00001 has 6 units and was to arrive 2026-11-20" in late.sentence
    carry_out(service, found.suggestions[0])
    assert line_of(service, SO1).allocated == 4


def test_received_and_unallocated(service: Service, engine: Engine, queue: Book) -> None:
    supply(queue, PO_A, in_days(10), 10)
    set_item(engine, PO_A, RECEIVED_QUANTITY=10)
    found = service.why(SO1)
    received = reason(found, "received")
    assert (received.units, received.rule) == (10, "R-12")
    assert "PO-A/00001 has 10 of 10 in; 10 units of it were allocated to nobody" in (
        received.sentence
    )


@pytest.mark.parametrize("status", ["ORDER_CANCELLED", "ORDER_COMPLETED", "ORDER_HOLD"])
def test_a_purchase_order_that_is_not_open(service: Service, queue: Book, status: str) -> None:
    supply(queue, PO_A, in_days(10), 10, status)
    closed = reason(service.why(SO1), "closed")
    word = {"ORDER_HOLD": "held"}.get(status, status.removeprefix("ORDER_").lower())
    assert f"PO-A/00001: the purchase order is {word}" in closed.sentence
    assert closed.rule == "R-15"


def test_an_item_that_is_completed(service: Service, engine: Engine, queue: Book) -> None:
    supply(queue, PO_A, in_days(10), 10)
    set_item(engine, PO_A, STATUS_ID="ITEM_COMPLETED")
    assert "PO-A/00001: the line is completed" in reason(service.why(SO1), "closed").sentence


def test_no_arrival_date(service: Service, engine: Engine, queue: Book) -> None:
    supply(queue, PO_A, in_days(10), 10)
    set_item(engine, PO_A, ESTIMATED_DELIVERY_DATE=None)
    assert "PO-A/00001 has 10 units" in reason(service.why(SO1), "undated").sentence


def test_supply_only_in_another_store(service: Service, queue: Book) -> None:
    queue.sales_order("10004", date(2026, 5, 4), [(SKU, 2)], store="OUTLET")
    supply(queue, PO_A, in_days(10), 10)
    found = service.why(LineId("10004", "00001"))
    other = reason(found, "other store")
    assert (other.units, other.rule) == (10, "R-25")
    assert "an order of OUTLET: PO-A/00001 of STORE has 10 units" in other.sentence
    assert "none of store OUTLET has" in reason(found, "no supply").sentence
    assert found.queue is not None
    assert (found.queue.place, found.queue.lines) == (1, 1)


def test_partly_allocated(service: Service, queue: Book) -> None:
    supply(queue, PO_A, in_days(20), 3)
    queue.allocate("10001/1", "20001/1", 3)
    found = service.why(SO1)
    assert "1 of its 4 units is not allocated" in found.verdict
    assert "3 by this line itself" in reason(found, "taken").sentence


# --- Purchase order lines ------------------------------------------------------------------------


def test_why_a_purchase_order_line_has_its_atp(
    service: Service, engine: Engine, late: Book
) -> None:
    set_item(engine, PO_A, RECEIVED_QUANTITY=9)
    found = service.why(PO_A)
    assert found.purchase
    atp = reason(found, "atp")
    assert atp.units == 1
    assert "ATP 1 is the smaller of 10 to sell - 4 promised = 6" in atp.sentence
    assert "10 ordered - 9 received = 1" in atp.sentence
    assert "4 units are held by 1 line" in reason(found, "held").sentence
    waiting = reason(found, "waiting")
    assert waiting.units == 8
    assert (
        f"2 lines of store STORE wait for 8 units of {SKU}: 10002/00001 (4), 10003/00001 (4)"
        in (waiting.sentence)
    )
    assert "1 line is promised before 2026-12-24: 10001/00001 by 9" in (
        reason(found, "before arrival").sentence
    )
    assert found.verdict.endswith("1 line late because of it.")


def test_what_would_help_those_who_wait_for_a_purchase_order_line(
    service: Service, late: Book
) -> None:
    allocate, sync, more = service.why(PO_A).suggestions
    assert (allocate.units, commands(allocate)) == (6, ["allocate-sales-orders 20001/00001"])
    assert commands(sync) == ["sync-dates 20001/00001"]
    assert commands(more) == ["set-quantity 20001/00001 12", "allocate-sales-orders 20001/00001"]
    carry_out(service, more)
    assert [line_of(service, line).open_quantity for line in (SO1, SO2, SO3)] == [0, 0, 0]


def test_pulling_orders_from_a_later_purchase_order(service: Service, late: Book) -> None:
    supply(late, PO_B, in_days(10), 3)
    pull = next(one for one in service.why(PO_B).suggestions if one.steps[0].verb == "reallocate")
    assert pull.units == 3
    carry_out(service, pull)
    review = service.review_allocations(PO_B)
    assert review.consumed == 3


@pytest.mark.parametrize(
    ("arrival", "status", "code"),
    [(-4, "ORDER_APPROVED", "late supply"), (10, "ORDER_COMPLETED", "no supply")],
)
def test_a_purchase_order_line_that_offers_nothing(
    service: Service, queue: Book, arrival: int, status: str, code: str
) -> None:
    supply(queue, PO_A, in_days(arrival), 10, status)
    assert reason(service.why(PO_A), code)
