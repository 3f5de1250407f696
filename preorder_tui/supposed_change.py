"""What is supposed of a purchase order line, held against the line and the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from preorder_tui.arrival_dates import require_arrival_day, require_open_purchase
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, WrongUsage
from preorder_tui.line_state import PurchaseState
from preorder_tui.purchase_changes import require_quantity
from preorder_tui.why_records import Supposed


@dataclass(frozen=True, slots=True)
class Change:
    """What is supposed, resolved against the line as it stands; None: that stays."""

    state: PurchaseState
    day: date | None
    ordered: int | None
    clock: Clock

    @property
    def arrival(self) -> datetime | None:
        """When the line would arrive."""
        return self.state.arrival if self.day is None else self.clock.end_of(self.day)

    @property
    def quantity(self) -> int:
        """How many units would be ordered."""
        return self.state.ordered if self.ordered is None else self.ordered

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that make it so; the plans' own."""
        commands = []
        if self.day is not None:
            commands.append(f"set-arrival-date {self.state.line} {self.day}")
        if self.ordered is not None:
            release = " --release-newest" if self.ordered < self.state.allocated else ""
            commands.append(f"set-quantity {self.state.line} {self.ordered}{release}")
        return tuple(commands)


def resolve(state: PurchaseState, clock: Clock, supposed: Supposed) -> Change:
    """What is supposed, held against the line and the rules for changing it.

    Raises:
        WrongUsage: it is said in two ways at once, or lies beyond the calendar.
        Refused: a rule forbids such a change.
    """
    if supposed.slip is not None and supposed.arrival is not None:
        raise WrongUsage("give a slip in days or an arrival date, not both")
    if supposed.units is not None and supposed.quantity is not None:
        raise WrongUsage("give units more or fewer, or a new quantity, not both")
    present = None if state.arrival is None else clock.day(state.arrival)
    day = supposed.arrival
    if supposed.slip:
        if present is None:
            raise Refused(f"{state.name} has no arrival date to slip from: give a date")
        try:
            day = present + timedelta(days=supposed.slip)
        except OverflowError as error:
            raise WrongUsage(f"{supposed.slip:+} days is beyond the calendar") from error
    if day == present:
        day = None
    ordered = supposed.quantity
    if supposed.units:
        ordered = state.ordered + supposed.units
    if ordered == state.ordered:
        ordered = None
    if day is not None or ordered is not None:
        require_open_purchase(state)
    if day is not None:
        require_arrival_day(clock, day)
        clock.end_of(day)
    if ordered is not None:
        require_quantity(state, ordered)
    return Change(state, day, ordered, clock)
