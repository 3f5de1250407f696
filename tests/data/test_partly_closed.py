"""The table of orders that are closed in part: the same as a plain reading, whatever happens."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, text, update

from data import partly_closed
from data.copying import copy_tables
from data.demo import generate
from data.engine import open_engine, sqlite_url
from data.schema import SchemaState, state, upgrade
from data.tables import order_header, order_item, product
from data.transaction import write
from preorder_tui.clock import Clock
from preorder_tui.marks import CLOSED_ITEM_STATUSES, CLOSED_ORDER_STATUSES
from preorder_tui.verify import verify
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.list_ways import engine

__all__ = ["engine"]

ORDER_STATUSES = ("ORDER_CREATED", "ORDER_APPROVED", "ORDER_HOLD", *CLOSED_ORDER_STATUSES)
ITEM_STATUSES = ("ITEM_CREATED", "ITEM_APPROVED", "ITEM_APPROVED", *CLOSED_ITEM_STATUSES)


def read(connection: Connection) -> set[tuple[str, str]]:
    """What plain Python finds in the rows."""
    lines: dict[str, list[str]] = {}
    for order_id, status in connection.execute(
        select(order_item.c.ORDER_ID, order_item.c.STATUS_ID)
    ):
        lines.setdefault(order_id, []).append(status)
    found = set()
    for order_id, status in connection.execute(
        select(order_header.c.ORDER_ID, order_header.c.STATUS_ID).where(
            order_header.c.ORDER_TYPE_ID == "SALES_ORDER"
        )
    ):
        own = lines.get(order_id, [])
        if status in CLOSED_ORDER_STATUSES:
            if set(own) <= set(CLOSED_ITEM_STATUSES):
                continue
            found.add((order_id, status))
        found |= {(order_id, each) for each in own if each in CLOSED_ITEM_STATUSES}
    return found


def kept(connection: Connection) -> list[tuple[str, str]]:
    """What is in the table."""
    return [tuple(row) for row in connection.execute(select(partly_closed.order_partly_closed))]


def check(engine: Engine) -> set[tuple[str, str]]:
    with engine.connect() as connection:
        found = kept(connection)
        assert len(found) == len(set(found))
        assert set(found) == read(connection)
        assert partly_closed.differences(connection, 9) == []
    return set(found)


def test_it_knows_the_closed_statuses_of_the_desk() -> None:
    assert set(partly_closed.ORDER_STATUSES) == set(CLOSED_ORDER_STATUSES)
    assert set(partly_closed.ITEM_STATUSES) == set(CLOSED_ITEM_STATUSES)


class _Changes:
    """One change after the other, by plain statements over a few orders."""

    def __init__(self, engine: Engine, chosen: random.Random) -> None:
        self.engine = engine
        self.chosen = chosen
        self.number = 0

    def order(self) -> None:
        """A sales or a purchase order comes, with some lines."""
        self.number += 1
        sale = self.chosen.random() < 0.8
        order_id = f"{self.number:04}"
        self._run(
            insert(order_header).values(
                ORDER_ID=order_id,
                ORDER_TYPE_ID="SALES_ORDER" if sale else "PURCHASE_ORDER",
                ORDER_DATE=Clock().now(),
                ENTRY_DATE=Clock().now(),
                STATUS_ID=self.chosen.choice(ORDER_STATUSES),
                PRODUCT_STORE_ID="STORE",
            )
        )
        for _ in range(self.chosen.randrange(4)):
            self._line(order_id, sale=sale)

    def line(self) -> None:
        """An order gets another line."""
        rows = self._rows(select(order_header.c.ORDER_ID, order_header.c.ORDER_TYPE_ID))
        if rows:
            order_id, kind = self.chosen.choice(rows)
            self._line(order_id, sale=kind == "SALES_ORDER")

    def status(self) -> None:
        """A line changes its status."""
        self._run(update(order_item).where(self._one_line()).values(STATUS_ID=self._item()))

    def statuses(self) -> None:
        """The lines of some orders do, by one statement."""
        some = self.chosen.sample([f"{n + 1:04}" for n in range(self.number)], k=self.number // 2)
        self._run(
            update(order_item).where(order_item.c.ORDER_ID.in_(some)).values(STATUS_ID=self._item())
        )

    def order_status(self) -> None:
        """An order does, with all of its lines or none."""
        order_id = self.chosen.choice(self._rows(select(order_header.c.ORDER_ID)) or [("",)])[0]
        closed = self.chosen.choice((None, "ITEM_COMPLETED", "ITEM_CANCELLED"))
        if closed is not None:
            own = order_item.c.ORDER_ID == order_id
            self._run(update(order_item).where(own).values(STATUS_ID=closed))
        new = self.chosen.choice(ORDER_STATUSES)
        own = order_header.c.ORDER_ID == order_id
        self._run(update(order_header).where(own).values(STATUS_ID=new))

    def removal(self) -> None:
        """A line goes; an order goes with its last one."""
        rows = self._rows(select(order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID))
        if not rows:
            return
        order_id, item = self.chosen.choice(rows)
        self._run(
            delete(order_item).where(
                order_item.c.ORDER_ID == order_id, order_item.c.ORDER_ITEM_SEQ_ID == item
            )
        )
        if [order for order, _ in rows].count(order_id) == 1:
            self._run(delete(order_header).where(order_header.c.ORDER_ID == order_id))

    def _line(self, order_id: str, *, sale: bool) -> None:
        self.number += 1
        self._run(
            insert(order_item).values(
                ORDER_ID=order_id,
                ORDER_ITEM_SEQ_ID=f"{self.number:05}",
                PRODUCT_ID="P",
                QUANTITY=1,
                STATUS_ID=self._item(),
                RECEIVED_QUANTITY=None if sale else 0,
            )
        )

    def _item(self) -> str:
        return self.chosen.choice(ITEM_STATUSES)

    def _one_line(self) -> Any:
        rows = self._rows(select(order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID))
        order_id, item = self.chosen.choice(rows or [("", "")])
        return (order_item.c.ORDER_ID == order_id) & (order_item.c.ORDER_ITEM_SEQ_ID == item)

    def _rows(self, statement: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(statement))

    def _run(self, statement: Any) -> None:
        write(self.engine, lambda connection: connection.execute(statement))


@pytest.mark.parametrize("seed", range(8))
def test_any_sequence_of_changes(engine: Engine, seed: int) -> None:
    chosen = random.Random(seed)
    write(engine, lambda c: c.execute(insert(product).values(PRODUCT_ID="P", INTERNAL_NAME="P")))
    changes = _Changes(engine, chosen)
    every = (
        changes.order,
        changes.line,
        changes.status,
        changes.status,
        changes.statuses,
        changes.order_status,
        changes.removal,
    )
    seen: set[tuple[str, str]] = set()
    sizes = set()
    for _ in range(120):
        chosen.choice(every)()
        found = check(engine)
        seen |= found
        sizes.add(len(found))
    assert len({status for _, status in seen}) > 4
    assert len(sizes) > 4


@pytest.fixture
def mixed(book: Book, engine: Engine) -> set[tuple[str, str]]:
    """A book with an order of each kind; what of it is closed in part."""
    for number, status in enumerate(ORDER_STATUSES):
        book.sales_order(f"1{number}", TODAY, [("A", 1), ("B", 1)], status=status)
        book.sales_order(f"2{number}", TODAY, [("A", 1), ("B", 1)], status=status)
    book.purchase_order("90", TODAY + timedelta(days=9), [("A", 9), ("B", 9)])
    one = order_item.c.ORDER_ITEM_SEQ_ID == "00002"
    with engine.begin() as connection:
        for order_id, status in (
            ("21", "ITEM_COMPLETED"),
            ("22", "ITEM_REJECTED"),
            ("23", "ITEM_APPROVED"),
            ("24", "ITEM_CREATED"),
            ("90", "ITEM_COMPLETED"),
        ):
            connection.execute(
                update(order_item)
                .where(order_item.c.ORDER_ID == order_id, one)
                .values(STATUS_ID=status, CANCEL_QUANTITY=0)
            )
    found = check(engine)
    assert found
    return found


def schema(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE name LIKE '%PARTLY_CLOSED%'"
            " AND sql IS NOT NULL ORDER BY name"
        )
        return [tuple(row) for row in rows]


def test_an_older_book_is_filled_when_it_is_upgraded(
    engine: Engine, mixed: set[tuple[str, str]]
) -> None:
    from alembic import command
    from alembic.config import Config

    import data

    before = schema(engine)
    assert len(before) == 6
    config = Config()
    config.set_main_option("script_location", str(Path(data.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0006")
    assert state(engine) is SchemaState.OLDER
    assert schema(engine) == []
    upgrade(engine)
    assert schema(engine) == before
    assert check(engine) == mixed


def test_a_copy_of_all_tables_has_it(
    engine: Engine, mixed: set[tuple[str, str]], tmp_path: Path
) -> None:
    """Over a book that had other orders."""
    copy = open_engine(sqlite_url(tmp_path / "copy.db"))
    upgrade(copy)
    generate(copy, orders=40, today=TODAY)
    before = schema(copy)
    with engine.connect() as source:
        write(copy, lambda target: copy_tables(source, target))
    assert check(copy) == mixed
    assert schema(copy) == before == schema(engine)
    copy.dispose()


def test_a_demo_has_it(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "demo.db"))
    upgrade(engine)
    before = schema(engine)
    generate(engine, orders=400, today=TODAY)
    assert check(engine)
    assert schema(engine) == before
    engine.dispose()


def test_a_change_that_fails_leaves_it_as_it_was(
    engine: Engine, mixed: set[tuple[str, str]]
) -> None:
    def work(connection: Connection) -> None:
        with partly_closed.filled_last(connection):
            connection.execute(text('UPDATE "ORDER_ITEM" SET "STATUS_ID" = \'ITEM_COMPLETED\''))
        assert set(kept(connection)) == read(connection) != mixed
        raise KeyboardInterrupt

    before = schema(engine)
    with pytest.raises(KeyboardInterrupt):
        write(engine, work)
    assert check(engine) == mixed
    assert schema(engine) == before


def test_verify_compares_it(engine: Engine, mixed: set[tuple[str, str]], clock: Clock) -> None:
    def told() -> list[str]:
        with engine.connect() as connection:
            violations = verify(connection, clock).violations
        return [each for each in violations if "lists of closed orders" in each]

    assert told() == []
    gone = sorted(mixed)[0]
    with engine.begin() as connection:
        connection.exec_driver_sql(
            'DELETE FROM "ORDER_PARTLY_CLOSED" WHERE "ORDER_ID" = ? AND "STATUS_ID" = ?', gone
        )
        connection.exec_driver_sql(
            "INSERT INTO \"ORDER_PARTLY_CLOSED\" VALUES ('10', 'ITEM_REJECTED')"
        )
    assert [each.split(":")[0] for each in told()] == sorted([gone[0], "10"])
