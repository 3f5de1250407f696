"""A new database that takes a while gets its name when it is whole, or not at all."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from data.engine import sqlite_url
from preorder_tui.demo_site import make_demo_site
from preorder_tui.errors import Refused, Unreachable
from preorder_tui.new_database import made_aside, place_for

ROOT = Path(__file__).parents[2]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_only_for_a_file_that_is_not_there(tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere.db")
    assert place_for(sqlite_url(tmp_path / "new.db")) == tmp_path / "new.db"
    for url in (
        sqlite_url(there),
        sqlite_url(tmp_path / "link.db"),
        sqlite_url(tmp_path / "no folder" / "x.db"),
        f"{sqlite_url(tmp_path / 'new.db')}?timeout=5",
        "sqlite://",
        "postgresql://somewhere/desk",
    ):
        assert place_for(url) is None, url


def test_it_gets_its_name_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with made_aside(path) as url:
        file_of(url).write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert names(tmp_path) == ["new.db"]


def test_a_failure_leaves_nothing_and_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new.db"

    def fill(url: str) -> None:
        part = file_of(url)
        for ending in ("", "-wal", "-shm", "-journal"):
            part.with_name(part.name + ending).touch()
        raise Unreachable(f"{part} has no room left on its disk")

    with pytest.raises(Unreachable) as refused, made_aside(path) as url:
        fill(url)
    assert str(refused.value) == f"{path} has no room left on its disk"
    assert names(tmp_path) == []


def test_what_somebody_made_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "new.db"

    def fill(url: str) -> None:
        file_of(url).write_text("ours")
        path.write_text("theirs")

    with pytest.raises(Refused, match="somebody has just made it"), made_aside(path) as url:
        fill(url)
    assert path.read_text() == "theirs"
    assert names(tmp_path) == ["new.db"]


def test_without_second_names_it_is_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with made_aside(tmp_path / "new.db") as url:
        file_of(url).write_text("whole")
    assert names(tmp_path) == ["new.db"]


def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = f".new.db.{ended.pid}.new"
    others = f".new.db.{os.getppid()}.new"
    for name in (left, f"{left}-wal", others, ".new.db.mine.new", ".newer.db.1.new"):
        (tmp_path / name).touch()
    with made_aside(tmp_path / "new.db") as url:
        file_of(url).touch()
    assert names(tmp_path) == sorted([others, ".new.db.mine.new", ".newer.db.1.new", "new.db"])


def test_a_demo_site_is_made_aside(tmp_path: Path) -> None:
    path = tmp_path / "it's a [desk].db"
    seen: list[list[str]] = []
    make_demo_site(
        sqlite_url(path), orders=40, seed=1, progress=lambda *_: seen.append(names(tmp_path))
    )
    assert seen
    assert not any(path.name in there for there in seen)
    assert names(tmp_path) == [path.name]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def started(path: Path) -> subprocess.Popen[bytes]:
    """``init --demo`` in the middle of its rows."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "screens", "--database", sqlite_url(path)),
            *("init", "--demo", "--orders", "100000"),
        ],
        cwd=ROOT,
    )
    part = path.with_name(f".{path.name}.{process.pid}.new")
    give_up = time.monotonic() + 120
    while not (part.exists() and part.stat().st_size > 5_000_000):
        assert process.poll() is None
        assert time.monotonic() < give_up
        time.sleep(0.02)
    return process


def test_a_killed_init_leaves_no_database(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    process = started(path)
    process.kill()
    process.wait()
    assert not path.exists()
    assert f".desk.db.{process.pid}.new" in names(tmp_path)
    make_demo_site(sqlite_url(path), orders=20, seed=1)
    assert names(tmp_path) == ["desk.db"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    process = started(tmp_path / "desk.db")
    process.send_signal(number)
    assert process.wait(timeout=120) != 0
    assert names(tmp_path) == []
