"""Walks of Find Sales Order begin and end where its first and last row can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from data.transaction import write
from preorder_tui import (
    find_sales_orders,
    sales_order_ends,
    sales_order_walks,
    sales_order_ways,
)
from preorder_tui.records import SalesOrderQuery
from preorder_tui.sales_order_filters import parameters, shape_of
from preorder_tui.sales_order_lookups import lookups
from tests.conftest import TODAY
from tests.preorder_tui import random_books as rb
from tests.preorder_tui.list_ways import engine, ways
from tests.preorder_tui.sales_oracle import CLOCK, expected_lines, expected_orders, rich_book
from tests.preorder_tui.test_find_sales_orders import EACH_FILTER
from tests.preorder_tui.walking import check_pages

__all__ = ["engine", "ways"]

SORTS = ("orderDate", "promisedDatetime", "autoCancelDate")
WEEK = timedelta(days=7)
PERIODS: tuple[dict[str, Any], ...] = (
    {"ordered_from": TODAY - WEEK, "ordered_to": TODAY},
    {"promised_from": TODAY - WEEK, "promised_to": TODAY + WEEK},
    {"auto_cancel_from": TODAY - WEEK, "auto_cancel_to": TODAY + WEEK},
    {"auto_cancel_to": TODAY, "promised_to": TODAY},
    {"ordered_to": TODAY, "overdue": True},
    {"facility_ids": ("WH1",), "item_statuses": ("ITEM_CREATED",)},
    {"promised_from": TODAY + 999 * WEEK},
    {"ordered_from": TODAY + 999 * WEEK},
)


def _queries() -> list[SalesOrderQuery]:
    each = [
        {name: value} for name, values in EACH_FILTER.items() if name != "text" for value in values
    ]
    return [SalesOrderQuery(**asked) for asked in (*each, *PERIODS)]


def _check(connection: Connection, book: rb.RandomBook, query: SalesOrderQuery) -> None:
    for page, expected, name in (
        (find_sales_orders.orders_page, expected_orders, lambda row: row.order_id),
        (find_sales_orders.items_page, expected_lines, lambda row: row.line),
    ):
        found: Any = expected(query, book)  # type: ignore[operator]
        check_pages(partial(page, connection, CLOCK, query), 7, found, name, from_each_key=False)


@pytest.mark.parametrize("most", [100_000, 1])
def test_what_a_filter_finds_lies_between_its_ends(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """However many orders the days have, and wherever purchase orders are among the ids."""
    monkeypatch.setattr(sales_order_ends, "MOST_ORDERS", most)
    monkeypatch.setattr(sales_order_ends, "_MOST_OTHERS", most)
    book = rich_book()
    write(engine, book.write)
    every = sorted(order.order_id for order in book.sales)
    narrower = 0
    with engine.connect() as connection:
        for query in _queries():
            shape, values = shape_of(query), parameters(CLOCK, query)
            ends = sales_order_ends.Ends(connection, shape, values, lookups(shape, values))
            found = expected_orders(query, book)
            for first, last in (ends.of_lines, ends.of_days, ends.of_few_days or ends.of_lines):
                assert all(first <= order <= last for order in found), query
                assert last <= every[-1]
                narrower += (first, last) != (every[0], every[-1])
            if shape.header and not shape.line and {"ordered_from", "ordered_to"} & {*shape.header}:
                assert most == 1 or not found or ends.of_few_days == (min(found), max(found))
    assert narrower > 10


def test_an_empty_book_has_no_ends(engine: Engine) -> None:
    query = SalesOrderQuery(ordered_from=TODAY, promised_from=TODAY, facility_ids=("WH1",))
    shape, values = shape_of(query), parameters(CLOCK, query)
    with engine.connect() as connection:
        ends = sales_order_ends.Ends(connection, shape, values, lookups(shape, values))
        for first, last in (ends.of_lines, ends.of_days):
            assert first > last


@pytest.mark.parametrize("few_days", [True, False])
def test_periods_by_the_walk_along_places(
    engine: Engine, ways: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, few_days: bool
) -> None:
    if not few_days:
        monkeypatch.setattr(sales_order_ends, "MOST_ORDERS", 1)
        monkeypatch.setattr(sales_order_ends, "_MOST_DATES", 2)
        monkeypatch.setattr(sales_order_ends, "_TIMES_MORE", 0)
    book = rich_book()
    write(engine, book.write)
    ways("places")
    with engine.connect() as connection:
        for asked in PERIODS:
            for sort in SORTS:
                _check(connection, book, SalesOrderQuery(sort=sort, **asked))  # type: ignore[arg-type]


@pytest.mark.parametrize("closed", [True, False])
def test_orders_stand_before_the_end_of_the_dates_asked_for(
    engine: Engine, ways: Callable[[str], None], closed: bool
) -> None:
    """But one that a closed line brings into the list stands where its open line does."""
    book = rich_book()
    if not closed:
        book = replace(
            book,
            sales=[
                replace(
                    order,
                    lines=[
                        replace(line, auto_cancel=None)
                        if line.status in ("ITEM_COMPLETED", "ITEM_CANCELLED", "ITEM_REJECTED")
                        else line
                        for line in order.lines
                    ],
                )
                for order in book.sales
            ],
        )
    write(engine, book.write)
    query = SalesOrderQuery(
        sort="autoCancelDate", auto_cancel_from=TODAY - WEEK, auto_cancel_to=TODAY + WEEK
    )
    shape, values = shape_of(query), parameters(CLOCK, query)
    ways("places")
    with engine.connect() as connection:
        ended = sales_order_walks.ends_before(connection, shape, query.sort, values)
        assert ended is not closed
        assert len(expected_orders(query, book)) > 3
        _check(connection, book, query)


def test_ship_groups_of_purchase_orders_are_left_out_before_they_are_placed(
    engine: Engine, ways: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether they are few enough to be left out at once or not."""
    book = rich_book()
    write(engine, book.write)
    for sold in (8_000, -1):
        ways("few")
        monkeypatch.setattr(sales_order_ways, "FEW", -1)
        monkeypatch.setattr(sales_order_ways, "SOLD", sold)
        with engine.connect() as connection:
            for sort in SORTS:
                for facilities in (("WH1",), ("PRE_ORDER_PARKING", "WH1")):
                    query = SalesOrderQuery(sort=sort, facility_ids=facilities)  # type: ignore[arg-type]
                    _check(connection, book, query)
