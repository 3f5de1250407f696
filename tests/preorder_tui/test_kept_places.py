"""Pages read from what was gathered for the page before."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from data.transaction import write
from preorder_tui import (
    along_keys,
    find_purchase_orders,
    find_sales_orders,
    purchase_order_ways,
    sales_order_ways,
)
from preorder_tui.along_keys import Place, Stretch
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.records import PurchaseOrderQuery, PurchaseSort, SalesOrderQuery
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.list_ways import engine, ways
from tests.preorder_tui.sales_oracle import CLOCK, expected_lines, expected_orders, rich_book
from tests.preorder_tui.walking import check_pages

__all__ = ["engine", "ways"]

PURCHASE_SORTS: tuple[PurchaseSort, ...] = (
    "estimatedDeliveryDate",
    "orderId",
    "availableToPromise",
    "productId",
)
SORTS = ("orderDate", "promisedDatetime", "autoCancelDate")
ASKED: tuple[dict[str, Any], ...] = (
    {"text": "1", "statuses": ("ORDER_CREATED",)},
    {"text": "1"},
    {"allocation": "partly"},
    {"overdue": True, "facility_ids": ("PRE_ORDER_PARKING",)},
    {"statuses": ("ORDER_CANCELLED",)},
)


@pytest.fixture
def known_pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was read from places that were known: one name for each time."""
    read = along_keys.Known.read
    found: list[str] = []

    def spied(self: Any, *asked: Any, **named: Any) -> Any:
        places = read(self, *asked, **named)
        found.append("page")
        return places

    monkeypatch.setattr(along_keys.Known, "read", spied)
    return found


def test_pages_are_the_same_from_what_is_kept(
    engine: Engine, ways: Callable[[str], None], known_pages: list[str]
) -> None:
    book = rich_book()
    write(engine, book.write)
    ways("kept")
    with engine.connect() as connection:
        for values, sort in product(ASKED, SORTS):
            query = SalesOrderQuery(sort=sort, **values)  # type: ignore[arg-type]
            for page, expected, name in (
                (find_sales_orders.orders_page, expected_orders, lambda row: row.order_id),
                (find_sales_orders.items_page, expected_lines, lambda row: row.line),
            ):
                found: Any = expected(query, book)  # type: ignore[operator]
                read = partial(page, connection, CLOCK, query)
                check_pages(read, 7, found, name, from_each_key=False)
    assert len(known_pages) > len(ASKED) * len(SORTS)


def test_pages_of_purchase_order_lines_are_the_same_from_what_is_kept(
    engine: Engine,
    clock: Clock,
    book: Book,
    ways: Callable[[str], None],
    known_pages: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(11)
    for number in range(40):
        lines = [(f"SKU-{chance.randrange(9)}", chance.randrange(1, 9)) for _ in range(3)]
        arrival = TODAY + timedelta(days=chance.randrange(-30, 30))
        book.purchase_order(str(500 + number), arrival, lines)

    queries = [
        PurchaseOrderQuery(sort=sort, late=late, has_atp=True)
        for sort, late in product(PURCHASE_SORTS, (True, False))
    ]

    def lines(query: PurchaseOrderQuery) -> list[LineId]:
        with engine.connect() as connection:
            page = find_purchase_orders.items_page(connection, clock, query, 500)
        return [row.line for row in page.rows]

    with monkeypatch.context() as patch:
        patch.setattr(purchase_order_ways, "places_of", lambda *_: None)
        by_walk = [lines(query) for query in queries]
    ways("kept")
    monkeypatch.setattr(purchase_order_ways, "FEWEST", -1)
    with engine.connect() as connection:
        for query, wanted in zip(queries, by_walk, strict=True):
            assert len(wanted) > 20
            known_pages.clear()
            read = partial(find_purchase_orders.items_page, connection, clock, query)
            check_pages(read, 7, wanted, lambda row: row.line, from_each_key=False)
            assert known_pages


def test_the_next_page_begins_with_the_way_that_found_the_one_before(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, ways: Callable[[str], None]
) -> None:
    book = rich_book()
    write(engine, book.write)
    ways("places")
    tried: list[str] = []
    for name in ("_walk", "_walk_places"):
        plain = getattr(sales_order_ways._Asked, name)

        def spied(self: Any, seconds: float, name: str = name, plain: Any = plain) -> Any:
            tried.append(name)
            return plain(self, seconds)

        monkeypatch.setattr(sales_order_ways._Asked, name, spied)
    query = SalesOrderQuery(overdue=True, sort="autoCancelDate")
    with engine.connect() as connection:
        read = partial(find_sales_orders.items_page, connection, CLOCK, query, 3)
        first = read()
        second = read(after=first.keys[-1])
        assert tried[0] == "_walk"
        assert tried[-1] == "_walk_places"
        tried.clear()
        third = read(after=second.keys[-1])
        assert tried == ["_walk_places"]
    rows = [row.line for page in (first, second, third) for row in page.rows]
    assert rows == expected_lines(query, book)[:9]


def test_kept_places_serve_nobody_after_a_write(
    engine: Engine,
    clock: Clock,
    book: Book,
    ways: Callable[[str], None],
    known_pages: list[str],
) -> None:
    ways("kept")
    for number in range(3):
        book.sales_order(str(100 + number), TODAY, [("A", 1)])
    query = SalesOrderQuery(product_id=book.product("A"), sort="promisedDatetime")

    def orders(connection: Connection) -> tuple[list[str], bool]:
        known_pages.clear()
        page = find_sales_orders.orders_page(connection, clock, query, 9)
        return [row.order_id for row in page.rows], bool(known_pages)

    three = ["100", "101", "102"]
    with engine.connect() as reader:
        assert orders(reader) == (three, False)
        assert orders(reader) == (three, True)
        reader.rollback()
        book.sales_order("103", TODAY, [("A", 1)])
        assert orders(reader) == ([*three, "103"], False)
        reader.rollback()
    with engine.begin() as writer:
        orders(writer)
        assert orders(writer) == ([*three, "103"], True)
        writer.execute(text('DELETE FROM "ORDER_ITEM" WHERE "ORDER_ID" = \'100\''))
        assert orders(writer) == (["101", "102", "103"], False)


def test_a_stretch_gives_what_lies_in_it_and_nothing_else() -> None:
    choice = random.Random(7)
    every: list[tuple[Place, str]] = [((f"{n:03}",), f"{n:03}") for n in range(0, 100, 3)]
    answers = 0
    for _ in range(20_000):
        low, high = (choice.choice([None, (f"{choice.randrange(105):03}",)]) for _ in range(2))
        rows = [
            row
            for row in every
            if (low is None or row[0] >= low) and (high is None or row[0] <= high)
        ]
        start = choice.choice([None, (f"{choice.randrange(105):03}",)])
        size, inclusive, ascending = (
            choice.randrange(1, 12),
            choice.random() < 0.5,
            bool(choice.getrandbits(1)),
        )
        found = Stretch(rows, low, high).read(start, size, inclusive=inclusive, ascending=ascending)
        wanted = [
            row
            for row in (every if ascending else every[::-1])
            if start is None
            or (row[0] > start if ascending else row[0] < start)
            or (inclusive and row[0] == start)
        ][:size]
        if found is not None:
            assert found == wanted
            answers += 1
        elif low is None and high is None:
            pytest.fail("everything was known")
    assert answers > 5_000
