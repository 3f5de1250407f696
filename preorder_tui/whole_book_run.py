"""A policy carried through the whole book at once, as arrays.

Products are independent of each other, and all policies but one put lines into an order in which
they take units from the earliest arrival on (see :mod:`preorder_tui.policies`). So the wanted units
of a group, added up, and its supply, added up, are two rulers side by side: where a line's stretch
meets that of a supply, it gets those units. The rulers of all groups are laid end to end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from preorder_tui.allocation_run import (
    LineChange,
    LinkChange,
    RunFigures,
    Slice,
    SupplyMoved,
    counted_reasons,
)
from preorder_tui.book_columns import Numbers
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.policies import Demand, Policy, Supply, priority_class
from preorder_tui.stored_moments import Moment
from preorder_tui.sync_rows import Days
from preorder_tui.waiting_book import Told
from preorder_tui.whole_book import WholeBook

_Places = npt.NDArray[np.intp]
_Sums = npt.NDArray[np.int64]
BLOCK = 4_000
"""Lines that are made into objects at once, where they are looked at one by one."""


class Matched(NamedTuple):
    """Units of lines from supplies; by line, and within it from the earliest arrival on.

    Those of a line start at its place in ``first``, and end where the next one's start.
    """

    line: Numbers
    supply: Numbers
    units: Numbers
    first: _Places


@dataclass(slots=True)
class WholeRun:
    """The outcome of a policy on the whole book: lines only get units, and lose none.

    ``latest`` is the moment of the latest arrival of a line's units, by line; ``arrives_with`` has
    the order it comes with where that is not the order of the line's last supply.
    """

    book: WholeBook
    policy: Policy
    found: Matched
    old: Numbers  # units that a line has from that supply already
    got: _Sums  # by line
    latest: Numbers
    supplied: npt.NDArray[np.bool_]  # by group: whether anything can be given to it
    arrives_with: dict[int, str] = field(default_factory=dict)

    # --- What it comes to ---

    @property
    def takes_units(self) -> bool:
        """Whether lines lose units to others."""
        return False

    @property
    def adds_to_links(self) -> bool:
        """Whether a line may get more from a supply that it has units from."""
        return bool(self.book.kept)

    @property
    def newest_change_set(self) -> int:
        """The last change set when the book was read."""
        return self.book.newest_change_set

    @property
    def unserved(self) -> list[int]:
        """The lines without some of their units, in their order."""
        found: list[int] = np.flatnonzero(self.book.units > self.got).tolist()
        return found

    def missing(self, number: int) -> int:
        """Units that a line stays without."""
        return int(self.book.units[number] - self.got[number])

    def has_no_supply(self, number: int) -> bool:
        """Whether nothing can be given to the line's group at all."""
        return not self.supplied[self.book.group[number]]

    def line(self, number: int) -> LineId:
        """The key of a line."""
        return self.book.line(number)

    def version(self, number: int) -> tuple[int, int]:
        """The versions of a line and of its order."""
        return int(self.book.version[number]), int(self.book.order_version[number])

    def promised(self, number: int) -> Moment | None:
        """What a line is promised now."""
        return self.book.moments[self.book.promised[number]]

    def supply_line(self, at: int) -> LineId:
        """The key of a supply."""
        return self.book.supplies.line(at)

    def figures(self, clock: Clock) -> RunFigures:
        """Add up what the run comes to."""
        book, got, latest, promised = self.book, self.got, self.latest, self.book.promised
        nothing = len(book.moments) - 1
        served = got > 0
        first = served & (promised == nothing) & (latest != nothing)
        later = served & (promised != nothing) & (latest > promised)
        earlier = served & (latest < promised) & (promised != nothing)
        days = _days_late(latest[later], promised[later], book.moments, clock)
        unserved = np.flatnonzero(book.units > got)
        without = int((~self.supplied[book.group[unserved]]).sum())
        changed = int(served.sum())
        return RunFigures(
            policy=self.policy.name,
            title=self.policy.title,
            lines_waiting=int((book.units > 0).sum()),
            units_wanted=int(book.units.sum(dtype=np.int64)),
            lines_served=changed,
            lines_whole=int((served & (got == book.units)).sum()),
            units_given=int(got.sum()),
            lines_late=int(later.sum()),
            days_late=int(days.sum()),
            most_days_late=int(days.max(initial=0)),
            lines_unserved=len(unserved),
            units_unserved=int((book.units[unserved] - got[unserved]).sum()),
            links_changed=len(self.found.line),
            lines_changed=changed,
            lines_losing=0,
            promises_first=int(first.sum()),
            promises_earlier=int(earlier.sum()),
            promises_later=int(later.sum()),
            reasons=counted_reasons(without, len(unserved) - without),
            late_supply_units=book.late_units,
            late_supply_lines=book.late_lines,
        )

    # --- What it changes ---

    def changes(self) -> Iterator[LineChange]:
        """The lines whose units change, in their order."""
        book = self.book
        for start in range(0, len(book), BLOCK):
            end = min(start + BLOCK, len(book))
            places = self.found.first[start : end + 1].tolist()
            low, high = places[0], places[-1]
            links = [
                LinkChange(at, old, old + units)
                for at, old, units in zip(
                    self.found.supply[low:high].tolist(),
                    self.old[low:high].tolist(),
                    self.found.units[low:high].tolist(),
                    strict=True,
                )
            ]
            for number, (at, to) in enumerate(pairwise(places), start=start):
                if at == to:
                    continue
                of_line = tuple(links[at - low : to - low])
                moment = book.moments[self.latest[number]]
                yield LineChange(number, of_line, moment, moment, self._arrives_with(number))

    def _arrives_with(self, number: int) -> str:
        found = self.arrives_with.get(number)
        if found is not None:
            return found
        return str(self.book.supplies.order_id[self.found.supply[self.found.first[number + 1] - 1]])

    def moved(self) -> Iterator[SupplyMoved]:
        """What supplies lose and give, in the order of their keys."""
        supplies = self.book.supplies
        given = np.bincount(self.found.supply, self.found.units, len(supplies)).astype(np.int64)
        used = np.flatnonzero(given)
        used = used[np.lexsort((supplies.item[used], supplies.order_id[used]))]
        for order_id, item, version, units in zip(
            supplies.order_id[used].tolist(),
            supplies.item[used].tolist(),
            supplies.version[used].tolist(),
            given[used].tolist(),
            strict=True,
        ):
            yield SupplyMoved(LineId(order_id, item), version, 0, units)

    def slices(self, size: int) -> Iterator[Slice]:
        """The changes as rows to be written, so many lines at a time."""
        changed = np.flatnonzero(self.got)
        for start in range(0, len(changed), size):
            yield self._slice(changed[start : start + size])

    def _slice(self, lines: _Places) -> Slice:
        book, supplies = self.book, self.book.supplies
        here = slice(self.found.first[lines[0]], self.found.first[lines[-1] + 1])
        line, at = self.found.line[here], self.found.supply[here]
        old = self.old[here]
        order_id, item = book.order_id[lines].tolist(), book.item[lines].tolist()
        arrives = book.moments
        latest, promised = self.latest[lines], book.promised[lines]
        last = self.found.supply[self.found.first[lines + 1] - 1]
        arrives_with: list[str] = supplies.order_id[last].tolist()
        if self.arrives_with:
            for place, number in enumerate(lines.tolist()):
                if number in self.arrives_with:
                    arrives_with[place] = self.arrives_with[number]
        moments = [arrives[one] for one in latest.tolist()]
        return Slice(
            links=list(
                zip(
                    range(len(line)),
                    book.order_id[line].tolist(),
                    book.item[line].tolist(),
                    supplies.order_id[at].tolist(),
                    supplies.item[at].tolist(),
                    old.tolist(),
                    (old + self.found.units[here]).tolist(),
                    strict=True,
                )
            ),
            lines=list(
                zip(
                    lines.tolist(),
                    order_id,
                    item,
                    book.version[lines].tolist(),
                    book.order_version[lines].tolist(),
                    self.got[lines].tolist(),
                    [arrives[one] for one in promised.tolist()],
                    moments,
                    moments,
                    arrives_with,
                    strict=True,
                )
            ),
            rows=len(line) + int((latest != promised).sum()),
        )


