"""The index of text: it knows what is written, what has gone, and what an older book has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from data import search_index
from data.engine import open_engine, sqlite_url
from data.schema import SchemaState, state, upgrade
from data.transaction import write
from preorder_tui import (
    find_sales_orders,
    text_index,
)
from preorder_tui.clock import Clock
from preorder_tui.records import SalesOrderQuery
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.exim_files import Exchange
from tests.preorder_tui.list_ways import engine, orders_named, ways

__all__ = ["engine", "ways"]


class TestUpkeep:
    """What is written is found by its text, and what has gone is not."""

    @pytest.fixture(autouse=True)
    def _way(self, service: Service, ways: Callable[[str], None]) -> None:
        self.service = service
        self.ways = ways

    def found(self, words: str) -> list[str]:
        self.ways("few")
        with self.service.engine.connect() as connection:
            assert not text_index.some_wait(connection)
        rows = self.service.find_sales_orders(SalesOrderQuery(text=words), 50).rows
        return sorted(row.external_id or row.order_id for row in rows)

    def settle(self) -> None:
        write(self.service.engine, lambda connection: None)

    def test_an_import_its_undo_and_its_redo(self, book: Book, tmp_path: Path) -> None:
        book.sales_order("10", TODAY, [("A", 1)], external_id="X1", customer="Zoë Ümit")
        exchange = Exchange(self.service, tmp_path)
        file = (
            "external-id,product-store-id,item-status-id,order-date,quantity,product-sku,"
            "unit-price,customer-external-id,first-name,last-name,facility-id\n"
            + "".join(
                f"NEW{n},STORE,ITEM_APPROVED,2026-11-0{n},1,A,1.25,C{n},Pia,Núñez{n},"
                "PRE_ORDER_PARKING\n"
                for n in range(1, 6)
            )
        )
        exchange.run("IMP_ORDER", file)
        assert self.found("new") == [f"NEW{n}" for n in range(1, 6)]
        assert self.found("NÚÑEZ3") == ["NEW3"]
        assert self.found("ümit") == self.found("ÜM") == ["X1"]
        self.service.apply(self.service.plan_undo())
        assert self.found("new") == self.found("núñez") == []
        self.service.apply(self.service.plan_redo())
        assert self.found("new pia") == [f"NEW{n}" for n in range(1, 6)]

    def test_other_names(self, book: Book) -> None:
        book.sales_order("10", TODAY, [("SKU-1", 1)], customer="Ana Costa", name="#first")
        self.settle()
        assert self.found("costa") == ["10"]
        with self.service.engine.begin() as connection:
            connection.execute(text('UPDATE "PARTY" SET "PARTY_NAME" = \'Ana Lima\''))
            connection.execute(text('UPDATE "ORDER_HEADER" SET "ORDER_NAME" = \'#second\''))
            connection.execute(
                text('UPDATE "PRODUCT" SET "INTERNAL_NAME" = \'CAP-9\', "PRODUCT_NAME" = \'Cap\'')
            )
        self.settle()
        assert self.found("lima") == self.found("second") == self.found("cap-9") == ["10"]
        assert self.found("costa") == self.found("first") == self.found("sku-1") == []

    def test_another_date(self, book: Book) -> None:
        for number in (10, 11, 12):
            book.sales_order(str(number), TODAY - timedelta(days=number), [("A", 1)], customer="Bo")
        self.settle()
        with self.service.engine.begin() as connection:
            connection.execute(
                text(
                    'UPDATE "ORDER_HEADER" SET "ORDER_DATE" = :day WHERE "ORDER_ID" = \'11\''
                ).bindparams(day=f"{TODAY} 00:00:00.000000")
            )
        self.settle()
        self.ways("few")
        rows = self.service.find_sales_orders(SalesOrderQuery(text="bo"), 50).rows
        assert [row.order_id for row in rows] == ["11", "10", "12"]

    @pytest.mark.parametrize(
        "words",
        ['"', 'a" OR "b', "AND", "NEAR(ana,2)", "ana*", "^ana", "-ana", "{a}:", "*", "(", "an\\"],
    )
    def test_no_word_is_syntax(self, book: Book, words: str) -> None:
        book.sales_order("10", TODAY, [("A", 1)], customer=f"Ana {words} Costa")
        book.sales_order("11", TODAY, [("A", 1)], customer="Somebody Else")
        self.settle()
        assert self.found(words) == ["10"]


# --- Upgrading ----------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["0001", "0002"])
def test_an_older_book_is_entered_when_it_is_upgraded(tmp_path: Path, version: str) -> None:
    from alembic import command
    from alembic.config import Config

    import data

    engine = open_engine(sqlite_url(tmp_path / "old.db"))
    config = Config()
    config.set_main_option("script_location", str(Path(data.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    with engine.begin() as connection:
        orders_named(connection, ["Zebra", "Gnu"])
    assert state(engine) is SchemaState.OLDER
    upgrade(engine)
    assert state(engine) is SchemaState.READY
    with engine.connect() as connection:
        assert not text_index.some_wait(connection)
        told = text_index.expression(connection, search_index.ORDERS, ["zebra"])
        assert told
        found = text(text_index.found_by(search_index.ORDERS, told, "told"))
        assert connection.execute(found, {"told": told}).scalars().all() == ["ORD0"]
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert not [name for name in names if search_index.is_part(name) or name.startswith("SEARCH_")]
    engine.dispose()


def test_without_the_index_a_search_is_the_same(engine: Engine, clock: Clock, book: Book) -> None:
    """A SQLite too old for trigrams has no index."""
    with engine.begin() as connection:
        for statement in search_index.drop_statements():
            connection.exec_driver_sql(statement)
    book.sales_order("10", TODAY, [("A", 1)], customer="Ana Costa")
    write(engine, lambda connection: None)
    with engine.connect() as connection:
        page = find_sales_orders.orders_page(connection, clock, SalesOrderQuery(text="cost"), 5)
    assert [row.order_id for row in page.rows] == ["10"]
