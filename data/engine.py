"""Opening a database: one engine per process, the same promises on every dialect."""

from __future__ import annotations

import socket
from collections.abc import Callable
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import URL, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, InvalidatePoolError

from data import sqlite_lock
from data.hosts import CONNECT_TIMEOUT_SECONDS as HOST_TIMEOUT_SECONDS
from data.hosts import DEFAULT_PORT, Host, Hosts, host_of
from data.kept_connections import KeptConnections

BUSY_TIMEOUT_SECONDS = 10.0
LOCK_WAIT_SECONDS = BUSY_TIMEOUT_SECONDS
CONNECT_TIMEOUT_SECONDS = 10
MYSQL_FAMILY = ("mysql", "mariadb")


class _KeepAlive(NamedTuple):
    """When a machine that has gone without a word is given up; a server at work answers these."""

    idle: int  # seconds without a byte
    interval: int
    probes: int
    unanswered: int  # milliseconds that what was sent may stay unanswered


KEEPALIVE = _KeepAlive(idle=10, interval=5, probes=2, unanswered=20_000)
SUPPORTED = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}


EXTRAS = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mariadb",
    "mariadb": "mariadb",
}
"""The extra of this package that brings the driver of a database."""

MYSQL_SESSION = (
    "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,STRICT_ALL_TABLES,NO_ZERO_DATE,"
    "NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', "
    "SESSION time_zone = '+00:00', "
    f"SESSION innodb_lock_wait_timeout = {int(LOCK_WAIT_SECONDS)}"
)
NO_PAD_COLLATIONS = {True: "utf8mb4_nopad_bin", False: "utf8mb4_0900_bin"}
"""By whether the server is MariaDB: bytes are compared, and blanks at the end count."""

PAGE_PREFERENCE = 3
"""How much better it must look to MariaDB to read in the order of the list, not to sort it all."""

MYSQL_CONSTRAINT_ERRORS = (4025, 3819, 1644)  # a CHECK (MariaDB, MySQL), a guard's SIGNAL
MYSQL_LOST_ERRORS = (1047, 1053, 1290, 1836)  # node not ready, server stops, read-only by now

RESTED_SECONDS = 1.0
"""A line to a server that nobody used for so long is tried before it is used again."""

_IN_TRANSACTION = (2, 3)  # of libpq's PGTransactionStatusType: in one, in one that has failed
_COMMAND_OK = 1  # of its ExecStatusType

WRITES = "preorder_writes"
ENDED = "preorder_ended"
"""What :mod:`data.transaction` notes at a connection (in its ``info``): that the transaction that
begins will write, and that the last one is committed and nothing is left to roll back."""


