"""Migrations that can be run again: MariaDB and MySQL commit each statement about a table.

There a migration that is interrupted leaves what it has made so far, with the version from before.
Running it again passes over what is there: each table, index and column is made whole or not at
all. (SQLite and PostgreSQL take an interrupted migration back whole and need none of this.)
"""

from __future__ import annotations

from typing import Any

from alembic.ddl.mysql import MariaDBImpl, MySQLImpl
from sqlalchemy import Column, Connection, Index, Inspector, Table, inspect


class _Resumed(MySQLImpl):
    def _there(self) -> Inspector:
        assert isinstance(self.connection, Connection)
        return inspect(self.connection)  # a new one each time: it remembers what it saw

    def create_table(self, table: Table, **options: Any) -> None:
        """Make a table that is not there."""
        if not self._there().has_table(table.name):
            super().create_table(table, **options)

    def create_index(self, index: Index, **options: Any) -> None:
        """Make an index that is not there."""
        if index.table is None or index.name not in {
            found["name"] for found in self._there().get_indexes(index.table.name)
        }:
            super().create_index(index, **options)

    def add_column(self, table_name: str, column: Column[Any], **options: Any) -> None:
        """Add a column that is not there."""
        if column.name not in {
            found["name"] for found in self._there().get_columns(str(table_name))
        }:
            super().add_column(table_name, column, **options)


class ResumedMySQL(_Resumed):
    """Alembic on MySQL."""

    __dialect__ = "mysql"


class ResumedMariaDB(_Resumed, MariaDBImpl):
    """Alembic on MariaDB."""

    __dialect__ = "mariadb"
