"""The list: one widget for every list of the desk, of ten rows or of a million.

It keeps a window of consecutive rows in memory and reads on ahead of the cursor, so that moving
never waits; where it must wait (End, a page far away) it holds the keys until the rows are there.
Moving the cursor repaints two lines. What a row says is text, cut to its cells and never parsed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from rich.style import Style
from textual import events
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from preorder_tui.records import Page
from screens.key_gate import Hold
from screens.line_columns import Column
from screens.line_painter import LinePainter
from screens.line_window import PageSource, Window, index_of

if TYPE_CHECKING:
    from screens.app import DeskApp

Row = TypeVar("Row")

KEPT_ROWS = 1_000
"""How many rows stay in memory."""
TAGGED_AT_MOST = 10_000
"""How many rows "tag all" takes; more than that is a filter's job."""

_OWN_KEYS = frozenset(
    {"up", "down", "pageup", "pagedown", "home", "end", "space", "a", "ctrl+home", "ctrl+end"}
)


@dataclass(frozen=True)
class _Cursor:
    """Where the cursor is, to find it again after reading anew."""

    row_id: Hashable
    screen_row: int


class LineList(Widget, Generic[Row], can_focus=True):
    """A list of rows with a cursor and tags.

    Args:
        columns: what to show of a row.
        row_id: the row's identity: its tag and the cursor follow it.
        source: where pages come from; or
        rows: a whole list.
        group: a heading above the first row of each group, or None for no headings.
        disabled: why a row cannot be tagged or chosen; empty when it can.
        taggable: whether Space and ``a`` do anything.
        ticks: tags are shown as ``[x]`` and ``[ ]`` instead of ``*``.
        empty: what to say when there are no rows.
    """

    DEFAULT_CSS = "LineList { height: 1fr; width: 1fr; }"

    class Opened(Message):
        """Enter was pressed on a row."""

        def __init__(self, line_list: LineList[Any], row: Any) -> None:
            super().__init__()
            self.line_list = line_list
            self.row = row

        @property
        def control(self) -> LineList[Any]:
            """The list, for selectors."""
            return self.line_list

    class Moved(Message):
        """The cursor is on another row (None: there are no rows)."""

        def __init__(self, line_list: LineList[Any], row: Any) -> None:
            super().__init__()
            self.line_list = line_list
            self.row = row

        @property
        def control(self) -> LineList[Any]:
            """The list, for selectors."""
            return self.line_list

        def can_replace(self, message: Message) -> bool:
            """Only the last position matters."""
            return isinstance(message, LineList.Moved) and message.line_list is self.line_list

    class Tagged(Message):
        """Tags have changed."""

        def __init__(self, line_list: LineList[Any]) -> None:
            super().__init__()
            self.line_list = line_list

        @property
        def control(self) -> LineList[Any]:
            """The list, for selectors."""
            return self.line_list

    class Loaded(Message):
        """The list has been read (anew); the number of rows may have changed."""

        def __init__(self, line_list: LineList[Any]) -> None:
            super().__init__()
            self.line_list = line_list

        @property
        def control(self) -> LineList[Any]:
            """The list, for selectors."""
            return self.line_list

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        row_id: Callable[[Row], Hashable],
        *,
        source: PageSource[Row] | None = None,
        rows: Sequence[Row] | None = None,
        group: Callable[[Row], str] | None = None,
        disabled: Callable[[Row], str] | None = None,
        taggable: bool = True,
        ticks: bool = False,
        empty: str = "Nothing found.",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.row_id = row_id
        self.disabled_reason = disabled
        self.group = group
        self.taggable = taggable
        self.empty = empty
        self._source = source
        self._window: Window[Row] = Window()
        self._painter: LinePainter[Row] = LinePainter(ticks=ticks and taggable)
        self._ids: list[Hashable] = []
        self._lines: list[int | str] = []  # what is shown below the heading: a row, or a heading
        self._line_of: list[int] = []
        self._cursor = 0
        self._top = 0
        self._tags: dict[Hashable, Row] = {}
        self._changed: dict[Hashable, frozenset[int]] = {}
        self._read = False
        self._generation = 0
        self._reading = False
        self._hold: Hold | None = None
        self._steps: deque[str] = deque()
        if rows is not None:
            self._window.fill(rows)
            self._rebuild()
            self._read = True

    # --- What is in it ----------------------------------------------------------------------------

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._window.rows[self._cursor] if self._window.rows else None

    @property
    def loaded_rows(self) -> tuple[Row, ...]:
        """The rows in memory, in their order."""
        return tuple(self._window.rows)

    @property
    def whole_list_loaded(self) -> bool:
        """Whether the rows in memory are the whole list."""
        return self._window.at_start and self._window.at_end

    @property
    def tagged(self) -> tuple[Row, ...]:
        """The tagged rows, in the order in which they were tagged."""
        return tuple(self._tags.values())

    @property
    def chosen(self) -> tuple[Row, ...]:
        """The tagged rows, or the current row where nothing is tagged."""
        if self._tags:
            return self.tagged
        current = self.current
        return () if current is None else (current,)

    def reason_against_row(self, row: Row) -> str:
        """Why the row cannot be tagged or chosen; empty when it can."""
        return self.disabled_reason(row) if self.disabled_reason is not None else ""

    # --- Filling it -------------------------------------------------------------------------------

    def show_rows(self, rows: Sequence[Row], *, keep_cursor: bool = True) -> None:
        """Show another whole list; tags of rows that are gone fall off."""
        self._source = None
        self._generation += 1
        self._take(lambda: self._window.fill(rows), keep_cursor=keep_cursor)
        self._tags = {key: row for key, row in self._tags.items() if key in set(self._ids)}

    def show_source(self, source: PageSource[Row], *, keep_tags: bool = False) -> None:
        """Show another list that comes in pages, from its start. Keys wait until it is there."""
        self._source = source
        if not keep_tags:
            self._tags.clear()
        self._changed.clear()
        self._start_reading(self._read_first())

    def reload(self) -> None:
        """Read again what is shown; the cursor stays on its row, changed cells are marked."""
        if self._source is not None:
            self._start_reading(self._read_again())

    def clear_changed(self) -> None:
        """Take the marks of changed cells away."""
        self._changed.clear()
        self._repaint()

    def untag(self) -> None:
        """Take all tags off."""
        self._tags.clear()
        self._repaint()
        self.post_message(self.Tagged(self))

    def go_to(self, row_id: Hashable) -> bool:
        """Put the cursor on the row, if it is in memory."""
        index = index_of(self._ids, row_id)
        if index is None:
            return False
        self._set_cursor(index)
        return True

    def on_mount(self) -> None:
        """Read the first page."""
        if self._source is not None and not self._read:
            self._start_reading(self._read_first())

    # --- Reading ----------------------------------------------------------------------------------

    @property
    def _desk(self) -> DeskApp:
        return cast("DeskApp", self.app)

    @property
    def _height(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def _page_size(self) -> int:
        return max(50, 3 * (self.size.height or 24))

    def _start_reading(self, steps: Any) -> None:
        """Read in the foreground: keys wait."""
        self._generation += 1
        if self._hold is None:
            self._hold = self._desk.gate.hold()
        self._hold.take()
        self._steps.clear()
        self.run_worker(
            self._foreground(steps, self._generation), group="lines", exit_on_error=False
        )

    async def _foreground(self, steps: Any, generation: int) -> None:
        try:
            await steps
        except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
            await self._desk.show_error(error)
        finally:
            if generation == self._generation:
                self._read = True
                if self._hold is not None:
                    self._hold.let_go()
                self._repaint()
                self.post_message(self.Loaded(self))
                self._announce()

    async def _page(self, size: int, **where: Any) -> Page[Row]:
        assert self._source is not None
        return await self._source(size, **where)

    async def _read_first(self) -> None:
        generation = self._generation
        page = await self._page(self._page_size)
        if generation == self._generation:
            self._take(lambda: self._window.replace(page), keep_cursor=False)

    async def _read_last(self) -> None:
        generation = self._generation
        page = await self._page(self._page_size, place="last")
        if generation == self._generation:
            self._take(lambda: self._window.replace(page), keep_cursor=False)
            self._set_cursor(len(self._window) - 1)

    async def _read_again(self) -> None:
        generation = self._generation
        window = self._window
        first = self._first_row_shown()
        size = max(self._page_size, self._cursor - first + 2 * self._height)
        if first == 0 and (window.at_start or not window.keys):
            page = await self._page(size)
        elif first == 0:
            page = await self._page(size, before=window.keys[0])
            page = await self._page(size, after=page.keys[0]) if page.keys else page
        else:
            page = await self._page(size, after=window.keys[first - 1])
        if not page.rows:
            page = await self._page(size, place="last")
        if generation == self._generation:
            before = self._cell_texts()
            self._take(lambda: window.replace(page), keep_cursor=True)
            self._mark_changed(before)
            self._tags = {key: self._row_with(key, row) for key, row in self._tags.items()}

    def _row_with(self, row_id: Hashable, row: Row) -> Row:
        index = index_of(self._ids, row_id)
        return row if index is None else self._window.rows[index]

    def _read_ahead(self) -> None:
        """Fetch the next or the previous rows in the background when the cursor comes near."""
        window = self._window
        if self._reading or self._source is None or not window.rows:
            return
        near = 2 * self._height
        if not window.at_end and len(window) - self._cursor < near:
            where = {"after": window.keys[-1]}
        elif not window.at_start and self._cursor < near:
            where = {"before": window.keys[0]}
        else:
            return
        self._reading = True
        self.run_worker(self._extend(self._generation, where), group="ahead", exit_on_error=False)

    async def _extend(self, generation: int, where: dict[str, Any]) -> None:
        try:
            page = await self._page(self._page_size, **where)
        except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
            self._reading = False
            self._stop_waiting()
            await self._desk.show_error(error)
            return
        self._reading = False
        if generation != self._generation:
            return
        if "after" in where:
            shift = -self._window.append(page, KEPT_ROWS)
        else:
            shift = self._window.prepend(page, KEPT_ROWS)
        top_row = self._first_row_shown() + shift
        cursor_line = self._line_of[self._cursor] - self._top if self._line_of else 0
        self._cursor = max(0, min(self._cursor + shift, len(self._window) - 1))
        self._rebuild()
        if self._line_of:
            if 0 <= top_row < len(self._line_of):
                self._top = self._line_of[self._cursor] - cursor_line
            self._keep_in_sight()
        self._repaint()
        if self._steps:
            steps = tuple(self._steps)
            self._stop_waiting()
            for position, step in enumerate(steps):
                self._step(step)
                if self._steps:  # it waits again; the rest waits behind it
                    self._steps.extend(steps[position + 1 :])
                    return
        self._read_ahead()

    def _stop_waiting(self) -> None:
        self._steps.clear()
        if self._hold is not None:
            self._hold.let_go()

    # --- Rows and lines ---------------------------------------------------------------------------

    def _take(self, fill: Callable[[], None], *, keep_cursor: bool) -> None:
        """Replace the rows; the cursor stays on its row or where it was on the screen."""
        held = None
        if keep_cursor and self._ids:
            line = self._line_of[self._cursor] - self._top
            held = _Cursor(self._ids[self._cursor], line)
        place = self._cursor
        fill()
        self._rebuild()
        self._painter.forget_rows()
        self._read = True
        if held is None:
            self._cursor = self._top = 0
        else:
            found = index_of(self._ids, held.row_id)
            self._cursor = found if found is not None else min(place, len(self._ids) - 1)
            self._cursor = max(0, self._cursor)
            if self._line_of:
                self._top = self._line_of[self._cursor] - held.screen_row
        self._keep_in_sight()
        self._repaint()
        if self.is_mounted:
            self._announce()

    def _rebuild(self) -> None:
        """Work out which lines there are: rows, and a heading above each group."""
        self._ids = [self.row_id(row) for row in self._window.rows]
        if self.group is None:
            count = len(self._ids)
            self._lines = list(range(count))
            self._line_of = list(range(count))
            return
        self._lines = []
        self._line_of = []
        last: str | None = None
        for index, row in enumerate(self._window.rows):
            heading = self.group(row)
            if heading != last:
                self._lines.append(heading)
                last = heading
            self._line_of.append(len(self._lines))
            self._lines.append(index)

    def _first_row_shown(self) -> int:
        for line in self._lines[max(0, self._top) :]:
            if isinstance(line, int):
                return line
        return 0

    def _keep_in_sight(self) -> None:
        """Put the cursor's line inside what is shown, by half a page where it has left it."""
        if not self._line_of:
            self._top = 0
            return
        height = self._height
        line = self._line_of[self._cursor]
        if line < self._top or line >= self._top + height:
            self._top = line - height // 2
        # The heading of the first group is worth its line.
        if self._cursor == 0 and self._window.at_start:
            self._top = 0
        self._top = max(0, min(self._top, len(self._lines) - height))

    # --- Keys -------------------------------------------------------------------------------------

    def takes_key(self, event: events.Key) -> bool:
        """Whether the list handles this key by itself, so that the next one need not wait."""
        return event.key in _OWN_KEYS

    async def _on_key(self, event: events.Key) -> None:
        if event.key in _OWN_KEYS:
            event.stop()
            event.prevent_default()
            if self._steps:
                self._steps.append(event.key)
            else:
                self._step(event.key)
        elif event.key == "enter":
            event.stop()
            event.prevent_default()
            if self.current is not None:
                self.post_message(self.Opened(self, self.current))

    def _step(self, key: str) -> None:
        """Do what a key says."""
        if key == "space":
            self.tag_current()
        elif key == "a":
            self.tag_all()
        elif key in ("home", "ctrl+home"):
            self._go_to_end(last=False)
        elif key in ("end", "ctrl+end"):
            self._go_to_end(last=True)
        else:
            page = max(1, self._height - 1)
            self._move(key, {"up": -1, "down": 1, "pageup": -page, "pagedown": page}[key])

    def _move(self, key: str, by: int) -> None:
        window = self._window
        target = self._cursor + by
        waits = (target >= len(window) and not window.at_end) or (
            target < 0 and not window.at_start
        )
        if waits and self._source is not None and window.rows:
            self._steps.append(key)
            if self._hold is None:
                self._hold = self._desk.gate.hold()
            self._hold.take()
            self._read_ahead()
            return
        self._set_cursor(max(0, min(target, len(window) - 1)), paged=abs(by) > 1)
        self._read_ahead()

    def _go_to_end(self, *, last: bool) -> None:
        window = self._window
        if self._source is None or (window.at_end if last else window.at_start):
            self._set_cursor(len(window) - 1 if last else 0)
            self._read_ahead()
        else:
            self._start_reading(self._read_last() if last else self._read_first())

    def _set_cursor(self, index: int, *, paged: bool = False) -> None:
        if not self._line_of or index == self._cursor:
            return
        old_line, old_top = self._line_of[self._cursor], self._top
        self._cursor = index
        line = self._line_of[index]
        if paged and not old_top <= line < old_top + self._height:
            # A page keeps the cursor's place on the screen, so that the eye need not search.
            self._top += line - old_line
        self._keep_in_sight()
        if self._top != old_top:
            self._repaint()
        else:
            self._refresh_line(old_line)
            self._refresh_line(line)
        self._announce()

    def _announce(self) -> None:
        """Tell the page where the cursor is, and put the terminal's own cursor there."""
        self._place_terminal_cursor()
        self.post_message(self.Moved(self, self.current))

    # --- Tags -------------------------------------------------------------------------------------

    def tag_current(self) -> None:
        """Tag the row under the cursor, or take its tag off."""
        row = self.current
        if row is None or not self.taggable:
            return
        reason = self.reason_against_row(row)
        if reason:
            self._desk.say(reason)
            return
        row_id = self._ids[self._cursor]
        if row_id in self._tags:
            del self._tags[row_id]
        else:
            self._tags[row_id] = row
        self._refresh_line(self._line_of[self._cursor])
        self.post_message(self.Tagged(self))

    def tag_rows(self, ids: Sequence[Hashable]) -> None:
        """Tag these rows of the window, and no others."""
        wanted = set(ids)
        self._tags = {
            row_id: row
            for row_id, row in zip(self._ids, self._window.rows, strict=True)
            if row_id in wanted
        }
        self._repaint()
        self.post_message(self.Tagged(self))

    def tag_all(self) -> None:
        """Tag every row of the whole list that can be; if all are tagged, none."""
        if not self.taggable:
            return
        if self.whole_list_loaded or self._source is None:
            self._tag_these(self._window.rows)
        else:
            self._start_reading(self._read_and_tag_all())

    def _tag_these(self, rows: Sequence[Row]) -> None:
        free = {self.row_id(row): row for row in rows if not self.reason_against_row(row)}
        if free and all(row_id in self._tags for row_id in free):
            self._tags.clear()
        else:
            self._tags.update(free)
        self._repaint()
        self.post_message(self.Tagged(self))

    async def _read_and_tag_all(self) -> None:
        rows: list[Row] = []
        page = await self._page(1_000)
        rows.extend(page.rows)
        while not page.at_end and page.keys and len(rows) <= TAGGED_AT_MOST:
            page = await self._page(1_000, after=page.keys[-1])
            rows.extend(page.rows)
        if not page.at_end:
            self._desk.say(
                f"More than {TAGGED_AT_MOST:,} rows: narrow the list with / before tagging all."
            )
            return
        self._tag_these(rows)

    # --- Painting ---------------------------------------------------------------------------------

    def _cell_texts(self) -> dict[Hashable, list[str]]:
        return {
            row_id: [column.value(row) for column in self.columns]
            for row_id, row in zip(self._ids, self._window.rows, strict=True)
        }

    def _mark_changed(self, before: dict[Hashable, list[str]]) -> None:
        self._changed = {}
        for row_id, texts in self._cell_texts().items():
            old = before.get(row_id)
            if old is not None and old != texts:
                self._changed[row_id] = frozenset(
                    index for index, text in enumerate(texts) if old[index] != text
                )
        self._painter.forget_rows()

    def _repaint(self) -> None:
        self._painter.forget_rows()
        self._place_terminal_cursor()
        self.refresh()

    def _refresh_line(self, line: int) -> None:
        y = line - self._top + 1
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _place_terminal_cursor(self) -> None:
        """A screen reader follows the terminal's own cursor, so it stands on the current row."""
        if self.is_mounted and self.has_focus and self._line_of:
            y = self._line_of[self._cursor] - self._top + 1
            self.app.cursor_position = Offset(self.region.x, self.region.y + y)

    def on_focus(self) -> None:
        """Show the cursor row as such."""
        self._place_terminal_cursor()
        self._repaint()

    def on_blur(self) -> None:
        """Show the cursor row as resting."""
        self._repaint()

    def on_resize(self) -> None:
        """Lay the columns out anew."""
        self._painter.lay_out(self.columns, self.size.width)
        self._keep_in_sight()
        self._repaint()
        self._read_ahead()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines without borders or padding need none of the general machinery: it costs bytes."""
        lines = [self._line(y) for y in range(crop.y, crop.bottom)]
        if crop.x == 0 and crop.width >= self.size.width:
            return lines
        return [line.crop(crop.x, crop.right) for line in lines]

    def _line(self, y: int) -> Strip:
        painter = self._painter
        width = self.size.width
        if y == 0:
            return painter.header(width)
        index = self._top + y - 1
        if not self._lines:
            if y == 1:
                text = self.empty if self._read else "Reading…"
                return painter.words(f"   {text}", width)
            return painter.words("", width)
        if index >= len(self._lines):
            return painter.words("", width)
        line = self._lines[index]
        if isinstance(line, str):
            return painter.words(line, width, Style(bold=True, underline=True))
        row = self._window.rows[line]
        row_id = self._ids[line]
        return painter.row(
            row,
            row_id,
            current=line == self._cursor,
            focused=self.has_focus,
            tagged=row_id in self._tags,
            disabled=bool(self.reason_against_row(row)),
            changed=self._changed.get(row_id, frozenset()),
            width=width,
        )
