"""``make bench``: prints the table of figures beside their floors.

``python -m tests.benchmarks [ORDERS] [--exim ROWS]`` measures on a demo book of that many orders
(2,000), and imports of ROWS rows into a book of as many orders (a million of them takes a quarter
of an hour; :mod:`tests.benchmarks.exim` by itself keeps the book).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from data.demo import generate
from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from tests.benchmarks import exim, explaining, lists, service, terminal
from tests.benchmarks.figures import Figure, table


def main(orders: int, exim_rows: int) -> None:
    """Make the books, take every figure, print the table."""
    with tempfile.TemporaryDirectory(prefix="preorder-bench-") as folder:
        empty, path = Path(folder) / "empty.db", Path(folder) / "book.db"
        for file in (empty, path):
            engine = open_engine(sqlite_url(file))
            upgrade(engine)
            if file == path:
                start = time.perf_counter()
                generate(engine, orders=orders, seed=7, today=service.TODAY)
                print(f"{orders:,} demo orders in {time.perf_counter() - start:.2f} s")
            engine.dispose()
        figures: list[Figure] = [
            *terminal.figures(path),
            *service.find_pages(path),
            *service.sync(empty),
            *explaining.figures(path),
            *lists.figures(path),
        ]
        if exim_rows:
            large = Path(folder) / "large.db"
            exim.make_book(large, exim_rows)
            figures += exim.figures(large, exim_rows)
        print(table(figures))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("orders", type=int, nargs="?", default=2000)
    parser.add_argument("--exim", type=int, default=0, metavar="ROWS")
    given = parser.parse_args()
    main(given.orders, given.exim)
