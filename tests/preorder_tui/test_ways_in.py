"""Lists by every way to their rows: SQLite's walk, a filter's own index, the index of text."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, text

from data import search_index
from data.transaction import write
from preorder_tui import (
    find_purchase_orders,
    find_sales_orders,
    purchase_order_ways,
    sales_order_ends,
    sales_order_places,
    sales_order_walks,
    text_index,
)
from preorder_tui.clock import Clock
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui import random_books as rb
from tests.preorder_tui.list_ways import engine, orders_named, ways
from tests.preorder_tui.sales_oracle import CLOCK, expected_lines, expected_orders, rich_book
from tests.preorder_tui.test_find_sales_orders import EACH_FILTER
from tests.preorder_tui.walking import check_pages

__all__ = ["engine", "ways"]

SORTS = ("orderDate", "promisedDatetime", "autoCancelDate")


def _check(connection: Connection, book: rb.RandomBook, query: SalesOrderQuery) -> None:
    for page, expected, name in (
        (find_sales_orders.orders_page, expected_orders, lambda row: row.order_id),
        (find_sales_orders.items_page, expected_lines, lambda row: row.line),
    ):
        found: Any = expected(query, book)  # type: ignore[operator]
        check_pages(partial(page, connection, CLOCK, query), 7, found, name, from_each_key=False)
    for items, expected_rows in ((False, expected_orders), (True, expected_lines)):
        count = find_sales_orders.count(connection, CLOCK, query, items=items)
        assert count.number == len(expected_rows(query, book))


@pytest.mark.parametrize("way", ["few", "many", "places", "walk"])
def test_every_filter_and_search_by_every_way(
    engine: Engine, ways: Callable[[str], None], way: str
) -> None:
    book = rich_book()
    write(engine, book.write)
    ways(way)
    with engine.connect() as connection:
        assert not text_index.some_wait(connection)
        for name, values in EACH_FILTER.items():
            for value, sort in product(values, SORTS):
                _check(connection, book, SalesOrderQuery(sort=sort, **{name: value}))  # type: ignore[arg-type]


TOGETHER: tuple[dict[str, Any], ...] = (
    {"text": "1", "statuses": ("ORDER_CREATED",)},
    {"text": "shop_1", "facility_ids": ("WH1",)},
    {"text": "ana", "allocation": "unallocated"},
    {"text": "1 bag", "overdue": True},
    {"text": "qqqzz"},
    {"text": "1 qqqzz", "without_promise": True},
    {"text": "cap", "promised_from": TODAY},
    {"text": "a", "product_id": "0", "allocation": "allocated"},
    {"text": "1", "ordered_from": TODAY, "item_statuses": ("ITEM_APPROVED",)},
    {"ordered_from": TODAY, "promised_to": TODAY + timedelta(days=30)},
    {"ordered_to": TODAY, "facility_ids": ("PRE_ORDER_PARKING",), "without_promise": True},
    {"statuses": ("ORDER_CANCELLED",)},
    {"statuses": ("ORDER_COMPLETED", "ORDER_CANCELLED"), "promised_from": TODAY},
    {"item_statuses": ("ITEM_COMPLETED",), "sales_channel_enum_id": "WEB_SALES_CHANNEL"},
    {"auto_cancel_from": TODAY, "before_arrival": True},
    {"purchase_order_id": "2000", "allocation": "partly"},
    {"shipment_method_type_id": "NEXT_DAY", "allocation": "allocated", "promised_to": TODAY},
)


@pytest.mark.parametrize("way", ["few", "many", "places"])
def test_filters_together_by_every_way(
    engine: Engine, ways: Callable[[str], None], way: str
) -> None:
    """What one filter or the search finds is looked up for the others on the way."""
    book = rich_book()
    write(engine, book.write)
    ways(way)
    found = 0
    with engine.connect() as connection:
        for values, sort in product(TOGETHER, SORTS):
            query = SalesOrderQuery(sort=sort, **values)  # type: ignore[arg-type]
            found += bool(expected_lines(query, book))
            _check(connection, book, query)
    assert found > len(TOGETHER)


def test_many_days_and_orders_out_of_their_numbers(
    engine: Engine, ways: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stretch of the book is only a way: with more days than one goes through it is another."""
    book = rich_book()
    write(engine, book.write)
    ways("places")
    query = SalesOrderQuery(sort="promisedDatetime", ordered_from=TODAY)
    for days, orders in ((1_000, 100_000), (2, 100_000), (1_000, 1)):
        monkeypatch.setattr(sales_order_walks, "MOST_DAYS", days)
        monkeypatch.setattr(sales_order_ends, "MOST_ORDERS", orders)
        monkeypatch.setattr(sales_order_places, "SOME_DAYS", 1)
        with engine.connect() as connection:
            _check(connection, book, query)


