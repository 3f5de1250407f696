"""Changes of a purchase order: cancel, complete, quantities, new items (R-70…R-78)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, func, select

from data.tables import order_item
from preorder_tui import marks
from preorder_tui.arrival_dates import require_open_purchase
from preorder_tui.cancel import close_order
from preorder_tui.clock import Clock
from preorder_tui.deallocation import why_not_removable
from preorder_tui.draft import Draft, change
from preorder_tui.errors import Refused
from preorder_tui.line_state import (
    PurchaseState,
    links_of_purchase,
    purchase_line,
    purchase_lines,
    purchase_where,
)
from preorder_tui.lines import LineId
from preorder_tui.plan import NewLine, Plan
from preorder_tui.products import by_sku
from preorder_tui.resolve import order as resolve_order
from preorder_tui.supply import atp_moves
from preorder_tui.wording import units
from preorder_tui.words import CHANGE_APPEND, CHANGE_CANCEL, CHANGE_UPDATE, PURCHASE_ORDER, word


def _open_order(connection: Connection, clock: Clock, order: str) -> list[PurchaseState]:
    """All lines of an open purchase order."""
    order_id = resolve_order(connection, clock, order, PURCHASE_ORDER)
    states = purchase_where(connection, order_item.c.ORDER_ID == order_id)
    if states and states[0].order_status_id in marks.CLOSED_ORDER_STATUSES:
        raise Refused(
            f"purchase order {_name(states)} is {word(states[0].order_status_id).lower()} already"
        )
    if not states:
        raise Refused(f"purchase order {order_id} has no lines")
    return states


def _name(states: Sequence[PurchaseState]) -> str:
    """The order of these lines as people call it."""
    return states[0].external_id or states[0].line.order_id


def _is_open(state: PurchaseState) -> bool:
    return state.status_id not in marks.CLOSED_ITEM_STATUSES


def _cancel_lines(draft: Draft, lines: Sequence[PurchaseState]) -> None:
    """Free the lines' sales order lines and cancel them; received units forbid it."""
    for state in lines:
        if state.received:
            raise Refused(f"{state.name} has {units(state.received)} received: complete it instead")
    links = links_of_purchase(draft.connection, [state.line for state in lines])
    draft.take_purchase(lines)
    draft.load_sales(links)
    for sales, present in links.items():
        reason = why_not_removable(draft.sales[sales])
        if reason is not None:
            raise Refused(
                f"{sales} holds units of {draft.purchase[next(iter(present))].name} and {reason}: "
                "complete it instead"
            )
        for to, quantity in present.items():
            draft.add_units(sales, to, -quantity)
    draft.finish(promises_follow=False)
    draft.plan.effects.clear()
    if links:
        draft.plan.effects.append(
            f"{len(links):,} sales order line{' loses' if len(links) == 1 else 's lose'} supply; "
            "promise dates stay as told"
        )
    for state in lines:
        draft.watch(state)
        draft.add(change(state.line, "statusId", state.status_id, "ITEM_CANCELLED", CHANGE_CANCEL))
        if state.cancelled != state.quantity:
            draft.add(
                change(state.line, "cancelQuantity", state.cancelled, state.quantity, CHANGE_CANCEL)
            )


def plan_cancel_order(connection: Connection, clock: Clock, order: str) -> Plan:
    """Cancel a purchase order: all open lines go, their sales order lines lose supply (R-70).

    Raises:
        UnknownId: there is no such purchase order.
        Refused: it is closed, or a line has received units.
    """
    states = _open_order(connection, clock, order)
    order_id = states[0].line.order_id
    draft = Draft(
        connection, clock, f"cancel-purchase {order_id}", f"Cancel purchase order {_name(states)}"
    )
    _cancel_lines(draft, [state for state in states if _is_open(state)])
    close_order(
        draft,
        order_id,
        states[0].order_status_id,
        [state.status_id for state in states if not _is_open(state)],
    )
    draft.watch(*states)
    return draft.plan


