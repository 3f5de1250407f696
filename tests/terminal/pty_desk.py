"""The desk in a real pseudo-terminal: keys in, the screen and the number of bytes out."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import pexpect
import psutil
import pyte

KEYS = {
    "Enter": "\r", "Esc": "\x1b", "Tab": "\t", "Space": " ", "Backspace": "\x7f",
    "Up": "\x1b[A", "Down": "\x1b[B", "Right": "\x1b[C", "Left": "\x1b[D",
    "Home": "\x1b[H", "End": "\x1b[F", "PgUp": "\x1b[5~", "PgDn": "\x1b[6~",
    "F1": "\x1bOP", "F2": "\x1bOQ", "F3": "\x1bOR", "F4": "\x1bOS", "F5": "\x1b[15~",
    "F6": "\x1b[17~", "F7": "\x1b[18~", "F8": "\x1b[19~", "F9": "\x1b[20~", "F10": "\x1b[21~",
    "F11": "\x1b[23~", "F12": "\x1b[24~",
}  # fmt: skip


PATIENCE_SECONDS = 60.0
"""After this a test fails: a busy machine takes its time."""


def keys(*names: str) -> str:
    """What a terminal sends for these keys; a name that is no key is typed as it is."""
    return "".join(KEYS.get(name, name) for name in names)


class Desk:
    """A program in a pseudo-terminal of a given size.

    Use it as a context manager: whatever happens, the program is gone afterwards.
    """

    def __init__(
        self,
        *arguments: str,
        module: str = "screens",
        size: tuple[int, int] = (80, 24),
        environment: dict[str, str] | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self.columns, self.rows = size
        self._screen = pyte.Screen(self.columns, self.rows)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        surroundings = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(
                ("TEXTUAL", "PREORDER_TUI", "LC_", "COLORTERM", "NO_COLOR", "COLUMNS", "LINES")
            )
        }
        surroundings |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PREORDER_TUI_LOG": "off"}
        surroundings |= environment or {}
        program = list(command or [sys.executable, "-m", module])
        self.child = pexpect.spawn(
            program[0],
            [*program[1:], *arguments],
            dimensions=(self.rows, self.columns),
            env=surroundings,  # type: ignore[arg-type]
            timeout=PATIENCE_SECONDS,
        )
        self.child.delaybeforesend = None

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.child.closed:
            if self.child.isalive():
                self.kill()
        else:
            self.child.close(force=True)

    # --- In -------------------------------------------------------------------------------------

    def send(self, *names: str) -> None:
        """Send keys, all in one write."""
        self.child.send(keys(*names))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are, valid or not."""
        os.write(self.child.child_fd, data)

    def signal(self, number: int) -> None:
        """Send a signal to the program."""
        os.kill(self.child.pid, number)

    def hang_up(self) -> None:
        """Close the line, as sshd does when the connection is lost."""
        self.child.ptyproc.fileobj.close()
        self.child.closed = self.child.ptyproc.closed = True

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size."""
        self.columns, self.rows = columns, rows
        self._screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    # --- Out ------------------------------------------------------------------------------------

    def read(self, timeout: float = 0.02) -> bool:
        """Take in what was written; whether there was anything."""
        try:
            data = self.child.read_nonblocking(65536, timeout)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += data
        self._stream.feed(data)
        return True

    @property
    def screen(self) -> list[str]:
        """The lines on the screen."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The whole screen as one text."""
        return "\n".join(self.screen)

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the terminal's own cursor."""
        return self._screen.cursor.x, self._screen.cursor.y

    def row_with(self, text: str) -> str:
        """The first line that has ``text`` in it, or the empty string."""
        return next((line for line in self.screen if text in line), "")

    def until(self, wanted: str, timeout: float = PATIENCE_SECONDS) -> str:
        """Read until the screen matches (a regular expression); the screen."""
        give_up = time.monotonic() + timeout
        while not re.search(wanted, self.text, re.MULTILINE):
            if time.monotonic() > give_up:
                raise AssertionError(f"{wanted!r} did not appear:\n{self.text}")
            self.read()
        return self.text

    def until_gone(self, unwanted: str, timeout: float = PATIENCE_SECONDS) -> None:
        """Read until nothing on the screen matches."""
        give_up = time.monotonic() + timeout
        while re.search(unwanted, self.text, re.MULTILINE):
            if time.monotonic() > give_up:
                raise AssertionError(f"{unwanted!r} did not go away:\n{self.text}")
            self.read()

    def until_quiet(self, quiet: float = 0.15, timeout: float = PATIENCE_SECONDS) -> None:
        """Read until nothing has come for a moment (the desk sends nothing when idle).

        A desk that waits for a processor or a disk is not idle: the moment begins anew.
        """
        give_up = time.monotonic() + timeout
        last = time.monotonic()
        while True:
            if self.read():
                last = time.monotonic()
            elif time.monotonic() - last >= quiet:
                if not self.at_work():
                    return
                last = time.monotonic()
            if time.monotonic() > give_up:
                raise AssertionError(f"it never fell silent:\n{self.text}")

    def at_work(self) -> bool:
        """Whether the program, or one that it has started, does something or would if it could."""
        try:
            program = psutil.Process(self.child.pid)
            return any(map(_busy, (program, *program.children(recursive=True))))
        except psutil.NoSuchProcess:
            return False

    def cost_of(self, *names: str, quiet: float = 0.15) -> int:
        """How many bytes come of some keys, which show something."""
        before = self.bytes_written()
        self.send(*names)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while self.bytes_written() == before:
            assert time.monotonic() < give_up, f"nothing came of {names}:\n{self.text}"
            self.read()
        self.until_quiet(quiet)
        return self.bytes_written() - before

    def bytes_written(self) -> int:
        """How many bytes came from the program so far."""
        return len(self.raw)

    # --- End ------------------------------------------------------------------------------------

    def end(self, timeout: float = PATIENCE_SECONDS) -> int:
        """Wait for the end; the exit status, negative for a signal that killed it."""
        give_up = time.monotonic() + timeout
        while self.child.isalive():
            if not self.child.closed:
                self.read()
            if time.monotonic() > give_up:
                raise AssertionError(f"it did not end:\n{self.text}")
        while not self.child.closed and self.read():
            pass
        if self.child.signalstatus is not None:
            return -self.child.signalstatus
        assert self.child.exitstatus is not None
        return self.child.exitstatus

    def kill(self) -> None:
        """End it the hard way."""
        self.signal(signal.SIGKILL)


def _busy(process: psutil.Process) -> bool:
    """Whether one of its threads runs, could run, or waits for a disk."""
    tasks = Path(f"/proc/{process.pid}/task")
    if not tasks.is_dir():  # another system tells of the whole process
        return bool(process.status() in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP))
    for task in tasks.iterdir():
        with suppress(OSError):  # it has just ended
            state = (task / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            if state in "RD":
                return True
    return False
