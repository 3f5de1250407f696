"""On random books: what-if is what applying brings, and a suggestion carried out really helps."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from data.engine import open_engine, sqlite_url
from data.tables import order_item, order_item_assoc
from preorder_tui import marks
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import DeskError, Refused, StalePlan
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from preorder_tui.why_records import Suggestion, Supposed
from tests.conftest import TODAY, empty_mariadb, empty_postgresql
from tests.preorder_tui.random_books import RandomBook, random_books
from tests.preorder_tui.test_invariants import state_of

CLOCK = Clock(UTC, TODAY)
START_OF_TODAY = CLOCK.start_of(TODAY)

days = st.integers(-8, 12)
supposed = st.one_of(
    st.builds(Supposed, slip=days),
    st.builds(Supposed, arrival=days.map(lambda number: TODAY + timedelta(days=number))),
    st.builds(Supposed, units=st.integers(-7, 5)),
    st.builds(Supposed, quantity=st.integers(0, 12)),
    st.builds(Supposed, slip=st.integers(0, 9), units=st.integers(-4, 2)),
    st.builds(Supposed, slip=st.integers(0, 9), quantity=st.integers(1, 9)),
)
careful = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
on_servers = settings(careful, max_examples=8)


class Line(NamedTuple):
    """A line as the database has it, with its units by purchase order line."""

    promised: Any
    arrival: Any
    status_id: str
    allocated: int
    atp: int | None
    links: dict[LineId, int]

    @property
    def late(self) -> bool:
        """Promised before its units arrive, and still open."""
        return self.status_id not in marks.CLOSED_ITEM_STATUSES and marks.before_arrival(
            self.promised, self.arrival
        )


def lines_of(service: Service) -> dict[LineId, Line]:
    """Every line, read with no help from the program."""
    item, assoc = order_item.c, order_item_assoc.c
    with service.engine.connect() as connection:
        found = {
            LineId(row[0], row[1]): Line(*row[2:], {})
            for row in connection.execute(
                select(
                    item.ORDER_ID,
                    item.ORDER_ITEM_SEQ_ID,
                    item.PROMISED_DATETIME,
                    item.ESTIMATED_DELIVERY_DATE,
                    item.STATUS_ID,
                    item.ALLOCATED_QUANTITY,
                    item.AVAILABLE_TO_PROMISE,
                )
            )
        }
        for row in connection.execute(
            select(
                assoc.ORDER_ID, assoc.ORDER_ITEM_SEQ_ID, assoc.TO_ORDER_ID,
                assoc.TO_ORDER_ITEM_SEQ_ID, assoc.QUANTITY,
            )
        ):  # fmt: skip
            found[LineId(row[0], row[1])].links[LineId(row[2], row[3])] = row[4]
    return found


@contextmanager
def desk_on(url: str, book: RandomBook, *, pinned: bool = False) -> Iterator[Service]:
    """A service on the book; with ``pinned`` the allocations of odd quantity are."""
    service = Service(open_engine(url), Actor("ana"), CLOCK)
    try:
        with service.engine.begin() as connection:
            book.write(connection)
            if pinned:
                connection.execute(
                    update(order_item_assoc)
                    .where(order_item_assoc.c.QUANTITY % 2 == 1)
                    .values(PINNED="Y")
                )
        yield service
    finally:
        service.close()


def check_what_if(service: Service, line: LineId, what: Supposed) -> None:
    """Ask, apply, and compare; then take it back."""
    before = lines_of(service)
    try:
        found = service.what_if(line, what)
    except DeskError as refusal:
        with pytest.raises(type(refusal)):
            service.plan_what_if(line, what)
        return
    assert lines_of(service) == before
    assert service.what_if(line, what, known=service.know_for_what_if(line)) == found
    if not found.changes_something:
        with pytest.raises(Refused, match="nothing is supposed"):
            service.plan_what_if(line, what)
        return
    plan = service.plan_what_if(line, what)
    assert tuple(plan.command.split(" ; ")) == found.commands
    everything, odd = state_of(service), set(service.verify().violations)
    outcome = service.apply(plan)
    after = lines_of(service)
    served = [one for one in before if line in before[one].links]
    lost = {
        one: before[one].links[line] - after[one].links.get(line, 0)
        for one in served
        if before[one].links[line] != after[one].links.get(line, 0)
    }
    rows = {row.line: row for row in found.rows}
    assert {one for one in rows if rows[one].turn == "turns late"} == {
        one for one in served if after[one].late and not before[one].late
    }
    assert {one for one in rows if rows[one].late_before and not rows[one].late_after} == {
        one for one in served if before[one].late and not after[one].late
    }
    assert {one: row.lost for one, row in rows.items() if row.lost} == lost
    assert set(rows) == {
        one for one in served if one in lost or before[one].arrival != after[one].arrival
    }
    for one, row in rows.items():
        arrival, promised = after[one].arrival, after[one].promised
        assert row.new_arrival == (None if arrival is None else CLOCK.day(arrival))
        assert promised == before[one].promised
        expected = (CLOCK.day(arrival) - CLOCK.day(promised)).days if after[one].late else 0
        assert row.days_late_after == expected
    assert found.lines == len(served)
    assert found.changed == len(rows)
    assert found.turn_late == sum(row.turn == "turns late" for row in rows.values())
    assert found.late_before == sum(before[one].late for one in served)
    assert found.late_after == sum(after[one].late for one in served)
    assert (found.losing, found.units_lost) == (len(lost), sum(lost.values()))
    assert (found.atp_before, found.atp_after) == (before[line].atp, after[line].atp)
    try:
        sync = service.plan_sync_dates(line)
    except Refused:
        assert found.sync == 0
    else:
        assert found.sync == len(sync.changes)
    stands = service.what_if(line, Supposed(), first=0)
    assert (stands.late_after, stands.sync, stands.rows) == (found.late_after, found.sync, ())
    assert set(service.verify().violations) <= odd  # random books have oddities of their own
    assert outcome.change_set_id is not None
    service.apply(service.plan_undo(outcome.change_set_id))
    assert state_of(service) == everything


@careful
@given(book=random_books(CLOCK), what=supposed)
def test_what_if_is_what_applying_brings(
    book: RandomBook,
    what: Supposed,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("book") / "desk.db"
    shutil.copy(sqlite_template, path)
    with desk_on(sqlite_url(path), book) as service:
        for order in book.purchases:
            for line in order.lines:
                check_what_if(service, LineId(*line.key), what)


@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
@on_servers
@given(book=random_books(CLOCK), what=supposed)
def test_what_if_is_what_applying_brings_on_a_server(
    book: RandomBook, what: Supposed, request: pytest.FixtureRequest, server: str
) -> None:
    with desk_on(emptied(request, server), book) as service:
        for order in book.purchases:
            for line in order.lines:
                check_what_if(service, LineId(*line.key), what)


def emptied(request: pytest.FixtureRequest, server: str) -> str:
    """The URL of an empty database of that server."""
    url: str = request.getfixturevalue(f"{server}_url")
    (empty_postgresql if server == "postgresql" else empty_mariadb)(url)
    return url


def marks_of(service: Service, line: LineId) -> tuple[str, ...]:
    """The line's marks."""
    return next(one for one in service.sales_order(line.order_id).items if one.line == line).marks


