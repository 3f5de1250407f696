"""Indexes by which lists see what a line or order has, without reading it."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import inspect, text

from data import sqlite_indexes

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Only on SQLite; new, or with more columns than before. 0003 makes them in a new book already.
_PARTIAL = (
    "ORDER_ITEM_UNUSUAL_STATUS_IX",
    "ORDER_ITEM_PARTLY_IX",
    "ORDER_ITEM_OUT_OF_SYNC_IX",
    "ORDER_ITEM_UNDATED_IX",
    "ORDER_ITEM_UNALLOCATED_IX",
    "ORDER_ITEM_CLOSED_IX",
    "ORDER_ITEM_CANCELS_IX",
    "ORDER_ITEM_PURCHASE_STATUS_IX",
)
_BEFORE = (
    """CREATE INDEX "ORDER_ITEM_UNUSUAL_STATUS_IX"
 ON "ORDER_ITEM" ("STATUS_ID", "ORDER_ID") WHERE "STATUS_ID" <> 'ITEM_APPROVED'""",
    f"""CREATE INDEX "ORDER_ITEM_PARTLY_IX"
 ON "ORDER_ITEM" ("ORDER_ID") WHERE {sqlite_indexes.PARTLY_ALLOCATED}""",
    f"""CREATE INDEX "ORDER_ITEM_OUT_OF_SYNC_IX"
 ON "ORDER_ITEM" ("ORDER_ID", "ORDER_ITEM_SEQ_ID", "STATUS_ID")
 WHERE {sqlite_indexes.OUT_OF_SYNC}""",
)
_OF_PRODUCT = "ORDER_ITEM_OF_PRODUCT_IX"
_OF_PRODUCT_BEFORE = "ORDER_ITEM_PRODUCT_IX"
# What a purchase order line serves, units and pins included, is read from one place.
_SERVED, _SERVED_BEFORE = "ORDER_ITEM_ASSOC_SERVED_IX", "ORDER_ITEM_ASSOC_TO_IX"
_TO = ["TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID"]
_FROM = ["ORDER_ID", "ORDER_ITEM_SEQ_ID", "QUANTITY", "PINNED"]
# And the lines that it serves, where its units are those that arrive last.
_OF_ORDER, _OF_ORDER_BEFORE = "ORDER_ITEM_OF_PURCHASE_ORDER_IX", "ORDER_ITEM_CORRESPONDING_PO_IX"
_LINE = ["ORDER_ID", "ORDER_ITEM_SEQ_ID"]
_STANDS = ["STATUS_ID", "PROMISED_DATETIME", "SHIP_GROUP_SEQ_ID", "ALLOCATED_QUANTITY"]
_HAS_ORDER = text('"CORRESPONDING_PO_ID" IS NOT NULL')


def _exchange(table: str, new: str, columns: list[str], old: str, **options: Any) -> None:
    """One index for another. A foreign key needs one of them at every moment."""
    op.create_index(new, table, columns, **options)
    # MariaDB and MySQL may come here a second time.
    if old in {index["name"] for index in inspect(op.get_bind()).get_indexes(table)}:
        op.drop_index(old, table)


def upgrade() -> None:
    of_product = ["PRODUCT_ID", "ORDER_ID", "ORDER_ITEM_SEQ_ID", "STATUS_ID"]
    _exchange("ORDER_ITEM", _OF_PRODUCT, of_product, _OF_PRODUCT_BEFORE)
    _exchange("ORDER_ITEM_ASSOC", _SERVED, [*_TO, *_FROM], _SERVED_BEFORE)
    of_order = ["CORRESPONDING_PO_ID", *_LINE, *_STANDS]
    _exchange("ORDER_ITEM", _OF_ORDER, of_order, _OF_ORDER_BEFORE, sqlite_where=_HAS_ORDER)
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in (
            *sqlite_indexes.drop_statements(_PARTIAL),
            *sqlite_indexes.create_statements(_PARTIAL),
        ):
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in (*sqlite_indexes.drop_statements(_PARTIAL), *_BEFORE):
            connection.exec_driver_sql(statement)
    _exchange("ORDER_ITEM", _OF_ORDER_BEFORE, ["CORRESPONDING_PO_ID"], _OF_ORDER)
    _exchange("ORDER_ITEM_ASSOC", _SERVED_BEFORE, _TO, _SERVED)
    _exchange("ORDER_ITEM", _OF_PRODUCT_BEFORE, ["PRODUCT_ID", "STATUS_ID"], _OF_PRODUCT)
