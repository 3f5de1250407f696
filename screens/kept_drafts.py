"""Kept drafts: everything one typed and did not apply, to be opened again or thrown away."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.kept_input import KeptDraft
from screens.draft_columns import COLUMNS, in_use
from screens.line_list import LineList
from screens.plain_text import plain
from screens.record_page import RecordPage
from screens.reopening import open_draft


class KeptDrafts(RecordPage[tuple[KeptDraft, ...]]):
    """The list; Enter opens, d throws away."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("open", "throw_away", "refresh")
    PATH: ClassVar[tuple[str, ...]] = ("Workflow", "Kept drafts")
    HELP = """What you typed or picked and had not applied when a desk of yours ended: the line
    dropped, the host went down, or you left at once with a dialog open. Only you see it.
    Enter opens it again: the same page, the same row, the same dialog, with what you typed in it.
    Nothing is applied by itself; a plan is made anew, on what the orders are now, and shown.
    d throws it away. What is open at another desk of yours can be opened when that desk has ended.
    A search, filters or a job's settings that you left with F3 are here too, the last of each page.
    A draft goes away by itself when it is applied or left with Esc, and after thirty days."""

    def content(self) -> Iterable[Widget]:
        """The list, and the draft under the cursor in full."""
        yield LineList(COLUMNS, row_id=lambda row: row.number, rows=[], taggable=False, empty="")
        yield Static("", classes="about-row")

    @property
    def rows(self) -> LineList[KeptDraft]:
        """The list."""
        return self.query_one(LineList)

    def read(self) -> tuple[KeptDraft, ...]:
        """One's own drafts."""
        return self.service.kept_drafts()

    def show(self, record: tuple[KeptDraft, ...]) -> None:
        """Fill the list."""
        self.rows.empty = "Nothing is kept: whatever you typed was applied or given up."
        self.rows.show_rows(record)

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another draft is under the cursor."""
        event.stop()
        row: KeptDraft | None = event.row
        lines = [] if row is None else wrap(row.sentence, max(20, self.size.width - 1))[:2]
        self.query_one(".about-row", Static).update(plain("\n".join(lines)))

    def reason_against(self, name: str) -> str | None:
        """There is none, or it is open elsewhere."""
        if name not in ("open", "throw_away"):
            return None
        row = self.rows.current
        return "There is no draft here." if row is None else in_use(row) or None

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: back to where it was typed."""
        event.stop()
        row: KeptDraft = event.row
        reason = in_use(row)
        if reason:
            self.say(reason)
        else:
            self.desk.run_worker(open_draft(self.desk, row), group="reopen", exit_on_error=False)

    def on_screen_resume(self) -> None:
        """On top again: what was opened from here may be done with."""
        super().on_screen_resume()
        if self.record is not None:
            self.read_again()

    async def do_throw_away(self) -> None:
        """d."""
        row = self.rows.current
        assert row is not None  # reason_against has made sure of it
        await self.call(self.service.discard_draft, row.number)
        self.read_again()
        self.say(f"Thrown away: {row.draft.title}.")
