"""Demo data beside a plain executemany of the very same rows.

``python -m tests.benchmarks.demo [ORDERS]`` makes a demo book (100,000 orders), and then writes its
rows into plain tables: the same columns, keys and b-tree indexes, no guards, no foreign keys, no
index for searching. Reading the rows is not counted; the indexes are built when the rows are there.
Processor time is that of all processes; so is memory, which two of them share the work with.
"""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from data.engine import sqlite_url
from tests.benchmarks.exim import SETTINGS
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.service import TODAY

ROWS_AT_ONCE = 20_000
SEARCH_INDEX = ("ORDER_HEADER_SEARCH", "PRODUCT_SEARCH")


class Cost(NamedTuple):
    """What some work took."""

    seconds: float
    processor: float  # seconds, of the person's programs and of the system for them
    megabytes: float = 0.0  # at most, of all processes together


def figures(book: Path, orders: int, folder: Path) -> Iterator[Figure]:
    """Seconds, processor time and memory of ``init --demo``, beside the plain rows."""
    ours = made(book, orders)
    floor, rows = plain_rows(book, folder / "plain.db")
    work = f"init --demo ({orders:,} orders, {rows:,} rows)"
    raw = "raw executemany"
    yield Figure(work, raw, floor.seconds, ours.seconds, "s", "≤ 3x")
    yield Figure(f"{work}, processor time", raw, floor.processor, ours.processor, "s", "")
    yield Figure(f"{work}, peak memory", "limit", 500, ours.megabytes, "MB", "≤ 500 MB")


def made(book: Path, orders: int) -> Cost:
    """What the whole command costs."""
    environment = os.environ | {
        "PREORDER_TUI_DATABASE_URL": sqlite_url(book),
        "PREORDER_TUI_TODAY": TODAY.isoformat(),
    }
    argv = [sys.executable, "-m", "screens", "init", "--demo", "--orders", str(orders)]
    before = _processor(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    peak = 0
    with subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            time.sleep(0.05)
    taken = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"init --demo ended with status {process.returncode}")
    return Cost(taken, _processor(resource.RUSAGE_CHILDREN) - before, peak / 1024)


def _processor(whose: int) -> float:
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime


def _resident(process: int) -> int:
    """Kilobytes that a process and those it has started have in memory just now."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:  # it has just ended
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return sum(map(int, found)) + sum(_resident(int(child)) for child in children)


def plain_rows(book: Path, target: Path) -> tuple[Cost, int]:
    """What the rows of ``book`` take to be written into a plain copy, and how many they are."""
    source = sqlite3.connect(book)
    raw = sqlite3.connect(target, isolation_level=None)
    raw.executescript(SETTINGS + "PRAGMA foreign_keys = OFF;")
    tables = _statements(source, "table")
    seconds, processor, count = 0.0, 0.0, 0
    for create in tables.values():
        raw.execute(create)
    raw.execute("BEGIN IMMEDIATE")
    for name in tables:
        columns = [row[1] for row in source.execute(f'PRAGMA table_xinfo("{name}")') if row[6] == 0]
        named = ", ".join(f'"{column}"' for column in columns)
        insert = f'INSERT INTO "{name}" ({named}) VALUES ({", ".join("?" * len(columns))})'
        cursor = source.execute(f'SELECT {named} FROM "{name}"')
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            start, used = time.perf_counter(), time.process_time()
            raw.executemany(insert, rows)
            seconds += time.perf_counter() - start
            processor += time.process_time() - used
            count += len(rows)
    start, used = time.perf_counter(), time.process_time()
    for create in _statements(source, "index").values():
        raw.execute(create)
    raw.execute("COMMIT")
    seconds += time.perf_counter() - start
    processor += time.process_time() - used
    raw.close()
    source.close()
    return Cost(seconds, processor), count


def _statements(source: sqlite3.Connection, kind: str) -> dict[str, str]:
    """What makes the tables or indexes of a book, by name; nothing of the index for searching."""
    found = source.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL", (kind,)
    )
    return {name: sql for name, sql in found if not name.startswith(("sqlite_", *SEARCH_INDEX))}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("orders", type=int, nargs="?", default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(table(list(figures(Path(folder) / "demo.db", given.orders, Path(folder)))))


if __name__ == "__main__":
    main()
