"""The whole desk on demo data in a real terminal: opens, takes a typed-ahead way, ends cleanly."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.pty_desk import Desk

TODAY = {"PREORDER_TUI_TODAY": "2026-11-22"}


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def demo(folder: Path, **environment: str) -> Desk:
    surroundings = {**TODAY, "TMPDIR": str(folder), **environment}
    return Desk("demo", "--orders", "50", environment=surroundings)


def test_a_way_typed_before_the_desk_is_open(folder: Path) -> None:
    with demo(folder) as desk:
        desk.send("m", "procurement", "Enter", "Down", "Enter", "F12", "F1")
        desk.until("Help")
        desk.send("Esc", "m", "sales", "Enter", "Enter")
        desk.until("Sales Orders › .*Items|Items")
        desk.send("q")
        assert desk.end() == 0
    assert not list(folder.glob("preorder-tui-demo-*"))


def test_a_signal_leaves_no_demo_behind(folder: Path) -> None:
    with demo(folder) as desk:
        desk.until(r"^>   \d")
        desk.signal(signal.SIGTERM)
        assert desk.end() == 143
    assert not list(folder.glob("preorder-tui-demo-*"))


def test_plain_ascii_without_colour(folder: Path) -> None:
    with demo(folder, TERM="vt100", LANG="C", NO_COLOR="1") as desk:
        desk.until(r"^>   \d")
        start = desk.raw.rfind(b"\x1b[?1049h")
        desk.send("PgDn", "PgDn", "Enter")
        desk.until("Items")
        desk.send("m")
        desk.until("Hamburger Menu")
        desk.send("Esc", "F3")
        assert desk.end() == 0
        assert desk.raw[start:].isascii()


def test_a_cursor_move_is_cheap(folder: Path) -> None:
    with demo(folder) as desk:
        desk.until(r"^>   \d")
        desk.until_quiet(0.3)
        for _ in range(5):
            assert desk.cost_of("Down", quiet=0.2) <= 300
