"""What a walk along the orders or lines of Find Sales Order looks up of each, on SQLite.

A filter is looked up in an index that answers for an order without reading it, a word in the set
of keys that the index of pieces of text finds. All of these may say yes too often, never no too
often: the statement that lists the rows still compares.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, TextClause, bindparam, text

from data.search_index import ORDERS
from data.sqlite_indexes import (
    CANCELS,
    IS_PURCHASE,
    IS_SALE,
    OUT_OF_SYNC,
    PARTLY_ALLOCATED,
    PROMISED,
    UNALLOCATED,
    UNUSUAL_STATUS,
)
from data.types import sqlite_moment
from preorder_tui.sales_order_filters import Shape
from preorder_tui.sales_order_search import MOST_KEYS, Search

# The index of each date that lines are listed by: its column, its name, that of its filters.
OWN = {
    "promisedDatetime": ("PROMISED_DATETIME", "ORDER_ITEM_PROMISED_IX", "promised"),
    "autoCancelDate": ("AUTO_CANCEL_DATE", "ORDER_ITEM_AUTO_CANCEL_IX", "auto_cancel"),
}
EARLIEST = "0001-01-01"
OF_HEADER = {
    "statuses": 'h."STATUS_ID" IN :statuses',
    "product_store_id": 'h."PRODUCT_STORE_ID" = :product_store_id',
    "sales_channel_enum_id": 'h."SALES_CHANNEL_ENUM_ID" = :sales_channel_enum_id',
    "ordered_from": 'h."ORDER_DATE" >= :ordered_from',
    "ordered_to": 'h."ORDER_DATE" < :ordered_to',
}
# Indexes that lead from what a line or its ship group has to the order: table, index, condition.
OF_ORDER = {
    "product_id": ("ORDER_ITEM", "ORDER_ITEM_OF_PRODUCT_IX", 'g."PRODUCT_ID" = :product_id'),
    "facility_ids": (
        "ORDER_ITEM_SHIP_GROUP",
        "ORDER_ITEM_SHIP_GROUP_FACILITY_IX",
        'g."FACILITY_ID" IN :facility_ids',
    ),
    "shipment_method_type_id": (
        "ORDER_ITEM_SHIP_GROUP",
        "ORDER_ITEM_SHIP_GROUP_METHOD_IX",
        'g."SHIPMENT_METHOD_TYPE_ID" = :shipment_method_type_id'
        ' AND g."SHIPMENT_METHOD_TYPE_ID" IS NOT NULL',
    ),
    "item_statuses": (
        "ORDER_ITEM",
        "ORDER_ITEM_UNUSUAL_STATUS_IX",
        f'g."STATUS_ID" IN :item_statuses AND g.{UNUSUAL_STATUS}',
    ),
    "auto_cancel_from": (
        "ORDER_ITEM",
        "ORDER_ITEM_CANCELS_IX",
        f'g."AUTO_CANCEL_DATE" >= :auto_cancel_from AND {CANCELS}',
    ),
    "auto_cancel_to": (
        "ORDER_ITEM",
        "ORDER_ITEM_CANCELS_IX",
        f'g."AUTO_CANCEL_DATE" < :auto_cancel_to AND {CANCELS}',
    ),
    # What is promised before its arrival is out of sync.
    "before_arrival": ("ORDER_ITEM", "ORDER_ITEM_OUT_OF_SYNC_IX", OUT_OF_SYNC),
    "unallocated": ("ORDER_ITEM", "ORDER_ITEM_UNALLOCATED_IX", UNALLOCATED),
    "partly": ("ORDER_ITEM", "ORDER_ITEM_PARTLY_IX", PARTLY_ALLOCATED),
    "without_promise": ("ORDER_ITEM", "ORDER_ITEM_PROMISED_IX", 'g."PROMISED_DATETIME" IS NULL'),
}
_BY_LINE = {
    "product_id",
    "item_statuses",
    "auto_cancel_from",
    "auto_cancel_to",
    "before_arrival",
    "unallocated",
    "partly",
    "without_promise",
}
_STRETCHES = (
    "product_id",
    "facility_ids",
    "shipment_method_type_id",
    "item_statuses",
    "without_promise",
)
# What is looked up in the lines themselves: one reading of an order's lines for all of it.
OF_LINES = {
    "promised_from": 'x."PROMISED_DATETIME" >= :promised_from',
    "promised_to": 'x."PROMISED_DATETIME" < :promised_to',
    "before_arrival": 'x."PROMISED_DATETIME" < x."ESTIMATED_DELIVERY_DATE"',
    "overdue": 'x."PROMISED_DATETIME" < :start_of_today',
}
PROMISES = {"promised_from", "promised_to", "overdue"}
_ALLOCATED = 'SELECT 1 FROM "ORDER_ITEM_ASSOC" x WHERE x."ORDER_ID" = {}'
_USUAL = "ITEM_APPROVED"
_DATES = (
    "ordered_from",
    "ordered_to",
    "promised_from",
    "promised_to",
    "auto_cancel_from",
    "auto_cancel_to",
    "start_of_today",
)
_LISTS = ("statuses", "item_statuses", "facility_ids")
Words = tuple[tuple[int | None, bool, bool], ...]
"""Each word: its number, whether orders have it, whether products on a list have it. The number
None stands for all those together that only orders have."""
OF_SALE = (
    'EXISTS (SELECT 1 FROM "ORDER_HEADER" h INDEXED BY "ORDER_HEADER_FILTERS_IX"'
    f' WHERE h."ORDER_ID" = {{}} AND h.{IS_SALE}'
)
IS_SOLD = (
    'NOT EXISTS (SELECT 1 FROM "ORDER_HEADER" h INDEXED BY "ORDER_HEADER_PURCHASE_IX"'
    f' WHERE h."ORDER_ID" = {{}} AND h.{IS_PURCHASE})'
)
"""It is no purchase order: these are far fewer to look among."""


@dataclass(frozen=True)
class Lookups:
    """What can be looked up for a query."""

    filters: tuple[str, ...] = ()  # of OF_ORDER
    one_value: tuple[str, ...] = ()  # those that are one stretch of their index, by order
    header: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    allocated: bool = False
    words: Words = ()

    def __bool__(self) -> bool:
        """Whether there is anything that an index knows."""
        return bool(self.filters or self.header or self.lines or self.allocated or self.words)

    @property
    def of_same_line(self) -> bool:
        """Whether a line is looked up by what is asked of it and by its product."""
        return bool(self.lines and any(in_products for *_, in_products in self.words))

    def without(self, way: str | int | None) -> Lookups:
        """The same without what has been found already: a filter or a word."""
        if not isinstance(way, str):
            return replace(self, words=tuple(word for word in self.words if word[0] != way))
        names = {way, *(f"{way}_{end}" for end in ("from", "to"))}
        return replace(
            self,
            filters=tuple(name for name in self.filters if name not in names),
            header=tuple(name for name in self.header if name not in names),
        )

    def clause(self, order: str) -> TextClause:
        """The conditions for a statement that has the values of the query's own."""
        sql = " AND ".join(self.conditions(order))
        dates: list[Any] = [
            bindparam(name, type_=DateTime) for name in _DATES if re.search(f":{name}\\b", sql)
        ]
        return text(sql).bindparams(*lists_in(sql), *dates)

    @property
    def _of_promises(self) -> bool:
        """Whether all that is looked up in a line is its promise."""
        by_line = any(number is not None for number, *_ in self.words)
        return not by_line and PROMISES.issuperset(self.lines)

    def conditions(self, order: str, item: str | None = None) -> list[str]:
        """SQL over the order's id, the cheapest first.

        ``item``: the item's id, where a line is walked to and a word is looked for in it.
        """
        # What only orders have few orders have, and it takes one look.
        found = [_with_word(order, item, *word) for word in self.words if word[0] is None]
        if self.header:
            own = " AND ".join(OF_HEADER[name] for name in self.header)
            found.append(f"{OF_SALE.format(order)} AND {own})")
        # What one index answers is looked up at once: it is asked of one line.
        asked: dict[tuple[str, str], list[str]] = {}
        for name in self.filters:
            table, index, condition = OF_ORDER[name]
            own = f'x."ORDER_ITEM_SEQ_ID" = {item} AND ' if item and name in _BY_LINE else ""
            asked.setdefault((table, index), []).append(own + condition.replace("g.", "x."))
        found += [
            f'EXISTS (SELECT 1 FROM "{table}" x INDEXED BY "{index}"'
            f' WHERE x."ORDER_ID" = {order} AND {" AND ".join(conditions)})'
            for (table, index), conditions in asked.items()
        ]
        if self.allocated:
            own = f' AND x."ORDER_ITEM_SEQ_ID" = {item}' if item else ""
            found.append(f"EXISTS ({_ALLOCATED.format(order)}{own})")
        words = [word for word in self.words if word[0] is not None]
        if self.lines:
            # The line that is asked for is the one that has the words.
            asked_for = [OF_LINES[name].replace("x.", "+x.") for name in self.lines]
            asked_for += [_in_line(order, *word) for word in words]
            lines = _promises(order, item) if self._of_promises else _lines(order, item)
            found.append(f"EXISTS ({lines} AND {' AND '.join(asked_for)})")
        else:
            found += [_with_word(order, item, *word) for word in words]
        return found


