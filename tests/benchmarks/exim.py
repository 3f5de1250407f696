"""EXIM at scale beside plain SQLite doing the same work without looking: whole commands, wall time.

``python -m tests.benchmarks.exim [ROWS] [--book FILE]`` measures on a demo book with as many open
sales order lines as ROWS (100,000), made once if FILE is not there.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from data.demo import generate
from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from preorder_tui.settings import login_name
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.service import TODAY

USER = login_name()
SETTINGS = """PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -262144;
PRAGMA temp_store = MEMORY;
"""
STAGE = """CREATE TABLE STAGING (ORDER_ID TEXT, ITEM TEXT, PROMISED TEXT);
.mode csv
.import --skip 1 {file} STAGING
"""
SORT = """CREATE TABLE SORTED AS SELECT * FROM STAGING ORDER BY ORDER_ID, ITEM;
"""
APPLY = """BEGIN IMMEDIATE;
INSERT INTO CHANGE_SET (CHANGE_DATETIME, CHANGE_USER_LOGIN, ORIGIN, COMMAND, CHANGE_COUNT)
 VALUES ('2026-11-25 00:00:00.000000', 'x', 'x', 'x', 1);
INSERT INTO ORDER_ITEM_CHANGE (CHANGE_SET_ID, ORDER_ID, ORDER_ITEM_SEQ_ID, CHANGE_TYPE_ENUM_ID,
  FIELD, OLD_VALUE, NEW_VALUE)
 SELECT last_insert_rowid(), i.ORDER_ID, i.ORDER_ITEM_SEQ_ID, 'ITM_DLVRYDATE_CHNGD',
  'promisedDatetime', i.PROMISED_DATETIME, s.PROMISED
 FROM {stage} s JOIN ORDER_ITEM i ON i.ORDER_ID = s.ORDER_ID AND i.ORDER_ITEM_SEQ_ID = s.ITEM;
UPDATE ORDER_ITEM SET PROMISED_DATETIME = s.PROMISED, ROW_VERSION = ROW_VERSION + 1,
  CHANGE_BY_USER_LOGIN_ID = 'x', LAST_UPDATED_STAMP = '2026-11-25 00:00:00.000000'
 FROM {stage} s WHERE ORDER_ITEM.ORDER_ID = s.ORDER_ID AND ORDER_ITEM.ORDER_ITEM_SEQ_ID = s.ITEM;
