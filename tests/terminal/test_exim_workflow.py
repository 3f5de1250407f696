"""The seed's workflow "bulk promise dates by CSV" in a real terminal, from the menu on."""

from __future__ import annotations

import os
from datetime import UTC, date
from pathlib import Path

import pytest

from data.engine import open_engine
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.terminal.pty_desk import Desk

SOON, LATER = date(2026, 12, 15), date(2027, 3, 1)
TO_PROMISE_DATES = ("F10", "exim", "Enter", *["Down"] * 6, "Enter")
"""Hamburger Menu > MDM > EXIM > Import > IMP_ORD_ITEM_UPD."""


@pytest.fixture
def site(sqlite_database_url: str) -> Service:
    """Three lines promised for 15 December."""
    engine = open_engine(sqlite_database_url)
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    for number in (1, 2, 3):
        book.sales_order(f"1000{number}", date(2026, 11, number), [("SKU-1", 2)], promised=SOON)
    return Service(engine, Actor("bob", "command"), clock)


def promises(service: Service) -> list[date | None]:
    return [service.sales_order(f"1000{n}").items[0].promise_date for n in (1, 2, 3)]


def imported_modules(pid: int) -> str:
    """The libraries that a process has mapped."""
    return Path(f"/proc/{pid}/maps").read_text()


def test_promise_dates_by_csv(site: Service, sqlite_database_url: str, tmp_path: Path) -> None:
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    hostile = "E\x1b[2J\x1b]0;own\x07[red]"
    (exchange / "dates.csv").write_text(
        "order-id,order-item-seq-id,promised-datetime,change-comments\n"
        f"10001,1,{LATER},late supplier\n"
        f"10002,00001,31/12/2026,\n"
        f'"{hostile}",1,{LATER},x\n'
        f"10003,1,{LATER},\n",
        encoding="utf-8",
    )
    environment = {
        "PREORDER_TUI_TODAY": TODAY.isoformat(),
        "PREORDER_TUI_EXCHANGE_FOLDER": str(exchange),
    }
    arguments = ("--database", sqlite_database_url, "--user", "ana")
    with Desk(*arguments, environment=environment) as desk:
        desk.until("3 orders")
        # All in one write: menu, page, configuration, file.
        desk.send(*TO_PROMISE_DATES, "f", "dates", "Enter")
        desk.until("2 would change, 0 stay as they are, 2 fail")
        assert promises(site) == [SOON] * 3, "nothing is changed by looking"
        # 31/12/2026 is not guessed: the form is chosen.
        desk.until("choose the form of the dates")
        desk.send("d", "d")
        desk.until("3 would change, 0 stay as they are, 1 fail")
        desk.until("does not exist")
        assert "[red]" in desk.row_with("does not exist")
        desk.send("i", "new dates", "Enter")
        desk.until("Imported: 3 changed")
        desk.until(r"1 row in dates\.failed\.csv: correct it and choose it with f")
        assert b"\x1b]0;own" not in desk.raw
        failed = next(path for path in exchange.iterdir() if path.name != "dates.csv")
        assert "does not exist" in failed.read_text(encoding="utf-8")
        assert promises(site) == [LATER, date(2026, 12, 31), LATER]
        if os.path.exists("/proc/self/maps"):
            assert "pandas" not in imported_modules(desk.child.pid)
        # Taken back with one key, read back on the order.
        desk.send("F7")
        desk.until("Why")
        desk.send("y")
        desk.until("Done, 3 changes on 3 lines: Undo")
        assert promises(site) == [SOON] * 3
        desk.send("F3")
        assert desk.end() == 0
    (entry,) = site.import_log("IMP_ORD_ITEM_UPD")
    assert entry.user == "ana"
    assert entry.status_id == "SERVICE_FINISHED"


def test_the_line_drops_while_a_file_is_read(
    site: Service, sqlite_database_url: str, tmp_path: Path
) -> None:
    """The worker ends with the desk: nothing is half-applied, nothing left running."""
    rows = "".join(f"{n},1,{LATER}\n" for n in range(20_000, 220_000))
    (tmp_path / "big.csv").write_text(f"order-id,order-item-seq-id,promised-datetime\n{rows}")
    environment = {"PREORDER_TUI_TODAY": TODAY.isoformat()}
    with Desk("--database", sqlite_database_url, environment=environment) as desk:
        desk.until("3 orders")
        desk.send(*TO_PROMISE_DATES, "f", str(tmp_path / "big.csv"), "Enter")
        desk.until("Reading|Checking|would change")
        desk.hang_up()
        assert desk.end() != 0
    assert promises(site) == [SOON] * 3
