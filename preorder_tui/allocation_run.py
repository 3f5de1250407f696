"""A policy carried through the whole book: who gets what, and what that comes to."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.policies import Demand, Policy, Supply
from preorder_tui.records import Notice
from preorder_tui.stored_moments import Moment
from preorder_tui.sync_rows import Days
from preorder_tui.waiting_book import Group, Told, WaitingBook
from preorder_tui.wording import lines, units

NO_SUPPLY = "no eligible supply"
RAN_OUT = "supply ran out"
NOWHERE = -1
_NOTHING = (None, None)


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What a run comes to; the numbers that policies are compared by.

    Lines and units are those of the scope; "late" compares the latest arrival of a line's units
    with the promise it had before the run.
    """

    policy: str
    title: str
    lines_waiting: int
    units_wanted: int
    lines_served: int
    lines_whole: int
    units_given: int
    lines_late: int
    days_late: int
    most_days_late: int
    lines_unserved: int  # without some of their units
    units_unserved: int
    links_changed: int
    lines_changed: int
    lines_losing: int  # lines that had more units before
    promises_first: int
    promises_earlier: int
    promises_later: int
    reasons: tuple[tuple[str, int], ...]  # of lines not served whole
    late_supply_units: int
    late_supply_lines: int


class LinkChange(NamedTuple):
    """Units of a line from a supply: what it has and what it will have."""

    supply: int
    old: int
    new: int


class LineChange(NamedTuple):
    """A line whose units change."""

    number: int
    links: tuple[LinkChange, ...]
    promise: Moment | None  # as it will be
    arrival: Moment | None  # the latest of its units
    arrives_with: str | None  # the order of that arrival

    @property
    def delta(self) -> int:
        """Units more than now."""
        return sum(link.new - link.old for link in self.links)


@dataclass(slots=True)
class Run:
    """The outcome of a policy on a book."""

    book: WaitingBook
    policy: Policy
    first: array[int] = field(default_factory=lambda: array("i"))  # by line, into the two below
    supply: array[int] = field(default_factory=lambda: array("i"))
    units: array[int] = field(default_factory=lambda: array("i"))
    unserved: array[int] = field(default_factory=lambda: array("i"))  # lines, in their order
    missing: array[int] = field(default_factory=lambda: array("i"))  # units of those
    got: array[int] = field(default_factory=lambda: array("i"))
    latest: array[int] = field(default_factory=lambda: array("i"))  # by line: a supply, or NOWHERE

    def given(self, number: int) -> dict[int, int]:
        """Units by supply that a line gets."""
        start, end = self.first[number], self.first[number + 1]
        return dict(zip(self.supply[start:end], self.units[start:end], strict=True))

    def changes(self) -> Iterator[LineChange]:
        """The lines whose units change, in their order."""
        book, first = self.book, self.first
        has_present = len(book.present) > 0
        for number in range(len(book)):
            start, end = first[number], first[number + 1]
            if not has_present:
                if start == end:
                    continue
                links = tuple(
                    LinkChange(self.supply[at], 0, self.units[at]) for at in range(start, end)
                )
            else:
                new, old = self.given(number), dict(book.present.of(number))
                links = tuple(
                    LinkChange(supply, old.get(supply, 0), new.get(supply, 0))
                    for supply in (*old, *(one for one in new if one not in old))
                    if old.get(supply, 0) != new.get(supply, 0)
                )
                if not links:
                    continue
            if book.kept:
                links = tuple(self._with_kept(number, link) for link in links)
            arrival, arrives_with = self.arrives(number)
            promise = book.promised[number] if start == end else arrival
            yield LineChange(number, links, promise, arrival, arrives_with)

    def _with_kept(self, number: int, link: LinkChange) -> LinkChange:
        kept = self.book.kept.get((number, link.supply))
        if kept is None:
            return link
        return LinkChange(link.supply, link.old + kept, link.new + kept)

    def arrives(self, number: int) -> tuple[Moment | None, str | None]:
        """The latest arrival of a line's units after the run, and the order it comes with."""
        book = self.book
        arrival, order = book.staying.get(number, _NOTHING)
        at = self.latest[number]
        if at == NOWHERE:
            return arrival, order
        new = book.stored_arrival[at]
        start, end = self.first[number], self.first[number + 1]
        if arrival is None and end - start == 1:
            return new, book.supplies[at].line.order_id
        if arrival is None or new > arrival:
            arrival, order = new, None
        if new == arrival:
            # Among equal arrivals the larger order id stands, as in the derived copies.
            ids = [
                book.supplies[one].line.order_id
                for one in self.supply[start:end]
                if book.stored_arrival[one] == arrival
            ]
            order = max(ids if order is None else [*ids, order])
        return arrival, order


