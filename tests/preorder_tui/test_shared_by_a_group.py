"""One SQLite file and one log for a group of people, whatever their umask: as docs/ssh.md says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path

import pytest

from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.opening import opened
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY

GROUP = 54_321
"""A group of no account's."""

WORK = """
import os, sys
from datetime import date
from preorder_tui.actor import Actor
from preorder_tui.lines import LineId
from preorder_tui.service import Service

def change(url, name, day):
    service = Service.open(url, Actor(name))
    plan = service.plan_promise_date(LineId("10001", "00001"), date.fromisoformat(day))
    service.apply(plan)
    path = url.removeprefix("sqlite:///")
    for end in ("-wal", "-shm"):
        status = os.stat(path + end)
        assert status.st_mode & 0o777 == 0o660, (end, oct(status.st_mode))
        assert status.st_gid == os.stat(path).st_gid
    service.close()
    assert not os.path.exists(path + "-wal"), "the last to leave clears it away"

warm, url = sys.argv[1:3]
change(warm, "nobody", "2027-01-01")  # everything is imported before it becomes somebody else
for n, one in enumerate(sys.argv[3:]):
    uid, mask = one.split(":")
    child = os.fork()
    if not child:
        os.umask(int(mask, 8))
        if int(uid):
            os.setgid(int(uid))
            os.setuid(int(uid))
        change(url, "u" + uid, f"2027-02-{n + 1:02}")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0, one
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder as the set-up makes it, the database in it, and another to warm up on."""
    folder = Path(tempfile.mkdtemp(prefix="preorder-shared-"))
    if os.getuid() == 0:
        os.chown(folder, 0, GROUP)
    folder.chmod(0o2771)
    for name in ("desk.db", "warm.db"):
        before = os.umask(0o027)  # root's, often
        try:
            with opened(sqlite_url(folder / name), create=True) as engine:
                upgrade(engine)
        finally:
            os.umask(before)
        book = Book(engine, Clock(UTC, TODAY))
        book.sales_order("10001", date(2026, 11, 1), [("SKU-1", 2)], promised=date(2026, 12, 1))
        engine.dispose()
        assert (folder / name).stat().st_mode & 0o777 == 0o660
    yield folder
    shutil.rmtree(folder)


def work(folder: Path, *people: str) -> None:
    """Each person, by number and umask, changes a date in a process of their own."""
    options = {"extra_groups": [GROUP]} if os.getuid() == 0 else {}
    done = subprocess.run(
        [sys.executable, "-c", WORK, sqlite_url(folder / "warm.db"), sqlite_url(folder / "desk.db"),
         *people],
        capture_output=True, text=True, timeout=100, check=False,
        env={**os.environ, "PREORDER_TUI_LOG": str(folder / "desk.log")},
        **options,  # type: ignore[call-overload]
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    engine = open_engine(sqlite_url(folder / "desk.db"))
    service = Service(engine, Actor("bob"), Clock(UTC, TODAY))
    assert [one.user for one in service.change_sets()] == [
        f"u{one.partition(':')[0]}" for one in reversed(people)
    ]
    assert service.verify().violations == ()
    engine.dispose()
    lines = (folder / "desk.log").read_text().splitlines()
    assert len(lines) == len(people) + 1
    assert (folder / "desk.log").stat().st_mode & 0o777 == 0o660


def test_two_umasks(folder: Path) -> None:
    work(folder, "0:022", "0:077", "0:007", "0:077")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be several people")
def test_two_people(folder: Path) -> None:
    work(folder, "60001:022", "60002:077", "60001:077", "60002:022")
