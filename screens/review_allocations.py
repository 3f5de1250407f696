"""Review Allocations: who gets the units of one purchase order line, and do the totals agree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.lines import LineId
from preorder_tui.records import DemandRow
from preorder_tui.wording import counted
from screens import demand_columns as columns
from screens import purchase_line_actions as line_actions
from screens.demand_page import DemandPage, Reading, facts_in_words, name_of
from screens.demand_source import DemandSource
from screens.dialogs.plan_flow import carry_out
from screens.line_list import LineList
from screens.plain_text import plain


class ReviewAllocations(DemandPage):
    """Totals above, one row per allocated sales order line below."""

    ACTIONS: ClassVar[tuple[str, ...]] = (
        "open", "allocate", "sync", "why", "deallocate", "cancelled", "edit", "history",
        "export", "jump", "pin", "auto",
    )  # fmt: skip
    HELP = """Every sales order line that has units of this purchase order line.
    Days is its promise against the arrival: -3 is promised three days before the units arrive.
    Enter opens the sales order. l allocates more, y carries the arrival date over, x removes the
    allocations of the tagged rows (Space tags, a tags all; nothing tagged: the row under the
    cursor). P pins the same rows, so that no job moves their units, marked P, or unpins them; w
    opens Auto-allocate for the product. W says why the row stands as it does. k shows the cancelled
    lines too, o writes all rows to a CSV file."""

    def __init__(self, line: LineId) -> None:
        """Show the allocations of a purchase order line."""
        super().__init__(line)
        self._tally = ""

    def content(self) -> Iterable[Widget]:
        """Totals, rows, and the row under the cursor in full."""
        yield Static("", classes="facts")
        yield LineList(
            columns.REVIEW,
            row_id=lambda row: row.line,
            rows=[],
            disabled=lambda row: row.reason,
            empty="",
        )
        yield Static("", classes="about-row")

    def place(self) -> dict[str, Any] | None:
        """The purchase order line."""
        return {"review": str(self.line)}

    def title_of_page(self) -> str:
        """Its name in the title line."""
        return "Review Allocations"

    # --- Showing ----------------------------------------------------------------------------------

    def show(self, record: Reading) -> None:
        """The list, its totals, and the row under the cursor in full."""
        super().show(record)
        self._show_current()

    def show_totals(self) -> None:
        """Fill the lines above the list."""
        self.query_one(".facts", Static).update(plain("\n".join(totals(self.source))))

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another row is under the cursor."""
        event.stop()
        self._show_current()

    def show_ticks(self) -> None:
        """What the tagged rows come to."""
        tagged = self.rows.tagged
        total = sum(row.allocated_here for row in tagged)
        before, self._tally = self._tally, ""
        if tagged:
            self._tally = f"{len(tagged):,} tagged, {total:,} units."
        elif self.last_sentence != before:
            return  # what was done with them stays
        self.say(self._tally)

    def _show_current(self) -> None:
        row = self.rows.current
        self.query_one(".about-row", Static).update(
            plain("" if row is None else columns.about(row))
        )

    def reason_against(self, name: str) -> str | None:
        """Nothing read, or no row."""
        if (reason := super().reason_against(name)) is not None:
            return reason
        if name in ("deallocate", "jump", "history", "why", "pin") and self.rows.current is None:
            return "No sales order is allocated to this item."
        return None

    # --- Actions ----------------------------------------------------------------------------------

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: the sales order of the row."""
        event.stop()
        self.action_do("jump")

    async def do_jump(self) -> None:
        """The sales order of the row."""
        row = self.rows.current
        assert row is not None
        await self.desk.open_order(row.line.order_id, row.line)

    async def do_allocate(self) -> None:
        """Allocate Sales Orders."""
        await line_actions.allocate_sales_orders(self, self.line)

    async def do_sync(self) -> None:
        """Sync Date with SO."""
        facts, name = self.facts, name_of(self.facts)
        words = line_actions.line_facts(name, facts.product, facts.arrival_date)
        await line_actions.sync_dates(self, self.line, name, words)

    async def do_deallocate(self) -> None:
        """Remove the allocations of the tagged rows, or of the current one."""
        chosen = [row.line for row in self.rows.chosen]
        line = self.line
        done = await carry_out(self, lambda: self.service.plan_remove_allocations(line, chosen))
        if done is not None:
            self.rows.untag()

    async def do_pin(self) -> None:
        """Pin the allocations of the tagged rows, or of the current one; all pinned: unpin them."""
        chosen = [row.line for row in self.rows.chosen if row.allocated_here]
        if not chosen:
            self.say("A cancelled line has no allocation.")
            return
        pinned = not all(row.pinned for row in self.rows.chosen if row.allocated_here)
        done = await carry_out(
            self, lambda: self.service.plan_pin_all(chosen, self.line, pinned=pinned)
        )
        if done is not None:
            self.rows.untag()

    async def do_auto(self) -> None:
        """Auto-allocate the product."""
        from screens import sales_line_actions

        await sales_line_actions.auto_allocate(self, self.facts.product)

    async def do_edit(self) -> None:
        """Edit the arrival date."""
        facts = self.facts
        await line_actions.edit_arrival(self, self.line, name_of(facts), facts.arrival_date)

    async def do_why(self) -> None:
        """Why the sales order line stands as it does."""
        from screens import explaining

        row = self.rows.current
        assert row is not None
        await explaining.why(self, row.line)

    async def do_history(self) -> None:
        """Order item change history of the sales order line."""
        row = self.rows.current
        assert row is not None
        await line_actions.history(self, row.line)

    async def do_cancelled(self) -> None:
        """Show or hide the cancelled lines."""
        source = self.source
        number = sum(entry.cancelled for entry in await source.whole())
        if not number:
            self.say("No sales order line of this item was cancelled.")
            return
        source.cancelled_shown = not source.cancelled_shown
        self.rows.group = group_of if source.cancelled_shown else None
        self.rows.reload()
        state = "shown" if source.cancelled_shown else "hidden"
        self.say(f"{counted(number, 'cancelled line')} {state}.")

    async def do_export(self) -> None:
        """Export CSV."""
        await line_actions.export_review(self, self.line)


def group_of(row: DemandRow) -> str:
    """The heading a row stands under when cancelled ones are shown."""
    cancelled = row.item_status_id == "ITEM_CANCELLED"
    return "Cancelled, for the record" if cancelled else "Allocated"


def totals(source: DemandSource) -> list[str]:
    """The lines above the rows."""
    facts = source.facts
    if source.entries is None:
        return [*facts_in_words(facts), "The sales order lines are being added up…"]
    units = [entry.allocated_here for entry in source.entries if not entry.cancelled]
    recorded = sum(units)
    if recorded != facts.consumed:
        said = (
            f"MISMATCH: the rows below come to {recorded:,} units, the item says "
            f"{facts.consumed:,}. Run preorder-tui verify."
        )
    elif facts.consumed > facts.quantity:
        said = f"OVER-ALLOCATED: {facts.consumed:,} units are promised of {facts.quantity:,}."
    else:
        said = (
            f"{counted(len(units), 'sales order line')}, "
            f"{recorded:,} units recorded: the totals agree."
        )
    return [*facts_in_words(facts), said]
