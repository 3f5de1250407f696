"""Jobs over the whole book: by the set as by lists, taken back whole, refused when stale."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from data.demo import generate
from data.tables import metadata, order_item, order_item_change
from preorder_tui import (
    auto_allocation,
    staged_inverse,
    staged_link_inverse,
    staged_links,
    sync_rows,
)
from preorder_tui.errors import Refused, StalePlan
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.policies import POLICIES
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.service import Service
from preorder_tui.staged_plan import StagedPlan
from tests.book import Book
from tests.conftest import TODAY

KEPT = {
    "ORDER_ITEM": (
        "ORDER_ID", "ORDER_ITEM_SEQ_ID", "PROMISED_DATETIME", "ESTIMATED_DELIVERY_DATE",
        "CORRESPONDING_PO_ID", "ALLOCATED_QUANTITY", "AVAILABLE_TO_PROMISE", "STATUS_ID",
    ),
    "ORDER_ITEM_ASSOC": (
        "ORDER_ID", "ORDER_ITEM_SEQ_ID", "TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID", "QUANTITY",
        "PINNED",
    ),
}  # fmt: skip


def state(service: Service) -> dict[str, set[tuple[Any, ...]]]:
    """What orders and allocations hold, without versions and stamps."""
    found = {}
    with service.engine.connect() as connection:
        for name, columns in KEPT.items():
            table = metadata.tables[name]
            rows = connection.execute(select(*(table.c[column] for column in columns)))
            found[name] = {tuple(row) for row in rows}
    return found


def journal(service: Service, change_set_id: int | None) -> set[tuple[Any, ...]]:
    """The journal rows of a change set, as a set."""
    row = order_item_change.c
    with service.engine.connect() as connection:
        return {
            tuple(found)
            for found in connection.execute(
                select(
                    row.ORDER_ID, row.ORDER_ITEM_SEQ_ID, row.TO_ORDER_ID, row.TO_ORDER_ITEM_SEQ_ID,
                    row.CHANGE_TYPE_ENUM_ID, row.FIELD, row.OLD_VALUE, row.NEW_VALUE,
                ).where(row.CHANGE_SET_ID == change_set_id)
            )
        }  # fmt: skip


@pytest.fixture
def by_set(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A switch: from now on every plan, and every undo, is one by the set, in short slices."""

    def switch() -> None:
        monkeypatch.setattr(auto_allocation, "BY_LISTS", 1)
        monkeypatch.setattr(sync_rows, "BY_LISTS", 1)
        monkeypatch.setattr(staged_inverse, "FROM", 1)
        for module in (staged_links, staged_inverse, staged_link_inverse):
            monkeypatch.setattr(module, "SCATTERED_SLICE", 37)

    return switch


@pytest.fixture
def demo(service: Service) -> Service:
    """A small demo book."""
    generate(service.engine, orders=150, today=TODAY)
    return service


JOBS = {
    **{f"{name} again": {"policy": name, "again": True} for name in POLICIES},
    "fifo": {"policy": "fifo"},
    "fair": {"policy": "fair"},
}


def plan_for(service: Service, job: str) -> Plan:
    """The plan of a job by its name in the tests."""
    if job == "reallocate":
        return service.plan_reallocate_all()
    if job == "sync":
        return service.plan_sync_all()
    options: dict[str, Any] = JOBS[job]
    return service.plan_auto_allocate(**options)


@pytest.mark.parametrize("job", [*JOBS, "reallocate", "sync"])
def test_by_the_set_is_as_by_lists(demo: Service, job: str, by_set: Any) -> None:
    before = state(demo)
    lists = plan_for(demo, job)
    assert not isinstance(lists, StagedPlan)
    outcome = demo.apply(lists)
    assert outcome.applied == len(lists.changes) > 0
    after, rows = state(demo), journal(demo, outcome.change_set_id)
    assert demo.verify().violations == ()
    demo.apply(demo.plan_undo())
    assert state(demo) == before

    by_set()
    staged = plan_for(demo, job)
    assert isinstance(staged, StagedPlan)
    assert staged.count == len(lists.changes)
    assert staged.totals == lists.totals
    outcome = demo.apply(staged)
    assert outcome.applied == staged.count
    assert state(demo) == after
    assert journal(demo, outcome.change_set_id) == rows
    assert demo.verify().violations == ()
    undo = demo.plan_undo()
    assert isinstance(undo, StagedPlan)
    taken_back = demo.apply(undo)
    assert state(demo) == before
    assert {(*row[:6], row[7], row[6]) for row in journal(demo, taken_back.change_set_id)} == rows
    assert demo.verify().violations == ()
    demo.apply(demo.plan_redo())
    assert state(demo) == after
    assert demo.verify().violations == ()


