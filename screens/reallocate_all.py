"""Early-PO reallocation: sales order lines move to earlier purchase orders, in the whole book."""

from __future__ import annotations

from typing import ClassVar

from preorder_tui.plan import Plan
from screens import service_calls
from screens.job_changes import ChangesJob


class ReallocateAll(ChangesJob):
    """What a run would move, and the run itself."""

    PATH: ClassVar[tuple[str, ...]] = ("Jobs", "Early-PO reallocation")
    COMMAND = "reallocate-all"
    MEANING = (
        "Lines that have units of later supply get earlier units that are free, the oldest order "
        "first. Nobody loses a unit; pinned allocations stay."
    )
    NOTHING_LEFT = "Nothing moves."
    HELP = """Moves sales order lines to purchase orders that arrive earlier and have units, in the
    whole book at once: what E does on one purchase order line. The oldest order comes first, and
    what a line leaves may serve the next one. Nobody loses a unit. Pinned allocations stay, and so
    do units of supply that is late or partly received. The promise dates of what moves follow, and
    both purchase orders get a notice.
    r (F5) works out what a run would do and lists its first changes; nothing is changed. Enter
    opens the order. w works it out and shows the plan, to be applied or left. s takes one product
    only. Esc stops the working out, and the writing. A run is one change set: u (F7) takes all of
    it back."""

    def make_plan(self, told: service_calls.Told) -> Plan:
        """All moves."""
        return self.service.plan_reallocate_all(sku=self.scope.sku, told=told)
