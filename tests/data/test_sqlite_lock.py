"""Waiting for SQLite's lock: one looks closely, nothing is left behind, patience has an end."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data import sqlite_lock


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Callable[[], sqlite3.Connection]]:
    """Opens connections to one file."""
    opened: list[sqlite3.Connection] = []

    def one() -> sqlite3.Connection:
        opened.append(
            sqlite3.connect(tmp_path / "one.db", isolation_level=None, check_same_thread=False)
        )
        for statement in ("PRAGMA journal_mode = WAL", "BEGIN IMMEDIATE", "COMMIT"):
            opened[-1].execute(statement)  # with all its files open
        return opened[-1]

    yield one
    for connection in opened:
        connection.close()


def open_files() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


def timeout_of(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    return found


def test_one_is_next_in_turn_until_it_has_had_it(tmp_path: Path) -> None:
    folder = str(tmp_path)
    first = sqlite_lock.next_in_turn(folder)
    assert first is not None
    assert sqlite_lock.next_in_turn(folder) is None
    os.close(first)
    again = sqlite_lock.next_in_turn(folder)
    assert again is not None
    os.close(again)


def test_where_there_is_no_folder_nobody_is_next(tmp_path: Path) -> None:
    assert sqlite_lock.next_in_turn("") is None
    assert sqlite_lock.next_in_turn(str(tmp_path / "gone")) is None


def test_several_wait_until_it_is_given_back(
    connect: Callable[[], sqlite3.Connection],
) -> None:
    holder, waiting = connect(), [connect() for _ in range(3)]
    for connection in waiting:
        connection.execute("PRAGMA busy_timeout = 30000")
    before = open_files()
    holder.execute("BEGIN IMMEDIATE")
    order: list[int] = []

    def wait(number: int) -> None:
        sqlite_lock.take(waiting[number], {})
        order.append(number)
        waiting[number].execute("COMMIT")

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    assert order == []
    holder.execute("COMMIT")
    for thread in threads:
        thread.join(30)
    assert sorted(order) == [0, 1, 2]
    assert [timeout_of(connection) for connection in waiting] == [30000] * 3
    assert open_files() == before


@pytest.mark.parametrize("turns", [True, False])
def test_patience_has_an_end(
    connect: Callable[[], sqlite3.Connection], monkeypatch: pytest.MonkeyPatch, *, turns: bool
) -> None:
    if not turns:
        monkeypatch.setattr(sqlite_lock, "next_in_turn", lambda _folder: None)
    holder, waiting = connect(), connect()
    waiting.execute("PRAGMA busy_timeout = 60")
    before = open_files()
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        sqlite_lock.take(waiting, {})
    assert not waiting.in_transaction
    assert timeout_of(waiting) == 60
    assert open_files() == before
    holder.execute("COMMIT")
    sqlite_lock.take(waiting, {})
    assert waiting.in_transaction