def _days_late(
    arrival: Numbers, promised: Numbers, moments: list[Moment | None], clock: Clock
) -> _Sums:
    days = Days(clock)
    number = np.zeros(len(moments), np.int64)
    for place in np.union1d(np.unique(arrival), np.unique(promised)).tolist():
        number[place] = days.number(moments[place])
    return number[arrival] - number[promised]


# --- Matching -----------------------------------------------------------------------------------


def run_whole(book: WholeBook, policy: Policy, told: Told) -> WholeRun:
    """Match every group of the book by ``policy``."""
    order_of = ORDERS.get(policy.name)
    told()
    if order_of is None:
        found = _one_by_one(book, policy, told)
    else:
        order = order_of(book)
        most = book.units if policy.name != "fair" else _fair_shares(book)
        found = _side_by_side(book, order, most)
    told()
    got = np.bincount(found.line, found.units, len(book)).astype(np.int64)
    latest = np.full(len(book), len(book.moments) - 1, np.int32)
    latest[found.line] = book.supplies.arrival[found.supply]  # of several the last one stands
    supplied = np.zeros(book.groups, bool)
    supplied[book.supplies.group[book.supplies.units > 0]] = True
    old = np.zeros(len(found.line), np.int32)
    outcome = WholeRun(book, policy, found, old, got, latest, supplied)
    _mind_what_stays(outcome, np.flatnonzero(np.diff(found.first) > 1))
    return outcome


