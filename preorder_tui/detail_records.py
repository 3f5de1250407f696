"""The records that no list of sales orders needs: orders whole, purchase orders, the journal.

They are asked for by their names in :mod:`preorder_tui.records`, which imports this module when the
first of them is; making them takes as long as a tenth of the desk's first frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from preorder_tui.lines import LineId
from preorder_tui.records import (
    AllocationState,
    Key,
    Page,
    ProductInfo,
    PurchaseGrouping,
    PurchaseSort,
)

# --- Lists of purchase orders -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PurchaseItemRow:
    """One line of Find Purchase Orders."""

    line: LineId
    external_id: str
    order_status_id: str
    item_status_id: str
    product: ProductInfo
    facility_id: str
    quantity: int  # ordered: quantity - cancelled
    received: int
    allocated: int
    available_to_promise: int
    created_date: date
    arrival_date: date | None
    out_of_sync_items: int
    late: bool  # arrival in the past and not received


@dataclass(frozen=True, slots=True)
class PurchaseGroupRow:
    """One group of Find Purchase Orders (by order, product, parent product, arrival, facility)."""

    group: str  # the key that opens the group
    label: str
    item_count: int
    quantity: int
    received: int
    allocated: int
    available_to_promise: int
    first_arrival: date | None
    last_arrival: date | None


# --- One order ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Allocation:
    """Units of a sales order line that come from a purchase order line."""

    sales_line: LineId
    purchase_line: LineId
    purchase_external_id: str
    quantity: int
    arrival_date: date | None
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class SalesLine:
    """A line of View Sales Order."""

    line: LineId
    external_id: str
    product: ProductInfo
    quantity: int  # ordered
    cancelled: int
    allocated: int
    open_quantity: int  # quantity - cancelled - allocated; 0 when nothing may be allocated
    unit_price: Decimal | None
    status_id: str
    facility_id: str
    ship_group_seq_id: str
    corresponding_po_id: str
    corresponding_po_external_id: str
    promise_date: date | None
    promised_datetime: datetime | None
    arrival_date: date | None  # the latest among its allocations
    auto_cancel_date: date | None
    allocation_state: AllocationState
    marks: tuple[str, ...]  # plain words: unallocated, partly, promise before arrival, overdue, …
    allocations: tuple[Allocation, ...]
    editable: bool
    read_only_reason: str
    not_waiting: str  # why it may not be allocated; empty when it may
    not_removable: str  # why its allocation must stay; empty when it need not
    version: int

    @property
    def ordered(self) -> int:
        """Units that the customer is to get: quantity - cancelled."""
        return self.quantity - self.cancelled


@dataclass(frozen=True, slots=True)
class ShipGroup:
    """Where lines of a sales order go, and the queue they wait in."""

    ship_group_seq_id: str
    facility_id: str
    facility_name: str
    shipment_method_type_id: str
    ship_to: str


@dataclass(frozen=True, slots=True)
class SalesOrder:
    """View Sales Order: the header and all lines."""

    order_id: str
    order_name: str
    external_id: str
    order_date: datetime
    entry_date: datetime
    status_id: str
    product_store_id: str
    sales_channel_enum_id: str
    currency_uom: str
    grand_total: Decimal | None
    customer_name: str
    customer_email: str
    customer_phone: str
    customer_address: str
    ship_groups: tuple[ShipGroup, ...]
    items: tuple[SalesLine, ...]


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A line of Purchase Order Detail."""

    line: LineId
    external_id: str
    product: ProductInfo
    quantity: int  # as ordered from the supplier
    cancelled: int
    received: int
    allocated: int
    available_to_promise: int
    atp_ceiling: int | None
    unit_price: Decimal | None
    arrival_date: date | None
    status_id: str
    is_new_product: bool
    out_of_sync_items: int  # allocated open lines whose promise differs from what sync would set
    order_count: int  # sales orders allocated to it
    late: bool
    editable: bool
    read_only_reason: str
    version: int

    @property
    def ordered(self) -> int:
        """Units that the supplier is to deliver: quantity - cancelled."""
        return self.quantity - self.cancelled


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """Purchase Order Detail: the header and all lines."""

    order_id: str
    external_id: str
    status_id: str
    entry_date: datetime
    facility_id: str
    facility_name: str
    facility_address: str
    supplier_name: str
    product_store_id: str
    allocated_orders: int
    pre_orders: int
    backorders: int
    items: tuple[PurchaseLine, ...]
    timeline: tuple[tuple[datetime, str], ...]
    communications: tuple[tuple[datetime, str], ...]
    editable: bool
    read_only_reason: str


