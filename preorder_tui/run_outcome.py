"""What a run of a policy comes to, in numbers, rows and words, however it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.policies import Policy
from preorder_tui.records import Notice
from preorder_tui.stored_moments import Moment
from preorder_tui.wording import lines, units

NO_SUPPLY = "no eligible supply"
RAN_OUT = "supply ran out"


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


class SupplyMoved(NamedTuple):
    """Units that a supply loses to others and gives, by a run."""

    line: LineId
    version: int
    taken: int
    given: int


class Slice(NamedTuple):
    """Some lines of a run as rows to be written.

    Attributes:
        links: place, line, supply's line, units before and after.
        lines: number, line, its version and its order's, units more, promise before and after,
            latest arrival and its order.
        rows: how many rows the journal gets.
    """

    links: list[tuple[Any, ...]]
    lines: list[tuple[Any, ...]]
    rows: int


class Outcome(Protocol):
    """What a policy has made of a book, of a part or of the whole of it."""

    policy: Policy

    @property
    def takes_units(self) -> bool:
        """Whether lines lose units to others."""

    @property
    def adds_to_links(self) -> bool:
        """Whether a line may get more from a supply that it has units from."""

    @property
    def newest_change_set(self) -> int:
        """The last change set when the book was read."""

    @property
    def unserved(self) -> Sequence[int]:
        """The lines without some of their units, in their order."""

    def missing(self, number: int) -> int:
        """Units that a line stays without."""

    def has_no_supply(self, number: int) -> bool:
        """Whether nothing can be given to the line's group at all."""

    def line(self, number: int) -> LineId:
        """The key of a line."""

    def version(self, number: int) -> tuple[int, int]:
        """The versions of a line and of its order."""

    def promised(self, number: int) -> Moment | None:
        """What a line is promised now."""

    def supply_line(self, at: int) -> LineId:
        """The key of a supply."""

    def figures(self, clock: Clock) -> RunFigures:
        """Add up what the run comes to."""

    def changes(self) -> Iterator[LineChange]:
        """The lines whose units change, in their order."""

    def moved(self) -> Iterable[SupplyMoved]:
        """What supplies lose and give, in the order of their keys."""

    def slices(self, size: int) -> Iterator[Slice]:
        """The changes as rows to be written, so many lines at a time."""


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


def counted_reasons(nothing: int, ran_out: int) -> tuple[tuple[str, int], ...]:
    """Why lines stay without units, and how many, the most first."""
    reasons = Counter({NO_SUPPLY: nothing, RAN_OUT: ran_out})
    return tuple(pair for pair in reasons.most_common() if pair[1])


class Unserved(Sequence[Notice]):
    """The lines of a run that stay without units, each with its reason, made when looked at."""

    def __init__(self, outcome: Outcome) -> None:
        self._run = outcome
        self._lines = outcome.unserved

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._notice(at) for at in range(*index.indices(len(self)))]
        return self._notice(range(len(self))[index])

    def _notice(self, at: int) -> Notice:
        number = int(self._lines[at])
        line = self._run.line(number)
        reason = NO_SUPPLY if self._run.has_no_supply(number) else RAN_OUT
        sentence = f"{line}: {units(self._run.missing(number))} not allocated, {reason}"
        return Notice(line, sentence, "R-32")
