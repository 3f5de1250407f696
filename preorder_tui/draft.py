"""Drafting a plan: links between sales and purchase order lines, and what follows from them.

A draft holds the lines as they stand and the links as they would stand. :meth:`Draft.finish` turns
the difference into plan rows, one per changed link, one per promise that follows its supply, and
says what becomes of each purchase order line's ATP.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from preorder_tui import pins, supply
from preorder_tui.by_keys import FEW
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused
from preorder_tui.line_state import (
    Links,
    PurchaseState,
    SalesState,
    links_of_sales,
    purchase_lines,
    sales_lines,
    supply_of_sales,
)
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan, PlannedChange, Value
from preorder_tui.records import Notice
from preorder_tui.text import clean
from preorder_tui.words import CHANGE_DATE, CHANGE_UPDATE


def change(
    line: LineId, field: str, old: Value, new: Value, change_type: str = CHANGE_UPDATE
) -> PlannedChange:
    """A row that changes a field of a line."""
    return PlannedChange(*line, None, None, change_type, field, old, new)


def order_change(
    order_id: str, field: str, old: Value, new: Value, change_type: str = CHANGE_UPDATE
) -> PlannedChange:
    """A row that changes a field of an order's header."""
    return PlannedChange(order_id, None, None, None, change_type, field, old, new)