def lookups(shape: Shape, values: Mapping[str, Any]) -> Lookups:
    """What the filters of a query can be looked up in."""
    known = tuple(
        name
        for name in OF_ORDER
        if name in shape.line
        and not (name == "item_statuses" and _USUAL in values["item_statuses"])
    )
    return Lookups(
        known,
        tuple(
            name
            for name in known
            if name in _STRETCHES and (name not in _LISTS or len(values[name]) == 1)
        ),
        shape.header,
        tuple(name for name in shape.line if name in OF_LINES),
        "allocated" in shape.line,
    )


def words_of(search: Search) -> Words:
    """The words that can be looked up."""
    if search.some_wait:
        return ()
    words: list[tuple[int | None, bool, bool]] = []
    if search.own is not None and (number := search.number_of(search.own)) <= MOST_KEYS:
        words.append((None, number > 0, False))
    for word, expression in search.with_products():
        if (number := search.number_of(expression)) <= MOST_KEYS:
            words.append((word, number > 0, True))
    return tuple(words)


def statement(sql: str, limit: Any) -> TextClause:
    """A statement with its lists, and its limit as a literal."""
    return text(sql).bindparams(*lists_in(sql), limit)


def stored(value: Any) -> Any:
    """A value as SQLite has it."""
    return sqlite_moment(value) if isinstance(value, datetime) else value


