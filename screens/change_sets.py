"""Change sets: everything that was ever applied, who did it, and taking any of it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.records import ChangeSetRow, Key, Page
from screens.desk_screen import DeskScreen
from screens.history_page import HistoryPage
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain
from screens.service_calls import run_in_thread

if TYPE_CHECKING:
    from preorder_tui.news import News


def state(row: ChangeSetRow) -> str:
    """Whether it stands."""
    if row.undone_by is not None:
        return f"undone, {row.undone_by}"
    return f"undoes {row.inverse_of}" if row.inverse_of is not None else "stands"


def columns() -> list[Column[ChangeSetRow]]:
    """Number, when, who, what, how many rows, whether it stands."""
    return [
        Column("No.", lambda row: str(row.change_set_id), 5, align="right", priority=95),
        Column("When", lambda row: f"{row.changed_at:%Y-%m-%d %H:%M}", 16, priority=90),
        Column("Who", lambda row: row.user, 8, priority=85, at_most=16),
        Column("What", lambda row: row.command, 20, priority=80, at_most=70),
        Column("Rows", lambda row: f"{row.change_count:,}", 6, align="right", priority=60),
        Column("State", state, 13, priority=88, at_most=18),
        Column("Why", lambda row: row.comments, 10, priority=20, at_most=50),
        Column("From", lambda row: row.origin, 8, priority=10),
    ]


def about(row: ChangeSetRow) -> str:
    """One change set in full."""
    why = f"Why: {row.comments}" if row.comments else ""
    return f"{row.command}\n{why}"


class ChangeSets(DeskScreen):
    """The list; Enter shows what was changed, u takes it back, Ctrl+R does it again."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("open", "undo", "redo", "refresh")
    PATH: ClassVar[tuple[str, ...]] = ("Workflow", "Change sets")
    HELP = """Every change set, the newest first: the desk's, the command line's and the imports'.
    Enter shows its rows. On this page u (or F7) takes back the change set under the cursor, also
    one of yesterday or of somebody else, and Ctrl+R (or F8) does again one that was taken back.
    Both show first what they would change, and are refused where later changes stand in the way,
    which are named."""

    def __init__(self) -> None:
        super().__init__()
        self._known: list[ChangeSetRow] = []
        self._complete = False

    def content(self) -> Iterable[Widget]:
        """The list, and the row under the cursor in full."""
        yield LineList(
            columns(),
            row_id=lambda row: row.change_set_id,
            source=self._page,
            taggable=False,
            empty="Nothing was changed yet.",
        )
        yield Static("", classes="about-row")

    async def _page(
        self,
        size: int,
        *,
        after: Key | None = None,
        before: Key | None = None,
        place: str = "first",
    ) -> Page[ChangeSetRow]:
        if after is None and before is None and place == "first":
            self._known, self._complete = [], False
        else:
            await self._read_down_to(after or before)
        first = 0 if after is None else self._place_of(after) + 1
        if before is not None:
            last = self._place_of(before)
            first = max(0, last - size)
        else:
            wanted = None if place == "last" else first + size
            await self._read_up_to(wanted)
            last = len(self._known) if wanted is None else min(wanted, len(self._known))
            first = max(0, last - size) if wanted is None else first
        rows = tuple(self._known[first:last])
        at_end = self._complete and last >= len(self._known)
        return Page(rows, tuple((row.change_set_id,) for row in rows), first == 0, at_end)

    def _place_of(self, key: Key) -> int:
        return next(
            (index for index, row in enumerate(self._known) if row.change_set_id == key[0]), -1
        )

    async def _read_down_to(self, key: Key | None) -> None:
        while key is not None and not self._complete and self._place_of(key) < 0:
            await self._read_on()

    async def _read_up_to(self, count: int | None) -> None:
        while not self._complete and (count is None or len(self._known) <= count):
            await self._read_on()

    async def _read_on(self) -> None:
        before = self._known[-1].change_set_id if self._known else None
        rows = await run_in_thread(self.service.change_sets, before=before, limit=200)
        self._known += rows
        self._complete = len(rows) < 200

    def changed(self) -> None:
        """Something was applied: it is on top; the cursor stays on its change set."""
        self._known, self._complete = [], False
        self.query_one(LineList).reload()

    async def take_news(self, news: News) -> bool | None:
        """Others have changed something: it comes on top."""
        del news
        self._known, self._complete = [], False
        return await self.query_one(LineList).look_again()

    def database_is_back(self) -> None:
        """What could not be read is read now."""
        if self.query_one(LineList).could_not_be_read:
            self.changed()

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another row is under the cursor."""
        event.stop()
        row: ChangeSetRow | None = event.row
        self.query_one(".about-row", Static).update(plain("" if row is None else about(row)))

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: its rows."""
        event.stop()
        self.desk.start_flow(
            self.desk.open_page(HistoryPage(change_set_id=event.row.change_set_id))
        )

    def reason_against(self, name: str) -> str | None:
        """Undo and redo need a row."""
        if name in ("undo", "redo") and self.query_one(LineList).current is None:
            return "There is no change set here."
        return None

    async def do_undo(self) -> None:
        """Take back the one under the cursor."""
        await self.desk.undo(self._current.change_set_id)

    async def do_redo(self) -> None:
        """Do again the one under the cursor."""
        await self.desk.redo(self._current.change_set_id)

    @property
    def _current(self) -> ChangeSetRow:
        row: ChangeSetRow | None = self.query_one(LineList).current
        assert row is not None  # reason_against has made sure of it
        return row
