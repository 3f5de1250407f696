"""Policies against exact answers on small cases, and against a slow walk on ten thousand lines."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preorder_tui.policies import (
    POLICIES,
    Demand,
    Given,
    Supply,
    fair_shares,
    priority_class,
    walk,
)
from preorder_tui.reallocation import move_to_earlier

HORIZON = 1_000
"""The day on which a unit that is not served counts as arriving."""

DAYS = st.integers(1, 12)
NAMES = sorted(POLICIES)


@st.composite
def cases(draw: st.DrawFn, lines: int = 5, most: int = 3) -> tuple[list[Demand], list[Supply]]:
    """A product's lines and supplies, with few units and many ties."""
    demands = [
        Demand(
            number,
            draw(st.integers(1, most)),
            draw(st.one_of(st.none(), DAYS)),
            draw(st.sampled_from([None, "1", "2", "3", "", "9"])),
        )
        for number in range(draw(st.integers(1, lines)))
    ]
    arrivals = sorted(draw(st.lists(DAYS, min_size=0, max_size=4)))
    supplies = [
        Supply(number, draw(st.integers(1, most)), day) for number, day in enumerate(arrivals)
    ]
    return demands, supplies


def by_line(given_units: Sequence[Given]) -> dict[int, Counter[int]]:
    """Units by line and supply."""
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for line, supply, number in given_units:
        found[line][supply] += number
    return found


def lateness(demands: Sequence[Demand], supplies: Sequence[Supply], found: list[Given]) -> int:
    """Days late of all units, those not served at the horizon."""
    total = 0
    lines = by_line(found)
    for demand in demands:
        if demand.promised is None:
            continue
        served = 0
        for supply, number in lines[demand.number].items():
            served += number
            total += number * max(0, supplies[supply].arrival - demand.promised)
        total += (demand.units - served) * (HORIZON - demand.promised)
    return total


def least_lateness(demands: Sequence[Demand], supplies: Sequence[Supply]) -> int:
    """By trying every assignment of units."""
    wanted = [demand.promised for demand in demands for _ in range(demand.units)]
    arrivals = [supply.arrival for supply in supplies for _ in range(supply.units)]

    @cache
    def best(at: int, used: int) -> int:
        if at == len(wanted):
            return 0
        promised = wanted[at]
        found = best(at + 1, used) + (0 if promised is None else HORIZON - promised)
        for place, arrival in enumerate(arrivals):
            if not used >> place & 1:
                cost = 0 if promised is None else max(0, arrival - promised)
                found = min(found, cost + best(at + 1, used | 1 << place))
        return found

    return best(0, 0)


def all_on_time(demands: Sequence[Demand], supplies: Sequence[Supply]) -> bool:
    """Whether all these lines can have all units by their promise: a bipartite matching."""
    wanted = [demand.promised for demand in demands for _ in range(demand.units)]
    arrivals = [supply.arrival for supply in supplies for _ in range(supply.units)]
    taken_by: dict[int, int] = {}

    def find(unit: int, seen: set[int]) -> bool:
        for place, arrival in enumerate(arrivals):
            if arrival <= wanted[unit] and place not in seen:
                seen.add(place)
                if place not in taken_by or find(taken_by[place], seen):
                    taken_by[place] = unit
                    return True
        return False

    return all(find(unit, set()) for unit in range(len(wanted)))


def on_time_lines(demands: Sequence[Demand], supplies: Sequence[Supply], found: list[Given]) -> int:
    """Promised lines that have all their units by their promise."""
    lines = by_line(found)
    return sum(
        1
        for demand in demands
        if demand.promised is not None
        and sum(lines[demand.number].values()) == demand.units
        and all(supplies[one].arrival <= demand.promised for one in lines[demand.number])
    )


@given(cases(), st.sampled_from(NAMES))
def test_units_are_conserved_and_none_is_left_while_somebody_waits(
    case: tuple[list[Demand], list[Supply]], name: str
) -> None:
    demands, supplies = case
    found = POLICIES[name].match(demands, supplies)
    assert all(number > 0 for _, _, number in found)
    of_line: Counter[int] = Counter()
    of_supply: Counter[int] = Counter()
    for line, supply, number in found:
        of_line[line] += number
        of_supply[supply] += number
    assert all(of_line[demand.number] <= demand.units for demand in demands)
    assert all(of_supply[supply.number] <= supply.units for supply in supplies)
    wanted, there = sum(d.units for d in demands), sum(s.units for s in supplies)
    assert sum(of_line.values()) == min(wanted, there)


@given(cases(lines=4, most=2))
@settings(deadline=None)
def test_earliest_promise_first_has_the_least_total_lateness(
    case: tuple[list[Demand], list[Supply]],
) -> None:
    demands, supplies = case
    found = POLICIES["promise"].match(demands, supplies)
    assert lateness(demands, supplies, found) == least_lateness(demands, supplies)


@given(cases(lines=6))
@settings(deadline=None)
def test_most_lines_on_time_are_as_many_as_there_can_be(
    case: tuple[list[Demand], list[Supply]],
) -> None:
    demands, supplies = case
    promised = [demand for demand in demands if demand.promised is not None]
    most = next(
        size
        for size in range(len(promised), -1, -1)
        if any(all_on_time(chosen, supplies) for chosen in combinations(promised, size))
    )
    found = POLICIES["on-time"].match(demands, supplies)
    assert on_time_lines(demands, supplies, found) >= most
    # More can only be by the way: lines that the rest of the supply serves in time as well.
    assert on_time_lines(demands, supplies, found) == most


