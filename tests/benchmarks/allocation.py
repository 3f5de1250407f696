"""Auto-allocation of every open line beside raw sqlite3 that reads and writes the very same rows.

``python -m tests.benchmarks.allocation BOOK`` measures on copies of a demo book. The book's open
allocations are taken away first, so that (nearly) every line that waits has to be served. The floor
reads the same lines and supplies, and then writes the rows that our run has written (allocations,
lines with their copies and counters, purchase order lines, journal), with neither guards, foreign
keys, version checks nor policy: what it writes is handed to it. Afterwards both books hold the same
in every column of those tables, versions and stamps included. Time on the processor stands beside
time on the clock, because whoever else is at work on the machine lengthens only the latter.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure, table

WAITS = """FROM ORDER_HEADER h JOIN ORDER_ITEM i ON i.ORDER_ID = h.ORDER_ID
 JOIN ORDER_ITEM_SHIP_GROUP g ON g.ORDER_ID = i.ORDER_ID
  AND g.SHIP_GROUP_SEQ_ID = i.SHIP_GROUP_SEQ_ID
 WHERE h.ORDER_TYPE_ID = 'SALES_ORDER' AND h.STATUS_ID IN ('ORDER_CREATED', 'ORDER_APPROVED')
  AND i.STATUS_ID IN ('ITEM_CREATED', 'ITEM_APPROVED')
  AND +g.FACILITY_ID IN ('PRE_ORDER_PARKING', 'BACKORDER_PARKING')"""
LINES = f"""SELECT i.ORDER_ID, i.ORDER_ITEM_SEQ_ID, h.PRODUCT_STORE_ID, i.PRODUCT_ID,
 i.QUANTITY - i.CANCEL_QUANTITY - i.ALLOCATED_QUANTITY, i.PROMISED_DATETIME, h.PRIORITY,
 i.ROW_VERSION, h.ROW_VERSION {WAITS}
 AND i.ALLOCATED_QUANTITY < i.QUANTITY - i.CANCEL_QUANTITY
 ORDER BY h.ORDER_DATE, h.ORDER_ID, i.ORDER_ITEM_SEQ_ID"""
SUPPLIES = """SELECT i.ORDER_ID, i.ORDER_ITEM_SEQ_ID, i.PRODUCT_ID, h.PRODUCT_STORE_ID,
 i.AVAILABLE_TO_PROMISE, i.ESTIMATED_DELIVERY_DATE, i.ROW_VERSION
 FROM ORDER_ITEM i JOIN ORDER_HEADER h ON h.ORDER_ID = i.ORDER_ID
 WHERE i.RECEIVED_QUANTITY IS NOT NULL AND i.AVAILABLE_TO_PROMISE > 0
  AND h.STATUS_ID IN ('ORDER_CREATED', 'ORDER_APPROVED')"""
LIVE = """SELECT DISTINCT a.ORDER_ID AS o, a.ORDER_ITEM_SEQ_ID AS s
 FROM ORDER_ITEM_ASSOC a
 JOIN ORDER_ITEM p ON p.ORDER_ID = a.TO_ORDER_ID AND p.ORDER_ITEM_SEQ_ID = a.TO_ORDER_ITEM_SEQ_ID
 JOIN ORDER_HEADER ph ON ph.ORDER_ID = p.ORDER_ID
 JOIN ORDER_ITEM i ON i.ORDER_ID = a.ORDER_ID AND i.ORDER_ITEM_SEQ_ID = a.ORDER_ITEM_SEQ_ID
 JOIN ORDER_HEADER h ON h.ORDER_ID = i.ORDER_ID
 JOIN ORDER_ITEM_SHIP_GROUP g ON g.ORDER_ID = i.ORDER_ID
  AND g.SHIP_GROUP_SEQ_ID = i.SHIP_GROUP_SEQ_ID
 WHERE p.ESTIMATED_DELIVERY_DATE >= ? AND p.STATUS_ID IN ('ITEM_CREATED', 'ITEM_APPROVED')
  AND ph.STATUS_ID IN ('ORDER_CREATED', 'ORDER_APPROVED')
  AND h.STATUS_ID IN ('ORDER_CREATED', 'ORDER_APPROVED')
  AND i.STATUS_ID IN ('ITEM_CREATED', 'ITEM_APPROVED')
  AND g.FACILITY_ID IN ('PRE_ORDER_PARKING', 'BACKORDER_PARKING')"""


def open_up(path: Path, today: str) -> None:
    """Take the allocations of waiting lines away, so that they wait."""
    raw = _raw(path)
    guards = _without_guards(raw)
    raw.execute(f"CREATE TEMP TABLE live AS {LIVE}", (today,))
    raw.execute("CREATE UNIQUE INDEX temp.live_ix ON live (o, s)")
    raw.execute(
        "DELETE FROM ORDER_ITEM_ASSOC WHERE (ORDER_ID, ORDER_ITEM_SEQ_ID) IN"
        " (SELECT o, s FROM live)"
    )
    raw.execute(
        "UPDATE ORDER_ITEM SET ALLOCATED_QUANTITY = 0, CORRESPONDING_PO_ID = NULL,"
        " ESTIMATED_DELIVERY_DATE = NULL FROM live WHERE ORDER_ID = o AND ORDER_ITEM_SEQ_ID = s"
    )
    raw.execute(
        "UPDATE ORDER_ITEM SET ALLOCATED_QUANTITY = COALESCE((SELECT SUM(QUANTITY)"
        " FROM ORDER_ITEM_ASSOC a WHERE a.TO_ORDER_ID = ORDER_ITEM.ORDER_ID"
        " AND a.TO_ORDER_ITEM_SEQ_ID = ORDER_ITEM.ORDER_ITEM_SEQ_ID), 0)"
        " WHERE RECEIVED_QUANTITY IS NOT NULL"
    )
    for statement in guards:
        raw.execute(statement)
    raw.execute("COMMIT")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()


def _raw(path: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous = NORMAL", "cache_size = -262144", "temp_store = MEMORY"):
        raw.execute(f"PRAGMA {pragma}")
    return raw


def _without_guards(raw: sqlite3.Connection) -> list[str]:
    raw.execute("BEGIN IMMEDIATE")
    found = raw.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        " AND tbl_name = 'ORDER_ITEM_ASSOC'"
    ).fetchall()
    for name, _ in found:
        raw.execute(f'DROP TRIGGER "{name}"')
    return [sql for _, sql in found]


# --- The floor ----------------------------------------------------------------------------------


def floor(path: Path, done: Path) -> dict[str, float]:
    """Seconds of raw sqlite3: reads what a run reads, writes what our run wrote in ``done``."""
    written = _raw(done)
    (number,) = written.execute("SELECT MAX(CHANGE_SET_ID) FROM CHANGE_SET").fetchone()
    links = written.execute(
        "SELECT a.* FROM ORDER_ITEM_CHANGE c JOIN ORDER_ITEM_ASSOC a"
        " ON a.ORDER_ID = c.ORDER_ID AND a.ORDER_ITEM_SEQ_ID = c.ORDER_ITEM_SEQ_ID"
        " AND a.TO_ORDER_ID = c.TO_ORDER_ID AND a.TO_ORDER_ITEM_SEQ_ID = c.TO_ORDER_ITEM_SEQ_ID"
        " WHERE c.CHANGE_SET_ID = ? AND c.FIELD = 'allocation' AND c.OLD_VALUE = '0'"
        " ORDER BY c.ORDER_ITEM_CHANGE_ID",
        (number,),
    ).fetchall()
    lines = written.execute(
        "SELECT i.ALLOCATED_QUANTITY, i.PROMISED_DATETIME, i.ESTIMATED_DELIVERY_DATE,"
        " i.CORRESPONDING_PO_ID, i.CHANGE_BY_USER_LOGIN_ID, i.LAST_UPDATED_STAMP, i.ORDER_ID,"
        " i.ORDER_ITEM_SEQ_ID FROM (SELECT DISTINCT ORDER_ID, ORDER_ITEM_SEQ_ID"
        " FROM ORDER_ITEM_CHANGE WHERE CHANGE_SET_ID = ?) c JOIN ORDER_ITEM i"
        " ON i.ORDER_ID = c.ORDER_ID AND i.ORDER_ITEM_SEQ_ID = c.ORDER_ITEM_SEQ_ID"
        " ORDER BY i.ORDER_ID, i.ORDER_ITEM_SEQ_ID",
        (number,),
    ).fetchall()
    supplies = written.execute(
        "SELECT i.ALLOCATED_QUANTITY, i.ORDER_ID, i.ORDER_ITEM_SEQ_ID FROM (SELECT DISTINCT"
        " TO_ORDER_ID AS o, TO_ORDER_ITEM_SEQ_ID AS s FROM ORDER_ITEM_CHANGE"
        " WHERE CHANGE_SET_ID = ? AND TO_ORDER_ID IS NOT NULL) JOIN ORDER_ITEM i"
        " ON i.ORDER_ID = o AND i.ORDER_ITEM_SEQ_ID = s",
        (number,),
    ).fetchall()
    rows = written.execute(
        "SELECT CHANGE_SET_ID, ORDER_ID, ORDER_ITEM_SEQ_ID, TO_ORDER_ID, TO_ORDER_ITEM_SEQ_ID,"
        " CHANGE_TYPE_ENUM_ID, FIELD, OLD_VALUE, NEW_VALUE FROM ORDER_ITEM_CHANGE"
        " WHERE CHANGE_SET_ID = ? ORDER BY ORDER_ITEM_CHANGE_ID",
        (number,),
    ).fetchall()
    head = written.execute("SELECT * FROM CHANGE_SET WHERE CHANGE_SET_ID = ?", (number,)).fetchone()
    written.close()
    raw = _raw(path)
    start, busy = time.perf_counter(), time.process_time()
    read = raw.execute(LINES).fetchall()
    supply = raw.execute(SUPPLIES).fetchall()
    guards = _without_guards(raw)
    raw.execute(f"INSERT INTO CHANGE_SET VALUES ({', '.join('?' * len(head))})", head)
    marks = ", ".join("?" * len(links[0]))
    raw.executemany(f"INSERT INTO ORDER_ITEM_ASSOC VALUES ({marks})", links)
    raw.executemany(
        "UPDATE ORDER_ITEM SET ALLOCATED_QUANTITY = ?, PROMISED_DATETIME = ?,"
        " ESTIMATED_DELIVERY_DATE = ?, CORRESPONDING_PO_ID = ?, CHANGE_BY_USER_LOGIN_ID = ?,"
        " LAST_UPDATED_STAMP = ?, ROW_VERSION = ROW_VERSION + 1"
        " WHERE ORDER_ID = ? AND ORDER_ITEM_SEQ_ID = ?",
        lines,
    )
    raw.executemany(
        "UPDATE ORDER_ITEM SET ALLOCATED_QUANTITY = ? WHERE ORDER_ID = ? AND ORDER_ITEM_SEQ_ID = ?",
        supplies,
    )
    raw.executemany(
        "INSERT INTO ORDER_ITEM_CHANGE (CHANGE_SET_ID, ORDER_ID, ORDER_ITEM_SEQ_ID, TO_ORDER_ID,"
        " TO_ORDER_ITEM_SEQ_ID, CHANGE_TYPE_ENUM_ID, FIELD, OLD_VALUE, NEW_VALUE)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    for statement in guards:
        raw.execute(statement)
    raw.execute("COMMIT")
    taken = {"seconds": time.perf_counter() - start, "busy": time.process_time() - busy}
    raw.close()
    assert len(read) >= len(lines), (len(read), len(lines))
    assert supply
    return taken


def assert_same(one: Path, other: Path) -> None:
    """Both books hold the same rows in every table that a run writes to."""
    raw = _raw(one)
    raw.execute("ATTACH ? AS other", (str(other),))
    for name in ("ORDER_ITEM", "ORDER_ITEM_ASSOC", "ORDER_ITEM_CHANGE", "CHANGE_SET"):
        rows = f"SELECT (SELECT COUNT(*) FROM main.{name}), (SELECT COUNT(*) FROM other.{name})"
        here, there = raw.execute(rows).fetchone()
        assert here == there, (name, here, there)
        missing = f"SELECT * FROM main.{name} EXCEPT SELECT * FROM other.{name} LIMIT 1"
        assert raw.execute(missing).fetchone() is None, name
    raw.close()


# --- Ours ---------------------------------------------------------------------------------------


def ours(path: Path) -> dict[str, Any]:
    """Plan, apply and take back a run in this process, which has done nothing else."""
    from tests.benchmarks.service import service_on

    service = service_on(path)
    start, busy = time.perf_counter(), time.process_time()
    plan = service.plan_auto_allocate()
    planned, planned_busy = time.perf_counter(), time.process_time()
    outcome = service.apply(plan)
    applied, applied_busy = time.perf_counter(), time.process_time()
    found = {
        "plan": planned - start,
        "plan_busy": planned_busy - busy,
        "all": applied - start,
        "busy": applied_busy - busy,
        "applied": outcome.applied,
        "scope": plan.scope(),
        "peak": _peak_mib(),
    }
    service.close()
    return found


def _peak_mib() -> float:
    """The most memory this process has held; of itself alone, unlike ru_maxrss after a fork."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmHWM")


