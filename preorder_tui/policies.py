"""Policies: who gets supply first, for one product in one store.

Products are independent of each other, so a whole book is matched one product at a time. A policy
decides which lines come first (and, for two of them, how many units a line may have); the walk is
the same for all: lines in that order take units from the earliest arrival on. Supplies of one
arrival are interchangeable, and a line keeps the one it has.

Sources: FIFO, domain R-20…R-25. The walk by promise gives the least total lateness when a unit
not served counts as one that arrives after all others (the cost is convex in arrival minus promise:
Hoffman 1963). The most lines on time: Moore 1968, with the units that have arrived by a promise in
place of the time until a due date.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from preorder_tui.policy_names import NAMES
from preorder_tui.stored_moments import Moment


class Demand(NamedTuple):
    """A line that wants units."""

    number: int  # its place in the demand order: no two lines have the same
    units: int
    promised: Moment | None = None
    priority: str | None = None
    present: tuple[tuple[int, int], ...] = ()
    """What it has now, as (supply number, units), where that may be given to others."""


class Supply(NamedTuple):
    """A purchase order line that has units to give."""

    number: int
    units: int
    arrival: Moment


class Given(NamedTuple):
    """Units that a line gets from a supply."""

    demand: int
    supply: int
    units: int


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy by name, with what it means in one sentence."""

    name: str
    title: str
    meaning: str
    match: Callable[[Sequence[Demand], Sequence[Supply]], list[Given]]


def _fifo_place(demand: Demand) -> int:
    return demand.number


def _promise_place(demands: Sequence[Demand], supplies: Sequence[Supply]) -> list[Demand]:
    """By promise; among equal promises who has supply keeps its place, then FIFO."""
    place = {supply.number: at for at, supply in enumerate(supplies)}
    nowhere = len(supplies)

    def key(demand: Demand) -> tuple[bool, Moment, int, int]:
        has = max((place.get(number, nowhere) for number, _ in demand.present), default=nowhere)
        unknown = demand.promised is None
        return (unknown, "" if unknown else demand.promised, has, demand.number)

    return sorted(demands, key=key)


CLASSES = {"1": 0, "2": 1, "3": 2}
"""ORDER_HEADER.PRIORITY as OFBiz has it: 1 high, 2 normal, 3 low. A blank one is normal."""


def priority_class(priority: str | None) -> int:
    """The place of a priority class, the first one first."""
    return CLASSES.get((priority or "").strip(), 1)


# --- The walk -----------------------------------------------------------------------------------


def walk(
    ordered: Sequence[Demand], supplies: Sequence[Supply], most: Sequence[int] | None = None
) -> list[Given]:
    """Give units to lines in their order, from the earliest arrival on.

    Args:
        ordered: the lines, first come first.
        supplies: by arrival, then in their own order (R-21).
        most: how many units each line may have; None: as many as it wants.
    """
    if not any(demand.present for demand in ordered):
        return _straight(ordered, supplies, most)
    arrivals = [list(group) for _, group in groupby(supplies, key=lambda supply: supply.arrival)]
    left = [sum(supply.units for supply in group) for group in arrivals]
    shares: list[list[tuple[Demand, int]]] = [[] for _ in arrivals]
    at = 0
    for place, demand in enumerate(ordered):
        wanted = demand.units if most is None else most[place]
        while wanted and at < len(left):
            step = min(wanted, left[at])
            if step:
                shares[at].append((demand, step))
                left[at] -= step
                wanted -= step
            if not left[at]:
                at += 1
    return [
        given
        for group, share in zip(arrivals, shares, strict=True)
        for given in _keeping(share, group)
    ]


def _straight(
    ordered: Sequence[Demand], supplies: Sequence[Supply], most: Sequence[int] | None
) -> list[Given]:
    given: list[Given] = []
    if not supplies:
        return given
    source = iter(supplies)
    supply = next(source)
    left = supply.units
    for place, demand in enumerate(ordered):
        wanted = demand.units if most is None else most[place]
        while wanted:
            if not left:
                found = next(source, None)
                if found is None:
                    return given
                supply, left = found, found.units
                continue
            step = wanted if wanted < left else left
            given.append(Given(demand.number, supply.number, step))
            left -= step
            wanted -= step
    return given


def _keeping(share: Sequence[tuple[Demand, int]], group: Sequence[Supply]) -> list[Given]:
    """Within one arrival every line first keeps what it has, then the rest is given in order."""
    left = {supply.number: supply.units for supply in group}
    given: dict[tuple[int, int], int] = {}
    missing: list[tuple[Demand, int]] = []
    for demand, wanted in share:
        for number, units in demand.present:
            step = min(wanted, units, left.get(number, 0))
            if step:
                given[demand.number, number] = given.get((demand.number, number), 0) + step
                left[number] -= step
                wanted -= step
        if wanted:
            missing.append((demand, wanted))
    sources = iter([supply.number for supply in group])
    number = next(sources)
    for demand, wanted in missing:
        while wanted:
            while not left[number]:
                number = next(sources)
            step = min(wanted, left[number])
            given[demand.number, number] = given.get((demand.number, number), 0) + step
            left[number] -= step
            wanted -= step
    return [Given(line, number, units) for (line, number), units in given.items()]


