"""The plans that the service can make; none of them changes anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection

from preorder_tui.clock import Clock
from preorder_tui.desk_database import DeskDatabase
from preorder_tui.imported_later import ImportedLater
from preorder_tui.lines import LineId
from preorder_tui.no_collection import no_collection
from preorder_tui.plan import Plan
from preorder_tui.policy_names import DEFAULT

if TYPE_CHECKING:
    from preorder_tui import (
        allocation,
        arrival_dates,
        auto_allocation,
        cancel,
        deallocation,
        pinning,
        promise_dates,
        purchase_changes,
        purchase_names,
        reallocation,
        receiving,
        sync_dates,
        undo,
    )
    from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
    from preorder_tui.run_outcome import RunFigures
    from preorder_tui.waiting_book import Told
else:
    # The first list needs none of these; together they cost more than what it does need.
    for _name in (
        "allocation",
        "arrival_dates",
        "auto_allocation",
        "cancel",
        "deallocation",
        "pinning",
        "promise_dates",
        "purchase_changes",
        "purchase_names",
        "reallocation",
        "receiving",
        "sync_dates",
        "undo",
    ):
        globals()[_name] = ImportedLater(f"preorder_tui.{_name}")


class Plans(DeskDatabase):
    """Every change that a person can ask for, as a plan."""

    # --- Plans: sales side ---

    def plan_allocate(self, line: LineId, parts: Sequence[tuple[LineId, int | None]]) -> Plan:
        """Allocate units of a sales order line to purchase order lines (R-23, R-31).

        ``parts`` are purchase order lines with units; None: as many as both sides still have.
        """
        return self._plan(allocation.plan_allocate, line, parts)

    def plan_move(self, line: LineId, to: LineId, quantity: int | None = None) -> Plan:
        """Move the line's allocations to another purchase order line (R-33)."""
        return self._plan(allocation.plan_move, line, to, quantity)

    def plan_allocate_order(self, order: str) -> Plan:
        """Allocate all open lines of a sales order to eligible supply, earliest arrival first."""
        return self._plan(allocation.plan_allocate_order, order)

    def plan_deallocate(
        self, line: LineId, purchase_line: LineId | None = None, quantity: int | None = None
    ) -> Plan:
        """Remove a line's allocation, from one purchase order line or all (R-60…R-63)."""
        return self._plan(deallocation.plan_deallocate, line, purchase_line, quantity)

    def plan_promise_date(self, line: LineId, day: date, *, override: bool = False) -> Plan:
        """Set the promise date of one line (R-50…R-57); ``override``: also to one that is over."""
        return self._plan(promise_dates.plan_promise_date, line, day, override=override)

    def plan_cancel_item(self, line: LineId, reason_enum_id: str) -> Plan:
        """Cancel a sales order line (R-110, R-111, R-113)."""
        return self._plan(cancel.plan_cancel_item, line, reason_enum_id)

    # --- Plans: procurement side ---

    def plan_arrival_date(self, line: LineId, day: date, *, override: bool = False) -> Plan:
        """Set the arrival date of a purchase order line; promises stay (R-40, R-74, R-75).

        ``override``: also to a day that is over.
        """
        return self._plan(arrival_dates.plan_arrival_date, line, day, override=override)

    def plan_sync_dates(
        self,
        line: LineId,
        only: Sequence[LineId] | None = None,
        *,
        guard: Literal["any", "later", "earlier"] = "any",
    ) -> Plan:
        """Carry the arrival date to the line's sales order lines, or only to some (R-41…R-47)."""
        return self._plan(sync_dates.plan_sync_dates, line, only, guard=guard)

    def plan_allocate_sales_orders(
        self, line: LineId, only: Sequence[LineId] | None = None
    ) -> Plan:
        """Allocate unallocated sales order lines to a purchase order line, FIFO (R-30, R-32)."""
        return self._plan(allocation.plan_allocate_sales_orders, line, only)

    def plan_remove_allocations(self, line: LineId, only: Sequence[LineId] | None = None) -> Plan:
        """Remove allocations of a purchase order line, all or some (R-60…R-64)."""
        return self._plan(deallocation.plan_remove_allocations, line, only)

    def plan_cancel_purchase_order(self, order: str) -> Plan:
        """Cancel a purchase order with all its open lines (R-70)."""
        return self._plan(purchase_changes.plan_cancel_order, order)

    def plan_cancel_purchase_line(self, line: LineId) -> Plan:
        """Cancel one purchase order line (R-71)."""
        return self._plan(purchase_changes.plan_cancel_line, line)

    def plan_complete_purchase_order(self, order: str) -> Plan:
        """Complete a purchase order: it offers no more supply (R-77)."""
        return self._plan(purchase_changes.plan_complete_order, order)

    def plan_complete_purchase_line(self, line: LineId) -> Plan:
        """Complete one purchase order line (R-77)."""
        return self._plan(purchase_changes.plan_complete_line, line)

    def plan_quantities(
        self, quantities: Sequence[tuple[LineId, int]], *, release_newest: bool = False
    ) -> Plan:
        """Change quantities of purchase order lines, saved once (R-72, R-73)."""
        return self._plan(
            purchase_changes.plan_quantities, quantities, release_newest=release_newest
        )

    def plan_add_item(self, order: str, sku: str, quantity: int, arrival: date) -> Plan:
        """Add a line to an open purchase order (R-78)."""
        return self._plan(purchase_changes.plan_add_item, order, sku, quantity, arrival)

    def plan_receive(self, line: LineId, quantity: int) -> Plan:
        """Record a receipt of units on a purchase order line (R-90…R-92)."""
        return self._plan(receiving.plan_receive, line, quantity)

    def plan_reallocate(self, line: LineId) -> Plan:
        """Move sales order lines from later purchase orders to this earlier one (R-80…R-83)."""
        return self._plan(reallocation.plan_reallocate, line)

    # --- Plans: whole book, undo ---

    def plan_auto_allocate(
        self,
        policy: str = DEFAULT,
        *,
        sku: str | None = None,
        order: str | None = None,
        sales: SalesOrderQuery | None = None,
        purchases: PurchaseOrderQuery | None = None,
        again: bool = False,
        told: Told | None = None,
    ) -> Plan:
        """Allocate lines that wait by a policy (R-20…R-25): all, or a product's, an order's, or
        what queries of the Find pages find; ``again``: lines that have supply too, unless pinned.

        ``told`` is called now and then while the plan is made; what it raises ends it.
        """
        return self._plan(
            auto_allocation.plan_auto_allocate, policy, sku=sku, order=order, sales=sales,
            purchases=purchases, again=again, told=told,
        )  # fmt: skip

    def compare_policies(
        self,
        policies: Sequence[str] = (),
        *,
        sku: str | None = None,
        order: str | None = None,
        sales: SalesOrderQuery | None = None,
        purchases: PurchaseOrderQuery | None = None,
        again: bool = False,
        told: Told | None = None,
    ) -> tuple[RunFigures, ...]:
        """What runs by several policies would come to, side by side (by default by all)."""
        return self._read(
            auto_allocation.compare, policies, sku=sku, order=order, sales=sales,
            purchases=purchases, again=again, told=told,
        )  # fmt: skip

    def plan_reallocate_all(self, *, sku: str | None = None, told: Told | None = None) -> Plan:
        """Move sales order lines to earlier purchase orders, in the whole book (R-80…R-83)."""
        return self._plan(reallocation.plan_reallocate_all, sku=sku, told=told)

    def plan_sync_all(
        self,
        *,
        sku: str | None = None,
        guard: Literal["any", "later", "earlier"] = "any",
        told: Told | None = None,
    ) -> Plan:
        """Carry every arrival to the promises that differ from it, in the whole book."""
        return self._plan(sync_dates.plan_sync_all, sku=sku, guard=guard, told=told)

    def plan_pin(
        self, line: LineId, purchase_line: LineId | None = None, *, pinned: bool = True
    ) -> Plan:
        """Pin a line's allocations, or one of them, so that no job moves them; or unpin them."""
        return self._plan(pinning.plan_pin, line, purchase_line, pinned=pinned)

    def plan_pin_all(
        self, lines: Sequence[LineId], purchase_line: LineId, *, pinned: bool = True
    ) -> Plan:
        """Pin the allocations of several lines from one purchase order line; or unpin them."""
        return self._plan(pinning.plan_pin_all, lines, purchase_line, pinned=pinned)

    def plan_undo(self, change_set_id: int | None = None) -> Plan:
        """Take back a change set; by default the last one of this person that still stands.

        Raises:
            Refused: later changes stand in the way (they are named), or there is none.
        """
        return self._plan(undo.plan_undo, self.actor.user, change_set_id)

    def plan_redo(self, change_set_id: int | None = None) -> Plan:
        """Do again a change set that was taken back; by default the last one taken back."""
        return self._plan(undo.plan_redo, self.actor.user, change_set_id)

    def _plan(self, make: Callable[..., Plan], *arguments: Any, **options: Any) -> Plan:
        def named(connection: Connection, clock: Clock) -> Plan:
            with no_collection():
                plan = make(connection, clock, *arguments, **options)
            plan.purchase_names |= purchase_names.of_plan(connection, plan)
            return plan

        return self._read(named)
