"""Auto-allocate: the book, or a part of it, to eligible supply by a policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import events
from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.errors import Refused
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.policy_names import DEFAULT, NAMES
from screens import keys, service_calls
from screens.indexed_pages import source_of
from screens.job_page import JobPage
from screens.job_scope import WHOLE_BOOK, JobScope
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain
from screens.policy_columns import COLUMNS, DIGITS, LEGEND, PolicyRow

if TYPE_CHECKING:
    from preorder_tui.records import Notice
    from preorder_tui.run_outcome import RunFigures

POLICIES, RUN = "policies", "run"
TABS = {POLICIES: "Policies", RUN: "What a run would do"}

_SHOW, _COMPARE, _RUN = map(keys.keys_of, ("refresh", "compare", "run_job"))
WHAT_NEXT = f"{_SHOW} shows what a run would do, {_COMPARE} compares, {_RUN} plans it and asks."


class Unserved(NamedTuple):
    """A sales order line that stays without some of its units."""

    number: int
    line: LineId | None
    reason: str


def _unserved(number: int, notice: Notice) -> Unserved:
    return Unserved(number, notice.line, notice.sentence.partition(": ")[2])


class AutoAllocate(JobPage):
    """Two tabs: the policies, side by side when they are compared; what a run would do."""

    ACTIONS: ClassVar[tuple[str, ...]] = (
        "run_job", "refresh", "compare", "policy", "again", "scope", "other_tab", "open",
    )  # fmt: skip
    PATH: ClassVar[tuple[str, ...]] = ("Jobs", "Auto-allocate")
    COMMAND = "auto-allocate"
    NOTHING_LEFT = "No line stays without units."
    HELP = """Allocates every line that waits in the pre-order or backorder queue, the whole book at
    once or the part that Scope says: s chooses one product, w on a Find page or on a line comes
    here with what is found or shown there.
    A digit, or Enter on it, chooses the policy: who gets units first. c compares all policies, or
    those ticked with Space, side by side on the book as it is: lines served, of them whole, units;
    lines late, days late in all and at most; lines that wait on, units missing; lines that lose
    units. Left, Right or Tab changes between the policies and what a run would do.
    g matches the lines that have units too, all anew; pinned allocations stay where they are (P on
    a line pins it), and so do units of supply that is late or partly received.
    r (F5) works out what a run would do and lists the lines that stay without units, with the
    reason; nothing is changed. Enter opens the order. w works it out and shows the plan, with the
    lines that would change, to be applied or left. Esc stops the working out, and the writing.
    A run is one change set: u (F7) takes all of it back."""

    def __init__(self, scope: JobScope = WHOLE_BOOK) -> None:
        super().__init__(scope)
        self.tab = POLICIES
        self.policy = DEFAULT
        self.again = False
        self.figures: dict[str, RunFigures] = {}

    # --- What is kept, in case the desk ends ------------------------------------------------------

    def kept_input(self) -> dict[str, Any]:
        """The policy, and whether all is matched again."""
        chosen = {"policy": self.policy, "again": self.again}
        changed = chosen != {"policy": DEFAULT, "again": False}
        return {**super().kept_input(), **(chosen if changed else {})}

    def input_words(self) -> str:
        """The policy."""
        parts = (NAMES[self.policy][0], "match again" * self.again, super().input_words())
        return ", ".join(part for part in parts if part)

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """Choose the policy again."""
        if kept.get("policy") in NAMES:
            self.policy = kept["policy"]
            self.again = kept.get("again") is True
            self.policies.show_rows(self._policy_rows())
            self.changed()
        await super().put_back(kept)

    # --- Look -------------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The tabs, and both of them."""
        yield Static("", classes="tab-line")
        facts, job_facts, rows = super().content()
        yield facts
        yield LineList(
            COLUMNS, row_id=lambda row: row.name, rows=self._policy_rows(), id="policies"
        )
        yield Static("", classes="policy-words")
        yield job_facts
        yield rows

    def begin(self) -> None:
        """With the policies."""
        self._show_tab()

    def on_resize(self) -> None:
        """The words are wrapped to the width."""
        self._show_words()

    @property
    def policies(self) -> LineList[PolicyRow]:
        """The policies."""
        return self.query_one("#policies", LineList)

    def columns(self) -> list[Column[Any]]:
        """The lines that are not served."""
        return [
            Column("Line", lambda row: str(row.line or ""), 14, priority=90),
            Column("Stays unallocated", lambda row: row.reason, 50, priority=80, at_most=90),
        ]

    def settings(self) -> list[str]:
        """Scope, and which lines."""
        matched = "again all that have units, pinned ones stay" if self.again else "with open units"
        other = "open ones only" if self.again else "again those that have units too"
        return [*super().settings(), f"Lines  {matched}  ({keys.keys_of('again')}: {other})"]

    def meaning(self) -> str:
        """The policy."""
        title, meaning = NAMES[self.policy]
        return f"Policy {title}: {meaning}"

    def _policy_rows(self) -> list[PolicyRow]:
        return [
            PolicyRow(digit, name, name == self.policy, self.figures.get(name))
            for digit, name in DIGITS.items()
        ]

    def _show_tab(self) -> None:
        words = [f"[{title}]" if tab == self.tab else f" {title} " for tab, title in TABS.items()]
        hint = f"  {keys.keys_of('other_tab')}: the other"
        self.query_one(".tab-line", Static).update(plain(" ".join((*words, hint))))
        on_policies = self.tab == POLICIES
        for widget in (self.policies, self.query_one(".policy-words")):
            widget.display = on_policies
        for widget in (self.rows, self.query_one(".job-facts")):
            widget.display = not on_policies
        self.set_focus(self.policies if on_policies else self.rows)
        self._show_words()

    def _go_to_tab(self, tab: str) -> None:
        if tab != self.tab:
            self.tab = tab
            self._show_tab()

    def _show_policies(self) -> None:
        self.policies.show_rows(self._policy_rows())
        self._show_words()

    def _show_words(self) -> None:
        """What the policies mean; of one that was compared, what a run by it comes to."""
        row = self.policies.current
        if row is None or row.figures is None:
            texts = [f"{one.digit} {one.title}: {one.meaning}" for one in self._policy_rows()]
            texts.append(WHAT_NEXT)
        else:
            from preorder_tui.run_outcome import totals

            texts = [f"{row.title}: {row.meaning}", *totals(row.figures), LEGEND]
        width = max(20, self.size.width - 1)
        lines = [part for text in texts for part in wrap(text, width, subsequent_indent="  ")]
        self.query_one(".policy-words", Static).update(plain("\n".join(lines)))

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another policy is under the cursor."""
        event.stop()
        if event.line_list is self.policies:
            self._show_words()

    # --- What a run would do ----------------------------------------------------------------------

    def make_plan(self, told: service_calls.Told) -> Plan:
        """The plan by the policy in use."""
        return self.service.plan_auto_allocate(
            self.policy, **self.scope.options(), again=self.again, told=told
        )

    def list_plan(self, plan: Plan) -> None:
        """The lines that stay without units; of half a book only those that are looked at."""
        self.rows.show_source(source_of(plan.refused, _unserved))

    def show_run(self, plan: Plan) -> None:
        """On its tab."""
        super().show_run(plan)
        self._go_to_tab(RUN)

    def _nothing_to_do(self, refusal: Refused) -> None:
        super()._nothing_to_do(refusal)
        self._go_to_tab(RUN)

    def changed(self) -> None:
        """What was worked out or compared no longer holds."""
        super().changed()
        self.figures = {}
        self._show_policies()

    # --- What the keys do -------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """A digit: its policy."""
        name = DIGITS.get(event.character or "")
        if name is not None:
            event.stop()
            self._use(name)

    def _use(self, name: str) -> None:
        if name != self.policy:
            self.policy = name
            self.forget_run()
        self._show_policies()
        self.say(f"Policy: {NAMES[name][0]}.")

    def do_other_tab(self) -> None:
        """Policies, or what a run would do."""
        self._go_to_tab(RUN if self.tab == POLICIES else POLICIES)

    def do_again(self) -> None:
        """Lines that have units too, or not."""
        self.again = not self.again
        self.changed()

    async def do_compare(self) -> None:
        """What runs by all policies, or by those ticked, come to."""
        ticked = [row.name for row in self.policies.tagged]

        def compare(told: service_calls.Told) -> tuple[RunFigures, ...]:
            return self.service.compare_policies(
                ticked, **self.scope.options(), again=self.again, told=told
            )

        try:
            found = await service_calls.call_told(self.desk, compare)
        except Refused as refusal:
            self._nothing_to_do(refusal)
            return
        self.figures = {one.policy: one for one in found}
        self._show_policies()
        self._go_to_tab(POLICIES)
        number = len(found)
        what = f"{number} policies" if number > 1 else "One policy"
        self.say(f"{what} compared; nothing is changed.")

    def open_row(self, event: LineList.Opened) -> None:
        """Use the policy and see what a run would do; or the order of the line."""
        if event.line_list is not self.policies:
            super().open_row(event)
            return
        self._use(event.row.name)
        self.desk.start_flow(self.preview())
