"""Lists by every way to their rows: SQLite's walk, a filter's own index, the index of text."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, text

from data import search_index
from data.engine import open_engine, sqlite_url
from data.schema import SchemaState, state, upgrade
from data.transaction import write
from preorder_tui import (
    along_dates,
    along_keys,
    find_purchase_orders,
    find_sales_orders,
    purchase_order_ways,
    query_hints,
    sales_order_search,
    sales_order_ways,
    text_index,
)
from preorder_tui.clock import Clock
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui import random_books as rb
from tests.preorder_tui.exim_files import Exchange
from tests.preorder_tui.sales_oracle import CLOCK, expected_lines, expected_orders, rich_book
from tests.preorder_tui.test_find_sales_orders import EACH_FILTER
from tests.preorder_tui.walking import check_pages

SORTS = ("orderDate", "promisedDatetime", "autoCancelDate")
NEVER = -1.0


@pytest.fixture
def engine(sqlite_database_url: str) -> Any:
    """SQLite: other databases know one way."""
    engine = open_engine(sqlite_database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Leaves a list no other way than the one named."""

    def only(name: str) -> None:
        monkeypatch.setattr(query_hints, "_STEPS_PER_LOOK", 1)
        for module in (sales_order_ways, purchase_order_ways):
            monkeypatch.setattr(module, "WALK_SECONDS", NEVER)
        for size in ("SHORT", "LONG", "LONGEST"):
            monkeypatch.setattr(sales_order_ways, f"{size}_WALK_SECONDS", NEVER)
        for module in (along_dates, along_keys):
            monkeypatch.setattr(module, "_FIRST_SLICE", 1)
        if name == "few":
            return
        monkeypatch.setattr(sales_order_ways, "FEW", -1)
        monkeypatch.setattr(purchase_order_ways, "FEW", -1)
        if name == "places":
            monkeypatch.setattr(sales_order_ways, "LONGEST_WALK_SECONDS", 60)
        if name in ("walk", "places"):
            monkeypatch.setattr(sales_order_ways, "MANY", -1)
            monkeypatch.setattr(sales_order_ways, "MOST", -1)
            monkeypatch.setattr(sales_order_search, "MOST_PRODUCTS", -1)

    return only


def _check(connection: Connection, book: rb.RandomBook, query: SalesOrderQuery) -> None:
    for page, expected, name in (
        (find_sales_orders.orders_page, expected_orders, lambda row: row.order_id),
        (find_sales_orders.items_page, expected_lines, lambda row: row.line),
    ):
        found: Any = expected(query, book)  # type: ignore[operator]
        check_pages(partial(page, connection, CLOCK, query), 7, found, name, from_each_key=False)
    for items, expected_rows in ((False, expected_orders), (True, expected_lines)):
        count = find_sales_orders.count(connection, CLOCK, query, items=items)
        assert count.number == len(expected_rows(query, book))


@pytest.mark.parametrize("way", ["few", "many", "places", "walk"])
def test_every_filter_and_search_by_every_way(
    engine: Engine, ways: Callable[[str], None], way: str
) -> None:
    book = rich_book()
    write(engine, book.write)
    ways(way)
    with engine.connect() as connection:
        assert not text_index.some_wait(connection)
        for name, values in EACH_FILTER.items():
            for value, sort in product(values, SORTS):
                _check(connection, book, SalesOrderQuery(sort=sort, **{name: value}))  # type: ignore[arg-type]


SOME_TEXT = st.text("aAbBgGzZ012åÅöÖ# _%-*\"'", min_size=1, max_size=5)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_search_is_a_slow_filter(
    engine: Engine, clock: Clock, ways: Callable[[str], None], data: st.DataObject
) -> None:
    """Any piece of any text, any case, spelled as the search box gets it."""
    ways("few")
    names = data.draw(st.lists(SOME_TEXT, min_size=1, max_size=6))
    with engine.connect() as connection, connection.begin() as transaction:
        _orders_named(connection, names)
        if data.draw(st.booleans()):
            search_index.settle(connection)
        source = data.draw(st.sampled_from(names))
        start = data.draw(st.integers(0, len(source)))
        end = data.draw(st.integers(start, len(source)))
        asked = data.draw(st.sampled_from((str, str.lower, str.upper)))(source[start:end])
        asked = data.draw(st.sampled_from((asked, f"{asked} {source[:2]}", f"x{asked}")))
        found = find_sales_orders.orders_page(
            connection, clock, SalesOrderQuery(text=asked), 50
        ).rows
        wanted = {
            f"ORD{number}"
            for number, name in enumerate(names)
            if all(
                word.casefold() in text.casefold()
                for word in asked.split()
                for text in [f"ORD{number}\n{name}"]
            )
        }
        assert {row.order_id for row in found} == wanted
        transaction.rollback()