def _mind_what_stays(outcome: WholeRun, several: _Places) -> None:
    """Lines with several supplies, or with units that they have already: the latest of them all."""
    book, found, first = outcome.book, outcome.found, outcome.found.first
    place: dict[Moment, int] = {}
    if book.staying:
        place = {moment: at for at, moment in enumerate(book.moments)}
    special = {*several.tolist(), *(one for one in book.staying if first[one] < first[one + 1])}
    for number in special:
        # Among equal arrivals the larger order id stands, as in the derived copies.
        arrivals = [
            (int(book.supplies.arrival[at]), str(book.supplies.order_id[at]))
            for at in found.supply[first[number] : first[number + 1]].tolist()
        ]
        if number in book.staying:
            moment, order_id = book.staying[number]
            arrivals.append((place[moment], order_id))
        outcome.latest[number], outcome.arrives_with[number] = max(arrivals)
    for (number, at), units in book.kept.items():
        for link in range(first[number], first[number + 1]):
            if found.supply[link] == at:
                outcome.old[link] = units


def _side_by_side(book: WholeBook, order: _Places, most: Numbers | _Sums) -> Matched:
    """Give the lines, in an order that keeps groups together, at most so many units each."""
    supplies = book.supplies
    giving = np.flatnonzero(supplies.units > 0)
    group = book.group[order]
    wanted = most[order].astype(np.int64)
    given = supplies.units[giving].astype(np.int64)
    of_supply = supplies.group[giving]
    demand = np.bincount(group, wanted, book.groups).astype(np.int64)
    supply = np.bincount(of_supply, given, book.groups).astype(np.int64)
    length = np.maximum(demand, supply)
    start = np.cumsum(length) - length  # of each group's rulers
    line_end = np.cumsum(wanted) + (start - (np.cumsum(demand) - demand))[group]
    line_start = line_end - wanted
    supply_end = np.cumsum(given) + (start - (np.cumsum(supply) - supply))[of_supply]
    supply_start = supply_end - given
    line_end = np.minimum(line_end, (start + supply)[group])
    served = np.flatnonzero(line_end > line_start)
    line_start, line_end = line_start[served], line_end[served]
    from_first = np.searchsorted(supply_end, line_start, side="right")
    from_last = np.searchsorted(supply_end, line_end - 1, side="right")
    number = from_last - from_first + 1
    line = np.repeat(np.arange(len(served)), number)
    within = np.arange(len(line)) - np.repeat(np.cumsum(number) - number, number)
    at = from_first[line] + within
    units = np.minimum(line_end[line], supply_end[at])
    units -= np.maximum(line_start[line], supply_start[at])
    return _by_line(len(book), order[served][line], within, giving[at], units)


