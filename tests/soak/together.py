"""Many clerks on the same few products at once, each a process of its own, each in a hurry.

The desk's clerks work through the service. The raw ones do the same transactions by hand on a bare
driver (:mod:`tests.soak.raw_clerk`), in the same run, for comparison. Both draw the same actions
from the same seeds.
"""

from __future__ import annotations

import multiprocessing
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from multiprocessing.synchronize import Barrier
from typing import Literal, Protocol

from sqlalchemy import Engine, select

from data.engine import open_engine
from data.tables import change_set, order_item, order_item_assoc, order_item_change
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import DeskError
from preorder_tui.journal import from_text
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.service import Service
from tests.book import Book

TODAY = date(2026, 11, 25)
PRODUCTS = 4
SALES = [LineId(f"3{n:04}", "00001") for n in range(48)]
PURCHASE = [LineId(f"4{n:04}", "00001") for n in range(2 * PRODUCTS)]
UNITS = 45
"""Of each purchase order line: fewer than the clerks want."""

Kind = Literal["desk", "raw"]


@dataclass
class Day:
    """What a clerk was told."""

    done: list[int] = field(default_factory=list)
    nothing: int = 0  # a date that stood already
    refused: list[tuple[str, str]] = field(default_factory=list)  # kind, sentence
    began: float = 0.0
    ended: float = 0.0

    @property
    def actions(self) -> int:
        """Everything that was tried."""
        return len(self.done) + self.nothing + len(self.refused)


class Clerk(Protocol):
    """Whoever can do these; each returns the change set, or None where nothing was to change."""

    def allocate(self, line: LineId, to: LineId, units: int) -> int | None: ...
    def deallocate(self, line: LineId, to: LineId) -> int | None: ...
    def promise(self, line: LineId, day: date) -> int | None: ...
    def arrive(self, line: LineId, day: date) -> int | None: ...
    def undo(self) -> int | None: ...
    def close(self) -> None: ...


class DeskClerk:
    """A clerk at the desk."""

    def __init__(self, url: str, user: str) -> None:
        self.service = Service(open_engine(url), Actor(user, "desk"), Clock(UTC, TODAY))
        self.service.whoami()
        self.close = self.service.close

    def _apply(self, plan: Plan) -> int | None:
        return self.service.apply(plan).change_set_id

    def allocate(self, line: LineId, to: LineId, units: int) -> int | None:
        return self._apply(self.service.plan_allocate(line, [(to, units)]))

    def deallocate(self, line: LineId, to: LineId) -> int | None:
        return self._apply(self.service.plan_deallocate(line, to))

    def promise(self, line: LineId, day: date) -> int | None:
        return self._apply(self.service.plan_promise_date(line, day))

    def arrive(self, line: LineId, day: date) -> int | None:
        return self._apply(self.service.plan_arrival_date(line, day))

    def undo(self) -> int | None:
        return self._apply(self.service.plan_undo())


def hot_book(engine: Engine) -> None:
    """Few products, lines that everybody works on, fewer units than they ask for."""
    book = Book(engine, Clock(UTC, TODAY))
    for number, line in enumerate(SALES):
        book.sales_order(line.order_id, date(2026, 5, 1), [(f"HOT{number % PRODUCTS}", 12)])
    for number, line in enumerate(PURCHASE):
        arrival = TODAY + timedelta(days=30 + number)
        book.purchase_order(line.order_id, arrival, [(f"HOT{number % PRODUCTS}", UNITS)])


def act(clerk: Clerk, chance: random.Random) -> int | None:
    """One action, drawn: allocations, removals, dates, undos."""
    action, number = chance.random(), chance.randrange(len(SALES))
    line = SALES[number]
    to = PURCHASE[number % PRODUCTS + PRODUCTS * chance.randrange(2)]
    units, days = chance.randint(1, 4), chance.randrange(120)
    if action < 0.45:
        return clerk.allocate(line, to, units)
    if action < 0.68:
        return clerk.deallocate(line, to)
    if action < 0.85:
        return clerk.promise(line, TODAY + timedelta(days=days))
    if action < 0.88:
        return clerk.arrive(to, TODAY + timedelta(days=days))
    return clerk.undo()


_barrier: Barrier


def _take_barrier(barrier: Barrier) -> None:
    global _barrier
    _barrier = barrier


def work(kind: Kind, url: str, number: int, actions: int) -> Day:
    """A clerk's day, begun together with the others'."""
    clerk: Clerk
    if kind == "desk":
        clerk = DeskClerk(url, f"clerk{number}")
    else:
        from tests.soak.raw_clerk import RawClerk

        clerk = RawClerk(url, f"clerk{number}")
    chance, day = random.Random(number), Day()
    for _ in range(20):  # everything that is loaded or prepared once is, before the clock starts
        _attempt(clerk, chance, day)
    warm = day.actions
    _barrier.wait(60)
    day.began = time.monotonic()
    for _ in range(actions - warm):
        _attempt(clerk, chance, day)
    day.ended = time.monotonic()
    clerk.close()
    return day


def _attempt(clerk: Clerk, chance: random.Random, day: Day) -> None:
    try:
        change_set_id = act(clerk, chance)
    except DeskError as error:
        day.refused.append((type(error).__name__, error.sentence))
    else:
        if change_set_id is None:
            day.nothing += 1
        else:
            day.done.append(change_set_id)


