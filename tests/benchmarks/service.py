"""Service calls beside raw sqlite3 doing the same work on the same file."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from pathlib import Path

from data.engine import open_engine, sqlite_url
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.records import SalesOrderQuery
from preorder_tui.service import Service
from preorder_tui.settings import login_name
from tests.benchmarks.figures import Figure, milliseconds
from tests.book import Book

TODAY = date(2026, 11, 25)
RAW_PAGE = (
    "SELECT ORDER_ID, ORDER_NAME, ORDER_DATE, STATUS_ID FROM ORDER_HEADER "
    "WHERE ORDER_TYPE_ID = 'SALES_ORDER' ORDER BY ORDER_DATE DESC, ORDER_ID DESC LIMIT 50"
)


def service_on(path: Path) -> Service:
    """A service on a SQLite file, for the person who runs the benchmark."""
    # Who has made the book is its administrator.
    return Service(open_engine(sqlite_url(path)), Actor(login_name()), Clock(UTC, TODAY))


def find_pages(path: Path) -> Iterator[Figure]:
    """The first page of Find Sales Order, unfiltered."""
    raw = sqlite3.connect(path)
    service = service_on(path)
    floor = milliseconds(lambda: raw.execute(RAW_PAGE).fetchall(), 51)
    for name, query in (
        ("first page", SalesOrderQuery()),
        ("unallocated", SalesOrderQuery(allocation="unallocated")),
        ("soonest promise", SalesOrderQuery(sort="promisedDatetime")),
        ("search 'mer'", SalesOrderQuery(text="mer")),
    ):
        value = milliseconds(lambda query=query: service.find_sales_orders(query, 50), 21)  # type: ignore[misc]
        yield Figure(f"Find Sales Order, {name}", "raw headers", floor, value, "ms", "≤ 20 ms")
        value = milliseconds(
            lambda query=query: service.find_sales_orders(query, 50, place="last"),  # type: ignore[misc]
            21,
        )
        yield Figure(f"Find, last page, {name}", "raw headers", floor, value, "ms", "≤ 20 ms")
    raw.close()
    service.close()


def sync(template: Path, lines: int = 10_000) -> Iterator[Figure]:
    """Sync one purchase order line with ``lines`` sales order lines, journal included."""
    folder = Path(tempfile.mkdtemp(prefix="preorder-bench-"))
    path = folder / "sync.db"
    shutil.copy(template, path)
    service = service_on(path)
    book = Book(service.engine, service.clock)
    (line,) = book.purchase_order("90000", TODAY + timedelta(days=10), [("S", lines)])
    _many_orders(book, lines)
    service.apply(service.plan_allocate_sales_orders(line))
    service.apply(service.plan_arrival_date(line, TODAY + timedelta(days=20)))
    service.engine.dispose()
    floor_path = folder / "floor.db"
    shutil.copy(path, floor_path)
    floor = _raw_sync(floor_path)
    start = time.perf_counter()
    outcome = service.apply(service.plan_sync_dates(line))
    value = (time.perf_counter() - start) * 1000
    assert outcome.applied == lines, outcome
    assert service.verify().violations == ()
    service.close()
    shutil.rmtree(folder)
    yield Figure(f"sync {lines:,} lines, plan + apply", "raw set-based SQL", floor, value, "ms", "")


def _many_orders(book: Book, lines: int) -> None:
    product = book.product("S")
    with book.engine.begin() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        numbers = [(str(100_000 + n),) for n in range(lines)]
        raw.executemany(
            "INSERT INTO ORDER_HEADER (ORDER_ID, ORDER_TYPE_ID, ORDER_DATE, ENTRY_DATE, STATUS_ID,"
            " PRODUCT_STORE_ID) VALUES (?, 'SALES_ORDER', '2026-10-01 00:00:00.000000',"
            " '2026-10-01 00:00:00.000000', 'ORDER_APPROVED', 'STORE')",
            numbers,
        )
        raw.executemany(
            "INSERT INTO ORDER_ITEM_SHIP_GROUP (ORDER_ID, SHIP_GROUP_SEQ_ID, FACILITY_ID) "
            "VALUES (?, '00001', 'PRE_ORDER_PARKING')",
            numbers,
        )
        raw.executemany(
            "INSERT INTO ORDER_ITEM (ORDER_ID, ORDER_ITEM_SEQ_ID, ORDER_ITEM_TYPE_ID, PRODUCT_ID,"
            " QUANTITY, STATUS_ID, SHIP_GROUP_SEQ_ID) "
            f"VALUES (?, '00001', 'PRODUCT_ORDER_ITEM', '{product}', 1, 'ITEM_APPROVED', '00001')",
            numbers,
        )


def sync_spread(book: Path) -> Iterator[Figure]:
    """Sync one purchase order line whose 10,000 lines are in orders all over a copy of ``book``."""
    from tests.benchmarks.explaining import PURCHASE, serve_many

    with tempfile.TemporaryDirectory(prefix="preorder-bench-", dir=book.parent) as folder:
        path, floor_path = Path(folder) / "book.db", Path(folder) / "floor.db"
        shutil.copy(book, path)
        lines = serve_many(path)
        service = service_on(path)
        service.apply(service.plan_arrival_date(PURCHASE, TODAY + timedelta(days=20)))
        service.engine.dispose()
        shutil.copy(path, floor_path)
        floor = _raw_sync(floor_path, PURCHASE.order_id)
        start = time.perf_counter()
        outcome = service.apply(service.plan_sync_dates(PURCHASE))
        value = (time.perf_counter() - start) * 1000
        assert outcome.applied == lines, outcome
        service.close()
        yield Figure(
            f"sync {lines:,} lines of the whole book, plan + apply", "raw set-based SQL", floor,
            value, "ms", "≤ 1.5x",
        )  # fmt: skip


def _raw_sync(path: Path, purchase_order: str = "90000") -> float:
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA synchronous = NORMAL")
    start = time.perf_counter()
    raw.execute(
        "INSERT INTO CHANGE_SET (CHANGE_DATETIME, CHANGE_USER_LOGIN, ORIGIN, COMMAND, CHANGE_COUNT)"
        " VALUES ('2026-11-25', 'x', 'x', 'x', 1)"
    )
    raw.execute(
        "INSERT INTO ORDER_ITEM_CHANGE (CHANGE_SET_ID, ORDER_ID, ORDER_ITEM_SEQ_ID,"
        " CHANGE_TYPE_ENUM_ID, FIELD, OLD_VALUE, NEW_VALUE) SELECT 1, i.ORDER_ID,"
        " i.ORDER_ITEM_SEQ_ID, 'ITM_DLVRYDATE_CHNGD', 'promisedDatetime', i.PROMISED_DATETIME,"
        " i.ESTIMATED_DELIVERY_DATE FROM ORDER_ITEM_ASSOC a JOIN ORDER_ITEM i USING"
        " (ORDER_ID, ORDER_ITEM_SEQ_ID) WHERE a.TO_ORDER_ID = ?",
        (purchase_order,),
    )
    raw.execute(
        "UPDATE ORDER_ITEM SET PROMISED_DATETIME = ESTIMATED_DELIVERY_DATE,"
        " CHANGE_BY_USER_LOGIN_ID = 'x', LAST_UPDATED_STAMP = '2026-11-25 00:00:00.000000',"
        " ROW_VERSION = ROW_VERSION + 1 WHERE (ORDER_ID, ORDER_ITEM_SEQ_ID) IN"
        " (SELECT ORDER_ID, ORDER_ITEM_SEQ_ID FROM ORDER_ITEM_ASSOC WHERE TO_ORDER_ID = ?)",
        (purchase_order,),
    )
    raw.commit()
    taken = (time.perf_counter() - start) * 1000
    raw.close()
    return taken
