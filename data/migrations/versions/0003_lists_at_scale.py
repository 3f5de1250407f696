"""Lists at scale: indexes for filters that find few orders, and the index of pieces of text."""

from __future__ import annotations

from alembic import op

from data import search_index, sqlite_indexes, trigram_indexes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ORDER_HEADER_STORE_IX", "ORDER_HEADER", ["PRODUCT_STORE_ID", "ORDER_DATE", "ORDER_ID"]
    )
    op.create_index(
        "ORDER_HEADER_CHANNEL_IX",
        "ORDER_HEADER",
        ["SALES_CHANNEL_ENUM_ID", "ORDER_DATE", "ORDER_ID"],
    )
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in sqlite_indexes.create_statements():
            connection.exec_driver_sql(statement)
    if search_index.can_index(connection):
        for statement in search_index.create_statements():
            connection.exec_driver_sql(statement)
        search_index.fill(connection)
    trigram_indexes.create(connection)


def downgrade() -> None:
    connection = op.get_bind()
    trigram_indexes.drop(connection)
    if search_index.has_index(connection):
        for statement in search_index.drop_statements():
            connection.exec_driver_sql(statement)
    if connection.dialect.name == "sqlite":
        for statement in sqlite_indexes.drop_statements():
            connection.exec_driver_sql(statement)
    op.drop_index("ORDER_HEADER_CHANNEL_IX", "ORDER_HEADER")
    op.drop_index("ORDER_HEADER_STORE_IX", "ORDER_HEADER")
