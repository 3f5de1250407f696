"""No sequence of operations, undos and redos breaks an invariant; the journal replays exactly."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from data.engine import open_engine, sqlite_url
from data.tables import order_header, order_item, order_item_assoc
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import DeskError
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY, empty_mariadb, empty_postgresql

SKUS = ("A", "B")
SALES = [LineId(f"1000{n}", f"0000{i}") for n in range(1, 5) for i in (1, 2)]
PURCHASE = [LineId(f"2000{n}", f"0000{i}") for n in range(1, 4) for i in (1, 2)]
DAYS = [TODAY + timedelta(days=n) for n in (0, 5, 20, 60)]

sales = st.sampled_from(SALES)
purchase = st.sampled_from(PURCHASE)
units = st.integers(1, 6)
day = st.sampled_from(DAYS)

operation = st.one_of(
    st.tuples(st.just("plan_allocate"), sales, st.lists(st.tuples(purchase, units), min_size=1)),
    st.tuples(st.just("plan_move"), sales, purchase, st.none() | units),
    st.tuples(st.just("plan_allocate_order"), st.sampled_from([n.order_id for n in SALES])),
    st.tuples(st.just("plan_deallocate"), sales, st.none() | purchase, st.none() | units),
    st.tuples(st.just("plan_promise_date"), sales, day),
    st.tuples(st.just("plan_cancel_item"), sales, st.just("OICR_CHANGE_MIND")),
    st.tuples(st.just("plan_arrival_date"), purchase, day),
    st.tuples(st.just("plan_sync_dates"), purchase),
    st.tuples(st.just("plan_allocate_sales_orders"), purchase),
    st.tuples(st.just("plan_remove_allocations"), purchase),
    st.tuples(st.just("plan_cancel_purchase_line"), purchase),
    st.tuples(st.just("plan_cancel_purchase_order"), st.sampled_from(["20001", "20002"])),
    st.tuples(st.just("plan_complete_purchase_line"), purchase),
    st.tuples(st.just("plan_receive"), purchase, units),
    st.tuples(st.just("plan_reallocate"), purchase),
    st.tuples(st.just("plan_auto_allocate"), st.just("fifo")),
    st.tuples(st.just("shrink"), purchase, units),
    st.tuples(
        st.just("plan_add_item"), st.sampled_from(["20001", "20003"]), st.just("A"), units, day
    ),
    st.tuples(st.just("plan_undo")),
    st.tuples(st.just("plan_redo")),
    st.tuples(st.just("undo at"), st.integers(1, 12)),
)


def state_of(service: Service) -> list[Any]:
    """Everything that an undo must bring back: lines, headers and allocations, stamps aside."""
    columns = [
        column
        for column in order_item.c
        if column.name
        not in ("ROW_VERSION", "LAST_UPDATED_STAMP", "CHANGE_BY_USER_LOGIN_ID", "CREATED_STAMP")
    ]
    with service.engine.connect() as connection:
        lines = connection.execute(select(*columns).order_by(*order_item.primary_key.columns)).all()
        headers = connection.execute(
            select(order_header.c.ORDER_ID, order_header.c.STATUS_ID).order_by(
                order_header.c.ORDER_ID
            )
        ).all()
        links = connection.execute(
            select(
                order_item_assoc.c.ORDER_ID,
                order_item_assoc.c.ORDER_ITEM_SEQ_ID,
                order_item_assoc.c.TO_ORDER_ID,
                order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID,
                order_item_assoc.c.QUANTITY,
            ).order_by(*order_item_assoc.primary_key.columns)
        ).all()
    return [*lines, *headers, *links]


def make(service: Service, step: tuple[Any, ...]) -> Plan:
    """The plan of one generated step."""
    name, *arguments = step
    if name == "shrink":
        return service.plan_quantities([(arguments[0], arguments[1])], release_newest=True)
    if name == "undo at":
        return service.plan_undo(arguments[0])
    method: Callable[..., Plan] = getattr(service, name)
    return method(*arguments)


def run(service: Service, steps: list[tuple[Any, ...]]) -> None:
    """Run the steps; after each the store is sound, and a refused one has changed nothing."""
    for step in steps:
        before = state_of(service)
        outcome = None
        with contextlib.suppress(DeskError):  # refused: then nothing may have changed
            outcome = service.apply(make(service, step))
        assert service.verify().violations == (), step
        if outcome is None or outcome.change_set_id is None:
            assert state_of(service) == before
            continue
        # Undo and redo of what was just done are exact, whatever it was.
        after = state_of(service)
        undo = service.apply(service.plan_undo(outcome.change_set_id))
        assert state_of(service) == before, step
        assert undo.change_set_id is not None
        service.apply(service.plan_undo(undo.change_set_id))
        assert state_of(service) == after, step
        assert service.verify().violations == (), step


def a_book(service: Service) -> None:
    """Four sales orders and three purchase orders over two products."""
    book = Book(service.engine, service.clock)
    for n in range(1, 5):
        book.sales_order(f"1000{n}", date(2026, 5, n), [("A", 4), ("B", n)])
    book.purchase_order("20001", TODAY + timedelta(days=10), [("A", 6), ("B", 3)])
    book.purchase_order("20002", TODAY + timedelta(days=30), [("A", 5), ("B", 9)])
    book.purchase_order("20003", TODAY - timedelta(days=3), [("A", 4), ("B", 2)])


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(operation, min_size=3, max_size=14))
def test_no_sequence_breaks_an_invariant(
    steps: list[tuple[Any, ...]], sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("book") / "desk.db"
    shutil.copy(sqlite_template, path)
    service = Service(open_engine(sqlite_url(path)), Actor("ana"), Clock(UTC, TODAY))
    try:
        a_book(service)
        run(service, steps)
    finally:
        service.close()


@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(operation, min_size=3, max_size=10))
def test_no_sequence_breaks_an_invariant_on_a_server(
    steps: list[tuple[Any, ...]], request: pytest.FixtureRequest, server: str
) -> None:
    url: str = request.getfixturevalue(f"{server}_url")
    (empty_postgresql if server == "postgresql" else empty_mariadb)(url)
    service = Service(open_engine(url), Actor("ana"), Clock(UTC, TODAY))
    try:
        a_book(service)
        run(service, steps)
    finally:
        service.close()
