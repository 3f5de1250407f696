"""The sales order lines of a purchase order line, as the desk and the command line ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from preorder_tui.desk_database import DeskDatabase
from preorder_tui.imported_later import ImportedLater
from preorder_tui.lines import LineId

if TYPE_CHECKING:
    from preorder_tui import demand_list, review_allocations
    from preorder_tui.records import (
        AllocationReview,
        Demand,
        DemandEntry,
        DemandRow,
        DemandStart,
        SupplyFacts,
    )
else:
    demand_list = ImportedLater("preorder_tui.demand_list")
    review_allocations = ImportedLater("preorder_tui.review_allocations")


class DemandLists(DeskDatabase):
    """Each list whole, or as it is looked at: its first rows, what all of it is, and other rows."""

    def review_allocations(self, line: LineId) -> AllocationReview:
        """Review Allocations of a purchase order line, with each allocated sales order line."""
        return self._read(review_allocations.review, line)

    def demand_start(self, kind: Demand, line: LineId, size: int) -> DemandStart:
        """What a list opens with: its purchase order line and its first rows."""
        return self._read(demand_list.start, kind, line, size)

    def demand_facts(self, line: LineId) -> SupplyFacts:
        """The purchase order line that a list is about."""
        return self._read(demand_list.facts, line)

    def demand_roll(self, kind: Demand, line: LineId) -> tuple[DemandEntry, ...]:
        """All lines of a list, with what can be added up and why one cannot be chosen."""
        return self._read(demand_list.roll, kind, line)

    def demand_rows(
        self,
        kind: Demand,
        line: LineId,
        lines: Sequence[LineId],
        cancelled: Sequence[LineId] = (),
    ) -> tuple[DemandRow, ...]:
        """Some lines of a list in full, in the order given, cancelled ones behind them."""
        return self._read(demand_list.rows, kind, line, lines, cancelled)
