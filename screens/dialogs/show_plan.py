"""The plan, exactly as it will be applied, and the question whether to apply it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from preorder_tui.clock import Clock
from preorder_tui.journal_values import as_people_read
from preorder_tui.plan import Plan, PlannedChange, Value
from preorder_tui.text import LONGEST_REASON
from preorder_tui.words import word
from screens import keys
from screens.actions import bindings
from screens.dialogs.list_box import ListBox, field
from screens.indexed_pages import source_of
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain
from screens.text_field import TextField
from screens.widgets.text_pages import TextPages

if TYPE_CHECKING:
    from preorder_tui.news import News

MOST_SENTENCES = 200
MOST_COMPARED = 20_000
MOST_GONE = 20


class PlanRow(NamedTuple):
    """One row of the plan with its place in it."""

    number: int
    change: PlannedChange


def what(plan: Plan, change: PlannedChange) -> str:
    """What a row changes, in words."""
    if change.to_order_id is not None:
        name = plan.name_of(change.to_order_id, change.to_order_item_seq_id)
        return f"Pin to {name}" if change.field == "pinned" else f"Units from {name}"
    return word(change.field)


def value_text(clock: Clock, change: PlannedChange, value: Value) -> str:
    """A value of a row as people read it."""
    if change.field == "allocation":
        return str(value or 0)
    text = value.isoformat() if isinstance(value, datetime) else value
    return as_people_read(clock, change.field, None if text is None else str(text))


class Offer(Enum):
    """What the Enter key does to a plan that is shown."""

    APPLY = "Apply"
    MAKE_AGAIN = "Make it again"
    TRY_AGAIN = "Try again"


def plan_columns(
    plan: Plan, clock: Clock, since: Differences | None = None
) -> list[Column[PlanRow]]:
    """Line, what, from, to; what is other than in the plan before is marked."""
    marks = [] if since is None else [Column[PlanRow]("", since.mark, 1, priority=99)]
    return [
        *marks,
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


class Differences:
    """How a plan differs from the one that it takes the place of."""

    def __init__(self, before: Plan, plan: Plan) -> None:
        self.plan = plan
        self.compared = all(
            one.row_count == len(one.changes) <= MOST_COMPARED for one in (before, plan)
        )
        old = {row[:6]: row for row in before.changes} if self.compared else {}
        self._new: set[int] = set()
        self._other: set[int] = set()
        for number, row in enumerate(plan.changes if self.compared else ()):
            earlier = old.pop(row[:6], None)
            if earlier is None:
                self._new.add(number)
            elif earlier != row:
                self._other.add(number)
        self._gone = list(old.values())

    def mark(self, row: PlanRow) -> str:
        """What a row is, compared with the plan before."""
        return "+" if row.number in self._new else "~" if row.number in self._other else ""

    def sentences(self, clock: Clock) -> list[str]:
        """What is other than before, in words."""
        if not self.compared:
            return ["This plan was made again on fresh data."]
        parts = [
            f"{len(rows):,} row{'s' * (len(rows) != 1)} {words}"
            for rows, words in (
                (self._new, "new (+)"), (self._other, "other (~)"), (self._gone, "gone")
            )
            if rows
        ]  # fmt: skip
        if not parts:
            return ["Made again on fresh data: the same rows as before."]
        return [f"Made again on fresh data: {', '.join(parts)}."] + [
            f"Gone: {self.plan.name_of(row.order_id, row.order_item_seq_id)} "
            f"{what(self.plan, row)} {value_text(clock, row, row.old)} → "
            f"{value_text(clock, row, row.new)}"
            for row in self._gone[:MOST_GONE]
        ]


class ShowPlan(ListBox[str]):
    """Shows a plan; the answer is the reason typed, empty if none, and None when it was left.

    A plan that changes nothing is shown with what stands against it, and answers None.

    Args:
        plan: the plan.
        reason: the reason typed so far.
        before: the plan that it takes the place of: what is other than there is marked.
        offer: what Enter does.
        trouble: why the plan could not be applied, said before all else.
    """

    SHOWS_PLAN = True
    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "yes", "no", "refresh", "next")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("yes", "no", "refresh"))]
    HELP = (
        "This is exactly what will be written: every line that changes, from what to what. "
        "y or Enter applies it whole, n or Esc leaves everything as it is. Tab goes to the "
        "field Why: what is typed there stands in the history. Tab again goes to the sentences "
        "above, to scroll them. If somebody changes one of these lines meanwhile, nothing is "
        "written and you are told who it was; Enter then makes the same plan on fresh data and "
        "marks what is other than before: + a new row, ~ another one. F5 does so at any time."
    )

    def __init__(
        self,
        plan: Plan,
        reason: str = "",
        *,
        before: Plan | None = None,
        offer: Offer = Offer.APPLY,
        trouble: str = "",
    ) -> None:
        super().__init__(plan.title or "Nothing to change", unexpected=bool(trouble))
        self.plan = plan
        self.reason = reason
        self.offer = offer
        self.trouble = trouble
        self.since = None if before is None else Differences(before, plan)
        self.again = False
        """The answer asks for the same plan on fresh data."""

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
            plan_columns(self.plan, self.desk.service.clock, self.since),
            row_id=lambda row: row.number,
            source=source_of(self.plan.changes, PlanRow),
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
        if plan.row_count > len(plan.changes):
            parts.append(f"first {len(plan.changes):,} listed")
        return " · ".join(parts)

    def sentences(self) -> list[str]:
        """What to know first: what it comes to, warnings, what is not done, what follows."""
        plan = self.plan
        lines = [self.trouble] if self.trouble else []
        if self.since is not None:
            lines += self.since.sentences(self.desk.service.clock)
        lines += plan.totals
        lines += [f"Warning: {notice.sentence}" for notice in plan.warnings[:MOST_SENTENCES]]
        lines += [f"Not done: {notice.sentence}" for notice in plan.refused[:MOST_SENTENCES]]
        lines += plan.effects[:MOST_SENTENCES]
        more = sum(
            max(0, len(part) - MOST_SENTENCES)
            for part in (plan.warnings, plan.refused, plan.effects)
        )
        return lines + ([f"… and {more:,} more sentences"] if more else [])

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
        offer = f"{keys.keys_of('yes')} {self.offer.value}"
        return f"F1 Help  {offer}  {keys.keys_of('no')} Leave it  Tab why, text"

    def first_focus(self) -> Widget | None:
        """The rows; an empty plan has only its sentences to scroll."""
        if self.plan.empty:
            return next(iter(self.query(TextPages)), None)
        return super().first_focus()

    # --- Kept -------------------------------------------------------------------------------------

    @property
    def trail_name(self) -> str:
        """A plan that is made again is the same step."""
        return type(self).__name__

    def has_input(self) -> bool:
        """A plan that waits for its answer is worth keeping; it is made anew when it is opened."""
        return not self.plan.empty

    def input_words(self) -> str:
        """What is to happen, and why."""
        why = super().input_words()
        return f"plan: {self.plan.title}" + (f", {why}" if why else "")

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
        """Apply it, or what is offered instead."""
        self.again = self.offer is Offer.MAKE_AGAIN
        self.answer(None if self.plan.empty else self.why)

    def do_refresh(self) -> None:
        """F5: the same plan on fresh data."""
        self.again = True
        self.answer(self.why)

    async def take_news(self, news: News) -> bool | None:
        """Somebody changed what the plan was made from: say so before it is refused."""
        lines = self.plan.versions.keys() & (news.lines or ())
        if news.lines is not None and not lines:
            return False
        who = news.change_sets[-1] if news.change_sets else None
        what = str(min(lines)) if lines else "the orders"
        self.say(
            f"{who.user if who else 'Somebody'} changed {what} meanwhile: "
            f"{keys.keys_of('refresh')} makes the plan again."
        )
        return False

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
