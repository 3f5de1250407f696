"""The terminal driver: Textual's, made tolerant of what real terminals send, lose and can show."""

from __future__ import annotations

import os
import selectors
import signal
from collections.abc import Iterable
from time import monotonic
from typing import Any

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.constants import ESCAPE_DELAY
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from screens.terminal import PLAIN_TEXT, Terminal
from screens.terminal_writer import TerminalWriter
from screens.typed_input import ESCAPE, TypedInput


class DeskDriver(LinuxDriver):
    """A driver for any terminal that places text."""

    terminal = Terminal("")
    """The facts, set by the app before it runs."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._ascii_only = self.terminal.ascii_only
        self._output = TerminalWriter(self._file.fileno() if self._file else 2)
        self._may_suspend: bool = getattr(app, "may_suspend", True)
        if not self._may_suspend:  # a captive login: there is nobody to wake it up again
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)

    @property
    def can_suspend(self) -> bool:
        """Whether Ctrl+Z may give the terminal to the shell that started the desk."""
        return self._may_suspend

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Never: a browser would run on the machine that the desk runs on."""

    def deliver_binary(self, *_: Any, **__: Any) -> None:
        """Never: Textual would write into the person's folder of downloads."""

    def write(self, data: str) -> None:
        """Write to the terminal; ASCII only where only that can be shown."""
        if self._ascii_only and not data.isascii():
            data = data.translate(PLAIN_TEXT)
        self._output.send(data)

    def start_application_mode(self) -> None:
        """Take over the terminal, but leave its cursor in sight: it stands on the current row.

        Focus reports are turned off again: a page that repaints when the person looks at another
        window costs bytes, and a key that comes before the report would find nothing focused.
        """
        self._output = TerminalWriter(self._file.fileno() if self._file else 2)
        self._output.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.write("\x1b[?1004l\x1b[?25h")

    def _request_terminal_sync_mode_support(self) -> None:
        """Ask only emulators: the Linux console and old terminals show the question's last letter.

        Where it is known, a frame is shown at once, so that the cursor does not run about.
        """
        if self.terminal.name.startswith(("xterm", "tmux", "screen", "rxvt", "foot", "alacritty")):
            super()._request_terminal_sync_mode_support()

    def _query_in_band_window_resize(self) -> None:
        """Do not: the signal for a new size is enough."""

    def _sigcont_application(self, *_: object) -> None:
        """Go on after a suspension; a line that is lost sends this signal too, for no reason."""
        if self._must_signal_resume:
            super()._sigcont_application()
            self._app.call_later(getattr(self._app, "repaint_all", self._app.refresh))

    def close(self) -> None:
        """End both writers: Textual's, which never had anything to do, and ours."""
        super().close()
        self._output.end()

    def run_input_thread(self) -> None:
        """Read keys until the end, noticing a lost line.

        As :meth:`LinuxDriver.run_input_thread`, with three differences. There one stray Latin-1
        byte (a scanner, a mis-set PuTTY) ends the program; Esc typed just before another key is
        lost (:mod:`screens.typed_input`); and a line that is gone while SIGHUP is ignored (nohup)
        keeps the thread spinning for ever.
        """
        typed = TypedInput()
        parser = XTermParser(self._debug)
        escape_came = 0.0
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.02 if typed.waiting else 0.1):
                    data = self._read()
                    if not data:
                        self._line_lost()
                        break
                    for piece in typed.pieces(data):
                        self._tell_piece(parser, piece)
                    escape_came = monotonic()
                elif typed.waiting and monotonic() - escape_came >= ESCAPE_DELAY:
                    self._tell_piece(parser, typed.give_up_waiting())
                self._tell(parser.tick())
        try:
            for _ in parser.feed(""):
                pass
        except (EOFError, ParseError):
            pass

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:  # EIO: the other end has gone
            return b""

    def _tell_piece(self, parser: XTermParser, piece: str) -> None:
        if piece == ESCAPE:
            self.process_message(events.Key("escape", ESCAPE))
        elif piece:
            self._tell(parser.feed(piece))

    def _tell(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def _line_lost(self) -> None:
        end_by_signal = getattr(self._app, "end_by_signal", None)
        if end_by_signal is not None:
            self._app.call_later(end_by_signal, signal.SIGHUP)
