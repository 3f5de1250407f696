"""Indexes by which lists see what a line or order has, without reading it."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect

from data import sqlite_indexes

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Only on SQLite; new, or with more columns than before. 0003 makes them in a new book already.
_PARTIAL = ("ORDER_ITEM_UNUSUAL_STATUS_IX", "ORDER_ITEM_UNDATED_IX")
_UNUSUAL_BEFORE = """CREATE INDEX "ORDER_ITEM_UNUSUAL_STATUS_IX"
 ON "ORDER_ITEM" ("STATUS_ID", "ORDER_ID") WHERE "STATUS_ID" <> 'ITEM_APPROVED'"""
_OF_PRODUCT = "ORDER_ITEM_OF_PRODUCT_IX"
_OF_PRODUCT_BEFORE = "ORDER_ITEM_PRODUCT_IX"


def _exchange(new: str, columns: list[str], old: str) -> None:
    """One index for another. The foreign key to PRODUCT needs one at every moment."""
    op.create_index(new, "ORDER_ITEM", columns)
    # MariaDB and MySQL may come here a second time.
    if old in {index["name"] for index in inspect(op.get_bind()).get_indexes("ORDER_ITEM")}:
        op.drop_index(old, "ORDER_ITEM")


def upgrade() -> None:
    of_product = ["PRODUCT_ID", "ORDER_ID", "ORDER_ITEM_SEQ_ID", "STATUS_ID"]
    _exchange(_OF_PRODUCT, of_product, _OF_PRODUCT_BEFORE)
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
        for statement in (*sqlite_indexes.drop_statements(_PARTIAL), _UNUSUAL_BEFORE):
            connection.exec_driver_sql(statement)
    _exchange(_OF_PRODUCT_BEFORE, ["PRODUCT_ID", "STATUS_ID"], _OF_PRODUCT)
