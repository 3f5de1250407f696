"""The schema's version: created and upgraded by Alembic, checked without it.

The desk asks :func:`state` at start, which reads one row; only :func:`upgrade` imports Alembic.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from data.engine import MYSQL_FAMILY, keep_text_as_written, keep_write_ahead_log
from data.guards import TRIGGERS, create_statements
from data.schema_version import HEAD, KNOWN
from data.tables import metadata


class SchemaState(Enum):
    """What is found behind a database URL."""

    EMPTY = "empty"  # no table at all
    READY = "ready"  # this version's schema
    OLDER = "older"  # ours, and `preorder-tui init` brings it up
    NEWER = "newer"  # made by a later version of this program
    FOREIGN = "foreign"  # somebody else's tables


def state(engine: Engine) -> SchemaState:
    """Find out what is in the database; changes nothing.

    Raises:
        sqlalchemy.exc.DBAPIError: the database cannot be reached, or the file is no database.
    """
    with engine.connect() as connection:
        inspector = inspect(connection)
        if inspector.has_table("alembic_version"):
            version = connection.execute(
                text("SELECT version_num FROM alembic_version")
            ).scalar_one_or_none()
            if version == HEAD:
                return SchemaState.READY
            if version in KNOWN:
                return SchemaState.OLDER
            tables = set(inspector.get_table_names())
            if version is None and tables <= {"alembic_version", *metadata.tables}:
                return SchemaState.OLDER  # its first upgrade was interrupted (MariaDB, MySQL)
            ours = "CHANGE_SET" in tables
            return SchemaState.NEWER if ours else SchemaState.FOREIGN
        return SchemaState.FOREIGN if inspector.get_table_names() else SchemaState.EMPTY


def upgrade(engine: Engine) -> None:
    """Create the schema, or bring it to this version, in one transaction where the database can.

    Where it cannot (MariaDB, MySQL), an interrupted upgrade is finished by the next one.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    keep_write_ahead_log(engine)
    if state(engine) is SchemaState.EMPTY:
        keep_text_as_written(engine)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def restore_guards(engine: Engine) -> bool:
    """Make the guards again where a power cut can have taken them; whether they were missing.

    MariaDB and MySQL commit when a trigger is dropped, and filling a demo drops them for a while.
    """
    if engine.dialect.name not in MYSQL_FAMILY:
        return False
    with engine.begin() as connection:
        found = connection.exec_driver_sql(
            "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
        ).scalars()
        if set(TRIGGERS) <= set(found):
            return False
        for statement in create_statements(engine.dialect.name):
            connection.exec_driver_sql(statement)
    return True