def test_the_guards_stand_after_a_run_by_the_set(demo: Service, by_set: Any) -> None:
    from tests.data.test_schema import INSERT

    by_set()
    demo.apply(demo.plan_auto_allocate())
    po = demo.find_purchase_items(PurchaseOrderQuery(), 1).rows[0].line
    so = demo.find_sales_items(SalesOrderQuery(), 1).rows[0].line
    with pytest.raises(Exception, match=r"(?i)allocat|constraint|unique"), demo.engine.begin() as c:
        c.execute(INSERT, {"so": so.order_id, "item": "00001", "po": po.order_id, "q": 999_999})
    assert demo.verify().violations == ()


def test_foreign_keys_stand_after_a_run_by_the_set(demo: Service, by_set: Any) -> None:
    by_set()
    demo.apply(demo.plan_auto_allocate())
    demo.apply(demo.plan_undo())
    row = {
        "CHANGE_SET_ID": 999_999,
        "ORDER_ID": "1",
        "CHANGE_TYPE_ENUM_ID": "X",
        "FIELD": "x",
    }
    with pytest.raises(IntegrityError), demo.engine.begin() as connection:
        connection.execute(insert(order_item_change).values(row))


@pytest.fixture
def small(service: Service, book: Book) -> Service:
    """Three orders that wait for ten units of one product, and eight that come."""
    for number, units in ((1, 4), (2, 3), (3, 3)):
        book.sales_order(
            str(number), TODAY - timedelta(days=10 - number), [("A", units)],
            promised=TODAY + timedelta(days=5 * number),
        )  # fmt: skip
    book.purchase_order("90", TODAY + timedelta(days=4), [("A", 5)], external_id="PX")
    book.purchase_order("91", TODAY + timedelta(days=40), [("A", 3)], external_id="PY")
    return service


ONE, TWO, THREE = (LineId(str(number), "00001") for number in (1, 2, 3))
EARLY, LATE = LineId("90", "00001"), LineId("91", "00001")


def links(service: Service) -> dict[tuple[str, str], int]:
    """Units by sales order and purchase order."""
    return {(row[0], row[2]): int(row[4]) for row in state(service)["ORDER_ITEM_ASSOC"]}


@pytest.mark.parametrize("staged", [False, True])
def test_a_partly_allocated_line_gets_more_from_the_same_supply(
    small: Service, by_set: Any, staged: bool
) -> None:
    small.apply(small.plan_allocate(ONE, [(EARLY, 1)]))
    if staged:
        by_set()
    small.apply(small.plan_auto_allocate())
    assert links(small) == {("1", "90"): 4, ("2", "90"): 1, ("2", "91"): 2, ("3", "91"): 1}
    assert small.verify().violations == ()
    small.apply(small.plan_undo())
    assert links(small) == {("1", "90"): 1}
    assert small.verify().violations == ()


@pytest.mark.parametrize("staged", [False, True])
def test_somebody_elses_change_refuses_the_whole_run(
    small: Service, by_set: Any, staged: bool
) -> None:
    if staged:
        by_set()
    plan = small.plan_auto_allocate()
    small.apply(small.plan_allocate(THREE, [(EARLY, 2)]))
    before = state(small)
    with pytest.raises(StalePlan, match=r"look again|somebody"):
        small.apply(plan)
    assert state(small) == before
    assert small.verify().violations == ()


@pytest.mark.parametrize("staged", [False, True])
def test_a_run_after_an_order_was_cancelled_is_refused(
    small: Service, by_set: Any, staged: bool
) -> None:
    if staged:
        by_set()
    plan = small.plan_auto_allocate()
    small.apply(small.plan_cancel_item(TWO, "OICR_CHANGE_MIND"))
    before = state(small)
    with pytest.raises(StalePlan):
        small.apply(plan)
    assert state(small) == before


@pytest.mark.parametrize("side", ["sales", "purchase"])
def test_a_run_whose_line_is_gone_is_refused_whole(small: Service, by_set: Any, side: str) -> None:
    """Nothing but the run's own statements looks whether the lines are there."""
    by_set()
    plan = small.plan_auto_allocate()
    gone = TWO if side == "sales" else LATE
    with small.engine.begin() as connection:
        here = (order_item.c.ORDER_ID == gone.order_id, order_item.c.ORDER_ITEM_SEQ_ID == gone[1])
        connection.execute(delete(order_item).where(*here))
    before = state(small)
    with pytest.raises(StalePlan):
        small.apply(plan)
    assert state(small) == before