class Draft:
    """A plan in the making."""

    def __init__(self, connection: Connection, clock: Clock, command: str, title: str) -> None:
        self.connection = connection
        self.clock = clock
        self.plan = Plan(command=command, title=title)
        self.refused: list[Notice] = []
        self.plan.refused = self.refused
        self.sales: dict[LineId, SalesState] = {}
        self.purchase: dict[LineId, PurchaseState] = {}
        self.links: Links = {}
        self._before: Links = {}
        self._pinned: set[pins.Link] = set()
        self._pins_known: set[LineId] = set()  # of these lines, pinned or not
        self._taken: dict[LineId, int] = {}  # units taken from each purchase order line
        self._given: dict[LineId, int] = {}  # units given from it

    @cached_property
    def today(self) -> datetime:
        """The beginning of this day at the site."""
        return self.clock.start_of(self.clock.today())

    # --- Loading ---

    def take_sales(self, states: Iterable[SalesState]) -> None:
        """Take sales order lines in, with all their present links and the lines these go to."""
        fresh = {state.line: state for state in states if state.line not in self.sales}
        self.sales |= fresh
        if len(fresh) <= FEW:
            self._take_few(fresh)
            return
        links = links_of_sales(self.connection, fresh)
        for line in fresh:
            present = links.get(line, {})
            self._before[line] = present
            self.links[line] = dict(present)
        self.take_purchase(
            purchase_lines(
                self.connection,
                {to for present in links.values() for to in present} - self.purchase.keys(),
            ).values()
        )

    def _take_few(self, lines: Iterable[LineId]) -> None:
        for line in lines:
            self._before[line] = {}
            self._pins_known.add(line)
        for found in supply_of_sales(self.connection, lines):
            to = found.purchase.line
            self._before[found.line][to] = found.units
            self.take_purchase([found.purchase])
            if found.pinned == pins.PINNED:
                self._pinned.add((found.line, to))
        for line in lines:
            self.links[line] = dict(self._before[line])

    def take_purchase(self, states: Iterable[PurchaseState]) -> None:
        """Take purchase order lines in."""
        for state in states:
            if state.line not in self.purchase:
                self.purchase[state.line] = state
                self._taken[state.line] = self._given[state.line] = 0

    def load_sales(self, lines: Iterable[LineId]) -> None:
        """Read sales order lines and take them in."""
        self.take_sales(
            sales_lines(self.connection, [n for n in lines if n not in self.sales]).values()
        )

    # --- Numbers as they would stand ---

    def atp(self, line: LineId) -> int:
        """Units of the purchase order line that this plan may still give.

        What it has (R-14), with the units taken from it in this plan, is the plan's budget. The
        stored ATP may fall by less than is given, because units received and not allocated count
        for none of it; the budget does not.
        """
        state = self.purchase[line]
        return max(0, self._atp(state, state.allocated - self._taken[line]) - self._given[line])

    def atp_after(self, line: LineId) -> int:
        """What the store will say is left of the purchase order line (R-14)."""
        return self._atp(self.purchase[line], self.consumed(line))

    @staticmethod
    def _atp(state: PurchaseState, consumed: int) -> int:
        return supply.available_to_promise(
            state.ordered, state.received, consumed, state.ceiling, state.status_id
        )

    def consumed(self, line: LineId) -> int:
        """Units of the purchase order line that would be allocated."""
        return self.purchase[line].allocated - self._taken[line] + self._given[line]

    def open_units(self, line: LineId) -> int:
        """Units of the sales order line that would still be open (R-07)."""
        state = self.sales[line]
        linked = sum(self.links[line].values())
        return max(0, state.open_units + state.allocated - linked) if state.waiting else 0

    def latest_arrival(self, line: LineId) -> datetime | None:
        """The latest arrival among the sales order line's links (R-23)."""
        arrivals = [self.purchase[to].arrival for to in self.links[line]]
        return max((arrival for arrival in arrivals if arrival is not None), default=None)

    # --- Drafting ---

    def add_units(self, sales: LineId, purchase: LineId, units: int) -> None:
        """Link ``units`` more (or fewer, when negative) of one line to the other."""
        links = self.links[sales]
        total = links.get(purchase, 0) + units
        if total < 0:
            raise AssertionError(f"{sales} has no {-units} units from {purchase}")
        if total:
            links[purchase] = total
        else:
            links.pop(purchase, None)
        if units > 0:
            self._given[purchase] += units
        else:
            self._taken[purchase] -= units

    def add(self, row: PlannedChange) -> None:
        """Append a row of its own kind."""
        self.plan.changes.add(row)

    def warn(self, line: LineId | None, sentence: str, rule: str = "") -> None:
        """Say something the person should know before applying."""
        self.plan.warnings.append(Notice(line, sentence, rule))

    def refuse(self, line: LineId | None, sentence: str, rule: str = "") -> None:
        """Say what was asked for and will not be done."""
        self.refused.append(Notice(line, sentence, rule))

    def watch(self, *states: SalesState | PurchaseState) -> None:
        """Make apply refuse the plan when one of these lines (or its order) has changed."""
        for state in states:
            self.plan.versions[state.line] = state.version
            self.plan.order_versions[state.line.order_id] = state.order_version

    def finish(self, *, promises_follow: bool) -> Plan:
        """Turn the changed links into rows.

        ``promises_follow``: a line with changed links is promised the latest arrival among them
        (R-22, R-23); otherwise promises stay as they were told to the customer (R-62).
        """
        touched: dict[LineId, None] = {}
        pinned = self._pinned | pins.pinned_links(
            self.connection,
            [
                line
                for line, links in self.links.items()
                if line not in self._pins_known and _shrinks(self._before[line], links)
            ],
        )
        for line, links in self.links.items():
            before = self._before[line]
            if links == before:
                continue
            state = self.sales[line]
            self.watch(state)
            for to in dict.fromkeys((*before, *links)):
                old, new = before.get(to, 0), links.get(to, 0)
                if old != new:
                    touched[to] = None
                    self.add(PlannedChange(*line, *to, CHANGE_UPDATE, "allocation", old, new))
                if new < old and (line, to) in pinned:
                    self._unpin(line, to, new)
            if promises_follow and links:
                self._follow(state)
        for to in touched:
            state_to = self.purchase[to]
            self.watch(state_to)
            self.plan.effects += supply.atp_moves(state_to, self.atp_after(to))
            if state_to.external_id:
                self.plan.purchase_names[to.order_id] = clean(state_to.external_id)
        return self.plan

    def _unpin(self, line: LineId, to: LineId, units_left: int) -> None:
        """A pinned allocation shrinks or goes, by hand: the pin goes with the last unit."""
        if not units_left:
            self.add(pins.pin_row(line, to, pinned=False))
        self.warn(line, f"{line}: its units from {self.purchase[to].name} are pinned")

    def _follow(self, state: SalesState) -> None:
        arrival = self.latest_arrival(state.line)
        if arrival is None or arrival == state.promised:
            return
        if arrival < self.today:
            self.warn(
                state.line,
                f"{state.line}: the arrival {self.clock.day(arrival)} is over, "
                "so the promise date stays as it is",
                "R-17",
            )
            return
        self.add(change(state.line, "promisedDatetime", state.promised, arrival, CHANGE_DATE))


def _shrinks(before: dict[LineId, int], after: dict[LineId, int]) -> bool:
    return any(after.get(to, 0) < units for to, units in before.items())


def require_units(units: int, what: str) -> None:
    """Refuse a number of units that cannot be allocated, moved or removed.

    Raises:
        Refused: it is zero or negative.
    """
    if units <= 0:
        raise Refused(f"{units} units cannot be {what}: give a whole number of 1 or more")
