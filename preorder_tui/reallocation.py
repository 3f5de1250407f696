"""Early-dated purchase orders: older orders move to supply that arrives sooner (R-80…R-83)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from data.tables import order_item
from preorder_tui import allocation_run, pins, read_waiting_book, supply
from preorder_tui.allocation_run import Run
from preorder_tui.auto_allocation import plan_of
from preorder_tui.clock import Clock
from preorder_tui.draft import Draft
from preorder_tui.errors import Refused
from preorder_tui.line_state import (
    PurchaseState,
    links_of_purchase,
    purchase_line,
    purchase_where,
    supply_of,
)
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.policies import Demand, Given, Policy, Supply
from preorder_tui.products import by_sku, load
from preorder_tui.waiting_book import Scope, Told
from preorder_tui.wording import counted, lines, units


def _earlier(clock: Clock, source: PurchaseState, target: PurchaseState) -> str:
    """By how much the supply comes earlier, for the communication event (R-81)."""
    if source.arrival is None or target.arrival is None:
        return ""
    days = (clock.day(source.arrival) - clock.day(target.arrival)).days
    return f", {counted(days, 'day')} earlier"


def plan_reallocate(connection: Connection, clock: Clock, line: LineId) -> Plan:
    """Move sales order lines from later purchase orders of the product to this earlier one.

    The oldest sales orders move first, each from its latest supply, until this line's ATP is used
    up (R-82); promises follow (R-80), and both purchase orders get a communication event (R-81).

    Raises:
        UnknownId: there is no such purchase order line.
        Refused: it offers nothing, or no later purchase order has units to move.
    """
    target = purchase_line(connection, line)
    reason = supply.why_no_supply(target)
    if reason is not None:
        raise Refused(f"{target.name} cannot take units: {reason}")
    draft = Draft(
        connection, clock, f"reallocate {line}", f"Move sales orders to the earlier {target.name}"
    )
    if supply.is_late(target, draft.today):
        raise Refused(f"{target.name} is late: set a new arrival date first")
    later = [
        state
        for state in purchase_where(
            connection, *supply_of(target.product_id), order_item.c.ALLOCATED_QUANTITY > 0
        )
        if state.line != line
        and state.product_store_id == target.product_store_id
        and state.arrival is not None
        and target.arrival is not None
        and state.arrival > target.arrival
    ]
    draft.take_purchase([target, *later])
    draft.load_sales(links_of_purchase(connection, [state.line for state in later]))
    later_lines = {state.line for state in later}
    (product,) = load(connection, [target.product_id]).values()
    moved_total = 0
    pinned = pins.pinned_links(connection, draft.sales)
    for sales in sorted(draft.sales, key=lambda one: draft.sales[one].fifo_key):
        if not draft.sales[sales].waiting:
            continue
        sources = sorted(
            (to for to in draft.links[sales] if to in later_lines),
            key=lambda to: draft.purchase[to].supply_key,
            reverse=True,
        )
        for source in sources:
            step = min(draft.atp(line), draft.links[sales][source])
            if step == 0 or (sales, source) in pinned:
                continue
            draft.add_units(sales, source, -step)
            draft.add_units(sales, line, step)
            moved_total += step
            text = (
                f"{units(step)} of {product.upc or product.sku} for {sales} moved from "
                f"{draft.purchase[source].name} to {target.name}"
                + _earlier(clock, draft.purchase[source], target)
            )
            draft.plan.communications += [
                (order_id, "Reallocation", text)
                for order_id in dict.fromkeys((source.order_id, line.order_id))
            ]
    if not moved_total:
        raise Refused(f"no later purchase order has units to move to {target.name}")
    draft.plan.title = f"Move {units(moved_total)} to the earlier {target.name}"
    return draft.finish(promises_follow=True)


# --- The whole book -----------------------------------------------------------------------------


def move_to_earlier(demands: Sequence[Demand], supplies: Sequence[Supply]) -> list[Given]:
    """Who has units of later supply gets earlier ones that are free, the oldest order first (R-82).

    Nobody loses a unit: units only move, and what a line leaves may serve the next one.
    """
    place = {one.number: at for at, one in enumerate(supplies)}
    left = [one.units for one in supplies]
    for demand in demands:
        for number, taken in demand.present:
            left[place[number]] -= taken
    left = [max(0, one) for one in left]
    arrivals = [one.arrival for one in supplies]
    free = 0  # all places before it have nothing left; units only come free at later ones
    given: list[Given] = []
    for demand in sorted(demands, key=lambda one: one.number):
        has = {place[number]: taken for number, taken in demand.present}
        for at in sorted(has, reverse=True):
            while has[at]:
                while free < len(left) and not left[free]:
                    free += 1
                if free == len(left) or arrivals[free] >= arrivals[at]:
                    break
                step = min(has[at], left[free])
                has[free] = has.get(free, 0) + step
                has[at] -= step
                left[free] -= step
                left[at] += step
        given += [Given(demand.number, supplies[at].number, one) for at, one in has.items() if one]
    return given


EARLIER = Policy(
    "earlier",
    "Move to earlier purchase orders",
    "Lines that have units of later supply get earlier units that are free, the oldest order "
    "first; nobody loses a unit.",
    move_to_earlier,
)


def plan_reallocate_all(
    connection: Connection, clock: Clock, *, sku: str | None = None, told: Told | None = None
) -> Plan:
    """Move sales order lines to earlier purchase orders that have units, in the whole book.

    As :func:`plan_reallocate` for every early purchase order line at once, the earliest first.
    Pinned units stay, and so do units of supply that is late or partly received.

    Args:
        sku: only lines of that product.
        told: called now and then; what it raises ends the work.

    Raises:
        UnknownId: there is no such product.
        Refused: nothing can move to an earlier arrival.
    """
    product_id = None
    command = "reallocate-all"
    if sku is not None:
        product_id = by_sku(connection, sku)
        command += f" --product {sku}"
    scope = Scope(
        product_id=product_id,
        conditions=(order_item.c.ALLOCATED_QUANTITY > 0,),
        again=True,
        only_moves=True,
    )
    told = told or _nobody
    book = read_waiting_book.read(connection, clock, scope, told)
    outcome = allocation_run.run(book, EARLIER, told)
    numbers = allocation_run.figures(outcome, clock)
    if not numbers.links_changed:
        raise Refused("no sales order line can move to supply that arrives earlier")
    title = "Move sales orders to earlier purchase orders"
    plan = plan_of(connection, outcome, numbers, command=command, title=title)
    moves = _moves(outcome)
    moved = sum(number for number, _ in moves.values())
    plan.totals = [f"Moved: {units(moved)} of {lines(numbers.lines_changed)} to earlier supply"]
    promises = [
        (numbers.promises_earlier, "earlier"),
        (numbers.promises_later, "later"),
        (numbers.promises_first, "for the first time"),
    ]
    said = ", ".join(f"{number:,} {how}" for number, how in promises if number)
    if said:
        plan.totals.append(f"Promise dates: {said}")
    plan.communications = _communications(connection, clock, outcome, moves)
    return plan


def _nobody() -> None:
    """Nobody waits for word."""


Moves = dict[tuple[int, int], tuple[int, int]]
"""Units and sales order lines by supply left and supply taken."""


def _moves(outcome: Run) -> Moves:
    moves: Moves = {}
    for changed in outcome.changes():
        leaving = [
            [link.supply, link.old - link.new] for link in changed.links if link.old > link.new
        ]
        for link in changed.links:
            missing = link.new - link.old
            while missing > 0:
                source, units_left = leaving[0]
                step = min(missing, units_left)
                number, lines_moved = moves.get((source, link.supply), (0, 0))
                moves[source, link.supply] = (number + step, lines_moved + 1)
                missing -= step
                leaving[0][1] -= step
                if not leaving[0][1]:
                    leaving.pop(0)
    return moves


def _communications(
    connection: Connection, clock: Clock, outcome: Run, moves: Moves
) -> list[tuple[str, str, str]]:
    """One event a pair of purchase order lines, on both orders (R-81)."""
    supplies = outcome.book.supplies
    names = load(connection, {supplies[source].product_id for source, _ in moves})
    events: list[tuple[str, str, str]] = []
    for (source, target), (number, lines_moved) in moves.items():
        left, taken = supplies[source], supplies[target]
        product = names[left.product_id]
        text = (
            f"{units(number)} of {product.upc or product.sku} for {lines(lines_moved)} moved from "
            f"{left.name} to {taken.name}" + _earlier(clock, left, taken)
        )
        events += [
            (order_id, "Reallocation", text)
            for order_id in dict.fromkeys((left.line.order_id, taken.line.order_id))
        ]
    return events
