"""The plan, exactly as it will be applied, and the question whether to apply it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from preorder_tui.clock import Clock
from preorder_tui.journal_values import as_people_read
from preorder_tui.plan import Plan, PlannedChange, Value
from preorder_tui.records import Key, Page
from preorder_tui.words import word
from screens import keys
from screens.actions import bindings
from screens.dialogs.list_box import ListBox, field
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain
from screens.text_field import TextField
from screens.widgets.text_pages import TextPages

MOST_SENTENCES = 200
LONGEST_REASON = 255


class PlanRow(NamedTuple):
    """One row of the plan with its place in it."""

    number: int
    change: PlannedChange


def what(plan: Plan, change: PlannedChange) -> str:
    """What a row changes, in words."""
    if change.to_order_id is not None:
        return f"Units from {plan.name_of(change.to_order_id, change.to_order_item_seq_id)}"
    return word(change.field)


def value_text(clock: Clock, change: PlannedChange, value: Value) -> str:
    """A value of a row as people read it."""
    if change.to_line is not None:
        return str(value or 0)
    text = value.isoformat() if isinstance(value, datetime) else value
    return as_people_read(clock, change.field, None if text is None else str(text))


def plan_columns(plan: Plan, clock: Clock) -> list[Column[PlanRow]]:
    """Line, what, from, to."""
    return [
        Column(
            "Line",
            lambda row: plan.name_of(row.change.order_id, row.change.order_item_seq_id), 14,
            priority=90, at_most=24,
        ),
        Column("What changes", lambda row: what(plan, row.change), 25, priority=60, at_most=50),
        Column(
            "From", lambda row: value_text(clock, row.change, row.change.old), 11, priority=80,
            at_most=20,
        ),
        Column("", lambda row: "→", 1, priority=70),
        Column(
            "To", lambda row: value_text(clock, row.change, row.change.new), 12, priority=85,
            at_most=24,
        ),
    ]  # fmt: skip


class ShowPlan(ListBox[str]):
    """Shows a plan; the answer is the reason typed, empty if none, and None when it was left.

    A plan that changes nothing is shown with what stands against it, and answers None.
    """

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "yes", "no", "next")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("yes", "no"))]
    HELP = (
        "This is exactly what will be written: every line that changes, from what to what. "
        "y or Enter applies it whole, n or Esc leaves everything as it is. Tab goes to the "
        "field Why: what is typed there stands in the history. Tab again goes to the sentences "
        "above, to scroll them. If somebody changes one of these lines meanwhile, nothing is "
        "written and you are told who it was."
    )

    def __init__(self, plan: Plan, reason: str = "") -> None:
        super().__init__(plan.title or "Nothing to change")
        self.plan = plan
        self.reason = reason

    # --- Look -------------------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        """Scope, sentences, rows, the reason."""
        yield Static(plain(self.scope()), classes="box-counter")
        sentences = self.sentences()
        if sentences:
            yield TextPages(sentences, at_most=10 if self.plan.empty else 6)
        if self.plan.empty:
            return
        yield LineList(
            plan_columns(self.plan, self.desk.service.clock),
            row_id=lambda row: row.number,
            source=self.page,
            taggable=False,
            id="plan-rows",
        )
        yield from field("Why", TextField(self.reason, id="why", max_length=LONGEST_REASON))

    def scope(self) -> str:
        """How much, how many warnings, how many refused."""
        plan = self.plan
        parts = ["Nothing will change" if plan.empty else plan.scope()]
        if plan.warnings:
            parts.append(f"{len(plan.warnings):,} warning{'s' * (len(plan.warnings) > 1)}")
        if plan.refused:
            parts.append(f"{len(plan.refused):,} not done")
        return " · ".join(parts)

    def sentences(self) -> list[str]:
        """What to know first: what it comes to, warnings, what is not done, what follows."""
        plan = self.plan
        lines = list(plan.totals)
        lines += [f"Warning: {notice.sentence}" for notice in plan.warnings[:MOST_SENTENCES]]
        lines += [f"Not done: {notice.sentence}" for notice in plan.refused[:MOST_SENTENCES]]
        lines += plan.effects[:MOST_SENTENCES]
        more = sum(
            max(0, len(part) - MOST_SENTENCES)
            for part in (plan.warnings, plan.refused, plan.effects)
        )
        return lines + ([f"… and {more:,} more sentences"] if more else [])

    async def page(
        self, size: int, *, after: Key | None = None, before: Key | None = None,
        place: str = "first",
    ) -> Page[PlanRow]:  # fmt: skip
        """Rows of the plan, read from its columns when they are shown."""
        changes = self.plan.changes
        count = len(changes)
        if after is not None:
            first, last = after[0] + 1, min(count, after[0] + 1 + size)
        elif before is not None:
            first, last = max(0, before[0] - size), before[0]
        elif place == "last":
            first, last = max(0, count - size), count
        else:
            first, last = 0, min(count, size)
        rows = tuple(PlanRow(index, changes[index]) for index in range(first, last))
        return Page(rows, tuple((row.number,) for row in rows), first == 0, last >= count)

    def list_rows(self) -> int:
        """All rows of the plan."""
        return len(self.plan.changes)

    def other_rows(self) -> int:
        """Scope, sentences and the reason too; a long title takes two lines."""
        width = min(self.app.size.width, 120) - 4
        sentences = sum(1 + len(line) // (width - 1) for line in self.sentences())
        long_title = len(self.box_title) > width
        return super().other_rows() + 2 + min(6, sentences) + long_title

    def key_line(self) -> str:
        """Apply or not."""
        if self.plan.empty:
            return "Enter or Esc closes"
        return f"F1 Help  {keys.keys_of('yes')} Apply  {keys.keys_of('no')} Leave it  Tab why, text"

    def first_focus(self) -> Widget | None:
        """The rows; an empty plan has only its sentences to scroll."""
        if self.plan.empty:
            return next(iter(self.query(TextPages)), None)
        return super().first_focus()

    # --- Keys -------------------------------------------------------------------------------------

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter in the list."""
        event.stop()
        self.do_yes()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the reason."""
        event.stop()
        self.do_yes()

    def do_yes(self) -> None:
        """Apply it."""
        self.answer(None if self.plan.empty else self.why)

    def do_no(self) -> None:
        """Leave it; from the reason, go back to the rows first."""
        if isinstance(self.focused, TextField):
            self.set_focus(self.query_one("#plan-rows", LineList))
        else:
            self.answer(None)

    def do_close(self) -> None:
        """Esc."""
        self.do_no()

    @property
    def why(self) -> str:
        """The reason typed."""
        fields: Any = self.query("#why")
        return fields.first(TextField).value.strip() if fields else ""