def test_pinned_units_stay_when_lines_are_matched_again(small: Service) -> None:
    small.apply(small.plan_allocate(THREE, [(EARLY, 3)]))
    small.apply(small.plan_pin(THREE))
    small.apply(small.plan_auto_allocate(again=True))
    assert links(small) == {("3", "90"): 3, ("1", "90"): 2, ("1", "91"): 2, ("2", "91"): 1}
    small.apply(small.plan_pin(THREE, pinned=False))
    small.apply(small.plan_auto_allocate(again=True))
    assert links(small) == {("1", "90"): 4, ("2", "90"): 1, ("2", "91"): 2, ("3", "91"): 1}
    assert small.verify().violations == ()


def test_pinned_units_do_not_move_to_earlier_supply(small: Service) -> None:
    small.apply(small.plan_allocate(ONE, [(LATE, 2)]))
    small.apply(small.plan_allocate(TWO, [(LATE, 1)]))
    small.apply(small.plan_pin(ONE))
    small.apply(small.plan_reallocate_all())
    assert links(small) == {("1", "91"): 2, ("2", "90"): 1}
    with pytest.raises(Refused, match="no later purchase order has units"):
        small.plan_reallocate(EARLY)


def test_a_pin_goes_with_its_allocation_and_comes_back_with_it(small: Service) -> None:
    small.apply(small.plan_allocate(ONE, [(EARLY, 4)]))
    pinned = small.apply(small.plan_pin(ONE, EARLY))
    before = state(small)
    plan = small.plan_deallocate(ONE)
    assert any("pinned" in notice.sentence for notice in plan.warnings)
    small.apply(plan)
    assert links(small) == {}
    small.apply(small.plan_undo())
    assert state(small) == before
    small.apply(small.plan_undo(pinned.change_set_id))
    assert {row[-1] for row in state(small)["ORDER_ITEM_ASSOC"]} == {"N"}
    history = small.history(line=ONE)
    assert [row.field for row in history].count("pinned") == 4


def test_what_cannot_be_pinned_is_said(small: Service) -> None:
    with pytest.raises(Refused, match="no allocation that could be pinned"):
        small.plan_pin(ONE)
    small.apply(small.plan_allocate(ONE, [(EARLY, 4)]))
    with pytest.raises(Refused, match="no allocation from"):
        small.plan_pin(ONE, LATE)
    small.apply(small.plan_pin(ONE))
    plan = small.plan_pin(ONE)
    assert plan.empty
    assert "pinned already" in plan.refused[0].sentence


def test_a_run_of_what_searches_find(small: Service) -> None:
    small.apply(small.plan_auto_allocate(sales=SalesOrderQuery(text="#2")))
    assert links(small) == {("2", "90"): 3}
    small.apply(small.plan_auto_allocate(purchases=PurchaseOrderQuery(text="PY")))
    assert links(small) == {("2", "90"): 3, ("1", "91"): 3}


def test_policies_are_compared_on_one_book(small: Service) -> None:
    found = {one.policy: one for one in small.compare_policies()}
    assert list(found) == list(POLICIES)
    fifo = found["fifo"]
    assert (fifo.lines_waiting, fifo.units_wanted, fifo.units_given) == (3, 10, 8)
    # FIFO: order 1 whole in time; 2 partly on day 40, promised day 10; 3 on day 40, day 15.
    assert (fifo.lines_late, fifo.days_late, fifo.most_days_late) == (2, 30 + 25, 30)
    assert found["on-time"].lines_late == 2
    assert found["fair"].lines_unserved == 2
    with pytest.raises(Exception, match="is not a policy: write fifo"):
        small.compare_policies(["luck"])


def test_sync_all_obeys_its_guard(small: Service) -> None:
    small.apply(small.plan_allocate(ONE, [(EARLY, 4)]))
    small.apply(small.plan_allocate(TWO, [(LATE, 3)]))
    small.apply(small.plan_arrival_date(EARLY, TODAY + timedelta(days=2)))
    small.apply(small.plan_arrival_date(LATE, TODAY + timedelta(days=80)))
    assert len(small.plan_sync_all().changes) == 2
    assert [row.order_id for row in small.plan_sync_all(guard="later").changes] == ["2"]
    assert [row.order_id for row in small.plan_sync_all(guard="earlier").changes] == ["1"]
    assert "1 line slip" in " ".join(small.plan_sync_all().totals)
    small.apply(small.plan_sync_all())
    with pytest.raises(Refused, match="no promise date differs"):
        small.plan_sync_all()
