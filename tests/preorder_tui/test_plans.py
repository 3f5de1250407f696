"""Plans: what they refuse, what makes them stale, and how they are taken back."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any

import pytest

from data.engine import open_engine
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import (
    DeskError,
    Refused,
    StalePlan,
    UnknownId,
    Unreachable,
    WrongUsage,
)
from preorder_tui.lines import LineId, parse_line
from preorder_tui.plan import Plan
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY

SO1, SO2, SO3 = (LineId(f"1000{n}", "00001") for n in (1, 2, 3))
PO1, PO2, LATE, FULL = (LineId(f"2000{n}", "00001") for n in (1, 2, 3, 4))
NEXT_MONTH = TODAY + timedelta(days=30)


@pytest.fixture
def desk(service: Service, book: Book) -> Service:
    """Two waiting orders, one shipped; purchase orders that are open, other, late and full."""
    book.sales_order("10001", date(2026, 5, 1), [("A", 4), ("B", 2)])
    book.sales_order("10002", date(2026, 5, 2), [("A", 4)])
    book.sales_order("10003", date(2026, 5, 3), [("A", 1)], facility="_NA_")
    book.sales_order("10004", date(2026, 5, 4), [("A", 1)], status="ORDER_CANCELLED")
    book.sales_order("10005", date(2026, 5, 4), [("A", 3)])
    book.purchase_order("20001", NEXT_MONTH, [("A", 6)])
    book.purchase_order("20002", NEXT_MONTH + timedelta(days=5), [("A", 5), ("B", 5)])
    book.purchase_order("20003", TODAY - timedelta(days=2), [("A", 5)])
    book.purchase_order("20004", NEXT_MONTH, [("A", 3)])
    book.purchase_order("20005", NEXT_MONTH, [("A", 3)], status="ORDER_CANCELLED")
    book.allocate("10005/1", "20004/1", 3)
    return service


def other(service: Service, user: str = "bogdan") -> Service:
    """Somebody else at the same database."""
    return Service(service.engine, Actor(user), service.clock)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda s: s.plan_allocate(SO1, [(PO1, 5)]), "5 units are too many: 10001/00001 has 4"),
        (lambda s: s.plan_allocate(SO1, [(PO1, 0)]), "0 units cannot be allocated"),
        (lambda s: s.plan_allocate(SO1, [(PO1, -2)]), "-2 units cannot be allocated"),
        (lambda s: s.plan_allocate(SO1, [(FULL, 1)]), "no units left to promise"),
        (lambda s: s.plan_allocate(SO1, [(LineId("20002", "00002"), 1)]), "another product"),
        (lambda s: s.plan_allocate(SO1, [(LineId("20005", "00001"), 1)]), "cancelled"),
        (lambda s: s.plan_allocate(SO1, [(SO2, 1)]), "a line of a sales order"),
        (lambda s: s.plan_allocate(PO1, [(PO1, 1)]), "a line of a purchase order"),
        (lambda s: s.plan_allocate(SO3, [(PO1, 1)]), "not in a presell queue"),
        (lambda s: s.plan_allocate(LineId("10004", "00001"), [(PO1, 1)]), "cancelled"),
        (lambda s: s.plan_allocate(LineId("10005", "00001"), [(PO1, 1)]), "nothing left"),
        (lambda s: s.plan_allocate(SO1, [(LineId("29999", "00001"), 1)]), "no purchase order line"),
        (lambda s: s.plan_deallocate(SO1), "no allocation to remove"),
        (lambda s: s.plan_deallocate(SO1, PO1), "no allocation from PO-20001"),
        (lambda s: s.plan_move(SO1, PO1), "no units with another purchase order"),
        (lambda s: s.plan_promise_date(SO1, TODAY - timedelta(days=1)), "is over"),
        (lambda s: s.plan_promise_date(LineId("10004", "00001"), NEXT_MONTH), "cancelled"),
        (lambda s: s.plan_arrival_date(PO1, TODAY - timedelta(days=1)), "is over"),
        (lambda s: s.plan_arrival_date(LineId("20005", "00001"), NEXT_MONTH), "cancelled"),
        (lambda s: s.plan_cancel_item(SO1, "BECAUSE"), "not a reason"),
        (lambda s: s.plan_cancel_item(LineId("10004", "00001"), "OICR_CHANGE_MIND"), "already"),
        (lambda s: s.plan_sync_dates(LATE), "is over"),
        (lambda s: s.plan_remove_allocations(PO1), "no allocations to remove"),
        (lambda s: s.plan_quantities([(FULL, 2)]), "3 are allocated"),
        (lambda s: s.plan_quantities([(PO1, 0)]), "cancel the line instead"),
        (lambda s: s.plan_add_item("20001", "NO-SKU", 1, NEXT_MONTH), "no product"),
        (lambda s: s.plan_receive(PO1, 0), "0 units cannot be received"),
        (lambda s: s.plan_reallocate(LATE), "late"),
        (lambda s: s.plan_auto_allocate("magic"), "not a policy"),
        (lambda s: s.plan_undo(999), "no change set 999"),
        (lambda s: s.plan_undo(), "nothing to undo"),
        (lambda s: s.plan_redo(), "nothing to redo"),
    ],
)
def test_a_refusal_is_a_sentence_and_changes_nothing(
    desk: Service, make: Callable[[Service], Plan], sentence: str
) -> None:
    with pytest.raises((Refused, WrongUsage), match=sentence):
        make(desk)
    assert desk.change_sets() == ()


@pytest.mark.parametrize("text", ["", "10042", "10042/", "/1", "10042/0", "10042/x", "1/123456"])
def test_a_line_that_is_none(text: str) -> None:
    with pytest.raises(WrongUsage):
        parse_line(text)


def test_unknown_lines_are_named(desk: Service) -> None:
    with pytest.raises(UnknownId, match="no order 'nowhere'"):
        desk.resolve_line("nowhere/1")
    with pytest.raises(UnknownId, match="has no item 00009"):
        desk.resolve_line("10001/9")


def test_a_line_over_two_purchase_orders_in_one_plan(desk: Service) -> None:
    plan = desk.plan_allocate(SO1, [(PO1, 3), (PO2, None)])
    assert [(row.to_line, row.new) for row in plan.changes if row.field == "allocation"] == [
        (PO1, 3),
        (PO2, 1),
    ]
    desk.apply(plan)
    line = desk.sales_order("10001").items[0]
    assert line.promise_date == NEXT_MONTH + timedelta(days=5)
    assert line.allocation_state == "allocated"


def test_a_move_takes_the_latest_supply_first_and_the_promise_follows(desk: Service) -> None:
    desk.apply(desk.plan_allocate(SO1, [(PO2, 4)]))
    desk.apply(desk.plan_move(SO1, PO1))
    line = desk.sales_order("10001").items[0]
    assert [(n.purchase_line, n.quantity) for n in line.allocations] == [(PO1, 4)]
    assert line.promise_date == NEXT_MONTH
    assert desk.verify().violations == ()


def test_a_late_purchase_order_can_be_used_by_hand_and_promises_nothing_past(
    desk: Service,
) -> None:
    plan = desk.plan_allocate(SO1, [(LATE, 2)])
    assert any("late" in warning.sentence for warning in plan.warnings)
    desk.apply(plan)
    assert desk.sales_order("10001").items[0].promise_date is None


def test_the_plan_shown_is_what_is_written(desk: Service) -> None:
    plan = desk.plan_auto_allocate()
    rows = list(plan.changes)
    outcome = desk.apply(plan)
    assert outcome.change_set_id is not None
    written = desk.change_set_rows(outcome.change_set_id)
    assert len(written) == len(rows) == outcome.applied
    assert {(row.line, row.field) for row in written} == {(row.line, row.field) for row in rows}


def test_an_atp_that_stays_is_no_effect(desk: Service) -> None:
    plan = desk.plan_quantities([(PO1, 5), (FULL, 2)], release_newest=True)
    assert plan.effects == ["PO-20001/00001: ATP 6 → 5"]  # the full one has none, then as before


def test_a_plan_is_refused_when_its_line_has_changed(desk: Service) -> None:
    plan = desk.plan_promise_date(SO1, NEXT_MONTH)
    bogdan = other(desk)
    bogdan.apply(bogdan.plan_promise_date(SO1, NEXT_MONTH + timedelta(days=1)))
    with pytest.raises(StalePlan, match=r"10001/00001 was changed by bogdan at .*set-promise-date"):
        desk.apply(plan)
    assert len(desk.change_sets()) == 1


def test_two_plans_may_share_a_purchase_line_until_its_units_are_gone(desk: Service) -> None:
    first, second = desk.plan_allocate(SO1, [(PO1, 3)]), desk.plan_allocate(SO2, [(PO1, 3)])
    third = desk.plan_allocate(LineId("10002", "00001"), [(PO1, 1)])
    desk.apply(first)
    desk.apply(second)
    with pytest.raises(StalePlan):
        desk.apply(third)
    assert desk.verify().violations == ()


def test_units_that_somebody_took_meanwhile(desk: Service) -> None:
    mine, theirs = desk.plan_allocate(SO1, [(PO1, 4)]), desk.plan_allocate(SO2, [(PO1, 4)])
    desk.apply(theirs)
    with pytest.raises(StalePlan, match="has 2 units left, 4 are needed"):
        desk.apply(mine)
    assert desk.verify().violations == ()


def test_an_arrival_that_moved_makes_a_plan_stale(desk: Service) -> None:
    plan = desk.plan_allocate(SO1, [(PO1, 4)])
    desk.apply(desk.plan_arrival_date(PO1, NEXT_MONTH + timedelta(days=9)))
    with pytest.raises(StalePlan):
        desk.apply(plan)


def test_undo_names_what_stands_in_the_way(desk: Service) -> None:
    first = desk.apply(desk.plan_promise_date(SO1, NEXT_MONTH))
    bogdan = other(desk)
    second = bogdan.apply(bogdan.plan_promise_date(SO1, NEXT_MONTH + timedelta(days=3)))
    with pytest.raises(Refused, match=f"changed later by {second.change_set_id} by bogdan"):
        desk.plan_undo(first.change_set_id)
    bogdan.apply(bogdan.plan_undo())
    desk.apply(desk.plan_undo(first.change_set_id))
    assert desk.sales_order("10001").items[0].promise_date is None


def test_undo_takes_ones_own_last_change_and_redo_brings_it_back(desk: Service) -> None:
    desk.apply(desk.plan_promise_date(SO1, NEXT_MONTH))
    bogdan = other(desk)
    bogdan.apply(bogdan.plan_promise_date(SO2, NEXT_MONTH))
    desk.apply(desk.plan_undo())
    assert desk.sales_order("10001").items[0].promise_date is None
    assert desk.sales_order("10002").items[0].promise_date == NEXT_MONTH
    with pytest.raises(Refused, match="nothing of ana to undo; the last change is"):
        desk.plan_undo()
    desk.apply(desk.plan_redo())
    assert desk.sales_order("10001").items[0].promise_date == NEXT_MONTH
    with pytest.raises(Refused, match="nothing to redo"):
        desk.plan_redo()
    desk.apply(desk.plan_undo())
    assert desk.sales_order("10001").items[0].promise_date is None


def test_several_undos_are_redone_in_their_order(desk: Service) -> None:
    days = [NEXT_MONTH + timedelta(days=n) for n in range(3)]
    for day in days:
        desk.apply(desk.plan_promise_date(SO1, day))
    for _ in days:
        desk.apply(desk.plan_undo())
    assert desk.sales_order("10001").items[0].promise_date is None
    for day in days:
        desk.apply(desk.plan_redo())
        assert desk.sales_order("10001").items[0].promise_date == day
    with pytest.raises(Refused):
        desk.plan_redo()


def test_undo_of_an_added_line_takes_it_away_and_redo_restores_it(desk: Service) -> None:
    done = desk.apply(desk.plan_add_item("20001", "A", 7, NEXT_MONTH))
    new = LineId("20001", "00002")
    desk.apply(desk.plan_allocate(SO1, [(new, 1)]))
    with pytest.raises(Refused, match="was changed later"):
        desk.plan_undo(done.change_set_id)
    desk.apply(desk.plan_undo())
    desk.apply(desk.plan_undo(done.change_set_id))
    assert len(desk.purchase_order("20001").items) == 1
    desk.apply(desk.plan_redo())
    assert desk.purchase_order("20001").items[1].available_to_promise == 7
    assert desk.verify().violations == ()


def test_an_arrival_that_is_over_says_what_can_be_done(desk: Service, book: Book) -> None:
    """A closed purchase order gets no new arrival date; what is in sync says that first."""
    yesterday = TODAY - timedelta(days=1)
    for number, status in (("20007", "ORDER_APPROVED"), ("20008", "ORDER_COMPLETED")):
        (line,) = book.purchase_order(number, yesterday, [("C", 5)], status=status)
        book.sales_order(f"1{number}", date(2026, 5, 1), [("C", 1)], promised=TODAY)
        book.sales_order(f"2{number}", date(2026, 5, 2), [("C", 1)], promised=yesterday)
        book.allocate(f"1{number}/1", str(line), 1)
        book.allocate(f"2{number}/1", str(line), 1)
        reasons = [entry.reason for entry in desk.demand_roll("sync", line)]
        advice = ": set a new arrival date first" if status == "ORDER_APPROVED" else ""
        assert reasons == [f"the arrival is over{advice}", "in sync"]
        with pytest.raises(Refused, match=f"over{advice}$"):
            desk.plan_sync_dates(line)


def test_saving_the_same_date_is_no_change(desk: Service) -> None:
    desk.apply(desk.plan_promise_date(SO1, NEXT_MONTH))
    again = desk.plan_promise_date(SO1, NEXT_MONTH)
    assert again.empty
    assert desk.apply(again).change_set_id is None
    assert len(desk.change_sets()) == 1


def test_the_reason_is_kept(desk: Service) -> None:
    desk.apply(desk.plan_promise_date(SO1, NEXT_MONTH), reason="supplier \x1b[2Jcalled")
    assert desk.history(line=SO1)[0].comments == "supplier [2Jcalled"


_together: Any = None


def _begin_together(barrier: Any) -> None:
    global _together
    _together = barrier


def _allocate_many(url: str, number: int) -> tuple[int, int]:
    service = Service(open_engine(url), Actor(f"clerk{number}"), Clock(UTC, TODAY))
    done = refused = 0
    _together.wait(120)
    for n in range(25):
        line = LineId(f"3{number}{n:03}", "00001")
        while True:
            try:
                service.apply(service.plan_allocate(line, [(LineId("40000", "00001"), 1)]))
                done += 1
            except Unreachable:
                continue  # the lock was held too long: the machine is busy
            except DeskError:
                refused += 1
            break
    service.close()
    return done, refused


def test_many_processes_never_promise_a_unit_twice(
    book: Book, service: Service, database_url: str
) -> None:
    for number in range(4):
        for n in range(25):
            book.sales_order(f"3{number}{n:03}", date(2026, 5, 1), [("HOT", 1)])
    book.purchase_order("40000", NEXT_MONTH, [("HOT", 60)])
    context = multiprocessing.get_context("spawn")
    with context.Pool(4, _begin_together, (context.Barrier(4),)) as pool:
        results = pool.starmap(_allocate_many, [(database_url, n) for n in range(4)], chunksize=1)
    assert sum(done for done, _ in results) == 60
    assert sum(refused for _, refused in results) == 40
    assert service.verify().violations == ()


def test_a_line_is_not_opened_again_in_an_order_that_was_closed_since(desk: Service) -> None:
    one, other_line = LineId("10001", "00001"), LineId("10001", "00002")
    first = desk.apply(desk.plan_cancel_item(one, "SHOPIFY_CANCELLATION"))
    stale = desk.plan_undo(first.change_set_id)
    rest = [item.line for item in desk.sales_order("10001").items if item.line != one]
    for line in rest:
        last = desk.apply(desk.plan_cancel_item(line, "SHOPIFY_CANCELLATION"))
    assert desk.sales_order("10001").status_id == "ORDER_CANCELLED"
    assert other_line in rest
    with pytest.raises(Refused, match=f"is cancelled by now, since {last.change_set_id} by ana"):
        desk.plan_undo(first.change_set_id)
    with pytest.raises(StalePlan):
        desk.apply(stale)
    desk.apply(desk.plan_undo(last.change_set_id))
    desk.apply(desk.plan_undo(first.change_set_id))
    assert desk.sales_order("10001").status_id == "ORDER_APPROVED"
    assert desk.verify().violations == ()
