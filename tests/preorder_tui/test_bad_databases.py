"""Databases on bad days: a sentence, a true exit status, and nothing overwritten."""

from __future__ import annotations

import ctypes
import hashlib
import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from data import transaction
from data.engine import WRITES, open_engine, sqlite_path, sqlite_url
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import Unreachable
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from screens.app import DeskApp
from screens.open_service import open_service
from tests.conftest import TODAY
from tests.preorder_tui.command_line import CommandLine
from tests.screens.sales_book import fill
from tests.screens.typing_ahead import until


@pytest.fixture
def path(sqlite_database_url: str) -> Path:
    """A file with the small book in it, all of it in one file."""
    engine = open_engine(sqlite_database_url)
    fill(engine, Clock(UTC, TODAY))
    engine.dispose()
    found = sqlite_path(sqlite_database_url)
    assert found is not None
    with closing(sqlite3.connect(found)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return found


def nothing_there(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def no_bytes(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("order,line,quantity\n" * 1000)


def only_a_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:16] + b"\xff" * 8000)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:10_000])


def scribbled_schema(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\x5a" * 3996
    path.write_bytes(bytes(content))


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")


def version(number: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (number,))
            connection.commit()

    return change


BAD = {
    "missing": (nothing_there, "there is no database at"),
    "folder": (a_folder, "is a folder"),
    "zero length": (no_bytes, "is empty: run preorder-tui init"),
    "text": (text, "is not a SQLite database"),
    "only a header": (only_a_header, "desk.db is"),
    "cut off": (cut_off, "is damaged"),
    "scribbled": (scribbled_schema, "desk.db is"),
    "foreign": (foreign, "tables of another program"),
    "newer": (version("9999"), "newer preorder-tui"),
    "older": (version("0001"), "run preorder-tui init to upgrade"),
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "find": ("find", "sales"),
    "show": ("show", "10001"),
    "history": ("history", "10001"),
    "change": ("set-promise-date", "10001/1", "2027-02-01"),
    "dry run": ("allocate", "10001/1", "20002/1", "--dry-run"),
    "whole book": ("auto-allocate",),
    "undo": ("undo",),
    "report": ("report", "unallocated"),
    "export": ("export", "EXP_ORD_ITEM_UPD", "out.csv"),
    "import": ("import", "IMP_ORD_ITEM_UPD", "in.csv"),
    "backup": ("backup", "backup.db"),
    "verify": ("verify",),
}


def traces(folder: Path) -> dict[str, str]:
    """Every file of a folder, and what is in it."""
    return {
        one.name: hashlib.sha256(one.read_bytes()).hexdigest() if one.is_file() else "folder"
        for one in folder.iterdir()
    }


@pytest.mark.parametrize("what", BAD)
def test_every_command_says_what_is_wrong_and_touches_nothing(
    what: str,
    path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    spoil, sentence = BAD[what]
    spoil(path)
    (tmp_path / "in.csv").write_text("orderId,orderItemSeqId,promisedDatetime\n")
    monkeypatch.chdir(tmp_path)
    before = traces(tmp_path)
    cli = CommandLine(sqlite_url(path), capsys)
    for name, words in COMMANDS.items():
        said = cli.refuses(4, *words)
        assert sentence in said, (name, said)
        assert "Error" not in said
        assert traces(tmp_path) == before, name


@pytest.mark.parametrize("what", BAD)
async def test_the_desk_ends_with_the_sentence(
    what: str, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, sentence = BAD[what]
    spoil(path)
    before = traces(tmp_path)
    app = DeskApp(DeskOptions(sqlite_url(path), "ana"), open_service)
    async with app.run_test(size=(80, 24)):
        await until(lambda: app._exit)
    assert app.return_code == 4
    said = "".join(capsys.readouterr().err.split("\n"))
    assert sentence.replace(" ", "") in said.replace(" ", "")
    assert traces(tmp_path) == before


@pytest.mark.parametrize("what", ["text", "foreign", "newer", "cut off", "folder"])
def test_init_overwrites_nothing(
    what: str, path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    spoil, _ = BAD[what]
    spoil(path)
    before = traces(tmp_path)
    cli = CommandLine(sqlite_url(path), capsys)
    cli.refuses(4, "init")
    cli.refuses(4, "init", "--demo", "--orders", "10")
    assert traces(tmp_path) == before


# --- Read-only, full, locked ----------------------------------------------------------------------

CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, PR_CAPBSET_DROP = 1, 2, 24


def bound_by_rights() -> None:
    """In a child: even root is bound by the rights of files."""
    if os.getuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def no_room() -> None:
    """In a child: no file grows beyond 33 KB, which a SQLite index of its log just fits into."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (33_000, 33_000))


def in_child(path: Path, limit: Callable[[], None], *words: str) -> tuple[int, str]:
    """A command in a process of its own; exit status, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "screens", "--database", sqlite_url(path), *words],
        capture_output=True,
        text=True,
        preexec_fn=limit,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def somebody_elses(path: Path, tmp_path: Path) -> Iterator[Path]:
    """A file in a folder of everybody's that belongs to somebody else, who lets others read it."""
    if os.getuid() == 0:
        os.chown(path, 65534, 65534)
    path.chmod(0o444)
    tmp_path.chmod(0o777)
    yield path
    path.chmod(0o644)


def test_a_file_that_may_only_be_read_is_read(somebody_elses: Path) -> None:
    before = somebody_elses.read_bytes()
    status, said = in_child(somebody_elses, bound_by_rights, "find", "sales")
    assert status == 0, said
    assert "Ada Lovelace" in said
    words = ("set-promise-date", "10001/1", "2027-02-01")
    status, said = in_child(somebody_elses, bound_by_rights, *words)
    assert status == 4
    assert "may only be read by you" in said
    assert somebody_elses.read_bytes() == before


def test_a_file_that_may_not_even_be_read(somebody_elses: Path) -> None:
    somebody_elses.chmod(0o000)
    status, said = in_child(somebody_elses, bound_by_rights, "find", "sales")
    assert status == 4
    assert "permission denied" in said


def test_no_room_on_the_disk(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    words = ("set-promise-date", "10001/1", "2027-02-01")
    status, said = in_child(path, no_room, *words)
    assert status == 4, said
    assert "no room left" in said or "cannot be read or written" in said
    assert in_child(path, lambda: None, "verify")[0] == 0
    assert in_child(path, lambda: None, "history", "10001")[1].count("2027-02-01") == 0
    status, said = in_child(path, no_room, "backup", str(tmp_path / "backup.db"))
    assert status == 4, said
    assert sorted(one.name for one in tmp_path.iterdir() if "backup" in one.name) == []
    assert in_child(path, lambda: None, *words)[0] == 0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of two megabytes, where this machine lets us have one."""
    place = folder / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True
    )
    if made.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(path: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        full = disk / "desk.db"
        full.write_bytes(path.read_bytes())
        in_child(full, lambda: None, "find", "sales")
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        words = ("set-promise-date", "10001/1", "2027-02-01")
        status, said = in_child(full, lambda: None, *words)
        assert status == 4, said
        assert "no room left on its disk" in said or "disk reports an error" in said
        filler.unlink()
        assert in_child(full, lambda: None, "verify")[0] == 0
        assert in_child(full, lambda: None, *words)[0] == 0


def locking(path: Path) -> sqlite3.Connection:
    """Somebody who writes and does not come to an end."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def impatient(path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service that waits for locks a fifth of a second at a time."""
    monkeypatch.setattr(transaction, "BUSY_TIMEOUT_SECONDS", 0.15)
    engine = open_engine(sqlite_url(path))
    event.listen(
        engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 200")
    )
    return Service(engine, Actor("ana", "command"), Clock(UTC, TODAY))


def test_a_locked_database_is_waited_for_and_then_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    service = impatient(path, monkeypatch)
    plan = service.plan_promise_date(parse_line("10001/1"), date(2027, 2, 1))
    began = count_writing(service.engine)
    with closing(locking(path)) as other:
        start = time.monotonic()
        with pytest.raises(Unreachable, match="held by somebody else"):
            service.apply(plan)
        assert time.monotonic() - start > 0.15
        assert len(began) == 1, "once, not again and again"
        assert service.sales_order("10001").items, "reading goes on"
        service.close()
        monkeypatch.undo()
        patient = Service(open_engine(sqlite_url(path)), service.actor, service.clock)
        threading.Timer(0.1, other.rollback).start()
        assert patient.apply(plan).change_set_id == 1, "a lock that ends in time is waited for"
        patient.close()


def count_writing(engine: Engine) -> list[object]:
    """Grows by one with each transaction that begins to write."""
    began: list[object] = []
    begin = engine.dialect.do_begin

    def counted(connection: Any) -> None:
        began.extend([connection] * bool(connection.info.get(WRITES)))
        begin(connection)

    engine.dialect.do_begin = counted  # type: ignore[method-assign]
    return began