@given(cases())
def test_fair_shares_differ_from_the_exact_share_by_less_than_a_unit(
    case: tuple[list[Demand], list[Supply]],
) -> None:
    demands, supplies = case
    wanted, there = sum(d.units for d in demands), sum(s.units for s in supplies)
    shares = fair_shares(demands, there)
    assert sum(shares) == min(wanted, there)
    for demand, share in zip(demands, shares, strict=True):
        exact = demand.units * min(1, there / wanted)
        assert abs(share - exact) < 1
        assert share <= demand.units
    found = by_line(POLICIES["fair"].match(demands, supplies))
    assert [sum(found[demand.number].values()) for demand in demands] == shares


def slow_walk(ordered: Sequence[Demand], supplies: Sequence[Supply]) -> list[tuple[int, int]]:
    """Unit by unit: (line, supply) for every unit given."""
    units = [supply.number for supply in supplies for _ in range(supply.units)]
    wanting = [demand.number for demand in ordered for _ in range(demand.units)]
    return list(zip(wanting, units, strict=False))


def unit_by_unit(found: Sequence[Given]) -> Counter[tuple[int, int]]:
    """Units by (line, supply)."""
    total: Counter[tuple[int, int]] = Counter()
    for line, supply, number in found:
        total[line, supply] += number
    return total


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["fifo", "priority", "promise"])
def test_ten_thousand_lines_as_a_slow_walk_gives_them(name: str, seed: int) -> None:
    chance = random.Random(seed)
    demands = [
        Demand(
            number,
            chance.randint(1, 5),
            chance.choice([None, *range(1, 200)]),
            chance.choice([None, "1", "3"]),
        )
        for number in range(10_000)
    ]
    days = sorted(chance.randint(1, 250) for _ in range(600))
    supplies = [Supply(number, chance.randint(1, 60), day) for number, day in enumerate(days)]
    orders = {
        "fifo": lambda demand: demand.number,
        "priority": lambda demand: (priority_class(demand.priority), demand.number),
        "promise": lambda demand: (
            demand.promised is None, demand.promised or 0, demand.number,
        ),
    }  # fmt: skip
    slow = Counter(slow_walk(sorted(demands, key=orders[name]), supplies))
    chance.shuffle(demands)
    assert unit_by_unit(POLICIES[name].match(demands, supplies)) == slow


@given(cases(lines=6, most=4), st.sampled_from(NAMES))
def test_what_a_policy_has_given_it_gives_again(
    case: tuple[list[Demand], list[Supply]], name: str
) -> None:
    """Ties keep the present link: a second run changes nothing."""
    demands, supplies = case
    first = POLICIES[name].match(demands, supplies)
    lines = by_line(first)
    having = [
        demand._replace(present=tuple(sorted(lines[demand.number].items()))) for demand in demands
    ]
    assert unit_by_unit(POLICIES[name].match(having, supplies)) == unit_by_unit(first)


@given(cases(lines=6, most=4), st.randoms())
def test_supplies_of_one_arrival_are_kept_by_those_who_have_them(
    case: tuple[list[Demand], list[Supply]], chance: random.Random
) -> None:
    demands, supplies = case
    supplies = [supply._replace(arrival=7) for supply in supplies]
    # Any allocation of everything: all arrivals are alike, so all of it may stay.
    mixed = list(demands)
    chance.shuffle(mixed)
    lines = by_line(walk(mixed, supplies))
    having = [
        demand._replace(
            units=max(1, sum(lines[demand.number].values())),
            present=tuple(sorted(lines[demand.number].items())),
        )
        for demand in demands
    ]
    having = [demand for demand in having if demand.present]
    for name in ("fifo", "priority", "fair"):
        kept = unit_by_unit(POLICIES[name].match(having, supplies))
        assert kept == Counter(
            {(line, supply): n for line, found in lines.items() for supply, n in found.items()}
        )


@given(cases(lines=6, most=4), st.randoms())
def test_moving_to_earlier_supply_loses_nobody_a_unit(
    case: tuple[list[Demand], list[Supply]], chance: random.Random
) -> None:
    demands, supplies = case
    mixed = list(demands)
    chance.shuffle(mixed)
    spread = list(supplies)
    chance.shuffle(spread)
    lines = by_line(walk(mixed, spread))
    having = [
        demand._replace(
            units=sum(lines[demand.number].values()),
            present=tuple(sorted(lines[demand.number].items())),
        )
        for demand in demands
        if lines[demand.number]
    ]
    found = move_to_earlier(having, supplies)
    after = by_line(found)
    arrival = {supply.number: supply.arrival for supply in supplies}
    used: Counter[int] = Counter()
    for demand in having:
        before = sorted(arrival[one] for one, n in demand.present for _ in range(n))
        now = sorted(arrival[one] for one, n in after[demand.number].items() for _ in range(n))
        assert len(now) == len(before)
        assert all(new <= old for new, old in zip(now, before, strict=True))
    for _, supply, number in found:
        used[supply] += number
    assert all(used[supply.number] <= supply.units for supply in supplies)
    # Nothing earlier is left free for anybody who could still use it.
    free = [s.arrival for s in supplies if used[s.number] < s.units]
    latest = [arrival[one] for demand in having for one in after[demand.number]]
    if free and latest:
        assert min(free) >= max(latest)
