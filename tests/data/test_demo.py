"""The demo data: the same every time, every state on show, every copy and counter exact."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, inspect, text

from data.demo import generate
from data.demo.catalogue import FACILITIES, upc_check_digit
from data.demo.names import NOTABLE
from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from data.tables import metadata
from tests.conftest import DATABASES

TODAY = date(2026, 11, 22)
START_OF_TODAY = "2026-11-22 00:00:00"

# Lines with their orders, the vocabulary of nearly every check below.
SALES = """"ORDER_ITEM" i JOIN "ORDER_HEADER" h ON h."ORDER_ID" = i."ORDER_ID"
 AND h."ORDER_TYPE_ID" = 'SALES_ORDER'
 JOIN "ORDER_ITEM_SHIP_GROUP" g ON g."ORDER_ID" = i."ORDER_ID\""""
PURCHASE = """"ORDER_ITEM" i JOIN "ORDER_HEADER" h ON h."ORDER_ID" = i."ORDER_ID"
 AND h."ORDER_TYPE_ID" = 'PURCHASE_ORDER'"""


def filled(url: str, orders: int = 2000, seed: int = 7, today: date = TODAY) -> Engine:
    engine = open_engine(url)
    upgrade(engine)
    generate(engine, orders=orders, seed=seed, today=today)
    return engine


def default_demo(request: pytest.FixtureRequest, directory: Path) -> Iterator[Engine]:
    """The default demo on the dialect asked for, until the test module is done."""
    if request.param == "sqlite":
        engine = filled(sqlite_url(directory / "demo.db"))
        yield engine
        engine.dispose()
        return
    # A database of its own in the shared server: other tests empty the tables of theirs.
    server = open_engine(request.getfixturevalue(f"{request.param}_url"))
    name = f"demo_{uuid4().hex}"
    outside = server.connect().execution_options(isolation_level="AUTOCOMMIT")
    outside.exec_driver_sql(f"CREATE DATABASE {name}")
    engine = filled(server.url.set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    outside.exec_driver_sql(f"DROP DATABASE {name}")
    outside.close()
    server.dispose()


@pytest.fixture(scope="module", params=DATABASES)
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    yield from default_demo(request, tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = filled(sqlite_url(tmp_path_factory.mktemp("small") / "demo.db"), orders=60)
    yield engine
    engine.dispose()


def rows(engine: Engine, statement: str, **parameters: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(statement), parameters))


def count(engine: Engine, source: str, condition: str = "1 = 1", **parameters: Any) -> int:
    return int(rows(engine, f"SELECT COUNT(*) FROM {source} WHERE {condition}", **parameters)[0][0])


def none(engine: Engine, statement: str, **parameters: Any) -> None:
    """The statement looks for what must not be."""
    assert rows(engine, statement, **parameters)[:5] == []


def digest(engine: Engine) -> str:
    """All rows as they are stored, in the order of their keys."""
    found = hashlib.sha256()
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            keys = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}" ORDER BY {keys}'):
                found.update(repr(tuple(row)).encode())
    return found.hexdigest()


# --- The same every time ------------------------------------------------------------------------


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for index, (orders, seed, today) in enumerate(
        [
            (300, 7, TODAY),
            (300, 7, TODAY),
            (300, 8, TODAY),
            (301, 7, TODAY),
            (300, 7, date(2026, 1, 5)),
        ]
    ):
        engine = filled(sqlite_url(tmp_path / f"{index}.db"), orders, seed, today)
        digests.append(digest(engine))
        engine.dispose()
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_hash_seed_and_process_do_not_matter(tmp_path: Path) -> None:
    found = set()
    for hash_seed in ("1", "2"):
        path = tmp_path / f"{hash_seed}.db"
        subprocess.run(
            [sys.executable, "-c", _GENERATE, str(path)],
            check=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
        )
        engine = open_engine(sqlite_url(path))
        found.add(digest(engine))
        engine.dispose()
    assert len(found) == 1


