"""``make bench``: prints the table of figures beside their floors.

``python -m tests.benchmarks [ORDERS]`` measures on a demo book of that many orders (2,000).
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from data.demo import generate
from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from tests.benchmarks import service, terminal
from tests.benchmarks.figures import Figure, table


def main(orders: int) -> None:
    """Make the book, take every figure, print the table."""
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
        ]
        print(table(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
