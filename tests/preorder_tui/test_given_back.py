"""An undo gives units back that nobody took, also where the line's numbers alone say no."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from data.tables import order_item
from preorder_tui import staged_inverse
from preorder_tui.actor import Actor
from preorder_tui.errors import StalePlan
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.exim_files import Exchange

PO = LineId("40001", "00001")
SALES = [LineId(f"1000{number}", "00001") for number in range(1, 5)]


@pytest.fixture(params=["by lists", "by the set"])
def desk(
    book: Book, service: Service, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Service:
    """A purchase order line of 10 units with 8 of them allocated, 2 to each sales order line."""
    for line in SALES:
        book.sales_order(line.order_id, TODAY, [("A", 4)])
    book.purchase_order("40001", TODAY + timedelta(days=30), [("A", 10)])
    for line in SALES:
        service.apply(service.plan_allocate(line, [(PO, 2)]))
    if request.param == "by the set":
        monkeypatch.setattr(staged_inverse, "FROM", 1)
    return service


def limit(desk: Service, units: int) -> None:
    """An ATP limit below what is allocated, set before the desk kept a journal."""
    with desk.engine.begin() as connection:
        connection.execute(
            update(order_item).where(order_item.c.ORDER_ID == "40001").values(ATP_CEILING=units)
        )


def allocated(desk: Service) -> int:
    return desk.review_allocations(PO).consumed


def test_of_a_line_whose_goods_are_mostly_in(desk: Service) -> None:
    desk.apply(desk.plan_receive(PO, 9))
    removed = desk.apply(desk.plan_remove_allocations(PO))
    assert allocated(desk) == 0
    desk.apply(desk.plan_undo(removed.change_set_id))
    assert allocated(desk) == 8
    assert desk.verify().violations == ()


def test_of_a_line_that_may_promise_less_than_is_allocated(desk: Service) -> None:
    limit(desk, 5)
    removed = desk.apply(desk.plan_remove_allocations(PO, SALES[:2]))
    assert allocated(desk) == 4
    desk.apply(desk.plan_receive(PO, 9))
    back = desk.apply(desk.plan_undo(removed.change_set_id))
    assert allocated(desk) == 8
    desk.apply(desk.plan_redo(removed.change_set_id))
    assert allocated(desk) == 4
    assert back.change_set_id is not None
    desk.apply(desk.plan_undo())
    assert allocated(desk) == 8
    assert desk.verify().violations == ()


def test_not_what_somebody_took_meanwhile(desk: Service) -> None:
    limit(desk, 5)
    removed = desk.apply(desk.plan_remove_allocations(PO, SALES[:2]))
    other = Service(desk.engine, Actor("bogdan"), desk.clock)
    other.apply(other.plan_allocate(SALES[2], [(PO, 1)]))
    with pytest.raises(StalePlan, match=r"somebody else (took|has) them"):
        desk.apply(desk.plan_undo(removed.change_set_id))
    assert allocated(desk) == 5


def test_not_beyond_a_limit_that_came_later(desk: Service, tmp_path: Path) -> None:
    removed = desk.apply(desk.plan_remove_allocations(PO))
    exchange = Exchange(desk, tmp_path)
    exchange.run(
        "IMP_ATP_ON_PO",
        "po-external-id,product-sku,available-to-promise\nPO-40001,A,3\n",
    )
    with pytest.raises(StalePlan, match="ATP limit was changed"):
        desk.apply(desk.plan_undo(removed.change_set_id))
    assert allocated(desk) == 0
