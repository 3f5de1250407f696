"""Remove Allocations: tick the sales order lines that lose the units of a purchase order line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.records import DemandRow
from screens import demand_columns as columns
from screens import keys
from screens.demand_page import DemandPage, facts_in_words
from screens.dialogs.plan_flow import carry_out
from screens.line_list import LineList
from screens.plain_text import plain


class RemoveAllocations(DemandPage):
    """Check boxes, select all, one key."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("tag", "tag_all", "deallocate", "why", "open")
    HELP = """Tick the sales order lines whose allocation is to be removed: Space ticks a row,
    a ticks all or none, x (or F9) removes the allocations of the ticked rows. You see the units
    that go back to the purchase order, and the promises that stay, before anything is written.
    A row with - cannot be ticked: Space on it says why. Enter opens the sales order."""

    def content(self) -> Iterable[Widget]:
        """Totals, rows with check boxes, the counter with its one button."""
        yield Static("", classes="facts")
        yield LineList(
            columns.REMOVE,
            row_id=lambda row: row.line,
            rows=[],
            disabled=lambda row: row.reason,
            ticks=True,
            empty="",
        )
        yield Static("", classes="about-row")
        yield Static("", classes="ticked")

    def place(self) -> dict[str, Any] | None:
        """The purchase order line."""
        return {"remove": str(self.line)}

    def title_of_page(self) -> str:
        """Its name in the title line."""
        return "Remove Allocations"

    def show_totals(self) -> None:
        """Fill the lines above the list, and the counter below it."""
        self.query_one(".facts", Static).update(plain("\n".join(facts_in_words(self.facts))))
        self.show_ticks()

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another row is under the cursor."""
        event.stop()
        row = self.rows.current
        self.query_one(".about-row", Static).update(
            plain("" if row is None else columns.about(row))
        )

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: the sales order of the row."""
        event.stop()
        row: DemandRow = event.row
        self.desk.start_flow(self.desk.open_order(row.line.order_id, row.line))

    def show_ticks(self) -> None:
        """Fill the counter."""
        if self.record is None:
            return
        ticked, entries = self.rows.tagged, self.source.entries
        units = sum(row.allocated_here for row in ticked)
        of_lines, of_units = "…", f"{self.facts.consumed:,}"
        if entries is not None:
            present = [entry.allocated_here for entry in entries if not entry.cancelled]
            of_lines, of_units = f"{len(present):,}", f"{sum(present):,}"
        self.query_one(".ticked", Static).update(
            plain(
                f"Ticked {len(ticked):,} of {of_lines} lines, {units:,} of "
                f"{of_units} units.   [ {keys.keys_of('deallocate')} Remove Allocations ]"
            )
        )

    def reason_against(self, name: str) -> str | None:
        """Nothing read, nothing there, or nothing ticked."""
        if (reason := super().reason_against(name)) is not None:
            return reason
        if name in ("deallocate", "open", "why") and self.rows.current is None:
            return "No sales order is allocated to this item."
        if name == "deallocate" and not self.rows.tagged:
            return "Nothing is ticked: Space ticks a row, a ticks all."
        return None

    async def do_why(self) -> None:
        """Why the sales order line stands as it does."""
        from screens import explaining

        row = self.rows.current
        assert row is not None
        await explaining.why(self, row.line)

    async def do_deallocate(self) -> None:
        """The button."""
        ticked = [row.line for row in self.rows.tagged]
        line = self.line
        done = await carry_out(self, lambda: self.service.plan_remove_allocations(line, ticked))
        if done is not None:
            self.rows.untag()
