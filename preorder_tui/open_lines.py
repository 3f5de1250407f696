"""The sales order lines of a product that have units open, by way of those that have.

A much-sold product has ten thousand lines all over the book, and most have all their units. SQLite
knows the others by two indexes of few rows, each with all that is asked of it there: so it looks
ten thousand lines up in those and reads only what it finds. Elsewhere a planner knows its way.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from sqlalchemy import Connection, FromClause, String, and_, text

from data.sqlite_indexes import PARTLY_ALLOCATED, UNALLOCATED
from data.tables import order_header, order_item, order_item_ship_group
from preorder_tui import sales_line_rules as rules
from preorder_tui.line_state import SALES_FROM
from preorder_tui.query_hints import in_this_order

PRODUCT = "open_product"
"""The parameter of the product's id."""


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
        f' WHERE line."PRODUCT_ID" = :{PRODUCT}'
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
