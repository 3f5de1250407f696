"""The sales workflows of the seed in a real terminal; typed ahead in one write, and slowly."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path

import pytest

from data.engine import open_engine, sqlite_url
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.service import Service
from tests.conftest import TODAY
from tests.screens.sales_book import LATER, fill
from tests.terminal.pty_desk import Desk

WORKFLOW = (
    "/", "lovelace", "Enter",   # find
    "Enter",                    # open
    "l", "Enter",               # allocate: the first purchase order, all that both sides have
    "Tab", "by phone", "Enter",  # why, confirm
    "h",                        # history
    "F12", "F12",               # back
    "/", "Esc", "Down",         # and on to the next
)  # fmt: skip
"""Find → open → allocate → confirm → history → back."""


class Site:
    """The small book in a file."""

    def __init__(self, path: Path) -> None:
        self.url = sqlite_url(path)
        self.engine = open_engine(self.url)
        fill(self.engine, Clock(UTC, TODAY))
        self.service = Service(self.engine, Actor("bob", "command"), Clock(UTC, TODAY))

    def desk(self, size: tuple[int, int] = (80, 24), **environment: str) -> Desk:
        """The desk on it."""
        return Desk(
            "--database", self.url, "--user", "ana", size=size,
            environment={"PREORDER_TUI_TODAY": TODAY.isoformat(), **environment},
        )  # fmt: skip

    def contents(self) -> list[object]:
        """What the workflow wrote, without times of day."""
        order = self.service.sales_order("10001")
        history = self.service.history(order_id="10001")
        return [
            [
                (line.line, line.allocated, line.promise_date, line.allocations)
                for line in order.items
            ],
            [(row.field, row.old_text, row.new_text, row.user, row.comments) for row in history],
            len(self.service.change_sets()),
            self.service.verify().violations,
        ]


@pytest.fixture
def sites(sqlite_template: Path, tmp_path: Path) -> Iterator[tuple[Site, Site]]:
    """Two equal sites."""
    made = []
    for name in ("one-write.db", "slowly.db"):
        shutil.copy(sqlite_template, tmp_path / name)
        made.append(Site(tmp_path / name))
    yield made[0], made[1]
    for site in made:
        site.engine.dispose()


def screen_of(desk: Desk) -> list[str]:
    """The screen without the name of the database and the times of day."""
    return [
        re.sub(r"\d\d:\d\d", "HH:MM", re.sub(r"\S+\.db", "the.db", line)).replace(" ", "")
        for line in desk.screen
    ]


def at_the_end(desk: Desk) -> list[str]:
    """The screen when the workflow is over."""
    desk.until(r"^5 orders")
    desk.until(r"^> +10002")
    desk.until_quiet()
    return screen_of(desk)


def test_in_one_write_is_the_same_as_slowly(sites: tuple[Site, Site]) -> None:
    at_once, slowly = sites
    with at_once.desk() as desk:
        desk.send(*WORKFLOW)  # before the first page is even there
        screen = at_the_end(desk)
        desk.send("F3")
        assert desk.end() == 0
    with slowly.desk() as desk:
        desk.until("^5 orders")
        for key in WORKFLOW:
            for one in key if len(key) > 1 and key.islower() else (key,):
                desk.send(one)
                desk.until_quiet(0.05)
        assert at_the_end(desk) == screen
    assert at_once.contents() == slowly.contents()
    lines, history, sets, violations = at_once.contents()
    assert lines[0][1] == 3  # type: ignore[index]
    assert history[0][3:] == ("ana", "by phone")  # type: ignore[index]
    assert sets == 1
    assert not violations


def test_allocate_sales_order_items(sites: tuple[Site, Site]) -> None:
    site = sites[0]
    with site.desk() as desk:
        desk.until("^5 orders")
        desk.send("F10")
        desk.until("Hamburger Menu")
        desk.send("s", "Enter")
        desk.until_gone("Hamburger Menu")
        desk.send("Enter")
        desk.until("Order +#10001")
        desk.send("F6")
        desk.until("Allocate 10001/00001")
        desk.send("Space", "Down", "Space")
        desk.until("Quantity 4")
        desk.send("Enter")
        desk.until("3 changes on 1 line")
        desk.send("y")
        desk.until("2 POs +2027-01-15 2027-01-15")
        desk.send("F7")
        desk.until("Undo change set 1")
        desk.send("y")
        desk.until("unallocated")
        desk.send("F3")
        assert desk.end() == 0
    assert site.service.sales_order("10001").items[0].allocations == ()


def test_edit_promise_date(sites: tuple[Site, Site]) -> None:
    site = sites[0]
    with site.desk() as desk:
        desk.send("F10", "s", "Enter", "Down", "Enter", "e")
        desk.until("January 2027")
        assert "15PA" in desk.text
        desk.send("PgDn", "Enter")
        desk.until("Promise 2027-02-15 for 10002/00001")
        desk.send("y")
        desk.until("2027-02-15 out of sync")
        desk.send("h")
        desk.until(f"Promise date {LATER} 2027-02-15")
        desk.send("F3")
        assert desk.end() == 0
    items = site.service.sales_order("10002").items
    assert [item.promise_date for item in items] == [date(2027, 2, 15), LATER]


def test_bad_input_at_full_speed_changes_nothing(sites: tuple[Site, Site]) -> None:
    site = sites[0]
    before = site.contents()
    with site.desk() as desk:
        desk.send("Enter", "l", "Tab", "\x15", "0", "Enter", "\x15", "99", "Enter", "\x15", "1.5")
        desk.send("Enter", "Esc", "Esc", "e", "2026-02-30", "Enter")
        desk.until("'2026-02-30' is not a date")
        desk.send("\x15", "2026-11-01", "Enter")
        desk.until("2026-11-01 is over")
        desk.send("Esc", "x")
        desk.until("10001/00001 has no allocation")
        desk.send(":", "undo 99", "Enter")
        desk.until("no change set 99")
        desk.send("F3")
        assert desk.end() == 0
    assert site.contents() == before


def test_a_size_that_the_shell_exported_does_not_count(sites: tuple[Site, Site]) -> None:
    with sites[0].desk(COLUMNS="132", LINES="50") as desk:
        desk.until("5 orders")
        assert desk.text.splitlines()[0].rstrip().endswith(TODAY.isoformat())
        assert "F3/q Leave" in desk.text.splitlines()[23]
        desk.send("F3")
        assert desk.end() == 0


def test_an_ascii_terminal_shows_the_same_words(sites: tuple[Site, Site]) -> None:
    site = sites[0]
    with site.desk(TERM="vt100", LANG="C") as desk:
        desk.send("Enter", "l")
        desk.until("Allocate 10001/00001")
        assert desk.text.isascii()
        desk.send("Enter")
        desk.until("3 units to PO-A")
        assert desk.text.isascii()
        desk.send("n")
        desk.until("Nothing was changed")
        desk.send("F3")
        assert desk.end() == 0
