"""What a change of a purchase order line makes of the lines that it serves, weighed by the set.

Lines with the same promise, state and other supply fare alike, and ten thousand lines share a few
of these: each such group is weighed once. Lateness is that of :mod:`preorder_tui.marks`; who loses
units is R-73, the newest orders first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import nsmallest
from operator import attrgetter
from typing import Any, NamedTuple, get_args

from preorder_tui import marks
from preorder_tui.clock import Clock
from preorder_tui.purchase_changes import cannot_shrink
from preorder_tui.served_lines import FARES, ServedLine
from preorder_tui.stored_moments import as_moment
from preorder_tui.supposed_change import Change
from preorder_tui.why_records import Turn

_RANK = {turn: rank for rank, turn in enumerate(get_args(Turn))}
_KEPT_AT_LEAST = 1_000
_ORDER_ID = attrgetter("order_id")


@dataclass(slots=True)
class Totals:
    """Sums over all lines, while they are read once."""

    lines: int = 0
    changed: int = 0
    turn_late: int = 0
    on_time: int = 0
    late_before: int = 0
    late_after: int = 0
    most_days: int = 0
    losing: int = 0
    units_lost: int = 0
    pinned_losing: int = 0
    sync: int = 0
    sync_later: int = 0
    orders: set[str] = field(default_factory=set)


class Stands(NamedTuple):
    """What the arrivals make of a line; the same for most lines."""

    old: datetime | None
    new: datetime | None
    was_late: bool
    is_late: bool
    days_before: int
    days_after: int


class Weighed(NamedTuple):
    """A line that would stand otherwise."""

    served: ServedLine
    stands: Stands
    lost: int

    @property
    def turn(self) -> Turn:
        """What becomes of it."""
        return _turn(self.stands, self.lost)


class Days:
    """Days of moments, each worked out once: most lines share a handful."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[datetime, date] = {}

    def of(self, moment: datetime | None) -> date | None:
        """The day at the site."""
        if moment is None:
            return None
        day = self._known.get(moment)
        if day is None:
            day = self._known[moment] = self._clock.day(moment)
        return day

    def late(self, promised: datetime | None, arrival: datetime | None) -> int:
        """How many days the arrival is after the promise."""
        first, last = self.of(promised), self.of(arrival)
        return 0 if first is None or last is None else max(0, (last - first).days)


class _Group:
    """Lines that fare alike: those of them that may be among the first."""

    __slots__ = ("lost", "rows", "stands")

    def __init__(self, stands: Stands, lost: int) -> None:
        self.stands = stands
        self.lost = lost
        self.rows: list[ServedLine] = []


