"""Find Purchase Orders against a naive reading of the same random book."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from preorder_tui import find_purchase_orders
from preorder_tui.clock import Clock
from preorder_tui.errors import WrongUsage
from preorder_tui.lines import LineId
from preorder_tui.records import PurchaseOrderQuery
from preorder_tui.words import PRESELL_PARKINGS, QUEUE_WORDS
from tests.conftest import TODAY
from tests.preorder_tui import random_books as rb
from tests.preorder_tui.walking import check_pages

CLOCK = Clock(UTC, TODAY)
FAR = datetime(9999, 1, 1)
FILTERS: dict[str, Any] = {
    "text": st.lists(st.sampled_from(("bag", "PO-2", "2001", "%", "hat%")), max_size=2).map(
        " ".join
    ),
    "statuses": st.lists(st.sampled_from(rb.ORDER_STATUSES), max_size=2).map(tuple),
    "item_statuses": st.lists(st.sampled_from(rb.ITEM_STATUSES), max_size=3).map(tuple),
    "facility_id": st.sampled_from(("WH1", "_NA_")),
    "arrival_from": st.sampled_from(rb.DAYS),
    "arrival_to": st.sampled_from(rb.DAYS),
    "late": st.just(True),
    "has_atp": st.just(True),
    "out_of_sync": st.just(True),
}
SORTS = ("estimatedDeliveryDate", "orderId", "availableToPromise", "productId")
GROUPINGS = ("purchase order", "product", "parent product", "arrival date", "facility")


@st.composite
def queries(draw: st.DrawFn) -> PurchaseOrderQuery:
    chosen = draw(st.lists(st.sampled_from(sorted(FILTERS)), max_size=3, unique=True))
    values = {name: draw(FILTERS[name]) for name in chosen}
    return PurchaseOrderQuery(sort=draw(st.sampled_from(SORTS)), **values)


def _left(line: rb.Line) -> int:
    """R-14, from the formula of the domain."""
    if line.status not in ("ITEM_CREATED", "ITEM_APPROVED"):
        return 0
    ordered = line.quantity - line.cancelled
    sellable = min(ordered, line.ceiling if line.ceiling is not None else ordered)
    return max(0, min(sellable - line.allocated, ordered - (line.received or 0)))


def _late(line: rb.Line) -> bool:
    return (
        line.arrival is not None
        and line.arrival.date() < TODAY
        and line.status not in ("ITEM_COMPLETED", "ITEM_CANCELLED", "ITEM_REJECTED")
        and (line.received or 0) < line.quantity - line.cancelled
    )


def _out_of_sync(book: rb.RandomBook, line: rb.Line) -> int:
    return sum(
        line.key in sold.links
        and order.status in ("ORDER_CREATED", "ORDER_APPROVED")
        and sold.status in ("ITEM_CREATED", "ITEM_APPROVED")
        and sold.facility in PRESELL_PARKINGS
        and sold.arrival is not None
        and sold.promised != sold.arrival
        for order in book.sales
        for sold in order.lines
    )


def _fits(query: PurchaseOrderQuery, book: rb.RandomBook, order: rb.Order, line: rb.Line) -> bool:
    texts = [order.order_id, order.external_id or "", rb.SKUS[line.product], rb.NAMES[line.product]]
    day = line.arrival.date() if line.arrival else None
    return (
        all(any(word.lower() in text.lower() for text in texts) for word in query.text.split())
        and (not query.statuses or order.status in query.statuses)
        and (not query.item_statuses or line.status in query.item_statuses)
        and query.facility_id in (None, line.facility)
        and (query.arrival_from is None or (day is not None and day >= query.arrival_from))
        and (query.arrival_to is None or (day is not None and day <= query.arrival_to))
        and (not query.late or _late(line))
        and (not query.has_atp or _left(line) > 0)
        and (not query.out_of_sync or _out_of_sync(book, line) > 0)
        and (query.group is None or _group(query.grouping, line)[0] == query.group)
    )


def _found(query: PurchaseOrderQuery, book: rb.RandomBook) -> list[tuple[rb.Order, rb.Line]]:
    return [
        (order, line)
        for order in book.purchases
        for line in order.lines
        if _fits(query, book, order, line)
    ]


def _sort_key(query: PurchaseOrderQuery, line: rb.Line) -> tuple[Any, ...]:
    return {
        "estimatedDeliveryDate": (line.arrival or FAR, *line.key),
        "orderId": line.key,
        "availableToPromise": (-_left(line), *line.key),
        "productId": (rb.SKUS[line.product], *line.key),
    }[query.sort]


def _group(grouping: str, line: rb.Line) -> tuple[str, str]:
    parent = rb.PARENTS[line.product]
    day = line.arrival.date().isoformat() if line.arrival else ""
    return {
        "purchase order": (line.order_id, line.order_id),
        "product": (str(line.product), rb.SKUS[line.product]),
        "parent product": (
            parent or str(line.product),
            f"{parent} style" if parent else rb.NAMES[line.product],
        ),
        "arrival date": (day, day or "no date"),
        "facility": (line.facility, QUEUE_WORDS.get(line.facility, f"The {line.facility}")),
    }[grouping]


SETTINGS = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SETTINGS
@given(book=rb.random_books(CLOCK), query=queries(), size=st.sampled_from((1, 2, 50)))
def test_pages_are_the_naive_list_cut_in_slices(
    engine: Engine, book: rb.RandomBook, query: PurchaseOrderQuery, size: int
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        book.write(connection)
        found = sorted(_found(query, book), key=lambda pair: _sort_key(query, pair[1]))
        rows = check_pages(
            partial(find_purchase_orders.items_page, connection, CLOCK, query),
            size,
            [LineId(*line.key) for _, line in found],
            lambda row: row.line,
        )
        for row, (order, line) in zip(rows, found, strict=True):
            assert (row.quantity, row.received) == (line.quantity - line.cancelled, line.received)
            assert (row.allocated, row.available_to_promise) == (line.allocated, _left(line))
            assert row.out_of_sync_items == _out_of_sync(book, line)
            assert row.late == _late(line)
            assert row.external_id == (order.external_id or "")
            assert (row.order_status_id, row.item_status_id) == (order.status, line.status)
            assert row.product.sku == rb.SKUS[line.product]
            assert row.arrival_date == (line.arrival and line.arrival.date())
            assert row.created_date == order.placed.date()
        assert find_purchase_orders.count(connection, CLOCK, query).number == len(found)
        transaction.rollback()


@SETTINGS
@given(
    book=rb.random_books(CLOCK),
    query=queries(),
    grouping=st.sampled_from(GROUPINGS),
    size=st.sampled_from((1, 2, 50)),
)
def test_groups_add_up_and_open(
    engine: Engine, book: rb.RandomBook, query: PurchaseOrderQuery, grouping: Any, size: int
) -> None:
    query = replace(query, grouping=grouping)
    groups: dict[str, list[rb.Line]] = defaultdict(list)
    labels: dict[str, str] = {}
    for order, line in _found(query, book):
        key, label = _group(grouping, line)
        groups[key].append(line)
        labels[key] = (order.external_id or label) if grouping == "purchase order" else label

    def arrivals(key: str) -> list[datetime]:
        return [line.arrival for line in groups[key] if line.arrival]

    def sort_key(key: str) -> tuple[Any, ...]:
        label = (labels[key].casefold(), key)
        if query.sort == "estimatedDeliveryDate":
            return (min(arrivals(key), default=FAR), *label)
        if query.sort == "availableToPromise":
            return (-sum(map(_left, groups[key])), *label)
        return label

    with engine.connect() as connection, connection.begin() as transaction:
        book.write(connection)
        rows = check_pages(
            partial(find_purchase_orders.groups_page, connection, CLOCK, query),
            size,
            sorted(groups, key=sort_key),
            lambda row: row.group,
        )
        assert find_purchase_orders.count(connection, CLOCK, query).number == len(groups)
        for row in rows:
            lines = groups[row.group]
            assert row.label == labels[row.group]
            assert row.item_count == len(lines)
            assert row.quantity == sum(line.quantity - line.cancelled for line in lines)
            assert row.received == sum(line.received or 0 for line in lines)
            assert row.allocated == sum(line.allocated for line in lines)
            assert row.available_to_promise == sum(map(_left, lines))
            days = [moment.date() for moment in arrivals(row.group)]
            assert row.first_arrival == min(days, default=None)
            assert row.last_arrival == max(days, default=None)
            opened = replace(query, group=row.group)
            page = find_purchase_orders.items_page(connection, CLOCK, opened, 50)
            assert {found.line for found in page.rows} == {LineId(*line.key) for line in lines}
            assert find_purchase_orders.count(connection, CLOCK, opened).number == len(lines)
        transaction.rollback()


def test_a_group_by_arrival_is_a_date(engine: Engine, clock: Clock) -> None:
    query = PurchaseOrderQuery(grouping="arrival date", group="soon")
    with engine.connect() as connection, pytest.raises(WrongUsage, match="YYYY-MM-DD"):
        find_purchase_orders.items_page(connection, clock, query, 5)


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_an_unknown_group_is_empty(engine: Engine, clock: Clock, grouping: Any) -> None:
    group = "2026-01-01" if grouping == "arrival date" else "nothing\x00"
    for key in (group, ""):
        query = PurchaseOrderQuery(grouping=grouping, group=key)
        with engine.connect() as connection:
            assert find_purchase_orders.items_page(connection, clock, query, 5).rows == ()


def test_the_query_must_group(engine: Engine, clock: Clock) -> None:
    with engine.connect() as connection, pytest.raises(ValueError, match="does not group"):
        find_purchase_orders.groups_page(connection, clock, PurchaseOrderQuery(), 5)
