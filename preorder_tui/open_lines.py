"""The sales order lines of a product that wait with units open, by way of those that have.

A much-sold product has ten thousand lines all over the book, and most have all their units. SQLite
knows the others by two indexes of few rows, each with all that is asked of it there: so it looks
ten thousand lines up in those and reads only what it finds. Elsewhere a planner knows its way.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, String, and_, literal_column, text

from data.sqlite_indexes import PARTLY_ALLOCATED, UNALLOCATED
from data.tables import order_header, order_item, order_item_ship_group
from preorder_tui import sales_line_rules as rules
from preorder_tui.line_state import SALES_FROM
from preorder_tui.marks import OPEN_ITEM_STATUSES
from preorder_tui.query_hints import in_this_order
from preorder_tui.words import SALES_ORDER

PRODUCT = "open_product"
"""The parameter of the product's id."""


_OPEN = ", ".join(f"'{status}'" for status in OPEN_ITEM_STATUSES)
# In the words of SQLite's index of sales orders, which has the date that the queue goes by.
IS_SALE = order_header.c.ORDER_TYPE_ID == literal_column(f"'{SALES_ORDER}'")


def _is_in(index: str, condition: str) -> str:
    return (
        f'EXISTS (SELECT 1 FROM "ORDER_ITEM" INDEXED BY "{index}"'
        ' WHERE "ORDER_ID" = line."ORDER_ID" AND "ORDER_ITEM_SEQ_ID" = line."ORDER_ITEM_SEQ_ID"'
        f" AND {condition})"
    )


_LINES = (
    text(
        'SELECT line."ORDER_ID", line."ORDER_ITEM_SEQ_ID"'
        ' FROM "ORDER_ITEM" line INDEXED BY "ORDER_ITEM_OF_PRODUCT_IX"'
        f' WHERE line."PRODUCT_ID" = :{PRODUCT} AND line."STATUS_ID" IN ({_OPEN})'
        f" AND ({_is_in('ORDER_ITEM_UNALLOCATED_IX', UNALLOCATED)}"
        f" OR {_is_in('ORDER_ITEM_PARTLY_IX', PARTLY_ALLOCATED)})"
    )
    .columns(ORDER_ID=String, ORDER_ITEM_SEQ_ID=String)
    .subquery("open_lines")
)
_FOUND = (
    in_this_order(
        _LINES,
        order_item,
        and_(
            order_item.c.ORDER_ID == _LINES.c.ORDER_ID,
            order_item.c.ORDER_ITEM_SEQ_ID == _LINES.c.ORDER_ITEM_SEQ_ID,
        ),
    )
    .join(order_header, order_header.c.ORDER_ID == order_item.c.ORDER_ID)
    .join(order_item_ship_group, rules.in_ship_group(order_item))
)


def of_product(connection: Connection, product_id: str) -> tuple[FromClause, dict[str, str]]:
    """Lines with their orders and ship groups, and the parameters of that: at least those of the
    product that wait and have units open. A query says all the same which lines it wants.
    """
    if connection.dialect.name != "sqlite":
        return SALES_FROM, {}
    return _FOUND, {PRODUCT: product_id}


class Queue(NamedTuple):
    """Where lines are read, under which conditions, and the parameters of both."""

    source: FromClause
    conditions: tuple[ColumnElement[bool], ...]
    parameters: dict[str, str]


def queue(connection: Connection, product_id: str, product_store_id: str) -> Queue:
    """The lines that wait for a product in a store and have units open (R-06…R-08)."""
    source, parameters = of_product(connection, product_id)
    conditions = (
        IS_SALE,
        order_item.c.PRODUCT_ID == product_id,
        order_header.c.PRODUCT_STORE_ID == product_store_id,
        rules.waits(order_header, order_item, order_item_ship_group),
        rules.has_open_units(order_item),
    )
    return Queue(source, conditions, parameters)
