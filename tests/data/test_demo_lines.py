"""The demo's order lines: counters and copies exact, every state of the desk on show."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from data.engine import sqlite_url
from data.tables import metadata
from tests.conftest import DATABASES
from tests.data.test_demo import (
    PURCHASE,
    SALES,
    START_OF_TODAY,
    count,
    default_demo,
    filled,
    none,
    rows,
)

OPEN = "i.\"STATUS_ID\" IN ('ITEM_CREATED', 'ITEM_APPROVED')"
WAITING = f"{OPEN} AND g.\"FACILITY_ID\" IN ('PRE_ORDER_PARKING', 'BACKORDER_PARKING')"
IS_LINKED = """EXISTS (SELECT 1 FROM "ORDER_ITEM_ASSOC" a WHERE a."ORDER_ID" = i."ORDER_ID"
 AND a."ORDER_ITEM_SEQ_ID" = i."ORDER_ITEM_SEQ_ID")"""


@pytest.fixture(scope="module", params=DATABASES)
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    yield from default_demo(request, tmp_path_factory.mktemp("demo"))


# --- Exact --------------------------------------------------------------------------------------


def assert_exact(engine: Engine) -> None:
    """Every counter and derived copy equals what the rows say."""
    for side in ("", "TO_"):
        none(
            engine,
            f"""SELECT i."ORDER_ID" FROM "ORDER_ITEM" i LEFT JOIN (
            SELECT "{side}ORDER_ID" AS o, "{side}ORDER_ITEM_SEQ_ID" AS s, SUM("QUANTITY") AS units
            FROM "ORDER_ITEM_ASSOC" GROUP BY 1, 2) a
            ON a.o = i."ORDER_ID" AND a.s = i."ORDER_ITEM_SEQ_ID"
            JOIN "ORDER_HEADER" h ON h."ORDER_ID" = i."ORDER_ID" AND h."ORDER_TYPE_ID" = :type
            WHERE i."ALLOCATED_QUANTITY" <> COALESCE(a.units, 0)""",
            type="PURCHASE_ORDER" if side else "SALES_ORDER",
        )
    none(
        engine,
        """SELECT s."ORDER_ID" FROM "ORDER_ITEM_ASSOC" a
        JOIN "ORDER_ITEM" s ON s."ORDER_ID" = a."ORDER_ID"
         AND s."ORDER_ITEM_SEQ_ID" = a."ORDER_ITEM_SEQ_ID"
        JOIN "ORDER_ITEM" p ON p."ORDER_ID" = a."TO_ORDER_ID"
         AND p."ORDER_ITEM_SEQ_ID" = a."TO_ORDER_ITEM_SEQ_ID"
        JOIN "ORDER_HEADER" sh ON sh."ORDER_ID" = s."ORDER_ID"
        JOIN "ORDER_HEADER" ph ON ph."ORDER_ID" = p."ORDER_ID"
        WHERE s."PRODUCT_ID" <> p."PRODUCT_ID" OR sh."ORDER_TYPE_ID" <> 'SALES_ORDER'
         OR ph."ORDER_TYPE_ID" <> 'PURCHASE_ORDER' OR p."STATUS_ID" = 'ITEM_CANCELLED'
         OR s."STATUS_ID" = 'ITEM_CANCELLED' OR sh."PRODUCT_STORE_ID" <> ph."PRODUCT_STORE_ID\"""",
    )
    latest: dict[tuple[str, str], tuple[Any, str, str]] = {}
    for order, seq, to_order, to_seq, arrival in rows(
        engine,
        """SELECT a."ORDER_ID", a."ORDER_ITEM_SEQ_ID", a."TO_ORDER_ID", a."TO_ORDER_ITEM_SEQ_ID",
        p."ESTIMATED_DELIVERY_DATE" FROM "ORDER_ITEM_ASSOC" a JOIN "ORDER_ITEM" p
        ON p."ORDER_ID" = a."TO_ORDER_ID" AND p."ORDER_ITEM_SEQ_ID" = a."TO_ORDER_ITEM_SEQ_ID\"""",
    ):
        found = latest.get((order, seq))
        mine = (arrival, to_order, to_seq)
        latest[order, seq] = mine if found is None else max(found, mine)
    for order, seq, status, po_id, arrival in rows(
        engine,
        f"""SELECT i."ORDER_ID", i."ORDER_ITEM_SEQ_ID", i."STATUS_ID", i."CORRESPONDING_PO_ID",
        i."ESTIMATED_DELIVERY_DATE" FROM {SALES}""",
    ):
        expected = latest.get((order, seq), (None, None, ""))
        assert arrival == expected[0], (order, seq)
        if status != "ITEM_CANCELLED":
            assert po_id == expected[1], (order, seq)
    none(
        engine,
        f"""SELECT i."ORDER_ID" FROM {PURCHASE}
        LEFT JOIN (SELECT "ORDER_ID" AS o, "ORDER_ITEM_SEQ_ID" AS s,
         SUM("QUANTITY_ACCEPTED") AS units FROM "SHIPMENT_RECEIPT" GROUP BY 1, 2) r
        ON r.o = i."ORDER_ID" AND r.s = i."ORDER_ITEM_SEQ_ID"
        WHERE i."RECEIVED_QUANTITY" IS NULL OR i."RECEIVED_QUANTITY" <> COALESCE(r.units, 0)
        OR i."ESTIMATED_DELIVERY_DATE" IS NULL OR i."ALLOCATED_QUANTITY" > COALESCE(i."ATP_CEILING",
        i."QUANTITY") OR i."IS_NEW_PRODUCT" IS NULL
        OR (i."STATUS_ID" = 'ITEM_CANCELLED' AND i."CANCEL_QUANTITY" <> i."QUANTITY")
        OR (h."STATUS_ID" = 'ORDER_COMPLETED' AND i."STATUS_ID" = 'ITEM_APPROVED')
        OR (h."STATUS_ID" = 'ORDER_CANCELLED' AND i."STATUS_ID" <> 'ITEM_CANCELLED')""",
    )
    none(
        engine,
        f"""SELECT i."ORDER_ID" FROM {SALES} WHERE i."RECEIVED_QUANTITY" IS NOT NULL
        OR i."IS_NEW_PRODUCT" IS NOT NULL OR i."ATP_CEILING" IS NOT NULL
        OR i."AVAILABLE_TO_PROMISE" IS NOT NULL
        OR (i."ALLOCATED_QUANTITY" > 0 AND i."PROMISED_DATETIME" IS NULL)
        OR (h."STATUS_ID" = 'ORDER_CANCELLED' AND i."STATUS_ID" <> 'ITEM_CANCELLED')
        OR (h."STATUS_ID" = 'ORDER_COMPLETED'
         AND (i."STATUS_ID" <> 'ITEM_COMPLETED' OR g."FACILITY_ID" <> 'WH1'))""",
    )
    none(
        engine,
        """SELECT h."ORDER_ID" FROM "ORDER_HEADER" h JOIN "ORDER_ITEM" i
        ON i."ORDER_ID" = h."ORDER_ID" GROUP BY h."ORDER_ID", h."GRAND_TOTAL"
        HAVING ABS(h."GRAND_TOTAL" - SUM(i."QUANTITY" * i."UNIT_PRICE")) > 0.0051""",
    )


