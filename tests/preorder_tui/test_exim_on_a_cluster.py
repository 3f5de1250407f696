"""Imports where the database counts in steps, as each node of a cluster of three does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path

import pytest
from sqlalchemy import select

from data.engine import open_engine
from data.tables import order_header, order_item, sequence_value_item
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY, empty_mariadb
from tests.mariadb_server import MariaDb
from tests.preorder_tui.exim_files import Exchange


@pytest.fixture
def service(mariadb: MariaDb, mariadb_url: str) -> Iterator[Service]:
    """The service on a server that gives out 2, 5, 8, …"""
    empty_mariadb(mariadb_url)
    mariadb.run("SET GLOBAL auto_increment_increment = 3", "SET GLOBAL auto_increment_offset = 2")
    service = Service(open_engine(mariadb_url), Actor("ana"), Clock(UTC, TODAY))
    yield service
    service.close()
    mariadb.run("SET GLOBAL auto_increment_increment = 1", "SET GLOBAL auto_increment_offset = 1")


def test_rows_that_stand_twice_are_found(service: Service, tmp_path: Path) -> None:
    book = Book(service.engine, service.clock)
    for number in range(4):
        book.sales_order(f"1000{number}", date(2026, 5, 1), [("A", 4)])
    exchange = Exchange(service, tmp_path)
    rows = [f"1000{number},00001,2026-12-0{number + 1}" for number in range(4)]
    header = "order-id,order-item-seq-id,promised-datetime"
    result = exchange.run(
        "IMP_ORD_ITEM_UPD",
        "\n".join([header, *rows, "10002,00001,2026-12-24", ""]),
    )
    assert result.change_set_id is not None
    assert [row["order-id"] for row in exchange.failed()] == ["10002", "10002"]


def test_new_orders_are_numbered_without_gaps(service: Service, tmp_path: Path) -> None:
    Book(service.engine, service.clock).product("A")
    header = (
        "external-id,product-store-id,item-status-id,order-date,quantity,product-sku,unit-price,"
        "customer-external-id,facility-id\n"
    )
    exchange = Exchange(service, tmp_path)
    for part in ("X", "Y"):
        exchange.run(
            "IMP_ORDER",
            header
            + "".join(
                f"{part}{n},STORE,ITEM_APPROVED,2026-11-01,{q},A,1.25,C{n},PRE_ORDER_PARKING\n"
                for n in range(5)
                for q in (5, 6)
            ),
        )
    with service.engine.connect() as connection:
        ids = connection.execute(
            select(order_header.c.ORDER_ID).order_by(order_header.c.ORDER_ID)
        ).scalars()
        assert list(ids) == [str(90000 + n) for n in range(10)]
        items = connection.execute(select(order_item.c.ORDER_ITEM_SEQ_ID).distinct()).scalars()
        assert sorted(items) == ["00001", "00002"]
        following = connection.execute(
            select(sequence_value_item.c.SEQ_ID).where(
                sequence_value_item.c.SEQ_NAME == "OrderHeader"
            )
        ).scalar_one()
    assert following == 90010
    assert service.verify().violations == ()
    service.apply(service.plan_undo())
    assert service.verify().violations == ()
