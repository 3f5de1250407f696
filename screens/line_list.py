"""The list: one widget for every list of the desk, of ten rows or of a million.

It keeps a window of consecutive rows in memory and reads on ahead of the cursor, so that moving
never waits; where it must wait (End, a page far away) it holds the keys until the rows are there.
Moving the cursor repaints two lines. What a row says is text, cut to its cells and never parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.strip import Strip

from preorder_tui.records import Page
from screens.fresh_rows import RowMarks
from screens.line_columns import Column
from screens.line_list_messages import ListMessage, RowMessage
from screens.line_painter import LinePainter
from screens.line_window import PageSource, index_of
from screens.paged_rows import PagedRows
from screens.tagging_list import TaggingList

Row = TypeVar("Row")

_OWN_KEYS = frozenset(
    {"up", "down", "pageup", "pagedown", "home", "end", "space", "a", "ctrl+home", "ctrl+end"}
)
_HEADING = Style(bold=True, underline=True)


class LineList(TaggingList[Row], can_focus=True):
    """A list of rows with a cursor and tags.

    Args:
        columns: what to show of a row.
        row_id: the row's identity: its tag and the cursor follow it.
        source: where pages come from; or
        rows: a whole list.
        first: the first page of a source, where it is known already.
        group: a heading above the first row of each group, or None for no headings.
        disabled: why a row cannot be tagged or chosen; empty when it can.
        taggable: whether Space and ``a`` do anything.
        ticks: tags are shown as ``[x]`` and ``[ ]`` instead of ``*``.
        empty: what to say when there are no rows.
    """

    DEFAULT_CSS = "LineList { height: 1fr; width: 1fr; }"

    class Opened(RowMessage):
        """Enter was pressed on a row."""

    class Moved(RowMessage):
        """The cursor is on another row."""

        def can_replace(self, message: Message) -> bool:
            """Only the last position matters."""
            return isinstance(message, LineList.Moved) and message.line_list is self.line_list

    class Loaded(ListMessage):
        """The list has been read (anew); the number of rows may have changed."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        row_id: Callable[[Row], Hashable],
        *,
        source: PageSource[Row] | None = None,
        rows: Sequence[Row] | None = None,
        first: Page[Row] | None = None,
        group: Callable[[Row], str] | None = None,
        disabled: Callable[[Row], str] | None = None,
        taggable: bool = True,
        ticks: bool = False,
        empty: str = "Nothing found.",
        id: str | None = None,
    ) -> None:
        super().__init__(
            row_id,
            source=source,
            rows=rows,
            first=first,
            group=group,
            disabled=disabled,
            taggable=taggable,
            id=id,
        )
        self.columns = tuple(columns)
        self.row_id = row_id
        self.empty = empty
        self._painter: LinePainter[Row] = LinePainter(ticks=ticks and taggable)
        self._laid_out_for = Size()
        self._made: dict[int, Strip] = {}  # the lines on the screen, by their place

    # --- What is in it ----------------------------------------------------------------------------

    @property
    def loaded_rows(self) -> tuple[Row, ...]:
        """The rows in memory, in their order."""
        return tuple(self._view.window.rows)

    @property
    def group(self) -> Callable[[Row], str] | None:
        """The heading of a row's group; set it before the rows that it groups."""
        return self._view.group

    @group.setter
    def group(self, group: Callable[[Row], str] | None) -> None:
        self._view.group = group

    # --- Filling it -------------------------------------------------------------------------------

    def show_rows(
        self, rows: Sequence[Row], *, keep_cursor: bool = True, mark_changed: bool = False
    ) -> None:
        """Show another whole list; tags of rows that are gone fall off."""
        if self._renewing:
            self._renew(Page(tuple(rows), ((),) * len(rows), True, True), 0)
            return
        self._paged = None
        self._generation += 1
        self._take(
            lambda: self._view.window.fill(rows),
            keep_cursor=keep_cursor,
            mark_changed=mark_changed,
        )
        self._tags.renew(self._view, drop_missing=True)
        self._stop_waiting()

    def show_source(self, source: PageSource[Row], *, keep_tags: bool = False) -> None:
        """Show another list that comes in pages, from its start. Keys wait until it is there."""
        self._paged = PagedRows(source, self._view)
        if not keep_tags:
            self._tags.set(())
        self._read(self._first_page)

    def show_page(self, page: Page[Row], source: PageSource[Row]) -> None:
        """Show another list that comes in pages, of which the first is there."""
        self._paged = PagedRows(source, self._view)
        self._generation += 1
        self._reading = False
        self._take(lambda: self._view.window.replace(page), keep_cursor=False)
        self._tags.set(())
        self._stop_waiting()
        self.post_message(self.Loaded(self))

    def reload(self) -> None:
        """Read again what is shown; the cursor stays on its row, changed cells are marked."""
        if self._paged is not None:
            self._read(self._same_page)

    def clear_changed(self) -> None:
        """Take the marks of changed cells away."""
        self._marks.forget_changes()
        self._repaint()

    def go_to(self, row_id: Hashable) -> bool:
        """Put the cursor on the row, if it is in memory."""
        index = index_of(self._view.ids, row_id)
        if index is None:
            return False
        self._set_cursor(index)
        return True

    # --- Keys -------------------------------------------------------------------------------------

    def takes_key(self, event: events.Key) -> bool:
        """Whether the list handles this key by itself, so that the next one need not wait."""
        return event.key in _OWN_KEYS

    async def _on_key(self, event: events.Key) -> None:
        if self._marks.seen:
            self.clear_changed()
        if event.key in _OWN_KEYS:
            event.stop()
            event.prevent_default()
            if self._steps or self._reading:
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
        elif key in ("home", "ctrl+home", "end", "ctrl+end"):
            self._go_to_end(last=key.endswith("end"))
        else:
            page = max(1, self._view.height - 1)
            self._move(key, {"up": -1, "down": 1, "pageup": -page, "pagedown": page}[key])

    def _move(self, key: str, by: int) -> None:
        window = self._view.window
        target = self._view.cursor + by
        above = target < 0 and not window.at_start
        below = target >= len(window) and not window.at_end
        if (above or below) and self._paged is not None and window.rows:
            self._steps.append(key)
            self._take_hold()
            self._read_ahead()
            return
        self._set_cursor(target, paged=abs(by) > 1)
        self._read_ahead()

    def _go_to_end(self, *, last: bool) -> None:
        window = self._view.window
        if self._paged is None or (window.at_end if last else window.at_start):
            self._set_cursor(len(window) - 1 if last else 0)
            self._read_ahead()
        else:
            self._read(self._last_page if last else self._first_page)

    def _set_cursor(self, row: int, *, paged: bool = False) -> None:
        before, line = self._view.cursor, self._view.cursor_line
        jumped = self._view.move_to(row, paged=paged)
        if jumped:
            self._repaint()
        elif self._view.cursor != before:
            self._refresh_line(line)
            self._refresh_line(self._view.cursor_line)
        else:
            return
        self._announce()

    def _has_read(self) -> None:
        self._repaint()
        self.post_message(self.Loaded(self))
        self._announce()

    def _extended(self) -> None:
        self._repaint()

    def _announce(self) -> None:
        """Tell the page where the cursor is, and put the terminal's own cursor there."""
        self._place_terminal_cursor()
        self.post_message(self.Moved(self, self.current))

    def _take(
        self, change: Callable[[], None], *, keep_cursor: bool, mark_changed: bool = False
    ) -> None:
        """Replace the rows."""
        before = self._cell_texts() if mark_changed else {}
        self._view.fill(change, keep_cursor=keep_cursor)
        self._marks = RowMarks.between(before, self._cell_texts() if before else {})
        self._tags.renew(self._view)
        self._state = ""
        self._repaint()
        if self.is_mounted:
            self._announce()

    def _cell_texts(self) -> dict[Hashable, list[str]]:
        rows = zip(self._view.ids, self._view.window.rows, strict=True)
        return {row_id: [column.value(row) for column in self.columns] for row_id, row in rows}

    # --- Painting ---------------------------------------------------------------------------------

    def _repaint(self) -> None:
        self._made.clear()
        self._place_terminal_cursor()
        self.refresh()

    def _refresh_line(self, line: int) -> None:
        y = line - self._view.top + 1
        self._made.pop(y, None)
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _place_terminal_cursor(self) -> None:
        """A screen reader follows the terminal's own cursor, so it stands on the current row."""
        if self.is_mounted and self.has_focus and self.current is not None:
            y = self._view.cursor_line - self._view.top + 1
            self.app.cursor_position = Offset(self.region.x, self.region.y + y)

    def on_focus(self) -> None:
        """Show the cursor row as such."""
        self._repaint()

    def on_blur(self) -> None:
        """Show the cursor row as resting."""
        self._repaint()

    def on_resize(self) -> None:
        """More or fewer rows are in sight."""
        if self._laid_out_for != self.size:
            self._lay_out()
            self._repaint()
        self._read_ahead()

    def _lay_out(self) -> None:
        """Lay the columns out anew."""
        self._laid_out_for = self.size
        self._view.height = max(1, self.size.height - 1)
        self._painter.lay_out(self.columns, self.size.width)
        self._view.keep_in_sight()
        self._made.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines without borders or padding need none of the general machinery: it costs bytes."""
        if self._laid_out_for != self.size:  # painted before it is told of its size
            self._lay_out()
        made = self._made
        for y in range(crop.y, crop.bottom):
            if y not in made:  # the compositor asks for all lines, and sends those refreshed
                made[y] = self._line(y)
        lines = [made[y] for y in range(crop.y, crop.bottom)]
        if crop.x == 0 and crop.width >= self.size.width:
            return lines
        return [line.crop(crop.x, crop.right) for line in lines]

    def _line(self, y: int) -> Strip:
        painter, view, width = self._painter, self._view, self.size.width
        if y == 0:
            return painter.header(width)
        index = view.top + y - 1
        if not view.lines and y == 1:
            return painter.words(f"{' ' * painter.gutter}{self._state or self.empty}", width)
        if index >= len(view.lines):
            return painter.words("", width)
        line = view.lines[index]
        if isinstance(line, str):
            return painter.words(line, width, _HEADING)
        row, row_id = view.window.rows[line], view.ids[line]
        return painter.row(
            row,
            current=line == view.cursor,
            focused=self.has_focus,
            tagged=row_id in self._tags,
            disabled=bool(self.reason_against_row(row)),
            changed=self._marks.cells.get(row_id, frozenset()),
            width=width,
            mark=self._marks.of(row_id),
        )