COMMIT;
"""


def make_book(path: Path, orders: int) -> None:
    """A demo book, made once."""
    if path.exists():
        return
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    generate(engine, orders=orders, seed=7, today=TODAY)
    engine.dispose()


def _copy(book: Path, folder: Path, name: str) -> Path:
    path = folder / name
    shutil.copy(book, path)
    os.sync()
    return path


def plain(database: Path, file: Path, *, sort: bool) -> float:
    """Seconds of the sqlite3 shell: stage, update, history; no validation."""
    script = SETTINGS + STAGE.format(file=file) + (SORT if sort else "")
    script += APPLY.format(stage="SORTED" if sort else "STAGING")
    start = time.perf_counter()
    subprocess.run(["sqlite3", str(database)], input=script, text=True, check=True, timeout=900,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    return time.perf_counter() - start


def command(database: Path, *words: object) -> tuple[float, float, str]:
    """Seconds, peak megabytes and output of one whole command of ours."""
    argv = [sys.executable, "-m", "screens", *map(str, words), "--user", USER, "--json"]
    environment = os.environ | {
        "PREORDER_TUI_DATABASE_URL": sqlite_url(database),
        "PREORDER_TUI_TODAY": TODAY.isoformat(),
    }
    # A process starts with its parent's peak, and this one is large by now: a small one between
    # them gives the true figure, of the largest of its children.
    between = [sys.executable, "-I", "-c", SMALL_PARENT, *argv]
    start = time.perf_counter()
    found = subprocess.run(between, env=environment, capture_output=True, text=True)
    taken = time.perf_counter() - start
    if found.returncode:
        raise RuntimeError(found.stdout + found.stderr)
    output, _, peak = found.stdout.rpartition("\n")
    return taken, int(peak) / 1024, output


SMALL_PARENT = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(end="\\n%d" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


def promise_file(book: Path, file: Path, rows: int) -> int:
    """A file of new promise dates for open sales order lines, keys shuffled; how many."""
    raw = sqlite3.connect(book)
    found = raw.execute(
        "SELECT i.ORDER_ID, i.ORDER_ITEM_SEQ_ID, date('2029-02-01', '+' || abs(random() % 300) ||"
        " ' days') FROM ORDER_ITEM i JOIN ORDER_HEADER h USING (ORDER_ID) WHERE h.ORDER_TYPE_ID ="
        " 'SALES_ORDER' AND h.STATUS_ID IN ('ORDER_CREATED', 'ORDER_APPROVED') AND i.STATUS_ID IN"
        " ('ITEM_CREATED', 'ITEM_APPROVED') ORDER BY random() LIMIT ?",
        (rows,),
    )
    number = 0
    with file.open("w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("order-id", "order-item-seq-id", "promised-datetime"))
        for row in found:
            writer.writerow(row)
            number += 1
    raw.close()
    return number


def promise_dates(book: Path, folder: Path, rows: int) -> Iterator[Figure]:
    """A file of promise dates: validated, applied, journaled; then taken back."""
    file = folder / "promises.csv"
    rows = promise_file(book, file, rows)
    print(f"promise dates: {rows:,} rows, {file.stat().st_size / 1e6:.0f} MB", flush=True)
    path = _copy(book, folder, "floor.db")
    floor = plain(path, file, sort=False)
    path.unlink()
    path = _copy(book, folder, "sorted.db")
    sorted_floor = plain(path, file, sort=True)
    path.unlink()
    path = _copy(book, folder, "ours.db")
    taken, memory, output = command(path, "import", "IMP_ORD_ITEM_UPD", file)
    assert f'"changedRecordCount": {rows}' in output, output
    name = f"import {rows:,} promise dates"
    yield Figure(name, "plain, unsorted", floor, taken, "s", "≤ 1.0x")
    yield Figure(name, "plain, sorted", sorted_floor, taken, "s", "→ 1.7x")
    yield Figure(f"{name}, peak memory", "limit", 600, memory, "MB", "≤ 600 MB")
    again, memory, output = command(path, "import", "IMP_ORD_ITEM_UPD", file)
    assert f'"unchangedRecordCount": {rows}' in output, output
    yield Figure(f"{name} again: nothing changes", "plain, sorted", sorted_floor, again, "s", "")
    undone, memory, _ = command(path, "undo")
    yield Figure(f"undo of {rows:,} promise dates", "plain, sorted", sorted_floor, undone, "s", "")
    yield Figure("its peak memory", "limit", 600, memory, "MB", "≤ 600 MB")
    path.unlink()


# --- Sales orders -------------------------------------------------------------------------------

TABLES = (
    "PARTY",
    "ORDER_HEADER",
    "ORDER_ITEM_SHIP_GROUP",
    "ORDER_ROLE",
    "ORDER_ITEM",
    "ORDER_ITEM_CHANGE",
)


def order_file(book: Path, file: Path, rows: int) -> None:
    """A file of new sales orders, two and a half lines each."""
    raw = sqlite3.connect(book)
    found = raw.execute(
        "SELECT INTERNAL_NAME FROM PRODUCT WHERE IS_VIRTUAL <> 'Y' ORDER BY PRODUCT_ID"
    )
    skus = [row[0] for row in found]
    (store,) = raw.execute("SELECT PRODUCT_STORE_ID FROM PRODUCT_STORE").fetchone()
    raw.close()
    with file.open("w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(
            [
                "external-id",
                "product-store-id",
                "item-status-id",
                "order-date",
                "quantity",
                "product-sku",
                "unit-price",
                "customer-external-id",
                "first-name",
                "last-name",
                "facility-id",
            ]
        )
        for number in range(rows):
            order = number * 2 // 5
            writer.writerow(
                (f"N{order}", store, "ITEM_APPROVED", f"2026-11-{order % 24 + 1:02}",
                 number % 9 + 1, skus[number * 7919 % len(skus)], "19.99", f"C{order % 200_000}",
                 "Ana", f"Costa {order % 200_000}", "PRE_ORDER_PARKING")
            )  # fmt: skip


def raw_rows(source: Path, target: Path) -> float:
    """Seconds to executemany the rows that ``source`` has more than ``target`` into ``target``."""
    raw = sqlite3.connect(source)
    fresh = sqlite3.connect(target)
    fresh.executescript(SETTINGS)
    work = []
    for name in TABLES:
        info = raw.execute(f'PRAGMA table_xinfo("{name}")').fetchall()
        columns = [row[1] for row in info if row[6] == 0]
        named = ", ".join(columns)
        if name == "ORDER_ITEM_CHANGE":
            (last,) = fresh.execute(f"SELECT max(ORDER_ITEM_CHANGE_ID) FROM {name}").fetchone()
            condition = f"ORDER_ITEM_CHANGE_ID > {last or 0}"
        else:
            condition = f"{'CREATED_STAMP' if 'CREATED_STAMP' in columns else 'rowid'} IS NOT NULL"
        if name in ("ORDER_ITEM_SHIP_GROUP", "ORDER_ROLE", "ORDER_ITEM"):
            (first,) = raw.execute(
                "SELECT min(CAST(ORDER_ID AS INTEGER)) FROM ORDER_HEADER WHERE EXTERNAL_ID GLOB"
                " 'N[0-9]*' AND CREATED_BY = ?", (USER,)).fetchone()  # fmt: skip
            condition = f"CAST(ORDER_ID AS INTEGER) >= {first}"
        elif name == "ORDER_HEADER":
            condition = f"EXTERNAL_ID GLOB 'N[0-9]*' AND CREATED_BY = '{USER}'"
        elif name == "PARTY":
            condition = "EXTERNAL_ID GLOB 'C[0-9]*' AND PARTY_NAME LIKE 'Ana Costa %'"
        rows = raw.execute(f"SELECT {named} FROM {name} WHERE {condition}").fetchall()
        marks = ", ".join("?" * len(columns))
        work.append((f"INSERT INTO {name} ({named}) VALUES ({marks})", rows))
    start = time.perf_counter()
    fresh.execute("BEGIN IMMEDIATE")
    for statement, rows in work:
        fresh.executemany(statement, rows)
    fresh.commit()
    taken = time.perf_counter() - start
    print("raw rows:", ", ".join(f"{len(rows):,}" for _, rows in work), flush=True)
    raw.close()
    fresh.close()
    return taken


def sales_orders(book: Path, folder: Path, rows: int) -> Iterator[Figure]:
    """A file of new sales orders, beside the same rows without reading and checking anything."""
    file = folder / "orders.csv"
    order_file(book, file, rows)
    ours, plain_copy = _copy(book, folder, "ours.db"), _copy(book, folder, "floor.db")
    taken, memory, output = command(ours, "import", "IMP_ORDER", file)
    assert f'"changedRecordCount": {rows}' in output, output
    floor = raw_rows(ours, plain_copy)
    plain_copy.unlink()
    name = f"import {rows:,} sales order lines"
    yield Figure(name, "raw executemany", floor, taken, "s", "≤ 3x")
    yield Figure(f"{name}, peak memory", "limit", 600, memory, "MB", "≤ 600 MB")
    undone, memory, _ = command(ours, "undo")
    yield Figure(f"undo of {rows:,} sales order lines", "raw executemany", floor, undone, "s", "")
    yield Figure("its peak memory", "limit", 600, memory, "MB", "")
    ours.unlink()


def figures(book: Path, rows: int, what: str = "all") -> Iterator[Figure]:
    """All lines of the table."""
    with tempfile.TemporaryDirectory(prefix="preorder-bench-exim-") as folder:
        if what in ("all", "promises"):
            yield from promise_dates(book, Path(folder), rows)
        if what in ("all", "orders"):
            yield from sales_orders(book, Path(folder), rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int, nargs="?", default=100_000)
    parser.add_argument("--book", type=Path)
    parser.add_argument("--only", choices=("all", "promises", "orders"), default="all")
    given = parser.parse_args()
    path = given.book or Path(tempfile.gettempdir()) / f"preorder-bench-{given.rows}.db"
    make_book(path, given.rows)
    print(table(list(figures(path, given.rows, given.only))))
