"""Every list of the desk, page by page, beside raw sqlite3 running the same statements.

``python -m tests.benchmarks.lists [ORDERS] [--book FILE] [--check] [--only TEXT]`` measures first,
next and last pages of each filter with each sort and search, worst first. A first page is read by
a desk that knows nothing of the list; the last one as people come to it, from the first; and the
next as one of many. ``--check`` also reads each page with plain SQL that knows no index and no
trick, and compares the keys.
"""

from __future__ import annotations

import argparse
import getpass
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, event

from data.engine import open_engine, sqlite_url
from data.transaction import read
from preorder_tui import purchase_order_ways, sales_order_ways
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.query_hints import within
from preorder_tui.records import Page, SalesOrderQuery
from preorder_tui.service import Service
from tests.benchmarks.exim import make_book
from tests.benchmarks.figures import Figure
from tests.benchmarks.list_questions import purchase_filters, sales_filters, searches, value_of
from tests.benchmarks.plain_lists import purchase_keys, sales_keys
from tests.benchmarks.service import TODAY

SIZE = 50
GOAL_MS = 20
KEPT = ("preorder_kept_places", "preorder_remembered")
WAYS = ("preorder_walked_pages",)
CACHE_KIB = 16_000  # what the desk's own connections have
SALES_SORTS = ("orderDate", "promisedDatetime", "autoCancelDate")
PURCHASE_SORTS = ("estimatedDeliveryDate", "orderId", "availableToPromise", "productId")
GROUPINGS = ("purchase order", "product", "parent product", "arrival date", "facility")

Statements = list[tuple[str, Any]]


@dataclass(frozen=True)
class Taken:
    """One page: what it was, how long the service and raw sqlite3 took, and its rows."""

    name: str
    value: float
    floor: float
    rows: int
    text: bool = False
    kind: Literal["sales", "purchase", "detail"] = "detail"

    @property
    def ratio(self) -> float:
        """How many times raw sqlite3."""
        return self.value / self.floor if self.floor else 1.0


