"""A long change says how far it is, and whoever stops it before the commit has changed nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from preorder_tui import progress
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.service import Service
from tests.book import Book

SKU = "MH-01-BLU-M"
PO = LineId("20001", "00001")
ORDERS = 7


class Stop(Exception):
    """What the person's Esc raises."""


@pytest.fixture
def waiting(service: Service, book: Book, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Seven orders wait for one purchase order line; a word after every second row."""
    monkeypatch.setattr(progress, "BATCH", 2)
    for n in range(ORDERS):
        book.sales_order(f"1000{n}", date(2026, 5, 1 + n), [(SKU, 2)])
    book.purchase_order("20001", date(2027, 6, 1), [(SKU, 20)], external_id="PO-A")
    return service


def test_it_counts_up_to_the_end(waiting: Service) -> None:
    said: list[tuple[int, int]] = []
    plan = waiting.plan_allocate_sales_orders(PO)
    waiting.apply(plan, tell=lambda done, total: said.append((done, total)))
    assert len(said) > ORDERS
    assert [done for done, _ in said] == sorted(done for done, _ in said)
    assert len({total for _, total in said}) == 1
    done, total = said[-1]
    assert 0 < done <= total


@pytest.mark.parametrize(
    "make",
    [
        lambda service: service.plan_auto_allocate(),
        lambda service: service.plan_allocate_sales_orders(PO),
        lambda service: service.plan_arrival_date(PO, date(2027, 7, 1)),
    ],
)
def test_stopped_anywhere_it_has_changed_nothing(
    waiting: Service, make: Callable[[Service], Plan]
) -> None:
    plan = make(waiting)
    words = 0

    def count(done: int, total: int) -> None:
        nonlocal words
        words += 1

    outcome = waiting.apply(plan, tell=count)
    waiting.apply(waiting.plan_undo(outcome.change_set_id))
    before = waiting.purchase_order("20001").items
    newest = waiting.change_sets()[0].change_set_id
    for stop_at in range(1, words + 1):
        left = stop_at

        def tell(done: int, total: int) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise Stop

        with pytest.raises(Stop):
            waiting.apply(make(waiting), tell=tell)
    assert waiting.purchase_order("20001").items == before
    assert waiting.change_sets()[0].change_set_id == newest
    assert waiting.verify().violations == ()
