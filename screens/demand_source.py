"""Where the lists of a purchase order line get their sales order lines from.

A list opens with its first rows. Meanwhile its roll is read: all its lines with what can be added
up. From then on any page is found in the roll, and only its rows are read.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from preorder_tui.lines import LineId
from preorder_tui.records import Key, Page
from screens.service_calls import run_in_thread

if TYPE_CHECKING:
    from preorder_tui.records import Demand, DemandEntry, DemandRow, DemandStart, SupplyFacts
    from preorder_tui.service import Service

FIRST_ROWS = 100
"""Rows that a list opens with: more than any terminal shows."""

Roll = tuple["DemandEntry", ...]


class DemandSource:
    """Pages of one list (a ``PageSource``), and what all of it comes to.

    Attributes:
        entries: the roll, cancelled lines last; None until it is read.
        cancelled_shown: whether the pages go on with the cancelled lines.
    """

    def __init__(self, service: Service, kind: Demand, line: LineId) -> None:
        self._service = service
        self._kind: Demand = kind
        self._line = line
        self._facts: SupplyFacts | None = None
        self._first: Page[DemandRow] | None = None
        self._reading: asyncio.Future[None] | None = None
        self.entries: Roll | None = None
        self.cancelled_shown = False

    # --- Reading, in a thread ---------------------------------------------------------------------

    def open(self) -> DemandStart:
        """What the list opens with; of a short list the roll too."""
        start = self._service.demand_start(self._kind, self._line, FIRST_ROWS)
        self._facts, self._first = start.facts, start.page
        if start.page.at_end:
            self._read_roll()
        return start

    def read_again(self) -> bool:
        """All of it anew; whether anything that can be added up is other than before."""
        before = (self._facts, self.entries)
        self._facts = self._service.demand_facts(self._line)
        self._read_roll()
        return before != (self._facts, self.entries)

    def _read_roll(self) -> None:
        self.entries = self._service.demand_roll(self._kind, self._line)
        self._first = None

    # --- What there is ----------------------------------------------------------------------------

    @property
    def facts(self) -> SupplyFacts:
        """The purchase order line; it is known once the list is open."""
        assert self._facts is not None
        return self._facts

    @property
    def of_how_many(self) -> str:
        """Of how many lines so many are ticked, where the list is longer than the dialog says."""
        if self.entries is None or len(self.entries) <= FIRST_ROWS:
            return ""
        return f" of {len(self.entries):,}"

    async def whole(self) -> Roll:
        """The roll; it is read now unless it has been, or is being read."""
        if self.entries is None:
            if self._reading is None:
                self._reading = asyncio.ensure_future(run_in_thread(self._read_roll))
            try:
                await asyncio.shield(self._reading)
            finally:
                self._reading = None
        assert self.entries is not None
        return self.entries

    async def everything(self) -> Any:
        """All lines that the list shows, as the roll has them: for ticking all of them."""
        return self._shown(await self.whole())

    def _shown(self, roll: Roll) -> Roll:
        if self.cancelled_shown or not roll or not roll[-1].cancelled:
            return roll
        return tuple(entry for entry in roll if not entry.cancelled)

    def in_order(self, rows: Iterable[Any]) -> tuple[Any, ...]:
        """Rows or entries as the list has them; those that have gone are last."""
        place = {entry.line: number for number, entry in enumerate(self.entries or ())}
        return tuple(sorted(rows, key=lambda row: place.get(row.line, len(place))))

    def gone_from(self, lines: Collection[LineId]) -> set[LineId]:
        """Those of ``lines`` that the list does not have any more."""
        return set(lines).difference(entry.line for entry in self.entries or ())

    # --- Pages ------------------------------------------------------------------------------------

    async def __call__(
        self,
        size: int,
        *,
        after: Key | None = None,
        before: Key | None = None,
        place: str = "first",
    ) -> Page[DemandRow]:
        """A page; the first one waits for no roll."""
        if self._first is not None and after is None and before is None and place == "first":
            return self._first
        shown = self._shown(await self.whole())
        first, last = 0, min(len(shown), size)
        if after is not None:
            first = bisect_right(shown, after, key=_key)
            last = min(len(shown), first + size)
        elif before is not None:
            last = bisect_left(shown, before, key=_key)
            first = max(0, last - size)
        elif place == "last":
            first, last = max(0, len(shown) - size), len(shown)
        wanted = shown[first:last]
        rows = await run_in_thread(
            self._service.demand_rows,
            self._kind,
            self._line,
            [entry.line for entry in wanted if not entry.cancelled],
            [entry.line for entry in wanted if entry.cancelled],
        )
        keys = {entry.line: entry.key for entry in wanted}
        return Page(rows, tuple(keys[row.line] for row in rows), first == 0, last == len(shown))


def _key(entry: DemandEntry) -> Key:
    return entry.key
