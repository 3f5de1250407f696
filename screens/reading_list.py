"""The part of a list that reads rows: in the foreground with keys held, or ahead of the cursor."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from textual.widget import Widget

from preorder_tui.records import Key, Page
from screens.fresh_rows import RowMarks, Texts, merged
from screens.key_gate import Hold
from screens.line_view import LineView
from screens.line_window import PageSource, index_of
from screens.paged_rows import PagedRows

if TYPE_CHECKING:
    from screens.app import DeskApp

Row = TypeVar("Row")

KEPT_ROWS = 1_000
"""How many rows stay in memory."""


class ReadingList(Widget, Generic[Row]):
    """A widget over a view of rows. Keys that need rows which are not there yet wait in it."""

    def __init__(
        self,
        row_id: Callable[[Row], Hashable],
        *,
        source: PageSource[Row] | None,
        rows: Sequence[Row] | None,
        first: Page[Row] | None,
        group: Callable[[Row], str] | None,
        id: str | None,
    ) -> None:
        super().__init__(id=id)
        self._view: LineView[Row] = LineView(row_id, group)
        self._paged = None if source is None else PagedRows(source, self._view)
        self._state = "Reading…"
        self.quiet = False
        """Keys go on while rows are read: the person is typing what they are read for."""
        self.could_not_be_read = False
        """The last reading failed: what is shown, if anything, is older."""
        self._generation = 0  # of the rows: what was asked for an older one is dropped
        self._reading = False  # in the foreground: keys wait
        self._reading_ahead = False
        self._hold: Hold | None = None
        self._marks = RowMarks()
        self._renewing = False  # rows shown now are put in place of the old ones
        self._steps: deque[str] = deque()  # keys that wait for rows
        if rows is not None:
            self._view.window.fill(rows)
        if first is not None:
            self._view.window.replace(first)
        self._has_first = first is not None
        if rows is not None or first is not None:
            self._view.lay_out()
            self._state = ""

    # --- What the list itself does ----------------------------------------------------------------

    def _step(self, key: str) -> None:
        """Do what a key says."""
        raise NotImplementedError

    def _set_cursor(self, row: int, *, paged: bool = False) -> None:
        """Put the cursor on a row."""
        raise NotImplementedError

    def _take(
        self, change: Callable[[], None], *, keep_cursor: bool, mark_changed: bool = False
    ) -> None:
        """Replace the rows."""
        raise NotImplementedError

    def _cell_texts(self) -> Texts:
        """What stands in the cells of the rows in memory."""
        raise NotImplementedError

    def _extended(self) -> None:
        """Rows have been added at one end; nothing has moved on the screen."""
        raise NotImplementedError

    def _has_read(self) -> None:
        """Reading in the foreground has ended."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Read the first page, unless it was given."""
        if self._paged is not None and not self._generation and not self._has_first:
            self._read(self._first_page)

    def on_unmount(self) -> None:
        """Nobody waits for a list that is gone."""
        self._stop_waiting()

    # --- Reading ----------------------------------------------------------------------------------

    @property
    def _desk(self) -> DeskApp:
        return cast("DeskApp", self.app)

    @property
    def reading(self) -> bool:
        """Whether rows are being read that keys wait for."""
        return self._reading

    def _read(self, read: Callable[[int], Awaitable[None]]) -> None:
        """Read in the foreground: keys wait."""
        self._generation += 1
        self._reading = True
        self._take_hold()
        reading = self._foreground(read, self._generation)
        self.run_worker(reading, group="lines", exit_on_error=False)

    async def _foreground(self, read: Callable[[int], Awaitable[None]], generation: int) -> None:
        self._state = "Reading…"
        failed = False
        try:
            await read(generation)
            state = ""
        except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
            state, failed = "This could not be read. F5 tries again.", True
            await self._desk.show_error(error)
        if generation == self._generation:
            self._reading = False
            self._state, self.could_not_be_read = state, failed
            self._has_read()
            self._go_on()

    async def _first_page(self, generation: int) -> None:
        self._replace(await self._pages().first(), generation)

    async def _page_near(self, key: Key, generation: int) -> None:
        page, row = await self._pages().near(key)
        if self._replace(page, generation):
            self._set_cursor(row)

    async def _last_page(self, generation: int) -> None:
        page = await self._pages().last()
        if self._replace(page, generation):
            self._set_cursor(len(page.rows) - 1)

    async def _same_page(self, generation: int) -> None:
        self._replace(await self._pages().shown(), generation, again=True)

    def _pages(self) -> PagedRows[Row]:
        assert self._paged is not None
        return self._paged

    def _replace(self, page: Page[Row], generation: int, *, again: bool = False) -> bool:
        """Show this page, unless something else has been asked for since."""
        if generation != self._generation:
            return False
        self._take(lambda: self._view.window.replace(page), keep_cursor=again, mark_changed=again)
        return True

    def _read_ahead(self) -> None:
        """Fetch the next or the previous rows in the background when the cursor comes near."""
        if self._reading_ahead or self._paged is None:
            return
        where = self._paged.ahead()
        if where is not None:
            self._reading_ahead = True
            extending = self._extend(self._generation, where)
            self.run_worker(extending, group="ahead", exit_on_error=False)

    async def _extend(self, generation: int, where: dict[str, Any]) -> None:
        try:
            page = await self._pages().at(where)
        except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
            self._reading_ahead = False
            self._stop_waiting()
            await self._desk.show_error(error)
            return
        self._reading_ahead = False
        if generation == self._generation:
            self._view.extend(page, at_end="after" in where, at_most=KEPT_ROWS)
            self._extended()
            self._go_on()

    # --- Reading again while a person works on the rows -------------------------------------------

    def ids_in_sight(self) -> list[Hashable]:
        """The rows that are shown, by what they are."""
        return self._view.ids_in_sight()

    async def look_again(self) -> bool | None:
        """Read what is shown again, in the background, and put it in its place.

        Keys go on meanwhile. The cursor stays on its row, tags stay; what changed is marked, and a
        row that no longer belongs here stays where it is, marked as gone. Returns whether anything
        that is shown differs; None: not now, rows are being read.
        """
        if self._paged is None or self._reading or self._reading_ahead or self._steps:
            return None
        view, generation = self._view, self._generation
        first = view.first_row_shown()
        if first == 0 and not view.window.at_start:
            return None  # the rows before are about to be read
        anchor = view.ids[first] if view.ids else None
        page = await self._paged.shown_again(first)
        first = 0 if anchor is None else index_of(view.ids, anchor) or 0
        busy = self._reading or self._reading_ahead or self._steps
        if busy or generation != self._generation or anchor != (view.ids or [None])[first]:
            return None
        return self._renew(page, first)

    def _renew(self, fresh: Page[Row], first: int) -> bool:
        """Put fresh rows in place of those from ``first`` on; whether one in sight differs."""
        view, earlier = self._view, self._marks
        shown = view.ids_in_sight()
        texts = self._cell_texts()
        result = merged(view.window, view.ids, view.row_id, fresh, first, shown)
        self._take(lambda: view.window.replace(result.page), keep_cursor=True)
        marks = self._marks = RowMarks.between(texts, self._cell_texts())
        marks.gone = result.gone
        marks.new = result.new if texts else set()
        touched = marks.cells.keys() | marks.new | (marks.gone - earlier.gone)
        in_sight = view.ids_in_sight()
        if not earlier.seen:  # nobody has had the time to look at the marks before these
            marks.add(earlier)
        return in_sight != shown or not touched.isdisjoint(in_sight)

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """While the block runs, a whole list that is shown is put in place of the old one."""
        self._renewing = True
        try:
            yield
        finally:
            self._renewing = False

    # --- Keys that wait for rows ------------------------------------------------------------------

    def hold_until_read(self) -> None:
        """Keys wait from now on, if the list is being read."""
        if self._reading:
            self._take_hold()

    def _take_hold(self) -> None:
        if self.quiet:
            return
        if self._hold is None:
            self._hold = self._desk.gate.hold()
        self._hold.take()

    def _go_on(self) -> None:
        """Do the steps that waited for rows, and let keys through again."""
        steps = tuple(self._steps)
        self._steps.clear()
        for position, step in enumerate(steps):
            self._step(step)
            if self._steps or self._reading:  # it waits again, and the rest behind it
                self._steps.extend(steps[position + 1 :])
                return
        self._stop_waiting()
        self._read_ahead()

    def _stop_waiting(self) -> None:
        self._steps.clear()
        if self._hold is not None:
            self._hold.let_go()
