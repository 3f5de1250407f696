"""The desk beside other programs of the terminal that show a table: the same orders, one harness.

``python -m tests.benchmarks.peers [ORDERS…] [--books FOLDER] [--venv FOLDER]`` installs visidata
and harlequin from the Python package index into an environment of their own, and measures them and
the desk on demo books of so many orders (10,000, 100,000 and a million, which take minutes to make;
``--books`` keeps them). What cannot be installed is left out, with a sentence.

They do less and more than the desk: they show any table as it is, and know no customer, quantity or
allocation of an order, which the desk reads with each page. They read the whole table; the desk
reads the page.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import terminal
from tests.benchmarks.exim import make_book
from tests.benchmarks.recording import Recording, Stroke

PEERS = ("visidata", "harlequin")
ROW = r"#\d{4}"
QUERY = "select * from orders"
PATIENCE = 120.0
"""Seconds after which a peer is given up."""


@dataclass(frozen=True, slots=True)
class PeerFigures:
    """What was measured of one program on one table; milliseconds and megabytes.

    Attributes:
        program: its name.
        source: the kind of file it opened.
        orders: how many rows the table has.
        first_rows: exec to the first rows; where something must be typed first, without the typing.
        whole_table: exec to the last row in memory; None where the program does not read them all
            (the desk) or does not say when it has (visidata of a database).
        next_page: Page Down, to the last byte painted.
        cursor_down: the same for the arrow key.
        cursor_down_bytes: what the arrow key sends to the terminal.
        memory: resident when the table is there and a few pages have been turned.
    """

    program: str
    source: str
    orders: int
    first_rows: float
    whole_table: float | None
    next_page: float
    cursor_down: float
    cursor_down_bytes: float
    memory: float


# --- Installing ---------------------------------------------------------------------------------


def installed(folder: Path) -> dict[str, Path]:
    """The peers' commands, installed where they are not yet; says which could not be."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
    found = {}
    for name, command in zip(PEERS, ("vd", "harlequin"), strict=True):
        path = folder / "bin" / command
        if not path.exists():
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            done = subprocess.run([*pip, name], capture_output=True, text=True, timeout=600)
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["pip gives no reason"])[-1]
                print(f"{name} is left out, it cannot be installed: {reason}")
                continue
        found[name] = path
    return found


# --- The same orders ----------------------------------------------------------------------------


def orders_table(book: Path, database: Path, file: Path) -> int:
    """The sales orders of a book as one table and as a CSV file, newest first; how many."""
    with sqlite3.connect(database) as target:
        target.execute("ATTACH DATABASE ? AS book", (str(book),))
        target.execute(
            "CREATE TABLE orders AS SELECT ORDER_ID AS orderId, ORDER_NAME AS orderName,"
            " EXTERNAL_ID AS externalId, date(ORDER_DATE) AS orderDate, STATUS_ID AS statusId,"
            " PRODUCT_STORE_ID AS productStoreId FROM book.ORDER_HEADER"
            " WHERE ORDER_TYPE_ID = 'SALES_ORDER' ORDER BY ORDER_DATE DESC, ORDER_ID DESC"
        )
        rows = target.execute("SELECT * FROM orders")
        with file.open("w", newline="") as written:
            writer = csv.writer(written)
            writer.writerow([column[0] for column in rows.description])
            writer.writerows(rows)
        count: int = target.execute("SELECT count(*) FROM orders").fetchone()[0]
    target.close()
    return count


# --- Opening it in each -------------------------------------------------------------------------

Opening = Callable[[Recording, int], tuple[float, float | None]]
"""Waits for the first rows and for the whole table; milliseconds from exec to each."""


def _since_exec(program: Recording) -> float:
    return (program.chunks[-1][0] - program.started) * 1000


def open_desk(program: Recording, orders: int) -> tuple[float, None]:
    """The desk shows them by itself, and needs no more than it shows."""
    del orders
    program.wait_for(ROW, PATIENCE)
    return _since_exec(program), None


def open_visidata(program: Recording, orders: int) -> tuple[float, float]:
    """A CSV file is shown at once; how many rows there are stands at the lower right."""
    program.wait_for(ROW, PATIENCE)
    first = _since_exec(program)
    program.wait_until_shown(rf"\b{orders} rows", PATIENCE)
    return first, _since_exec(program)


def open_visidata_table(program: Recording, orders: int) -> tuple[float, None]:
    """A database is a list of tables; Enter opens the one there is, and it goes on reading."""
    del orders
    program.wait_for("orders", PATIENCE)
    listed = _since_exec(program)
    program.settle(1.0)  # it counts the rows before it takes the key
    pressed = program.press("Enter")
    program.wait_for(ROW, PATIENCE)
    waited = (pressed - program.started) * 1000 - listed
    return _since_exec(program) - waited, None


