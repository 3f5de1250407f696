"""Jobs that list what they would change, row by row, as the plan has it."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan, PlannedChange
from screens.dialogs.show_plan import value_text, what
from screens.indexed_pages import source_of
from screens.job_page import JobPage
from screens.line_columns import Column


class ChangeRow(NamedTuple):
    """A row of a plan in words."""

    number: int
    line: LineId | None
    name: str
    what: str
    old: str
    new: str


COLUMNS: list[Column[ChangeRow]] = [
    Column("Line", lambda row: row.name, 14, priority=90, at_most=24),
    Column("What changes", lambda row: row.what, 25, priority=60, at_most=50),
    Column("From", lambda row: row.old, 11, priority=80, at_most=20),
    Column("", lambda row: "→", 1, priority=70),
    Column("To", lambda row: row.new, 12, priority=85, at_most=24),
]


class ChangesJob(JobPage):
    """A job over the whole book or one product whose list is its plan."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("run_job", "refresh", "scope", "open")
    NOTHING_LEFT = "Nothing changes."

    def columns(self) -> list[Column[Any]]:
        """Line, what, from, to."""
        return [*COLUMNS]

    def list_plan(self, plan: Plan) -> None:
        """The rows as they will be written; of a large plan the first ones."""
        clock = self.service.clock

        def row(number: int, change: PlannedChange) -> ChangeRow:
            return change_row(plan, clock, number, change)

        self.rows.show_source(source_of(plan.changes, row))

    def totals(self, plan: Plan) -> list[str]:
        """What it comes to, and how much of it is listed."""
        shown, count = len(plan.changes), plan.row_count
        listed = f"The first {shown:,} of {count:,} changes are listed."
        return [*plan.totals, *([listed] if count > shown else [])]


def change_row(plan: Plan, clock: Clock, number: int, change: PlannedChange) -> ChangeRow:
    """One row of a plan in words."""
    return ChangeRow(
        number,
        change.line,
        plan.name_of(change.order_id, change.order_item_seq_id),
        what(plan, change),
        value_text(clock, change, change.old),
        value_text(clock, change, change.new),
    )
