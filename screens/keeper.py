"""Keeping what is typed and not applied, so that a line that drops takes nothing with it.

A second after a key the keeper looks at what stands in the fields, ticks and filters of the open
pages and of the action under way, and has a thread write what is other than before: no key waits
for it, and nothing is written where nothing was typed. When the desk ends it looks once more.
What is applied, or left with Esc, is taken away again.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from preorder_tui.desk_sessions import CLOSED, FAILED, HUNG_UP, INTERRUPTED, LEFT, TERMINATED
from preorder_tui.errors import DeskError
from preorder_tui.failures import write_log
from preorder_tui.kept_input import Draft
from screens.service_calls import run_in_thread

if TYPE_CHECKING:
    from preorder_tui.left_behind import LeftByDesks
    from preorder_tui.records import Outcome
    from screens.app import DeskApp
    from screens.desk_screen import DeskScreen
    from screens.dialog import Dialog
    from screens.service_calls import Flow

LOOK_AFTER = 1.0
"""Seconds from a key to the look at what stands there then."""
AT_THE_END = 1.0
"""Seconds that a person who leaves waits for the database."""
NOBODY_WAITS = 8.0
"""Seconds that a desk waits for it whose line has dropped or that is told to end: nobody sits
there, and a host where all desks end at once takes its time."""
SEEN_EVERY = 60.0
ASK_AGAIN = 15.0
"""Seconds until another desk of the same person, open at the start, is asked about again."""

ENDS = {
    128 + signal.SIGHUP: HUNG_UP,
    128 + signal.SIGTERM: TERMINATED,
    128 + signal.SIGINT: INTERRUPTED,
    0: LEFT,
}
"""How the desk ends, by its exit status."""

WAY_THERE = frozenset({"filters"})
"""What led to the page above, and is no work of its own."""

Drafts = dict[str, Draft]


class Keeper:
    """Keeps the drafts of one desk."""

    def __init__(self, desk: DeskApp) -> None:
        self._desk = desk
        self._wanted: dict[str, Draft | None] = {}
        """What is kept, or is about to be, by place."""
        self._handle: asyncio.TimerHandle | None = None
        self._given_up = False
        self._ended = False
        # What the thread that writes shares with the loop.
        self._changes = Lock()
        self._pending: dict[str, Draft | None] = {}
        self._ended_as = ""
        self._thread: Thread | None = None
        # What only whoever writes looks at.
        self._writing = Lock()
        self._session: int | None = None
        self._numbers: dict[str, int] = {}

    def start(self) -> None:
        """Ask what earlier desks left, then look after each key."""
        self._desk.gate.after_key = self.soon
        self._desk.set_interval(SEEN_EVERY, self._say_that_it_is_there)
        self._desk.run_worker(self._ask_what_was_left(), group="keeper", exit_on_error=False)
        if self._desk.gate.keys_let_through:
            self.soon()

    # --- What was left ----------------------------------------------------------------------------

    async def _ask_what_was_left(self, *, again: bool = False) -> None:
        while self._desk.gate.held and not again:
            await asyncio.sleep(0.05)  # the rows come first
        try:
            left = await run_in_thread(self._left)
        except DeskError:
            return  # the look-out says so; what is typed is written when the database is back
        except Exception as error:  # noqa: BLE001 (told in the log; the desk goes on without it)
            write_log(error)
            return
        from screens import what_was_left

        what_was_left.tell(self._desk, left, again=again)
        if left.open:
            self._desk.set_timer(ASK_AGAIN, self._look_for_the_others)

    def _look_for_the_others(self) -> None:
        steps = self._ask_what_was_left(again=True)
        self._desk.run_worker(steps, group="keeper", exit_on_error=False)

    def _left(self) -> LeftByDesks:
        with self._writing:
            left = self._desk.service.left_by_desks(self._session)
            self._session = left.session
            return left

    def _say_that_it_is_there(self) -> None:
        with self._changes:
            self._pending.setdefault("", None)
        self._write_soon()

    # --- Looking ----------------------------------------------------------------------------------

    def soon(self) -> None:
        """A key came: look when it and those after it have had their effect."""
        if self._handle is None and not self._ended:
            loop = asyncio.get_running_loop()
            self._handle = loop.call_later(LOOK_AFTER, self._look)

    def _look(self) -> None:
        self.look_now()
        if not self._desk.gate.idle:
            self.soon()  # a key has not had its effect yet

    def look_now(self) -> None:
        """Have written what is other than it was."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if not self._ended:
            try:
                self._want(drafts_of(self._desk))
            except Exception as error:  # noqa: BLE001 (told in the log; the desk goes on)
                write_log(error)

    def _want(self, drafts: Drafts) -> None:
        gone: dict[str, Draft | None] = {
            key: None for key, draft in self._wanted.items() if draft and key not in drafts
        }
        changes = gone | {
            key: draft for key, draft in drafts.items() if self._wanted.get(key) != draft
        }
        self._wanted = dict(drafts)
        with self._changes:
            self._pending |= changes
            anything = bool(self._pending)
        if anything:
            self._write_soon()

    def _keep_what_was_not_asked_about(self) -> None:
        try:
            asked_about = {key_of(page) for page in self._desk.desk_pages() if page.draft()}
            drafts = drafts_of(self._desk)
            self._want({key: one for key, one in drafts.items() if key not in asked_about})
        except Exception as error:  # noqa: BLE001 (told in the log; the desk ends all the same)
            write_log(error)

    def take_over(self, page: DeskScreen, number: int) -> None:
        """A draft is open on a page again: from now on it is this desk's."""
        key = key_of(page)
        if not key:
            return
        if self._numbers.setdefault(key, number) != number:  # it has one of its own there
            key_of_other = f"#{number}"
            self._numbers[key_of_other] = number
            with self._changes:
                self._pending[key_of_other] = None
        self._wanted[key] = drafts_of(self._desk).get(key)
        with self._changes:
            self._pending[key] = self._wanted[key]
        self.look_now()

    # --- Writing, in a thread ---------------------------------------------------------------------

    def _write_soon(self) -> None:
        with self._changes:
            if self._thread is None:
                self._thread = Thread(target=self._write_all, name="keeper", daemon=True)
                self._thread.start()

    def _write_all(self) -> None:
        """Until there is no more to write; what fails is tried again after the next key."""
        while True:
            with self._changes:
                if not self._pending and not self._ended_as:
                    self._thread = None
                    return
            try:
                self._write_pending()
            except Exception as error:  # noqa: BLE001 (in a thread of its own; told in the log)
                if not isinstance(error, DeskError):
                    write_log(error)
                with self._changes:
                    self._thread = None
                return

    def _write_pending(self) -> None:
        with self._writing:
            with self._changes:
                changes, ended = self._pending, self._ended_as
                self._pending, self._ended_as = {}, ""
            try:
                self._write(changes, ended)
            except BaseException:
                with self._changes:
                    self._pending = changes | self._pending
                    self._ended_as = self._ended_as or ended
                raise

    def _write(self, changes: dict[str, Draft | None], ended: str) -> None:
        kept = {key: draft for key, draft in changes.items() if draft is not None}
        gone = [key for key, draft in changes.items() if draft is None and key in self._numbers]
        if not (kept or gone or (self._session is not None and (ended or "" in changes))):
            return
        done = self._desk.service.keep_input(
            self._session,
            [(self._numbers.get(key), draft) for key, draft in kept.items()],
            [self._numbers[key] for key in gone],
            ended,
        )
        self._session = done.session
        self._numbers |= dict(zip(kept, done.numbers, strict=True))
        for key in gone:
            del self._numbers[key]

    # --- What is applied is no draft any more -----------------------------------------------------

    def applying(self, apply: Callable[..., Outcome]) -> Callable[..., Outcome]:
        """The same, and in its thread, right after it, the draft that led to it is taken away."""
        flow = self._desk.flow_of_page
        key = "" if flow is None else key_of(flow.begun_by[0]) if flow.begun_by else ""

        def applied(*arguments: Any, **options: Any) -> Outcome:
            outcome = apply(*arguments, **options)
            if flow is not None and key:
                flow.applied = True
                with self._changes:
                    self._pending[key] = None
                try:
                    self._write_pending()
                except Exception as error:  # noqa: BLE001 (what was applied is applied)
                    if not isinstance(error, DeskError):
                        write_log(error)
            return outcome

        return applied

    # --- The end ----------------------------------------------------------------------------------

    def give_up(self) -> None:
        """The person leaves the desk. What they were asked about is given up, the rest is kept."""
        self._given_up = True

    def end(self, status: int, *, look: bool = True) -> None:
        """The desk ends: keep what is there, if the database answers soon.

        Args:
            status: its exit status.
            look: whether its pages are still there to be looked at.
        """
        if self._ended:
            return
        if self._given_up:
            self._keep_what_was_not_asked_about()
        elif look:
            self.look_now()
        self._ended = True
        ended = CLOSED if self._given_up else ENDS.get(status, FAILED)
        with self._changes:
            self._ended_as = ended
        self._write_soon()
        thread = self._thread
        if thread is not None:
            thread.join(NOBODY_WAITS if ended in (HUNG_UP, TERMINATED) else AT_THE_END)


