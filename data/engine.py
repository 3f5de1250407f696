"""Opening a database: one engine per process, the same promises on every dialect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

BUSY_TIMEOUT_SECONDS = 10.0
SUPPORTED = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}


class UnknownDatabase(ValueError):
    """The URL names no database that this program can use; the message says which it can."""


def sqlite_url(path: Path) -> str:
    """The URL of the SQLite file at ``path``."""
    return f"sqlite:///{path.absolute()}"


def sqlite_path(url: str) -> Path | None:
    """The file behind a SQLite URL; None for other databases and for one in memory."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    if (
        parsed.get_backend_name() != "sqlite"
        or not parsed.database
        or parsed.database == ":memory:"
    ):
        return None
    return Path(str(parsed.database))


def open_engine(url: str) -> Engine:
    """An engine for ``url``, with the driver this project uses and its pragmas.

    SQLite runs in WAL mode with foreign keys on, and each transaction starts with BEGIN IMMEDIATE
    when it writes (see :mod:`data.transaction`), so that waiting for the lock happens once, at the
    start, and never ends in a half-way "database is locked".

    Raises:
        UnknownDatabase: the URL cannot be read or names a database that is not supported.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        # The text is not repeated: it may hold a password.
        raise UnknownDatabase(
            "that is not a database URL: write sqlite:///file.db, postgresql://… or mariadb://…"
        ) from error
    backend = parsed.drivername.split("+")[0]
    if backend not in SUPPORTED:
        raise UnknownDatabase(
            f"{backend} is not a database this desk can use: write sqlite:///file.db, "
            "postgresql://… or mariadb://…"
        )
    if "+" not in parsed.drivername:
        parsed = parsed.set(drivername=SUPPORTED[backend])
    if backend == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(parsed, pool_pre_ping=True)
    if backend in ("mysql", "mariadb"):
        event.listen(engine, "connect", _prepare_mysql)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: _begin_sqlite says when, and which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 10000")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.execute("PRAGMA cache_size = -16000")
    cursor.close()


def keep_write_ahead_log(engine: Engine) -> None:
    """Switch a SQLite file of ours to WAL: once, the file remembers."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        connection.cursor().execute("PRAGMA journal_mode = WAL")
        connection.close()


def _begin_sqlite(connection: Any) -> None:
    kind = connection.get_execution_options().get("preorder_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _prepare_mysql(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(
        "SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', "
        "SESSION time_zone = '+00:00'"
    )
    cursor.close()
