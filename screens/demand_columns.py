"""How sales order lines look in the lists of a purchase order line."""

from __future__ import annotations

from datetime import date

from preorder_tui.records import DemandRow
from preorder_tui.sync_rows import LONG_SLIP_DAYS
from preorder_tui.wording import counted
from preorder_tui.words import word
from screens.line_columns import Column


def day(value: date | None) -> str:
    """A date as lists show it."""
    return value.isoformat() if value is not None else "-"


def order_label(row: DemandRow) -> str:
    """The order as people call it."""
    return row.order_name or row.external_id or row.line.order_id


def days(row: DemandRow) -> str:
    """A difference in days with its sign."""
    return "" if row.days is None else f"{row.days:+,}"


def slip(row: DemandRow) -> str:
    """The mark of a promise that slips far: the customer may have a right to be asked."""
    return f"!{LONG_SLIP_DAYS}d" if row.days is not None and row.days > LONG_SLIP_DAYS else ""


def standing(row: DemandRow) -> str:
    """The line's status, or the order's where that says more."""
    return word(row.item_status_id)


def note(row: DemandRow) -> str:
    """Why a row cannot be chosen, else its marks."""
    return row.reason or ", ".join(row.marks)


def about(row: DemandRow) -> str:
    """A row in full, where the columns have no room."""
    units = (
        f"{row.allocated_here:,} of {counted(row.quantity, 'unit')}" if row.allocated_here else ""
    )
    return "  ".join(part for part in (str(row.line), units, note(row), row.customer_name) if part)


ORDER: Column[DemandRow] = Column("Order", order_label, 8, priority=100, at_most=14)
LINE: Column[DemandRow] = Column("Line", lambda row: str(row.line), 11, priority=40, at_most=14)
CUSTOMER: Column[DemandRow] = Column(
    "Customer", lambda row: row.customer_name, 13, priority=90, at_most=26
)
ORDERED_ON: Column[DemandRow] = Column(
    "Ordered", lambda row: day(row.order_date.date()), 10, priority=60
)
QUEUE: Column[DemandRow] = Column("Queue", lambda row: word(row.facility_id), 9, priority=55)
STATUS: Column[DemandRow] = Column("Status", standing, 9, priority=65)
PROMISE: Column[DemandRow] = Column("Promise", lambda row: day(row.promise_date), 10, priority=80)
OLD_PROMISE: Column[DemandRow] = Column(
    "Promise", lambda row: day(row.promise_date), 10, priority=95
)
NEW_PROMISE: Column[DemandRow] = Column(
    "New", lambda row: day(row.new_promise_date), 10, priority=94
)
DAYS: Column[DemandRow] = Column("Days", days, 5, align="right", priority=93)
SLIP: Column[DemandRow] = Column("Slip", slip, 4, priority=92)
NOTE: Column[DemandRow] = Column("Note", note, 10, priority=30, at_most=60)
UNITS_HERE: Column[DemandRow] = Column(
    "Units",
    lambda row: (
        f"{row.allocated_here:,}"
        + (f"/{row.quantity:,}" if row.quantity != row.allocated_here else "")
        + "P" * row.pinned
    ),
    5,
    align="right",
    priority=98,
)
OPEN_UNITS: Column[DemandRow] = Column(
    "Open", lambda row: f"{row.open_quantity:,}{'P' * row.pinned}", 5, align="right", priority=98
)

REVIEW = (ORDER, CUSTOMER, UNITS_HERE, ORDERED_ON, QUEUE, STATUS, PROMISE, DAYS, LINE, NOTE)
REMOVE = (ORDER, CUSTOMER, UNITS_HERE, ORDERED_ON, QUEUE, PROMISE, LINE, NOTE)
ALLOCATE = (ORDER, CUSTOMER, OPEN_UNITS, ORDERED_ON, QUEUE, OLD_PROMISE, NEW_PROMISE, LINE, NOTE)
SYNC = (ORDER, CUSTOMER, UNITS_HERE, OLD_PROMISE, NEW_PROMISE, DAYS, SLIP, QUEUE, LINE, NOTE)
