"""Find Sales Order against a naive reading of the same random book."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, update

from data.tables import order_header
from preorder_tui import find_sales_orders
from preorder_tui.clock import Clock
from preorder_tui.records import SalesOrderQuery, SalesSort
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui import random_books as rb
from tests.preorder_tui.sales_oracle import (
    CLOCK,
    check_line,
    check_order,
    expected_lines,
    expected_orders,
    rich_book,
)
from tests.preorder_tui.walking import check_pages

WORDS = ("bag", "BAG", "ana", "åström", "#10", "1001", "shop_1", "%", "_", "cap_3", "hat%4", "zzz")


def _some(values: Any) -> Any:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)


FILTERS: dict[str, Any] = {
    "text": st.lists(st.sampled_from(WORDS), max_size=2).map(" ".join),
    "statuses": _some(rb.ORDER_STATUSES),
    "item_statuses": _some(rb.ITEM_STATUSES),
    "product_store_id": st.sampled_from(rb.STORES),
    "facility_ids": _some(rb.FACILITIES),
    "sales_channel_enum_id": st.sampled_from([c for c in rb.CHANNELS if c]),
    "shipment_method_type_id": st.sampled_from([m for m in rb.METHODS if m]),
    "ordered_from": st.sampled_from(rb.DAYS),
    "ordered_to": st.sampled_from(rb.DAYS),
    "promised_from": st.sampled_from(rb.DAYS),
    "promised_to": st.sampled_from(rb.DAYS),
    "auto_cancel_from": st.sampled_from(rb.DAYS),
    "auto_cancel_to": st.sampled_from(rb.DAYS),
    "without_promise": st.just(True),
    "allocation": st.sampled_from(("allocated", "partly", "unallocated")),
    "before_arrival": st.just(True),
    "overdue": st.just(True),
    "purchase_order_id": st.sampled_from(("2000", "2001")),
    "product_id": st.sampled_from(("0", "1", "2")),
}


@st.composite
def queries(draw: st.DrawFn) -> SalesOrderQuery:
    chosen = draw(st.lists(st.sampled_from(sorted(FILTERS)), max_size=3, unique=True))
    values = {name: draw(FILTERS[name]) for name in chosen}
    sort = draw(st.sampled_from(("orderDate", "promisedDatetime", "autoCancelDate")))
    return SalesOrderQuery(sort=sort, **values)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    book=rb.random_books(CLOCK),
    wanted=st.lists(queries(), min_size=4, max_size=8),
    size=st.sampled_from((1, 2, 3, 50)),
)
def test_pages_are_the_naive_list_cut_in_slices(
    engine: Engine, book: rb.RandomBook, wanted: list[SalesOrderQuery], size: int
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        book.write(connection)
        for query in wanted:
            _check_query(connection, book, query, size)
        transaction.rollback()


def test_every_filter_with_every_sort(engine: Engine) -> None:
    """One book rich enough that each filter finds something and leaves something out."""
    book = rich_book()
    with engine.connect() as connection, connection.begin() as transaction:
        book.write(connection)
        everything = len(expected_lines(SalesOrderQuery(), book))
        for name, values in EACH_FILTER.items():
            for value, sort in product(values, ("orderDate", "promisedDatetime", "autoCancelDate")):
                query = SalesOrderQuery(sort=sort, **{name: value})
                assert 0 < len(expected_lines(query, book)) < everything, name
                _check_query(connection, book, query, 50, from_each_key=False)
        transaction.rollback()


EACH_FILTER: dict[str, tuple[Any, ...]] = {
    "text": ("cap_3", "bag ana", "åström hat%4", "shop_101"),
    "statuses": (("ORDER_CREATED",), ("ORDER_CREATED", "ORDER_CANCELLED")),
    "item_statuses": (("ITEM_HOLD",), ("ITEM_CANCELLED", "ITEM_COMPLETED")),
    "product_store_id": rb.STORES,
    "facility_ids": (("PRE_ORDER_PARKING",), ("_NA_", "WH1")),
    "sales_channel_enum_id": ("WEB_SALES_CHANNEL",),
    "shipment_method_type_id": ("NEXT_DAY",),
    "ordered_from": (TODAY,),
    "ordered_to": (TODAY,),
    "promised_from": (TODAY,),
    "promised_to": (TODAY,),
    "auto_cancel_from": (TODAY,),
    "auto_cancel_to": (TODAY,),
    "without_promise": (True,),
    "allocation": ("allocated", "partly", "unallocated"),
    "before_arrival": (True,),
    "overdue": (True,),
    "purchase_order_id": ("2000", "2001"),
    "product_id": ("0", "3"),
}


def _check_query(
    connection: Connection,
    book: rb.RandomBook,
    query: SalesOrderQuery,
    size: int,
    *,
    from_each_key: bool = True,
) -> None:
    orders = {order.order_id: order for order in book.sales}
    rows = check_pages(
        partial(find_sales_orders.orders_page, connection, CLOCK, query),
        size,
        expected_orders(query, book),
        lambda row: row.order_id,
        from_each_key=from_each_key,
    )
    for row in rows:
        check_order(row, orders[row.order_id])
    rows = check_pages(
        partial(find_sales_orders.items_page, connection, CLOCK, query),
        size,
        expected_lines(query, book),
        lambda row: row.line,
        from_each_key=from_each_key,
    )
    for row in rows:
        check_line(row, orders[row.line.order_id])
    for items, expected in ((False, expected_orders), (True, expected_lines)):
        count = find_sales_orders.count(connection, CLOCK, query, items=items)
        assert (count.number, count.capped) == (len(expected(query, book)), False)


def test_texts_are_cleaned(engine: Engine, clock: Clock, book: Book) -> None:
    book.product("S\x1b[31mKU", name="Red\u202e bag")
    book.sales_order("10", TODAY, [("S\x1b[31mKU", 1)], customer="A\x1b]0;x\x07na", name="#1\n")
    with engine.connect() as connection:
        (row,) = find_sales_orders.orders_page(connection, clock, SalesOrderQuery(), 9).rows
        (item,) = find_sales_orders.items_page(connection, clock, SalesOrderQuery(), 9).rows
    assert row.customer_name == "A]0;xna"
    assert row.order_name == "#1 "
    assert (item.product.sku, item.product.name) == ("S[31mKU", "Red bag")


@pytest.mark.parametrize("text", ["a\x00na", "an\udc80a", "   ", "a" * 5000, "' OR 1=1 --", "\\"])
@pytest.mark.parametrize("sort", ["orderDate", "promisedDatetime", "autoCancelDate"])
def test_any_text_can_be_searched_for(
    engine: Engine, clock: Clock, book: Book, text: str, sort: SalesSort
) -> None:
    book.sales_order("10", TODAY, [("SKU", 1)], customer="Ana")
    query = SalesOrderQuery(text=text, statuses=(text,), product_id=text, sort=sort)
    with engine.connect() as connection:
        find_sales_orders.orders_page(connection, clock, query, 5)
        find_sales_orders.items_page(connection, clock, query, 5)
        found = find_sales_orders.count(connection, clock, SalesOrderQuery(text=text))
    assert found.number == (1 if text.strip() in ("", "a\x00na", "an\udc80a") else 0)


def test_days_at_the_ends_of_the_calendar(engine: Engine, book: Book) -> None:
    book.sales_order("10", TODAY, [("SKU", 1)], promised=TODAY)
    query = SalesOrderQuery(
        ordered_from=date.min, ordered_to=date.max, promised_from=date.min, promised_to=date.max
    )
    from preorder_tui.clock import zone_named

    for zone in ("UTC", "Pacific/Auckland", "America/Los_Angeles"):
        clock = Clock(zone_named(zone), TODAY)
        with engine.connect() as connection:
            assert find_sales_orders.count(connection, clock, query).number == 1
            assert find_sales_orders.count(connection, clock, query, items=True).number == 1


def test_days_are_the_sites(engine: Engine) -> None:
    from preorder_tui.clock import zone_named

    clock = Clock(zone_named("America/Los_Angeles"), TODAY)
    Book(engine, clock).sales_order("10", TODAY, [("SKU", 1)], promised=TODAY)
    on_the_day = SalesOrderQuery(promised_from=TODAY, promised_to=TODAY)
    after = SalesOrderQuery(promised_from=TODAY + timedelta(days=1))
    with engine.connect() as connection:
        (row,) = find_sales_orders.items_page(connection, clock, on_the_day, 5).rows
        assert row.promise_date == TODAY
        assert find_sales_orders.count(connection, clock, after).number == 0


def test_counting_stops(
    engine: Engine, clock: Clock, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("preorder_tui.paging.COUNT_CAP", 2)
    for number in range(4):
        book.sales_order(f"1{number}", TODAY, [("SKU", 1)])
    with engine.connect() as connection:
        found = find_sales_orders.count(connection, clock, SalesOrderQuery())
    assert str(found) == "2+"


def test_choices(engine: Engine, clock: Clock, book: Book) -> None:
    book.sales_order("10", TODAY, [("SKU", 1)])
    with engine.connect() as connection:
        found = find_sales_orders.choices(connection, clock)
    assert found.product_stores == (("STORE", "Store"),)
    assert found.facilities == (
        ("PRE_ORDER_PARKING", "Pre-order"),
        ("BACKORDER_PARKING", "Backorder"),
        ("_NA_", "Brokering"),
        ("WH1", "WH1"),
    )
    assert ("WEB_SALES_CHANNEL", "Web") in found.sales_channels
    assert found.shipment_methods == ()


def test_both_keys_make_no_page(engine: Engine, clock: Clock) -> None:
    with engine.connect() as connection, pytest.raises(ValueError, match="not both"):
        find_sales_orders.orders_page(
            connection, clock, SalesOrderQuery(), 5, after=(0,), before=(0,)
        )


@pytest.mark.parametrize("sort", ["orderDate", "promisedDatetime", "autoCancelDate"])
def test_a_page_next_to_an_order_that_is_gone(
    engine: Engine, clock: Clock, book: Book, sort: SalesSort
) -> None:
    """The row a page is asked from may have left the list since: the ends are still told."""
    for number in range(3):
        book.sales_order(f"1{number}", TODAY - timedelta(days=number), [("SKU", 1)])
    query = SalesOrderQuery(sort=sort)
    with engine.connect() as connection:
        first, _, last = find_sales_orders.orders_page(connection, clock, query, 9).keys
    with engine.begin() as connection:
        connection.execute(
            update(order_header)
            .where(order_header.c.ORDER_ID != "11")
            .values(STATUS_ID="ORDER_CANCELLED")
        )
    query = SalesOrderQuery(sort=sort, statuses=("ORDER_APPROVED",))
    with engine.connect() as connection:
        after = find_sales_orders.orders_page(connection, clock, query, 9, after=first)
        before = find_sales_orders.orders_page(connection, clock, query, 9, before=last)
    for page in (after, before):
        assert [row.order_id for row in page.rows] == ["11"]
        assert (page.at_start, page.at_end) == (True, True)
