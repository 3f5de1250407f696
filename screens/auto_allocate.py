"""Auto-allocate: the whole book to eligible supply, first in, first out."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import ClassVar, NamedTuple

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.errors import Refused
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from screens import keys, service_calls
from screens.desk_screen import DeskScreen
from screens.dialogs.plan_flow import carry_out
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain

POLICY = (
    "Policy FIFO: every line that waits for pre-order or backorder units, the earliest order "
    "first, from the purchase order line that arrives first."
)

_SHOW, _RUN = keys.keys_of("refresh"), keys.keys_of("auto")
HINT = f"{_SHOW} shows what a run would do, {_RUN} plans it and asks."


class Unserved(NamedTuple):
    """A sales order line that stays without some of its units."""

    number: int
    line: LineId | None
    reason: str


COLUMNS: tuple[Column[Unserved], ...] = (
    Column("Line", lambda row: str(row.line or ""), 14, priority=90),
    Column("Stays unallocated", lambda row: row.reason, 50, priority=80, at_most=90),
)


class AutoAllocate(DeskScreen):
    """What a run would do, and the run itself."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("auto", "refresh", "open")
    PATH: ClassVar[tuple[str, ...]] = ("Jobs", "Auto-allocate")
    HELP = """Allocates the whole book at once: every open line that waits in the pre-order or
    backorder queue, first in, first out, the earliest order from the earliest arrival.
    r (F5) works out what a run would do and shows it here; nothing is changed. w works it out
    and shows the plan, with every line that would change, to be applied or left.
    A run is one change set: u (F7) takes all of it back.
    Below stand the lines that stay without units, with the reason; Enter opens the order."""

    def content(self) -> Iterable[Widget]:
        """What it comes to, and the lines that are not served."""
        yield Static("", classes="job-facts")
        yield LineList(
            COLUMNS,
            row_id=lambda row: row.number,
            rows=[],
            taggable=False,
            empty=HINT,
        )

    def on_mount(self) -> None:
        """The policy."""
        self._show_facts([])

    @property
    def rows(self) -> LineList[Unserved]:
        """The lines that are not served."""
        return self.query_one(LineList)

    def _show_facts(self, totals: Iterable[str]) -> None:
        width = max(20, self.size.width - 1)
        text = [part for sentence in (POLICY, *totals) for part in wrap(sentence, width)]
        self.query_one(".job-facts", Static).update(plain("\n".join(text)))

    def _show(self, plan: Plan) -> None:
        """What the plan comes to."""
        self._show_facts(plan.totals)
        self.rows.empty = "No line stays without units."
        self.rows.show_rows(
            [
                Unserved(number, notice.line, notice.sentence.partition(": ")[2])
                for number, notice in enumerate(plan.refused)
            ]
        )

    def _nothing_waits(self, refusal: Refused) -> None:
        self._show_facts([])
        self.rows.empty = refusal.sentence
        self.rows.show_rows([])

    def changed(self) -> None:
        """Orders have changed: what was worked out no longer holds."""
        self._show_facts([])
        self.rows.empty = HINT
        self.rows.show_rows([])

    def do_refresh(self) -> object:
        """F5: what a run would do."""
        self.desk.repaint_all()
        return self._preview()

    async def _preview(self) -> None:
        try:
            plan = await service_calls.call_or_abandon(self.desk, self.service.plan_auto_allocate)
        except Refused as refusal:
            self._nothing_waits(refusal)
            self.say(refusal.sentence)
            return
        self._show(plan)
        self.say("So much a run would do; nothing is changed.")

    async def do_auto(self) -> None:
        """Plan it, show it, apply it."""
        made: list[Plan] = []

        def make() -> Plan:
            made.append(self.service.plan_auto_allocate())
            return made[-1]

        try:
            await carry_out(self, make)
        except Refused as refusal:
            self._nothing_waits(refusal)
            self.say(refusal.sentence)
        else:
            self._show(made[-1])

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: the order of the line."""
        event.stop()
        row: Unserved = event.row
        if row.line is not None:
            self.desk.start_flow(self.desk.open_order(row.line.order_id, row.line))
