"""The machine side of the desk: keys in order, few bytes out, a clean end.

What the desk is for stands in :mod:`screens.app`; this is what any program on this shell needs.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from preorder_tui.failures import sentence_for, write_log
from screens import keys
from screens.driver import DeskDriver
from screens.key_gate import KeyGate
from screens.look import THEME
from screens.painted_lines import PaintedLines
from screens.terminal import Terminal

_LEAVE = keys.ACTIONS["leave_now"]
PAINTED_WITHIN = 0.1
"""Seconds after which nothing more is expected to be painted."""


class QuietApp(App[int]):
    """An app whose keys go through the gate and whose screen is sent as differences."""

    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False
    SUSPENDED_SCREEN_CLASS = ""  # a class that comes and goes would repaint the page below
    BINDINGS: ClassVar[list[BindingType]] = [
        # The escape hatch: works while keys are held, and changes no data.
        Binding(",".join(_LEAVE.keys), "leave_now", _LEAVE.label, show=False, priority=True),
    ]

    def __init__(self, terminal: Terminal | None = None) -> None:
        self.terminal = terminal or Terminal("")
        self.may_suspend = True
        driver = type("Driver", (DeskDriver,), {"terminal": self.terminal})
        super().__init__(driver_class=driver if sys.platform != "win32" else None)
        self._wear(THEME)
        self.gate = KeyGate(self, super().on_event)
        self._painted = PaintedLines()
        self.when_painted: Callable[[], object] | None = None
        """Called once, when something has been painted: sooner than Textual's next refresh."""

    def _wear(self, theme: Theme) -> None:
        """Take a theme before any style is parsed: Textual's way to change it parses all twice."""
        self.register_theme(theme)
        self.set_reactive(App.theme, theme.name)
        self.set_class(True, f"-theme-{theme.name}", "-dark-mode", update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    # --- Keys -------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes from the terminal go through the gate."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            await self.gate.offer(event)
        else:
            await super().on_event(event)

    # --- The end ----------------------------------------------------------------------------------

    def on_load(self) -> None:
        """Before the terminal is taken over: listen for the signals that end a session."""
        if threading.current_thread() is threading.main_thread() and not self.in_test:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.end_by_signal, number)

    @property
    def in_test(self) -> bool:
        """Whether there is no terminal at all (Textual's ``run_test``)."""
        return "headless" in self.features

    def end_by_signal(self, number: int) -> None:
        """End as the signal asks, but cleanly, with the exit status that shells expect."""
        self.exit(return_code=128 + number)

    def action_leave_now(self) -> None:
        """Ctrl+Q: leave whatever is going on. What is being written is written to its end."""
        self.exit(return_code=0)

    def end_by_failure(self, error: BaseException) -> None:
        """End with a sentence on standard error and the exit status of the failure."""
        sentence = sentence_for(error)
        reference = write_log(error)
        if reference is not None:
            sentence = f"{sentence} {reference}"
        self.exit(return_code=getattr(error, "exit_status", 1), message=f"preorder-tui: {sentence}")

    def _fatal_error(self) -> None:
        """A crash in a message handler: a sentence for the person, the traceback for the log."""
        error = self._exception
        if error is not None:
            self._exit_renderables.append(
                f"preorder-tui: {sentence_for(error)} The desk had to close; changes are made "
                f"whole or not at all. {write_log(error) or ''}"
            )
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Only the first: what follows follows from it."""
        del self._exit_renderables[1:]
        super()._print_error_renderables()

    def exit(
        self, result: int | None = None, return_code: int = 0, message: Any | None = None
    ) -> None:
        """End the app. Keys that still wait are for nobody."""
        self.gate.shut()
        super().exit(result, return_code, message)

    # --- No way out to the machine: it is the desk that writes files, where the site wants them ---

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """No picture of the screen is written to a disk: customers stand on it."""

    def save_screenshot(
        self,
        filename: str | None = None,
        path: str | None = None,
        time_format: str | None = None,
    ) -> str:
        """No picture of the screen is written to a disk.

        Raises:
            PermissionError: always.
        """
        raise PermissionError("the desk writes no pictures of its screen")

    def deliver_screenshot(
        self,
        filename: str | None = None,
        path: str | None = None,
        time_format: str | None = None,
    ) -> str | None:
        """No picture of the screen is written to a disk."""
        return None

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """No browser is started: it would run on the machine that the desk runs on."""

    # --- Painting ---------------------------------------------------------------------------------

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        """Send only what has changed; nothing at all when nothing has."""
        if isinstance(renderable, CompositorUpdate) and not self.is_headless:
            if self._batch_count:
                return
            changes = self._painted.changes(renderable, self.size, self.console)
            unmoved = self._previous_cursor_position == self.cursor_position
            if changes is not None:
                renderable = None if unmoved and not changes.sequences else changes
        super()._display(screen, renderable)
        if self.when_painted is not None:
            self.call_later(self.when_painted)
            self.when_painted = None

    async def until_painted(self) -> None:
        """Wait until what has changed is on the screen, if it is to be soon."""
        painted = asyncio.Event()
        self.when_painted = painted.set
        with suppress(TimeoutError):
            await asyncio.wait_for(painted.wait(), PAINTED_WITHIN)

    def _set_pointer_shape(self, shape: str) -> None:
        """Nothing: there is no mouse, and old terminals would show the sequence as text."""

    def repaint_all(self) -> None:
        """Send the whole screen again: line noise or another program may have written over it."""
        self._painted.forget()
        self.screen.refresh()

    def forget_painting(self) -> None:
        """Trust nothing on the screen: terminals move text about when their size changes."""
        self._painted.forget()
