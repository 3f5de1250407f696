"""What the service returns: frozen records, light to import, safe to show.

Every text that came from data is cleaned (:mod:`preorder_tui.text`) before it gets in here.
Dates are days at the site; moments carry the site's zone. Quantities are whole units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from preorder_tui.lines import LineId

Row = TypeVar("Row")
Key = tuple[Any, ...]
"""Where a row stands in its sort order; opaque to everyone but the query that made it."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Consecutive rows of a list, with the key of each row, in the order shown."""

    rows: tuple[Row, ...]
    keys: tuple[Key, ...]
    at_start: bool
    at_end: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a list has; ``capped`` says that counting stopped at ``number``."""

    number: int
    capped: bool

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.capped else ''}"


# --- Products -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProductInfo:
    """A variant as people name it."""

    product_id: str
    sku: str
    name: str
    parent_name: str
    color: str
    size: str
    upc: str


# --- Lists --------------------------------------------------------------------------------------

AllocationState = Literal["unallocated", "partly", "allocated", "none"]
"""Of a line that still waits: R-07. ``none``: nothing to allocate (cancelled, completed)."""


@dataclass(frozen=True, slots=True)
class SalesOrderRow:
    """One order of Find Sales Order."""

    order_id: str
    order_name: str
    external_id: str
    order_date: datetime
    customer_name: str
    status_id: str
    product_store_id: str
    sales_channel_enum_id: str
    item_count: int
    unit_count: int
    allocated_items: int
    partly_allocated_items: int
    unallocated_items: int
    before_arrival_items: int
    overdue_items: int
    promise_date: date | None  # the earliest among its open lines
    pinned: bool = False  # one of its allocations is


@dataclass(frozen=True, slots=True)
class SalesItemRow:
    """One line of Find Sales Order with its order's columns."""

    line: LineId
    order_name: str
    external_id: str
    order_date: datetime
    customer_name: str
    order_status_id: str
    item_status_id: str
    product: ProductInfo
    quantity: int
    allocated: int
    allocation_state: AllocationState
    facility_id: str
    shipment_method_type_id: str
    promise_date: date | None
    arrival_date: date | None
    corresponding_po_id: str
    corresponding_po_external_id: str
    auto_cancel_date: date | None
    before_arrival: bool
    overdue: bool
    pinned: bool = False  # one of its allocations is


# --- Queries ------------------------------------------------------------------------------------

AllocationFilter = Literal["any", "allocated", "partly", "unallocated"]
SalesSort = Literal["orderDate", "promisedDatetime", "autoCancelDate"]
PurchaseSort = Literal["estimatedDeliveryDate", "orderId", "availableToPromise", "productId"]
PurchaseGrouping = Literal[
    "item", "purchase order", "product", "parent product", "arrival date", "facility"
]


@dataclass(frozen=True, slots=True)
class SalesOrderQuery:
    """What Find Sales Order shows. Empty or None means no restriction."""

    text: str = ""
    statuses: tuple[str, ...] = ()
    item_statuses: tuple[str, ...] = ()
    product_store_id: str | None = None
    facility_ids: tuple[str, ...] = ()  # queues too
    sales_channel_enum_id: str | None = None
    shipment_method_type_id: str | None = None
    ordered_from: date | None = None
    ordered_to: date | None = None
    promised_from: date | None = None
    promised_to: date | None = None
    auto_cancel_from: date | None = None
    auto_cancel_to: date | None = None
    without_promise: bool = False
    allocation: AllocationFilter = "any"
    before_arrival: bool = False
    overdue: bool = False
    purchase_order_id: str | None = None
    product_id: str | None = None
    sort: SalesSort = "orderDate"

    def restricted(self) -> bool:
        """Whether any filter or search is set."""
        return self != SalesOrderQuery(sort=self.sort)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a filter form offers: identifiers with their words."""

    product_stores: tuple[tuple[str, str], ...]
    facilities: tuple[tuple[str, str], ...]
    sales_channels: tuple[tuple[str, str], ...]
    shipment_methods: tuple[tuple[str, str], ...]


# --- Outcomes -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning or a refusal about one line, as a sentence, with the rule it comes from."""

    line: LineId | None
    sentence: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an applied plan did: exactly what, to how many, and what was refused and why."""

    change_set_id: int | None  # None: there was nothing to change
    applied: int
    summary: str
    refused: Sequence[Notice] = field(default=())
    warnings: tuple[Notice, ...] = field(default=())


# --- Records that a list of sales orders needs none of -------------------------------------------

if TYPE_CHECKING:
    from preorder_tui.detail_records import (  # noqa: I001 (named twice: for others to import)
        Allocation as Allocation,
        AllocationReview as AllocationReview,
        ChangeSetRow as ChangeSetRow,
        Demand as Demand,
        DemandEntry as DemandEntry,
        DemandRow as DemandRow,
        DemandStart as DemandStart,
        HistoryRow as HistoryRow,
        PurchaseGroupRow as PurchaseGroupRow,
        PurchaseItemRow as PurchaseItemRow,
        PurchaseLine as PurchaseLine,
        PurchaseOrder as PurchaseOrder,
        PurchaseOrderQuery as PurchaseOrderQuery,
        SalesLine as SalesLine,
        SalesOrder as SalesOrder,
        ShipGroup as ShipGroup,
        SupplyFacts as SupplyFacts,
        SupplyRow as SupplyRow,
    )
else:

    def __getattr__(name: str) -> Any:
        if not name.startswith("_"):
            from preorder_tui import detail_records

            return getattr(detail_records, name)
        raise AttributeError(name)