def _orders_named(connection: Connection, names: list[str]) -> None:
    connection.execute(text('DELETE FROM "ORDER_HEADER"'))
    for number, name in enumerate(names):
        connection.execute(
            text(
                'INSERT INTO "ORDER_HEADER" ("ORDER_ID", "ORDER_TYPE_ID", "ORDER_NAME",'
                ' "ORDER_DATE", "ENTRY_DATE", "STATUS_ID", "PRODUCT_STORE_ID", "ROW_VERSION")'
                " VALUES (:id, 'SALES_ORDER', :name, '2026-11-01 00:00:00.000000',"
                " '2026-11-01 00:00:00.000000', 'ORDER_APPROVED', 'STORE', 1)"
            ),
            {"id": f"ORD{number}", "name": name},
        )


def test_back_dated_orders_stand_where_their_dates_are(
    engine: Engine, clock: Clock, book: Book, ways: Callable[[str], None]
) -> None:
    """However late they come and however they are numbered: the index goes by their dates."""
    chance = random.Random(3)
    placed: list[tuple[date, str]] = []
    for number in chance.sample(range(100, 999), 60):
        day = TODAY - timedelta(days=chance.choice((0, 1, 1, 40, 400, 30_000)))
        book.sales_order(str(number), day, [("S", 1)], customer="Ana Costa")
        placed.append((day, str(number)))
        if chance.random() < 0.3:
            write(engine, lambda connection: None)
    write(engine, lambda connection: None)
    ways("few")
    expected = [order for _, order in sorted(placed, reverse=True)]
    for words in ("costa", "an co"):
        with engine.connect() as connection:
            assert not text_index.some_wait(connection)
            check_pages(
                partial(
                    find_sales_orders.orders_page, connection, clock, SalesOrderQuery(text=words)
                ),
                7,
                expected,
                lambda row: row.order_id,
            )


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


def test_purchase_orders_by_few(
    engine: Engine, clock: Clock, book: Book, ways: Callable[[str], None]
) -> None:
    """Each filter of Find Purchase Orders finds by its own index what the walk finds."""
    chance = random.Random(5)
    for number in range(40):
        arrival = TODAY + timedelta(days=chance.randrange(-30, 90))
        lines = [(f"SKU-{chance.randrange(9)}", chance.randrange(1, 9)) for _ in range(3)]
        book.purchase_order(str(500 + number), arrival, lines, external_id=f"PO-{number}")
    write(engine, partial(_without_arrival, orders=("500", "507", "514")))
    asks = [
        PurchaseOrderQuery(text="po-3"),
        PurchaseOrderQuery(text="sku-4"),
        PurchaseOrderQuery(text="51 sku"),
        PurchaseOrderQuery(late=True),
        PurchaseOrderQuery(has_atp=True),
        PurchaseOrderQuery(out_of_sync=True),
        PurchaseOrderQuery(statuses=("ORDER_APPROVED",)),
        PurchaseOrderQuery(item_statuses=("ITEM_APPROVED",)),
        PurchaseOrderQuery(arrival_from=TODAY, arrival_to=TODAY + timedelta(days=20)),
        PurchaseOrderQuery(grouping="purchase order", group="505"),
        PurchaseOrderQuery(grouping="arrival date", group=""),
        PurchaseOrderQuery(grouping="product", group=book.products["SKU-1"]),
    ]

    def lines(ask: PurchaseOrderQuery) -> list[Any]:
        with engine.connect() as connection:
            page = find_purchase_orders.items_page(connection, clock, ask, 500)
            count = find_purchase_orders.count(connection, clock, ask)
        assert count.number == len(page.rows)
        return [row.line for row in page.rows]

    sorts = ("estimatedDeliveryDate", "orderId", "availableToPromise", "productId")
    every = [
        PurchaseOrderQuery(
            **{name: getattr(ask, name) for name in ask.__slots__ if name != "sort"}, sort=sort
        )
        for ask in asks
        for sort in sorts
    ]
    by_walk = [lines(ask) for ask in every]
    assert sum(map(bool, by_walk)) > len(every) // 2
    ways("few")
    assert [lines(ask) for ask in every] == by_walk


