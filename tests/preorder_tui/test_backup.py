"""Backup and restore by command: whole, checked, and never over what is there by accident."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from data.engine import open_engine, sqlite_path, sqlite_url
from data.tables import metadata
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from tests.conftest import TODAY
from tests.preorder_tui.command_line import CommandLine
from tests.screens.sales_book import fill

DAY = date(2027, 2, 1)


@pytest.fixture
def cli(database_url: str, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The small book, with a change set in it, and the command line on it."""
    engine = open_engine(database_url)
    fill(engine, Clock(UTC, TODAY))
    engine.dispose()
    line = CommandLine(database_url, capsys)
    line.json("set-promise-date", "10001/1", "2027-02-01")
    return line


@pytest.fixture
def sqlite_cli(sqlite_database_url: str, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The same on SQLite alone."""
    engine = open_engine(sqlite_database_url)
    fill(engine, Clock(UTC, TODAY))
    engine.dispose()
    line = CommandLine(sqlite_database_url, capsys)
    line.json("set-promise-date", "10001/1", "2027-02-01")
    return line


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return {
                table.name: sorted(
                    (tuple(row) for row in connection.execute(select(table))), key=repr
                )
                for table in metadata.sorted_tables
            }
    finally:
        engine.dispose()


def digest(path: Path) -> str:
    """What a file holds."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def leftovers(folder: Path) -> list[str]:
    """Unfinished files."""
    return [path.name for path in folder.iterdir() if ".part" in path.name]


def test_there_and_back(
    cli: CommandLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(cli.url)
    path = tmp_path / "backup.db"
    made = cli.json("backup", path)
    assert made["changeSetId"] == 1
    assert made["bytes"] == path.stat().st_size
    assert path.stat().st_mode & 0o777 == 0o600, "it holds names and addresses"
    assert contents(sqlite_url(path)) == before
    assert cli.json("--database", sqlite_url(path), "verify")["violations"] == []
    cli.json("deallocate", "10002/1")
    cli.json("set-promise-date", "10002/1", "2027-03-01")
    changed = contents(cli.url)
    assert "--replace" in cli.refuses(1, "restore", path)
    assert cli.json("restore", path, "--replace", "--dry-run")["restored"] is False
    assert contents(cli.url) == changed
    done = cli.json("restore", path, "--replace")
    assert done["violations"] == []
    assert contents(cli.url) == before
    kept = Path(done["keptFile"])
    assert contents(sqlite_url(kept)) == changed
    assert cli.json("set-promise-date", "10002/1", "2027-04-01")["changeSetId"] > 1
    assert cli.json("verify")["violations"] == []
    assert leftovers(tmp_path) == []


def test_into_an_empty_database_of_another_kind(
    cli: CommandLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "backup.db"
    cli.json("backup", path)
    before = contents(cli.url)
    new = CommandLine(sqlite_url(tmp_path / "new.db"), capsys)
    assert new.json("restore", path)["keptFile"] is None
    assert contents(new.url) == before
    assert [row["orderId"] for row in new.json("find", "sales", "lovelace")] == ["10001"]
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert new.json("set-promise-date", "10002/1", "2027-04-01")["changeSetId"] == 2


def test_a_backup_of_sqlite_goes_into_a_server(
    sqlite_cli: CommandLine, postgresql_url: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = tmp_path / "backup.db"
    sqlite_cli.json("backup", path)
    server = CommandLine(postgresql_url, capsys)
    server.json("restore", path, "--replace")
    assert contents(postgresql_url) == contents(sqlite_cli.url)
    assert server.json("set-promise-date", "10002/1", "2027-04-01")["changeSetId"] == 2
    assert server.json("verify")["violations"] == []


def test_a_backup_is_never_written_over_something(sqlite_cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "backup.db"
    path.write_text("something of mine")
    assert "exists already" in sqlite_cli.refuses(1, "backup", path)
    assert path.read_text() == "something of mine"
    own = sqlite_path(sqlite_cli.url)
    assert own is not None
    before = digest(own)
    assert "the database itself" in sqlite_cli.refuses(1, "backup", own, "--replace")
    assert "the database itself" in sqlite_cli.refuses(1, "restore", own, "--replace")
    assert "folder" in sqlite_cli.refuses(1, "backup", tmp_path)
    assert "folder" in sqlite_cli.refuses(1, "backup", tmp_path / "none" / "x.db")
    assert digest(own) == before
    sqlite_cli.json("backup", path, "--replace")
    assert leftovers(tmp_path) == []


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


def torn(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def scribbled(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = os.urandom(20_000)
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (torn, "no whole backup"),
        (scribbled, "no whole backup"),
        (newer, "newer preorder-tui"),
        (lambda path: (path.unlink(), foreign(path)), "tables of another program"),
        (lambda path: (path.unlink(), sqlite3.connect(path).execute("VACUUM")), "no backup"),
        (lambda path: path.write_bytes(b""), "no backup"),
        (lambda path: path.write_text("hello" * 1000), "no backup"),
        (lambda path: (path.unlink(), path.mkdir()), "folder"),
        (lambda path: path.unlink(), "cannot be read"),
    ],
)
def test_what_is_no_backup_is_not_restored(
    sqlite_cli: CommandLine, tmp_path: Path, spoil: Any, sentence: str
) -> None:
    path = tmp_path / "backup.db"
    sqlite_cli.json("backup", path)
    spoil(path)
    before = contents(sqlite_cli.url)
    assert sentence in sqlite_cli.refuses(1, "restore", path, "--replace")
    assert contents(sqlite_cli.url) == before
    assert leftovers(tmp_path) == []


def test_a_damaged_database_is_kept_and_replaced(sqlite_cli: CommandLine, tmp_path: Path) -> None:
    path, own = tmp_path / "backup.db", sqlite_path(sqlite_cli.url)
    assert own is not None
    sqlite_cli.json("backup", path)
    before = contents(sqlite_cli.url)
    own.write_bytes(b"no database at all" * 100)
    broken = digest(own)
    sqlite_cli.refuses(1, "restore", path)
    assert digest(own) == broken
    done = sqlite_cli.json("restore", path, "--replace")
    assert digest(Path(done["keptFile"])) == broken
    assert contents(sqlite_cli.url) == before


def test_a_foreign_database_is_never_replaced(sqlite_cli: CommandLine, tmp_path: Path) -> None:
    path, own = tmp_path / "backup.db", sqlite_path(sqlite_cli.url)
    assert own is not None
    sqlite_cli.json("backup", path)
    own.unlink()
    foreign(own)
    before = digest(own)
    assert "another program" in sqlite_cli.refuses(4, "restore", path, "--replace")
    assert digest(own) == before


def test_a_damaged_database_gives_no_backup(sqlite_cli: CommandLine, tmp_path: Path) -> None:
    own = sqlite_path(sqlite_cli.url)
    assert own is not None
    with closing(sqlite3.connect(own)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ORDER_ITEM'"
        ).fetchone()
    content = bytearray(own.read_bytes())
    content[(page - 1) * 4096 + 8 : page * 4096] = os.urandom(4088)
    own.write_bytes(bytes(content))
    path = tmp_path / "backup.db"
    assert "damaged" in sqlite_cli.refuses(4, "backup", path)
    assert not path.exists()
    assert leftovers(tmp_path) == []


def test_nobody_else_may_have_it_open(sqlite_cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "backup.db"
    sqlite_cli.json("backup", path)
    other = Service.open(sqlite_cli.url, Actor("ben", "desk"))
    other.sales_order("10001")
    before = contents(sqlite_cli.url)
    assert "open in another desk" in sqlite_cli.refuses(1, "restore", path, "--replace")
    assert contents(sqlite_cli.url) == before
    assert not [name for name in os.listdir(tmp_path) if "before-restore" in name]
    other.close()
    sqlite_cli.json("restore", path, "--replace")


def test_a_backup_is_one_state_while_people_write(
    sqlite_cli: CommandLine, tmp_path: Path, sqlite_database_url: str
) -> None:
    stop = threading.Event()
    writer = Service.open(sqlite_database_url, Actor("ben", "command"))
    line, supply = parse_line("10001/1"), parse_line("20002/1")
    written = 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            writer.apply(writer.plan_allocate(line, [(supply, 3)]))
            writer.apply(writer.plan_deallocate(line))
            written += 2

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(8):
            seen = written
            while written == seen:  # somebody writes all the time
                assert thread.is_alive()
                time.sleep(0.001)
            path = tmp_path / f"backup{number}.db"
            sqlite_cli.json("backup", path)
            assert sqlite_cli.json("--database", sqlite_url(path), "verify")["violations"] == []
    finally:
        stop.set()
        thread.join()
        writer.close()
    assert written > 8


STOPPING = """
import sys, time
from pathlib import Path
from data import copying
copying.PAGES = 1
def stop(done, total):
    if done >= total * float(sys.argv[4]):
        print("here", flush=True)
        time.sleep(1_000)
copying.overwrite_file(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), stop)
"""


@pytest.mark.parametrize("part", [0.0, 0.1, 0.3, 0.5, 0.8, 0.99])
def test_a_restore_that_is_killed_leaves_what_was_there(
    sqlite_cli: CommandLine, tmp_path: Path, part: float
) -> None:
    path, own = tmp_path / "backup.db", sqlite_path(sqlite_cli.url)
    assert own is not None
    sqlite_cli.json("backup", path)
    sqlite_cli.json("deallocate", "10002/1")
    before = contents(sqlite_cli.url)
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPING, str(path), str(own), str(tmp_path / "kept"), str(part)],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"here\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert contents(sqlite_cli.url) == before
    assert sqlite_cli.json("verify")["violations"] == []


def test_only_who_administers_may(
    sqlite_cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("preorder_tui.settings.login_name", lambda: "ana")
    sqlite_cli.json("backup", tmp_path / "backup.db")
    sqlite_cli.json("init", "--administrator", "ana")
    sqlite_cli.json("people", "add", "ben", "--group", "Viewers")
    for words in (("backup", tmp_path / "b.db"), ("restore", tmp_path / "backup.db", "--replace")):
        with monkeypatch.context() as at_login:
            at_login.setattr("preorder_tui.settings.login_name", lambda: "ben")
            assert "administer" in sqlite_cli.refuses(1, *words, "--user", "ben")
    assert not (tmp_path / "b.db").exists()
