"""Who gets what, of the whole book at once, as arrays.

Products are independent of each other, and all policies but one put lines into an order in which
they take units from the earliest arrival on (see :mod:`preorder_tui.policies`). So the wanted units
of a group, added up, and its supply, added up, are two rulers side by side: where a line's stretch
meets that of a supply, it gets those units. The rulers of all groups are laid end to end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from preorder_tui.book_columns import Numbers
from preorder_tui.policies import Demand, Policy, Supply, priority_class
from preorder_tui.waiting_book import Told
from preorder_tui.whole_book import WholeBook

Places = npt.NDArray[np.intp]
Sums = npt.NDArray[np.int64]


class Matched(NamedTuple):
    """Units of lines from supplies; by line, and within it from the earliest arrival on.

    Those of a line start at its place in ``first``, and end where the next one's start.
    """

    line: Numbers
    supply: Numbers
    units: Numbers
    first: Places


def matched(book: WholeBook, policy: Policy, told: Told) -> Matched:
    """Match every group of the book by ``policy``."""
    order_of = ORDERS.get(policy.name)
    if order_of is None:
        return _one_by_one(book, policy, told)
    most = book.units if policy.name != "fair" else _fair_shares(book)
    return _side_by_side(book, order_of(book), most)


def _side_by_side(book: WholeBook, order: Places, most: Numbers | Sums) -> Matched:
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


def _by_line(lines: int, line: Places, within: Places, supply: Places, units: Sums) -> Matched:
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


def _by_number(book: WholeBook) -> Places:
    """By group, then FIFO."""
    narrow = book.groups <= 1 << 16  # those numpy sorts in one pass
    return np.argsort(book.group.astype(np.uint16) if narrow else book.group, kind="stable")


def _by_promise(book: WholeBook) -> Places:
    """By group, then by promise, then FIFO; nothing promised is the last moment of all."""
    return np.lexsort((book.promised, book.group))


def _by_priority(book: WholeBook) -> Places:
    """By group, then by priority class, then FIFO."""
    classes = np.array([priority_class(one) for one in book.priorities], np.int32)
    return np.lexsort((classes[book.priority], book.group))


ORDERS: dict[str, Callable[[WholeBook], Places]] = {
    "fifo": _by_number,
    "promise": _by_promise,
    "priority": _by_priority,
    "fair": _by_number,
}


def _fair_shares(book: WholeBook) -> Sums:
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
