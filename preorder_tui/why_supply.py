"""Why the purchase orders of a product do not serve a line: each rule in words, with numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from preorder_tui import supply
from preorder_tui.clock import Clock
from preorder_tui.line_state import PurchaseState, SalesState
from preorder_tui.why_queue import holders
from preorder_tui.why_records import Reason
from preorder_tui.wording import counted, lines, units

NAMED = 3
"""So many are named in a sentence; the others are counted."""


@dataclass(slots=True)
class Supplies:
    """The purchase order lines of a line's product, sorted by what stands against each."""

    free: list[PurchaseState] = field(default_factory=list)
    late: list[PurchaseState] = field(default_factory=list)  # units left, arrival over
    taken: list[PurchaseState] = field(default_factory=list)  # all promised
    limited: list[PurchaseState] = field(default_factory=list)  # the ATP limit holds units back
    received: list[PurchaseState] = field(default_factory=list)
    undated: list[PurchaseState] = field(default_factory=list)
    closed: list[PurchaseState] = field(default_factory=list)
    elsewhere: list[PurchaseState] = field(default_factory=list)  # another store

    @property
    def here(self) -> list[PurchaseState]:
        """All of the line's own store."""
        return [
            *self.free, *self.late, *self.taken, *self.limited, *self.received, *self.undated,
            *self.closed,
        ]  # fmt: skip

    @property
    def free_units(self) -> int:
        """What eligible supply has left."""
        return sum(state.atp for state in self.free)


def sort_out(states: Sequence[PurchaseState], line: SalesState, clock: Clock) -> Supplies:
    """The supplies of ``line``, each where the first rule that fails puts it; by arrival."""
    today = clock.start_of(clock.today())
    found = Supplies()
    for state in sorted(states, key=lambda one: one.supply_key):
        if state.product_store_id != line.product_store_id:
            found.elsewhere.append(state)
        elif supply.is_eligible(state, today):
            found.free.append(state)
        elif supply.why_no_supply(state) is None:
            found.late.append(state)
        elif supply.is_closed(state):
            found.closed.append(state)
        elif state.atp > 0:
            found.undated.append(state)
        elif state.received >= state.ordered:
            found.received.append(state)
        elif state.allocated < state.ordered:
            found.limited.append(state)
        else:
            found.taken.append(state)
    return found


def named(
    states: Sequence[PurchaseState], say: Callable[[PurchaseState], str], *, more: str = ""
) -> str:
    """The first few in words, and how many more there are."""
    said = "; ".join(say(state) for state in states[:NAMED])
    rest = len(states) - NAMED
    return said if rest <= 0 else f"{said}; and {rest:,} more{more}"


def days(number: int) -> str:
    """A number of days in words."""
    return counted(number, "day")


def arriving(clock: Clock, state: PurchaseState) -> str:
    """When it arrives."""
    return "without arrival date" if state.arrival is None else f"{clock.day(state.arrival)}"


def reasons_against(
    connection: Connection, clock: Clock, line: SalesState, found: Supplies, sku: str, ahead: int
) -> list[Reason]:
    """Why the open units of ``line`` are open.

    Args:
        connection: the database.
        clock: the site's clock.
        line: it waits and has open units.
        found: the supplies of its product.
        sku: how people call the product.
        ahead: units that lines ahead of it in the queue still wait for.
    """
    store = line.product_store_id
    reasons: list[Reason] = []
    if not found.here:
        said = "no purchase order has" if not found.elsewhere else f"none of store {store} has"
        reasons.append(Reason("no supply", f"There is nothing to allocate: {said} {sku}", "R-24"))
    if found.free:
        reasons.append(_free(clock, line, found, ahead))
    if found.taken:
        reasons.append(_taken(connection, clock, line, found.taken))
    if found.limited:
        held_back = sum(_held_back(state) for state in found.limited)
        said = named(
            found.limited,
            lambda one: (
                f"{one.name} may promise {one.ceiling or 0:,} of {one.ordered:,}, "
                f"{one.allocated:,} are"
            ),
        )
        reasons.append(
            Reason("limited", f"An ATP limit holds {units(held_back)} back: {said}; importing a "
                   "higher ATP offers them", "R-14", held_back)
        )  # fmt: skip
    if found.late:
        reasons.append(_late(clock, found.late))
    if found.received:
        reasons.append(_received(found.received))
    if found.undated:
        said = named(found.undated, lambda one: f"{one.name} has {units(one.atp)}")
        number = sum(state.atp for state in found.undated)
        reasons.append(Reason("undated", f"No arrival date is set: {said}", "R-15", number))
    if found.closed:
        said = named(found.closed, lambda one: f"{one.name}: {supply.why_no_supply(one)}")
        reasons.append(Reason("closed", f"Not open for allocation: {said}", "R-15"))
    offered = [state for state in found.elsewhere if supply.why_no_supply(state) is None]
    if offered:
        said = named(
            offered, lambda one: f"{one.name} of {one.product_store_id} has {units(one.atp)}"
        )
        number = sum(state.atp for state in offered)
        reasons.append(
            Reason(
                "other store",
                f"Units of another store cannot serve an order of {store}: {said}",
                "R-25",
                number,
            )
        )
    return reasons


