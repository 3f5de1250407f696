"""Allocation by hand: one line to chosen supply, a whole order, a purchase order line's queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from data.tables import order_item
from preorder_tui import open_lines, supply
from preorder_tui.clock import Clock
from preorder_tui.draft import Draft, require_units
from preorder_tui.errors import Refused
from preorder_tui.line_state import (
    SALES_COLUMNS,
    PurchaseState,
    SalesState,
    purchase_line,
    purchase_where,
    require_waiting,
    sales_line,
    sales_lines,
    sales_state,
    sales_where,
)
from preorder_tui.lines import LineId
from preorder_tui.marks import OPEN_ITEM_STATUSES
from preorder_tui.plan import Plan
from preorder_tui.resolve import order as resolve_order
from preorder_tui.sales_line_standing import why_not_waiting
from preorder_tui.wording import units
from preorder_tui.words import SALES_ORDER


def _require_match(sales: SalesState, purchase: PurchaseState) -> None:
    if purchase.product_id != sales.product_id:
        raise Refused(f"{purchase.name} is of another product than {sales.line}")
    if purchase.product_store_id != sales.product_store_id:
        raise Refused(
            f"{purchase.name} belongs to store {purchase.product_store_id}, "
            f"{sales.line} to {sales.product_store_id}"
        )
    reason = supply.why_no_supply(purchase)
    if reason is not None:
        raise Refused(f"{purchase.name} cannot be allocated to: {reason}")


def _warn_if_late(draft: Draft, purchase: PurchaseState) -> None:
    if supply.is_late(purchase, draft.today) and purchase.arrival is not None:
        draft.warn(
            purchase.line,
            f"{purchase.name} is late: it was to arrive on {draft.clock.day(purchase.arrival)}",
            "R-17",
        )


def plan_allocate(
    connection: Connection,
    clock: Clock,
    line: LineId,
    parts: Sequence[tuple[LineId, int | None]],
) -> Plan:
    """Allocate units of a sales order line to purchase order lines (R-23, R-31).

    Args:
        line: the sales order line; it must wait in a presell queue.
        parts: purchase order lines of the same product and store with units; None takes as many
            as both sides still have.

    Raises:
        UnknownId: a line does not exist.
        Refused: a rule says no; nothing would be allocated.
    """
    state = sales_line(connection, line)
    require_waiting(state)
    draft = Draft(connection, clock, "", "")
    draft.take_sales([state])
    words: list[str] = []
    for to, quantity in parts:
        target = draft.purchase.get(to) or purchase_line(connection, to)
        draft.take_purchase([target])
        _require_match(state, target)
        wanted = quantity
        still_open = draft.open_units(line)
        if wanted is not None:
            require_units(wanted, "allocated")
        if still_open <= 0:
            hint = ": move it to another purchase order instead" if state.allocated else ""
            raise Refused(f"{line} has nothing left to allocate{hint}")
        if wanted is None:
            wanted = min(still_open, draft.atp(to))
        if wanted > still_open:
            raise Refused(
                f"{units(wanted)} are too many: {line} has {units(still_open)} to allocate"
            )
        if wanted > draft.atp(to) or wanted == 0:
            raise Refused(
                f"{units(wanted or still_open)} are too many: "
                f"{target.name} has {units(draft.atp(to))} left"
            )
        draft.add_units(line, to, wanted)
        _warn_if_late(draft, target)
        words.append(f"{units(wanted)} to {target.name}")
    draft.plan.title = f"Allocate {line}: {', '.join(words)}"
    draft.plan.command = " ; ".join(
        f"allocate {line} {to}" + (f" --quantity {quantity}" if quantity is not None else "")
        for to, quantity in parts
    )
    return draft.finish(promises_follow=True)


def plan_move(
    connection: Connection, clock: Clock, line: LineId, to: LineId, quantity: int | None = None
) -> Plan:
    """Move a line's allocated units from its other purchase orders to ``to`` (R-33).

    Units leave the latest arrival first. Without ``quantity`` as many move as ``to`` has left.

    Raises:
        UnknownId: a line does not exist.
        Refused: a rule says no.
    """
    state = sales_line(connection, line)
    require_waiting(state)
    target = purchase_line(connection, to)
    draft = Draft(connection, clock, f"move {line} {to}", "")
    if quantity is not None:
        require_units(quantity, "moved")
        draft.plan.command += f" --quantity {quantity}"
    draft.take_sales([state])
    draft.take_purchase([target])
    _require_match(state, target)
    elsewhere = sorted(
        (other for other in draft.links[line] if other != to),
        key=lambda other: draft.purchase[other].supply_key,
        reverse=True,
    )
    movable = sum(draft.links[line][other] for other in elsewhere)
    if movable == 0:
        raise Refused(f"{line} has no units with another purchase order to move")
    wanted = min(movable, draft.atp(to)) if quantity is None else quantity
    if wanted > movable:
        raise Refused(
            f"{units(wanted)} are too many: {line} has {units(movable)} with other purchase orders"
        )
    if wanted > draft.atp(to):
        raise Refused(
            f"{units(wanted)} are too many: {target.name} has {units(draft.atp(to))} left"
        )
    left = wanted
    for other in elsewhere:
        step = min(left, draft.links[line][other])
        if step:
            draft.add_units(line, other, -step)
            draft.add_units(line, to, step)
            left -= step
    _warn_if_late(draft, target)
    draft.plan.title = f"Move {units(wanted)} of {line} to {target.name}"
    return draft.finish(promises_follow=True)


def fill(draft: Draft, demand: Iterable[SalesState], supplies: Sequence[PurchaseState]) -> None:
    """Give open units of ``demand``, in that order, to ``supplies``, in that order (R-20…R-24).

    What cannot be served is named among the refused, with the reason.
    """
    for state in demand:
        wanted = draft.open_units(state.line)
        missing = wanted
        for target in supplies:
            if missing == 0:
                break
            step = min(missing, draft.atp(target.line))
            if step > 0:
                draft.add_units(state.line, target.line, step)
                missing -= step
        if missing:
            left = "no eligible supply" if missing == wanted else "supply ran out"
            draft.refuse(
                state.line, f"{state.line}: {units(missing)} not allocated, {left}", "R-32"
            )


def eligible_supply(
    connection: Connection,
    draft: Draft,
    product_ids: Sequence[str],
    late: list[PurchaseState] | None = None,
) -> dict[tuple[str, str], list[PurchaseState]]:
    """Eligible purchase order lines by (store, product), earliest arrival first (R-15, R-21).

    Late ones are passed over (R-17), and added to ``late``.
    """
    found: dict[tuple[str, str], list[PurchaseState]] = {}
    for start in range(0, len(product_ids), 400):
        chunk = product_ids[start : start + 400]
        for state in purchase_where(
            connection,
            order_item.c.PRODUCT_ID.in_(chunk),
            order_item.c.STATUS_ID.in_(OPEN_ITEM_STATUSES),
            order_item.c.AVAILABLE_TO_PROMISE > 0,
        ):
            if supply.is_eligible(state, draft.today):
                found.setdefault((state.product_store_id, state.product_id), []).append(state)
            elif late is not None and supply.is_late(state, draft.today):
                late.append(state)
    for states in found.values():
        states.sort(key=lambda state: state.supply_key)
        draft.take_purchase(states)
    return found


def plan_allocate_order(connection: Connection, clock: Clock, order: str) -> Plan:
    """Allocate all open lines of a sales order to eligible supply, earliest arrival first.

    Raises:
        UnknownId: there is no such sales order.
        Refused: the order has no line left to allocate.
    """
    order_id = resolve_order(connection, clock, order, SALES_ORDER)
    states = sorted(
        sales_where(connection, order_item.c.ORDER_ID == order_id), key=lambda s: s.fifo_key
    )
    waiting = [state for state in states if state.open_units > 0]
    if not waiting:
        reasons = {why_not_waiting(state) or "fully allocated" for state in states}
        raise Refused(
            f"order {order_id} has no line left to allocate: {'; '.join(sorted(reasons))}"
        )
    draft = Draft(
        connection, clock, f"allocate-order {order_id}", f"Allocate the open lines of {order_id}"
    )
    draft.take_sales(waiting)
    supplies = eligible_supply(connection, draft, sorted({state.product_id for state in waiting}))
    for state in waiting:
        fill(draft, [state], supplies.get((state.product_store_id, state.product_id), []))
    return draft.finish(promises_follow=True)


def unallocated_lines(connection: Connection, purchase: PurchaseState) -> list[SalesState]:
    """The sales order lines that wait for the purchase order line's product, FIFO (R-06, R-21)."""
    queue = open_lines.queue(connection, purchase.product_id, purchase.product_store_id)
    found = connection.execute(
        select(*SALES_COLUMNS).select_from(queue.source).where(*queue.conditions), queue.parameters
    )
    return sorted(map(sales_state, found), key=lambda state: state.fifo_key)