def check_suggestion(
    service: Service, line: LineId, suggestion: Suggestion, *, purchase: bool
) -> None:
    """Carry a suggestion out, see that the line is better off and nobody late; take it back."""
    before, everything = lines_of(service), state_of(service)
    odd = set(service.verify().violations)
    done = []
    for step in suggestion.steps:
        plan = service.plan_step(step)
        assert plan.changes, step
        done.append(service.apply(plan).change_set_id)
    after = lines_of(service)
    if suggestion.units:
        assert after[line].allocated - before[line].allocated == suggestion.units or purchase
        if purchase:
            held = sum(one.links.get(line, 0) for one in after.values() if line in one.links) - sum(
                one.links.get(line, 0) for one in before.values() if line in one.links
            )
            assert held == suggestion.units
    if not purchase:
        now = marks_of(service, line)
        if suggestion.helps == "on time":
            assert not {marks.BEFORE_ARRIVAL, marks.OVERDUE} & set(now), (suggestion, now)
        elif suggestion.helps == "in sync":
            assert marks.OUT_OF_SYNC not in now
        others = {one for one in after if after[one].late and not before[one].late}
        assert others <= {line}, (suggestion, others)
    assert set(service.verify().violations) <= odd  # random books have oddities of their own
    try:
        for change_set in reversed(done):
            service.apply(service.plan_undo(change_set))
    except StalePlan:
        # Units that are given back to a line whose units came in may be no supply any more.
        reject()
    assert state_of(service) == everything


def check_all(service: Service, book: RandomBook) -> None:
    """Every line can be explained, and every suggestion helps."""
    for order in (*book.sales, *book.purchases):
        for one in order.lines:
            line = LineId(*one.key)
            found = service.why(line)
            assert found.verdict
            for suggestion in found.suggestions:
                check_suggestion(service, line, suggestion, purchase=found.purchase)


@careful
@given(book=random_books(CLOCK), pinned=st.booleans())
def test_what_is_suggested_helps(
    book: RandomBook,
    pinned: bool,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("book") / "desk.db"
    shutil.copy(sqlite_template, path)
    with desk_on(sqlite_url(path), book, pinned=pinned) as service:
        check_all(service, book)


@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
@on_servers
@given(book=random_books(CLOCK), pinned=st.booleans())
def test_what_is_suggested_helps_on_a_server(
    book: RandomBook, pinned: bool, request: pytest.FixtureRequest, server: str
) -> None:
    with desk_on(emptied(request, server), book, pinned=pinned) as service:
        check_all(service, book)


@careful
@given(book=random_books(CLOCK))
def test_a_place_in_the_queue_is_counted_right(
    book: RandomBook, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Against a naive walk over the whole book."""
    path = tmp_path_factory.mktemp("book") / "desk.db"
    shutil.copy(sqlite_template, path)
    with desk_on(sqlite_url(path), book) as service:
        queues: dict[tuple[str, int], list[tuple[Any, LineId, int, int]]] = {}
        for order in book.sales:
            for line in order.lines:
                if marks.waits(order.status, line.status, line.facility):
                    queues.setdefault((order.store, line.product), []).append(
                        ((order.placed, *line.key), LineId(*line.key),
                         line.quantity - line.cancelled, line.allocated)
                    )  # fmt: skip
        for queue in queues.values():
            queue.sort()
            for place, (_, line_id, _, _) in enumerate(queue):
                found = service.why(line_id).queue
                assert found is not None
                ahead = queue[:place]
                assert (found.place, found.lines) == (place + 1, len(queue))
                assert found.units_ahead == sum(one[2] for one in ahead)
                assert found.allocated_ahead == sum(one[3] for one in ahead)
                assert [row.line for row in found.first] == [one[1] for one in ahead[:3]]
