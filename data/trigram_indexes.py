"""Indexes for searching by a piece of text on PostgreSQL: trigrams, where the extension is there.

Without ``pg_trgm``, or without the right to switch it on, searches read the tables: right all the
same, and slower. MariaDB and MySQL always do.
"""

from __future__ import annotations

from sqlalchemy import Connection

COLUMNS = (
    ("ORDER_HEADER", "ORDER_ID"),
    ("ORDER_HEADER", "ORDER_NAME"),
    ("ORDER_HEADER", "EXTERNAL_ID"),
    ("PARTY", "PARTY_NAME"),
    ("PRODUCT", "INTERNAL_NAME"),
    ("PRODUCT", "PRODUCT_NAME"),
)


def name(table: str, column: str) -> str:
    """The index on one column."""
    return f"{table}_{column}_TRGM_IX"


def is_part(index: str | None) -> bool:
    """Whether an index of that name is one of these."""
    return index is not None and index.endswith("_TRGM_IX")


def create(connection: Connection) -> None:
    """Create the indexes if this is PostgreSQL and has, or may get, the extension."""
    if connection.dialect.name != "postgresql" or not _has_extension(connection):
        return
    for table, column in COLUMNS:
        connection.exec_driver_sql(
            f'CREATE INDEX "{name(table, column)}" ON "{table}" USING gin ("{column}" gin_trgm_ops)'
        )


def drop(connection: Connection) -> None:
    """Drop what :func:`create` created; the extension may serve others and stays."""
    if connection.dialect.name == "postgresql":
        for table, column in COLUMNS:
            connection.exec_driver_sql(f'DROP INDEX IF EXISTS "{name(table, column)}"')


_IS_HERE = "SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'"
_COULD_BE = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
_MAY_CREATE = """SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR
 (has_database_privilege(current_database(), 'CREATE') AND NOT EXISTS
 (SELECT 1 FROM pg_available_extension_versions
  WHERE name = 'pg_trgm' AND superuser AND NOT trusted))"""


def _has_extension(connection: Connection) -> bool:
    if connection.exec_driver_sql(_IS_HERE).first() is not None:
        return True
    if connection.exec_driver_sql(_COULD_BE).first() is None:
        return False
    # Not everybody may create an extension: ask before, a refusal would end the transaction.
    allowed = connection.exec_driver_sql(_MAY_CREATE).scalar_one()
    if allowed:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    return bool(allowed)
