"""The first schema: catalogue, orders, allocations with their guards, journal, EXIM log."""

from __future__ import annotations

from alembic import op

from data.guards import create_statements, drop_statements
from data.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    for statement in create_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    connection = op.get_bind()
    for statement in drop_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    metadata.drop_all(connection)
