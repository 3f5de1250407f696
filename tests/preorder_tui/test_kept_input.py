"""Kept drafts and open desks, by the service and by command, on every database."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from data.tables import change_set, desk_session, kept_input
from preorder_tui import desk_sessions, opening, running_process, settings
from preorder_tui.actor import Actor
from preorder_tui.backup import back_up, restore
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, UnknownId
from preorder_tui.kept_input import Draft
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.command_line import CommandLine

DRAFT = Draft("Sales Orders > #1", "Promise date of 10001/00001", "typed 2027-03-31", {"a": [1]})
OTHER = Draft("Sales Orders", "Sales Orders", '"ada"', {"filters": {"text": "ada"}})


@pytest.fixture
def ana(engine: Engine, clock: Clock) -> Service:
    return Service(engine, Actor("ana", "desk"), clock)


@pytest.fixture
def ben(engine: Engine, clock: Clock) -> Service:
    return Service(engine, Actor("ben", "desk"), clock)


def gone(engine: Engine, **values: object) -> None:
    """All desks that run were killed."""
    with engine.begin() as connection:
        connection.execute(update(desk_session).values(PROCESS="999999999, start 1", **values))


def sessions(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(desk_session.c.STATUS_ID)).scalars())


class TestDrafts:
    def test_a_draft_is_written_changed_and_taken_away(self, ana: Service, engine: Engine) -> None:
        first = ana.keep_input(None, [(None, DRAFT), (None, OTHER)])
        assert len(set(first.numbers)) == 2
        again = ana.keep_input(first.session, [(first.numbers[0], OTHER)], [first.numbers[1]])
        assert again.session == first.session
        assert again.numbers == first.numbers[:1]
        (kept,) = ana.kept_drafts()
        assert kept.draft == OTHER
        assert kept.in_use
        ana.keep_input(first.session, gone=again.numbers)
        assert ana.kept_drafts() == ()
        assert sessions(engine) == [desk_sessions.RUNNING]

    def test_it_is_nobody_elses(self, ana: Service, ben: Service) -> None:
        kept = ana.keep_input(None, [(None, DRAFT)], ended=desk_sessions.HUNG_UP)
        assert ben.kept_drafts() == ()
        assert ben.left_by_desks().drafts == ()
        with pytest.raises(UnknownId):
            ben.discard_draft(kept.numbers[0])
        mine = ben.keep_input(None, [(kept.numbers[0], OTHER)], [kept.numbers[0]])
        assert mine.numbers != kept.numbers
        assert [one.draft for one in ana.kept_drafts()] == [DRAFT]

    def test_a_login_that_acts_for_another_keeps_its_own(
        self, engine: Engine, clock: Clock
    ) -> None:
        for_ben = Service(engine, Actor("ben", "desk", "ana"), clock)
        for_ben.keep_input(None, [(None, DRAFT)])
        assert [one.draft for one in for_ben.kept_drafts()] == [DRAFT]
        assert Service(engine, Actor("ben", "desk"), clock).kept_drafts() == ()

    def test_it_goes_by_discarding(self, ana: Service) -> None:
        kept = ana.keep_input(None, [(None, DRAFT)])
        (number,) = kept.numbers
        with pytest.raises(Refused, match="is open at your desk"):
            ana.discard_draft(number)
        ana.keep_input(kept.session, ended=desk_sessions.HUNG_UP)
        assert ana.discard_draft(number, dry_run=True).draft == DRAFT
        assert ana.kept_drafts()
        assert ana.discard_draft(number).draft == DRAFT
        assert ana.kept_drafts() == ()
        with pytest.raises(UnknownId, match=f"no kept draft {number}"):
            ana.discard_draft(number)

    def test_after_thirty_days(self, ana: Service, ben: Service, engine: Engine) -> None:
        for who in (ana, ben):
            who.keep_input(None, [(None, DRAFT)], ended=desk_sessions.HUNG_UP)
        long_ago = ana.clock.now() - timedelta(days=31)
        with engine.begin() as connection:
            connection.execute(update(kept_input).values(KEPT_DATETIME=long_ago))
        assert ana.left_by_desks().drafts == ()
        assert ana.kept_drafts() == ()
        assert len(ben.kept_drafts()) == 1, "at the start of the same person"

    def test_init_forgets_old_ones(
        self, ana: Service, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PREORDER_TUI_TODAY", TODAY.isoformat())
        ana.keep_input(None, [(None, DRAFT)], ended=desk_sessions.HUNG_UP)
        url = engine.url.render_as_string(hide_password=False)
        opening.initialise(url)
        assert len(ana.kept_drafts()) == 1
        with engine.begin() as connection:
            long_ago = ana.clock.now() - timedelta(days=31)
            connection.execute(update(kept_input).values(KEPT_DATETIME=long_ago))
            connection.execute(update(desk_session).values(LAST_SEEN=long_ago))
        ana.left_by_desks()
        opening.initialise(url)
        assert ana.kept_drafts() == ()
        assert sessions(engine) == [desk_sessions.RUNNING], "the one that is open"

    def test_when_in_words(self, ana: Service, engine: Engine) -> None:
        ana.keep_input(None, [(None, DRAFT)], ended=desk_sessions.HUNG_UP)
        said = []
        for days in (0, 1, 4):
            moment = ana.clock.start_of(TODAY - timedelta(days=days)) + timedelta(hours=14)
            with engine.begin() as connection:
                connection.execute(update(kept_input).values(KEPT_DATETIME=moment))
            (one,) = ana.kept_drafts()
            said.append(one.sentence.partition(" while")[0])
        assert said == [
            "14:00 the line dropped",
            "Yesterday 14:00 the line dropped",
            "2026-11-21 14:00 the line dropped",
        ]


class TestDesks:
    def test_one_that_was_left_tells_nothing(self, ana: Service, engine: Engine) -> None:
        number = ana.left_by_desks().session
        ana.keep_input(number, ended=desk_sessions.LEFT)
        assert sessions(engine) == []
        left = ana.left_by_desks()
        assert (left.said, left.drafts, left.open) == ("", (), 0)

    def test_one_that_was_killed_is_told_once(self, ana: Service, engine: Engine) -> None:
        ana.left_by_desks()
        gone(engine, TERMINAL="pts/3")
        said = ana.left_by_desks().said
        assert said.startswith("Your desk on pts/3 (since "), said
        assert said.endswith(") was killed; it had changed nothing."), said
        gone(engine)
        again = ana.left_by_desks()
        assert "pts/3" not in again.said
        assert sessions(engine) == [desk_sessions.RUNNING]

    def test_the_last_change_set_is_named(self, ana: Service, engine: Engine, book: Book) -> None:
        book.sales_order("10001", TODAY, [("A", 4)])
        line = parse_line("10001/1")
        ana.apply(ana.plan_promise_date(line, TODAY + timedelta(days=3)))
        with engine.begin() as connection:  # before the desk was opened
            before = ana.clock.now() - timedelta(hours=1)
            connection.execute(update(change_set).values(CHANGE_DATETIME=before))
        ana.left_by_desks()
        gone(engine)
        assert "it had changed nothing" in ana.left_by_desks().said
        number = ana.apply(ana.plan_promise_date(line, TODAY + timedelta(days=9))).change_set_id
        gone(engine)
        assert f"its last change is set {number}, " in ana.left_by_desks().said

    def test_how_it_ended(self, ana: Service) -> None:
        number = ana.left_by_desks().session
        ana.keep_input(number, ended=desk_sessions.TERMINATED)
        assert "the desk was told to end" in ana.left_by_desks().said

    def test_an_open_one_is_counted_and_its_draft_not_offered(self, ana: Service) -> None:
        first = ana.keep_input(None, [(None, DRAFT)])
        second = ana.left_by_desks()
        assert (second.open, second.drafts, second.said) == (1, (), "")
        ana.keep_input(first.session, ended=desk_sessions.HUNG_UP)
        told = ana.left_by_desks(second.session)
        assert told.open == 0
        assert [one.draft for one in told.new_drafts] == [DRAFT]
        later = ana.left_by_desks(second.session)
        assert later.new_drafts == ()
        assert [one.draft for one in later.drafts] == [DRAFT], "it is still there"

    def test_one_on_another_host_by_when_it_was_seen(self, ana: Service, engine: Engine) -> None:
        number = ana.left_by_desks().session
        with engine.begin() as connection:
            connection.execute(update(desk_session).values(HOST_NAME="elsewhere"))
        left = ana.left_by_desks()
        assert (left.open, left.said) == (1, "")
        with engine.begin() as connection:
            connection.execute(
                update(desk_session)
                .where(desk_session.c.DESK_SESSION_ID == number)
                .values(LAST_SEEN=ana.clock.now() - timedelta(minutes=6))
            )
        left = ana.left_by_desks(left.session)
        assert "elsewhere" in left.said
        assert "was killed" in left.said
        ana.keep_input(number)  # it had only been away
        assert ana.left_by_desks(left.session).open == 1

    def test_a_desk_whose_row_was_taken_away_goes_on(self, ana: Service, engine: Engine) -> None:
        kept = ana.keep_input(None, [(None, DRAFT)])
        with engine.begin() as connection:
            connection.execute(kept_input.delete())
            connection.execute(desk_session.delete())
        again = ana.keep_input(kept.session, [(kept.numbers[0], OTHER)])
        (one,) = ana.kept_drafts()
        assert one.draft == OTHER
        assert sessions(engine) == [desk_sessions.RUNNING]
        assert again.session


def test_a_process_is_told_from_a_later_one_of_its_number() -> None:
    assert running_process.is_there(running_process.own_mark())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        mark = running_process.mark_of(other.pid)
        assert running_process.is_there(mark)
        assert not running_process.is_there(f"{other.pid}, start 1")
        other.kill()
        other.wait()
    assert not running_process.is_there(mark)
    for nonsense in ("", "x", "99999999999999999999, start 1"):
        assert not running_process.is_there(nonsense)


def test_a_backup_has_the_drafts_but_nobody_sits_at_its_desks(
    engine: Engine, ana: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREORDER_TUI_TODAY", TODAY.isoformat())
    url = engine.url.render_as_string(hide_password=False)
    open_desk = ana.keep_input(None, [(None, DRAFT)])
    ana.left_by_desks()
    copy = tmp_path / "copy.db"
    back_up(url, copy)
    ana.keep_input(open_desk.session, gone=open_desk.numbers)
    engine.dispose()
    restore(url, copy, ana.clock.now(), replace=True)
    assert sessions(engine) == [desk_sessions.RESTORED]
    left = ana.left_by_desks()
    assert [one.draft for one in left.new_drafts] == [DRAFT]
    assert "a backup was made" in left.said
    assert ana.verify().violations == ()


def test_listing_and_discarding_by_command(engine: Engine, clock: Clock, cli: CommandLine) -> None:
    me = Service(engine, Actor("ana", "desk", settings.login_name()), clock)
    assert "Nothing is kept" in cli("drafts").out
    kept = me.keep_input(None, [(None, DRAFT)])
    me.keep_input(kept.session, ended=desk_sessions.HUNG_UP)
    (number,) = kept.numbers
    printed = cli("drafts").out
    assert "Promise date of 10001/00001" in printed
    assert "the line dropped" in printed
    (document,) = cli.json("drafts")
    assert document["draftId"] == number
    assert document["typed"] == DRAFT.typed
    assert document["inUse"] is False
    assert "would be thrown away" in cli("drafts", "discard", number, "--dry-run").out
    assert me.kept_drafts()
    assert cli.json("drafts", "discard", number)["discarded"] is True
    assert me.kept_drafts() == ()
    assert "you have no kept draft" in cli.refuses(1, "drafts", "discard", number)
    cli.refuses(2, "drafts", "discard", "x")