def lists_in(sql: str) -> list[Any]:
    """The parameters of a statement that are lists."""
    return [bindparam(name, expanding=True) for name in _named(_LISTS, sql)]


def _named(names: tuple[str, ...], sql: str) -> list[str]:
    return [name for name in names if re.search(rf":{name}\b", sql)]


def _with_word(
    order: str, item: str | None, number: int | None, in_orders: bool, in_products: bool
) -> str:
    found = []
    if in_orders:
        found.append(_in_order(order, number))
    if in_products:
        of_line = _in_line(order, number, in_orders=False, in_products=True)
        found.append(f"EXISTS ({_lines(order, item)} AND {of_line})")
    # Nobody has it. (Without a column SQLite finds no use for the index it is told to take.)
    return f"({' OR '.join(found)})" if found else f"{order} = ''"


def _in_line(order: str, number: int | None, in_orders: bool, in_products: bool) -> str:
    """Whether the line ``x`` of an order has a word."""
    found = []
    if in_orders:
        found.append(_in_order(order, number))
    if in_products:
        found.append(f'+x."PRODUCT_ID" IN (SELECT value FROM json_each(:products_{number}))')
    return f"({' OR '.join(found)})" if found else f"{order} = ''"


def _in_order(order: str, number: int | None) -> str:
    name = "key_text" if number is None else f"key_text_{number}"
    return (
        f'(SELECT k."SEARCH_KEY" FROM "{ORDERS.keys}" k WHERE k."ORDER_ID" = {order})'
        f' IN (SELECT rowid FROM "{ORDERS.text}" WHERE "{ORDERS.text}" MATCH :{name})'
    )


def _promises(order: str, item: str | None) -> str:
    own = f' AND x."ORDER_ITEM_SEQ_ID" = {item}' if item else ""
    return (
        'SELECT 1 FROM "ORDER_ITEM" x INDEXED BY "ORDER_ITEM_PROMISES_IX"'
        f' WHERE x."ORDER_ID" = {order} AND x.{PROMISED}{own}'
    )


def _lines(order: str, item: str | None) -> str:
    own = f' AND x."ORDER_ITEM_SEQ_ID" = {item}' if item else ""
    return f'SELECT 1 FROM "ORDER_ITEM" x WHERE x."ORDER_ID" = {order}{own}'