class Lists:
    """The lists of one book."""

    def __init__(self, path: Path, *, check: bool = False) -> None:
        self._engine = open_engine(sqlite_url(path))
        self._clock = Clock(UTC, TODAY)
        self.service = Service(self._engine, Actor(getpass.getuser()), self._clock)
        self._raw = sqlite3.connect(path, isolation_level=None)
        self._raw.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._check = check
        self._seen: Statements | None = None
        for module in (sales_order_ways, purchase_order_ways):
            vars(module)["within"] = self._within
        event.listen(self._engine, "before_cursor_execute", self._saw)

    def close(self) -> None:
        """Close both connections."""
        self._raw.close()
        self.service.close()

    def _within(self, connection: Any, seconds: float, work: Callable[[], Any]) -> Any:
        # What was given up is no part of reading the page: raw sqlite3 does not run it.
        before = len(self._seen or ())
        found = within(connection, seconds, work)
        if found is None and self._seen is not None:
            del self._seen[before:]
        return found

    def _saw(self, _c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        if self._seen is not None and not statement.startswith("BEGIN"):
            self._seen.append((statement, parameters))

    def _come(self, before: Callable[[], object] | None, *, again: bool) -> None:
        # Whatever was kept of other pages is gone, and the page that one comes from is there.
        def forget(connection: Connection) -> None:
            for name in (*KEPT, *(() if again else WAYS)):
                connection.info.pop(name, None)

        read(self._engine, forget)
        if before is not None:
            before()

    def take(
        self,
        name: str,
        work: Callable[[], Any],
        *,
        text: bool = False,
        before: Callable[[], object] | None = None,
        again: bool = False,
    ) -> tuple[Taken, Any]:
        """Time ``work`` and its statements, in turn; ``before`` reads where one comes from, and
        ``again`` says that one has come so before."""
        self._come(before, again=again)
        self._seen = []
        start = time.perf_counter()
        result = work()
        once = time.perf_counter() - start
        seen, self._seen = self._seen, None
        values, floors = [], []
        for _ in range(1 if once > 0.1 else 3):
            self._come(before, again=again)
            start = time.perf_counter()
            work()
            values.append(time.perf_counter() - start)
            start = time.perf_counter()
            for statement, parameters in seen:
                self._raw.execute(statement, parameters).fetchall()
            floors.append(time.perf_counter() - start)
        rows = len(result.rows) if isinstance(result, Page) else 0
        return (
            Taken(name, statistics.median(values) * 1000, statistics.median(floors) * 1000,
                  rows, text),
            result,
        )  # fmt: skip

    def pages(
        self,
        name: str,
        page: Callable[..., Page[Any]],
        identity: Callable[[Any], Any],
        plain: Callable[[bool, int], Sequence[Any]] | None,
        *,
        text: bool = False,
    ) -> Iterator[Taken]:
        """First, next and last page of one list, compared with its plain reading."""

        def came() -> Page[Any]:
            return page(SIZE)

        taken, first = self.take(f"{name}, first", came, text=text)
        yield taken
        found = [identity(row) for row in first.rows]
        if first.rows and not first.at_end:
            key = first.keys[-1]
            taken, second = self.take(
                f"{name}, next", lambda: page(SIZE, after=key), text=text, before=came, again=True
            )
            yield taken
            found += [identity(row) for row in second.rows]
        taken, last = self.take(
            f"{name}, last", lambda: page(SIZE, place="last"), text=text, before=came
        )
        yield taken
        if self._check and plain is not None:
            assert found == list(plain(False, 2 * SIZE)), name
            ends = [identity(row) for row in last.rows]
            assert ends == list(reversed(plain(True, SIZE))), f"{name}, last"

    # --- Sales orders ---

    def sales(self, name: str, query: SalesOrderQuery) -> Iterator[Taken]:
        """Orders and lines of one query."""
        for words, page, identity, items in (
            ("orders", self.service.find_sales_orders, lambda row: row.order_id, False),
            ("lines", self.service.find_sales_items, lambda row: tuple(row.line), True),
        ):
            yield from self.pages(
                f"sales {words}, {name}, by {query.sort}",
                lambda size, page=page, **at: page(query, size, **at),
                identity,
                lambda backwards, limit, items=items: sales_keys(
                    self._raw, self._clock, query, items=items, backwards=backwards, limit=limit
                ),
                text=bool(query.text),
            )

    def all_sales(self) -> Iterator[Taken]:
        """Every filter by every sort; every search by every sort; both together."""
        filters = sales_filters(self._raw)
        for name, query in filters.items():
            for sort in SALES_SORTS:
                yield from self.sales(name, replace(query, sort=sort))
        typed = searches(self._raw)
        for name, text in typed.items():
            for sort in SALES_SORTS:
                yield from self.sales(f"search {name} '{text}'",
                                      SalesOrderQuery(text=text, sort=sort))  # fmt: skip
        for word in ("last name", "part of a name", "digits", "product word", "nothing"):
            for name in ("unallocated", "status HOLD", "at WH1", "promised next month", "overdue"):
                for sort in SALES_SORTS:
                    query = replace(filters[name], text=typed[word], sort=sort)
                    yield from self.sales(f"{name} + search {word} '{query.text}'", query)

    # --- Purchase orders ---

    def all_purchases(self) -> Iterator[Taken]:
        """Every filter by every sort as lines, and by every grouping."""
        for name, query in purchase_filters(self._raw).items():
            for sort in PURCHASE_SORTS:
                asked = replace(query, sort=sort)
                yield from self.pages(
                    f"purchase lines, {name}, by {sort}",
                    lambda size, asked=asked, **at: self.service.find_purchase_items(
                        asked, size, **at
                    ),
                    lambda row: tuple(row.line),
                    lambda backwards, limit, asked=asked: purchase_keys(
                        self._raw, self._clock, asked, backwards=backwards, limit=limit
                    ),
                    text=bool(query.text),
                )
            for grouping in GROUPINGS:
                grouped = replace(query, grouping=grouping)
                taken, page = self.take(
                    f"purchase groups by {grouping}, {name}",
                    lambda grouped=grouped: self.service.find_purchase_groups(grouped, SIZE),
                    text=bool(query.text),
                )
                yield taken
                if name == "all" and page.rows:
                    opened = replace(grouped, group=page.rows[0].group)
                    yield from self.pages(
                        f"purchase lines of one {grouping}",
                        lambda size, opened=opened, **at: self.service.find_purchase_items(
                            opened, size, **at
                        ),
                        lambda row: tuple(row.line),
                        None,
                    )

    # --- One order ---

    def all_details(self) -> Iterator[Taken]:
        """The pages of single orders, the largest of the book."""
        sales = value_of(
            self._raw,
            "SELECT ORDER_ID FROM ORDER_ITEM WHERE RECEIVED_QUANTITY IS NULL"
            " GROUP BY ORDER_ID ORDER BY count(*) DESC LIMIT 1",
        )
        order, item = self._raw.execute(
            "SELECT TO_ORDER_ID, TO_ORDER_ITEM_SEQ_ID FROM ORDER_ITEM_ASSOC"
            " GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
        largest = value_of(
            self._raw,
            "SELECT ORDER_ID FROM ORDER_ITEM WHERE RECEIVED_QUANTITY IS NOT NULL"
            " GROUP BY ORDER_ID ORDER BY count(*) DESC LIMIT 1",
        )
        line, service = LineId(order, item), self.service
        sold = service.sales_order(sales).items[0].line
        works: dict[str, Callable[[], Any]] = {
            "View Sales Order": lambda: service.sales_order(sales),
            "supply for a line": lambda: service.supply_for(sold),
            "Purchase Order Detail, most lines": lambda: service.purchase_order(largest),
            "Purchase Order Detail, most allocated": lambda: service.purchase_order(order),
            "opening Review Allocations": lambda: service.demand_start("review", line, 100),
            "opening Allocate Sales Orders": lambda: service.demand_start("allocate", line, 100),
            "opening Sync Date with SO": lambda: service.demand_start("sync", line, 100),
            "all of Review Allocations": lambda: service.demand_roll("review", line),
            "all lines to allocate": lambda: service.demand_roll("allocate", line),
            "all lines to sync": lambda: service.demand_roll("sync", line),
            "history of a sales order": lambda: service.history(order_id=sales),
            "history of a purchase order": lambda: service.history(order_id=order),
            "history, all": service.history,
            "change sets": service.change_sets,
            "filter choices": service.sales_choices,
            "products 'jum'": lambda: service.find_products("jum"),
        }
        for name, work in works.items():
            yield self.take(name, work)[0]


Kind = Literal["sales", "purchase", "detail"]


def measure(
    path: Path,
    *,
    check: bool = False,
    only: str = "",
    parts: str = "spd",
    tell: Callable[[Taken], object] = lambda one: None,
) -> list[Taken]:
    """Every page of every list of the book at ``path``, the slowest first."""
    lists = Lists(path, check=check)
    every: dict[str, tuple[Kind, Callable[[], Iterator[Taken]]]] = {
        "s": ("sales", lists.all_sales),
        "p": ("purchase", lists.all_purchases),
        "d": ("detail", lists.all_details),
    }
    found = []
    for kind, work in map(every.__getitem__, parts):
        for one in work():
            if only in one.name:
                found.append(replace(one, kind=kind))
                tell(one)
    lists.close()
    return sorted(found, key=lambda one: -one.value)


def figures(path: Path) -> Iterator[Figure]:
    """The lines of the table: of each kind of list its middling and its slowest page."""
    found = measure(path)
    kinds = {
        "Find Sales Order": [one for one in found if one.kind == "sales" and not one.text],
        "Find Sales Order, searching": [one for one in found if one.kind == "sales" and one.text],
        "Find Purchase Orders": [one for one in found if one.kind == "purchase"],
        "pages of one order": [one for one in found if one.kind == "detail"],
    }
    for kind, some in kinds.items():
        near = sum(one.value <= GOAL_MS for one in some)
        for words, one in (("median", some[len(some) // 2]), ("slowest", some[0])):
            yield Figure(
                f"{kind}, {words} of {len(some)}, {near} within {GOAL_MS} ms: {one.name}",
                "same SQL by sqlite3",
                one.floor,
                one.value,
                "ms",
                f"≤ {GOAL_MS} ms, ≤ 2x",
            )


def line(one: Taken) -> str:
    """One page, as a line."""
    return (
        f"{one.value:9.1f} ms {one.floor:9.1f} ms {one.ratio:6.2f}x {one.rows:3d} rows  {one.name}"
    )


def report(found: Sequence[Taken], lines: int) -> str:
    """The slowest pages, and how many keep the goals."""
    slow = sum(one.value > GOAL_MS for one in found)
    far = sum(one.value > 2 and one.ratio > 2 for one in found)
    middle = statistics.median(one.value for one in found)
    return "\n".join(
        [
            f"{len(found)} pages, median {middle:.1f} ms, {slow} above {GOAL_MS} ms,"
            f" {far} above 2x (and above 2 ms)",
            *map(line, found[:lines]),
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("orders", type=int, nargs="?", default=10_000)
    parser.add_argument("--book", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--parts", default="spd", help="s: sales, p: purchases, d: single orders")
    parser.add_argument("--lines", type=int, default=60)
    parser.add_argument("--tell", action="store_true", help="each page as it is measured, too")
    given = parser.parse_args()
    book = given.book or Path(tempfile.gettempdir()) / f"preorder-bench-{given.orders}.db"
    make_book(book, given.orders)
    pages = measure(
        book,
        check=given.check,
        only=given.only,
        parts=given.parts,
        tell=(lambda one: print(line(one), flush=True)) if given.tell else (lambda one: None),
    )
    print(report(pages, given.lines))
