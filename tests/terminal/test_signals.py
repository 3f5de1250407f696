"""However a session ends: the terminal is as it was, and the exit status is true."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.pty_desk import Desk, keys

TINY = "tests.terminal.tiny_desk"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk("1000", module=TINY) as running:
        running.before = termios.tcgetattr(running.child.child_fd)  # type: ignore[attr-defined]
        running.until("Customer 5")
        running.until_quiet()
        yield running


def assert_restored(desk: Desk) -> None:
    """The alternate screen is left, the cursor shown, paste and focus reports off, modes back."""
    for wanted in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1004l", b"\x1b[?7h"):
        assert wanted in desk.raw, wanted
    assert desk.raw.rfind(b"\x1b[?1049h") < desk.raw.rfind(b"\x1b[?1049l")
    after = termios.tcgetattr(desk.child.child_fd)
    assert after[:4] == desk.before[:4]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGHUP, 129), (signal.SIGTERM, 143), (signal.SIGINT, 130)],
)
def test_a_signal_ends_it_cleanly(desk: Desk, number: int, status: int) -> None:
    desk.signal(number)
    assert desk.end() == status
    assert_restored(desk)


def test_f3_leaves_with_status_0(desk: Desk) -> None:
    desk.send("F3")
    assert desk.end() == 0
    assert_restored(desk)


def test_a_signal_waits_for_work_under_way_but_not_for_a_person(desk: Desk) -> None:
    desk.send("F6")  # works for 1.5 s, then asks
    desk.until("Working")
    desk.signal(signal.SIGTERM)
    assert desk.end() == 143
    assert_restored(desk)


def test_bytes_that_are_no_utf8_do_no_harm(desk: Desk) -> None:
    desk.send_bytes(b"\xe9\xff\x80")
    desk.send("Down")
    desk.until(r"^>   1 ")
    desk.send("Enter")
    desk.until("A form")
    desk.send_bytes(b"caf\xe9")
    desk.send("Enter")
    desk.until("Answer: caf")
    desk.send("F3")
    assert desk.end() == 0


def test_a_hang_up_ends_it(desk: Desk) -> None:
    pid = desk.child.pid
    desk.hang_up()
    assert desk.end() == 129
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_hang_up_ends_it_even_where_sighup_is_ignored() -> None:
    with Desk(command=["/bin/sh", "-c", f"trap '' HUP; exec {shlex.join(tiny_command())}"]) as desk:
        desk.until("Customer 5")
        desk.hang_up()
        assert desk.end() == 129


def tiny_command() -> list[str]:
    return [sys.executable, "-m", TINY, "1000"]


def test_a_client_that_reads_nothing_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    with Desk("1000", module=TINY, environment={"TINY_DESK_TRACES": str(traces)}) as desk:
        desk.until("Customer 5")
        desk.until_quiet()
        stall_and_end(desk, traces)


def stall_and_end(desk: Desk, traces: Path) -> None:
    for _ in range(60):
        desk.send(*["PgDn", "Home", "PgDn", "PgDn", "End"] * 4)
        time.sleep(0.03)  # nothing is read: the line is stalled
    began = time.monotonic()
    desk.signal(signal.SIGTERM)
    while time.monotonic() - began < 60 and desk.child.isalive():
        time.sleep(0.05)
    if desk.child.isalive():
        desk.signal(signal.SIGUSR2)
        time.sleep(1)
        raise AssertionError(traces.read_text())
    assert desk.child.exitstatus == 143


def test_esc_and_the_next_key_in_one_write_are_two_keys(desk: Desk) -> None:
    desk.send("Enter")
    desk.until("A form")
    desk.send_bytes(keys("5", "Esc", "Down", "Enter").encode() + b"7\r")
    desk.until(r"Answer: 7\|")
    desk.send_bytes(b"\x1bm")
    desk.until("Hamburger Menu")
    desk.send_bytes(b"\x1b\r")
    desk.until("A form")


@pytest.mark.parametrize("name", ["", "dumb"])
def test_a_terminal_that_cannot_place_text_is_refused(name: str) -> None:
    with Desk("10", module=TINY, environment={"TERM": name}) as desk:
        assert desk.end() == 2
        desk.read(0.1)
        assert "needs a terminal" in desk.text


def test_no_terminal_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(tiny_command(), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["vt100", "linux", "screen", "xterm-256color", "tmux-256color"])
def test_an_ascii_terminal_gets_ascii_only(name: str) -> None:
    environment = {"TERM": name, "LANG": "C", "NO_COLOR": "1"}
    with Desk("1000", module=TINY, environment=environment) as desk:
        desk.until(r"^>   0 .*Customer 0")
        desk.send("Space", "Down", "m")
        desk.until("Hamburger Menu")
        desk.send("Esc", "F1")
        desk.until("A list that tests look at")
        desk.send("Esc", "F3")
        assert desk.end() == 0
        assert desk.raw.isascii()
        assert b"[38;" not in desk.raw
        assert b"[48;" not in desk.raw


def test_idle_sends_nothing(desk: Desk) -> None:
    desk.until_quiet(0.3)
    before = desk.bytes_written()
    time.sleep(1.2)
    desk.read(0.05)
    assert desk.bytes_written() == before


def test_bytes_of_keys(desk: Desk) -> None:
    costs = {}
    for name, most in (("Down", 250), ("Space", 60), ("PgDn", 2000), ("F10", 2500)):
        costs[name] = desk.cost_of(name, quiet=0.2)
        assert costs[name] <= most, costs


def test_the_terminals_cursor_stands_on_the_current_row(desk: Desk) -> None:
    desk.send("Down", "Down")
    desk.until(r"^>   2 ")
    desk.until_quiet()
    assert desk.cursor == (0, 4)
