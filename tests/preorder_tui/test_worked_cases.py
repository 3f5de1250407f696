"""The worked cases T1…T10 of the domain, through the service, on every database."""

from __future__ import annotations

import pytest

from preorder_tui.errors import Refused
from preorder_tui.records import DemandRow
from preorder_tui.service import Service
from tests.book import Book
from tests.worked_case import (
    JUNE_1,
    JUNE_15,
    JUNE_20,
    MAY_20,
    PO_A,
    PO_B,
    PO_C,
    SKU,
    SO1,
    SO2,
    SO3,
    Case,
    fill,
)


@pytest.fixture
def t1(service: Service, book: Book) -> Case:
    """T1: FIFO was run."""
    fill(book)
    outcome = service.apply(service.plan_auto_allocate("fifo"))
    assert len(outcome.refused) == 1
    return Case(service, book)


def test_t1_fifo_gives_the_earliest_orders_their_units_first(t1: Case) -> None:
    assert t1.allocated() == [4, 4, 2]
    assert t1.purchase(PO_A).available_to_promise == 0
    assert t1.sales(SO3).open_quantity == 2
    assert t1.promises() == [JUNE_1] * 3
    t1.sound()


def test_t2_a_line_over_two_purchase_orders_is_promised_the_latest_arrival(t1: Case) -> None:
    t1.book.purchase_order(PO_B.order_id, JUNE_15, [(SKU, 5)], external_id="PO-B")
    t1.service.apply(t1.service.plan_auto_allocate("fifo"))
    line = t1.sales(SO3)
    assert [(n.purchase_line, n.quantity) for n in line.allocations] == [(PO_A, 2), (PO_B, 2)]
    assert line.promise_date == JUNE_15
    assert line.corresponding_po_id == PO_B.order_id
    t1.sound()


def test_t3_removed_units_wait_for_the_next_run(t1: Case) -> None:
    t1.service.apply(t1.service.plan_deallocate(SO1))
    assert t1.purchase(PO_A).available_to_promise == 4
    assert t1.sales(SO1).allocation_state == "unallocated"
    assert t1.sales(SO1).promise_date == JUNE_1
    assert "promise without supply" in t1.sales(SO1).marks
    assert t1.sales(SO3).allocated == 2
    t1.sound()


def test_t4_an_edited_arrival_leaves_promises_alone_and_is_flagged(t1: Case) -> None:
    t1.service.apply(t1.service.plan_arrival_date(PO_A, JUNE_20))
    assert t1.promises() == [JUNE_1] * 3
    assert t1.purchase(PO_A).out_of_sync_items == 3
    for line in (SO1, SO2, SO3):
        assert t1.sales(line).marks[-2:] == ("promise before arrival", "out of sync")
    t1.service.apply(t1.service.plan_sync_dates(PO_A))
    assert all("out of sync" not in t1.sales(line).marks for line in (SO1, SO2, SO3))
    assert t1.purchase(PO_A).out_of_sync_items == 0
    t1.sound()


def test_t5_sync_changes_exactly_the_ticked_lines(t1: Case) -> None:
    t1.service.apply(t1.service.plan_arrival_date(PO_A, JUNE_20))
    before = t1.date_rows()
    ticked = [entry.line for entry in t1.service.demand_roll("sync", PO_A) if entry.line != SO2]
    t1.service.apply(t1.service.plan_sync_dates(PO_A, ticked))
    assert t1.promises() == [JUNE_20, JUNE_1, JUNE_20]
    assert [b - a for a, b in zip(before, t1.date_rows(), strict=True)] == [1, 0, 1]
    assert t1.service.plan_sync_dates(PO_A, [SO1]).empty
    t1.sound()