@dataclass(frozen=True, slots=True)
class SupplyRow:
    """A purchase order line offered to a sales order line (§3.3.1)."""

    line: LineId
    external_id: str
    order_status_id: str
    item_status_id: str
    facility_id: str
    arrival_date: date | None
    ordered: int
    allocated: int
    received: int
    available_to_promise: int
    already_allocated: int  # units that the asking line has from it now
    days_after_promise: int | None  # arrival minus the present promise; positive is later
    eligible: bool
    reason: str  # why it is not eligible, or the warning that goes with it


@dataclass(frozen=True, slots=True)
class DemandRow:
    """A sales order line in a purchase order line's lists: allocate, sync, remove, review."""

    line: LineId
    order_name: str
    external_id: str
    order_date: datetime
    customer_name: str
    facility_id: str
    order_status_id: str
    item_status_id: str
    quantity: int  # ordered - cancelled
    allocated: int  # from all purchase order lines
    allocated_here: int  # from the purchase order line asked about
    open_quantity: int
    promise_date: date | None
    new_promise_date: date | None  # what sync or allocation would promise
    days: int | None  # new - old; for review: promise - arrival
    marks: tuple[str, ...]
    eligible: bool
    reason: str
    pinned: bool = False  # in review its allocation here, elsewhere any of its allocations


@dataclass(frozen=True, slots=True)
class SupplyFacts:
    """The purchase order line that a list of sales order lines is about."""

    line: LineId
    external_id: str
    product: ProductInfo
    quantity: int  # ordered: quantity - cancelled
    received: int
    consumed: int
    available_to_promise: int
    arrival_date: date | None


@dataclass(frozen=True, slots=True)
class AllocationReview(SupplyFacts):
    """Review Allocations of one purchase order line, whole."""

    recorded: int  # the same as consumed, recounted from the allocation rows
    rows: tuple[DemandRow, ...]
    cancelled_rows: tuple[DemandRow, ...]


Demand = Literal["review", "allocate", "sync"]
"""A list of sales order lines: those with units of a purchase order line, those it could serve, and
the first again with what sync would promise."""


class DemandEntry(NamedTuple):
    """A line of such a list before it is read in full: what can be added up, and why not chosen.

    What it says, a :class:`DemandRow` says by the same names.
    """

    placed: Any  # its order's date as it is stored, which with the line says where it stands
    line: LineId
    allocated_here: int
    open_quantity: int
    days: int | None = None
    reason: str = ""
    pinned: bool = False
    cancelled: bool = False

    @property
    def key(self) -> Key:
        """Its key on a page."""
        return (self.cancelled, self.placed, *self.line)


@dataclass(frozen=True, slots=True)
class DemandStart:
    """What such a list opens with."""

    facts: SupplyFacts
    page: Page[DemandRow]


# --- History ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One journal row, newest first in every list."""

    change_set_id: int
    changed_at: datetime
    user: str
    change_type_enum_id: str
    line: LineId | None
    order_id: str
    to_line: LineId | None
    field: str
    old_value: str | None  # as stored; dates in ISO form
    new_value: str | None
    old_text: str  # as people read it
    new_text: str
    line_name: str  # the line or order as people call it: a purchase order by its external id
    to_line_name: str  # the same of the purchase order line of an allocation, or empty
    reason: str  # words of the reason, if one was chosen
    comments: str


@dataclass(frozen=True, slots=True)
class ChangeSetRow:
    """One applied plan in the list of change sets."""

    change_set_id: int
    changed_at: datetime
    user: str
    origin: str
    command: str
    comments: str
    change_count: int
    inverse_of: int | None
    undone_by: int | None  # the change set that took it back, when it stands undone


# --- Queries ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PurchaseOrderQuery:
    """What Find Purchase Orders shows. Empty or None means no restriction."""

    text: str = ""
    statuses: tuple[str, ...] = ()
    item_statuses: tuple[str, ...] = ()
    facility_id: str | None = None
    arrival_from: date | None = None
    arrival_to: date | None = None
    late: bool = False
    has_atp: bool = False
    out_of_sync: bool = False
    sort: PurchaseSort = "estimatedDeliveryDate"
    grouping: PurchaseGrouping = "item"
    group: str | None = None  # open one group of that grouping: its rows

    def restricted(self) -> bool:
        """Whether any filter or search is set."""
        return self != PurchaseOrderQuery(sort=self.sort, grouping=self.grouping)