def run(book: WaitingBook, policy: Policy, told: Told) -> Run:
    """Match every group of the book by ``policy``."""
    size = len(book)
    outcome = Run(book, policy)
    counts = array("i", bytes(4 * (size + 1)))
    got = outcome.got = array("i", bytes(4 * size))
    latest = outcome.latest = array("i", [NOWHERE]) * size
    line_of, supply_of, units_of = array("i"), array("i"), array("i")
    wanted, promised, priority = book.units, book.promised, book.priority
    present, arrivals = book.present, book.stored_arrival
    nothing = not len(present)
    matched = 0
    for group, numbers in book.groups.items():
        supplies = [
            Supply(at, book.budget[at], arrivals[at])
            for at in book.supplies_of.get(group, ())
            if book.budget[at] > 0
        ]
        if supplies:
            demands = [
                Demand(
                    number, wanted[number], promised[number], priority.get(number),
                    () if nothing else present.of(number),
                )
                for number in numbers
                if wanted[number] > 0
            ]  # fmt: skip
            for number, at, step in policy.match(demands, supplies):
                line_of.append(number)
                supply_of.append(at)
                units_of.append(step)
                counts[number] += 1
                got[number] += step
                other = latest[number]
                if other == NOWHERE or arrivals[at] > arrivals[other]:
                    latest[number] = at
        matched += len(numbers)
        if matched > 20_000:
            told()
            matched = 0
    # Counting sort: the matches lie by group, the changes are written by line.
    first = outcome.first
    start = 0
    for count in counts[:size]:
        first.append(start)
        start += count
    first.append(start)
    place = array("i", first)
    supply = outcome.supply = array("i", bytes(4 * start))
    units_by_line = outcome.units = array("i", bytes(4 * start))
    for number, at, step in zip(line_of, supply_of, units_of, strict=True):
        here = place[number]
        supply[here] = at
        units_by_line[here] = step
        place[number] = here + 1
    for number, (need, have) in enumerate(zip(wanted, got, strict=True)):
        if need > have:
            outcome.unserved.append(number)
            outcome.missing.append(need - have)
    return outcome


# --- What it comes to ---------------------------------------------------------------------------


