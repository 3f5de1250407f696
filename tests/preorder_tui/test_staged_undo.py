"""Undo and redo of change sets by the set: the same as by lists."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from data.tables import metadata, order_item_change
from preorder_tui import staged_inverse, staged_plan, staged_removal
from preorder_tui.errors import Refused, StalePlan
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from preorder_tui.staged_plan import StagedPlan
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.exim_files import Exchange, counts

LINES = 12
KEPT = ("ORDER_ITEM", "ORDER_HEADER", "ORDER_ROLE", "ORDER_ITEM_SHIP_GROUP", "PARTY")
MOVING = {"ROW_VERSION", "LAST_UPDATED_STAMP", "CHANGE_BY_USER_LOGIN_ID"}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change sets of a few rows count as large, and a slice is shorter than one of them."""
    monkeypatch.setattr(staged_inverse, "FROM", 2)
    monkeypatch.setattr(staged_inverse, "SCATTERED_SLICE", 5)
    monkeypatch.setattr(staged_removal, "SLICE", 5)
    monkeypatch.setattr(staged_plan, "SLICE", 5)


@pytest.fixture
def exchange(service: Service, book: Book, tmp_path: Path) -> Exchange:
    """Orders of one line."""
    for number in range(1, LINES + 1):
        book.sales_order(str(number), TODAY, [("A", 2)], external_id=f"X{number}")
    book.purchase_order("90", TODAY + timedelta(days=9), [("A", 9)], external_id="PX")
    return Exchange(service, tmp_path)


def dates(day: str = "2026-12-20") -> str:
    """A file of promise dates for all orders."""
    rows = "".join(f"{n},1,{day}\n" for n in range(1, LINES + 1))
    return f"order-id,order-item-seq-id,promised-datetime\n{rows}"


def orders(first: int = 1) -> str:
    """A file of new sales orders, two lines each, the first appending to what is here."""
    header = (
        "external-id,product-store-id,item-status-id,order-date,quantity,product-sku,unit-price,"
        "customer-external-id,facility-id\n"
    )
    return header + "".join(
        f"X{n},STORE,ITEM_APPROVED,2026-11-01,{q},A,1.25,C{n % 3},PRE_ORDER_PARKING\n"
        for n in range(first, first + LINES)
        for q in (5, 6)
    )


def state(service: Service) -> dict[str, list[Any]]:
    """The rows of the order tables, without what every change moves."""
    found = {}
    with service.engine.connect() as connection:
        for name in KEPT:
            table = metadata.tables[name]
            columns = [column for column in table.c if column.name not in MOVING]
            rows = connection.execute(select(*columns).order_by(*table.primary_key)).all()
            found[name] = [tuple(row) for row in rows]
    return found


def test_promise_dates_go_back_and_forth(exchange: Exchange, service: Service) -> None:
    before = state(service)
    result = exchange.run("IMP_ORD_ITEM_UPD", dates())
    after = state(service)
    plan = service.plan_undo(result.change_set_id)
    assert isinstance(plan, StagedPlan)
    assert plan.scope() == f"{LINES} changes on {LINES} lines"
    assert str(plan.changes[0].new) == "None"
    assert service.apply(plan).applied == LINES
    assert state(service) == before
    with pytest.raises(Refused, match="taken back already"):
        service.plan_undo(result.change_set_id)
    service.apply(service.plan_redo())
    assert state(service) == after
    service.apply(service.plan_undo())
    assert state(service) == before
    assert service.verify().violations == ()


def test_the_journal_of_a_staged_undo_is_that_of_lists(
    exchange: Exchange, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals = []
    for limit in (2, 10**9):
        monkeypatch.setattr(staged_inverse, "FROM", limit)
        for text, config in ((dates(), "IMP_ORD_ITEM_UPD"), (orders(3), "IMP_ORDER")):
            result = exchange.run(config, text)
            for plan in (service.plan_undo, service.plan_redo, service.plan_undo):
                outcome = service.apply(plan())
                journals.append((limit, _journal(service, outcome.change_set_id)))
            assert result.change_set_id
    half = len(journals) // 2
    for (_, staged), (_, listed) in zip(journals[:half], journals[half:], strict=True):
        assert [row[:-2] for row in staged] == [row[:-2] for row in listed]


def _journal(service: Service, change_set_id: int | None) -> list[tuple[Any, ...]]:
    row = order_item_change.c
    with service.engine.connect() as connection:
        found = connection.execute(
            select(
                row.ORDER_ITEM_SEQ_ID, row.CHANGE_TYPE_ENUM_ID, row.FIELD,
                row.OLD_VALUE.is_(None), row.NEW_VALUE.is_(None), row.OLD_VALUE, row.NEW_VALUE,
            ).where(row.CHANGE_SET_ID == change_set_id)
        )  # fmt: skip
        return sorted((tuple(one) for one in found), key=str)


def test_a_later_change_is_named(exchange: Exchange, service: Service) -> None:
    result = exchange.run("IMP_ORD_ITEM_UPD", dates())
    plan = service.plan_undo(result.change_set_id)
    service.apply(service.plan_promise_date(LineId("7", "00001"), date(2026, 12, 30)))
    with pytest.raises(StalePlan, match="7/00001 changed since"):
        service.apply(plan)
    with pytest.raises(Refused, match=r"7/00001 was changed later by .* by ana"):
        service.plan_undo(result.change_set_id)
    service.apply(service.plan_undo())
    service.apply(service.plan_undo(result.change_set_id))


def test_imported_orders_go_and_come_back(exchange: Exchange, service: Service) -> None:
    before = state(service)
    result = exchange.run("IMP_ORDER", orders(first=LINES - 1))
    assert counts(result) == (2 * LINES, 0, 0, 0)
    after = state(service)
    assert len(after["ORDER_HEADER"]) == LINES + 1 + LINES - 2
    plan = service.plan_undo(result.change_set_id)
    assert isinstance(plan, StagedPlan)
    service.apply(plan)
    undone = state(service)
    before["PARTY"] = undone["PARTY"]  # customers stay
    assert undone == before
    service.apply(service.plan_redo())
    assert state(service) == after
    service.apply(service.plan_undo())
    assert state(service) == undone
    assert service.verify().violations == ()


def test_imported_lines_that_are_allocated_stay(exchange: Exchange, service: Service) -> None:
    result = exchange.run("IMP_ORDER", orders(first=100))
    order = service.resolve_order("X100")
    service.apply(service.plan_allocate(LineId(order, "00001"), [(LineId("90", "00001"), 5)]))
    with pytest.raises(Refused, match=r"was changed later by .* by ana"):
        service.plan_undo(result.change_set_id)
    service.apply(service.plan_undo())
    service.apply(service.plan_undo(result.change_set_id))
    assert service.verify().violations == ()
