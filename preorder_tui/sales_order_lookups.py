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
from typing import Any

from sqlalchemy import DateTime, TextClause, bindparam, text

from data.search_index import ORDERS
from data.sqlite_indexes import (
    CANCELS,
    IS_SALE,
    OUT_OF_SYNC,
    PARTLY_ALLOCATED,
    UNALLOCATED,
    UNUSUAL_STATUS,
)
from preorder_tui.sales_order_filters import Shape
from preorder_tui.sales_order_search import Search

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
}
_BY_LINE = {
    "product_id",
    "item_statuses",
    "auto_cancel_from",
    "auto_cancel_to",
    "before_arrival",
    "unallocated",
    "partly",
}
_STRETCHES = ("product_id", "facility_ids", "shipment_method_type_id", "item_statuses")
# What is looked up in the lines themselves: one reading of an order's lines for all of it.
OF_LINES = {
    "promised_from": 'x."PROMISED_DATETIME" >= :promised_from',
    "promised_to": 'x."PROMISED_DATETIME" < :promised_to',
    "without_promise": 'x."PROMISED_DATETIME" IS NULL',
    "before_arrival": 'x."PROMISED_DATETIME" < x."ESTIMATED_DELIVERY_DATE"',
    "overdue": 'x."PROMISED_DATETIME" < :start_of_today',
}
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
None stands for all words together, which only orders have."""
OF_SALE = (
    'EXISTS (SELECT 1 FROM "ORDER_HEADER" h INDEXED BY "ORDER_HEADER_FILTERS_IX"'
    f' WHERE h."ORDER_ID" = {{}} AND h.{IS_SALE}'
)
MOST_KEYS = 40_000
"""Orders with a word, of which the keys are put together to be looked up in."""


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

    def without(self, way: str | None) -> Lookups:
        """The same without what has been found already: a filter; None: the words."""
        if way is None:
            return replace(self, words=())
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
        return text(sql).bindparams(*_lists(sql), *dates)

    def conditions(self, order: str, item: str | None = None) -> list[str]:
        """SQL over the order's id, the cheapest first.

        ``item``: the item's id, where a line is walked to and a word is looked for in it.
        """
        found = []
        if self.header:
            own = " AND ".join(OF_HEADER[name] for name in self.header)
            found.append(f"{OF_SALE.format(order)} AND {own})")
        for name in self.filters:
            table, index, condition = OF_ORDER[name]
            own = f' AND x."ORDER_ITEM_SEQ_ID" = {item}' if item and name in _BY_LINE else ""
            found.append(
                f'EXISTS (SELECT 1 FROM "{table}" x INDEXED BY "{index}"'
                f' WHERE x."ORDER_ID" = {order}{own} AND {condition.replace("g.", "x.")})'
            )
        if self.allocated:
            own = f' AND x."ORDER_ITEM_SEQ_ID" = {item}' if item else ""
            found.append(f"EXISTS ({_ALLOCATED.format(order)}{own})")
        found += [_with_word(order, item, *word) for word in self.words]
        if self.lines:
            own = " AND ".join(OF_LINES[name] for name in self.lines)
            found.append(f"EXISTS ({_lines(order, item)} AND {own.replace('x.', '+x.')})")
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


def words_of(search: Search) -> tuple[Words, dict[str, Any]]:
    """The words that can be looked up, and the values that their conditions take."""
    if search.some_wait():
        return (), {}
    if (matching := search.matching) is not None:
        if not search.few_have(matching, MOST_KEYS):
            return (), {}
        return ((None, bool(matching), False),), {"key_text": matching} if matching else {}
    words: list[tuple[int | None, bool, bool]] = []
    values = {}
    for number, (expression, products) in enumerate(search.known()):
        if expression is None or products == "many" or not search.few_have(expression, MOST_KEYS):
            continue
        words.append((number, bool(expression), products == "listed"))
        if expression:
            values[f"key_text_{number}"] = expression
    return tuple(words), values


def statement(sql: str, limit: Any) -> TextClause:
    """A statement with its lists, and its limit as a literal."""
    return text(sql).bindparams(*_lists(sql), limit)


def _lists(sql: str) -> list[Any]:
    return [bindparam(name, expanding=True) for name in _named(_LISTS, sql)]


def _named(names: tuple[str, ...], sql: str) -> list[str]:
    return [name for name in names if re.search(rf":{name}\b", sql)]


def _with_word(
    order: str, item: str | None, number: int | None, in_orders: bool, in_products: bool
) -> str:
    found = []
    if in_orders:
        name = "key_text" if number is None else f"key_text_{number}"
        found.append(
            f'(SELECT k."SEARCH_KEY" FROM "{ORDERS.keys}" k WHERE k."ORDER_ID" = {order})'
            f' IN (SELECT rowid FROM "{ORDERS.text}" WHERE "{ORDERS.text}" MATCH :{name})'
        )
    if in_products:
        found.append(
            f"EXISTS ({_lines(order, item)}"
            f' AND +x."PRODUCT_ID" IN (SELECT value FROM json_each(:products_{number})))'
        )
    # Nobody has it. (Without a column SQLite finds no use for the index it is told to take.)
    return f"({' OR '.join(found)})" if found else f"{order} = ''"


def _lines(order: str, item: str | None) -> str:
    own = f' AND x."ORDER_ITEM_SEQ_ID" = {item}' if item else ""
    return f'SELECT 1 FROM "ORDER_ITEM" x WHERE x."ORDER_ID" = {order}{own}'
