"""An upgrade or a demo that is interrupted: taken back, or finished by the next one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, text

from data.demo import generate
from data.engine import open_engine
from data.guards import TRIGGERS, drop_statements
from data.schema import SchemaState, state, upgrade
from data.tables import metadata
from preorder_tui.opening import initialise, inspect_database
from tests.mariadb_server import MariaDb


class PowerCut(Exception):
    """What happens in the middle."""


@pytest.fixture
def empty(mariadb: MariaDb) -> Iterator[Engine]:
    """An engine on a MariaDB database without tables, of the collation that servers come with."""
    name = f"empty_{uuid4().hex[:8]}"
    mariadb.make_database(name)
    engine = open_engine(mariadb.url(name))
    yield engine
    engine.dispose()
    mariadb.run(f"DROP DATABASE {name}")


def cut_at(engine: Engine, word: str, occurrence: int = 1) -> Any:
    """Let the statement that holds ``word`` fail, at its so-manieth time; what to take away."""
    seen = 0

    def listen(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal seen
        seen += word in statement
        if word in statement and seen == occurrence:
            raise PowerCut

    event.listen(engine, "before_cursor_execute", listen)
    return listen


def triggers(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(
            connection.exec_driver_sql(
                "SELECT trigger_name FROM information_schema.triggers "
                "WHERE trigger_schema = DATABASE()"
            ).scalars()
        )


@pytest.mark.parametrize(
    ("word", "occurrence"),
    [
        ("CREATE TABLE", 9),
        ("CREATE TRIGGER", 2),
        ("ADD COLUMN", 1),
        ("UPDATE alembic_version", 1),
    ],
)
def test_an_interrupted_upgrade_is_finished_by_the_next(
    empty: Engine, word: str, occurrence: int
) -> None:
    cut = cut_at(empty, word, occurrence)
    with pytest.raises(PowerCut):
        upgrade(empty)
    event.remove(empty, "before_cursor_execute", cut)
    assert state(empty) in (SchemaState.OLDER, SchemaState.EMPTY)
    url = empty.url.render_as_string(hide_password=False)
    assert inspect_database(url) is not SchemaState.FOREIGN
    assert "upgraded" in initialise(url) or word == "CREATE TABLE"
    assert state(empty) is SchemaState.READY
    assert set(TRIGGERS) <= triggers(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_text_is_compared_as_it_is_written(empty: Engine) -> None:
    upgrade(empty)
    with empty.connect() as connection:
        collations = connection.exec_driver_sql(
            "SELECT DISTINCT table_collation FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND table_name <> 'alembic_version'"
        ).scalars()
        assert set(collations) == {"utf8mb4_nopad_bin"}
        unequal = connection.exec_driver_sql("SELECT 'a' = 'A', 'a' = 'a ', 'e' = 'é'").one()
        assert set(unequal) == {0}
        connection.exec_driver_sql("CREATE TEMPORARY TABLE probe (t VARCHAR(9))")
        found = connection.exec_driver_sql("SHOW FULL COLUMNS FROM probe").one()
        assert "utf8mb4_nopad_bin" in tuple(found)


def test_a_demo_that_fails_leaves_an_empty_guarded_database(empty: Engine) -> None:
    upgrade(empty)
    before = triggers(empty)
    cut = cut_at(empty, 'INSERT INTO "ORDER_ITEM_ASSOC"')
    with pytest.raises(PowerCut):
        generate(empty, orders=50, today=date(2026, 11, 25))
    event.remove(empty, "before_cursor_execute", cut)
    assert triggers(empty) == before
    with empty.connect() as connection:
        for table in ("ORDER_HEADER", "PRODUCT", "PARTY"):
            assert connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar() == 0
    generate(empty, orders=50, today=date(2026, 11, 25))
    assert triggers(empty) == before


def test_guards_that_a_power_cut_took_are_brought_back(empty: Engine) -> None:
    upgrade(empty)
    with empty.begin() as connection:
        for statement in drop_statements("mariadb"):
            connection.exec_driver_sql(statement)
    url = empty.url.render_as_string(hide_password=False)
    assert "what was missing has been added" in initialise(url)
    assert set(TRIGGERS) <= triggers(empty)
    assert "nothing has changed" in initialise(url)
