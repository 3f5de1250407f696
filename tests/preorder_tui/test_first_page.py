"""The page read before SQLAlchemy is there is the page that the desk reads afterwards.

``python -m tests.preorder_tui.test_first_page`` writes its statements anew.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import ClauseElement
from sqlalchemy.dialects import sqlite

from data.demo import generate
from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from preorder_tui import (
    customers,
    find_sales_orders,
    first_page_sql,
    grants,
    opening,
    sales_order_rows,
)
from preorder_tui.actor import Actor
from preorder_tui.errors import NotPermitted
from preorder_tui.first_page import first_page
from preorder_tui.permissions import Permission
from preorder_tui.records import SalesOrderQuery
from preorder_tui.sales_order_filters import shape_of
from preorder_tui.service import Service

ANA, BEN = Actor("ana", "desk"), Actor("ben", "desk")

# --- Its statements -----------------------------------------------------------------------------


def written(statement: ClauseElement) -> str:
    """A statement as SQLAlchemy writes it for SQLite, with what is fixed in it as literals."""
    dialect = sqlite.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect)
    text = re.sub(r"__\[POSTCOMPILE_(\w+)\]", r"{\1}", " ".join(str(compiled).split()))
    for name, value in compiled.params.items():
        if value is not None:
            literal = f"'{value}'" if isinstance(value, str) else str(value)
            text = re.sub(rf":{name}\b", literal, text)
    return text


def statements() -> dict[str, str]:
    """Those of the usual way."""
    shape = shape_of(SalesOrderQuery())
    return {
        "VERSION": "SELECT version_num FROM alembic_version",
        "TIME_ZONE": written(opening.TIME_ZONE_WRITTEN),
        "GRANTS": written(grants.OF_LOGIN.statement),
        "ORDERS": written(find_sales_orders._orders_statement(shape, "orderDate", 0, False, False)),
        "LINES": written(sales_order_rows._LINES_OF_ORDERS),
        "CUSTOMERS": written(customers._NAMES),
        "PINNED": written(sales_order_rows._PINNED_LINES),
    }


def module() -> str:
    """The text of :mod:`preorder_tui.first_page_sql`."""
    parts = ['"""The statements of the first page, made by its test."""\n']
    for name, text in statements().items():
        lines = "\n".join(textwrap.wrap(text, 100, break_long_words=False))
        parts.append(f'{name} = """\n{lines}\n"""')
    return "\n".join(parts) + "\n"


def test_the_statements_are_those_of_the_usual_way() -> None:
    kept = {name: " ".join(getattr(first_page_sql, name).split()) for name in statements()}
    assert kept == statements(), "run `python -m tests.preorder_tui.test_first_page`"


# --- Its rows -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("first") / "book.db"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    generate(engine, orders=300, seed=5, today=date(2026, 11, 25))
    engine.dispose()
    raw = sqlite3.connect(path)
    raw.execute("UPDATE PARTY SET PARTY_NAME = 'Ev\x1b[31mil ' || PARTY_NAME")
    newest = "SELECT ORDER_ID FROM ORDER_HEADER WHERE ORDER_TYPE_ID = 'SALES_ORDER'"
    newest += " ORDER BY ORDER_DATE DESC LIMIT 30"
    raw.execute(f"UPDATE ORDER_ITEM_ASSOC SET PINNED = 'Y' WHERE ORDER_ID IN ({newest})")
    raw.execute(f"UPDATE ORDER_HEADER SET ORDER_NAME = NULL WHERE ORDER_ID IN ({newest[:-2]}3)")
    raw.commit()
    raw.close()
    return path


@pytest.mark.parametrize("size", [1, 19, 300, 1000])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_it_is_the_page_that_the_service_reads(path: Path, size: int, zone: str) -> None:
    raw = sqlite3.connect(path)
    raw.execute(
        "UPDATE SYSTEM_PROPERTY SET SYSTEM_PROPERTY_VALUE = ?"
        " WHERE SYSTEM_PROPERTY_ID = 'time.zone'",
        [zone],
    )
    raw.execute(
        "INSERT OR IGNORE INTO SYSTEM_PROPERTY (SYSTEM_RESOURCE_ID, SYSTEM_PROPERTY_ID,"
        " SYSTEM_PROPERTY_VALUE) VALUES ('preorder-tui', 'time.zone', ?)",
        [zone],
    )
    raw.commit()
    raw.close()
    service = Service.open(sqlite_url(path), ANA)
    page = first_page(sqlite_url(path), ANA, size)
    wanted = service.find_sales_orders(SalesOrderQuery(), size)
    service.close()
    assert page == wanted
    assert page is not None
    assert any(row.pinned for row in page.rows) == (size > 1)


def test_it_needs_no_sqlalchemy(path: Path) -> None:
    code = (
        "import sys; from preorder_tui.first_page import first_page;"
        "from preorder_tui.actor import Actor;"
        f"page = first_page({sqlite_url(path)!r}, Actor('ana'), 5);"
        "print(len(page.rows), 'sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["5", "False"]


# --- Where there is none ------------------------------------------------------------------------


def test_an_empty_book_has_an_empty_page(sqlite_file: Path) -> None:
    page = first_page(sqlite_url(sqlite_file), ANA, 20)
    assert page is not None
    assert (page.rows, page.at_start, page.at_end) == ((), True, True)


def test_who_may_not_look_sees_none(sqlite_file: Path) -> None:
    url = sqlite_url(sqlite_file)
    service = Service.open(url, ANA)
    service.found_people()
    service.add_group("NEWCOMERS")
    service.add_person("ben", ["NEWCOMERS"])
    service.close()
    assert first_page(url, ANA, 20) is not None
    for actor in (BEN, Actor("carl", "desk"), Actor("ana", "desk", "ben")):
        assert first_page(url, actor, 20) is None
        other = Service.open(url, actor)
        with pytest.raises(NotPermitted):
            other.require(Permission.VIEW)
        other.close()
    service = Service.open(url, ANA)
    service.permit("NEWCOMERS", allow=[Permission.VIEW])
    assert first_page(url, BEN, 20) is not None
    service.enable_person("ben", enabled=False)
    service.close()
    assert first_page(url, BEN, 20) is None


def test_of_another_version_there_is_none(sqlite_file: Path) -> None:
    raw = sqlite3.connect(sqlite_file)
    raw.execute("UPDATE alembic_version SET version_num = '0000'")
    raw.commit()
    raw.close()
    assert first_page(sqlite_url(sqlite_file), ANA, 20) is None


def test_of_what_is_no_database_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear Ana, " * 1000)
    (tmp_path / "empty.db").touch()
    for name in ("letter.db", "empty.db", "missing.db", "."):
        assert first_page(sqlite_url(tmp_path / name), ANA, 20) is None
    assert not (tmp_path / "missing.db").exists()
    for url in ("postgresql://host/book", "sqlite://", "sqlite:///:memory:", "nonsense"):
        assert first_page(url, ANA, 20) is None


def test_a_book_that_somebody_has_locked_is_not_waited_for(sqlite_file: Path) -> None:
    raw = sqlite3.connect(sqlite_file, isolation_level=None)
    raw.execute("PRAGMA journal_mode = DELETE")
    raw.execute("BEGIN EXCLUSIVE")
    assert first_page(sqlite_url(sqlite_file), ANA, 20) is None
    raw.execute("ROLLBACK")
    assert first_page(sqlite_url(sqlite_file), ANA, 20) is not None
    raw.close()


@pytest.fixture
def sqlite_file(tmp_path: Path, sqlite_template: Path) -> Path:
    path = tmp_path / "book #1.db"
    path.write_bytes(sqlite_template.read_bytes())
    return path


if __name__ == "__main__":
    Path(str(first_page_sql.__file__)).write_text(module())