@pytest.mark.parametrize(("first", "most"), [(1, 1_000), (1, 4), (3, 6)])
def test_lines_before_arrival_are_read_from_the_last_promise(
    engine: Engine,
    ways: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    first: int,
    most: int,
) -> None:
    """In steps of a line or so, and where more lines are behind than are read, another way."""
    book = rich_book()
    write(engine, book.write)
    ways("places")
    monkeypatch.setattr(sales_order_places, "_FIRST_LINES", first)
    monkeypatch.setattr(sales_order_places, "_MOST_LINES", most)
    others: tuple[dict[str, Any], ...] = (
        {},
        {"allocation": "allocated"},
        {"overdue": True},
        {"promised_from": TODAY},
        {"item_statuses": ("ITEM_APPROVED",)},
    )
    found = 0
    with engine.connect() as connection:
        for values in others:
            query = SalesOrderQuery(sort="promisedDatetime", before_arrival=True, **values)
            found += len(expected_lines(query, book))
            _check(connection, book, query)
    assert found > 10


SOME_TEXT = st.text("aAbBgGzZ012åÅöÖ# _%-*\"'", min_size=1, max_size=5)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_search_is_a_slow_filter(
    engine: Engine, clock: Clock, ways: Callable[[str], None], data: st.DataObject
) -> None:
    """Any piece of any text, any case, spelled as the search box gets it."""
    ways("few")
    names = data.draw(st.lists(SOME_TEXT, min_size=1, max_size=6))
    with engine.connect() as connection, connection.begin() as transaction:
        orders_named(connection, names)
        if data.draw(st.booleans()):
            search_index.settle(connection)
        source = data.draw(st.sampled_from(names))
        start = data.draw(st.integers(0, len(source)))
        end = data.draw(st.integers(start, len(source)))
        asked = data.draw(st.sampled_from((str, str.lower, str.upper)))(source[start:end])
        asked = data.draw(st.sampled_from((asked, f"{asked} {source[:2]}", f"x{asked}")))
        found = find_sales_orders.orders_page(
            connection, clock, SalesOrderQuery(text=asked), 50
        ).rows
        wanted = {
            f"ORD{number}"
            for number, name in enumerate(names)
            if all(
                word.casefold() in text.casefold()
                for word in asked.split()
                for text in [f"ORD{number}\n{name}"]
            )
        }
        assert {row.order_id for row in found} == wanted
        transaction.rollback()


def test_back_dated_orders_stand_where_their_dates_are(
    engine: Engine, clock: Clock, book: Book, ways: Callable[[str], None]
) -> None:
    """However late they come and however they are numbered: the index goes by their dates."""
    chance = random.Random(3)
    placed: list[tuple[date, str]] = []
    for number in chance.sample(range(100, 999), 60):
        day = TODAY - timedelta(days=chance.choice((0, 1, 1, 40, 400, 30_000)))
        book.sales_order(str(number), day, [("S", 1)], customer="Ana Costa")
        placed.append((day, str(number)))
        if chance.random() < 0.3:
            write(engine, lambda connection: None)
    write(engine, lambda connection: None)
    ways("few")
    expected = [order for _, order in sorted(placed, reverse=True)]
    for words in ("costa", "an co"):
        with engine.connect() as connection:
            assert not text_index.some_wait(connection)
            check_pages(
                partial(
                    find_sales_orders.orders_page, connection, clock, SalesOrderQuery(text=words)
                ),
                7,
                expected,
                lambda row: row.order_id,
            )


