"""The log: who, what, how long, which change set; whole lines from many processes; no customers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from preorder_tui import desk_log
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, StalePlan
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY

LINE = re.compile(
    r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z login=\S+ (as=\S+ )?from=\w+ pid=\d+ "
    r'what=("[^"]+"|\S+) outcome=\w+( \w+=("([^"\\]|\\.)*"|\S+))*'
)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of the test."""
    path = tmp_path / "log" / "desk.log"
    monkeypatch.setenv("PREORDER_TUI_LOG", str(path))
    return path


def fields(line: str) -> dict[str, str]:
    """The facts of a line that has no spaces in them."""
    assert LINE.fullmatch(line), line
    return dict(re.findall(r'(\w+)=("[^"]*"|\S+)', line))


CUSTOMER, EMAIL, STREET = "Zuleika Dobson", "zuleika@judas.example", "1 Broad Street, Oxford"


@pytest.fixture
def service(engine: Engine) -> Service:
    """A promised line of a customer with a name, an e-mail and an address."""
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    book.party(CUSTOMER, email=EMAIL)
    book.sales_order("10001", date(2026, 11, 1), [("SKU-1", 2)], customer=CUSTOMER)
    book.purchase_order("20001", date(2027, 1, 15), [("SKU-1", 5)])
    return Service(engine, Actor("zoe", "desk", "ana"), clock)


def test_every_change_is_a_line_with_its_change_set(service: Service, log: Path) -> None:
    plan = service.plan_allocate(LineId("10001", "00001"), [(LineId("20001", "00001"), None)])
    done = service.apply(plan, reason=f"{CUSTOMER} called: {EMAIL}, {STREET}")
    (line,) = log.read_text().splitlines()
    found = fields(line)
    assert found["login"] == "ana"
    assert found["as"] == "zoe"
    assert found["from"] == "desk"
    assert found["what"] == "allocate"
    assert found["outcome"] == "done"
    assert int(found["ms"]) >= 0
    assert found["set"] == str(done.change_set_id)
    assert found["changes"] == str(done.applied)
    with pytest.raises(StalePlan):
        service.apply(plan)
    assert fields(log.read_text().splitlines()[1])["outcome"] == "conflict"
    for word in ("Zuleika", "Dobson", "judas", "Oxford", "/00001"):
        assert word not in log.read_text()


def test_an_error_leaves_its_kind_and_its_place_but_no_message(log: Path) -> None:
    def fail() -> None:
        try:
            {}[EMAIL]
        except KeyError as error:
            raise ValueError(f"{CUSTOMER} lives in {STREET}") from error

    with pytest.raises(ValueError, match="lives"), desk_log.noting(Actor("ana"), "test"):
        fail()
    (line,) = log.read_text().splitlines()
    assert fields(line)["outcome"] == "failed"
    assert fields(line)["error"] == "ValueError<KeyError"
    assert "preorder_tui/test_desk_log.py:" in fields(line)["at"]
    with pytest.raises(ValueError, match="lives") as raised:
        fail()
    assert "preorder_tui/test_desk_log.py:" in desk_log.places(raised.value)
    for word in ("Zuleika", "judas", "Oxford"):
        assert word not in log.read_text()


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refused("no"), "refused"),
        (StalePlan("x"), "conflict"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_outcomes(error: BaseException, outcome: str, log: Path) -> None:
    with pytest.raises(type(error)), desk_log.noting(Actor("ana"), "test"):
        raise error
    assert fields(log.read_text().strip())["outcome"] == outcome


def test_a_name_cannot_forge_a_line(log: Path) -> None:
    desk_log.write(Actor('x\n2026 login="root" \x1b[2J what=undo'), "test", "done")
    (line,) = log.read_text().splitlines()
    assert line.isascii()
    assert line.isprintable()
    assert r'login="x\n2026 login=\"root\" \u001b[2J what=undo"' in line


def test_off_and_unwritable(log: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for value in ("off", str(tmp_path / "file" / "desk.log"), "/dev/full/x"):
        monkeypatch.setenv("PREORDER_TUI_LOG", value)
        assert not desk_log.write(Actor("ana"), "test", "done")
    (tmp_path / "secret").write_text("kept")
    log.parent.mkdir()
    log.symlink_to(tmp_path / "secret")
    monkeypatch.setenv("PREORDER_TUI_LOG", str(log))
    assert not desk_log.write(Actor("ana"), "test", "done")
    assert (tmp_path / "secret").read_text() == "kept"


def test_the_group_of_the_folder_shares_it(log: Path) -> None:
    log.parent.mkdir()
    log.parent.chmod(0o2770)
    before = os.umask(0o077)
    try:
        desk_log.write(Actor("ana"), "test", "done")
    finally:
        os.umask(before)
    assert log.stat().st_mode & 0o777 == 0o660
    assert log.with_name("desk.log.lock").stat().st_mode & 0o777 == 0o660


# --- Many processes -------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from preorder_tui import desk_log
path, name, number, longest = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for n in range(number):
    desk_log.append(path, f"{name} {n} " + "x" * (n % 200), longest=longest, old_files=1_000)
"""


def writer(path: Path, name: str, number: int, longest: int) -> subprocess.Popen[bytes]:
    """A process that writes numbered lines."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(number), str(longest)]
    )


def all_lines(path: Path) -> list[str]:
    """The lines of the log and of every file that was put aside."""
    files = [one for one in path.parent.iterdir() if one.suffix != ".lock"]
    return [line for one in files for line in one.read_text().splitlines()]


def test_many_processes_lose_and_mix_no_line(tmp_path: Path) -> None:
    path = tmp_path / "desk.log"
    processes, number = 6, 400
    running = [writer(path, f"p{n}", number, 20_000) for n in range(processes)]
    assert [one.wait(120) for one in running] == [0] * processes
    lines = all_lines(path)
    assert len(lines) == processes * number
    for name in range(processes):
        mine = sorted(int(line.split()[1]) for line in lines if line.startswith(f"p{name} "))
        assert mine == list(range(number))
    assert all(re.fullmatch(r"p\d \d+ x*", line) for line in lines)
    files = [one for one in tmp_path.iterdir() if one.suffix != ".lock"]
    assert len(files) > 5, "it was put aside often"
    # A file that is being put aside may still get the lines of those who had opened it.
    assert max(one.stat().st_size for one in files) < 40_000


def test_a_stopped_process_stops_no_other(tmp_path: Path) -> None:
    path = tmp_path / "desk.log"
    stopped = writer(path, "p0", 1_000_000, 5_000)
    try:
        while not path.exists():
            time.sleep(0.01)
        stopped.send_signal(signal.SIGSTOP)
        for n in range(50):  # the stopped one may have the lock: who waits for it waits a moment
            desk_log.append(path, f"me {n}", longest=5_000, old_files=1_000)
    finally:
        stopped.kill()
        stopped.wait()
    mine = [line for line in all_lines(path) if line.startswith("me ")]
    assert sorted(mine) == sorted(f"me {n}" for n in range(50))


def test_old_files_are_kept_to_a_number(tmp_path: Path) -> None:
    path = tmp_path / "desk.log"
    for n in range(100):
        desk_log.append(path, f"{n:03} {'x' * 95}", longest=1_000, old_files=3)
    names = {one.name for one in tmp_path.iterdir()}
    assert names <= {"desk.log", "desk.log.1", "desk.log.2", "desk.log.3", "desk.log.lock"}
    assert len(names) >= 4
    kept = sorted(int(line[:3]) for line in all_lines(path))
    assert kept == list(range(kept[0], 100)), "the newest lines, without a gap"
