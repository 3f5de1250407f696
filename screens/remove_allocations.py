"""Remove Allocations: tick the sales order lines that lose the units of a purchase order line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.lines import LineId
from preorder_tui.records import AllocationReview, DemandRow
from screens import demand_columns as columns
from screens import keys
from screens.dialogs.plan_flow import carry_out
from screens.line_list import LineList
from screens.plain_text import plain
from screens.record_page import RecordPage
from screens.review_allocations import totals


class RemoveAllocations(RecordPage[AllocationReview]):
    """Check boxes, select all, one key."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("tag", "tag_all", "deallocate", "why", "open")
    HELP = """Tick the sales order lines whose allocation is to be removed: Space ticks a row,
    a ticks all or none, x (or F9) removes the allocations of the ticked rows. You see the units
    that go back to the purchase order, and the promises that stay, before anything is written.
    A row with - cannot be ticked: Space on it says why. Enter opens the sales order."""

    def __init__(self, line: LineId) -> None:
        """Offer the allocations of a purchase order line."""
        super().__init__()
        self.line = line

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

    def path(self) -> tuple[str, ...]:
        """Below the purchase order."""
        record = self.record
        name = self.line.order_id if record is None else record.external_id or self.line.order_id
        return ("Purchase Orders", name, "Remove Allocations")

    @property
    def rows(self) -> LineList[DemandRow]:
        """The list."""
        return self.query_one(LineList)

    def read(self) -> AllocationReview:
        """The allocations."""
        return self.service.review_allocations(self.line)

    def show(self, record: AllocationReview) -> None:
        """Fill totals and list."""
        self.rows.empty = "No sales order is allocated to this item."
        self.query_one(".facts", Static).update(plain("\n".join(totals(record)[:2])))
        self.rows.show_rows(record.rows)
        self._show_counter()

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another row is under the cursor."""
        event.stop()
        row = self.rows.current
        self.query_one(".about-row", Static).update(
            plain("" if row is None else columns.about(row))
        )

    def on_line_list_tagged(self, event: LineList.Tagged) -> None:
        """Another tick."""
        event.stop()
        self._show_counter()

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: the sales order of the row."""
        event.stop()
        row: DemandRow = event.row
        self.desk.start_flow(self.desk.open_order(row.line.order_id, row.line))

    def _show_counter(self) -> None:
        record = self.record
        if record is None:
            return
        ticked = self.rows.tagged
        units = sum(row.allocated_here for row in ticked)
        self.query_one(".ticked", Static).update(
            plain(
                f"Ticked {len(ticked):,} of {len(record.rows):,} lines, {units:,} of "
                f"{record.recorded:,} units.   [ {keys.keys_of('deallocate')} Remove Allocations ]"
            )
        )

    def reason_against(self, name: str) -> str | None:
        """Nothing read, nothing there, or nothing ticked."""
        if self.record is None:
            return (
                "The allocations are not read yet: F5 reads them again."
                if name in self.ACTIONS
                else None
            )
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
