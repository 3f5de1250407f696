"""The rules that say how a line stands: what is open, what is late, what to mark it with.

Pure functions over a line's own numbers and stored moments (UTC, end of day for dates), used by
every list, page and plan, so that a mark means the same everywhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from preorder_tui.records import AllocationState
from preorder_tui.words import PRESELL_PARKINGS

OPEN_ORDER_STATUSES = ("ORDER_CREATED", "ORDER_APPROVED")
OPEN_ITEM_STATUSES = ("ITEM_CREATED", "ITEM_APPROVED")
CLOSED_ORDER_STATUSES = ("ORDER_COMPLETED", "ORDER_CANCELLED", "ORDER_REJECTED")
CLOSED_ITEM_STATUSES = ("ITEM_COMPLETED", "ITEM_CANCELLED", "ITEM_REJECTED")

UNALLOCATED = "unallocated"
PARTLY = "partly allocated"
BEFORE_ARRIVAL = "promise before arrival"
OVERDUE = "overdue"
OUT_OF_SYNC = "out of sync"
WITHOUT_SUPPLY = "promise without supply"
PINNED = "pinned"


class Standing(Protocol):
    """How a sales order line stands, from wherever it is read."""

    @property
    def status_id(self) -> str:
        """Its own status."""

    @property
    def order_status_id(self) -> str:
        """Its order's."""

    @property
    def facility_id(self) -> str:
        """Where it is to be shipped from, or the queue it waits in."""


def waits(order_status_id: str, item_status_id: str, facility_id: str) -> bool:
    """Whether a sales order line waits for supply (R-04, with R-08: Created counts too)."""
    return (
        order_status_id in OPEN_ORDER_STATUSES
        and item_status_id in OPEN_ITEM_STATUSES
        and facility_id in PRESELL_PARKINGS
    )


def open_quantity(
    quantity: int,
    cancelled: int,
    allocated: int,
    *,
    order_status_id: str,
    item_status_id: str,
    facility_id: str,
) -> int:
    """Units of a sales order line that may still be allocated (R-07)."""
    if not waits(order_status_id, item_status_id, facility_id):
        return 0
    return max(0, quantity - cancelled - allocated)


def allocation_state(open_units: int, allocated: int) -> AllocationState:
    """The state of a line by its open and its allocated units (R-07)."""
    if open_units > 0:
        return "partly" if allocated > 0 else "unallocated"
    return "allocated" if allocated > 0 else "none"


def before_arrival(promised: datetime | None, arrival: datetime | None) -> bool:
    """Whether a line is promised earlier than its supply arrives (R-55)."""
    return promised is not None and arrival is not None and promised < arrival


def out_of_sync(promised: datetime | None, arrival: datetime | None) -> bool:
    """Whether the promise differs from what sync would set: its latest arrival (R-40, R-47)."""
    return arrival is not None and promised != arrival


def overdue(promised: datetime | None, start_of_today: datetime) -> bool:
    """Whether the promised day is over (of a line that is still open)."""
    return promised is not None and promised < start_of_today


def sales_line_marks(
    *,
    open_units: int,
    allocated: int,
    promised: datetime | None,
    arrival: datetime | None,
    start_of_today: datetime,
    item_status_id: str,
    waiting: bool,
    pinned: bool = False,
) -> tuple[str, ...]:
    """The plain words a sales order line is marked with, the most pressing first.

    ``waiting``: it is in a presell queue (:func:`waits`); only such a line can be synced (R-45), so
    only such a line is out of sync.
    """
    if item_status_id in CLOSED_ITEM_STATUSES:
        return ()
    marks: list[str] = []
    if overdue(promised, start_of_today):
        marks.append(OVERDUE)
    state = allocation_state(open_units, allocated)
    if state == "unallocated":
        marks.append(UNALLOCATED)
        if promised is not None:
            marks.append(WITHOUT_SUPPLY)
    elif state == "partly":
        marks.append(PARTLY)
    if before_arrival(promised, arrival):
        marks.append(BEFORE_ARRIVAL)
    if waiting and out_of_sync(promised, arrival):
        marks.append(OUT_OF_SYNC)
    if pinned:
        marks.append(PINNED)
    return tuple(marks)