def test_t6_a_smaller_quantity_releases_the_newest_when_chosen(t1: Case) -> None:
    with pytest.raises(Refused, match="10 are allocated"):
        t1.service.plan_quantities([(PO_A, 7)])
    plan = t1.service.plan_quantities([(PO_A, 7)], release_newest=True)
    assert len(plan.changes) == 3
    outcome = t1.service.apply(plan)
    assert outcome.applied == 3
    assert t1.allocated() == [4, 3, 0]
    assert t1.purchase(PO_A).available_to_promise == 0
    t1.sound()


def test_t7_a_cancelled_purchase_order_frees_its_lines_and_keeps_promises(t1: Case) -> None:
    t1.service.apply(t1.service.plan_cancel_purchase_order("PO-A"))
    order = t1.service.purchase_order("PO-A")
    assert order.status_id == "ORDER_CANCELLED"
    assert order.items[0].status_id == "ITEM_CANCELLED"
    assert t1.allocated() == [0, 0, 0]
    assert t1.promises() == [JUNE_1] * 3
    assert all("promise without supply" in t1.sales(n).marks for n in (SO1, SO2, SO3))
    t1.sound()


def test_t8_an_earlier_purchase_order_takes_the_oldest_orders(t1: Case) -> None:
    t1.book.purchase_order(PO_C.order_id, MAY_20, [(SKU, 6)], external_id="PO-C")
    t1.service.apply(t1.service.plan_reallocate(PO_C))
    assert [(n.purchase_line, n.quantity) for n in t1.sales(SO1).allocations] == [(PO_C, 4)]
    assert {n.purchase_line: n.quantity for n in t1.sales(SO2).allocations} == {PO_A: 2, PO_C: 2}
    assert t1.promises() == [MAY_20, JUNE_1, JUNE_1]
    for order in ("PO-A", "PO-C"):
        assert len(t1.service.purchase_order(order).communications) == 2
    assert t1.purchase(PO_A).available_to_promise == 6
    t1.sound()


def test_t9_a_cancelled_line_gives_its_units_back(t1: Case) -> None:
    t1.service.apply(t1.service.plan_cancel_item(SO1, "OICR_CHANGE_MIND"))
    assert t1.purchase(PO_A).available_to_promise == 4
    assert t1.sales(SO1).status_id == "ITEM_CANCELLED"
    kinds = [row.change_type_enum_id for row in t1.service.history(line=SO1)]
    assert "ODR_ITM_CANCEL" in kinds
    assert t1.sales(SO1).corresponding_po_id == PO_A.order_id
    cancelled: tuple[DemandRow, ...] = t1.service.review_allocations(PO_A).cancelled_rows
    assert [row.line for row in cancelled] == [SO1]
    t1.sound()


def test_every_case_is_taken_back_by_undo(t1: Case) -> None:
    service = t1.service
    state = (t1.allocated(), t1.promises(), t1.purchase(PO_A).available_to_promise)
    t1.book.purchase_order(PO_C.order_id, MAY_20, [(SKU, 6)], external_id="PO-C")
    for make in (
        lambda: service.plan_deallocate(SO1),
        lambda: service.plan_arrival_date(PO_A, JUNE_20),
        lambda: service.plan_quantities([(PO_A, 7)], release_newest=True),
        lambda: service.plan_cancel_purchase_order("PO-A"),
        lambda: service.plan_reallocate(PO_C),
        lambda: service.plan_cancel_item(SO1, "OICR_CHANGE_MIND"),
        lambda: service.plan_receive(PO_A, 10),
        lambda: service.plan_add_item("PO-A", SKU, 3, JUNE_20),
    ):
        done = service.apply(make())
        changed = (t1.allocated(), t1.promises(), t1.purchase(PO_A).available_to_promise)
        service.apply(service.plan_undo())
        assert (t1.allocated(), t1.promises(), t1.purchase(PO_A).available_to_promise) == state
        service.apply(service.plan_redo())
        assert changed == (
            t1.allocated(),
            t1.promises(),
            t1.purchase(PO_A).available_to_promise,
        )
        service.apply(service.plan_undo(done.change_set_id))
        t1.sound()
