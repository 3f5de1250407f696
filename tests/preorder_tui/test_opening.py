"""Opening a database, and making one ready."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import make_url, select, text

from data.engine import open_engine, sqlite_url
from data.tables import facility, product_store, sequence_value_item, system_property
from preorder_tui.demo_site import make_demo_site
from preorder_tui.errors import Refused, Unreachable, WrongUsage
from preorder_tui.opening import initialise, name_of, open_database, sentence_for
from tests.preorder_tui.command_line import CommandLine


def opens(url: str) -> str:
    """The sentence that refuses to open ``url``."""
    with pytest.raises(Unreachable) as caught:
        open_database(url)
    return caught.value.sentence


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert "preorder-tui init" in opens(sqlite_url(path))
    assert not path.exists()


def test_empty_foreign_and_newer(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.touch()
    assert "is empty: run preorder-tui init" in opens(sqlite_url(path))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    assert "another program" in opens(sqlite_url(path))
    with pytest.raises(Unreachable, match="another program"):
        initialise(sqlite_url(path))
    with pytest.raises(Unreachable, match="another program"):
        make_demo_site(sqlite_url(path), orders=1, seed=1)


def test_newer_and_broken_versions(sqlite_database_url: str) -> None:
    engine = open_engine(sqlite_database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert "newer" in opens(sqlite_database_url)
    with pytest.raises(Unreachable, match="newer"):
        initialise(sqlite_database_url)


def test_what_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(b"just a text file, and a rather long one" * 100)
    before = path.read_bytes()
    assert "not a SQLite database" in opens(sqlite_url(path))
    assert path.read_bytes() == before
    assert "is a folder" in opens(sqlite_url(tmp_path))
    path.write_bytes(b"SQLite format 3\x00" + b"rubbish" * 1000)
    assert sentence_is_plain(opens(sqlite_url(path)))


def sentence_is_plain(sentence: str) -> bool:
    """Whether it is one line without traces of the program."""
    return "\n" not in sentence and "Traceback" not in sentence and "sqlalche.me" not in sentence


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:s3cret@127.0.0.1:1/desk",
        "mysql://ana:s3cret@127.0.0.1:1/desk",
        "postgresql://ana:s3cret@127.0.0.1:port/desk",
        "postgresql+nodriver://ana:s3cret@127.0.0.1/desk",
        "oracle://ana:s3cret@127.0.0.1/desk",
        "postgresql:/ana:s3cret@127.0.0.1/desk",
        "ana:s3cret@127.0.0.1",
        "postgresql://127.0.0.1:1/desk?user=ana&password=s3cret",
        "",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_unreachable_without_the_password(url: str) -> None:
    sentence = opens(url)
    assert "s3cret" not in sentence
    assert sentence_is_plain(sentence)
    with pytest.raises(Unreachable) as caught:
        initialise(url)
    assert "s3cret" not in caught.value.sentence


def test_sentence_for_takes_a_url_object() -> None:
    url = make_url("postgresql://ana:s3cret@127.0.0.1:1/desk")
    sentence = sentence_for(url, RuntimeError("password s3cret is wrong\nand more"))
    assert sentence == (
        "postgresql://ana@127.0.0.1:1/desk does not answer as it should: password *** is wrong"
    )


def test_initialise_seeds_once(database_url: str) -> None:
    assert initialise(database_url, time_zone="Europe/Lisbon")
    again = initialise(database_url)
    assert "nothing has changed" in again
    assert "Europe/Lisbon" in again
    engine, clock = open_database(database_url)
    assert clock.zone == ZoneInfo("Europe/Lisbon")
    with engine.connect() as connection:
        assert connection.execute(select(product_store.c.PRODUCT_STORE_ID)).scalars().all() == [
            "STORE"
        ]
        places = set(connection.execute(select(facility.c.FACILITY_ID)).scalars())
        numbers = dict(
            connection.execute(
                select(sequence_value_item.c.SEQ_NAME, sequence_value_item.c.SEQ_ID)
            ).all()
        )
        assert len(connection.execute(select(system_property)).all()) == 1
    engine.dispose()
    assert {"WAREHOUSE", "_NA_", "PRE_ORDER_PARKING", "BACKORDER_PARKING"} < places
    assert len(places) == 10
    assert numbers == {"OrderHeader": 10000, "Product": 10000, "Party": 10000,
                       "ProductFeature": 10000}  # fmt: skip


def test_initialise_makes_the_file_and_checks_the_zone(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with pytest.raises(WrongUsage):
        initialise(sqlite_url(path), time_zone="Mars/Olympus")
    assert not path.exists()
    assert "is ready" in initialise(sqlite_url(path))
    engine, _ = open_database(sqlite_url(path))
    engine.dispose()
    with pytest.raises(Unreachable, match="folder"):
        initialise(sqlite_url(tmp_path / "none" / "x.db"))


def test_a_broken_time_zone_is_told(database_url: str) -> None:
    initialise(database_url)
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(system_property.update().values(SYSTEM_PROPERTY_VALUE="Nowhere"))
    engine.dispose()
    assert "time zone" in opens(database_url)


def test_init_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli = CommandLine(sqlite_url(tmp_path / "x.db"), capsys)
    assert cli.refuses(4, "find", "sales").startswith("there is no database at")
    assert cli.json("init", "--dry-run")["state"] == "empty"
    assert not (tmp_path / "x.db").exists()
    assert cli.json("init")["state"] == "ready"
    assert cli.json("find", "sales") == []
    assert cli("init").status == 0
    assert cli("init", "--demo", "--orders", "20").status == 0
    assert cli.json("find", "sales")
    assert cli.json("verify")["violations"] == []
    assert "already" in cli.refuses(1, "init", "--demo")
    cli.refuses(2, "init", "--time-zone", "Mars/Olympus")


def test_demo_only_on_an_unused_site(sqlite_database_url: str) -> None:
    initialise(sqlite_database_url)
    engine = open_engine(sqlite_database_url)
    with engine.begin() as connection:
        connection.execute(
            facility.insert().values(FACILITY_ID="MINE", FACILITY_TYPE_ID="WAREHOUSE")
        )
    engine.dispose()
    with pytest.raises(Refused):
        make_demo_site(sqlite_database_url, orders=1, seed=1)


def test_wrong_today(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PREORDER_TUI_TODAY", "2026-02-30")
    CommandLine(sqlite_database_url, capsys).refuses(2, "find", "sales")


def test_a_url_of_several_hosts_is_named_by_them() -> None:
    assert name_of("mariadb://ana:s3cret@/desk?host=a:3306&host=b:3306") == (
        "mariadb://ana@a:3306,b:3306/desk"
    )
    assert name_of("mariadb+pymysql://ana:s3cret@db:3306/desk") == "mariadb://ana@db:3306/desk"


def test_a_missing_driver_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    assert opens("mariadb://ana:s3cret@db/desk") == (
        "the driver for mariadb://ana@db/desk is not installed: install preorder-tui[mariadb]."
    )