def child(what: str, *arguments: str) -> dict[str, Any]:
    """Run a part of this module in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.allocation", "--part", what, *arguments]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=1800)
    result: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return result


def figures(book: Path) -> Iterator[Figure]:
    """The whole book allocated, beside the floor."""
    from tests.benchmarks.service import TODAY, service_on

    with tempfile.TemporaryDirectory(prefix="preorder-bench-") as folder:
        mine, plain = Path(folder) / "ours.db", Path(folder) / "floor.db"
        shutil.copy(book, mine)
        open_up(mine, TODAY.isoformat())
        shutil.copy(mine, plain)
        found = child("ours", str(mine))
        lowest = child("floor", str(plain), str(mine))
        assert_same(mine, plain)
        service = service_on(mine)
        violations = service.verify().violations
        service.close()
        assert violations == (), violations[:3]
        what = f"auto-allocate, {found['applied']:,} changes"
        raw, goal = "raw reads + writes", "≤ 1.5x"
        yield Figure(f"{what}: plan + apply", raw, lowest["seconds"], found["all"], "s", goal)
        yield Figure("the same, on the processor", raw, lowest["busy"], found["busy"], "s", goal)
        yield Figure(f"{what}: plan alone", "goal", 5.0, found["plan"], "s", "≤ 5 s")
        yield Figure("the same, on the processor", "goal", 5.0, found["plan_busy"], "s", "≤ 5 s")
        yield Figure(f"{what}: peak memory", "goal", 600.0, found["peak"], "MiB", "≤ 600 MiB")


def main() -> None:
    """The command line."""
    if sys.argv[1] == "--part":
        part, *paths = sys.argv[2:]
        if part == "ours":
            print(json.dumps(ours(Path(paths[0]))))
        else:
            print(json.dumps(floor(Path(paths[0]), Path(paths[1]))))
        return
    print(table(list(figures(Path(sys.argv[1])))))


if __name__ == "__main__":
    main()
