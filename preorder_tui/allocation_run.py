"""A policy carried through the whole book: who gets what, and what that comes to."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice, repeat
from operator import itemgetter
from typing import Any

from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.policies import Demand, Policy, Supply
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
from preorder_tui.waiting_book import Group, Told, WaitingBook

NOWHERE = -1


@dataclass
class Run:
    """The outcome of a policy on a book.

    Nearly every line has one supply, so that stands in two columns; further ones are in ``more``.
    """

    book: WaitingBook
    policy: Policy
    supply: array[int] = field(default_factory=lambda: array("i"))  # by line: one, or NOWHERE
    units: array[int] = field(default_factory=lambda: array("i"))  # by line: from that one
    more: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # (supply, units)
    got: array[int] = field(default_factory=lambda: array("i"))  # by line: units in all
    links: int = 0  # how many pairs of line and supply there are
    unserved: array[int] = field(default_factory=lambda: array("i"))  # lines, in their order

    @property
    def takes_units(self) -> bool:
        """Whether lines lose units to others."""
        return len(self.book.present) > 0

    @property
    def adds_to_links(self) -> bool:
        """Whether a line may get more from a supply that it has units from."""
        return self.takes_units or bool(self.book.kept)

    @property
    def newest_change_set(self) -> int:
        """The last change set when the book was read."""
        return self.book.newest_change_set

    def missing(self, number: int) -> int:
        """Units that a line stays without."""
        return self.book.units[number] - self.got[number]

    def has_no_supply(self, number: int) -> bool:
        """Whether nothing can be given to the line's group at all."""
        return number in self.without_supply

    def line(self, number: int) -> LineId:
        """The key of a line."""
        return self.book.line(number)

    def version(self, number: int) -> tuple[int, int]:
        """The versions of a line and of its order."""
        return self.book.version[number], self.book.order_version[number]

    def promised(self, number: int) -> Moment | None:
        """What a line is promised now."""
        return self.book.promised[number]

    def supply_line(self, at: int) -> LineId:
        """The key of a supply."""
        return self.book.supplies[at].line

    def figures(self, clock: Clock) -> RunFigures:
        """Add up what the run comes to."""
        return figures(self, clock)

    def moved(self) -> Iterator[SupplyMoved]:
        """What supplies lose and give, in the order of their keys."""
        taken: dict[int, int] = {}
        given: dict[int, int] = {}
        for changed in self.changes():
            for link in changed.links:
                if link.new > link.old:
                    given[link.supply] = given.get(link.supply, 0) + link.new - link.old
                else:
                    taken[link.supply] = taken.get(link.supply, 0) + link.old - link.new
        for at in sorted({*taken, *given}, key=lambda at: self.book.supplies[at].line):
            state = self.book.supplies[at]
            yield SupplyMoved(state.line, state.version, taken.get(at, 0), given.get(at, 0))

    def slices(self, size: int) -> Iterator[Slice]:
        """The changes as rows to be written, so many lines at a time."""
        changes = self.changes()
        while part := list(islice(changes, size)):
            yield self._slice(part)

    def _slice(self, part: Sequence[LineChange]) -> Slice:
        book, rows = self.book, 0
        links: list[tuple[Any, ...]] = []
        lines: list[tuple[Any, ...]] = []
        for number, links_of_line, promise, arrival, arrives_with in part:
            order_id, item, promised = (
                book.order_id[number],
                book.item[number],
                book.promised[number],
            )
            more = 0
            for at, old, new in links_of_line:
                links.append((len(links), order_id, item, *book.supplies[at].line, old, new))
                more += new - old
            lines.append(
                (
                    number, order_id, item, book.version[number], book.order_version[number], more,
                    promised, promise, arrival, arrives_with,
                )
            )  # fmt: skip
            rows += promise != promised
        return Slice(links, lines, rows + len(links))

    @cached_property
    def without_supply(self) -> set[int]:
        """The lines that nothing can be given to at all."""
        return {
            number for group in _without_supply(self.book) for number in self.book.groups[group]
        }

    def given(self, number: int) -> dict[int, int]:
        """Units by supply that a line gets."""
        at = self.supply[number]
        if at == NOWHERE:
            return {}
        return {at: self.units[number], **dict(self.more.get(number, ()))}

    def latest(self, number: int) -> int:
        """The supply of a line that arrives last, or NOWHERE."""
        at = self.supply[number]
        if number not in self.more:
            return at
        arrivals = self.book.stored_arrival
        return max((at, *(one for one, _ in self.more[number])), key=arrivals.__getitem__)

    def changes(self) -> Iterator[LineChange]:
        """The lines whose units change, in their order."""
        book, more = self.book, self.more
        moving = len(book.present) > 0
        # A line that gets all its units from one supply is nearly every line.
        plain = not (moving or book.kept)
        arrivals, supplies, staying = book.stored_arrival, book.supplies, book.staying
        for number, (at, step) in enumerate(zip(self.supply, self.units, strict=True)):
            if plain and number not in more and number not in staying:
                if at != NOWHERE:
                    arrival = arrivals[at]
                    yield LineChange(
                        number,
                        (LinkChange(at, 0, step),),
                        arrival,
                        arrival,
                        supplies[at].line.order_id,
                    )
                continue
            new, old = self.given(number), dict(book.present.of(number))
            links = tuple(
                LinkChange(supply, kept + old.get(supply, 0), kept + new.get(supply, 0))
                for supply in (*old, *(one for one in new if one not in old))
                if old.get(supply, 0) != new.get(supply, 0)
                for kept in (book.kept.get((number, supply), 0),)
            )
            if not links:
                continue
            latest, arrives_with = self.arrives(number, new)
            yield LineChange(
                number, links, latest if new else book.promised[number], latest, arrives_with
            )

    def arrives(self, number: int, given: dict[int, int]) -> tuple[Moment | None, str | None]:
        """The latest arrival of a line's units after the run, and the order it comes with."""
        book = self.book
        found = [(book.stored_arrival[at], book.supplies[at].line.order_id) for at in given]
        arrival, order = book.staying.get(number, (None, None))
        if arrival is not None:
            found.append((arrival, order or ""))
        # Among equal arrivals the larger order id stands, as in the derived copies.
        return max(found, default=(None, None))


