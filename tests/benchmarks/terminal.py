"""In a real pty: exec to first rows, and a key to the last byte painted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from data.engine import sqlite_url
from tests.benchmarks.figures import Figure
from tests.terminal.pty_desk import Desk

FIND_ROW = r"#\d{4}"
RAW_ANSI_CURSOR_DOWN = 174


def start_times(url: str, repeat: int = 11) -> tuple[float, float, float]:
    """Median milliseconds from exec to: hello world, the desk's first frame, its first rows."""
    hello, frame, rows = [], [], []
    environment = {"PREORDER_TUI_DATABASE_URL": url, "PREORDER_TUI_TODAY": "2026-11-25"}
    for _ in range(repeat):
        start = time.perf_counter()
        with Desk(module="tests.benchmarks.hello") as desk:
            desk.until("Hello, world")
            hello.append(time.perf_counter() - start)
        start = time.perf_counter()
        with Desk(environment=environment) as desk:
            desk.until("Sales Orders|Order Management")
            frame.append(time.perf_counter() - start)
            desk.until(FIND_ROW)
            rows.append(time.perf_counter() - start)
    return tuple(1000 * statistics.median(times) for times in (hello, frame, rows))  # type: ignore[return-value]


def cursor_down(url: str, repeat: int = 24) -> tuple[float, float]:
    """Median milliseconds to the last byte, and bytes, of one cursor down at 80x24."""
    environment = {"PREORDER_TUI_DATABASE_URL": url, "PREORDER_TUI_TODAY": "2026-11-25"}
    taken, sizes = [], []
    with Desk(environment=environment) as desk:
        desk.until(FIND_ROW)
        desk.until_quiet()
        for step in range(repeat):
            before = len(desk.raw)
            start = time.perf_counter()
            desk.send("Down" if step % 16 < 8 else "Up")
            last = start
            while time.perf_counter() - last < 0.06:
                if desk.read(0.005):
                    last = time.perf_counter()
            taken.append((last - start) * 1000)
            sizes.append(len(desk.raw) - before)
    return statistics.median(taken), statistics.median(sizes)


def figures(path: Path) -> Iterator[Figure]:
    """The terminal's lines of the table, on the database at ``path``."""
    hello, frame, rows = start_times(sqlite_url(path))
    yield Figure("exec to full Find frame", "hello-world Textual", hello, frame, "ms", "≤ 2.5x")
    yield Figure("exec to first rows of Find", "hello-world Textual", hello, rows, "ms", "≤ 2.0x")
    taken, size = cursor_down(sqlite_url(path))
    yield Figure(
        "cursor down, key to last byte", "bare ScrollView list", 2.5, taken, "ms", "≤ 1.5x"
    )
    yield Figure("cursor down", "raw ANSI", RAW_ANSI_CURSOR_DOWN, size, "bytes", "≤ 250 bytes")