# --- What there is to keep ------------------------------------------------------------------------


def key_of(page: Any) -> str:
    """The place of a page as text; empty where nothing is kept of it."""
    place = page.place()
    return "" if place is None else json.dumps(place, sort_keys=True)


def drafts_of(desk: DeskApp) -> Drafts:
    """The drafts of all open pages, by place: one for each."""
    flow = desk.flow_of_page
    found: Drafts = {}
    pages = desk.desk_pages()
    for page in pages:
        key = key_of(page)
        if key:
            draft = _draft_of(page, flow, on_top=page is pages[-1])
            if draft is not None:
                found[key] = draft
    return found


def _draft_of(page: DeskScreen, flow: Flow | None, *, on_top: bool) -> Draft | None:
    kept = page.kept_input()
    if not on_top and kept.keys() <= WAY_THERE:
        return None  # somebody has gone on from there
    trail = flow.trail if flow is not None and flow.can_be_kept else []
    if flow is None or flow.begun_by is None or flow.begun_by[0] is not page:
        trail = []
    if not any(_has_input(dialog) for dialog in trail):
        trail = []
    if not kept and not trail:
        return None
    way = page.path()
    path = " > ".join(way)
    document: dict[str, Any] = {"place": page.place(), "page": kept}
    # A page of the menu by its name, one below it with the page that leads there.
    title = " > ".join(way[-2:] if len(way) > 2 else way[-1:])
    words = [page.input_words()] if kept else []
    if trail:
        assert flow is not None
        assert flow.begun_by is not None
        document |= {
            "action": flow.begun_by[1],
            "row": page.current_row(),
            "trail": [_step(dialog) for dialog in trail],
        }
        said = [dialog for dialog in trail if _has_input(dialog)]
        title = next((one.box_title for one in said if not one.SHOWS_PLAN), "")
        title = title or trail[0].box_title
        words += [
            text
            for one in said
            if (text := _words_of(one)) and not (one.SHOWS_PLAN and title in text)
        ]
    return Draft(path, title, "; ".join(word for word in words if word), document)


def _step(dialog: Dialog[Any]) -> dict[str, Any]:
    """A dialog on the way, and what is open above it: a look-up, which has a way of its own."""
    step = {
        "dialog": type(dialog).__name__,
        "title": dialog.box_title,
        "input": dialog.input_now,
    }
    flow = _flow_within(dialog)
    if flow is not None and flow.begun_by is not None:
        trail = [_step(one) for one in flow.trail]
        step["within"] = {"action": flow.begun_by[1], "trail": trail}
    return step


def _flow_within(dialog: Dialog[Any]) -> Flow | None:
    flow = dialog.flow_within
    if flow is None or not flow.can_be_kept or not any(map(_has_input, flow.trail)):
        return None
    return flow


def _has_input(dialog: Dialog[Any]) -> bool:
    return dialog.has_input() or _flow_within(dialog) is not None


def _words_of(dialog: Dialog[Any]) -> str:
    flow = _flow_within(dialog)
    above = [_words_of(one) for one in flow.trail] if flow is not None else []
    return ", ".join(filter(None, [dialog.input_words(), *above]))
