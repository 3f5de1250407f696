"""What the import and the export page have in common: a process of their own that does the work.

A job runs behind its page, keys live, so that Esc cancels it at any time. Only for its
first moments do keys wait: most files are done by then, and what was typed ahead finds them done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

from textual.timer import Timer
from textual.widgets import Static

from preorder_tui.exim.client import EximWorker, OnProgress, WorkerLost
from preorder_tui.exim.configurations import Configuration
from preorder_tui.exim.records import Progress
from screens.desk_screen import DeskScreen
from screens.plain_text import plain
from screens.service_calls import NOTICE_AFTER, run_in_thread

Result = TypeVar("Result")

PATIENCE = 2.0
"""Seconds for which keys wait for a job; after that they are live, and it goes on behind them."""
SHOWN_EVERY = 0.5
CANCELLED = "Cancelled. Nothing was changed."

PHASES = {
    "reading": "Reading",
    "checking": "Checking",
    "applying": "Applying",
    "exporting": "Exporting",
}


def progress_words(progress: Progress | None, what: str) -> str:
    """How far a job is, in one line: no spinner, just numbers."""
    if progress is None:
        return f"{what}…  Esc or c cancels"
    if progress.phase == "committing":
        return "Committing…"  # it is written now, whole
    parts = [f"{PHASES.get(progress.phase, progress.phase)} {progress.done:,}"]
    if progress.total:
        percent = min(100, progress.done * 100 // progress.total)
        parts[0] += f" of {progress.total:,} ({percent}%)"
    if progress.rate >= 1:
        parts.append(f"{progress.rate:,.0f} rows/s")
    if progress.seconds_left is not None:
        parts.append(time_left(progress.seconds_left))
    return f"{', '.join(parts)}  Esc or c cancels"


def time_left(seconds: float) -> str:
    """Seconds or minutes, as far as they can be trusted."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s left"
    return f"{round(seconds / 60)} min left"


class EximPage(DeskScreen):
    """A page about one configuration."""

    BUSY: ClassVar[str] = "The job is running: Esc or c cancels it."
    WAITS_FOR_JOB: ClassVar[tuple[str, ...]] = ()
    """Actions that cannot be done while a job runs."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        self.configuration = configuration
        self.running = ""
        self.cancelling = False
        self._progress: Progress | None = None
        self._worker: EximWorker | None = None
        self._timer: Timer | None = None
        self._shown = ""

    def place(self) -> dict[str, Any] | None:
        """The configuration."""
        return {self.configuration.direction: self.configuration.config_id}

    # --- The process ------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Start the process now: it has imported what it needs before a file is chosen."""
        self._timer = self.set_interval(SHOWN_EVERY, self._show_progress, pause=True)
        self.run_worker(self._start_process(), group="exim-start", exit_on_error=False)

    async def _start_process(self) -> None:
        if self._worker is None:
            self._worker = await run_in_thread(
                self.service.exim_worker, self.desk.options.exchange_folder
            )

    async def on_unmount(self) -> None:
        """End the process; what it has not committed has never been."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await run_in_thread(worker.close)

    def _note(self, progress: Progress) -> None:
        self._progress = progress  # from another thread: shown at the next tick

    async def job(self, what: str, work: Callable[[EximWorker, OnProgress], Result]) -> Result:
        """Run one job of the process and show how far it is.

        Raises:
            Cancelled: a person cancelled it.
            WorkerLost: the process ended by itself; the next job starts a new one.
        """
        self.running, self.cancelling, self._progress = what, False, None
        self._show_progress()
        if self._timer is not None:
            self._timer.resume()
        try:
            await self._start_process()
            assert self._worker is not None
            return await run_in_thread(work, self._worker, self._note)
        except WorkerLost:
            worker, self._worker = self._worker, None
            if worker is not None:
                await run_in_thread(worker.close)
            raise
        finally:
            self.running = ""
            if self._timer is not None:
                self._timer.pause()
            if self.is_attached:
                self._show_progress()

    async def in_background(self, steps: Awaitable[None]) -> None:
        """Run a job's steps behind the page; keys wait only at first, Esc cancels throughout."""
        gate = self.desk.gate

        async def told() -> None:
            try:
                await steps
            except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
                await self.desk.show_error(error)

        done = asyncio.ensure_future(
            self.run_worker(told(), group="exim", exit_on_error=False).wait()
        )
        done.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.wait({done}, timeout=NOTICE_AFTER)
        if done.done():
            return
        before = gate.while_held
        gate.while_held = self._answered
        try:
            await asyncio.wait({done}, timeout=PATIENCE - NOTICE_AFTER)
        finally:
            gate.while_held = before
        if not done.done():
            gate.discard_typed_ahead()  # it was meant for what is not there yet

    def _answered(self, key: str) -> bool:
        if key in ("escape", "c") and self.running:
            self.cancel()
            return True
        return False

    def cancel(self) -> None:
        """Ask the process to stop; it answers when nothing is left of what it did."""
        worker = self._worker
        if worker is not None and not self.cancelling:
            self.cancelling = True
            self._show_progress()
            self.run_worker(run_in_thread(worker.cancel), group="cancel", exit_on_error=False)

    def _show_progress(self) -> None:
        text = ""
        if self.running:
            text = (
                "Cancelling…" if self.cancelling else progress_words(self._progress, self.running)
            )
        if text != self._shown:
            self._shown = text
            with suppress(LookupError):
                self.query_one(".progress", Static).update(plain(text))
            self.job_shown()

    def job_shown(self) -> None:
        """The line of progress has changed."""

    # --- Keys -------------------------------------------------------------------------------------

    def reason_against(self, name: str) -> str | None:
        """What would disturb a running job."""
        if self.running and name in self.WAITS_FOR_JOB:
            return self.BUSY
        return None

    def draft(self) -> str:
        """Leaving the desk ends a running job."""
        return f"{self.running} is running and would be cancelled." if self.running else ""

    def do_cancel_run(self) -> None:
        """c."""
        if self.running:
            self.cancel()
        else:
            self.say("Nothing is running.")

    def do_close(self) -> object:
        """Esc: cancel what runs, else close the page."""
        if self.running:
            self.cancel()
            return None
        return super().do_close()

    def do_back(self) -> object:
        """F12: not while a job runs here."""
        if self.running:
            self.say(self.BUSY)
            return None
        return super().do_back()