_GENERATE = """
import sys
from datetime import date
from pathlib import Path
from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from data.demo import generate
engine = open_engine(sqlite_url(Path(sys.argv[1])))
upgrade(engine)
generate(engine, orders=200, today=date(2026, 11, 22))
heavy = {"pandas", "numpy"} & set(sys.modules)
assert not heavy, heavy
"""


def test_a_database_with_rows_is_refused_unchanged(small: Engine) -> None:
    before = digest(small)
    with pytest.raises(ValueError, match="empty database"):
        generate(small, orders=10, today=TODAY)
    assert digest(small) == before
    with pytest.raises(ValueError, match="at least one order"):
        generate(small, orders=0, today=TODAY)


TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "demo.db"))
    upgrade(engine)

    before = rows(engine, TRIGGERS)

    def give_up(done: int, _total: int) -> None:
        if done > 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(engine, orders=100, today=TODAY, progress=give_up)
    assert count(engine, '"PRODUCT"') == 0
    assert rows(engine, TRIGGERS) == before
    assert len(before) > 3
    engine.dispose()


def test_progress_counts_up_to_all_orders(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    engine = open_engine(sqlite_url(tmp_path / "demo.db"))
    upgrade(engine)
    generate(engine, orders=500, today=TODAY, progress=lambda *step: seen.append(step))
    engine.dispose()
    assert seen == sorted(seen)
    assert seen[-1] == (500, 500)
    assert {total for _, total in seen} == {500}


def test_default_demo_is_ready_soon(tmp_path: Path) -> None:
    """Orders are written many at a time: fewer statements than orders."""
    engine = open_engine(sqlite_url(tmp_path / "demo.db"))
    upgrade(engine)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _k, text, *_: statements.append(text))
    generate(engine, orders=2000, seed=7, today=TODAY)
    assert len(statements) < 1000
    engine.dispose()


def test_indexes_and_guards_are_all_there(demo: Engine) -> None:
    inspector = inspect(demo)
    for table in metadata.sorted_tables:
        wanted = {index.name for index in table.indexes}
        assert wanted <= {index["name"] for index in inspector.get_indexes(table.name)}


def test_sqlite_file_is_sound(demo: Engine) -> None:
    if demo.dialect.name != "sqlite":
        pytest.skip("a SQLite check")
    connection = sqlite3.connect(str(demo.url.database))
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        connection.close()


# --- Master data --------------------------------------------------------------------------------


def test_all_names_are_there(demo: Engine) -> None:
    people = rows(
        demo,
        'SELECT "PARTY_NAME", "EMAIL_ADDRESS", "COUNTRY", "POSTAL_ADDRESS" FROM "PARTY"'
        " WHERE \"PARTY_TYPE_ID\" = 'PERSON'",
    )
    assert len(people) == 2000 // 3
    names = {row[0] for row in people}
    assert {name for name, _, _ in NOTABLE} <= names
    assert len({row[2] for row in people}) == 13
    assert all(re.fullmatch(r"[a-z0-9.-]+@example\.(com|org)", row[1]) for row in people)
    assert len({row[1] for row in people}) == len(people)
    for script in ("[\u4e00-\u9fff]", "[\u0600-\u06ff]", "[\u0590-\u05ff]", "[\uac00-\ud7a3]", "'"):
        assert any(re.search(script, name) for name in names), script
    assert all(row[3] and "\n" not in row[3] for row in people)
    assert count(demo, '"PARTY"', "\"PARTY_TYPE_ID\" = 'PARTY_GROUP'") >= 4


