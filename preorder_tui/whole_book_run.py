"""A policy carried through the whole book at once: what every line gets, and what that comes to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from preorder_tui.book_columns import Numbers
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.policies import Policy
from preorder_tui.run_outcome import (
    LineChange,
    LinkChange,
    RunFigures,
    Slice,
    SupplyMoved,
    counted_reasons,
)
from preorder_tui.stored_moments import Moment
from preorder_tui.sync_rows import Days
from preorder_tui.waiting_book import Told
from preorder_tui.whole_book import WholeBook
from preorder_tui.whole_book_match import Matched, Places, Sums, matched

BLOCK = 4_000
"""Lines that are made into objects at once, where they are looked at one by one."""


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
    got: Sums  # by line
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

    def _slice(self, lines: Places) -> Slice:
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
) -> Sums:
    days = Days(clock)
    number = np.zeros(len(moments), np.int64)
    for place in np.union1d(np.unique(arrival), np.unique(promised)).tolist():
        number[place] = days.number(moments[place])
    return number[arrival] - number[promised]


# --- Matching -----------------------------------------------------------------------------------


def run_whole(book: WholeBook, policy: Policy, told: Told) -> WholeRun:
    """Match every group of the book by ``policy``."""
    told()
    found = matched(book, policy, told)
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


def _mind_what_stays(outcome: WholeRun, several: Places) -> None:
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
