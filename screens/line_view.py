"""What of a list is shown, and where its cursor is. Knows rows and numbers, no terminal.

Rows are numbered in the window that is in memory. Lines are what is shown one below the other:
rows, and a heading above the first row of each group.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from preorder_tui.records import Page
from screens.line_window import Window, index_of

Row = TypeVar("Row")


class LineView(Generic[Row]):
    """The window of a list, seen through so many lines.

    Attributes:
        cursor: the row the cursor is on; 0 where there are no rows.
        top: the line shown first.
        height: how many lines are shown.
        lines: each line: the number of a row, or the text of a heading.
    """

    def __init__(
        self, row_id: Callable[[Row], Hashable], group: Callable[[Row], str] | None
    ) -> None:
        self.window: Window[Row] = Window()
        self.cursor = 0
        self.top = 0
        self.height = 1
        self.ids: list[Hashable] = []
        self.lines: list[int | str] = []
        self.row_id = row_id
        self.group = group
        self._line_of: list[int] = []

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.window.rows[self.cursor] if self.window.rows else None

    @property
    def cursor_line(self) -> int:
        """The line of the cursor's row."""
        return self._line_of[self.cursor] if self._line_of else 0

    def first_row_shown(self) -> int:
        """The first row among the lines shown."""
        for line in self.lines[max(0, self.top) :]:
            if isinstance(line, int):
                return line
        return 0

    def ids_in_sight(self) -> list[Hashable]:
        """What is shown, from the top."""
        lines = self.lines[max(0, self.top) : max(0, self.top) + self.height]
        return [self.ids[line] for line in lines if isinstance(line, int)]

    # --- Moving ---------------------------------------------------------------------------------

    def move_to(self, row: int, *, paged: bool = False) -> bool:
        """Put the cursor on a row; whether other lines are shown now.

        Where the cursor leaves what is shown, the lines jump by half a page, so that most moves
        repaint two lines. After a page the cursor is where it was on the screen, so that the eye
        need not search.
        """
        before, line = self.top, self.cursor_line
        self.cursor = max(0, min(row, len(self.ids) - 1))
        if paged and not before <= self.cursor_line < before + self.height:
            self.top += self.cursor_line - line
        self.keep_in_sight()
        return self.top != before

    def keep_in_sight(self) -> None:
        """Show the cursor's line."""
        if not self._line_of:
            self.top = 0
            return
        line = self.cursor_line
        if not self.top <= line < self.top + self.height:
            self.top = line - self.height // 2
        if self.cursor == 0 and self.window.at_start:
            self.top = 0  # the heading of the first group is worth its line
        self.top = max(0, min(self.top, len(self.lines) - self.height))

    # --- Filling --------------------------------------------------------------------------------

    def fill(self, change: Callable[[], None], *, keep_cursor: bool) -> None:
        """Change the window; the cursor stays on its row, or where it was where that is gone."""
        row, row_id = self.cursor, self.ids[self.cursor] if self.ids else None
        on_screen = self.cursor_line - self.top
        change()
        self.lay_out()
        if not keep_cursor:
            row = on_screen = 0
        elif row_id is not None and (found := index_of(self.ids, row_id)) is not None:
            row = found
        self.cursor = max(0, min(row, len(self.ids) - 1))
        self.top = self.cursor_line - on_screen
        self.keep_in_sight()

    def extend(self, page: Page[Row], *, at_end: bool, at_most: int) -> None:
        """Add a page at one end of the window; nothing moves on the screen."""
        on_screen = self.cursor_line - self.top
        if at_end:
            self.cursor -= self.window.append(page, at_most)
        else:
            self.cursor += self.window.prepend(page, at_most)
        self.cursor = max(0, min(self.cursor, len(self.window) - 1))
        self.lay_out()
        self.top = self.cursor_line - on_screen
        self.keep_in_sight()

    def lay_out(self) -> None:
        """Work out the lines of the window."""
        rows = self.window.rows
        self.ids = [self.row_id(row) for row in rows]
        self.lines = []
        self._line_of = []
        last: str | None = None
        for index, row in enumerate(rows):
            if self.group is not None and (heading := self.group(row)) != last:
                self.lines.append(heading)
                last = heading
            self._line_of.append(len(self.lines))
            self.lines.append(index)