def run(book: WaitingBook, policy: Policy, told: Told) -> Run:
    """Match every group of the book by ``policy``."""
    size = len(book)
    outcome = Run(book, policy)
    one_supply = outcome.supply = array("i", [NOWHERE]) * size
    one_units = outcome.units = array("i", bytes(4 * size))
    more = outcome.more
    arrivals, budget = book.stored_arrival, book.budget
    matched = links = 0
    for group, numbers in book.groups.items():
        supplies = [
            Supply(at, budget[at], arrivals[at])
            for at in book.supplies_of.get(group, ())
            if budget[at] > 0
        ]
        if supplies:
            found = policy.match(_demands(book, numbers), supplies)
            links += len(found)
            for number, at, step in found:
                if one_supply[number] == NOWHERE:
                    one_supply[number] = at
                    one_units[number] = step
                else:
                    more.setdefault(number, []).append((at, step))
        matched += len(numbers)
        if matched > 20_000:
            told()
            matched = 0
    outcome.links = links
    got = outcome.got = array("i", one_units)
    for number, parts in more.items():
        got[number] += sum(step for _, step in parts)
    for number, (need, have) in enumerate(zip(book.units, got, strict=True)):
        if need > have:
            outcome.unserved.append(number)
    return outcome


def _demands(book: WaitingBook, numbers: array[int]) -> list[Demand]:
    """The lines of a group that want units; made without a step of Python per line."""
    present: Iterable[tuple[tuple[int, int], ...]] = (
        map(book.present.of, numbers) if len(book.present) else repeat(())
    )
    priority = map(book.priority.get, numbers) if book.priority else repeat(None)
    found = map(
        _AS_DEMAND,
        zip(
            numbers,
            map(book.units.__getitem__, numbers),
            map(book.promised.__getitem__, numbers),
            priority,
            present,
            strict=False,  # the repeated ones never end
        ),
    )
    return list(filter(itemgetter(1), found))


_AS_DEMAND: Callable[[tuple[Any, ...]], Demand] = partial(tuple.__new__, Demand)


# --- What it comes to ---------------------------------------------------------------------------


def figures(outcome: Run, clock: Clock) -> RunFigures:
    """Add up what a run comes to."""
    book, got = outcome.book, outcome.got
    days = Days(clock)
    late = late_days = most = whole = first = earlier = later = 0
    lateness: dict[tuple[Moment, Moment], int] = {}
    changed, links, losing = len(got) - got.count(0), outcome.links, 0
    unchanged: set[int] = set()
    if len(book.present):
        changed_lines: set[int] = set()
        links = 0
        for change in outcome.changes():
            changed_lines.add(change.number)
            links += len(change.links)
            losing += change.delta < 0
        changed = len(changed_lines)
        unchanged = set(range(len(book))) - changed_lines
    arrivals, staying, more = book.stored_arrival, book.staying, outcome.more
    for number, (units_got, need, at, promise) in enumerate(
        zip(got, book.units, outcome.supply, book.promised, strict=True)
    ):
        if not units_got:
            continue
        whole += units_got == need
        if number in more or number in staying:
            arrival = outcome.arrives(number, outcome.given(number))[0]
        else:
            arrival = arrivals[at]
        if arrival == promise:
            continue
        moves = number not in unchanged
        if promise is None:
            first += moves
        elif arrival > promise:
            later += moves
            late += 1
            pair = (promise, arrival)
            days_late = lateness.get(pair)
            if days_late is None:
                days_late = lateness[pair] = days.number(arrival) - days.number(promise)
            late_days += days_late
            if days_late > most:
                most = days_late
        else:
            earlier += moves
    nothing = sum(
        1
        for group in _without_supply(book)
        for number in book.groups[group]
        if book.units[number] > got[number]
    )
    return RunFigures(
        policy=outcome.policy.name,
        title=outcome.policy.title,
        lines_waiting=len(book) - book.units.count(0),
        units_wanted=sum(book.units),
        lines_served=len(got) - got.count(0),
        lines_whole=whole,
        units_given=sum(got),
        lines_late=late,
        days_late=late_days,
        most_days_late=most,
        lines_unserved=len(outcome.unserved),
        units_unserved=sum(map(outcome.missing, outcome.unserved)),
        links_changed=links,
        lines_changed=changed,
        lines_losing=losing,
        promises_first=first,
        promises_earlier=earlier,
        promises_later=later,
        reasons=counted_reasons(nothing, len(outcome.unserved) - nothing),
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
