"""Clerks at work, each a process of its own: they change the same few products until told to stop.

What each of them was told is done is kept, so that a test can lay it beside the journal: nothing
that was confirmed may be missing, nothing may be there twice or without a word.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing.pool import AsyncResult
from typing import Any

from sqlalchemy import Engine, func, select

from data import transaction
from data.engine import open_engine
from data.tables import change_set, order_item, order_item_assoc
from data.transaction import PATIENCE_SECONDS
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import DeskError, Uncertain, Unreachable
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.records import Outcome
from preorder_tui.service import Service
from tests.book import Book

TODAY = date(2026, 11, 25)
HOT = [LineId("40001", "00001"), LineId("40002", "00001")]
"""The purchase order lines that everybody wants units of."""
UNITS = 60
LINES_EACH = 20
AWAY_SECONDS = 180.0
"""After this without the database a clerk goes home, and the test fails."""


@dataclass
class Day:
    """What a clerk did."""

    done: list[int] = field(default_factory=list)
    """The change sets that were confirmed."""
    refused: list[str] = field(default_factory=list)
    uncertain: int = 0
    unreachable: list[str] = field(default_factory=list)
    longest: float = 0.0
    """Seconds of the longest change, the server's absence included."""


def a_hot_book(engine: Engine, clerks: int) -> None:
    """Sales order lines for each clerk, and fewer units than they ask for."""
    book = Book(engine, Clock(UTC, TODAY))
    for clerk in range(clerks):
        for number in range(LINES_EACH):
            book.sales_order(f"3{clerk}{number:03}", date(2026, 5, 1), [("HOT", 5)])
    for line in HOT:
        book.purchase_order(line.order_id, TODAY + timedelta(days=30), [("HOT", UNITS)])


class Shift:
    """Clerks at work until their day is ended."""

    def __init__(self, results: list[AsyncResult[Day]], made: Any, over: Any) -> None:
        self._results = results
        self._made = made
        self._over = over

    def until_each_has_made(self, number: int) -> None:
        """Wait until each clerk has made so many changes more, however busy the machine is."""
        wanted = [made + number for made in self._made]
        give_up = time.monotonic() + AWAY_SECONDS
        while any(made < most for made, most in zip(self._made, wanted, strict=True)):
            for result in self._results:
                if result.ready():
                    result.get()  # it has failed, and says how
            assert time.monotonic() < give_up, f"{list(self._made)} changes of {wanted}"
            time.sleep(0.01)

    def days(self) -> list[Day]:
        """End the day; what each of them did."""
        self._over.set()
        return [result.get(AWAY_SECONDS) for result in self._results]


@contextmanager
def at_work(url: str, clerks: int, patience: float = PATIENCE_SECONDS) -> Iterator[Shift]:
    """So many clerks at work, from when all of them are there.

    ``patience`` is how many seconds their desks wait for a server before they are told.
    """
    context = multiprocessing.get_context("spawn")
    there, over, made = context.Barrier(clerks + 1), context.Event(), context.Array("i", clerks)
    with context.Pool(clerks, _come, (there, over, made)) as pool:
        results = [pool.apply_async(work, (url, clerk, patience)) for clerk in range(clerks)]
        there.wait(AWAY_SECONDS)
        yield Shift(results, made, over)


def _come(there: Any, over: Any, made: Any) -> None:
    """What a clerk shares with the others and with the test."""
    global _there, _over, _made
    _there, _over, _made = there, over, made


_there: Any = None
_over: Any = None
_made: Any = None


def work(url: str, clerk: int, patience: float) -> Day:
    """One clerk's day: allocate, take back, change dates, undo."""
    transaction.PATIENCE_SECONDS = patience
    service = Service(open_engine(url), Actor(f"clerk{clerk}"), Clock(UTC, TODAY))
    chance, day = random.Random(clerk), Day()
    _there.wait(AWAY_SECONDS)
    while not _over.is_set():
        line = LineId(f"3{clerk}{chance.randrange(LINES_EACH):03}", "00001")
        began = time.monotonic()
        while True:
            try:
                plan = _plan(service, chance, line)
                _apply(service, plan, day)
            except Unreachable as error:
                day.unreachable.append(error.sentence)
                assert time.monotonic() - began < AWAY_SECONDS, "the database stayed away"
                continue
            except DeskError as error:
                day.refused.append(error.sentence)
            break
        day.longest = max(day.longest, time.monotonic() - began)
        _made[clerk] = len(day.done)
    service.close()
    return day


def _plan(service: Service, chance: random.Random, line: LineId) -> Plan:
    action = chance.random()
    if action < 0.55:
        return service.plan_allocate(line, [(chance.choice(HOT), 1)])
    if action < 0.8:
        return service.plan_deallocate(line, chance.choice(HOT), 1)
    if action < 0.9:
        return service.plan_promise_date(line, TODAY + timedelta(days=chance.randrange(90)))
    return service.plan_undo()


def _apply(service: Service, plan: Plan, day: Day) -> None:
    since = service.clock.now()
    try:
        outcome: Outcome | None = service.apply(plan)
    except Uncertain:
        day.uncertain += 1
        outcome = _look(service, plan, since)
        if outcome is None:
            return  # it was not made: nobody was told that it was
    if outcome.change_set_id is not None:
        day.done.append(outcome.change_set_id)


def _look(service: Service, plan: Plan, since: datetime) -> Outcome | None:
    deadline = time.monotonic() + AWAY_SECONDS
    while True:
        try:
            return service.outcome_of(plan, since)
        except Unreachable:
            assert time.monotonic() < deadline, "the database stayed away"


def assert_nothing_lost_or_doubled(engine: Engine, days: list[Day]) -> None:
    """The journal has what the clerks were told, no more and no less; every invariant holds."""
    told = [change_set_id for day in days for change_set_id in day.done]
    with engine.connect() as connection:
        written = list(connection.execute(select(change_set.c.CHANGE_SET_ID)).scalars())
        given = connection.execute(
            select(func.sum(order_item_assoc.c.QUANTITY)).where(
                order_item_assoc.c.TO_ORDER_ID.in_([line.order_id for line in HOT])
            )
        ).scalar()
        counted = connection.execute(
            select(func.sum(order_item.c.ALLOCATED_QUANTITY)).where(
                order_item.c.ORDER_ID.in_([line.order_id for line in HOT])
            )
        ).scalar()
    assert len(told) == len(set(told))
    assert sorted(written) == sorted(told)
    assert (given or 0) == (counted or 0) <= len(HOT) * UNITS
    service = Service(engine, Actor("auditor"), Clock(UTC, TODAY))
    assert service.verify().violations == ()
