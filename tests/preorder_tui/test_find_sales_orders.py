"""Find Sales Order against a naive reading of the same random book."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, update

from data.tables import order_header
from preorder_tui import find_sales_orders, marks
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.records import SalesOrderQuery, SalesSort
from preorder_tui.words import PRESELL_PARKINGS
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui import random_books as rb
from tests.preorder_tui.walking import check_pages

CLOCK = Clock(UTC, TODAY)
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


def _closed(line: rb.Line) -> bool:
    return line.status in ("ITEM_COMPLETED", "ITEM_CANCELLED", "ITEM_REJECTED")


def _within(moment: datetime | None, start: date | None, end: date | None) -> bool:
    if start is None and end is None:
        return True
    if moment is None:
        return False
    return (start is None or moment.date() >= start) and (end is None or moment.date() <= end)


def _state(order: rb.Order, line: rb.Line) -> str:
    waits = (
        order.status in ("ORDER_CREATED", "ORDER_APPROVED")
        and line.status in ("ITEM_CREATED", "ITEM_APPROVED")
        and line.facility in PRESELL_PARKINGS
    )
    open_units = line.quantity - line.cancelled - line.allocated if waits else 0
    if open_units > 0:
        return "partly" if line.allocated else "unallocated"
    return "allocated" if line.allocated else "none"


def _header_says(order: rb.Order, word: str) -> bool:
    texts = (order.order_id, order.name, order.external_id, rb.CUSTOMERS[order.customer])
    return any(word.lower() in text.lower() for text in texts if text)


def _line_says(line: rb.Line, word: str) -> bool:
    return any(
        word.lower() in text.lower() for text in (rb.SKUS[line.product], rb.NAMES[line.product])
    )


def _header_fits(query: SalesOrderQuery, order: rb.Order) -> bool:
    return (
        (not query.statuses or order.status in query.statuses)
        and query.product_store_id in (None, order.store)
        and query.sales_channel_enum_id in (None, order.channel)
        and _within(order.placed, query.ordered_from, query.ordered_to)
    )


def _line_fits(query: SalesOrderQuery, order: rb.Order, line: rb.Line) -> bool:
    before = bool(line.promised and line.arrival and line.promised < line.arrival)
    late = line.promised is not None and line.promised.date() < TODAY
    of_purchase = query.purchase_order_id is None or (
        query.purchase_order_id in {to for to, _ in line.links}
        or query.purchase_order_id == line.purchase_order_id
    )
    return (
        (not query.item_statuses or line.status in query.item_statuses)
        and (not query.facility_ids or line.facility in query.facility_ids)
        and query.shipment_method_type_id in (None, line.method)
        and _within(line.promised, query.promised_from, query.promised_to)
        and _within(line.auto_cancel, query.auto_cancel_from, query.auto_cancel_to)
        and not (query.without_promise and line.promised is not None)
        and query.allocation in ("any", _state(order, line))
        and (not query.before_arrival or (before and not _closed(line)))
        and (not query.overdue or (late and not _closed(line)))
        and of_purchase
        and query.product_id in (None, str(line.product))
        and all(_header_says(order, word) or _line_says(line, word) for word in query.text.split())
    )


def _restricts_lines(query: SalesOrderQuery) -> bool:
    return query != SalesOrderQuery(
        text=query.text,
        statuses=query.statuses,
        product_store_id=query.product_store_id,
        sales_channel_enum_id=query.sales_channel_enum_id,
        ordered_from=query.ordered_from,
        ordered_to=query.ordered_to,
        sort=query.sort,
    )


FAR = datetime(9999, 1, 1)


def _line_date(query: SalesOrderQuery, line: rb.Line) -> datetime | None:
    return line.promised if query.sort == "promisedDatetime" else line.auto_cancel


def expected_orders(query: SalesOrderQuery, book: rb.RandomBook) -> list[str]:
    found = []
    for order in book.sales:
        if not _header_fits(query, order):
            continue
        by_line = any(_line_fits(query, order, line) for line in order.lines)
        by_itself = not _restricts_lines(query) and all(
            _header_says(order, word) for word in query.text.split()
        )
        if by_line or by_itself:
            found.append(order)
    if query.sort == "orderDate":
        found.sort(key=lambda order: (order.placed, order.order_id), reverse=True)
    else:
        found.sort(
            key=lambda order: (
                min(
                    (
                        moment
                        for line in order.lines
                        if not _closed(line) and (moment := _line_date(query, line))
                    ),
                    default=FAR,
                ),
                order.order_id,
            )
        )
    return [order.order_id for order in found]


def expected_lines(query: SalesOrderQuery, book: rb.RandomBook) -> list[LineId]:
    found = [
        (order, line)
        for order in book.sales
        if _header_fits(query, order)
        for line in order.lines
        if _line_fits(query, order, line)
    ]
    found.sort(key=lambda pair: pair[1].item)
    if query.sort == "orderDate":
        found.sort(key=lambda pair: (pair[0].placed, pair[0].order_id), reverse=True)
        found.sort(key=lambda pair: pair[1].item)
        found.sort(key=lambda pair: (pair[0].placed, pair[0].order_id), reverse=True)
    else:
        found.sort(key=lambda pair: (_line_date(query, pair[1]) or FAR, *pair[1].key))
    return [LineId(*line.key) for _, line in found]


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
    book = _rich_book()
    with engine.connect() as connection, connection.begin() as transaction:
        book.write(connection)
        everything = len(expected_lines(SalesOrderQuery(), book))
        for name, values in EACH_FILTER.items():
            for value, sort in product(values, ("orderDate", "promisedDatetime", "autoCancelDate")):
                query = SalesOrderQuery(sort=sort, **{name: value})
                assert 0 < len(expected_lines(query, book)) < everything, name
                _check_query(connection, book, query, 50)
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


def _rich_book() -> rb.RandomBook:
    """Every combination that the rules look at, in turn; the same on every run."""
    chance = random.Random(7)
    moments = [None, *map(CLOCK.end_of, rb.DAYS)]
    purchases = [
        rb.Order(
            order_id, None, f"PO-{order_id}", datetime(2026, 11, 1), "ORDER_APPROVED", "STORE",
            None, 0,
            [
                rb.Line(order_id, f"{n + 1:05}", n, 400, 0, "ITEM_APPROVED", "WH1", received=0,
                        arrival=moments[2 + n])
                for n in range(4)
            ],
        )
        for order_id in ("2000", "2001")
    ]  # fmt: skip
    sales = []
    for number in range(60):
        order_id = f"1{number:03}"
        order = rb.Order(
            order_id,
            chance.choice((None, f"#{order_id}")),
            chance.choice((None, f"shop_{order_id}")),
            datetime.combine(chance.choice(rb.DAYS), time(chance.choice((0, 12)))),
            chance.choice(rb.MOSTLY_OPEN_ORDERS),
            chance.choice(rb.STORES),
            chance.choice(rb.CHANNELS),
            chance.randrange(3),
            [],
        )
        for item in range(chance.randrange(5)):
            status = chance.choice(rb.MOSTLY_OPEN_ITEMS)
            cancelled = status == "ITEM_CANCELLED"
            line = rb.Line(
                order_id,
                f"{item + 1:05}",
                chance.randrange(4),
                4,
                4 if cancelled else chance.randrange(2),
                status,
                chance.choice(rb.MOSTLY_QUEUED),
                chance.choice(rb.METHODS),
                promised=chance.choice(moments),
                auto_cancel=chance.choice(moments),
            )
            source = chance.choice(purchases).lines[line.product]
            if cancelled:
                line.purchase_order_id = None if number % 2 else source.order_id
            elif units := chance.choice((0, 1, 4 - line.cancelled)):
                line.links[source.key] = line.allocated = units
                line.arrival, line.purchase_order_id = source.arrival, source.order_id
            order.lines.append(line)
        sales.append(order)
    return rb.RandomBook(sales, purchases)


def _check_query(
    connection: Connection, book: rb.RandomBook, query: SalesOrderQuery, size: int
) -> None:
    orders = {order.order_id: order for order in book.sales}
    rows = check_pages(
        partial(find_sales_orders.orders_page, connection, CLOCK, query),
        size,
        expected_orders(query, book),
        lambda row: row.order_id,
    )
    for row in rows:
        _check_order(row, orders[row.order_id])
    rows = check_pages(
        partial(find_sales_orders.items_page, connection, CLOCK, query),
        size,
        expected_lines(query, book),
        lambda row: row.line,
    )
    for row in rows:
        _check_line(row, orders[row.line.order_id])
    for items, expected in ((False, expected_orders), (True, expected_lines)):
        count = find_sales_orders.count(connection, CLOCK, query, items=items)
        assert (count.number, count.capped) == (len(expected(query, book)), False)


def _check_order(row: Any, order: rb.Order) -> None:
    assert row.customer_name == rb.CUSTOMERS[order.customer]
    assert row.status_id == order.status
    assert row.item_count == len(order.lines)
    assert row.unit_count == sum(line.quantity - line.cancelled for line in order.lines)
    states = [_state(order, line) for line in order.lines]
    assert (
        row.allocated_items,
        row.partly_allocated_items,
        row.unallocated_items,
    ) == tuple(map(states.count, ("allocated", "partly", "unallocated")))
    alive = [line for line in order.lines if not _closed(line)]
    assert row.before_arrival_items == sum(
        marks.before_arrival(line.promised, line.arrival) for line in alive
    )
    assert row.overdue_items == sum(
        line.promised is not None and line.promised.date() < TODAY for line in alive
    )
    assert row.promise_date == min(
        (line.promised.date() for line in alive if line.promised), default=None
    )


def _check_line(row: Any, order: rb.Order) -> None:
    (line,) = (line for line in order.lines if line.item == row.line.order_item_seq_id)
    assert row.product.sku == rb.SKUS[line.product]
    assert row.product.parent_name == (
        f"{rb.PARENTS[line.product]} style" if rb.PARENTS[line.product] else ""
    )
    assert row.allocation_state == _state(order, line)
    assert (row.quantity, row.allocated) == (line.quantity, line.allocated)
    assert row.facility_id == line.facility
    assert row.promise_date == (line.promised and line.promised.date())
    assert row.arrival_date == (line.arrival and line.arrival.date())
    assert row.corresponding_po_id == (line.purchase_order_id or "")
    alive = not _closed(line)
    assert row.before_arrival == (alive and marks.before_arrival(line.promised, line.arrival))
    assert row.overdue == (alive and line.promised is not None and line.promised.date() < TODAY)


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
