"""Alembic's entry: runs the migrations on the connection that ``data.schema.upgrade`` opened."""

from __future__ import annotations

from alembic import context

from data.migrations import resumable  # noqa: F401  (Alembic finds it by its being there)
from data.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
