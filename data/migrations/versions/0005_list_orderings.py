"""Indexes along which lists by a date of the lines look at filters without reading the rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data import sqlite_indexes

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LINE = ["ORDER_ID", "ORDER_ITEM_SEQ_ID"]
# What each had, and what it has besides now.
_DATES = {
    "ORDER_ITEM_PROMISED_IX": (["PROMISED_DATETIME", *_LINE], ["STATUS_ID"]),
    "ORDER_ITEM_AUTO_CANCEL_IX": (
        ["AUTO_CANCEL_DATE", *_LINE],
        ["STATUS_ID", "PROMISED_DATETIME"],
    ),
}
_PARTIAL = ("ORDER_ITEM_UNUSUAL_STATUS_IX", "ORDER_HEADER_FILTERS_IX")
_UNUSUAL_BEFORE = """CREATE INDEX "ORDER_ITEM_UNUSUAL_STATUS_IX"
 ON "ORDER_ITEM" ("STATUS_ID", "ORDER_ID")
 WHERE "STATUS_ID" NOT IN ('ITEM_APPROVED', 'ITEM_COMPLETED')"""


def _create(name: str, columns: list[str]) -> None:
    if name == "ORDER_ITEM_AUTO_CANCEL_IX":
        condition = sa.text('"AUTO_CANCEL_DATE" IS NOT NULL')
        op.create_index(name, "ORDER_ITEM", columns, sqlite_where=condition)
    else:
        op.create_index(name, "ORDER_ITEM", columns)


def upgrade() -> None:
    for name, (columns, more) in _DATES.items():
        op.drop_index(name, "ORDER_ITEM")
        _create(name, [*columns, *more])
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
    for name, (columns, _) in _DATES.items():
        op.drop_index(name, "ORDER_ITEM")
        _create(name, columns)
