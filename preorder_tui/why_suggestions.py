"""The smallest change that would help: suggestions that really do, each with its commands.

A suggestion is only made where the plans of its steps would not be refused, and where the line is
better off afterwards: it has more units, or its units come by its promise, or its promise says
when they come. Allocations that a person has pinned are left where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data.tables import order_item
from preorder_tui import marks, supply
from preorder_tui.arrival_dates import is_open_purchase
from preorder_tui.clock import Clock
from preorder_tui.line_state import PurchaseState, SalesState
from preorder_tui.lines import LineId
from preorder_tui.spread import spread
from preorder_tui.sync_dates import why_not_synced
from preorder_tui.why_queue import (
    NEWEST_FIRST,
    PROMISED_LAST_FIRST,
    one_holder,
    placed_after,
)
from preorder_tui.why_records import Step, Suggestion
from preorder_tui.why_supply import Supplies, arriving, days
from preorder_tui.wording import units

Holding = Mapping[LineId, tuple[PurchaseState, int]]
"""What a line has of each purchase order line."""


def for_sales(
    connection: Connection,
    clock: Clock,
    state: SalesState,
    held: Holding,
    found: Supplies,
    *,
    pinned: bool,
    open_ahead: int,
) -> list[Suggestion]:
    """What would help a line that waits; the smallest change first.

    Args:
        connection: the database.
        clock: the site's clock.
        state: the line.
        held: what it has.
        found: the supplies of its product.
        pinned: whether a person has pinned what it has.
        open_ahead: units that lines ahead of it wait for.
    """
    suggestions: list[Suggestion] = []
    if state.open_units:
        suggestions += _allocate(clock, state, found, open_ahead)
        suggestions += _order_more(clock, state, found)
        suggestions += _take_back(connection, clock, state, found)
    today = clock.start_of(clock.today())
    troubled = marks.before_arrival(state.promised, state.arrival) or any(
        supply.is_late(source, today) for source, _ in held.values()
    )
    if troubled and not pinned:
        suggestions += _move(clock, state, held, found, today)
        suggestions += _swap(connection, clock, state, held, found, today)
    if marks.before_arrival(state.promised, state.arrival):
        suggestions += _arrive_earlier(clock, state, held)
    suggestions += sync(clock, state, held, today)
    return suggestions


# --- Units --------------------------------------------------------------------------------------


def _allocate(
    clock: Clock, state: SalesState, found: Supplies, open_ahead: int
) -> list[Suggestion]:
    """Units that are there: of eligible supply, else of a late line by hand (R-31, R-17)."""
    free = found.free or found.late
    taken = spread(state.open_units, ((source, source.atp) for source in free))
    if not taken:
        return []
    steps = tuple(Step("allocate", state.line, source.line, units=step) for source, step in taken)
    given = sum(step for _, step in taken)
    parts = [f"{step:,} of {source.name}, {arriving(clock, source)}" for source, step in taken]
    said = f"Allocate {units(given)}: {'; '.join(parts)}"
    last, _ = taken[-1]
    if not found.free:
        said += " (late: find out when it comes)"
    elif state.promised is not None and last.arrival is not None:
        late = (clock.day(last.arrival) - clock.day(state.promised)).days
        if late > 0:
            said += f"; {days(late)} after its promise, which would follow"
    passed = open_ahead - max(0, found.free_units - given)
    if passed > 0:
        said += f"; that passes by {units(passed)} that wait ahead of it"
    return [Suggestion(said, "units", given, steps)]


def _order_more(clock: Clock, state: SalesState, found: Supplies) -> list[Suggestion]:
    """More units on a purchase order line that may be allocated to, best one in time."""
    need = state.open_units - sum(source.atp for source in found.free)
    if need <= 0:
        return []
    today = clock.start_of(clock.today())
    best: tuple[tuple[object, ...], PurchaseState, int] | None = None
    for source in [*found.free, *found.taken, *found.received]:
        if source.arrival is None or supply.is_late(source, today) or source.arrival < today:
            continue
        # Received units that nobody was given count against what is offered.
        ordered = max(source.allocated, source.received) + source.atp + need
        after = supply.available_to_promise(
            ordered, source.received, source.allocated, source.ceiling, source.status_id
        )
        if after < source.atp + need:
            continue  # an ATP limit stands against it
        late = state.promised is not None and source.arrival > state.promised
        rank = (late, *source.supply_key)
        if best is None or rank < best[0]:
            best = (rank, source, ordered)
    if best is None:
        return []
    _, source, ordered = best
    more = ordered - source.ordered
    return [
        Suggestion(
            f"Order {units(more)} more on {source.name}, {arriving(clock, source)}, "
            "and allocate them",
            "units",
            need,
            (
                Step("set-quantity", source.line, units=ordered),
                Step("allocate", state.line, source.line, units=need),
            ),
        )
    ]


def _take_back(
    connection: Connection, clock: Clock, state: SalesState, found: Supplies
) -> list[Suggestion]:
    """Units that an order placed later was given (it would wait instead)."""
    wanted = state.open_units - found.free_units
    if wanted <= 0:
        return []
    sources = {source.line: source for source in [*found.taken, *found.free]
               if source.arrival is not None
               and source.arrival >= clock.start_of(clock.today())}  # fmt: skip
    holder = one_holder(connection, state, list(sources), 1, placed_after(state), best=NEWEST_FIRST)
    if holder is None:
        return []
    source = sources[holder.to]
    number = min(wanted, holder.units)
    if not _gives(source, number, returned=number):
        return []
    later = (clock.day(holder.order_date) - clock.day(state.order_date)).days
    placed = f"placed {days(later)} later" if later else "placed later"
    return [
        Suggestion(
            f"Take {units(number)} of {source.name} from {holder.line}, {placed}, which would wait",
            "units",
            number,
            (
                Step("deallocate", holder.line, source.line, units=number),
                Step("allocate", state.line, source.line, units=number),
            ),
        )
    ]


def _gives(source: PurchaseState, wanted: int, *, returned: int = 0) -> bool:
    """Whether the line offers so many units once ``returned`` have come back to it."""
    atp = supply.available_to_promise(
        source.ordered,
        source.received,
        source.allocated - returned,
        source.ceiling,
        source.status_id,
    )
    return atp >= wanted and supply.why_no_supply(source._replace(atp=atp)) is None


# --- Dates --------------------------------------------------------------------------------------


def _guilty(state: SalesState, held: Holding, today: datetime) -> list[tuple[PurchaseState, int]]:
    """What the line has of supply that comes after its promise, or should have come by now."""
    return [
        (source, number)
        for source, number in held.values()
        if marks.before_arrival(state.promised, source.arrival) or supply.is_late(source, today)
    ]


def _move(
    clock: Clock, state: SalesState, held: Holding, found: Supplies, today: datetime
) -> list[Suggestion]:
    """To supply with free units that is in time; for what is overdue, to the soonest."""
    guilty = _guilty(state, held, today)
    wanted = sum(number for _, number in guilty)
    by = state.promised if marks.before_arrival(state.promised, state.arrival) else None
    # Units leave the latest arrival first: what stays must not be what has to go.
    going = {source.line for source, _ in guilty}
    staying = [source.arrival for source, _ in held.values() if source.line not in going]
    leaving = [source.arrival for source, _ in guilty if source.arrival is not None]
    if any(one is not None and one > min(leaving) for one in staying):
        return []
    targets = [
        source
        for source in found.free
        if source.line not in going
        and source.arrival is not None
        and (by is None or source.arrival <= by)
        and (len(held) == 1 or source.line not in held)
    ]
    taken = spread(wanted, ((source, source.atp) for source in targets))
    if not taken or sum(step for _, step in taken) < wanted:
        return []
    steps = tuple(Step("move", state.line, source.line, units=step) for source, step in taken)
    parts = [f"{step:,} to {source.name}, {arriving(clock, source)}" for source, step in taken]
    return [Suggestion(f"Move {units(wanted)}: {'; '.join(parts)}", "on time", 0, steps)]


def _swap(
    connection: Connection,
    clock: Clock,
    state: SalesState,
    held: Holding,
    found: Supplies,
    today: datetime,
) -> list[Suggestion]:
    """Change places with a line whose promise allows it to wait for the later supply."""
    promised = state.promised
    guilty = _guilty(state, held, today)
    if promised is None or len(guilty) != 1 or not marks.before_arrival(promised, state.arrival):
        return []
    later, number = guilty[0]
    if later.arrival is None or supply.is_late(later, today):
        return []
    in_time = {
        source.line: source
        for source in [*found.taken, *found.free, *found.limited]
        if source.arrival is not None and today <= source.arrival <= promised
    }
    other = one_holder(
        connection,
        state,
        list(in_time),
        number,
        order_item.c.PROMISED_DATETIME >= later.arrival,
        best=PROMISED_LAST_FIRST,
    )
    if other is None:
        return []
    source = in_time[other.to]
    if not _gives(source, number, returned=number) or not _gives(later, number, returned=number):
        return []
    slack = (clock.day(other.promised) - clock.day(promised)).days
    return [
        Suggestion(
            f"Change places with {other.line}, promised {days(slack)} later: it waits for "
            f"{later.name}, {arriving(clock, later)}; {units(number)} of {source.name} come here",
            "on time",
            0,
            (
                Step("deallocate", state.line, later.line, units=number),
                Step("move", other.line, later.line, units=number),
                Step("allocate", state.line, source.line, units=number),
            ),
        )
    ]


def _arrive_earlier(clock: Clock, state: SalesState, held: Holding) -> list[Suggestion]:
    """What the supplier would have to do."""
    promised = state.promised
    assert promised is not None
    day = clock.day(promised)
    if clock.end_of(day) > promised:
        day -= timedelta(days=1)
    guilty = [
        source
        for source, _ in held.values()
        if marks.before_arrival(promised, source.arrival) and source.arrival is not None
    ]
    if day < clock.today() or not all(
        is_open_purchase(source) and source.received < source.ordered for source in guilty
    ):
        return []
    said = " and ".join(
        f"{source.name} {days((clock.day(source.arrival) - day).days)} earlier"
        for source in guilty
        if source.arrival is not None
    )
    return [
        Suggestion(
            f"Have the supplier deliver {said}, on {day}",
            "on time",
            0,
            tuple(Step("set-arrival-date", source.line, day=day) for source in guilty),
        )
    ]


def sync(clock: Clock, state: SalesState, held: Holding, today: datetime) -> list[Suggestion]:
    """Tell the customer the true date (R-43)."""
    arrival = state.arrival
    if (
        arrival is None
        or arrival < today
        or not marks.out_of_sync(state.promised, arrival)
        or why_not_synced(state) is not None
    ):
        return []
    source = next(source for source, _ in held.values() if source.arrival == arrival)
    day = clock.day(arrival)
    if state.promised is None:
        said = f"Promise {day}, when its units arrive"
    else:
        later = (day - clock.day(state.promised)).days
        how = f"{days(abs(later))} {'later' if later > 0 else 'earlier'}"
        said = f"Promise {day}, when its units arrive: {how}; the customer is told another date"
    helps: Suggestion = Suggestion(
        said,
        "on time" if marks.before_arrival(state.promised, arrival) else "in sync",
        0,
        (Step("sync-dates", source.line, state.line),),
    )
    return [helps]