def figures(outcome: Run, clock: Clock) -> RunFigures:
    """Add up what a run comes to."""
    book, got, latest = outcome.book, outcome.got, outcome.latest
    days = Days(clock)
    late = late_days = most = served = whole = first = earlier = later = 0
    lateness: dict[tuple[Moment, Moment], int] = {}
    links = changed = losing = 0
    unchanged: set[int] = set()
    if len(book.present):
        changed_lines: set[int] = set()
        for change in outcome.changes():
            changed_lines.add(change.number)
            links += len(change.links)
            losing += change.delta < 0
        changed = len(changed_lines)
        unchanged = set(range(len(book))) - changed_lines
    else:
        links = len(outcome.supply)
        changed = sum(1 for units_got in got if units_got)
    for number, (units_got, need, at, promise) in enumerate(
        zip(got, book.units, latest, book.promised, strict=True)
    ):
        if not units_got:
            continue
        served += 1
        whole += units_got == need
        arrival = book.stored_arrival[at]
        staying = book.staying.get(number)
        if staying is not None and staying[0] is not None and staying[0] > arrival:
            arrival = staying[0]
        if arrival == promise:
            continue
        moves = number not in unchanged
        if promise is None:
            first += moves
            continue
        if arrival > promise:
            later += moves
            late += 1
            pair = (promise, arrival)
            days_late = lateness.get(pair)
            if days_late is None:
                days_late = lateness[pair] = days.number(arrival) - days.number(promise)
            late_days += days_late
            most = max(most, days_late)
        else:
            earlier += moves
    no_supply = _without_supply(book)
    reasons = Counter(
        NO_SUPPLY if group in no_supply else RAN_OUT
        for group, numbers in book.groups.items()
        for number in numbers
        if book.units[number] > got[number]
    )
    return RunFigures(
        policy=outcome.policy.name,
        title=outcome.policy.title,
        lines_waiting=sum(1 for need in book.units if need),
        units_wanted=sum(book.units),
        lines_served=served,
        lines_whole=whole,
        units_given=sum(got),
        lines_late=late,
        days_late=late_days,
        most_days_late=most,
        lines_unserved=len(outcome.unserved),
        units_unserved=sum(outcome.missing),
        links_changed=links,
        lines_changed=changed,
        lines_losing=losing,
        promises_first=first,
        promises_earlier=earlier,
        promises_later=later,
        reasons=tuple(reasons.most_common()),
        late_supply_units=sum(state.atp for state in book.late),
        late_supply_lines=len(book.late),
    )


def _without_supply(book: WaitingBook) -> set[Group]:
    """Groups that nothing can be given to at all."""
    return {
        group
        for group in book.groups
        if not any(book.budget[at] for at in book.supplies_of.get(group, ()))
    }


def totals(numbers: RunFigures) -> list[str]:
    """A run in sentences: what is served and what is not, which promises move, what is late."""
    said = [
        f"Allocated: {units(numbers.units_given)} to {lines(numbers.lines_served)}, "
        f"{numbers.lines_whole:,} of them whole, of {lines(numbers.lines_waiting)} that wait for "
        f"{units(numbers.units_wanted)}"
    ]
    moved = [
        (numbers.promises_first, "for the first time"),
        (numbers.promises_later, "later"),
        (numbers.promises_earlier, "earlier"),
    ]
    moved.sort(key=lambda pair: -pair[0])
    if any(number for number, _ in moved):
        words = ", ".join(f"{number:,} {how}" for number, how in moved if number)
        said.append(f"Promise dates: {words}")
    if numbers.lines_late:
        said.append(
            f"Later than promised: {lines(numbers.lines_late)}, {numbers.days_late:,} days in all, "
            f"{numbers.most_days_late:,} at most"
        )
    if numbers.lines_losing:
        said.append(f"Losing units they have now: {lines(numbers.lines_losing)}")
    if numbers.lines_unserved:
        reasons = ", ".join(f"{number:,} because {reason}" for reason, number in numbers.reasons)
        missing = f"{units(numbers.units_unserved)} of {lines(numbers.lines_unserved)}"
        said.append(f"Not allocated: {missing}: {reasons}")
    if numbers.late_supply_lines:
        said.append(
            f"Passed over because late: {units(numbers.late_supply_units)} on "
            f"{numbers.late_supply_lines:,} purchase order "
            f"line{'s' * (numbers.late_supply_lines != 1)}; "
            "set a new arrival date, or allocate by hand"
        )
    return said


class Unserved(Sequence[Notice]):
    """The lines of a run that stay without units, each with its reason, made when looked at."""

    def __init__(self, outcome: Run) -> None:
        self._run = outcome
        without = _without_supply(outcome.book)
        self._nothing = {
            number for group in without for number in outcome.book.groups[group]
        } & set(outcome.unserved)

    def __len__(self) -> int:
        return len(self._run.unserved)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._notice(at) for at in range(*index.indices(len(self)))]
        return self._notice(range(len(self))[index])

    def _notice(self, at: int) -> Notice:
        number = self._run.unserved[at]
        line: LineId = self._run.book.line(number)
        reason = NO_SUPPLY if number in self._nothing else RAN_OUT
        sentence = f"{line}: {units(self._run.missing[at])} not allocated, {reason}"
        return Notice(line, sentence, "R-32")
