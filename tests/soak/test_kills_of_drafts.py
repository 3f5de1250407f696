"""A desk killed at any moment of an edit: its draft is whole or not there, and it is told."""

from __future__ import annotations

import random
import re
import shutil
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, date
from pathlib import Path

import pytest

from data.engine import open_engine, sqlite_url
from preorder_tui import settings
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.service import Service
from tests.conftest import TODAY
from tests.screens.sales_book import fill
from tests.terminal.pty_desk import Desk

DAY = "20270331"
TITLE = "Promise date of 10001/00001"


@pytest.fixture(scope="module")
def book(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small book in a file."""
    path = tmp_path_factory.mktemp("drafts") / "book.db"
    shutil.copy(sqlite_template, path)
    engine = open_engine(sqlite_url(path))
    fill(engine, Clock(UTC, TODAY))
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def desk_on(path: Path) -> Desk:
    environment = {
        "PREORDER_TUI_DATABASE_URL": sqlite_url(path),
        "PREORDER_TUI_TODAY": TODAY.isoformat(),
    }
    return Desk(environment=environment)


def type_and_be_killed(path: Path, chance: random.Random) -> None:
    """Type a date at a person's pace, now and then apply it; the end comes when it comes."""
    with desk_on(path) as desk:
        desk.until("5 orders")
        desk.send("Enter", "e")
        desk.until(TITLE)
        end = time.monotonic() + chance.uniform(0.0, 4.0)
        keys = [*DAY, "Enter", "y"] if chance.random() < 0.5 else list(DAY)
        for key in keys:
            pause = min(end, time.monotonic() + chance.uniform(0.0, 0.4))
            while time.monotonic() < pause:
                desk.read(0.01)
            if time.monotonic() >= end:
                break
            desk.send(key)
        while time.monotonic() < end:
            desk.read(0.01)
        desk.signal(signal.SIGKILL)
        assert desk.end() == -signal.SIGKILL


def one_run(book: Path, folder: Path, seed: int) -> str:
    """Kill a desk as the seed says and look at everything; what was left of its draft."""
    path = folder / f"desk{seed}.db"
    shutil.copy(book, path)
    type_and_be_killed(path, random.Random(seed))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        (known,) = connection.execute("SELECT COUNT(*) FROM DESK_SESSION").fetchone()
    login = settings.login_name()
    service = Service(open_engine(sqlite_url(path)), Actor(login, "desk", login), Clock(UTC, TODAY))
    try:
        kept = [one.draft for one in service.kept_drafts()]
        assert len(kept) <= known <= 1
        (item,) = service.sales_order("10001").items
        applied = item.promise_date is not None
        assert item.promise_date in (None, date(2027, 3, 31))
        assert len(service.change_sets()) == applied
        assert service.verify().violations == ()
        for draft in kept:
            assert draft.title.startswith(TITLE), draft
            assert DAY.startswith(typed_in(draft.typed)), draft
        told_and_taken_up(path, kept[0].typed if kept else "", known=bool(known), applied=applied)
        assert service.kept_drafts() == ()
        assert service.sales_order("10001").items == (item,), "nothing is applied by itself"
    finally:
        service.close()
    return f"{'applied, ' if applied else ''}{'a draft' if kept else 'no draft'}"


def typed_in(words: str) -> str:
    """The digits of the date in what a draft says was typed."""
    found = re.search(r"typed ([\d-]+)", words)
    assert found is not None, words
    return found[1].replace("-", "")


def told_and_taken_up(path: Path, typed: str, *, known: bool, applied: bool) -> None:
    """The next start says what happened, and brings the draft back; it is left with Esc."""
    with desk_on(path) as desk:
        if typed:
            desk.until("What you typed is kept")
            desk.until(f"the desk was killed while you were at: {TITLE}")
            desk.until_quiet()
            desk.send("Enter")
            desk.until(f"Date {typed_in(typed)}|The plan is made anew.*it is not applied yet")
            desk.send("Esc", "Esc")
        elif known:
            desk.until(
                "was killed; its last change is" if applied else "was killed; it had changed"
            )
        else:
            desk.until("5 orders")
        desk.send("F3")
        assert desk.end() == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_desk_is_killed_while_somebody_types(book: Path, tmp_path: Path, seed: int) -> None:
    print(one_run(book, tmp_path, seed))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_desk_is_killed_sixty_times_while_somebody_types(book: Path, tmp_path: Path) -> None:
    outcomes = Counter(one_run(book, tmp_path, 100 + n) for n in range(60))
    print(dict(outcomes))
    assert outcomes["a draft"] >= 6