def _free(clock: Clock, line: SalesState, found: Supplies, ahead: int) -> Reason:
    free = found.free_units
    said = named(found.free, lambda one: f"{one.atp:,} on {one.name}, {arriving(clock, one)}")
    would_get = min(line.open_units, max(0, free - ahead))
    if ahead == 0:
        rest = "nobody ahead of it waits for them; nothing has allocated them yet"
    elif would_get:
        rest = (
            f"lines ahead wait for {units(ahead)}, so first in, first out would leave it "
            f"{would_get:,}"
        )
    else:
        rest = f"lines ahead wait for {units(ahead)}, more than there are"
        if free == ahead:
            rest = f"lines ahead wait for all {free:,} of them"
    have = "1 unit is free" if free == 1 else f"{units(free)} are free"
    return Reason("free", f"{have}: {said}; {rest}", "R-20", free)


def _taken(
    connection: Connection, clock: Clock, line: SalesState, taken: Sequence[PurchaseState]
) -> Reason:
    held = holders(connection, line, [state.line for state in taken])
    total = sum(state.allocated for state in taken)
    mine = total - held.earlier_units - held.later_units
    parts = [f"{units(held.earlier_units)} by {lines(held.earlier_lines)} placed earlier"]
    if held.later_units:
        parts.append(f"{held.later_units:,} by {lines(held.later_lines)} placed later")
    if mine:
        parts.append(f"{mine:,} by this line itself")
    if held.pinned_units:
        parts.append(f"{held.pinned_units:,} of them pinned by a person")
    said = named(taken, lambda one: f"{one.name}, {one.ordered:,}, {arriving(clock, one)}")
    what = "it is" if len(taken) == 1 else "they are"
    return Reason(
        "taken",
        f"All units are promised: {said}; {what} held: {', '.join(parts)}",
        "R-21",
        held.earlier_units + held.later_units,
    )


def _late(clock: Clock, late: Sequence[PurchaseState]) -> Reason:
    today = clock.today()
    over = max((today - clock.day(state.arrival)).days for state in late if state.arrival)
    said = named(
        late,
        lambda one: f"{one.name} has {units(one.atp)} and was to arrive {arriving(clock, one)}",
    )
    return Reason(
        "late supply",
        f"Its arrival is over, by up to {days(over)}: {said}; it is allocated by hand only",
        "R-17",
        sum(state.atp for state in late),
        over,
    )


def _received(received: Sequence[PurchaseState]) -> Reason:
    unallocated = sum(max(0, state.ordered - state.allocated) for state in received)
    said = named(received, lambda one: f"{one.name} has {one.received:,} of {one.ordered:,} in")
    rest = (
        f"{units(unallocated)} of it {'was' if unallocated == 1 else 'were'} allocated to nobody "
        "and are stock now, no longer supply"
        if unallocated
        else "it offers no more"
    )
    return Reason("received", f"Received whole: {said}; {rest}", "R-12", unallocated)


def _held_back(state: PurchaseState) -> int:
    """Units that would be offered if there were no ATP limit."""
    without = supply.available_to_promise(
        state.ordered, state.received, state.allocated, None, state.status_id
    )
    return without - state.atp
