"""The part of a list that tags rows; tags follow a row's identity, wherever it is read again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from preorder_tui.records import Page
from screens.line_list_messages import ListMessage
from screens.line_tags import Tags
from screens.line_window import PageSource
from screens.reading_list import ReadingList

if TYPE_CHECKING:
    from screens.line_list import LineList

Row = TypeVar("Row")

TAGGED_AT_MOST = 100_000
"""How many rows "tag all" reads of a list that cannot say all of its rows at once.

So many tags take some 40 MB, and what they come to is added up in the time of a key.
"""


class TaggingList(ReadingList[Row]):
    """A list whose rows can be tagged."""

    class Tagged(ListMessage, namespace="line_list"):
        """Tags have changed."""

    def __init__(
        self,
        row_id: Callable[[Row], Hashable],
        *,
        source: PageSource[Row] | None,
        rows: Sequence[Row] | None,
        first: Page[Row] | None,
        group: Callable[[Row], str] | None,
        disabled: Callable[[Row], str] | None,
        taggable: bool,
        id: str | None,
    ) -> None:
        super().__init__(row_id, source=source, rows=rows, first=first, group=group, id=id)
        self.disabled_reason = disabled
        self.taggable = taggable
        self._row_id = row_id
        self._tags: Tags[Row] = Tags(row_id)

    # --- What the list itself does ----------------------------------------------------------------

    def _repaint(self) -> None:
        """Paint all lines anew."""
        raise NotImplementedError

    def _refresh_line(self, line: int) -> None:
        """Paint one line anew."""
        raise NotImplementedError

    # --- What can be tagged -----------------------------------------------------------------------

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._view.current

    @property
    def whole_list_loaded(self) -> bool:
        """Whether the rows in memory are the whole list."""
        return self._view.window.at_start and self._view.window.at_end

    # --- Tags -------------------------------------------------------------------------------------

    @property
    def tagged(self) -> tuple[Row, ...]:
        """The tagged rows, in the order in which they were tagged.

        Of rows that were tagged with all others and were never shown it has what the source says
        of all its rows.
        """
        return self._tags.rows

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

    def untag(self) -> None:
        """Take all tags off."""
        self._tags.set(())
        self._repaint()
        self._tell_tagged()

    def _tell_tagged(self) -> None:
        self.post_message(self.Tagged(cast("LineList[Row]", self)))

    def tag_current(self) -> None:
        """Tag the row under the cursor, or take its tag off."""
        row = self.current
        if row is None or not self.taggable:
            return
        reason = self.reason_against_row(row)
        if reason:
            self._desk.say(reason)
            return
        self._tags.turn(row)
        self._refresh_line(self._view.cursor_line)
        self._tell_tagged()

    def tag_rows(self, ids: Sequence[Hashable]) -> None:
        """Tag these rows of the window, and no others."""
        wanted = set(ids)
        rows = zip(self._view.ids, self._view.window.rows, strict=True)
        self._tags.set([row for row_id, row in rows if row_id in wanted])
        self._repaint()
        self._tell_tagged()

    async def tag_named(self, names: Collection[str]) -> int:
        """Tag the rows that are called so, wherever they are in the list, and no others.

        Whoever asks for it shows what they come to.

        Returns:
            How many of them are not there any more, or cannot be tagged now.
        """
        rows: Sequence[Row] | None = self._view.window.rows
        if self._paged is not None and not self.whole_list_loaded:
            with self._desk.gate.hold_keys():
                rows = await self._paged.everything(TAGGED_AT_MOST)
        wanted = set(names)
        found = [
            row
            for row in rows or ()
            if str(self._row_id(row)) in wanted and not self.reason_against_row(row)
        ]
        self._tags.set(found)
        self._repaint()
        return len(wanted) - len(found)

    def untag_rows(self, ids: Collection[Hashable]) -> None:
        """Take the tags off these rows."""
        if ids:
            self._tags.remove(ids)
            self._repaint()
            self._tell_tagged()

    def tag_all(self) -> None:
        """Tag every row of the whole list that can be; if all are tagged, none."""
        if not self.taggable:
            return
        if self.whole_list_loaded or self._paged is None:
            self._tag_these(self._view.window.rows)
        else:
            self._read(self._read_and_tag_all)

    def _tag_these(self, rows: Sequence[Row]) -> None:
        self._tags.turn_all([row for row in rows if not self.reason_against_row(row)])
        self._repaint()
        self._tell_tagged()

    async def _read_and_tag_all(self, generation: int) -> None:
        rows = await self._pages().everything(TAGGED_AT_MOST)
        if rows is None:
            self._desk.say(
                f"More than {TAGGED_AT_MOST:,} rows: narrow the list with / before tagging all."
            )
        elif generation == self._generation:
            self._tag_these(rows)
