"""Find Purchase Orders by purchase order, product, parent product, arrival date or facility.

The database adds up, one row per group (by arrival: per stored moment, days being a matter of the
site's zone); sorting and paging a few thousand sums is done here, once per state of the book. A
page is still found by key, so that it stays put when other groups come and go.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal_column, null, select

from data.tables import (
    AVAILABLE_TO_PROMISE_SQL,
    facility,
    order_header,
    order_item,
    order_item_ship_group,
    product,
)
from data.types import Quantity
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.paging import Place, Statement
from preorder_tui.purchase_order_filters import (
    Shape,
    conditions,
    parameters,
    parent_of_item,
    shape_of,
)
from preorder_tui.query_hints import not_by_index, remembered
from preorder_tui.records import Key, Page, PurchaseGrouping, PurchaseGroupRow, PurchaseOrderQuery
from preorder_tui.site_days import day_or_none
from preorder_tui.text import clean_or_empty
from preorder_tui.words import QUEUE_WORDS


@dataclass(slots=True)
class _Group:
    key: str
    label: str
    items: int
    quantity: int
    received: int
    allocated: int
    left: int
    first: datetime | None
    last: datetime | None


def groups_page(
    connection: Connection,
    clock: Clock,
    query: PurchaseOrderQuery,
    size: int,
    *,
    after: Key | None = None,
    before: Key | None = None,
    place: Place = "first",
) -> Page[PurchaseGroupRow]:
    """A page of the groups that the lines of ``query`` make.

    Sorted by first arrival (none last), by what is left to promise (most first), or else by label.

    Args:
        connection: in a read transaction.
        clock: the site's clock.
        query: filters, search, sort and grouping; an open group is ignored.
        size: groups on the page.
        after: key of the group that the page follows.
        before: key of the group that the page ends before.
        place: without a key: the first or the last page.

    Raises:
        ValueError: the query does not group, or both keys are given.
    """
    if after is not None and before is not None:
        raise ValueError("a page follows a row or precedes one, not both")
    keys, groups = remembered(
        connection, ("groups", query, clock.today()), lambda: _ranked(connection, clock, query)
    )
    size = max(1, size)
    if after is not None:
        start = bisect_right(keys, after)
        end = start + size
    elif before is not None:
        end = bisect_left(keys, before)
        start = max(0, end - size)
    elif place == "last":
        start, end = max(0, len(keys) - size), len(keys)
    else:
        start, end = 0, size
    return Page(
        tuple(_row(clock, group) for group in groups[start:end]),
        tuple(keys[start:end]),
        at_start=start == 0,
        at_end=end >= len(keys),
    )


def _ranked(
    connection: Connection, clock: Clock, query: PurchaseOrderQuery
) -> tuple[list[Key], list[_Group]]:
    found = {_key(clock, query, group): group for group in _groups(connection, clock, query)}
    keys = sorted(found)
    return keys, [found[key] for key in keys]


def group_count(connection: Connection, clock: Clock, query: PurchaseOrderQuery) -> int:
    """How many groups the lines of ``query`` make."""
    keys, _ = remembered(
        connection, ("groups", query, clock.today()), lambda: _ranked(connection, clock, query)
    )
    return len(keys)


def _groups(connection: Connection, clock: Clock, query: PurchaseOrderQuery) -> list[_Group]:
    if query.grouping == "item":
        raise ValueError("the query does not group")
    shape = shape_of(query)
    reads_most = not shape.words and _MOST_PASS.issuperset(shape.filters)
    shape = Shape(shape.filters, shape.words, None, False, reads_most=reads_most)
    statement = _statement(shape, query.grouping)
    rows = connection.execute(statement, parameters(clock, query))
    if query.grouping == "arrival date":
        return _by_day(clock, rows)
    return [
        _Group(key or "", _label(query.grouping, key, label), *numbers)
        for key, label, *numbers in rows
    ]


# What is left of a line, reckoned from columns that are in the index of purchase order lines.
_LEFT: ColumnElement[Any] = literal_column(
    "(" + re.sub(r'"([A-Z_]+)"', r'"ORDER_ITEM"."\1"', AVAILABLE_TO_PROMISE_SQL) + ")",
    Quantity,
)


_MOST_PASS = frozenset({"facility_id", "has_atp", "out_of_sync"})
"""The filters that leave many lines."""


@lru_cache(maxsize=128)
def _statement(shape: Shape, grouping: PurchaseGrouping) -> Statement:
    item = order_item.c
    parent = product.alias("parent")
    names = order_header.alias("names")
    key: ColumnElement[Any]
    label: ColumnElement[Any]
    if grouping == "purchase order":
        key, label = item.ORDER_ID, names.c.EXTERNAL_ID
    elif grouping == "product":
        key, label = item.PRODUCT_ID, product.c.INTERNAL_NAME
    elif grouping == "parent product":
        key = func.coalesce(parent_of_item(), item.PRODUCT_ID)
        label = func.coalesce(parent.c.PRODUCT_NAME, parent.c.INTERNAL_NAME)
    elif grouping == "facility":
        key, label = order_item_ship_group.c.FACILITY_ID, facility.c.FACILITY_NAME
    else:
        key, label = item.ESTIMATED_DELIVERY_DATE, null()
    # What only some questions need is left out of the others: 200,000 look-ups each.
    of_header = bool(shape.words or {"statuses"}.intersection(shape.filters))
    of_ship_group = grouping == "facility" or "facility_id" in shape.filters
    source: Any = order_item
    if of_header:
        source = source.join(order_header, order_header.c.ORDER_ID == item.ORDER_ID)
    if of_ship_group:
        source = source.outerjoin(order_item_ship_group, rules.in_ship_group(order_item))
    lines = (
        select(
            (key if grouping == "purchase order" else not_by_index(key)).label("group_key"),
            (item.QUANTITY - item.CANCEL_QUANTITY).label("ordered"),
            func.coalesce(item.RECEIVED_QUANTITY, 0).label("received"),
            item.ALLOCATED_QUANTITY.label("allocated"),
            _LEFT.label("remaining"),
            item.ESTIMATED_DELIVERY_DATE.label("arrival"),
        )
        .select_from(source)
        .where(*conditions(shape, of_header=of_header))
        .subquery("lines")
    )
    # Sums first, names after: one name per group instead of one per line.
    sums = (
        select(
            lines.c.group_key,
            func.count().label("items"),
            func.sum(lines.c.ordered).label("ordered"),
            func.sum(lines.c.received).label("received"),
            func.sum(lines.c.allocated).label("allocated"),
            func.sum(lines.c.remaining).label("remaining"),
            func.min(lines.c.arrival).label("first_arrival"),
            func.max(lines.c.arrival).label("last_arrival"),
        )
        .group_by(lines.c.group_key)
        .subquery("sums")
    )
    numbers = [sums.c[name] for name in ("items", "ordered", "received", "allocated", "remaining")]
    dates = [sums.c.first_arrival, sums.c.last_arrival]
    statement = select(sums.c.group_key, label.label("label"), *numbers, *dates)
    if grouping == "purchase order":
        return statement.outerjoin(names, names.c.ORDER_ID == sums.c.group_key)
    if grouping == "product":
        return statement.outerjoin(product, product.c.PRODUCT_ID == sums.c.group_key)
    if grouping == "parent product":
        return statement.outerjoin(parent, parent.c.PRODUCT_ID == sums.c.group_key)
    if grouping == "facility":
        return statement.outerjoin(facility, facility.c.FACILITY_ID == sums.c.group_key)
    return statement


def _by_day(clock: Clock, rows: Iterable[Any]) -> list[_Group]:
    days: dict[str, _Group] = {}
    for moment, _, *numbers in rows:
        day = day_or_none(clock, moment)
        key = day.isoformat() if day else ""
        more = _Group(key, key or "no date", *numbers)
        group = days.setdefault(key, more)
        if group is more:
            continue
        group.items += more.items
        group.quantity += more.quantity
        group.received += more.received
        group.allocated += more.allocated
        group.left += more.left
        if group.first and group.last and more.first and more.last:
            group.first = min(group.first, more.first)
            group.last = max(group.last, more.last)
    return list(days.values())


def _label(grouping: PurchaseGrouping, key: str | None, name: str | None) -> str:
    if grouping == "facility":
        if key is None:
            return "no facility"
        return QUEUE_WORDS.get(key) or clean_or_empty(name) or key
    return clean_or_empty(name) or key or ""


def _key(clock: Clock, query: PurchaseOrderQuery, group: _Group) -> Key:
    """Where the group stands; unique by its last part, and comparable with every other."""
    if query.sort == "estimatedDeliveryDate":
        # A day, not a moment, so that groups of one day stand by their labels.
        arrival = clock.day(group.first).isoformat() if group.first else "~"
        return (arrival, group.label.casefold(), group.key)
    if query.sort == "availableToPromise":
        return (-group.left, group.label.casefold(), group.key)
    return (group.label.casefold(), group.key)


def _row(clock: Clock, group: _Group) -> PurchaseGroupRow:
    return PurchaseGroupRow(
        group=group.key,
        label=group.label,
        item_count=group.items,
        quantity=group.quantity,
        received=group.received,
        allocated=group.allocated,
        available_to_promise=group.left,
        first_arrival=day_or_none(clock, group.first),
        last_arrival=day_or_none(clock, group.last),
    )
