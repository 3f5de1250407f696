"""The key gate: keys take effect in the order they were typed, where they were meant to.

Stock Textual routes a key when the *app* sees it, not when the key before it has taken effect, so
whatever is typed ahead of a busy screen lands in the wrong place. The gate stands in front: it
forwards a key only when everything the last one caused has happened (screens mounted, focus set),
and not at all while a foreground operation holds the keys.

Two shortcuts keep it cheap. The settling is done right after a key was forwarded, so that the next
key of a person who types slower than the program finds the gate open. And a focused widget may
declare that it handles a key by itself, in its own queue, without moving focus (``takes_key``);
such keys follow each other without settling in between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual import events
from textual.message_pump import MessagePump

from screens import keys

if TYPE_CHECKING:
    from textual.app import App

ESCAPE_HATCH = frozenset(key for name in keys.WITHOUT_WAITING for key in keys.ACTIONS[name].keys)
"""Keys that get through while keys are held."""

_ROUNDS = 20
_PATIENCE = 2.0
_PAINTED_WITHIN = 0.02


class Hold:
    """Somebody's claim that keys must wait. Taking and letting go twice counts once."""

    def __init__(self, gate: KeyGate) -> None:
        self._gate = gate
        self._taken = False

    def take(self) -> None:
        """Keep keys waiting."""
        if not self._taken:
            self._taken = True
            self._gate._held(+1)

    @property
    def taken(self) -> bool:
        """Whether it is taken now."""
        return self._taken

    def let_go(self) -> None:
        """Let keys through again, once everything has settled."""
        if self._taken:
            self._taken = False
            self._gate._held(-1)


class _Barrier:
    """A callback that tells that everything before it in a queue has been worked off."""

    _param_count = 0  # Textual would work it out each time, which takes longer than all the rest

    def __init__(self) -> None:
        self.reached = asyncio.Event()

    def __call__(self) -> None:
        self.reached.set()