def test_every_order_has_its_party(demo: Engine) -> None:
    for kind, role, party_type in (
        ("SALES_ORDER", "PLACING_CUSTOMER", "PERSON"),
        ("PURCHASE_ORDER", "BILL_FROM_VENDOR", "PARTY_GROUP"),
    ):
        none(
            demo,
            """SELECT h."ORDER_ID" FROM "ORDER_HEADER" h LEFT JOIN "ORDER_ROLE" r
            ON r."ORDER_ID" = h."ORDER_ID" AND r."ROLE_TYPE_ID" = :role
            LEFT JOIN "PARTY" p ON p."PARTY_ID" = r."PARTY_ID" AND p."PARTY_TYPE_ID" = :party
            LEFT JOIN "ORDER_ITEM_SHIP_GROUP" g ON g."ORDER_ID" = h."ORDER_ID"
            LEFT JOIN "FACILITY" f ON f."FACILITY_ID" = g."FACILITY_ID"
            WHERE h."ORDER_TYPE_ID" = :kind
             AND (p."PARTY_ID" IS NULL OR f."FACILITY_ID" IS NULL)""",
            kind=kind,
            role=role,
            party=party_type,
        )
    repeat = rows(demo, 'SELECT COUNT(*) FROM "ORDER_ROLE" GROUP BY "PARTY_ID" HAVING COUNT(*) > 3')
    assert len(repeat) > 50


def test_catalogue(demo: Engine) -> None:
    assert 250 <= count(demo, '"PRODUCT"', "\"IS_VARIANT\" = 'Y'") <= 350
    for source in (
        '"PRODUCT_ASSOC" a ON a."PRODUCT_ID_TO" = p."PRODUCT_ID"',
        '"GOOD_IDENTIFICATION" a ON a."PRODUCT_ID" = p."PRODUCT_ID"',
        '"PRODUCT_FEATURE_APPL" a ON a."PRODUCT_ID" = p."PRODUCT_ID"',
    ):
        none(
            demo,
            f"""SELECT p."PRODUCT_ID" FROM "PRODUCT" p LEFT JOIN {source}
            WHERE p."IS_VARIANT" = 'Y' AND a."PRODUCT_ID" IS NULL""",
        )
    skus = [sku for (sku,) in rows(demo, 'SELECT "INTERNAL_NAME" FROM "PRODUCT"')]
    assert len(set(skus)) == len(skus)
    assert all(re.fullmatch(r"[A-Z]{2}-\d\d(-[A-Z]{3}-[A-Z0-9]+)?", sku) for sku in skus)
    for (code,) in rows(demo, 'SELECT "ID_VALUE" FROM "GOOD_IDENTIFICATION"'):
        assert re.fullmatch(r"\d{12}", code)
        assert code[-1] == upc_check_digit(code[:11])
    assert upc_check_digit("03600029145") == "2"  # the example everybody gives
    stored = rows(demo, 'SELECT "FACILITY_ID", "FACILITY_TYPE_ID" FROM "FACILITY"')
    assert {tuple(row) for row in stored} == {facility[:2] for facility in FACILITIES}
    assert {tuple(row) for row in rows(demo, 'SELECT * FROM "SYSTEM_PROPERTY"')} == {
        ("preorder-tui", "time.zone", "UTC"),
        ("preorder-tui", "demo", "Y"),
    }


def test_sales_and_purchase_orders_share_a_sequence(demo: Engine) -> None:
    """Ids rise with the dates, purchase orders among sales orders."""
    found = rows(
        demo, 'SELECT "ORDER_ID", "ORDER_TYPE_ID", "ORDER_DATE", "ORDER_NAME", "EXTERNAL_ID" FROM'
        ' "ORDER_HEADER" ORDER BY "ORDER_ID"'
    )  # fmt: skip
    assert [int(row[0]) for row in found] == list(range(10_000, 12_040))
    days = [str(row[2])[:10] for row in found]
    assert days == sorted(days)
    sales = [row for row in found if row[1] == "SALES_ORDER"]
    assert [row[3] for row in sales] == [f"#{1001 + index}" for index in range(2000)]
    assert [row[2] for row in sales] == sorted(row[2] for row in sales)
    assert all(re.fullmatch(r"\d{13}", row[4]) for row in sales)
    purchases = [row[4] for row in found if row[1] == "PURCHASE_ORDER"]
    assert purchases == [f"PO-{20_001 + index}" for index in range(40)]