def plan_cancel_line(connection: Connection, clock: Clock, line: LineId) -> Plan:
    """Cancel one purchase order line; the last open one takes its order along (R-71).

    Raises:
        UnknownId: there is no such line.
        Refused: it is closed, or has received units.
    """
    state = purchase_line(connection, line)
    require_open_purchase(state)
    draft = Draft(connection, clock, f"cancel-purchase {line}", f"Cancel {state.name}")
    _cancel_lines(draft, [state])
    _close_with_others(draft, [state])
    return draft.plan


def _close_with_others(draft: Draft, closing: Sequence[PurchaseState]) -> None:
    order_id = closing[0].line.order_id
    others = [
        other
        for other in purchase_where(draft.connection, order_item.c.ORDER_ID == order_id)
        if other.line not in {state.line for state in closing}
    ]
    draft.watch(*others)
    close_order(draft, order_id, closing[0].order_status_id, [other.status_id for other in others])


def complete_lines(draft: Draft, lines: Sequence[PurchaseState]) -> None:
    """Close lines as completed: they offer no supply, their allocations stay (R-77)."""
    for state in lines:
        draft.watch(state)
        draft.add(change(state.line, "statusId", state.status_id, "ITEM_COMPLETED", CHANGE_UPDATE))
        if state.allocated > state.received:
            draft.warn(
                state.line,
                f"{state.name} has {units(state.allocated)} allocated and "
                f"{units(state.received)} received: re-allocate or release the rest",
                "R-77",
            )
    order_id = lines[0].line.order_id
    others = [
        other.status_id
        for other in purchase_where(draft.connection, order_item.c.ORDER_ID == order_id)
        if other.line not in {state.line for state in lines}
    ]
    close_order(draft, order_id, lines[0].order_status_id, [*others, "ITEM_COMPLETED"])


def plan_complete_order(connection: Connection, clock: Clock, order: str) -> Plan:
    """Complete a purchase order: no line of it offers supply any more (R-77).

    Raises:
        UnknownId: there is no such purchase order.
        Refused: it is closed already.
    """
    states = _open_order(connection, clock, order)
    order_id = states[0].line.order_id
    draft = Draft(
        connection,
        clock,
        f"complete-purchase {order_id}",
        f"Complete purchase order {_name(states)}",
    )
    complete_lines(draft, [state for state in states if _is_open(state)])
    draft.watch(*states)
    return draft.plan


def plan_complete_line(connection: Connection, clock: Clock, line: LineId) -> Plan:
    """Complete one purchase order line; the last open one completes its order (R-77).

    Raises:
        UnknownId: there is no such line.
        Refused: it is closed already.
    """
    state = purchase_line(connection, line)
    require_open_purchase(state)
    draft = Draft(connection, clock, f"complete-purchase {line}", f"Complete {state.name}")
    complete_lines(draft, [state])
    return draft.plan


def require_quantity(state: PurchaseState, quantity: int) -> None:
    """Refuse a quantity that a purchase order line cannot have (R-72, R-73).

    Raises:
        Refused: it is below 1, or below what was received.
    """
    if quantity < 1:
        raise Refused(f"{state.name} cannot have {quantity} units: cancel the line instead")
    if quantity < state.received:
        raise Refused(
            f"{state.name} cannot have {units(quantity)}: {state.received:,} are received"
        )


def cannot_shrink(state: PurchaseState, left: int) -> Refused:
    """The refusal of a quantity that units which cannot be released stand against (R-73)."""
    return Refused(
        f"{state.name} cannot shrink so far: {units(left)} more belong to lines that are "
        "released or completed"
    )


