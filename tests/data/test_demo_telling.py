"""The rows of a large demo come from a process of their own: the same rows, and it never stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from data.demo import StoryLost, generate, telling
from data.demo.batches import Batch
from data.demo.story import Story, Told
from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from tests.data.test_demo import TODAY, TRIGGERS, count, digest, filled, rows

INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name"


@pytest.fixture
def told_elsewhere(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every story is told by a process of its own: these, from now on."""
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def noted(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(start(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(telling, "TOLD_HERE", 0)
    monkeypatch.setattr(telling.subprocess, "Popen", noted)
    return started


def test_another_process_tells_the_same(told_elsewhere: list[subprocess.Popen[bytes]]) -> None:
    here: list[Told] = list(Story(400, 7, TODAY).told())
    with telling.telling(400, 7, TODAY) as story:
        assert list(story) == here
    assert len(told_elsewhere) == 1
    assert told_elsewhere[0].returncode is not None
    assert sum(len(told.rows) for told in here if isinstance(told, Batch)) > 4_000
    assert here.index(400) > 100  # all days have been told of


def test_the_book_is_the_same_to_the_byte(
    tmp_path: Path, told_elsewhere: list[subprocess.Popen[bytes]]
) -> None:
    elsewhere = filled(sqlite_url(tmp_path / "elsewhere.db"), orders=300)
    assert told_elsewhere
    engine = open_engine(sqlite_url(tmp_path / "here.db"))
    upgrade(engine)
    before = rows(engine, INDEXES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telling, "TOLD_HERE", 300)
        generate(engine, orders=300, today=TODAY, new_file=True)
    assert len(told_elsewhere) == 1
    assert digest(engine) == digest(elsewhere)
    assert rows(engine, INDEXES) == rows(elsewhere, INDEXES) == before
    assert rows(engine, TRIGGERS) == rows(elsewhere, TRIGGERS)
    for made in (engine, elsewhere):
        assert rows(made, "PRAGMA journal_mode") == [("wal",)]
        assert rows(made, "PRAGMA foreign_keys") == [(1,)]
        made.dispose()


def test_a_story_left_early_leaves_no_process(
    told_elsewhere: list[subprocess.Popen[bytes]],
) -> None:
    with telling.telling(100_000, 7, TODAY) as story:
        assert len(list(islice(story, 3))) == 3
        assert told_elsewhere[0].poll() is None
    assert told_elsewhere[0].returncode == -signal.SIGKILL


def test_a_process_that_is_killed_takes_the_whole_demo_with_it(
    tmp_path: Path, told_elsewhere: list[subprocess.Popen[bytes]]
) -> None:
    engine = open_engine(sqlite_url(tmp_path / "demo.db"))
    upgrade(engine)
    before = rows(engine, INDEXES), rows(engine, TRIGGERS)

    def kill(_done: int, _total: int) -> None:
        os.kill(told_elsewhere[0].pid, signal.SIGKILL)

    with pytest.raises(StoryLost, match="has ended"):
        generate(engine, orders=60_000, today=TODAY, progress=kill)
    assert count(engine, '"PRODUCT"') == count(engine, '"ORDER_HEADER"') == 0
    assert (rows(engine, INDEXES), rows(engine, TRIGGERS)) == before
    engine.dispose()


def test_what_goes_wrong_there_is_told_here(
    told_elsewhere: list[subprocess.Popen[bytes]],
) -> None:
    with (
        pytest.raises(RuntimeError, match="OverflowError: date value out of range"),
        telling.telling(10, 7, date.max) as story,
    ):
        list(story)
    assert told_elsewhere[0].returncode is not None


def test_it_ends_when_nobody_listens() -> None:
    teller = subprocess.Popen(
        [sys.executable, "-m", "data.demo.telling", "200000", "7", TODAY.isoformat()],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert teller.stdout is not None
    assert len(teller.stdout.read(100_000)) == 100_000
    teller.stdout.close()
    assert teller.wait(timeout=120) == 1


def test_who_tells_needs_no_database() -> None:
    program = (
        "import sys, data.demo.telling; "
        "print({'sqlalchemy', 'sqlite3', 'alembic', 'numpy'} & set(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert found.stdout == "set()\n"