# --- The policies -------------------------------------------------------------------------------


def fifo(demands: Sequence[Demand], supplies: Sequence[Supply]) -> list[Given]:
    """The earliest order first (R-20, R-21)."""
    return walk(sorted(demands, key=_fifo_place), supplies)


def earliest_promise(demands: Sequence[Demand], supplies: Sequence[Supply]) -> list[Given]:
    """The earliest promise first; lines without a promise come last."""
    return walk(_promise_place(demands, supplies), supplies)


def priority_then_fifo(demands: Sequence[Demand], supplies: Sequence[Supply]) -> list[Given]:
    """High before normal before low; within a class the earliest order first."""
    ordered = sorted(demands, key=lambda demand: (priority_class(demand.priority), demand.number))
    return walk(ordered, supplies)


def on_time(demands: Sequence[Demand], supplies: Sequence[Supply]) -> set[int]:
    """The numbers of a largest set of promised lines that can all have all units by their promise.

    By promise, and whenever the units that have arrived by then do not suffice, the largest line
    chosen so far (of equals the youngest) is left out.
    """
    arrived: list[int] = []
    arrivals = [supply.arrival for supply in supplies]
    total = 0
    for supply in supplies:
        total += supply.units
        arrived.append(total)
    chosen: list[tuple[int, int]] = []  # (-units, -number): the largest, youngest on top
    taken = 0
    for demand in _promise_place(demands, supplies):
        if demand.promised is None:
            break
        heapq.heappush(chosen, (-demand.units, -demand.number))
        taken += demand.units
        by_then = bisect_right(arrivals, demand.promised)
        while taken > (arrived[by_then - 1] if by_then else 0):
            units, _ = heapq.heappop(chosen)
            taken += units
    return {-number for _, number in chosen}


def most_on_time(demands: Sequence[Demand], supplies: Sequence[Supply]) -> list[Given]:
    """As many lines as possible have all their units by their promise; then the others, FIFO.

    A line that can be on time takes the latest units that still are, so that the others get theirs
    as early as they can.
    """
    chosen = on_time(demands, supplies)
    ordered = _promise_place(demands, supplies)
    left = [supply.units for supply in supplies]
    arrivals = [supply.arrival for supply in supplies]
    place = {supply.number: at for at, supply in enumerate(supplies)}
    given: list[Given] = []
    before = list(range(-1, len(left) - 1))  # the next earlier place that may have units

    def latest(at: int) -> int:
        found = at
        while not left[found]:
            found = before[found]
        while not left[at]:
            before[at], at = found, before[at]
        return found

    for demand in reversed(ordered):
        if demand.number not in chosen:
            continue
        wanted, at = demand.units, bisect_right(arrivals, demand.promised) - 1
        while wanted:
            at = latest(at)
            kept = [
                (place[number], units)
                for number, units in demand.present
                if number in place and arrivals[place[number]] == arrivals[at]
            ]
            for here, units in (*kept, (at, wanted)):
                step = min(wanted, units, left[here])
                if step:
                    given.append(Given(demand.number, supplies[here].number, step))
                    left[here] -= step
                    wanted -= step
    rest = [
        supply._replace(units=units) for supply, units in zip(supplies, left, strict=True) if units
    ]
    others = sorted((one for one in demands if one.number not in chosen), key=_fifo_place)
    return merged([*given, *walk(others, rest)])


def fair_shares(demands: Sequence[Demand], units: int) -> list[int]:
    """How many of ``units`` each line gets: its share, rounded down; what is left over goes by one
    to the largest remainders, of equals to the earliest order.

    Returns:
        Units in the order of ``demands``; all wanted units where there are enough.
    """
    wanted = sum(demand.units for demand in demands)
    if units >= wanted:
        return [demand.units for demand in demands]
    shares = [demand.units * units // wanted for demand in demands]
    remainders = sorted(
        range(len(demands)),
        key=lambda at: (-(demands[at].units * units % wanted), demands[at].number),
    )
    for at in remainders[: units - sum(shares)]:
        shares[at] += 1
    return shares


def fair_share(demands: Sequence[Demand], supplies: Sequence[Supply]) -> list[Given]:
    """Where supply is short, every line the same share of its units; arrivals FIFO."""
    ordered = sorted(demands, key=_fifo_place)
    shares = fair_shares(ordered, sum(supply.units for supply in supplies))
    return walk(ordered, supplies, shares)


def merged(given: Sequence[Given]) -> list[Given]:
    """Units of the same line and supply added up."""
    total: dict[tuple[int, int], int] = {}
    for line, supply, units in given:
        total[line, supply] = total.get((line, supply), 0) + units
    return [Given(line, supply, units) for (line, supply), units in total.items()]


MATCHES: dict[str, Callable[[Sequence[Demand], Sequence[Supply]], list[Given]]] = {
    "fifo": fifo,
    "promise": earliest_promise,
    "priority": priority_then_fifo,
    "on-time": most_on_time,
    "fair": fair_share,
}
POLICIES: dict[str, Policy] = {
    name: Policy(name, title, meaning, MATCHES[name]) for name, (title, meaning) in NAMES.items()
}
"""The policies, the default first."""