def test_counters_and_copies_are_exact(demo: Engine) -> None:
    assert_exact(demo)


def test_times_are_stored_as_sqlalchemy_stores_them(demo: Engine) -> None:
    """Text that SQLAlchemy writes and the demo's text must sort and compare as one."""
    if demo.dialect.name != "sqlite":
        pytest.skip("only SQLite stores times as text")
    form = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
    with demo.connect() as connection:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if "DATETIME" in str(column.type):
                    stored = connection.exec_driver_sql(
                        f'SELECT DISTINCT "{column.name}" FROM "{table.name}"'
                        f' WHERE "{column.name}" IS NOT NULL'
                    ).scalars()
                    assert all(form.fullmatch(value) for value in stored), (table.name, column.name)
        for name in ("QUANTITY", "ALLOCATED_QUANTITY", "AVAILABLE_TO_PROMISE", "CANCEL_QUANTITY"):
            kinds = connection.exec_driver_sql(
                f'SELECT DISTINCT typeof("{name}") FROM "ORDER_ITEM"'
            )
            assert set(kinds.scalars()) <= {"integer", "null"}
    none(
        demo,
        """SELECT 1 FROM "ORDER_ITEM" WHERE "PROMISED_DATETIME" NOT LIKE '% 23:59:59.999000'
        OR "ESTIMATED_DELIVERY_DATE" NOT LIKE '% 23:59:59.999000'""",
    )


@pytest.mark.parametrize("orders", [1, 2, 7, 60])
@pytest.mark.parametrize("seed", [1, 2])
def test_any_size_and_seed_works(tmp_path: Path, orders: int, seed: int) -> None:
    engine = filled(sqlite_url(tmp_path / "demo.db"), orders=orders, seed=seed)
    assert count(engine, '"ORDER_HEADER"', "\"ORDER_TYPE_ID\" = 'SALES_ORDER'") == orders
    assert_exact(engine)
    engine.dispose()


