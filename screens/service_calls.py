"""Calling the service from a screen: in a thread, keys held, errors as sentences.

:class:`Flow` is one thing a person set going: an action that may read, ask and change. It holds the
keys from its start to its end, except while a dialog of its own waits for an answer, so that
whatever is typed ahead reaches the dialog or page it was meant for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from screens.actions import DoesActions
    from screens.app import DeskApp
    from screens.dialog import Dialog

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

BegunBy = tuple["DoesActions", str]
"""Where a flow was begun: the page, and the action by its name."""

Told = Callable[[], None]
"""Called now and then by long work in a thread; raises when the person has left it."""

NOTICE_AFTER = 0.5
"""Seconds after which a running call says so."""


class Abandoned(Exception):
    """The person pressed Esc while a call that could be given up was running.

    Its text is what to tell the person.
    """


@dataclass(slots=True)
class Waiting:
    """A call that is waited for: how far it is, and what Esc does to it.

    Attributes:
        on_stop: called when the person presses Esc; None where Esc does nothing.
        hint: what Esc does, for the message line.
        ends_at_once: nobody waits for the call's end after Esc.
        so_far: how far it is, once it has said so.
    """

    on_stop: Callable[[], None] | None = None
    hint: str = ""
    ends_at_once: bool = True
    so_far: str = ""


async def run_in_thread(
    work: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Result:
    """Run ``work`` in a thread. It always runs to its end, even if nobody waits any more."""
    loop = asyncio.get_running_loop()
    return await asyncio.shield(loop.run_in_executor(None, partial(work, *arguments, **options)))


async def call(
    app: DeskApp,
    work: Callable[Arguments, Result],
    *arguments: Arguments.args,
    **options: Arguments.kwargs,
) -> Result:
    """Run a service method with keys held; says "Working…" when it takes long."""
    with app.gate.hold_keys():
        return await _waited_for(app, run_in_thread(work, *arguments, **options), Waiting())


async def call_or_abandon(
    app: DeskApp,
    work: Callable[Arguments, Result],
    *arguments: Arguments.args,
    **options: Arguments.kwargs,
) -> Result:
    """The same for what changes nothing: Esc gives up waiting.

    Raises:
        Abandoned: the person gave up.
    """
    with app.gate.hold_keys():
        waiting = Waiting(on_stop=lambda: None, hint="Esc stops waiting")
        return await _waited_for(app, run_in_thread(work, *arguments, **options), waiting)


async def call_or_stop(
    app: DeskApp,
    work: Callable[..., Result],
    *arguments: object,
    **options: object,
) -> Result:
    """The same for what changes data and says how far it is (``tell``): Esc stops it.

    Until it has committed, that is: whoever is too late gets the result.

    Raises:
        Abandoned: it was stopped, and nothing was changed.
    """
    stopped = threading.Event()
    waiting = Waiting(on_stop=stopped.set, hint="Esc stops it, nothing changes", ends_at_once=False)

    def tell(done: int, total: int) -> None:
        if stopped.is_set():
            raise Abandoned("Stopped. Nothing was changed.")
        waiting.so_far = f"{100 * done // max(1, total)} %"

    with app.gate.hold_keys():
        return await _waited_for(
            app, run_in_thread(work, *arguments, **options, tell=tell), waiting
        )


async def call_told(app: DeskApp, work: Callable[[Told], Result]) -> Result:
    """The same for what changes nothing and takes long: Esc ends it, not only the waiting for it.

    Args:
        app: the desk.
        work: is given what it has to call now and then; that raises when the person has left.

    Raises:
        Abandoned: the person gave up.
    """
    left = threading.Event()

    def told() -> None:
        if left.is_set():
            raise Abandoned("Stopped. Nothing was changed.")

    with app.gate.hold_keys():
        waiting = Waiting(on_stop=left.set, hint="Esc stops it")
        return await _waited_for(app, run_in_thread(work, told), waiting)


async def _waited_for(app: DeskApp, call: Awaitable[Result], waiting: Waiting) -> Result:
    task = asyncio.ensure_future(call)
    done, _ = await asyncio.wait({task}, timeout=NOTICE_AFTER)
    if done:
        return task.result()
    began = monotonic() - NOTICE_AFTER
    gave_up = asyncio.Event()

    def answered(key: str) -> bool:
        # Only after the notice has been seen is Esc an answer to it; before, it was typed ahead.
        if key == "escape" and waiting.on_stop is not None:
            waiting.on_stop()
            gave_up.set()
            return True
        return False

    before = app.gate.while_held
    app.gate.while_held = answered
    stop = asyncio.ensure_future(gave_up.wait())
    try:
        while not task.done():
            hint = "stopping" if stop.done() else waiting.hint
            app.say_working(int(monotonic() - began), waiting.so_far, hint)
            # One line a second: no spinner, bytes cost money on a bad link.
            events = {task} if stop.done() else {task, stop}
            await asyncio.wait(events, timeout=1, return_when=asyncio.FIRST_COMPLETED)
            if stop.done() and waiting.ends_at_once and not task.done():
                task.add_done_callback(_forget)
                raise Abandoned("Stopped waiting. Nothing was changed.")
        return task.result()
    finally:
        stop.cancel()
        app.gate.while_held = before
        app.say_working(None)


def _forget(task: asyncio.Future[Result]) -> None:
    if not task.cancelled():
        task.exception()


_CURRENT: ContextVar[Flow] = ContextVar("flow")


def current_flow() -> Flow:
    """The flow that the running coroutine belongs to.

    Raises:
        LookupError: it belongs to none; dialogs are asked from actions (``start_flow``).
    """
    return _CURRENT.get()


class Flow:
    """One action under way. At most one at a time, because it holds the keys.

    It keeps the trail of its dialogs, so that what is typed in them can be kept and put back by
    going the same way again. A flow that has changed something keeps nothing more: going its way
    again would change it again.
    """

    def __init__(self, app: DeskApp, begun_by: BegunBy | None = None) -> None:
        self.app = app
        self.begun_by = begun_by
        self.trail: list[Dialog[Any]] = []
        self.applied = False
        self._writes = app.writes
        self._hold = app.gate.hold()
        self._over = False

    @property
    def can_be_kept(self) -> bool:
        """Whether going its way again would change nothing."""
        return self.begun_by is not None and not self.applied and self.app.writes == self._writes

    def _comes(self, dialog: Dialog[Any]) -> None:
        """A dialog is about to be shown; one that was shown before takes its own place."""
        if dialog.KEPT:
            names = [one.trail_name for one in self.trail]
            if dialog.trail_name in names:
                del self.trail[names.index(dialog.trail_name) :]
            self.trail.append(dialog)

    async def _is_there(self, dialog: Dialog[Any]) -> None:
        """A dialog is shown; what was kept of it is put back."""
        if self.begun_by is not None and self.app.reopening is not None:
            await self.app.reopening.meet(dialog)

    def _went(self, dialog: Dialog[Any], result: object) -> None:
        """A dialog was answered, or left: then it is no step on the way."""
        if result is None and dialog in self.trail:
            self.trail.remove(dialog)

    def start(self, steps: Awaitable[object]) -> None:
        """Run the steps; errors become sentences."""
        self._hold.take()
        if self.begun_by is not None:
            begun_on: Any = self.begun_by[0]
            if begun_on.place() is not None:
                self.app.flow_of_page = self
            elif hasattr(begun_on, "flow_within"):
                begun_on.flow_within = self
        self.app.run_worker(self._run(steps), group="flow", exit_on_error=False, exclusive=False)

    async def _run(self, steps: Awaitable[object]) -> None:
        _CURRENT.set(self)
        try:
            await steps
        except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
            await self.app.show_error(error)
        finally:
            self._over = True
            if self.begun_by is not None and hasattr(self.begun_by[0], "flow_within"):
                self.begun_by[0].flow_within = None
            self.app.flow_ended(self)
            self._hold.let_go()

    async def ask(self, dialog: Dialog[Result]) -> Result | None:
        """Show a dialog and wait for its answer; None when it was closed."""
        answer: asyncio.Future[Result | None] = asyncio.get_running_loop().create_future()

        def answered(result: Result | None) -> None:
            # The keys are taken back in the very step that dismisses the dialog, so that no key
            # reaches the page below before the flow has gone on.
            if not self._over:
                self._hold.take()
            self._went(dialog, result)
            if not answer.done():
                answer.set_result(result)

        dialog.when_answered = answered
        self._comes(dialog)
        await dialog.show_on(self.app)
        await self._is_there(dialog)
        self._hold.let_go()
        try:
            return await answer
        finally:
            if not self._over:
                self._hold.take()

    @asynccontextmanager
    async def asking(self, dialog: Dialog[Result]) -> AsyncIterator[Question[Result]]:
        """Show a dialog that is kept after its answer, in case the answer does not fit."""
        question = Question(self, dialog)
        await question.show()
        try:
            yield question
        finally:
            question.close()


class Question(Generic[Result]):
    """A dialog that stays, out of sight, while its answer is tried."""

    def __init__(self, flow: Flow, dialog: Dialog[Result]) -> None:
        self._flow = flow
        self._dialog = dialog
        self._closed = False
        self._answers: asyncio.Queue[Result | None] = asyncio.Queue()
        dialog.kept = True
        dialog.when_answered = self._answered

    def _answered(self, result: Result | None) -> None:
        # In the very step of the answer: no key reaches what is below before the flow has gone on.
        if not self._flow._over:
            self._flow._hold.take()
        self._flow._went(self._dialog, result)
        self._answers.put_nowait(result)

    async def show(self) -> None:
        """Show the dialog; keys go to it."""
        self._flow._comes(self._dialog)
        await self._dialog.show_on(self._flow.app)
        await self._flow._is_there(self._dialog)
        self._flow._hold.let_go()

    async def answer(self) -> Result | None:
        """The next answer; None: closed without one."""
        try:
            return await self._answers.get()
        finally:
            if not self._flow._over:
                self._flow._hold.take()

    async def come_back(self) -> None:
        """Show the dialog as it was left; it is to be answered again."""
        self._flow._comes(self._dialog)
        await self._dialog.come_back()
        self._flow._hold.let_go()

    def close(self) -> None:
        """Take the dialog away."""
        if not self._closed:
            self._closed = True
            self._dialog.go()
