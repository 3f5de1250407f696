"""A book of many orders that all wait, and the files of an import over all of them."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, insert, select

from data import tables as t
from data.tables import metadata
from preorder_tui.clock import Clock
from tests.book import Book

TODAY = date(2026, 11, 25)
PRODUCTS = 40
MOVING = {"ROW_VERSION", "LAST_UPDATED_STAMP", "CHANGE_BY_USER_LOGIN_ID", "FROM_DATE", "CREATED_BY"}
STORED = ("ORDER_HEADER", "ORDER_ITEM", "ORDER_ITEM_ASSOC")


def wide_book(engine: Engine, orders: int) -> None:
    """So many sales orders of one line, and supply for all but a few of them."""
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    products = [book.product(f"SKU{n:02}") for n in range(PRODUCTS)]
    placed = datetime(2026, 5, 1, 12)
    supplied = orders * 2 // PRODUCTS // 2 - 2
    headers, groups, items = [], [], []
    for number in range(orders + 2 * PRODUCTS):
        sale = number < orders
        order_id = f"{100_000 + number if sale else 900_000 + number - orders}"
        headers.append(
            {
                "ORDER_ID": order_id,
                "ORDER_TYPE_ID": "SALES_ORDER" if sale else "PURCHASE_ORDER",
                "ORDER_DATE": placed + timedelta(minutes=number),
                "ENTRY_DATE": placed + timedelta(minutes=number),
                "STATUS_ID": "ORDER_APPROVED",
                "PRODUCT_STORE_ID": "STORE",
            }
        )
        groups.append(
            {
                "ORDER_ID": order_id,
                "SHIP_GROUP_SEQ_ID": "00001",
                "FACILITY_ID": "PRE_ORDER_PARKING" if sale else "WH1",
            }
        )
        items.append(
            {
                "ORDER_ID": order_id,
                "ORDER_ITEM_SEQ_ID": "00001",
                "PRODUCT_ID": products[number % PRODUCTS],
                "QUANTITY": 2 if sale else supplied,
                "STATUS_ID": "ITEM_APPROVED",
                "ESTIMATED_DELIVERY_DATE": (
                    None if sale else clock.end_of(TODAY + timedelta(days=9 + number % 60))
                ),
                "RECEIVED_QUANTITY": None if sale else 0,
            }
        )
    with engine.begin() as connection:
        connection.execute(insert(t.order_header), headers)
        connection.execute(insert(t.order_item_ship_group), groups)
        connection.execute(insert(t.order_item), items)


def promises(path: Path, orders: int) -> Path:
    """A file with a promise date for each sales order."""
    rows = "".join(
        f"{100_000 + n},00001,{TODAY + timedelta(days=20 + n % 50)}\n" for n in range(orders)
    )
    path.write_text(f"order-id,order-item-seq-id,promised-datetime\n{rows}")
    return path


def content(engine: Engine) -> str:
    """What the order tables hold, without what every change moves, as a short text."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for name in STORED:
            table = metadata.tables[name]
            columns = [column for column in table.c if column.name not in MOVING]
            for row in connection.execute(select(*columns).order_by(*table.primary_key)):
                digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def schema(path: Path) -> set[tuple[str, str, str | None]]:
    """Everything a SQLite file is made of: tables, indexes, triggers."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return set(connection.execute("SELECT type, name, sql FROM sqlite_master"))
    finally:
        connection.close()
