"""Waiting for SQLite's one lock: whoever is next in turn looks closely, the others seldom.

By itself SQLite looks less and less often, in the end ten times a second, and everybody in the same
steps: writers that began to wait together meet at each look, and the lock lies idle in between. Yet
each look takes a core from whoever has the lock, so not everybody may look often. One does: who
that is is settled by a lock on the database's folder, which leaves no file behind and goes with the
process. Where it cannot be had (a file system without such locks), everybody looks seldom.
"""

from __future__ import annotations

import os
from random import uniform
from time import monotonic, sleep
from typing import Any

CLOSELY, CLOSE_LOOKS = 0.000_05, 100
"""Seconds between two looks of the next in turn, and how many it takes: a small change holds the
lock for less than a millisecond. After that somebody does something long."""

SELDOM = (0.008, 0.05)
"""Seconds between the first two looks of everybody else, and at most."""


def take(connection: Any, known: dict[str, Any]) -> None:
    """Begin to write, and wait for the lock as long as the connection's busy_timeout says.

    Args:
        connection: of the driver, outside of a transaction.
        known: what is kept about this connection as long as it is open.

    Raises:
        sqlite3.OperationalError: nobody gave it back in that time, or something else is wrong.
    """
    patience = known.get("preorder_patience")
    if patience is None:
        patience = connection.execute("PRAGMA busy_timeout").fetchone()[0]
        known["preorder_patience"] = patience
    give_up = monotonic() + patience / 1000
    connection.execute("PRAGMA busy_timeout = 0")
    pause, longest = SELDOM
    close_looks, turn = CLOSE_LOOKS, None
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except connection.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or monotonic() > give_up:
                    break
            if turn is None:
                turn = next_in_turn(folder_of(connection, known))
            if turn is not None and close_looks:
                close_looks -= 1
                sleep(CLOSELY)
            else:
                sleep(pause * uniform(0.5, 1.0))
                pause = min(longest, 2 * pause)
        connection.execute("BEGIN IMMEDIATE")  # it says what is wrong
    finally:
        if turn is not None:
            os.close(turn)
        connection.execute(f"PRAGMA busy_timeout = {patience}")


def folder_of(connection: Any, known: dict[str, Any]) -> str:
    """The folder of a connection's database; empty for one in memory."""
    folder: str | None = known.get("preorder_folder")
    if folder is None:
        path = connection.execute("PRAGMA database_list").fetchone()[2]
        folder = known["preorder_folder"] = os.path.dirname(path)
    return folder


def next_in_turn(folder: str) -> int | None:
    """Be the next in turn until this file descriptor is closed; None: somebody else is."""
    import fcntl

    try:
        turn = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(turn)
        return None
    return turn
