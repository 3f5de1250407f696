"""Lines are locked in one order by everybody, those that turn up while somebody waits included."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, insert, select, text

from data import transaction
from data.engine import open_engine
from data.tables import order_item, order_item_assoc
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import empty_postgresql

LOCK = 'SELECT 1 FROM "ORDER_ITEM" WHERE "ORDER_ID" = :order FOR UPDATE'
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[Engine]:
    """An engine on an empty database of a server that locks row by row."""
    empty_postgresql(postgresql_url)
    engine = open_engine(postgresql_url)
    yield engine
    engine.dispose()


def until(engine: Engine, waiting: int) -> None:
    """Go on when so many transactions wait for a lock."""
    give_up = time.monotonic() + 30
    while True:
        with engine.connect() as connection:
            if connection.execute(text(WAITING)).scalar_one() == waiting:
                return
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_a_line_that_a_purchase_order_comes_to_serve_meanwhile_is_locked_in_its_turn(
    engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Book(engine, clock)
    for number in ("3001", "3002"):
        book.sales_order(number, date(2026, 5, 1), [("A", 5)])
    book.purchase_order("4001", date(2027, 1, 10), [("A", 20)])
    service = Service(engine, Actor("ana", "desk"), clock)
    served, purchase = LineId("3001", "00001"), LineId("4001", "00001")
    service.apply(service.plan_allocate(served, [(purchase, 5)]))
    again: list[object] = []
    tried: Callable[..., bool] = transaction._Patience.again

    def count(*arguments: object, **options: object) -> bool:
        again.append(arguments)
        return tried(*arguments, **options)

    monkeypatch.setattr(transaction._Patience, "again", count)

    def in_two_steps(connection: Connection) -> None:
        """Somebody who has the later line and wants the purchase order line."""
        connection.execute(text(LOCK), {"order": "3002"})
        connection.execute(text(LOCK), {"order": "4001"})

    plan = service.plan_arrival_date(purchase, date(2027, 2, 1))
    with ThreadPoolExecutor(2) as threads, engine.connect() as first:
        first.execute(
            insert(order_item_assoc).values(
                ORDER_ID="3002", ORDER_ITEM_SEQ_ID="00001", SHIP_GROUP_SEQ_ID="_NA_",
                TO_ORDER_ID="4001", TO_ORDER_ITEM_SEQ_ID="00001", TO_SHIP_GROUP_SEQ_ID="_NA_",
                ORDER_ITEM_ASSOC_TYPE_ID="PURCHASE_ORDER", QUANTITY=2, FROM_DATE=clock.now(),
            )
        )  # fmt: skip
        applied = threads.submit(service.apply, plan)
        until(engine, 1)
        other = threads.submit(transaction.write, engine, in_two_steps)
        until(engine, 2)
        first.commit()
        assert applied.result(30).applied == 1
        other.result(30)
    assert again == []  # nobody was thrown out to end a deadlock
    with engine.connect() as connection:
        arrivals = connection.execute(select(order_item.c.ESTIMATED_DELIVERY_DATE)).scalars().all()
    assert arrivals == [clock.end_of(date(2027, 2, 1))] * 3