# --- Every state on show ------------------------------------------------------------------------

STATES = {
    "presell lines that wait for supply": f"{SALES} WHERE {WAITING} AND NOT {IS_LINKED}",
    "in the backorder queue": f"{SALES} WHERE {OPEN} AND g.\"FACILITY_ID\" = 'BACKORDER_PARKING'",
    "in the brokering queue, from stock": (
        f"{SALES} WHERE {OPEN} AND g.\"FACILITY_ID\" = '_NA_' AND NOT {IS_LINKED}"
    ),
    "released to brokering with its allocation": (
        f"{SALES} WHERE {OPEN} AND g.\"FACILITY_ID\" = '_NA_' AND {IS_LINKED}"
    ),
    "released to a warehouse with its allocation": (
        f"{SALES} WHERE {OPEN} AND g.\"FACILITY_ID\" = 'WH1' AND {IS_LINKED}"
    ),
    "shipped with its allocation": (
        f"{SALES} WHERE i.\"STATUS_ID\" = 'ITEM_COMPLETED' AND {IS_LINKED}"
    ),
    "partly allocated": (
        f'{SALES} WHERE {WAITING} AND i."ALLOCATED_QUANTITY" > 0'
        ' AND i."ALLOCATED_QUANTITY" < i."QUANTITY" - i."CANCEL_QUANTITY"'
    ),
    "split over two purchase order lines": (
        f"{SALES} WHERE {WAITING} AND 2 <= (SELECT COUNT(*) FROM \"ORDER_ITEM_ASSOC\" a"
        ' WHERE a."ORDER_ID" = i."ORDER_ID" AND a."ORDER_ITEM_SEQ_ID" = i."ORDER_ITEM_SEQ_ID")'
    ),
    "promise kept without supply": (
        f'{SALES} WHERE {WAITING} AND NOT {IS_LINKED} AND i."PROMISED_DATETIME" IS NOT NULL'
    ),
    "lost its supply to a cancelled purchase order": (
        f"{SALES} JOIN \"ORDER_ITEM_CHANGE\" c ON c.\"ORDER_ID\" = i.\"ORDER_ID\""
        ' AND c."ORDER_ITEM_SEQ_ID" = i."ORDER_ITEM_SEQ_ID" AND c."FIELD" = \'allocation\''
        " AND c.\"NEW_VALUE\" = '0' JOIN \"ORDER_HEADER\" p ON p.\"ORDER_ID\" = c.\"TO_ORDER_ID\""
        f" AND p.\"STATUS_ID\" = 'ORDER_CANCELLED' WHERE {WAITING} AND NOT {IS_LINKED}"
        ' AND i."PROMISED_DATETIME" IS NOT NULL'
    ),
    "promise before arrival": (
        f'{SALES} WHERE {WAITING} AND i."PROMISED_DATETIME" < i."ESTIMATED_DELIVERY_DATE"'
    ),
    "promise after arrival": (
        f'{SALES} WHERE {WAITING} AND i."PROMISED_DATETIME" > i."ESTIMATED_DELIVERY_DATE"'
    ),
    "in sync": f'{SALES} WHERE {WAITING} AND i."PROMISED_DATETIME" = i."ESTIMATED_DELIVERY_DATE"',
    "overdue": f"{SALES} WHERE {WAITING} AND i.\"PROMISED_DATETIME\" < '{START_OF_TODAY}'",
    "cancelled line that keeps its purchase order": (
        f"{SALES} WHERE i.\"STATUS_ID\" = 'ITEM_CANCELLED'"
        ' AND i."CORRESPONDING_PO_ID" IS NOT NULL'
    ),
    "one line of an order cancelled": (
        f"{SALES} WHERE i.\"STATUS_ID\" = 'ITEM_CANCELLED' AND h.\"STATUS_ID\" = 'ORDER_APPROVED'"
    ),
    "partly cancelled": (
        f'{SALES} WHERE i."CANCEL_QUANTITY" > 0 AND i."CANCEL_QUANTITY" < i."QUANTITY"'
    ),
    "auto-cancel date": f'{SALES} WHERE {OPEN} AND i."AUTO_CANCEL_DATE" IS NOT NULL',
    "a dozen": f'{SALES} WHERE i."QUANTITY" = 12',
    "gift": f'{SALES} WHERE g."GIFT_MESSAGE" IS NOT NULL',
    "late purchase order line": (
        f"{PURCHASE} WHERE {OPEN} AND i.\"ESTIMATED_DELIVERY_DATE\" < '{START_OF_TODAY}'"
        ' AND i."RECEIVED_QUANTITY" = 0'
    ),
    "partly received": (
        f'{PURCHASE} WHERE {OPEN} AND i."RECEIVED_QUANTITY" > 0'
        ' AND i."RECEIVED_QUANTITY" < i."QUANTITY"'
    ),
    "fully received": (
        f"{PURCHASE} WHERE h.\"STATUS_ID\" = 'ORDER_COMPLETED'"
        ' AND i."RECEIVED_QUANTITY" = i."QUANTITY"'
    ),
    "with a ceiling": f'{PURCHASE} WHERE {OPEN} AND i."ATP_CEILING" < i."QUANTITY"',
    "line cancelled in an open purchase order": (
        f"{PURCHASE} WHERE i.\"STATUS_ID\" = 'ITEM_CANCELLED'"
        " AND h.\"STATUS_ID\" = 'ORDER_APPROVED'"
    ),
    "used up": f'{PURCHASE} WHERE {OPEN} AND i."AVAILABLE_TO_PROMISE" = 0',
    "to give": f'{PURCHASE} WHERE {OPEN} AND i."AVAILABLE_TO_PROMISE" > 0',
    "new product": f"{PURCHASE} WHERE i.\"IS_NEW_PRODUCT\" = 'Y'",
    "known product": f"{PURCHASE} WHERE i.\"IS_NEW_PRODUCT\" = 'N'",
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_state_is_on_show(demo: Engine, state: str) -> None:
    assert rows(demo, f"SELECT COUNT(*) FROM {STATES[state]}")[0][0] > 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_states_do_not_hang_on_one_seed(tmp_path: Path, seed: int) -> None:
    engine = filled(sqlite_url(tmp_path / "demo.db"), seed=seed, today=date(2027, 2, 28))
    missing = [
        state
        for state, source in STATES.items()
        if not rows(
            engine, f"SELECT COUNT(*) FROM {source}".replace(START_OF_TODAY, "2027-02-28 00:00:00")
        )[0][0]
    ]
    engine.dispose()
    assert missing == []


def test_statuses_and_their_shares(demo: Engine) -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, status in rows(demo, 'SELECT "ORDER_TYPE_ID", "STATUS_ID" FROM "ORDER_HEADER"'):
        found[kind][status] += 1
    sales, purchase = found["SALES_ORDER"], found["PURCHASE_ORDER"]
    assert sales.total() == 2000
    assert purchase.total() == 40
    assert set(purchase) == {
        "ORDER_CREATED",
        "ORDER_APPROVED",
        "ORDER_COMPLETED",
        "ORDER_CANCELLED",
    }
    assert set(sales) == {*purchase, "ORDER_HOLD"}
    assert sales["ORDER_APPROVED"] > 1300
    assert purchase["ORDER_APPROVED"] > 24
    lines = count(demo, SALES)
    assert 2.0 < lines / 2000 < 2.4
    assert count(demo, SALES, 'i."QUANTITY" = 1') > 0.75 * lines
    waiting = count(demo, SALES, WAITING)
    unallocated = count(demo, SALES, f"{WAITING} AND NOT {IS_LINKED}")
    assert 0.10 < unallocated / waiting < 0.20
    assert (
        count(demo, SALES, f"{WAITING} AND i.\"PROMISED_DATETIME\" < '{START_OF_TODAY}'")
        < 0.2 * waiting
    )


def test_arrivals_and_order_dates_surround_today(demo: Engine) -> None:
    first, last = rows(
        demo,
        'SELECT MIN("ORDER_DATE"), MAX("ORDER_DATE") FROM "ORDER_HEADER"'
        " WHERE \"ORDER_TYPE_ID\" = 'SALES_ORDER'",
    )[0]
    assert str(first)[:10] == "2026-07-26"
    assert str(last)[:10] <= "2026-11-22"
    first, last = rows(
        demo,
        f"""SELECT MIN(i."ESTIMATED_DELIVERY_DATE"), MAX(i."ESTIMATED_DELIVERY_DATE")
        FROM {PURCHASE} WHERE i."STATUS_ID" IN ('ITEM_CREATED', 'ITEM_APPROVED')""",
    )[0]
    assert "2026-10-20" <= str(first)[:10] < "2026-11-22"
    assert "2027-02-01" < str(last)[:10] <= "2027-03-22"
