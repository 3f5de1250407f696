"""A search of Find Sales Order by the ways that only a search has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Engine, event

from data.transaction import write
from preorder_tui import find_sales_orders, sales_order_search, sales_order_ways
from preorder_tui.clock import Clock
from preorder_tui.records import SalesOrderQuery
from preorder_tui.sales_order_filters import parameters, shape_of
from preorder_tui.sales_order_search import Search
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.list_ways import engine, ways
from tests.preorder_tui.sales_oracle import CLOCK, expected_lines, expected_orders, rich_book
from tests.preorder_tui.walking import check_pages

__all__ = ["engine", "ways"]

BESIDE: tuple[dict[str, Any], ...] = (
    {},
    {"statuses": ("ORDER_CREATED", "ORDER_APPROVED")},
    {"facility_ids": ("WH1", "PRE_ORDER_PARKING")},
    {"overdue": True},
    {"allocation": "unallocated", "promised_from": TODAY},
    {"ordered_to": TODAY, "without_promise": True},
)


def _no_other_way(*_: Any, **__: Any) -> None:
    raise AssertionError("it went another way")


@pytest.mark.parametrize("words", ["ana", "ana cap", "lima bag", "lady sun", "cap qqqzz"])
def test_by_order_date_a_search_is_read_along_the_dates(
    engine: Engine, ways: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """With filters beside it, and with words that products have."""
    book = rich_book()
    write(engine, book.write)
    ways("many")
    for other in ("_walk", "_walk_places", "_gather"):
        monkeypatch.setattr(sales_order_ways._Asked, other, _no_other_way)
    found = 0
    with engine.connect() as connection:
        for beside in BESIDE:
            query = SalesOrderQuery(text=words, **beside)
            orders, lines = expected_orders(query, book), expected_lines(query, book)
            found += len(lines)
            for page, expected, name in (
                (find_sales_orders.orders_page, orders, lambda row: row.order_id),
                (find_sales_orders.items_page, lines, lambda row: row.line),
            ):
                rows: Any = expected
                read = partial(page, connection, CLOCK, query)
                check_pages(read, 3, rows, name, from_each_key=False)
    assert found > 5 or "qqqzz" in words


@pytest.mark.parametrize("way", ["few", "many", "places", "walk"])
def test_words_of_orders_and_of_products_by_every_way(
    engine: Engine, ways: Callable[[str], None], way: str
) -> None:
    """The line that a filter wants is the one whose product has the word."""
    book = rich_book()
    write(engine, book.write)
    ways(way)
    found = 0
    sorts = ("promisedDatetime", "autoCancelDate")
    with engine.connect() as connection:
        for words, beside, sort in product(("bag", "cap lima", "1 bag"), BESIDE, sorts):
            query = SalesOrderQuery(text=words, sort=sort, **beside)  # type: ignore[arg-type]
            rows: Any = expected_orders(query, book)
            found += len(rows)
            read = partial(find_sales_orders.orders_page, connection, CLOCK, query)
            check_pages(read, 7, rows, lambda row: row.order_id, from_each_key=False)
    assert found > 50


def test_the_rarest_word_is_counted_and_not_read(
    engine: Engine, clock: Clock, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        customer = "Ana Costa" if number < 2 else "Bo Berg"
        book.sales_order(str(100 + number), TODAY, [("A", 1)], customer=customer)
    for number in range(3):
        day = TODAY - timedelta(days=number)
        book.sales_order(str(200 + number), day, [("ROBE", 1), ("ROBE", 2)], customer="Bo Berg")
    write(engine, lambda connection: None)
    read: list[str] = []

    def saw(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        read.append(statement)

    def search(words: str) -> Search:
        query = SalesOrderQuery(text=words)
        return Search(connection, query, shape_of(query), parameters(clock, query))

    with engine.connect() as connection:
        of_both, of_names, of_product = search("robe costa"), search("bo berg"), search("robe")
        event.listen(engine, "before_cursor_execute", saw)
        rarest, named, sold = of_both.fewest(99), of_names.fewest(99), of_product.fewest(99)
        assert rarest is not None
        assert named is not None
        assert sold is not None
        assert (rarest.number, rarest.word) == (2, None)
        assert (named.number, named.word) == (13, None)
        # Two lines of each of three orders.
        assert (sold.number, sold.word) == (6, 0)
        assert of_names.fewest(12) is None
        assert of_product.fewest(5) is None
        event.remove(engine, "before_cursor_execute", saw)
        assert read
        assert all("count(*)" in statement for statement in read)
        assert sorted(of_product.orders(9) or ()) == ["200", "201", "202"]
        # Of too many products nothing is known beforehand: they are asked one by one.
        monkeypatch.setattr(sales_order_search, "MOST_PRODUCTS", -1)
        assert search("robe").fewest(99) is None
        read_page = partial(find_sales_orders.orders_page, connection, clock)
        page = read_page(SalesOrderQuery(text="robe"), 9)
        assert [row.order_id for row in page.rows] == ["200", "201", "202"]
