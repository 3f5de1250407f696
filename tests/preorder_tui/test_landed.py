"""A commit that is not answered: the journal says whether the change was made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from data import transaction
from preorder_tui import landed
from preorder_tui.actor import Actor
from preorder_tui.errors import Uncertain, Unreachable
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from tests.book import Book

LINE = parse_line("10001/1")
Write = Callable[..., Any]


@pytest.fixture
def desk(book: Book, service: Service) -> Service:
    """A line that waits for a promise date."""
    book.product("CAP")
    book.sales_order("10001", date(2026, 11, 20), [("CAP", 2)])
    return service


def cut(monkeypatch: pytest.MonkeyPatch, *, before: bool, then: Any = None, times: int = 1) -> None:
    """The line drops at the next commits, before or after each was made."""
    write: Write = transaction.write
    left = iter(range(times))

    def dropping(*arguments: Any) -> Any:
        if next(left, None) is None:
            return write(*arguments)
        if not before:
            write(*arguments)
        if then is not None:
            then()
        raise transaction.CommitUnknown("the line dropped while the change was being committed")

    monkeypatch.setattr(transaction, "write", dropping)


def test_a_change_that_landed_is_told_as_done(
    desk: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = desk.plan_promise_date(LINE, date(2027, 2, 1))
    cut(monkeypatch, before=False)
    outcome = desk.apply(plan, reason="by phone")
    (change_set,) = desk.change_sets()
    assert outcome.change_set_id == change_set.change_set_id
    assert outcome.applied == 1
    assert "done" in outcome.summary


def test_a_change_that_did_not_land_is_made_again(
    desk: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = desk.plan_promise_date(LINE, date(2027, 2, 1))
    cut(monkeypatch, before=True, times=2)
    outcome = desk.apply(plan)
    (change_set,) = desk.change_sets()
    assert outcome.change_set_id == change_set.change_set_id


def test_a_change_that_never_lands_is_told_so(
    desk: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = desk.plan_promise_date(LINE, date(2027, 2, 1))
    cut(monkeypatch, before=True, times=3)
    with pytest.raises(Unreachable, match="nothing was changed: do it again") as caught:
        desk.apply(plan)
    assert not isinstance(caught.value, Uncertain)
    assert not desk.change_sets()
    assert desk.apply(plan).change_set_id is not None


def test_a_change_that_lands_late_is_not_made_twice(
    desk: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = desk.plan_promise_date(LINE, date(2027, 2, 1))
    late = Service(desk.engine, desk.actor, desk.clock)
    look = landed.outcome_of

    def looked_too_early(*arguments: Any) -> Any:
        monkeypatch.setattr(landed, "outcome_of", look)
        found = look(*arguments)
        late.apply(plan)  # what the server still had in hand arrives after the look
        return found

    monkeypatch.setattr(landed, "outcome_of", looked_too_early)
    cut(monkeypatch, before=True)
    outcome = desk.apply(plan)
    (change_set,) = desk.change_sets()
    assert outcome.change_set_id == change_set.change_set_id


def test_the_same_change_a_moment_before_is_not_taken_for_it(
    desk: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.apply(desk.plan_promise_date(LINE, date(2027, 2, 1)))
    desk.apply(desk.plan_undo())
    plan = desk.plan_promise_date(LINE, date(2027, 2, 1))
    cut(monkeypatch, before=True)
    again = desk.apply(plan)
    assert again.change_set_id is not None
    assert again.change_set_id != first.change_set_id
    assert len(desk.change_sets()) == 3


def test_what_is_not_known_is_not_guessed(desk: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = desk.plan_promise_date(LINE, date(2027, 2, 1))
    began = desk.clock.now()
    read = transaction.read

    def gone(*_: Any) -> Any:
        raise transaction.DatabaseUnreachable("the server has gone")

    cut(monkeypatch, before=False, then=lambda: monkeypatch.setattr(transaction, "read", gone))
    with pytest.raises(Uncertain):
        desk.apply(plan)
    monkeypatch.setattr(transaction, "read", read)
    outcome = desk.outcome_of(plan, began)
    assert outcome is not None


def test_what_others_did_is_not_taken_for_ones_own(desk: Service) -> None:
    began = desk.clock.now()
    ben = Service(desk.engine, Actor("ben", "command"), desk.clock)
    plan = desk.plan_promise_date(LINE, date(2027, 2, 1))
    ben.apply(plan)
    assert desk.outcome_of(plan, began) is None, "another person's"
    own = desk.plan_promise_date(LINE, date(2027, 3, 1))
    Service(desk.engine, desk.actor, desk.clock).apply(own)
    assert desk.outcome_of(own, began) is not None
    assert desk.outcome_of(plan, began) is None, "another date"
    later = desk.plan_promise_date(LINE, date(2027, 2, 1))
    assert desk.outcome_of(later, began) is None, "the same date, from another one"


def test_news_are_compared_one_by_one(desk: Service) -> None:
    ben = Service(desk.engine, Actor("ben", "command"), desk.clock)
    known = desk.whats_new().known
    first = ben.apply(ben.plan_promise_date(LINE, date(2027, 2, 1))).change_set_id
    second = ben.apply(ben.plan_promise_date(LINE, date(2027, 2, 2))).change_set_id
    assert first is not None
    assert second is not None
    news = desk.whats_new(known)
    assert [one.change_set_id for one in news.change_sets] == [first, second]
    assert news.lines == {LINE}
    assert news.orders == {"10001"}
    late = desk.whats_new(known | {second})
    assert [one.change_set_id for one in late.change_sets] == [first], "committed after a later one"
    assert not desk.whats_new(news.known)
