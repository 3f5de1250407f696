"""A table of the orders that are closed in part, for the lists of closed orders; promises of an
order from one place."""

from __future__ import annotations

from alembic import op

from data import partly_closed, sqlite_indexes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Only on SQLite; 0003 makes them in a new book already.
_PARTIAL = ("ORDER_ITEM_PROMISES_IX", "ORDER_ITEM_PARTLY_IX")
_PARTLY_BEFORE = f"""CREATE INDEX "ORDER_ITEM_PARTLY_IX" ON "ORDER_ITEM"
 ("ORDER_ID", "ORDER_ITEM_SEQ_ID", "RECEIVED_QUANTITY", "ALLOCATED_QUANTITY", "QUANTITY",
 "CANCEL_QUANTITY") WHERE {sqlite_indexes.PARTLY_ALLOCATED}"""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        partly_closed.create(connection)
        for statement in (
            *sqlite_indexes.drop_statements(_PARTIAL),
            *sqlite_indexes.create_statements(_PARTIAL),
        ):
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        partly_closed.drop(connection)
        for statement in (*sqlite_indexes.drop_statements(_PARTIAL), _PARTLY_BEFORE):
            connection.exec_driver_sql(statement)
