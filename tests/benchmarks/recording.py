"""A program in a real pseudo-terminal, with the moment of every byte it writes.

Nothing is looked at while the program runs, so that looking takes no time from it: what stood on
the screen when is found out afterwards, by playing the bytes into a terminal emulator.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

import psutil
import pyte

from tests.terminal.pty_desk import keys

QUIET = 0.06
"""Seconds without a byte after which a program is taken to have settled."""

# Compiled modules are kept: whoever starts the desk every day has them too.
_NOT_PASSED_ON = (
    *("TEXTUAL", "PREORDER_TUI", "LC_", "COLORTERM", "NO_COLOR", "COLUMNS", "LINES"),
    *("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"),
)
_CODES = re.compile(
    rb"\x1b\[[0-9;?<>=]*[a-zA-Z~$]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[()][A-Z0-9]|\x1b[=>]"
)


@dataclass(frozen=True, slots=True)
class Stroke:
    """What one write of keys caused: milliseconds to the last byte, and how many bytes."""

    milliseconds: float
    size: int


class Recording:
    """A running program. As a context manager it is gone afterwards, whatever happens."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.columns, self.rows = size
        self.chunks: list[tuple[float, bytes]] = []
        surroundings = {
            name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)
        }
        surroundings |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"} | dict(environment or {})
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))
        # A session leader that opens a terminal gets it as its own. Nothing of ours runs between
        # this moment and exec: what is timed is the program and nothing else.
        name = os.ttyname(slave)
        self.started = time.perf_counter()
        self.pid = os.posix_spawn(
            command[0],
            list(command),
            surroundings,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
                (os.POSIX_SPAWN_DUP2, 0, 1),
                (os.POSIX_SPAWN_DUP2, 0, 2),
            ],
            setsid=True,
        )
        os.close(slave)

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._master)

    # --- While it runs --------------------------------------------------------------------------

    def _take(self, timeout: float) -> bool:
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError as error:  # EIO: it has ended
            raise RuntimeError(f"the program ended:\n{self.text()}") from error
        self.chunks.append((time.perf_counter(), data))
        return True

    def wait_for(self, wanted: str, timeout: float = 60.0) -> None:
        """Read until something like this (a regular expression) has been written since now."""
        pattern = re.compile(wanted.encode())
        first = len(self.chunks)
        give_up = time.monotonic() + timeout
        while True:
            left = give_up - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{wanted!r} did not come:\n{self.text()}")
            if self._take(left):
                written = b"".join(data for _, data in self.chunks[first:])
                if pattern.search(_CODES.sub(b"", written)):
                    return

    def wait_until_shown(self, wanted: str, timeout: float = 60.0) -> None:
        """Read until the screen matches, for what is painted in bits; looks five times a second."""
        pattern = re.compile(wanted)
        give_up = time.monotonic() + timeout
        while not pattern.search(self.text()):
            if time.monotonic() > give_up:
                raise TimeoutError(f"{wanted!r} was not shown:\n{self.text()}")
            self.read_for(0.2)

    def settle(self, quiet: float = QUIET, timeout: float = 60.0) -> None:
        """Read until nothing has come for a moment."""
        give_up = time.monotonic() + timeout
        while self._take(quiet):
            if time.monotonic() > give_up:
                raise TimeoutError(f"it never fell silent:\n{self.text()}")

    def read_for(self, seconds: float) -> None:
        """Read what comes for so long: for a program that never falls silent."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self._take(left)

    def press(self, *names: str) -> float:
        """Send keys in one write; the moment."""
        moment = time.perf_counter()
        os.write(self._master, keys(*names).encode())
        return moment

    def stroke(self, *names: str, quiet: float = QUIET) -> Stroke:
        """Send keys in one write and wait until the program has settled."""
        first = len(self.chunks)
        start = self.press(*names)
        self._take(1.0)
        self.settle(quiet)
        painted = self.chunks[first:]
        if not painted:
            return Stroke(0.0, 0)
        size = sum(len(data) for _, data in painted)
        return Stroke((painted[-1][0] - start) * 1000, size)

    def resident(self) -> float:
        """Resident memory now, in megabytes, processes it has started included."""
        process = psutil.Process(self.pid)
        everyone = [process, *process.children(recursive=True)]
        return float(sum(one.memory_info().rss for one in everyone)) / 1e6

    def peak(self) -> float:
        """The most memory it ever had resident, in megabytes."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6

    # --- Afterwards -----------------------------------------------------------------------------

    def _play(self, until: Callable[[list[str]], bool] | None = None) -> tuple[float, list[str]]:
        screen = pyte.Screen(self.columns, self.rows)
        stream = pyte.ByteStream(screen)
        for when, data in self.chunks:
            stream.feed(data)
            if until is not None and until(screen.display):
                return (when - self.started) * 1000, screen.display
        return float("nan"), screen.display

    def text(self) -> str:
        """What is on the screen after all that was written."""
        return "\n".join(line.rstrip() for line in self._play()[1])

    def seen_after(self, wanted: str) -> float:
        """Milliseconds from exec until the screen matched this regular expression.

        The last byte of the read that completed it counts.
        """
        pattern = re.compile(wanted, re.MULTILINE)
        taken, _ = self._play(lambda lines: bool(pattern.search("\n".join(lines))))
        if taken != taken:
            raise AssertionError(f"{wanted!r} never was on the screen:\n{self.text()}")
        return taken
