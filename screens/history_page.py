"""Order item change history: who changed what, when, from what to what and why, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.lines import LineId
from preorder_tui.records import HistoryRow
from preorder_tui.words import word
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain
from screens.record_page import RecordPage

LIMIT = 1_000


def columns(*, of_one_line: bool) -> list[Column[HistoryRow]]:
    """When, who, which line, what, from, to, why."""
    made: list[Column[HistoryRow]] = [
        Column("When", lambda row: f"{row.changed_at:%Y-%m-%d %H:%M}", 16, priority=90),
        Column("Who", lambda row: row.user, 8, priority=80, at_most=16),
    ]
    if not of_one_line:
        made.append(Column("Line", lambda row: row.line_name, 11, priority=85, at_most=16))
    made += [
        Column("What", what, 12, priority=75, at_most=16),
        Column("From", lambda row: row.old_text, 10, priority=70, at_most=24),
        Column("To", lambda row: row.new_text, 14, priority=88, at_most=28),
        Column("Why", why, 10, priority=20, at_most=60),
    ]
    return made


def what(row: HistoryRow) -> str:
    """The field in words."""
    return "Pin" if row.field == "pinned" else word(row.field)


def why(row: HistoryRow) -> str:
    """The reason chosen and the comment typed."""
    return ", ".join(part for part in (row.reason, row.comments) if part)


def about(row: HistoryRow) -> str:
    """Everything about one row, where the columns have no room."""
    source = f" with {row.to_line_name}" if row.to_line_name else ""
    reason = why(row)
    return (
        f"Change set {row.change_set_id}, {row.user}: {what(row)} of {row.line_name}{source}, "
        f"{row.old_text} → {row.new_text}\n" + (f"Why: {reason}" if reason else "")
    )


class HistoryPage(RecordPage[tuple[HistoryRow, ...]]):
    """The journal of a line, of an order with its lines, or of one change set."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("open", "refresh", "back")
    PATH: ClassVar[tuple[str, ...]] = ("Order item change history",)
    HELP = """Every change of this line or order, the newest first: when it was made, by whom, which
    field, from what to what. The lines at the bottom tell all about the change under the cursor,
    with the reason that was typed and the number of its change set.
    Enter opens the order of that change. u takes back your own last change; the page Change sets
    of the menu (or :undo NUMBER) takes back any other."""

    def __init__(
        self,
        *,
        line: LineId | None = None,
        order_id: str | None = None,
        change_set_id: int | None = None,
    ) -> None:
        super().__init__()
        self.of_line = line
        self.of_order_id = order_id
        self.of_change_set = change_set_id

    def path(self) -> tuple[str, ...]:
        """What it is the history of."""
        if self.of_change_set is not None:
            return ("Change sets", f"Change set {self.of_change_set}")
        return ("Order item change history", str(self.of_line or self.of_order_id))

    def content(self) -> Iterable[Widget]:
        """The list, and the row under the cursor in full."""
        yield LineList(
            columns(of_one_line=self.of_line is not None),
            row_id=lambda row: (row.change_set_id, row.order_id, row.line, row.to_line, row.field),
            rows=(),
            taggable=False,
            empty="Nothing was changed yet.",
        )
        yield Static("", classes="about-row")

    def read(self) -> tuple[HistoryRow, ...]:
        """The journal rows."""
        if self.of_change_set is not None:
            return self.service.change_set_rows(self.of_change_set, limit=LIMIT)
        return self.service.history(line=self.of_line, order_id=self.of_order_id, limit=LIMIT)

    def show(self, record: tuple[HistoryRow, ...]) -> None:
        """Fill the list."""
        self.query_one(LineList).show_rows(record)
        if len(record) == LIMIT:
            self.say(f"The newest {LIMIT:,} changes are shown.")
        self._show_current()

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another row is under the cursor."""
        event.stop()
        self._show_current()

    def _show_current(self) -> None:
        row: HistoryRow | None = self.query_one(LineList).current
        self.query_one(".about-row", Static).update(plain("" if row is None else about(row)))

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: the order of the change."""
        event.stop()
        row: HistoryRow = event.row
        self.desk.start_flow(self.desk.open_order(row.order_id, row.line))