class MissingDriver(ImportError):
    """The driver of a database is not installed; the message is the extra that brings it."""


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
    """An engine for ``url``, with the driver this project uses and its settings.

    SQLite runs in WAL mode with foreign keys on, and each transaction starts with BEGIN IMMEDIATE
    when it writes (see :mod:`data.transaction`), so that waiting for the lock happens once, at the
    start, and never ends in a half-way "database is locked". A server has ten seconds to take a
    connection, a lock is waited for as long as on SQLite, and a line that has gone dead is noticed
    within twenty. What the URL says goes before these.

    Raises:
        UnknownDatabase: the URL cannot be read or names a database that is not supported.
        MissingDriver: the Python package that speaks to this database is not installed.
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
        engine = _engine(parsed, backend, timeout=BUSY_TIMEOUT_SECONDS)
        event.listen(engine, "connect", _prepare_sqlite)
        # A dialect's own way to begin; an event would cost each statement its share.
        engine.dialect.do_begin = _begin_sqlite  # type: ignore[method-assign]
        return engine
    if backend in MYSQL_FAMILY:
        return _mysql_engine(parsed, backend)
    return _postgresql_engine(parsed, backend)


def hosts_of(url: URL) -> tuple[Host, ...]:
    """The hosts that a server's URL names, in the order of preference.

    Raises:
        ValueError: one of them is written in no known way.
    """
    given = url.query.get("host")
    if given is None:
        return (Host(url.host, url.port or DEFAULT_PORT),) if url.host else ()
    texts = [given] if isinstance(given, str) else list(given)
    return tuple(host_of(text) for entry in texts for text in entry.split(","))


def _engine(url: URL, backend: str, **connect_args: Any) -> Engine:
    """An engine that keeps what it stores out of its error messages: they reach the log."""
    given = {name: value for name, value in connect_args.items() if name not in url.query}
    name = url.database or ":memory:"
    in_a_file = backend == "sqlite" and not name.startswith((":memory:", "file:"))
    try:
        engine = create_engine(
            url,
            connect_args=given,
            hide_parameters=True,
            pool_reset_on_return="rollback" if backend == "sqlite" else None,
            poolclass=KeptConnections if in_a_file else None,
        )
    except ImportError as error:
        raise MissingDriver(EXTRAS.get(backend, backend)) from error
    if backend != "sqlite":
        _keep_lines(engine)
    return engine


def _keep_lines(engine: Engine) -> None:
    """Keep lines to a server from one transaction to the next, at no round trip.

    A line that rested may be dead by now: it is tried first. One that was at work a moment ago is
    not; should it be dead all the same, the transaction is run again (:mod:`data.transaction`).
    """
    dialect = engine.dialect

    def put_back(line: Any, record: Any, state: Any) -> None:
        if not record.info.pop(ENDED, False) and not state.terminate_only:
            line.rollback()
        record.info["preorder_rests"] = monotonic()

    def taken(line: Any, record: Any, _fairy: Any) -> None:
        if monotonic() - record.info.get("preorder_rests", inf) < RESTED_SECONDS:
            return
        try:
            dialect.do_ping(line)
        except dialect.loaded_dbapi.Error as error:
            if dialect.is_disconnect(error, line, None):
                raise InvalidatePoolError from error
            raise

    event.listen(engine, "reset", put_back)
    event.listen(engine, "checkout", taken)


def _postgresql_engine(url: URL, backend: str) -> Engine:
    engine = _engine(
        url,
        backend,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        keepalives_idle=KEEPALIVE.idle,
        keepalives_interval=KEEPALIVE.interval,
        keepalives_count=KEEPALIVE.probes,
        tcp_user_timeout=KEEPALIVE.unanswered,
    )
    event.listen(engine, "connect", _prepare_postgresql)
    engine.dialect.do_rollback = _roll_back_postgresql  # type: ignore[method-assign]
    return engine


def _roll_back_postgresql(dbapi_connection: Any) -> None:
    """Roll back and keep the statements that the server has ready.

    The driver's own rollback has the server forget them all, and each is planned anew until it has
    been run a few times: a change refused for somebody else's would cost ten times itself.
    """
    wire = dbapi_connection.pgconn
    if wire.transaction_status in _IN_TRANSACTION and wire.exec_(b"ROLLBACK").status == _COMMAND_OK:
        return
    dbapi_connection.rollback()  # it says what is wrong


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    # Not as a start-up option: poolers between us and the server refuse those.
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = '{int(LOCK_WAIT_SECONDS)}s'")
    connection.autocommit = False


def _mysql_engine(url: URL, backend: str) -> Engine:
    try:
        hosts = hosts_of(url)
    except ValueError as error:
        raise UnknownDatabase(f"the hosts of the URL cannot be read: {error}") from error
    several = "host" in url.query
    engine = _engine(
        url,
        backend,
        connect_timeout=HOST_TIMEOUT_SECONDS if several else CONNECT_TIMEOUT_SECONDS,
        charset="utf8mb4",
        init_command=MYSQL_SESSION,
    )
    event.listen(engine, "do_connect", _connector(Hosts(hosts) if several else None))
    event.listen(engine, "connect", _prepare_mysql)
    engine.dialect.do_begin = _begin_mysql  # type: ignore[method-assign]
    event.listen(engine, "handle_error", _name_mysql_error)
    return engine


def _connector(hosts: Hosts | None) -> Callable[..., Any]:
    def connect(dialect: Any, _record: Any, arguments: Any, options: dict[str, Any]) -> Any:
        driver = dialect.loaded_dbapi
        # The driver's time limit ends where the server takes the line. One that takes it and then
        # says nothing is a server that cannot be reached, too.
        hurried = {"read_timeout": options["connect_timeout"], **options}

        def open_one(host: Host) -> Any:
            return driver.connect(*arguments, **{**hurried, "host": host.name, "port": host.port})

        if hosts is None:
            connection = driver.connect(*arguments, **hurried)
        else:
            connection = hosts.connect(open_one, driver.OperationalError)
        if hasattr(connection, "_read_timeout"):  # from here on a statement may take its time
            connection._read_timeout = options.get("read_timeout")
        return connection

    return connect


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


def _begin_sqlite(dbapi_connection: Any) -> None:
    if dbapi_connection.info.pop(WRITES, False):
        sqlite_lock.take(dbapi_connection.driver_connection, dbapi_connection.info)
    else:
        dbapi_connection.driver_connection.execute("BEGIN DEFERRED")


def _prepare_mysql(connection: Any, _record: Any) -> None:
    """Compare text as it is written, blanks and case included, as the other databases do."""
    collation = NO_PAD_COLLATIONS["MariaDB" in connection.get_server_info()]
    with connection.cursor() as cursor:
        cursor.execute(f"SET NAMES utf8mb4 COLLATE {collation}")
        cursor.execute("SHOW SESSION VARIABLES LIKE 'optimizer_join_limit_pref_ratio'")
        if cursor.fetchone() is not None:
            # A page of a list over two tables follows an index and stops after a page.
            cursor.execute(f"SET SESSION optimizer_join_limit_pref_ratio = {PAGE_PREFERENCE}")
    line = getattr(connection, "_sock", None)
    if line is not None and line.family in (socket.AF_INET, socket.AF_INET6):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (
            ("TCP_KEEPIDLE", KEEPALIVE.idle),
            ("TCP_KEEPINTVL", KEEPALIVE.interval),
            ("TCP_KEEPCNT", KEEPALIVE.probes),
            ("TCP_USER_TIMEOUT", KEEPALIVE.unanswered),
        ):
            if hasattr(socket, option):  # not every system has them all
                line.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def keep_text_as_written(engine: Engine) -> None:
    """Before the first table: a MariaDB or MySQL database compares text as it is written.

    Temporary tables get the database's collation too, and can be joined with the others.
    """
    if engine.dialect.name not in MYSQL_FAMILY:
        return
    with engine.begin() as connection:
        collation = connection.exec_driver_sql("SELECT @@collation_connection").scalar_one()
        connection.exec_driver_sql(f"ALTER DATABASE CHARACTER SET utf8mb4 COLLATE {collation}")


def _begin_mysql(dbapi_connection: Any) -> None:
    # What a writing transaction reads under its locks is what is committed now, not what was when
    # it began: for this transaction only; the others read one state.
    if dbapi_connection.info.pop(WRITES, False):
        with dbapi_connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


def _name_mysql_error(context: ExceptionContext) -> None:
    """A broken constraint is an IntegrityError; a node that cannot work is a lost line."""
    original = context.original_exception
    number = original.args[0] if original.args else None
    if number in MYSQL_CONSTRAINT_ERRORS:
        raise IntegrityError(context.statement, None, original, hide_parameters=True) from original
    if number in MYSQL_LOST_ERRORS:
        context.is_disconnect = True