def _by_line(lines: int, line: _Places, within: _Places, supply: _Places, units: _Sums) -> Matched:
    """In the order of the lines; ``within`` is the place among those of one line."""
    counts = np.bincount(line, minlength=lines)
    first = np.concatenate([np.zeros(1, np.intp), np.cumsum(counts)])
    place = first[line] + within
    columns = []
    for column in (line, supply, units):
        sorted_column = np.empty(len(place), np.int32)
        sorted_column[place] = column
        columns.append(sorted_column)
    return Matched(columns[0], columns[1], columns[2], first)


def _one_by_one(book: WholeBook, policy: Policy, told: Told) -> Matched:
    """Match group by group, for a policy that is no order of lines."""
    supplies = book.supplies
    order = _by_number(book)
    ends = np.cumsum(np.bincount(book.group, minlength=book.groups)).tolist()
    last = np.cumsum(np.bincount(supplies.group, minlength=book.groups)).tolist()
    nothing = len(book.moments) - 1
    found: list[tuple[int, int, int]] = []
    at = place = 0
    for group, (end, to) in enumerate(zip(ends, last, strict=True)):
        numbers = order[at:end].tolist()
        given = [
            Supply(one, units, arrival)
            for one, units, arrival in zip(
                range(place, to),
                supplies.units[place:to].tolist(),
                supplies.arrival[place:to].tolist(),
                strict=True,
            )
            if units > 0
        ]
        if given:
            demands = [
                Demand(number, units, None if promised == nothing else promised)
                for number, units, promised in zip(
                    numbers,
                    book.units[numbers].tolist(),
                    book.promised[numbers].tolist(),
                    strict=True,
                )
                if units > 0
            ]
            found.extend(policy.match(demands, given))
        at, place = end, to
        if not group % 500:
            told()
    found.sort()
    line, supply, given_units = np.array(found, np.int64).reshape(-1, 3).T
    new = np.concatenate([np.ones(1, bool), line[1:] != line[:-1]])[: len(line)]
    starts = np.flatnonzero(new)
    within = np.arange(len(line)) - starts[np.cumsum(new) - 1]
    return _by_line(len(book), line, within, supply, given_units)


# --- Orders of lines ----------------------------------------------------------------------------


def _by_number(book: WholeBook) -> _Places:
    """By group, then FIFO."""
    narrow = book.groups <= 1 << 16  # those numpy sorts in one pass
    return np.argsort(book.group.astype(np.uint16) if narrow else book.group, kind="stable")


def _by_promise(book: WholeBook) -> _Places:
    """By group, then by promise, then FIFO; nothing promised is the last moment of all."""
    return np.lexsort((book.promised, book.group))


def _by_priority(book: WholeBook) -> _Places:
    """By group, then by priority class, then FIFO."""
    classes = np.array([priority_class(one) for one in book.priorities], np.int32)
    return np.lexsort((classes[book.priority], book.group))


ORDERS: dict[str, Callable[[WholeBook], _Places]] = {
    "fifo": _by_number,
    "promise": _by_promise,
    "priority": _by_priority,
    "fair": _by_number,
}


def _fair_shares(book: WholeBook) -> _Sums:
    """By line, as :func:`preorder_tui.policies.fair_shares` has it for each group."""
    wanted = book.units.astype(np.int64)
    demand = np.bincount(book.group, wanted, book.groups).astype(np.int64)
    supply = np.bincount(book.supplies.group, book.supplies.units, book.groups).astype(np.int64)
    short = (supply < demand)[book.group]
    of_line = np.flatnonzero(short & (wanted > 0))
    group = book.group[of_line]
    whole, remainder = np.divmod(wanted[of_line] * supply[group], demand[group])
    left = supply - np.bincount(group, whole, book.groups).astype(np.int64)
    order = np.lexsort((-remainder, group))  # of equals the earliest order: the sort is stable
    number = np.bincount(group, minlength=book.groups)
    place = np.arange(len(order)) - (np.cumsum(number) - number)[group[order]]
    whole[order] += place < left[group[order]]
    shares = wanted
    shares[of_line] = whole
    return shares