def plan_allocate_sales_orders(
    connection: Connection, clock: Clock, line: LineId, only: Sequence[LineId] | None = None
) -> Plan:
    """Allocate unallocated sales order lines to a purchase order line, FIFO (R-30, R-32).

    Args:
        line: the purchase order line.
        only: the ticked sales order lines; None for all that wait.

    Beyond ATP the rest is named among the refused, never forced.

    Raises:
        UnknownId: a line does not exist.
        Refused: the line offers nothing, or a ticked line is of another product or store.
    """
    target = purchase_line(connection, line)
    reason = supply.why_no_supply(target)
    if reason is not None:
        raise Refused(f"{target.name} cannot be allocated to: {reason}")
    command = f"allocate-sales-orders {line}"
    if only is None:
        demand = unallocated_lines(connection, target)
        if not demand:
            raise Refused(f"no unallocated sales order line waits for the product of {target.name}")
    else:
        found = sales_lines(connection, only)
        demand = sorted(
            (found.get(one) or sales_line(connection, one) for one in dict.fromkeys(only)),
            key=lambda state: state.fifo_key,
        )
        command += "".join(f" --only {one}" for one in only)
    draft = Draft(connection, clock, command, f"Allocate sales orders to {target.name}")
    served: list[SalesState] = []
    for state in demand:
        why_not = why_not_waiting(state)
        if state.product_id != target.product_id:
            raise Refused(f"{state.line} is of another product than {target.name}")
        if state.product_store_id != target.product_store_id:
            raise Refused(f"{state.line} belongs to another store than {target.name}")
        if why_not is not None:
            draft.refuse(state.line, f"{state.line} cannot be allocated: {why_not}", "R-06")
        elif state.open_units == 0:
            draft.refuse(state.line, f"{state.line} has nothing left to allocate", "R-07")
        else:
            served.append(state)
    draft.take_sales(served)
    draft.take_purchase([target])
    fill(draft, served, [draft.purchase[line]])
    _warn_if_late(draft, target)
    return draft.finish(promises_follow=True)
