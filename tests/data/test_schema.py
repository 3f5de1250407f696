"""The schema: what the migrations make is what the tables say, and the store guards itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError

from data import partly_closed, search_index, sqlite_indexes, trigram_indexes
from data.engine import open_engine, sqlite_url
from data.guards import create_statements
from data.schema import SchemaState, state, upgrade
from data.tables import metadata
from tests.book import Book


def _of_the_tables(name: str | None, kind: str, _parents: object) -> bool:
    """Leaves out what only one database has: its own modules say what that is."""
    if kind == "index":
        return not (sqlite_indexes.is_part(name) or trigram_indexes.is_part(name))
    return kind != "table" or not (search_index.is_part(name) or partly_closed.is_part(name))


def test_the_migrations_make_what_the_tables_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": False, "include_name": _of_the_tables}
        )
        assert compare_metadata(context, metadata) == []
    assert state(engine) is SchemaState.READY


def test_states_of_a_database(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "a.db"))
    assert state(engine) is SchemaState.EMPTY
    upgrade(engine)
    assert state(engine) is SchemaState.READY
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert state(engine) is SchemaState.NEWER
    engine.dispose()
    foreign = create_engine(sqlite_url(tmp_path / "b.db"))
    with foreign.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE accounts (id INTEGER)")
    assert state(foreign) is SchemaState.FOREIGN
    foreign.dispose()


def test_indexes_of_few_rows_are_the_same_in_an_older_book(tmp_path: Path) -> None:
    """New books and those upgraded from the version before have them all, with all columns."""
    from alembic import command
    from alembic.config import Config

    import data

    def indexes() -> dict[str, str]:
        with engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            )
            return {name: " ".join(sql.split()) for name, sql in found}

    engine = open_engine(sqlite_url(tmp_path / "a.db"))
    upgrade(engine)
    new = indexes()
    assert {name for name, *_ in sqlite_indexes.INDEXES} <= set(new)
    config = Config()
    config.set_main_option("script_location", str(Path(data.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
    assert state(engine) is SchemaState.OLDER
    assert indexes() != new
    upgrade(engine)
    assert indexes() == new
    engine.dispose()


def test_no_guards_are_made_for_an_unknown_database() -> None:
    with pytest.raises(ValueError, match="oracle"):
        create_statements("oracle")


INSERT = text(
    'INSERT INTO "ORDER_ITEM_ASSOC" VALUES '
    "(:so, :item, '_NA_', :po, '00001', '_NA_', 'PURCHASE_ORDER', :q, '2026-11-25 00:00:00',"
    " 'x', 'N')"
)


class TestRawSqlCannotOverAllocate:
    """Every way past the service, tried with raw SQL."""

    @pytest.fixture(autouse=True)
    def _book(self, book: Book, engine: Engine) -> None:
        self.engine = engine
        book.sales_order("10001", date(2026, 5, 1), [("A", 4), ("B", 4)])
        book.sales_order("10002", date(2026, 5, 2), [("A", 9)])
        book.purchase_order("20001", date(2027, 6, 1), [("A", 10)])
        self.insert("10001", 4)

    def insert(self, order: str, units: int, item: str = "00001", po: str = "20001") -> None:
        with self.engine.begin() as connection:
            connection.execute(INSERT, {"so": order, "item": item, "po": po, "q": units})

    def run(self, sql: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(sql))

    def counters(self) -> list[int]:
        with self.engine.connect() as connection:
            return [
                int(row[0])
                for row in connection.execute(
                    text(
                        'SELECT "ALLOCATED_QUANTITY" FROM "ORDER_ITEM" '
                        'WHERE "ORDER_ITEM_SEQ_ID" = \'00001\' ORDER BY "ORDER_ID"'
                    )
                )
            ]

    def test_the_counters_move_with_the_rows(self) -> None:
        assert self.counters() == [4, 0, 4]
        self.insert("10002", 6)
        assert self.counters() == [4, 6, 10]
        self.run('UPDATE "ORDER_ITEM_ASSOC" SET "QUANTITY" = 5 WHERE "ORDER_ID" = \'10002\'')
        assert self.counters() == [4, 5, 9]
        self.run('DELETE FROM "ORDER_ITEM_ASSOC" WHERE "ORDER_ID" = \'10001\'')
        assert self.counters() == [0, 5, 5]

    def test_more_than_the_purchase_line_has(self) -> None:
        with pytest.raises(IntegrityError):
            self.insert("10002", 7)
        assert self.counters() == [4, 0, 4]

    def test_more_than_the_sales_line_asked_for(self) -> None:
        with pytest.raises(IntegrityError):
            self.run('UPDATE "ORDER_ITEM_ASSOC" SET "QUANTITY" = 5')
        assert self.counters() == [4, 0, 4]

    def test_a_quantity_cut_below_what_is_allocated(self) -> None:
        with pytest.raises(IntegrityError):
            self.run('UPDATE "ORDER_ITEM" SET "QUANTITY" = 3 WHERE "ORDER_ID" = \'20001\'')

    def test_a_cancelled_line_that_keeps_its_units(self) -> None:
        with pytest.raises(IntegrityError):
            self.run(
                'UPDATE "ORDER_ITEM" SET "STATUS_ID" = \'ITEM_CANCELLED\' '
                "WHERE \"ORDER_ID\" = '20001'"
            )

    def test_another_product(self) -> None:
        with pytest.raises(IntegrityError):
            self.insert("10001", 1, item="00002")

    def test_two_sales_orders(self) -> None:
        with pytest.raises(IntegrityError):
            self.insert("10002", 1, po="10001")

    def test_a_row_that_changes_its_lines(self) -> None:
        with pytest.raises(IntegrityError):
            self.run('UPDATE "ORDER_ITEM_ASSOC" SET "ORDER_ID" = \'10002\'')

    def test_zero_and_negative_units(self) -> None:
        for units in (0, -1):
            with pytest.raises(IntegrityError):
                self.insert("10002", units)
