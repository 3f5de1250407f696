"""What a walk along the orders or lines of Find Sales Order looks up of each, on SQLite.

A filter is looked up in an index that answers for an order without reading it, a word in the set
of keys that the index of pieces of text finds. All of these may say yes too often, never no too
often: the statement that lists the rows still compares.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, bindparam, text

from data.search_index import ORDERS
from data.sqlite_indexes import PARTLY_ALLOCATED, UNUSUAL_STATUS
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
    "partly": ("ORDER_ITEM", "ORDER_ITEM_PARTLY_IX", PARTLY_ALLOCATED),
}
# What is looked up in the lines themselves: one reading of an order's lines for all of it.
_NOT_FULL = 'x."ALLOCATED_QUANTITY" < x."QUANTITY" - x."CANCEL_QUANTITY"'
OF_LINES = {
    "promised_from": 'x."PROMISED_DATETIME" >= :promised_from',
    "promised_to": 'x."PROMISED_DATETIME" < :promised_to',
    "auto_cancel_from": 'x."AUTO_CANCEL_DATE" >= :auto_cancel_from',
    "auto_cancel_to": 'x."AUTO_CANCEL_DATE" < :auto_cancel_to',
    "without_promise": 'x."PROMISED_DATETIME" IS NULL',
    "before_arrival": 'x."PROMISED_DATETIME" < x."ESTIMATED_DELIVERY_DATE"',
    "overdue": 'x."PROMISED_DATETIME" < :start_of_today',
    "unallocated": f'x."ALLOCATED_QUANTITY" = 0 AND {_NOT_FULL}',
    "partly": f'x."ALLOCATED_QUANTITY" > 0 AND {_NOT_FULL}',
    "allocated": 'x."ALLOCATED_QUANTITY" > 0',
}
_USUAL = "ITEM_APPROVED"
_LISTS = ("statuses", "item_statuses", "facility_ids")
Words = tuple[tuple[int | None, bool, bool], ...]
"""Each word: its number, whether orders have it, whether products on a list have it. The number
None stands for all words together, which only orders have."""
MOST_KEYS = 40_000
"""Orders with a word, of which the keys are put together to be looked up in."""


@dataclass(frozen=True)
class Lookups:
    """What can be looked up for a query."""

    filters: tuple[str, ...] = ()  # of OF_ORDER
    one_value: tuple[str, ...] = ()  # those of one value: one stretch of their index, by order
    header: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    words: Words = ()

    def __bool__(self) -> bool:
        """Whether there is anything that an index knows."""
        return bool(self.filters or self.header or self.lines or self.words)

    def conditions(self, order: str, item: str | None = None) -> list[str]:
        """SQL over the order's id, the cheapest first.

        ``item``: the item's id, where a line is walked to and a word is looked for in it.
        """
        found = []
        if self.header:
            found.append(
                'EXISTS (SELECT 1 FROM "ORDER_HEADER" h INDEXED BY "ORDER_HEADER_FILTERS_IX"'
                f' WHERE h."ORDER_ID" = {order} AND h."ORDER_TYPE_ID" = \'SALES_ORDER\''
                f" AND {' AND '.join(OF_HEADER[name] for name in self.header)})"
            )
        for name in self.filters:
            table, index, condition = OF_ORDER[name]
            found.append(
                f'EXISTS (SELECT 1 FROM "{table}" x INDEXED BY "{index}"'
                f' WHERE x."ORDER_ID" = {order} AND {condition.replace("g.", "x.")})'
            )
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
        tuple(name for name in known if name not in _LISTS or len(values[name]) == 1),
        shape.header,
        tuple(name for name in shape.line if name in OF_LINES),
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
    several: list[Any] = [bindparam(name, expanding=True) for name in _LISTS if f":{name}" in sql]
    return text(sql).bindparams(*several, limit)


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
    return f"({' OR '.join(found)})" if found else "0"


def _lines(order: str, item: str | None) -> str:
    own = f' AND x."ORDER_ITEM_SEQ_ID" = {item}' if item else ""
    return f'SELECT 1 FROM "ORDER_ITEM" x WHERE x."ORDER_ID" = {order}{own}'
