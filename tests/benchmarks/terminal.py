"""In a real pty: exec to first rows, a key to the last byte painted, bytes, memory.

Everything is measured beside its floor in the same run, turn by turn, so that a busy machine is as
busy for the one as for the other.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from data.engine import sqlite_url
from tests.benchmarks.figures import Figure
from tests.benchmarks.recording import QUIET, Recording, Stroke

TITLE = "Sales Orders"
FIND_HEADINGS = r"Order +Name +Ordered"
FIND_ROW = r"#\d{4}"
RAW_ANSI_CURSOR_DOWN = 174
AHEAD = 50


def desk(path: Path, **options: str) -> Recording:
    """The desk on the SQLite file at ``path``, started as its console script starts it."""
    command = [sys.executable, "-c", "from screens.__main__ import main; main()"]
    environment = {
        "PREORDER_TUI_DATABASE_URL": sqlite_url(path),
        "PREORDER_TUI_TODAY": "2026-11-25",
    }
    return Recording(command, environment=environment | options)


def hello() -> Recording:
    """The smallest Textual program."""
    return Recording([sys.executable, "-m", "tests.benchmarks.hello"])


def bare_list() -> Recording:
    """The smallest list in Textual."""
    return Recording([sys.executable, "-m", "tests.benchmarks.bare_list"])


# --- Start --------------------------------------------------------------------------------------


def start_times(path: Path, repeat: int = 15) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds from exec to hello world, to the whole Find frame, to its first rows."""
    greeted: list[float] = []
    framed: list[float] = []
    filled: list[float] = []
    for turn in range(repeat + 1):
        with hello() as program:
            program.wait_for("Hello, world")
            program.settle()
        with desk(path) as program_of_ours:
            program_of_ours.wait_for(FIND_ROW)
            program_of_ours.settle()
        if turn:  # the first compiles what has not been compiled yet
            greeted.append(program.seen_after("Hello, world"))
            framed.append(program_of_ours.seen_after(f"{TITLE}(.|\n)*{FIND_HEADINGS}(.|\n)*F3/q"))
            filled.append(program_of_ours.seen_after(FIND_ROW))
    return greeted, framed, filled


# --- Keys ---------------------------------------------------------------------------------------


def strokes(
    programs: Sequence[Recording], key: str, back: str, repeat: int, *, quiet: float = QUIET
) -> list[list[Stroke]]:
    """What each press of ``key`` costs in each program, in turns; ``back`` keeps them in sight."""
    taken: list[list[Stroke]] = [[] for _ in programs]
    for turn in range(repeat):
        there = turn % 16 < 8
        for program, found in zip(programs, taken, strict=True):
            found.append(program.stroke(key if there else back, quiet=quiet))
    return taken


def typed_ahead(program: Recording) -> tuple[float, float]:
    """Milliseconds of fifty single cursor-downs, and of fifty in one write.

    The single ones are each waited for, without the moment of quiet that tells their end. Both end
    on the same row, or it is an error.
    """
    program.stroke("Home", quiet=0.2)
    single = sum(program.stroke("Down").milliseconds for _ in range(AHEAD))
    wanted = _row_under_cursor(program)
    program.stroke("Home", quiet=0.2)
    at_once = program.stroke(*["Down"] * AHEAD, quiet=0.2).milliseconds
    found = _row_under_cursor(program)
    assert found == wanted, f"{AHEAD} in one write: {found!r}, one by one: {wanted!r}"
    return single, at_once


def _row_under_cursor(program: Recording) -> str:
    return next(line for line in program.text().splitlines() if line.startswith(">"))


def medians(taken: Sequence[Stroke]) -> tuple[float, float]:
    """Median milliseconds and bytes."""
    return (
        statistics.median(one.milliseconds for one in taken),
        statistics.median(one.size for one in taken),
    )


# --- The lines of the table ---------------------------------------------------------------------


def figures(path: Path) -> Iterator[Figure]:
    """The terminal's lines of the table, on the database at ``path``."""
    greeted, framed, filled = map(statistics.median, start_times(path))
    floor = "hello-world Textual"
    yield Figure("exec to the whole Find frame", floor, greeted, framed, "ms", "≤ 1.3x")
    yield Figure("exec to first rows of Find", floor, greeted, filled, "ms", "≤ 2.0x")
    with desk(path) as ours, bare_list() as bare:
        for program, wanted in ((ours, FIND_ROW), (bare, "Customer 5")):
            program.wait_for(wanted)
            program.settle(0.5)
        yield Figure("resident memory of one open desk", "limit", 75, ours.resident(), "MB", "")
        for name, key, back in (
            ("cursor down", "Down", "Up"),
            ("next page", "PgDn", "PgUp"),
        ):
            of_ours, of_bare = strokes((ours, bare), key, back, 48)
            (taken, size), (bare_taken, bare_size) = medians(of_ours), medians(of_bare)
            yield Figure(
                f"{name}, key to last byte", "bare ScrollView list", bare_taken, taken, "ms",
                "≤ 1.5x",
            )  # fmt: skip
            yield Figure(name, "bare ScrollView list", bare_size, size, "bytes", "")
            if name == "cursor down":
                yield Figure(name, "raw ANSI", RAW_ANSI_CURSOR_DOWN, size, "bytes", "≤ 250 bytes")
        single, at_once = typed_ahead(ours)
        yield Figure(
            f"{AHEAD} cursor-downs in one write", f"{AHEAD} single ones", single, at_once, "ms",
            "< 1x",
        )  # fmt: skip