def all_at_work(url: str, clerks: int, actions: int, kind: Kind = "desk") -> list[Day]:
    """So many clerks do so many actions each, all at once."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(clerks, _take_barrier, (context.Barrier(clerks),)) as pool:
        results = [pool.apply_async(work, (kind, url, number, actions)) for number in range(clerks)]
        days = [result.get(1800) for result in results]
        pool.close()
        pool.join()
    return days


def changes_per_second(days: list[Day]) -> float:
    """Committed changes of all clerks together."""
    seconds = max(day.ended for day in days) - min(day.began for day in days)
    return sum(len(day.done) for day in days) / seconds


def refusals(days: list[Day]) -> Counter[str]:
    """What was refused, by kind: the sentences without their names and numbers."""
    return Counter(
        f"{kind}: {re.sub(r'[A-Z]*-?[0-9][0-9/:,.-]*', '#', sentence)[:90]}"
        for day in days
        for kind, sentence in day.refused
    )


# --- What must hold -----------------------------------------------------------------------------


def assert_it_holds(engine: Engine, days: list[Day]) -> None:
    """Nothing promised twice, nothing lost, every counter right, every refusal explained."""
    assert_journal_is_what_was_told(engine, days)
    assert_no_update_was_lost(engine)
    assert_units_add_up(engine)
    service = Service(engine, Actor("auditor", "command"), Clock(UTC, TODAY))
    assert service.verify().violations == ()
    for day in days:
        for kind, sentence in day.refused:
            assert kind in ("Refused", "StalePlan"), (kind, sentence)
            assert len(sentence.split()) >= 4, sentence
            assert not re.search(r"Traceback|Error|sqlalche|[Ee]xception|SELECT|UPDATE", sentence)


def assert_journal_is_what_was_told(engine: Engine, days: list[Day]) -> None:
    """Each change set that was confirmed is there once, and no other is."""
    told = [change_set_id for day in days for change_set_id in day.done]
    with engine.connect() as connection:
        written = connection.execute(select(change_set.c.CHANGE_SET_ID)).scalars().all()
    assert sorted(written) == sorted(told)


def assert_no_update_was_lost(engine: Engine) -> None:
    """Each change starts from what the one before it left; the last one is what is stored.

    And each change set raised the version of each line that it changed, once.
    """
    row, item, assoc = order_item_change.c, order_item.c, order_item_assoc.c
    values: dict[tuple[str, ...], object] = {}
    sets: dict[LineId, set[int]] = defaultdict(set)
    with engine.connect() as connection:
        for order_id, seq, to, to_seq, name, old, new, number in connection.execute(
            select(
                row.ORDER_ID, row.ORDER_ITEM_SEQ_ID, row.TO_ORDER_ID, row.TO_ORDER_ITEM_SEQ_ID,
                row.FIELD, row.OLD_VALUE, row.NEW_VALUE, row.CHANGE_SET_ID,
            ).order_by(row.CHANGE_SET_ID, row.ORDER_ITEM_CHANGE_ID)
        ):  # fmt: skip
            cell = (order_id, seq, to, to_seq, name)
            before, after = from_text(name, old), from_text(name, new)
            if cell in values:
                assert values[cell] == before, (cell, number)
            values[cell] = after
            sets[LineId(order_id, seq)].add(number)
        links = {
            (*key, "allocation"): quantity
            for *key, quantity in connection.execute(
                select(
                    assoc.ORDER_ID, assoc.ORDER_ITEM_SEQ_ID, assoc.TO_ORDER_ID,
                    assoc.TO_ORDER_ITEM_SEQ_ID, assoc.QUANTITY,
                )
            )
        }  # fmt: skip
        told = {cell: units for cell, units in values.items() if cell[4] == "allocation" and units}
        assert links == told
        for order_id, seq, promised, arrival, received, version in connection.execute(
            select(
                item.ORDER_ID, item.ORDER_ITEM_SEQ_ID, item.PROMISED_DATETIME,
                item.ESTIMATED_DELIVERY_DATE, item.RECEIVED_QUANTITY, item.ROW_VERSION,
            )
        ):  # fmt: skip
            key = (order_id, seq, None, None)
            if (*key, "promisedDatetime") in values:
                assert values[*key, "promisedDatetime"] == promised
            if received is not None and (*key, "estimatedDeliveryDate") in values:
                assert values[*key, "estimatedDeliveryDate"] == arrival
            assert version == 1 + len(sets[LineId(order_id, seq)]), key


def assert_units_add_up(engine: Engine) -> None:
    """The counters of both sides are their rows, and no line has more than it ordered."""
    item, assoc = order_item.c, order_item_assoc.c
    summed: dict[LineId, int] = defaultdict(int)
    with engine.connect() as connection:
        for order_id, seq, to, to_seq, units in connection.execute(
            select(
                assoc.ORDER_ID, assoc.ORDER_ITEM_SEQ_ID, assoc.TO_ORDER_ID,
                assoc.TO_ORDER_ITEM_SEQ_ID, assoc.QUANTITY,
            )
        ):  # fmt: skip
            summed[LineId(order_id, seq)] += units
            summed[LineId(to, to_seq)] += units
        for order_id, seq, quantity, allocated in connection.execute(
            select(item.ORDER_ID, item.ORDER_ITEM_SEQ_ID, item.QUANTITY, item.ALLOCATED_QUANTITY)
        ):
            assert summed[LineId(order_id, seq)] == allocated <= quantity


Report = Callable[[str], None]


def report(days: list[Day], tell: Report = print) -> None:
    """What came of it, in a few lines."""
    done, refused = sum(len(day.done) for day in days), sum(len(day.refused) for day in days)
    tell(
        f"{len(days)} clerks, {sum(day.actions for day in days):,} actions: {done:,} changes, "
        f"{refused:,} refused, {changes_per_second(days):,.0f} changes/s"
    )
    for sentence, number in refusals(days).most_common():
        tell(f"  {number:5,}  {sentence}")
