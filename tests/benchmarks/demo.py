"""Demo data beside a plain executemany of the very same rows.

``python -m tests.benchmarks.demo [ORDERS]`` makes a demo book (100,000 orders), and then writes its
rows into plain tables: the same columns, keys and b-tree indexes, no guards, no foreign keys, no
index for searching. Reading the rows is not counted; the indexes are built when the rows are there.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.exim import SETTINGS, command
from tests.benchmarks.figures import Figure, table

ROWS_AT_ONCE = 20_000
SEARCH_INDEX = ("ORDER_HEADER_SEARCH", "PRODUCT_SEARCH")


def figures(book: Path, orders: int, folder: Path) -> Iterator[Figure]:
    """Seconds and memory of ``init --demo``, beside the plain rows."""
    taken, memory, _ = command(book, "init", "--demo", "--orders", orders)
    floor, rows = plain_rows(book, folder / "plain.db")
    work = f"init --demo ({orders:,} orders, {rows:,} rows)"
    yield Figure(work, "raw executemany", floor, taken, "s", "≤ 3x")
    yield Figure(f"{work}, peak memory", "limit", 600, memory, "MB", "≤ 600 MB")


def plain_rows(book: Path, target: Path) -> tuple[float, int]:
    """Seconds that the rows of ``book`` take to be written into a plain copy, and how many."""
    source = sqlite3.connect(book)
    raw = sqlite3.connect(target, isolation_level=None)
    raw.executescript(SETTINGS + "PRAGMA foreign_keys = OFF;")
    tables = _statements(source, "table")
    seconds, count = 0.0, 0
    for create in tables.values():
        raw.execute(create)
    raw.execute("BEGIN IMMEDIATE")
    for name in tables:
        columns = [row[1] for row in source.execute(f'PRAGMA table_xinfo("{name}")') if row[6] == 0]
        named = ", ".join(f'"{column}"' for column in columns)
        insert = f'INSERT INTO "{name}" ({named}) VALUES ({", ".join("?" * len(columns))})'
        cursor = source.execute(f'SELECT {named} FROM "{name}"')
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            start = time.perf_counter()
            raw.executemany(insert, rows)
            seconds += time.perf_counter() - start
            count += len(rows)
    start = time.perf_counter()
    for create in _statements(source, "index").values():
        raw.execute(create)
    raw.execute("COMMIT")
    seconds += time.perf_counter() - start
    raw.close()
    source.close()
    return seconds, count


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