def _without_arrival(connection: Connection, *, orders: tuple[str, ...]) -> None:
    for order in orders:
        connection.execute(
            text(
                'UPDATE "ORDER_ITEM" SET "ESTIMATED_DELIVERY_DATE" = NULL WHERE "ORDER_ID" = :order'
            ),
            {"order": order},
        )


def test_groups_are_remembered_until_somebody_writes(
    engine: Engine, clock: Clock, book: Book
) -> None:
    book.purchase_order("500", TODAY, [("A", 4)])
    query = PurchaseOrderQuery(grouping="purchase order")
    asked: list[str] = []

    def saw(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        asked.extend([statement] if statement.startswith("SELECT") else [])

    event.listen(engine, "before_cursor_execute", saw)

    def groups(connection: Connection) -> list[str]:
        asked.clear()
        page = find_purchase_orders.groups_page(connection, clock, query, 9)
        return [row.group for row in page.rows]

    with engine.connect() as reader:
        assert groups(reader) == ["500"]
        assert asked
        assert groups(reader) == ["500"]
        assert not asked
        reader.rollback()
        book.purchase_order("501", TODAY, [("A", 4)])
        assert groups(reader) == ["500", "501"]
        reader.rollback()
    with engine.begin() as writer:
        assert groups(writer) == ["500", "501"]
        writer.execute(text('DELETE FROM "ORDER_ITEM" WHERE "ORDER_ID" = \'500\''))
        assert groups(writer) == ["501"]


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
        _orders_named(connection, ["Zebra", "Gnu"])
    assert state(engine) is SchemaState.OLDER
    upgrade(engine)
    assert state(engine) is SchemaState.READY
    with engine.connect() as connection:
        assert not text_index.some_wait(connection)
        told = text_index.expression(connection, search_index.ORDERS, ["zebra"])
        assert told
        assert text_index.candidates(connection, search_index.ORDERS, told, 9) == ["ORD0"]
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


# --- Plans --------------------------------------------------------------------------------------

PLAIN_WALK = "SCAN ORDER_ITEM"
LISTS: dict[str, Callable[..., Any]] = {
    **{
        f"sales {name} by {sort}": partial(page, query=SalesOrderQuery(sort=sort))  # type: ignore[arg-type]
        for name, page in (
            ("orders", find_sales_orders.orders_page),
            ("lines", find_sales_orders.items_page),
        )
        for sort in SORTS
    },
    **{
        f"purchase lines by {sort}": partial(
            find_purchase_orders.items_page,
            query=PurchaseOrderQuery(sort=sort),  # type: ignore[arg-type]
        )
        for sort in ("estimatedDeliveryDate", "orderId", "availableToPromise", "productId")
    },
}


@pytest.mark.parametrize("name", LISTS)
def test_no_page_reads_or_sorts_a_whole_table(
    engine: Engine, clock: Clock, book: Book, name: str
) -> None:
    """First, next, previous and last page: each along an index, whatever is in the book."""
    for number in range(4):
        promised = TODAY if number % 2 else None
        book.sales_order(str(10 + number), TODAY, [("A", 1)], customer="Ana", promised=promised)
        book.purchase_order(str(90 + number), TODAY, [("A", 1)])
    write(engine, partial(_without_arrival, orders=("90", "92")))
    seen: list[tuple[str, Any]] = []

    def saw(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", saw)
    page = LISTS[name]
    with engine.connect() as connection:
        first = page(connection, clock, size=1)
        page(connection, clock, size=1, after=first.keys[0])
        page(connection, clock, size=1, before=page(connection, clock, size=2).keys[-1])
        page(connection, clock, size=1, place="last")
        event.remove(engine, "before_cursor_execute", saw)
        assert len(seen) > 8
        for statement, parameters in seen:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            for *_, step in plan:
                assert "TEMP B-TREE FOR ORDER BY" not in step, (statement, step)
                # ORDER_ITEM itself lies in the order of its key, which is some lists' order.
                by_key = 'ORDER BY "ORDER_ITEM"."ORDER_ID"' in statement and step == PLAIN_WALK
                if step.startswith("SCAN ") and "CONSTANT" not in step and not by_key:
                    assert " USING " in step, (statement, step)