def plan_quantities(
    connection: Connection,
    clock: Clock,
    quantities: Sequence[tuple[LineId, int]],
    *,
    release_newest: bool = False,
) -> Plan:
    """Change the quantities of purchase order lines, as one plan (R-72, R-73).

    Args:
        quantities: lines of open purchase orders with their new quantity in units.
        release_newest: where a quantity falls below what is allocated, take it from the newest
            sales orders first; otherwise refuse.

    Raises:
        UnknownId: a line does not exist.
        Refused: a line is closed, a quantity is below what was received, or below what is
            allocated and not to be released.
    """
    states = purchase_lines(connection, [line for line, _ in quantities])
    command = " ; ".join(
        f"set-quantity {line} {quantity}" + (" --release-newest" if release_newest else "")
        for line, quantity in quantities
    )
    draft = Draft(connection, clock, command, "Change quantities of purchase order lines")
    changed: list[tuple[PurchaseState, int]] = []
    for line, quantity in quantities:
        state = states.get(line) or purchase_line(connection, line)
        require_open_purchase(state)
        new = quantity + state.cancelled
        if new == state.quantity:
            draft.warn(line, f"{state.name} has {units(quantity)} already", "R-72")
            continue
        require_quantity(state, quantity)
        if quantity < state.allocated and not release_newest:
            raise Refused(
                f"{state.name} cannot have {units(quantity)}: {state.allocated:,} are allocated; "
                "release the newest allocations, or remove some first"
            )
        changed.append((state, new))
    if len(changed) == 1:
        state, new = changed[0]
        draft.plan.title = f"{state.name}: {state.ordered:,} → {units(new - state.cancelled)}"
    draft.take_purchase([state for state, _ in changed])
    for state, new in changed:
        _release_newest(draft, state, state.allocated - (new - state.cancelled))
    draft.finish(promises_follow=False)
    draft.plan.effects.clear()
    for state, new in changed:
        draft.watch(state)
        draft.add(change(state.line, "quantity", state.quantity, new))
        draft.purchase[state.line] = state._replace(quantity=new)
        draft.plan.effects += atp_moves(state, draft.atp_after(state.line))
    return draft.plan


def _release_newest(draft: Draft, state: PurchaseState, excess: int) -> None:
    """Take ``excess`` units from the line's newest sales orders that still wait (R-73)."""
    if excess <= 0:
        return
    links = links_of_purchase(draft.connection, [state.line])
    draft.load_sales(links)
    left = excess
    for sales in sorted(links, key=lambda one: draft.sales[one].fifo_key, reverse=True):
        if left == 0:
            break
        if why_not_removable(draft.sales[sales]) is not None:
            continue
        step = min(left, draft.links[sales][state.line])
        draft.add_units(sales, state.line, -step)
        left -= step
        draft.warn(sales, f"{sales} loses {units(step)} of {state.name}", "R-73")
    if left:
        raise cannot_shrink(state, left)


def plan_add_item(
    connection: Connection, clock: Clock, order: str, sku: str, quantity: int, arrival: date
) -> Plan:
    """Add a line to an open purchase order (R-78).

    Raises:
        UnknownId: there is no such purchase order or product.
        Refused: the order is closed, the quantity is below 1, or the arrival date is over.
    """
    states = _open_order(connection, clock, order)
    order_id = states[0].line.order_id
    product_id = by_sku(connection, sku)
    if quantity < 1:
        raise Refused(f"{quantity} units cannot be ordered: give a whole number of 1 or more")
    if arrival < clock.today():
        raise Refused(f"{arrival} is over: give {clock.today()} or later")
    last = connection.execute(
        select(func.max(order_item.c.ORDER_ITEM_SEQ_ID)).where(order_item.c.ORDER_ID == order_id)
    ).scalar_one()
    line = LineId(order_id, f"{int(last) + 1:05}")
    draft = Draft(
        connection,
        clock,
        f"add-item {order_id} {sku} {quantity} {arrival}",
        f"Add {units(quantity)} of {sku} to purchase order {_name(states)}",
    )
    # The order's own version says that no line closed it meanwhile; the key, that none was added.
    draft.plan.order_versions[order_id] = states[0].order_version
    draft.plan.new_lines.append(
        NewLine(
            line=line,
            product_id=product_id,
            quantity=quantity,
            status_id="ITEM_CREATED",
            arrival=clock.end_of(arrival),
            purchase=True,
        )
    )
    draft.add(change(line, "quantity", None, quantity, CHANGE_APPEND))
    draft.plan.effects.append(
        f"the new line is {_name(states)}/{line.order_item_seq_id}, arriving on {arrival}"
    )
    return draft.plan
