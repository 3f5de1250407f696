"""Whenever the desk is ended, whatever it is doing: the terminal is as it was."""

from __future__ import annotations

import random
import signal
import termios
import time
from pathlib import Path

import pytest

from data.engine import open_engine, sqlite_url
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.service import Service
from tests.soak.many_terminals import TODAY, make_book
from tests.terminal.pty_desk import Desk

ENDS = ((signal.SIGHUP, 129), (signal.SIGTERM, 143), (signal.SIGINT, 130))
WAYS = (
    (),
    ("Down", "Enter", "Down"),
    ("m", "auto", "Enter", "w"),
    ("/", "bag"),
    (":", "purchase", "Enter", "Enter"),
    ("i", "l", "Enter"),
    ("F1",),
    ("e", "2026-12-31"),
)
MOUSE = (b"\x1b[?1000h", b"\x1b[?1002h", b"\x1b[?1003h", b"\x1b[?1015h", b"\x1b[?1006h")


def end_at_random(book: Path, seed: int) -> None:
    """Open the desk, type something, and end it a moment later."""
    chance = random.Random(seed)
    number, status = chance.choice(ENDS)
    environment = {
        "PREORDER_TUI_DATABASE_URL": sqlite_url(book),
        "PREORDER_TUI_TODAY": TODAY,
        "XDG_STATE_HOME": str(book.parent),
    }
    with Desk(environment=environment) as desk:
        modes = termios.tcgetattr(desk.child.child_fd)
        if chance.random() < 0.7:
            desk.until(r"^>   \d")
            desk.send(*chance.choice(WAYS))
        else:  # while it opens: from the moment that the terminal is its own
            give_up = time.monotonic() + 15
            while b"\x1b[?1049h" not in desk.raw:
                assert time.monotonic() < give_up, desk.raw
                desk.read()
        pause = time.monotonic() + chance.uniform(0, 0.6)
        while time.monotonic() < pause:
            desk.read()
        desk.signal(number)
        assert desk.end(30) == status, (seed, desk.text)
        for wanted in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l"):
            assert wanted in desk.raw, (seed, wanted)
        assert desk.raw.rfind(b"\x1b[?1049h") < desk.raw.rfind(b"\x1b[?1049l")
        assert desk.raw.rfind(b"\x1b[?25l") < desk.raw.rfind(b"\x1b[?25h")
        assert not any(on in desk.raw for on in MOUSE)
        assert termios.tcgetattr(desk.child.child_fd)[:4] == modes[:4], seed
        assert b"Traceback" not in desk.raw
    engine = open_engine(sqlite_url(book))
    service = Service(engine, Actor("auditor", "command"), Clock.from_environment())
    assert service.verify().violations == ()
    service.close()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ended") / "book.db"
    make_book(path, 200)
    return path


@pytest.mark.parametrize("seed", range(4))
def test_the_desk_is_ended(book: Path, seed: int) -> None:
    end_at_random(book, seed)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_desk_is_ended_where_it_could_not_open_for_want_of_room(
    book: Path, number: signal.Signals
) -> None:
    environment = {
        "PREORDER_TUI_DATABASE_URL": sqlite_url(book),
        "PREORDER_TUI_TODAY": TODAY,
        "XDG_STATE_HOME": str(book.parent),
    }
    with Desk(environment=environment, size=(40, 12)) as desk:
        desk.until("too small")
        desk.until_quiet(1.0)
        desk.signal(number)
        assert desk.end(15) == 128 + number


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_the_desk_is_ended_a_hundred_times(book: Path) -> None:
    for seed in range(100, 200):
        end_at_random(book, seed)
