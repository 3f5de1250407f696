"""What Why? and What if? answer: frozen records, like those of :mod:`preorder_tui.records`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from preorder_tui.lines import LineId
from preorder_tui.records import ProductInfo

Verb = Literal[
    "allocate",
    "move",
    "deallocate",
    "set-arrival-date",
    "set-quantity",
    "sync-dates",
    "allocate-sales-orders",
    "reallocate",
]
Help = Literal["units", "on time", "in sync"]
"""What a suggestion does for the line: it gets units, comes in time, or says the true date."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change that a suggestion consists of; its command does the same.

    Attributes:
        verb: the command.
        line: the line it begins with, a sales or a purchase order line.
        to: the other line, where the command names one.
        units: how many units, or the new quantity.
        day: the new date.
    """

    verb: Verb
    line: LineId
    to: LineId | None = None
    units: int | None = None
    day: date | None = None

    @property
    def command(self) -> str:
        """The one-line command."""
        words = [self.verb, str(self.line)]
        if self.verb == "sync-dates":
            return " ".join([*words, *(["--only", str(self.to)] if self.to else [])])
        if self.to is not None:
            words.append(str(self.to))
        if self.day is not None:
            words.append(str(self.day))
        if self.units is not None:
            words += [str(self.units)] if self.verb == "set-quantity" else [
                "--quantity", str(self.units)
            ]  # fmt: skip
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change that would help, as one sentence and the steps that make it."""

    sentence: str
    helps: Help
    units: int  # that the line gains; 0 where dates change
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, in words with its numbers, and the rule it comes from."""

    code: str
    sentence: str
    rule: str = ""
    units: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A line in the queue for a product."""

    line: LineId
    order_date: datetime
    units: int
    allocated: int


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """Where a line stands among those that wait for its product in its store, first in first."""

    place: int  # 1 is the first to be served
    lines: int  # all that wait
    units_ahead: int
    allocated_ahead: int
    free: int  # units that eligible supply still has
    first: tuple[QueueRow, ...]  # the first few ahead of it

    @property
    def ahead(self) -> int:
        """How many lines are ahead of it."""
        return self.place - 1

    @property
    def open_ahead(self) -> int:
        """Units that lines ahead still wait for."""
        return self.units_ahead - self.allocated_ahead


@dataclass(frozen=True, slots=True)
class Why:
    """Why a line stands as it does.

    Attributes:
        line: the line asked about.
        name: how people call it.
        product: its product.
        purchase: whether it is a purchase order line.
        verdict: how it stands, in one sentence.
        reasons: why, the most telling first.
        queue: its place in the queue; of a sales order line that waits.
        suggestions: what would help, the smallest change first.
    """

    line: LineId
    name: str
    product: ProductInfo
    purchase: bool
    verdict: str
    reasons: tuple[Reason, ...]
    queue: QueuePlace | None = None
    suggestions: tuple[Suggestion, ...] = ()


# --- What if? -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed of a purchase order line: another arrival, another quantity, or both.

    Attributes:
        slip: days later (or earlier, negative) than it is to arrive now; or
        arrival: the day it would arrive.
        units: units more (or fewer, negative) than are ordered now; or
        quantity: how many would be ordered.
    """

    slip: int | None = None
    arrival: date | None = None
    units: int | None = None
    quantity: int | None = None


Turn = Literal["turns late", "loses units", "on time again", "later still", "less late", "moves"]
"""What becomes of a line, the worst first."""


@dataclass(frozen=True, slots=True)
class WhatIfRow:
    """A sales order line that would stand otherwise."""

    line: LineId
    order_name: str
    customer_name: str
    units: int  # that it has from the purchase order line now
    lost: int
    promise_date: date | None
    old_arrival: date | None
    new_arrival: date | None  # None: nothing would be allocated any more
    late_before: bool
    late_after: bool
    days_late_before: int
    days_late_after: int
    pinned: bool
    turn: Turn


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would follow from a change of a purchase order line; the numbers are of all lines.

    Attributes:
        rows: the first of the lines that would stand otherwise, the worst first.
        changed: how many there are.
        lines: how many sales order lines the line serves.
        turn_late: lines that turn late (promised before their units arrive), of how many orders.
        on_time: lines that were late and no longer are.
        most_days: how late the latest of all would be.
        losing: lines that lose units, the newest first (R-73), and ``units_lost`` in all.
        pinned_losing: those among them whose allocation a person has pinned.
        sync: promise dates that Sync Date with SO would then change, of these ``sync_later``.
        commands: what would make it so, one command a line; ``sync_command`` comes after.
    """

    line: LineId
    name: str
    sku: str
    old_arrival: date | None
    new_arrival: date | None
    old_quantity: int
    new_quantity: int
    atp_before: int
    atp_after: int
    lines: int
    changed: int
    turn_late: int
    orders_turn_late: int
    on_time: int
    late_before: int
    late_after: int
    most_days: int
    losing: int
    units_lost: int
    pinned_losing: int
    sync: int
    sync_later: int
    commands: tuple[str, ...]
    rows: tuple[WhatIfRow, ...]

    @property
    def changes_something(self) -> bool:
        """Whether there is anything to apply."""
        return bool(self.commands)

    @property
    def sync_command(self) -> str:
        """What would carry the new arrival to the promise dates; empty where none would change."""
        return f"sync-dates {self.line}" if self.sync else ""
