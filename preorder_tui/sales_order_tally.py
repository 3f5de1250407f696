"""The records of Find Sales Order, made of rows that were read; imports no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from preorder_tui import marks
from preorder_tui.clock import Clock
from preorder_tui.records import SalesOrderRow
from preorder_tui.site_days import day_or_none
from preorder_tui.text import clean_or_empty


class Tally:
    """The numbers of one order, added up over its lines."""

    __slots__ = (
        "allocated",
        "before_arrival",
        "items",
        "order_status_id",
        "overdue",
        "promised",
        "states",
        "units",
    )

    def __init__(self, order_status_id: str) -> None:
        self.order_status_id = order_status_id
        self.items = self.units = self.allocated = self.before_arrival = self.overdue = 0
        self.states = {"unallocated": 0, "partly": 0, "allocated": 0, "none": 0}
        self.promised: datetime | None = None

    def add(
        self,
        start_of_today: datetime,
        quantity: int,
        cancelled: int,
        allocated: int,
        status_id: str,
        facility_id: str | None,
        promised: datetime | None,
        arrival: datetime | None,
    ) -> None:
        """Add a line of the order."""
        self.items += 1
        self.units += quantity - cancelled
        self.allocated += allocated
        open_units = marks.open_quantity(
            quantity,
            cancelled,
            allocated,
            order_status_id=self.order_status_id,
            item_status_id=status_id,
            facility_id=facility_id or "",
        )
        self.states[marks.allocation_state(open_units, allocated)] += 1
        if status_id in marks.CLOSED_ITEM_STATUSES:
            return
        self.before_arrival += marks.before_arrival(promised, arrival)
        self.overdue += marks.overdue(promised, start_of_today)
        if promised is not None and (self.promised is None or promised < self.promised):
            self.promised = promised


Tallies = Mapping[str, Tally]


def tallied(clock: Clock, headers: Iterable[Sequence[Any]], lines: Iterable[Any]) -> Tallies:
    """The numbers of each order: ``headers`` as for :func:`order_records`, and all their lines.

    A line begins with its order's id; what follows is what :meth:`Tally.add` takes.
    """
    tallies = {header[0]: Tally(header[4]) for header in headers}
    today = clock.start_of(clock.today())
    for order_id, *line in lines:
        tallies[order_id].add(today, *line)
    return tallies


def order_records(
    clock: Clock,
    headers: Iterable[Sequence[Any]],
    tallies: Tallies,
    names: Mapping[str, str],
    pinned: Collection[str],
) -> tuple[SalesOrderRow, ...]:
    """The records of orders.

    Args:
        clock: the site's clock.
        headers: id, name, external id, date, status, store and sales channel of each.
        tallies: their numbers.
        names: their customers, by order id.
        pinned: the orders with a pinned allocation.
    """
    return tuple(
        SalesOrderRow(
            order_id=order_id,
            order_name=clean_or_empty(name),
            external_id=clean_or_empty(external_id),
            order_date=clock.local(order_date),
            customer_name=names.get(order_id, ""),
            status_id=status_id,
            product_store_id=store_id,
            sales_channel_enum_id=channel or "",
            item_count=tallies[order_id].items,
            unit_count=tallies[order_id].units,
            allocated_items=tallies[order_id].states["allocated"],
            partly_allocated_items=tallies[order_id].states["partly"],
            unallocated_items=tallies[order_id].states["unallocated"],
            before_arrival_items=tallies[order_id].before_arrival,
            overdue_items=tallies[order_id].overdue,
            promise_date=day_or_none(clock, tallies[order_id].promised),
            pinned=order_id in pinned,
        )
        for order_id, name, external_id, order_date, status_id, store_id, channel in headers
    )