def open_harlequin(program: Recording, orders: int) -> tuple[float, float]:
    """A query is typed and run."""
    program.wait_for("main db", PATIENCE)
    ready = _since_exec(program)
    program.read_for(4.0)  # what is typed too early is lost; its cursor blinks, so it never settles
    program.press(QUERY)
    program.wait_until_shown(re.escape(QUERY), PATIENCE / 8)
    program.read_for(1.0)
    pressed = program.press("\n")
    program.wait_for(ROW, PATIENCE)
    waited = (pressed - program.started) * 1000 - ready
    first = _since_exec(program) - waited
    program.wait_until_shown(rf"\({orders:,} Records\)", PATIENCE)
    return first, _since_exec(program) - waited


def measured(
    program: str, source: str, orders: int, running: Recording, opening: Opening
) -> PeerFigures:
    """Open the table, turn pages, move the cursor."""
    with running:
        first, whole = opening(running, orders)
        running.read_for(2.0)
        pages = _strokes(running, "PgDn", "PgUp")
        downs = _strokes(running, "Down", "Up")
        return PeerFigures(
            program,
            source,
            orders,
            first,
            whole,
            statistics.median(one.milliseconds for one in pages),
            statistics.median(one.milliseconds for one in downs),
            statistics.median(one.size for one in downs),
            running.resident(),
        )


def _strokes(running: Recording, key: str, back: str) -> list[Stroke]:
    # The first find it cold. Visidata paints in bits, a tenth of a second apart.
    return terminal.strokes((running,), key, back, 32, quiet=0.1)[0][2:]


def figures(orders: int, book: Path, commands: dict[str, Path]) -> Iterator[PeerFigures]:
    """Every program on one book."""
    yield measured("preorder-tui", "SQLite", orders, terminal.desk(book), open_desk)
    with tempfile.TemporaryDirectory(prefix="preorder-bench-peers-") as place:
        folder = Path(place)
        database, file = folder / "orders.db", folder / "orders.csv"
        count = orders_table(book, database, file)
        home = {"HOME": place, "XDG_CONFIG_HOME": place}
        runs: list[tuple[str, str, list[str], Opening]] = []
        if "visidata" in commands:
            vd = [str(commands["visidata"]), "--nothing"]
            runs.append(("visidata", "SQLite", [*vd, "-f", "sqlite", str(database)],
                         open_visidata_table))  # fmt: skip
            runs.append(("visidata", "CSV", [*vd, str(file)], open_visidata))
        if "harlequin" in commands:
            harlequin = [str(commands["harlequin"]), "-a", "sqlite", "--viewer-max-rows", "-1"]
            runs.append(("harlequin", "SQLite", [*harlequin, str(database)], open_harlequin))
        for program, source, command, opening in runs:
            try:
                running = Recording(command, environment=home)
                yield measured(program, source, count, running, opening)
            except (RuntimeError, TimeoutError) as error:
                reason = str(error).splitlines()[0]
                print(f"{program} on {source} with {orders:,} orders is left out: {reason}")


def table(found: Sequence[PeerFigures]) -> str:
    """The figures as Markdown."""
    lines = [
        "| orders | program | opens | first rows | whole table | next page | cursor down | RSS |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.orders:,} | {one.program} | {one.source} | {one.first_rows:,.0f} ms"
        f" | {_or_dash(one.whole_table)} | {one.next_page:.1f} ms"
        f" | {one.cursor_down:.1f} ms, {one.cursor_down_bytes:,.0f} bytes | {one.memory:,.0f} MB |"
        for one in found
    ]
    return "\n".join(lines)


def _or_dash(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds:,.0f} ms"


def main(counts: Sequence[int], books: Path | None, venv: Path) -> list[PeerFigures]:
    """Make the books, install the peers, measure, print the table."""
    commands = installed(venv)
    found: list[PeerFigures] = []
    with tempfile.TemporaryDirectory(prefix="preorder-bench-") as place:
        for orders in counts:
            book = (books or Path(place)) / f"orders-{orders}.db"
            make_book(book, orders)
            start = time.perf_counter()
            found += figures(orders, book, commands)
            print(f"{orders:,} orders: {time.perf_counter() - start:.0f} s", flush=True)
    print(table(found))
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("orders", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--books", type=Path, help="keep the books here, as orders-N.db")
    parser.add_argument(
        "--venv", type=Path, default=Path(tempfile.gettempdir()) / f"preorder-peers-{os.getuid()}"
    )
    given = parser.parse_args()
    main(given.orders, given.books, given.venv)
