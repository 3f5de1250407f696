"""Every list of the desk, page by page, beside raw sqlite3 running the same statements.

``python -m tests.benchmarks.lists [ORDERS] [--book FILE] [--check] [--only TEXT]`` measures first,
next and last pages of each filter with each sort and search, worst first. ``--check`` also reads
each page with plain SQL that knows no index and no trick, and compares the keys.
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
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import event

from data.engine import open_engine, sqlite_url
from preorder_tui import purchase_order_ways, sales_order_ways
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.query_hints import within
from preorder_tui.records import Page, PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.service import Service
from tests.benchmarks.exim import make_book
from tests.benchmarks.figures import Figure
from tests.benchmarks.plain_lists import purchase_keys, sales_keys
from tests.benchmarks.service import TODAY

SIZE = 50
GOAL_MS = 20
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

    def one(self, sql: str, *values: Any) -> Any:
        """The first value that plain SQL finds."""
        row = self._raw.execute(sql, values).fetchone()
        return row and row[0]

    def take(self, name: str, work: Callable[[], Any], *, text: bool = False) -> tuple[Taken, Any]:
        """Time ``work`` and its statements alone, in turn."""
        self._seen = []
        start = time.perf_counter()
        result = work()
        once = time.perf_counter() - start
        seen, self._seen = self._seen, None
        values, floors = [], []
        for _ in range(1 if once > 0.1 else 3):
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
        taken, first = self.take(f"{name}, first", lambda: page(SIZE), text=text)
        yield taken
        found = [identity(row) for row in first.rows]
        if first.rows and not first.at_end:
            key = first.keys[-1]
            taken, second = self.take(f"{name}, next", lambda: page(SIZE, after=key), text=text)
            yield taken
            found += [identity(row) for row in second.rows]
        taken, last = self.take(f"{name}, last", lambda: page(SIZE, place="last"), text=text)
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

    def sales_filters(self) -> dict[str, SalesOrderQuery]:
        """Every filter that Find Sales Order offers, with values that find many and few."""
        ask = SalesOrderQuery()
        day = timedelta(days=1)
        store = self.one("SELECT PRODUCT_STORE_ID FROM PRODUCT_STORE")
        many, few = (
            self.one(
                "SELECT PRODUCT_ID FROM (SELECT PRODUCT_ID, count(*) AS n FROM ORDER_ITEM"
                f" GROUP BY PRODUCT_ID) ORDER BY n {order} LIMIT 1"
            )
            for order in ("DESC", "ASC")
        )
        linked = self.one(
            "SELECT TO_ORDER_ID FROM ORDER_ITEM_ASSOC GROUP BY TO_ORDER_ID"
            " ORDER BY count(*) DESC LIMIT 1"
        )
        found = {
            "all": ask,
            "store": replace(ask, product_store_id=store),
            "no such store": replace(ask, product_store_id="NOWHERE"),
            "product of many": replace(ask, product_id=many),
            "product of few": replace(ask, product_id=few),
            "purchase order": replace(ask, purchase_order_id=linked),
            "ordered last week": replace(ask, ordered_from=TODAY - 7 * day),
            "ordered in a month": replace(
                ask, ordered_from=TODAY - 90 * day, ordered_to=TODAY - 60 * day
            ),
            "ordered before all": replace(ask, ordered_to=TODAY - 3650 * day),
            "promised next month": replace(
                ask, promised_from=TODAY + 20 * day, promised_to=TODAY + 50 * day
            ),
            "promised in a year": replace(ask, promised_from=TODAY + 365 * day),
            "auto-cancel this week": replace(
                ask, auto_cancel_from=TODAY, auto_cancel_to=TODAY + 7 * day
            ),
            "auto-cancel in a year": replace(ask, auto_cancel_from=TODAY + 365 * day),
            "without promise": replace(ask, without_promise=True),
            "before arrival": replace(ask, before_arrival=True),
            "overdue": replace(ask, overdue=True),
            "unallocated": replace(ask, allocation="unallocated"),
            "partly": replace(ask, allocation="partly"),
            "allocated": replace(ask, allocation="allocated"),
            "created or held": replace(ask, statuses=("ORDER_CREATED", "ORDER_HOLD")),
        }
        for status in ("APPROVED", "CREATED", "COMPLETED", "CANCELLED", "HOLD", "SENT"):
            found[f"status {status}"] = replace(ask, statuses=(f"ORDER_{status}",))
        for status in ("APPROVED", "CREATED", "COMPLETED", "CANCELLED", "HOLD"):
            found[f"item {status}"] = replace(ask, item_statuses=(f"ITEM_{status}",))
        for facility in (
            "PRE_ORDER_PARKING", "BACKORDER_PARKING", "_NA_", "UNF_HOLD_PARKING", "WH1", "WH2",
        ):  # fmt: skip
            found[f"at {facility}"] = replace(ask, facility_ids=(facility,))
        for channel in ("WEB_SALES_CHANNEL", "CSR_SALES_CHANNEL", "API"):
            found[f"channel {channel}"] = replace(ask, sales_channel_enum_id=channel)
        for method in ("STANDARD", "NEXT_DAY", "NOWHERE"):
            found[f"method {method}"] = replace(ask, shipment_method_type_id=method)
        return found

    def searches(self) -> dict[str, str]:
        """What people type, from many hits to none."""
        middle = self.one(
            "SELECT ORDER_ID FROM ORDER_HEADER WHERE ORDER_TYPE_ID = 'SALES_ORDER'"
            " ORDER BY ORDER_DATE LIMIT 1 OFFSET (SELECT count(*) / 3 FROM ORDER_HEADER)"
        )
        name = self.one(
            "SELECT PARTY_NAME FROM ORDER_ROLE JOIN PARTY USING (PARTY_ID) WHERE ORDER_ID = ?",
            middle,
        )
        sku = self.one(
            "SELECT INTERNAL_NAME FROM ORDER_ITEM JOIN PRODUCT USING (PRODUCT_ID)"
            " WHERE ORDER_ID = ?", middle,
        )  # fmt: skip
        first, _, last = name.partition(" ")
        return {
            "an id": middle,
            "end of an id": middle[-5:],
            "start of an id": middle[:-4],
            "start of many ids": middle[:-5],
            "digits": middle[2:5],
            "external id": f"shop_{middle}"[-9:],
            "customer": name,
            "first name": first,
            "last name": last,
            "part of a name": first[:3],
            "an accent": "ão",
            "capitals of an accent": "ÇÃO",
            "sku": sku,
            "style": sku[:5],
            "size": "-XS",
            "product word": "jumpsuit",
            "product and name": f"jumpsuit {last}",
            "customer and id": f"{last} {middle[-4:]}",
            "nothing": "qqqzz",
            "two letters": "ja",
            "two letters, none": "q9",
            "one letter": "z",
        }

    def all_sales(self) -> Iterator[Taken]:
        """Every filter by every sort; every search by every sort; both together."""
        filters = self.sales_filters()
        for name, query in filters.items():
            for sort in SALES_SORTS:
                yield from self.sales(name, replace(query, sort=sort))
        searches = self.searches()
        for name, text in searches.items():
            for sort in SALES_SORTS:
                yield from self.sales(f"search {name} '{text}'",
                                      SalesOrderQuery(text=text, sort=sort))  # fmt: skip
        for word in ("last name", "part of a name", "digits", "product word", "nothing"):
            for name in ("unallocated", "status HOLD", "at WH1", "promised next month", "overdue"):
                for sort in SALES_SORTS:
                    query = replace(filters[name], text=searches[word], sort=sort)
                    yield from self.sales(f"{name} + search {word} '{query.text}'", query)

    # --- Purchase orders ---

    def purchase_filters(self) -> dict[str, PurchaseOrderQuery]:
        """Every filter that Find Purchase Orders offers, and searches."""
        ask = PurchaseOrderQuery()
        day = timedelta(days=1)
        external, order = self._raw.execute(
            "SELECT EXTERNAL_ID, ORDER_ID FROM ORDER_HEADER WHERE ORDER_TYPE_ID = 'PURCHASE_ORDER'"
            " LIMIT 1 OFFSET (SELECT count(*) / 3 FROM ORDER_HEADER"
            " WHERE ORDER_TYPE_ID = 'PURCHASE_ORDER')"
        ).fetchone()
        sku = self.one(
            "SELECT INTERNAL_NAME FROM ORDER_ITEM JOIN PRODUCT USING (PRODUCT_ID)"
            " WHERE ORDER_ID = ?", order,
        )  # fmt: skip
        found = {
            "all": ask,
            "arriving in a month": replace(ask, arrival_from=TODAY, arrival_to=TODAY + 30 * day),
            "arriving in ten years": replace(ask, arrival_from=TODAY + 3650 * day),
            "late": replace(ask, late=True),
            "has ATP": replace(ask, has_atp=True),
            "out of sync": replace(ask, out_of_sync=True),
            "out of sync, late": replace(ask, out_of_sync=True, late=True),
        }
        for status in ("APPROVED", "CREATED", "COMPLETED", "CANCELLED", "HOLD"):
            found[f"status {status}"] = replace(ask, statuses=(f"ORDER_{status}",))
            found[f"item {status}"] = replace(ask, item_statuses=(f"ITEM_{status}",))
        for facility in ("WH1", "WH2", "NOWHERE"):
            found[f"at {facility}"] = replace(ask, facility_id=facility)
        for name, text in (
            ("an id", order), ("external id", external), ("part of it", external[:-2]),
            ("sku", sku), ("style", sku[:5]), ("product word", "jumpsuit"), ("nothing", "qqqzz"),
            ("two letters", "-X"),
        ):  # fmt: skip
            found[f"search {name} '{text}'"] = replace(ask, text=text)
        return found

    def all_purchases(self) -> Iterator[Taken]:
        """Every filter by every sort as lines, and by every grouping."""
        for name, query in self.purchase_filters().items():
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
        sales = self.one(
            "SELECT ORDER_ID FROM ORDER_ITEM WHERE RECEIVED_QUANTITY IS NULL"
            " GROUP BY ORDER_ID ORDER BY count(*) DESC LIMIT 1"
        )
        order, item = self._raw.execute(
            "SELECT TO_ORDER_ID, TO_ORDER_ITEM_SEQ_ID FROM ORDER_ITEM_ASSOC"
            " GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
        largest = self.one(
            "SELECT ORDER_ID FROM ORDER_ITEM WHERE RECEIVED_QUANTITY IS NOT NULL"
            " GROUP BY ORDER_ID ORDER BY count(*) DESC LIMIT 1"
        )
        line, service = LineId(order, item), self.service
        sold = service.sales_order(sales).items[0].line
        works: dict[str, Callable[[], Any]] = {
            "View Sales Order": lambda: service.sales_order(sales),
            "supply for a line": lambda: service.supply_for(sold),
            "Purchase Order Detail, most lines": lambda: service.purchase_order(largest),
            "Purchase Order Detail, most allocated": lambda: service.purchase_order(order),
            "Review Allocations": lambda: service.review_allocations(line),
            "lines to allocate": lambda: service.unallocated_for(line),
            "lines to sync": lambda: service.sync_candidates(line),
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