class Weighing:
    """Weighs the lines of a purchase order line against a change of it."""

    def __init__(self, change: Change, days: Days, first: int) -> None:
        """Begin.

        Args:
            change: what would be different.
            days: days of moments.
            first: how many lines are to be shown.
        """
        self.totals = Totals()
        self._change = change
        self._days = days
        self._first = first
        self._excess = change.state.allocated - change.quantity
        # An arrival that is over is never carried to promises.
        self._to_sync = change.arrival is None or change.arrival >= change.clock.start_of(
            change.clock.today()
        )
        self._groups: dict[tuple[Any, ...], _Group] = {}

    def add(self, served: list[ServedLine]) -> None:
        """Weigh some lines; the newest first where units have to go."""
        alike: defaultdict[tuple[Any, ...], list[ServedLine]] = defaultdict(list)
        rest = self._losing(served) if self._excess > 0 else served
        for one in rest:
            alike[one[FARES:]].append(one)
        for fares, lines in alike.items():
            self._weigh((*fares, 0, False), lines)

    def _losing(self, served: list[ServedLine]) -> Iterator[ServedLine]:
        """Take units from those whose allocation may go; the lines that keep theirs."""
        alike: defaultdict[tuple[Any, ...], list[ServedLine]] = defaultdict(list)
        lines = iter(served)
        for one in lines:
            if not one.waits:
                yield one
                continue
            units = int(one.units)
            lost = min(self._excess, units)
            self._excess -= lost
            alike[(*one[FARES:], lost, lost == units)].append(one)
            if not self._excess:
                break
        for fares, losing in alike.items():
            self._weigh(fares, losing)
        yield from lines

    def _weigh(self, fares: tuple[Any, ...], lines: list[ServedLine]) -> None:
        """Count lines that fare alike, and keep them where they would stand otherwise."""
        promised, waits, closed, pinned, elsewhere, lost, gone = fares
        totals, number = self.totals, len(lines)
        promised = None if promised is None else as_moment(promised)
        group = self._groups.get(fares)
        if group is None:
            elsewhere = None if elsewhere is None else as_moment(elsewhere)
            stands = self._stands(promised, elsewhere, closed=bool(closed), gone=gone)
            group = self._groups[fares] = _Group(stands, lost)
        stands = group.stands
        totals.lines += number
        if lost:
            totals.losing += number
            totals.units_lost += lost * number
            totals.pinned_losing += pinned * number
        totals.late_before += stands.was_late * number
        totals.late_after += stands.is_late * number
        totals.most_days = max(totals.most_days, stands.days_after)
        new = stands.new
        # Sync speaks for the lines that this purchase order line still serves.
        if self._to_sync and not gone and new is not None and promised != new and waits:
            totals.sync += number
            totals.sync_later += (promised is not None and promised < new) * number
        if not lost and stands.old == new:
            return
        totals.changed += number
        if stands.is_late and not stands.was_late:
            totals.turn_late += number
            totals.orders.update(map(_ORDER_ID, lines))
        totals.on_time += (stands.was_late and not stands.is_late) * number
        group.rows += lines
        if len(group.rows) > max(_KEPT_AT_LEAST, 4 * self._first):
            group.rows = _first(self._first, group.rows)

    def _stands(
        self,
        promised: datetime | None,
        elsewhere: datetime | None,
        *,
        closed: bool,
        gone: bool,
    ) -> Stands:
        """How lines stand before and after; ``gone``: no unit of this supply would be left."""
        change = self._change
        old = _latest(change.state.arrival, elsewhere)
        new = elsewhere if gone else _latest(change.arrival, elsewhere)
        was_late = not closed and marks.before_arrival(promised, old)
        is_late = not closed and marks.before_arrival(promised, new)
        return Stands(
            old,
            new,
            was_late,
            is_late,
            self._days.late(promised, old) if was_late else 0,
            self._days.late(promised, new) if is_late else 0,
        )

    def worst(self) -> list[Weighed]:
        """The first of the lines that would stand otherwise: the worst, then FIFO.

        Raises:
            Refused: more units would have to go than may be taken.
        """
        if self._excess > 0:
            raise cannot_shrink(self._change.state, self._excess)
        equal: defaultdict[tuple[int, int, int], list[_Group]] = defaultdict(list)
        for group in self._groups.values():
            if group.rows:
                rank = _RANK[_turn(group.stands, group.lost)]
                equal[rank, -group.stands.days_after, -group.lost].append(group)
        found: list[Weighed] = []
        for _, groups in sorted(equal.items()):
            if len(found) >= self._first:
                break
            found += nsmallest(
                self._first - len(found),
                (
                    Weighed(one, group.stands, group.lost)
                    for group in groups
                    for one in _first(self._first, group.rows)
                ),
            )
        return found


def _first(most: int, rows: list[ServedLine]) -> list[ServedLine]:
    """The first of some lines, FIFO.

    They come nearly in their order, or in its reverse: those a sort runs through once, and a heap
    takes in one by one.
    """
    return sorted(rows)[:most]


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _turn(stands: Stands, lost: int) -> Turn:
    if stands.is_late and not stands.was_late:
        return "turns late"
    if lost:
        return "loses units"
    if stands.was_late and not stands.is_late:
        return "on time again"
    if stands.is_late:
        return "later still" if stands.days_after > stands.days_before else "less late"
    return "moves"