class KeyGate:
    """Orders the keys of one app. The app gives it each key event that comes from the terminal."""

    def __init__(self, app: App[Any], forward: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._forward = forward
        self._waiting: deque[events.Event] = deque()
        self._holds = 0
        self._shut = False
        self._wake = asyncio.Event()
        self._settled = True
        self._settled_on: tuple[object, object] | None = None
        self._settling = False
        self._taken_by: object | None = None
        self._task: asyncio.Task[None] | None = None
        self.while_held: Callable[[str], bool] | None = None
        """Asked first for a key that comes while keys are held; true when it was an answer."""
        self.after_key: Callable[[], None] | None = None
        """Told of each key that is let through."""
        self.keys_let_through = 0

    # --- Keys in -------------------------------------------------------------------------------

    async def offer(self, event: events.Key | events.Paste) -> None:
        """Take a key or a paste: forwarded now if nothing is pending, else in its turn."""
        if self._shut:
            return
        if isinstance(event, events.Key):
            if event.key == "ctrl+j":  # a scanner that ends its line with LF means Enter
                event = events.Key("enter", "\r")
            if event.key in ESCAPE_HATCH and (self._holds or self._waiting):
                await self._forward(event)
                return
            if self._holds and self.while_held is not None and self.while_held(event.key):
                return
        if self._waiting or not self._open_for(event):
            self._waiting.append(event)
            self._start()
            self._wake.set()
            return
        await self._let_through(event)
        self._start()
        self._wake.set()

    @property
    def idle(self) -> bool:
        """Whether no key waits and what the last one caused has happened."""
        return not self._waiting and not self._holds and self._settled and not self._settling

    def discard_typed_ahead(self) -> int:
        """Forget what was typed ahead, with a beep if that was anything; how many keys it was."""
        discarded = len(self._waiting)
        self._waiting.clear()
        if discarded:
            self._app.bell()
        return discarded

    def shut(self) -> None:
        """Let nothing through any more: the desk is closing, and what waits is for nobody."""
        self._shut = True
        self._waiting.clear()

    # --- Holding -------------------------------------------------------------------------------

    def hold(self) -> Hold:
        """A claim, not yet taken."""
        return Hold(self)

    @contextmanager
    def hold_keys(self) -> Iterator[Hold]:
        """Keep keys waiting while the block runs."""
        hold = Hold(self)
        hold.take()
        try:
            yield hold
        finally:
            hold.let_go()

    @property
    def holds(self) -> int:
        """How many claims there are that keys must wait."""
        return self._holds

    @property
    def held(self) -> bool:
        """Whether anybody holds the keys."""
        return self._holds > 0

    def _held(self, step: int) -> None:
        self._holds += step
        self._settled = False
        self._taken_by = None
        if not self._holds:
            self._start()
            self._wake.set()

    # --- Keys out ------------------------------------------------------------------------------

    def _where(self) -> tuple[object, object]:
        screen = self._app.screen if self._app.screen_stack else None
        return screen, screen.focused if screen is not None else None

    def _takes(self, event: events.Event, focused: object) -> bool:
        takes = getattr(focused, "takes_key", None)
        return isinstance(event, events.Key) and takes is not None and bool(takes(event))

    def _open_for(self, event: events.Event) -> bool:
        if self._holds or self._settling:
            return False
        where = self._where()
        if self._settled and self._settled_on == where:
            return True
        # Not settled, but all that is under way is keys that this very widget takes by itself.
        focused = where[1]
        return focused is not None and self._taken_by is focused and self._takes(event, focused)

    async def _let_through(self, event: events.Event) -> None:
        where = self._where()
        focused = where[1]
        self._taken_by = focused if self._takes(event, focused) else None
        self._settled = False
        self.keys_let_through += 1
        if self.after_key is not None:
            self.after_key()
        await self._forward(event)

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._serve(), name="key gate")

    async def _serve(self) -> None:
        """Settle after keys, and forward the waiting ones in order."""
        try:
            while self._app.is_running and not self._shut:
                await self._wake.wait()
                self._wake.clear()
                while not self._holds and not self._shut:
                    if self._waiting and self._open_for(self._waiting[0]):
                        await self._let_through(self._waiting.popleft())
                    elif self._settled and self._settled_on == self._where():
                        break
                    elif not await self._next_key_soon():
                        await self._settle()
        except Exception as error:  # noqa: BLE001 (a failing key must not die silently in a task)
            self._app._handle_exception(error)

    async def _next_key_soon(self) -> bool:
        """After a key that a widget handled by itself, let it paint before settling.

        Whether another key came meanwhile; there is time enough to settle before a person's next.
        """
        if self._taken_by is None or self._waiting:
            return False
        self._wake.clear()
        try:
            async with asyncio.timeout(_PAINTED_WITHIN):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True

    async def _settle(self) -> None:
        """Wait until what the last key caused has happened, or two seconds."""
        self._settling = True
        try:
            give_up = monotonic() + _PATIENCE
            quiet = 0
            for _ in range(_ROUNDS):
                before = self._where()
                calm = await self._pass_through_queues(give_up)
                if self._holds:
                    return  # settles anew when it is let go
                screen = before[0]
                calm = calm and before == self._where()
                if calm and isinstance(screen, MessagePump):
                    calm = screen._is_mounted and not getattr(screen, "_callbacks", ())
                quiet = quiet + 1 if calm else 0
                if quiet == 2 or monotonic() > give_up:
                    break
            self._settled = True
            self._settled_on = self._where()
            self._taken_by = None
        finally:
            self._settling = False

    async def _pass_through_queues(self, give_up: float) -> bool:
        """One barrier through every queue from the focused widget up to the app, in turn."""
        calm = True
        screen, focused = self._where()
        node: object | None = focused or screen
        while isinstance(node, MessagePump):
            if node.message_queue_size or node._next_callbacks:
                calm = False
            passed = _Barrier()
            if node.post_message(events.Callback(callback=passed)):
                try:
                    async with asyncio.timeout_at(
                        asyncio.get_running_loop().time() + max(0.01, give_up - monotonic())
                    ):
                        await passed.reached.wait()
                except TimeoutError:
                    return False
            node = node._parent
        return calm
