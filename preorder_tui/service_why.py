"""Why? and What if?: what the service answers, and the plans that follow from the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preorder_tui.imported_later import ImportedLater
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.service_plans import Plans

if TYPE_CHECKING:
    from preorder_tui import what_if, why
    from preorder_tui.what_if import Known
    from preorder_tui.why_records import Step, Supposed, WhatIf, Why
else:
    for _name in ("what_if", "why"):
        globals()[_name] = ImportedLater(f"preorder_tui.{_name}")


class Explanations(Plans):
    """Why a line stands as it does, and what would become of it."""

    def why(self, line: LineId) -> Why:
        """Why a line is unallocated, late or behind another, and what would help."""
        return self._read(why.why, line)

    def what_if(
        self,
        line: LineId,
        supposed: Supposed,
        *,
        first: int = 200,
        known: Known | None = None,
    ) -> WhatIf:
        """Which orders turn late if a purchase order line slips or shrinks; nothing changes.

        ``known``: the line as :meth:`know_for_what_if` read it, for questions in a row.
        """
        return self._read(what_if.what_if, line, supposed, first=first, known=known)

    def know_for_what_if(self, line: LineId) -> Known:
        """Read a purchase order line once, to be asked about many times."""
        return self._read(what_if.know, line)

    def plan_what_if(self, line: LineId, supposed: Supposed) -> Plan:
        """The plan that makes what was supposed so, arrival and quantity as one change."""
        return self._plan(what_if.plan_what_if, line, supposed)

    def plan_step(self, step: Step) -> Plan:
        """The plan of one step of a suggestion; its command makes the same."""
        line, to, units = step.line, step.to, step.units
        if step.verb == "reallocate":
            return self.plan_reallocate(line)
        if step.verb == "allocate-sales-orders":
            return self.plan_allocate_sales_orders(line)
        if step.verb == "sync-dates":
            return self.plan_sync_dates(line, None if to is None else [to])
        if step.verb == "set-quantity" and units is not None:
            return self.plan_quantities([(line, units)])
        if step.verb == "set-arrival-date" and step.day is not None:
            return self.plan_arrival_date(line, step.day)
        if to is None:
            raise AssertionError(f"{step.verb} needs a line to go to")
        if step.verb == "allocate":
            return self.plan_allocate(line, [(to, units)])
        if step.verb == "move":
            return self.plan_move(line, to, units)
        if step.verb == "deallocate":
            return self.plan_deallocate(line, to, units)
        raise AssertionError(f"no plan makes {step.command}")
