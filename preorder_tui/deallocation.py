"""Removing allocations: the units go back, the promise stays and is flagged (R-60…R-64)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from preorder_tui import marks
from preorder_tui.clock import Clock
from preorder_tui.draft import Draft, require_units
from preorder_tui.errors import Refused
from preorder_tui.line_state import (
    links_of_purchase,
    purchase_line,
    sales_line,
)
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.sales_line_standing import why_out_of_queue
from preorder_tui.spread import spread
from preorder_tui.wording import units


def why_not_removable(state: marks.Standing) -> str | None:
    """Why a line's allocation must stay: its units have left the queue, or it is closed."""
    return why_out_of_queue(state)


def plan_deallocate(
    connection: Connection,
    clock: Clock,
    line: LineId,
    purchase: LineId | None = None,
    quantity: int | None = None,
) -> Plan:
    """Remove a sales order line's allocation: all of it, of one purchase order line, or units.

    Units leave the latest arrival first.

    Raises:
        UnknownId: a line does not exist.
        Refused: there is no such allocation, fewer units, or the line has left its queue.
    """
    state = sales_line(connection, line)
    reason = why_not_removable(state)
    if reason is not None:
        raise Refused(f"the allocation of {line} stays: {reason}")
    command = f"deallocate {line}" + (f" {purchase}" if purchase else "")
    if quantity is not None:
        require_units(quantity, "removed")
        command += f" --quantity {quantity}"
    draft = Draft(connection, clock, command, "")
    draft.take_sales([state])
    links = draft.links[line]
    if purchase is not None and purchase not in links:
        raise Refused(f"{line} has no allocation from {purchase_line(connection, purchase).name}")
    chosen = [purchase] if purchase is not None else list(links)
    chosen.sort(key=lambda to: draft.purchase[to].supply_key, reverse=True)
    present = sum(links[to] for to in chosen)
    if present == 0:
        raise Refused(f"{line} has no allocation to remove")
    wanted = present if quantity is None else quantity
    if wanted > present:
        raise Refused(f"{units(wanted)} are too many: {units(present)} of {line} are allocated")
    for to, step in spread(wanted, [(to, links[to]) for to in chosen]):
        draft.add_units(line, to, -step)
    draft.plan.title = f"Remove the allocation of {units(wanted)} of {line}"
    _say_promises_stay(draft)
    return draft.finish(promises_follow=False)


def plan_remove_allocations(
    connection: Connection, clock: Clock, line: LineId, only: Sequence[LineId] | None = None
) -> Plan:
    """Remove allocations of a purchase order line: of all its sales order lines, or some.

    Raises:
        UnknownId: a line does not exist.
        Refused: there is nothing to remove.
    """
    target = purchase_line(connection, line)
    linked = {sales: to[line] for sales, to in links_of_purchase(connection, [line]).items()}
    command = f"remove-allocations {line}"
    if only is not None:
        command += "".join(f" --only {one}" for one in only)
        for one in only:
            if one not in linked:
                sales_line(connection, one)
                raise Refused(f"{one} has no allocation from {target.name}")
        linked = {one: linked[one] for one in only}
    if not linked:
        raise Refused(f"{target.name} has no allocations to remove")
    draft = Draft(connection, clock, command, "")
    draft.load_sales(linked)
    total = 0
    for sales, quantity in linked.items():
        reason = why_not_removable(draft.sales[sales])
        if reason is not None:
            draft.refuse(sales, f"the allocation of {sales} stays: {reason}", "R-104")
            continue
        draft.add_units(sales, line, -quantity)
        total += quantity
    draft.plan.title = f"Remove allocations of {units(total)} from {target.name}"
    _say_promises_stay(draft)
    return draft.finish(promises_follow=False)


def _say_promises_stay(draft: Draft) -> None:
    kept = sum(
        1
        for line, links in draft.links.items()
        if not links and draft.sales[line].promised is not None and draft.sales[line].allocated
    )
    if kept:
        draft.warn(
            None,
            f"{kept:,} promise date{' stays' if kept == 1 else 's stay'} as told to the customer, "
            "now without supply",
            "R-62",
        )
