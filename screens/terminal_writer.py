"""Writing to the terminal from a thread of its own, so that a stalled line never stops the desk."""

from __future__ import annotations

import os
import select
import termios
from queue import SimpleQueue
from threading import Thread

_PATIENCE = 2.0


class TerminalWriter(Thread):
    """Sends text in order. The queue has no limit: an idle desk writes nothing, so it stays short.

    Textual's own writer blocks the event loop after thirty writes that nobody reads, and with it
    the signal that is to end the program.
    """

    def __init__(self, fileno: int) -> None:
        super().__init__(daemon=True, name="terminal output")
        self._fileno = fileno
        self._texts: SimpleQueue[str | None] = SimpleQueue()
        self._gone = False

    def send(self, text: str) -> None:
        """Send this after everything before it."""
        self._texts.put(text)

    def run(self) -> None:
        """Write until told to end; what has piled up goes out in one write."""
        text = self._texts.get()
        while text is not None:
            parts = [text]
            while not self._texts.empty():
                text = self._texts.get()
                if text is None:
                    break
                parts.append(text)
            self._write("".join(parts).encode("utf-8", "replace"))
            if text is not None:
                text = self._texts.get()

    def end(self) -> None:
        """Wait until all is written; where nobody reads any more, throw the rest away."""
        self._texts.put(None)
        if not self.is_alive():
            return
        self.join(_PATIENCE)
        if self.is_alive():
            self._gone = True
            try:
                termios.tcflush(self._fileno, termios.TCOFLUSH)
            except termios.error:
                return
            self.join(_PATIENCE / 4)

    def _write(self, data: bytes) -> None:
        while data and not self._gone:
            try:
                data = data[os.write(self._fileno, data) :]
            except BlockingIOError:
                select.select([], [self._fileno], [], 1.0)
            except OSError:  # the terminal is gone; the reading side will notice
                self._gone = True
