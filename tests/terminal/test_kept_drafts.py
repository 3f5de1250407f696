"""A desk of its own process, ended in the middle of an edit in every way there is."""

from __future__ import annotations

import signal
import time
from datetime import date
from pathlib import Path

import pytest

from data.engine import BUSY_TIMEOUT_SECONDS
from preorder_tui import settings
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.kept_input import KeptDraft
from preorder_tui.opening import open_database
from preorder_tui.service import Service
from tests.conftest import TODAY
from tests.screens.sales_book import book_url
from tests.terminal.pty_desk import PATIENCE_SECONDS, Desk

__all__ = ["book_url"]
WAYS = {
    signal.SIGKILL: "the desk was killed",
    signal.SIGHUP: "the line dropped",
    signal.SIGTERM: "the desk was told to end",
}


@pytest.fixture
def service(book_url: str) -> Service:
    """One's own service on the book."""
    engine, _ = open_database(book_url)
    actor = Actor(settings.login_name(), "desk", settings.login_name())
    return Service(engine, actor, Clock(fixed_today=TODAY))


def desk(url: str, log: Path, size: tuple[int, int] = (80, 24)) -> Desk:
    environment = {
        "PREORDER_TUI_DATABASE_URL": url,
        "PREORDER_TUI_TODAY": TODAY.isoformat(),
        "PREORDER_TUI_LOG": str(log),
    }
    return Desk(environment=environment, size=size)


def until_kept(service: Service, typed: str) -> KeptDraft:
    """Wait for the one draft, with all that was typed."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while [one.draft.typed for one in service.kept_drafts()] != [f"typed {typed}"]:
        assert time.monotonic() < give_up, f"it is not kept: {service.kept_drafts()}"
        time.sleep(0.02)
    (one,) = service.kept_drafts()
    return one


@pytest.mark.parametrize("number", WAYS, ids=[one.name for one in WAYS])
def test_what_was_typed_is_there_again(
    number: signal.Signals, service: Service, book_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "desk.log"
    with desk(book_url, log) as first:
        first.until("5 orders")
        first.send("Enter", "e")
        first.until("Promise date of 10001/00001")
        first.send("20270331")
        first.until("Date 20270331")
        if number == signal.SIGKILL:  # who is killed says nothing: it is kept while it is typed
            until_kept(service, "20270331")
        first.signal(number)
        assert first.end() == (-9 if number == signal.SIGKILL else 128 + number)
    until_kept(service, "20270331")
    with desk(book_url, log) as second:
        second.until("What you typed is kept")
        second.until(f"{WAYS[number]} while you were at: Promise date of")
        second.until_quiet()
        second.send("Enter")
        second.until("Date 20270331")
        assert service.sales_order("10001").items[0].promise_date is None
        second.send("Enter", "y")
        second.until("one, 1 change on 1 line")
        second.send("F3")
        assert second.end() == 0
    assert service.sales_order("10001").items[0].promise_date == date(2027, 3, 31)
    assert service.kept_drafts() == ()
    assert service.verify().violations == ()
    assert len(service.change_sets()) == 1
    assert "20270331" not in log.read_text()
    with desk(book_url, log) as third:
        third.until("5 orders")
        time.sleep(1.5)
        third.until_quiet()
        assert "kept" not in third.text
        assert "killed" not in third.text
        third.send("F3")
        assert third.end() == 0
    service.close()


def test_a_key_does_not_wait_for_the_draft(service: Service, book_url: str, tmp_path: Path) -> None:
    """While somebody else holds the database's one lock, typing goes on."""
    import sqlite3
    from contextlib import closing

    path = str(service.engine.url.database)
    with desk(book_url, tmp_path / "desk.log") as one:
        one.until("5 orders")
        time.sleep(1.5)
        one.send("Enter", "e")
        one.until("Promise date of 10001/00001")
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            for number, digit in enumerate("20270331", start=1):
                began = time.monotonic()
                one.send(digit)
                one.until(f"Date {'20270331'[:number]}")
                # What waits for the lock waits for ten seconds, and then in vain.
                assert time.monotonic() - began < BUSY_TIMEOUT_SECONDS - 1
                time.sleep(0.4)  # long enough for looks in between
            other.rollback()
        until_kept(service, "20270331")
        one.send("Esc", "F3")
        assert one.end() == 0
    assert service.kept_drafts() == ()
    service.close()