@pytest.mark.parametrize("way", ["few", "many"])
def test_purchase_orders_by_every_way(
    engine: Engine,
    clock: Clock,
    book: Book,
    ways: Callable[[str], None],
    way: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each filter of Find Purchase Orders finds by its own index what the walk finds."""
    chance = random.Random(5)
    for number in range(40):
        arrival = TODAY + timedelta(days=chance.randrange(-30, 90))
        lines = [(f"SKU-{chance.randrange(9)}", chance.randrange(1, 9)) for _ in range(3)]
        placed = book.purchase_order(str(500 + number), arrival, lines, external_id=f"PO-{number}")
        facility = "PRE_ORDER_PARKING" if number % 5 else "WH1"
        sku, _ = lines[number % 3]
        book.sales_order(str(900 + number), TODAY, [(sku, 1)], promised=TODAY, facility=facility)
        book.allocate(f"{900 + number}/1", str(placed[number % 3]), 1)
    write(engine, partial(_without_arrival, orders=("500", "507", "514")))
    asks = [
        PurchaseOrderQuery(text="po-3"),
        PurchaseOrderQuery(text="sku-4"),
        PurchaseOrderQuery(text="51 sku"),
        PurchaseOrderQuery(late=True),
        PurchaseOrderQuery(has_atp=True),
        PurchaseOrderQuery(out_of_sync=True),
        PurchaseOrderQuery(out_of_sync=True, late=True),
        PurchaseOrderQuery(out_of_sync=True, statuses=("ORDER_APPROVED",)),
        PurchaseOrderQuery(statuses=("ORDER_APPROVED",)),
        PurchaseOrderQuery(item_statuses=("ITEM_APPROVED",)),
        PurchaseOrderQuery(item_statuses=("ITEM_CREATED", "ITEM_COMPLETED")),
        PurchaseOrderQuery(facility_id="WH1", has_atp=True),
        PurchaseOrderQuery(facility_id="NOWHERE"),
        PurchaseOrderQuery(grouping="parent product", group=book.products["SKU-2"]),
        PurchaseOrderQuery(arrival_from=TODAY, arrival_to=TODAY + timedelta(days=20)),
        PurchaseOrderQuery(grouping="purchase order", group="505"),
        PurchaseOrderQuery(grouping="arrival date", group=""),
        PurchaseOrderQuery(grouping="product", group=book.products["SKU-1"]),
    ]

    def lines(ask: PurchaseOrderQuery) -> list[Any]:
        with engine.connect() as connection:
            page = find_purchase_orders.items_page(connection, clock, ask, 500)
            count = find_purchase_orders.count(connection, clock, ask)
        assert count.number == len(page.rows)
        return [row.line for row in page.rows]

    sorts = ("estimatedDeliveryDate", "orderId", "availableToPromise", "productId")
    every = [
        PurchaseOrderQuery(
            **{name: getattr(ask, name) for name in ask.__slots__ if name != "sort"}, sort=sort
        )
        for ask in asks
        for sort in sorts
    ]
    with monkeypatch.context() as patch:
        patch.setattr(purchase_order_ways, "places_of", lambda *_: None)
        by_walk = [lines(ask) for ask in every]
    assert sum(map(bool, by_walk)) > len(every) // 2
    out_of_sync = PurchaseOrderQuery(out_of_sync=True)
    with engine.connect() as connection:
        groups = find_purchase_orders.groups_page(
            connection, clock, replace(out_of_sync, grouping="product"), 99
        )
    assert sum(group.item_count for group in groups.rows) == len(lines(out_of_sync)) > 20
    ways(way)
    assert [lines(ask) for ask in every] == by_walk
    with engine.connect() as connection:
        for ask, wanted in zip(every, by_walk, strict=True):
            page = partial(find_purchase_orders.items_page, connection, clock, ask)
            check_pages(page, 7, wanted, lambda row: row.line, from_each_key=False)


def _without_arrival(connection: Connection, *, orders: tuple[str, ...]) -> None:
    for order in orders:
        connection.execute(
            text(
                'UPDATE "ORDER_ITEM" SET "ESTIMATED_DELIVERY_DATE" = NULL WHERE "ORDER_ID" = :order'
            ),
            {"order": order},
        )


def test_groups_are_remembered_until_somebody_writes(
    engine: Engine, clock: Clock, book: Book
) -> None:
    book.purchase_order("500", TODAY, [("A", 4)])
    query = PurchaseOrderQuery(grouping="purchase order")
    asked: list[str] = []

    def saw(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        asked.extend([statement] if statement.startswith("SELECT") else [])

    event.listen(engine, "before_cursor_execute", saw)

    def groups(connection: Connection) -> list[str]:
        asked.clear()
        page = find_purchase_orders.groups_page(connection, clock, query, 9)
        return [row.group for row in page.rows]

    with engine.connect() as reader:
        assert groups(reader) == ["500"]
        assert asked
        assert groups(reader) == ["500"]
        assert not asked
        reader.rollback()
        book.purchase_order("501", TODAY, [("A", 4)])
        assert groups(reader) == ["500", "501"]
        reader.rollback()
    with engine.begin() as writer:
        assert groups(writer) == ["500", "501"]
        writer.execute(text('DELETE FROM "ORDER_ITEM" WHERE "ORDER_ID" = \'500\''))
        assert groups(writer) == ["501"]


# --- Plans --------------------------------------------------------------------------------------

PLAIN_WALK = "SCAN ORDER_ITEM"
LISTS: dict[str, Callable[..., Any]] = {
    **{
        f"sales {name} by {sort}": partial(page, query=SalesOrderQuery(sort=sort))  # type: ignore[arg-type]
        for name, page in (
            ("orders", find_sales_orders.orders_page),
            ("lines", find_sales_orders.items_page),
        )
        for sort in SORTS
    },
    **{
        f"purchase lines by {sort}": partial(
            find_purchase_orders.items_page,
            query=PurchaseOrderQuery(sort=sort),  # type: ignore[arg-type]
        )
        for sort in ("estimatedDeliveryDate", "orderId", "availableToPromise", "productId")
    },
}


@pytest.mark.parametrize("name", LISTS)
def test_no_page_reads_or_sorts_a_whole_table(
    engine: Engine, clock: Clock, book: Book, name: str
) -> None:
    """First, next, previous and last page: each along an index, whatever is in the book."""
    for number in range(4):
        promised = TODAY if number % 2 else None
        book.sales_order(str(10 + number), TODAY, [("A", 1)], customer="Ana", promised=promised)
        book.purchase_order(str(90 + number), TODAY, [("A", 1)])
    write(engine, partial(_without_arrival, orders=("90", "92")))
    seen: list[tuple[str, Any]] = []

    def saw(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", saw)
    page = LISTS[name]
    with engine.connect() as connection:
        first = page(connection, clock, size=1)
        page(connection, clock, size=1, after=first.keys[0])
        page(connection, clock, size=1, before=page(connection, clock, size=2).keys[-1])
        page(connection, clock, size=1, place="last")
        event.remove(engine, "before_cursor_execute", saw)
        assert len(seen) > 8
        for statement, parameters in seen:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            for *_, step in plan:
                assert "TEMP B-TREE FOR ORDER BY" not in step, (statement, step)
                # ORDER_ITEM itself lies in the order of its key, which is some lists' order.
                by_key = 'ORDER BY "ORDER_ITEM"."ORDER_ID"' in statement and step == PLAIN_WALK
                if step.startswith("SCAN ") and "CONSTANT" not in step and not by_key:
                    assert " USING " in step, (statement, step)
