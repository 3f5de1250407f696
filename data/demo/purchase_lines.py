"""What is planned for one purchase order and for one line of it."""

from __future__ import annotations

from data.demo.journal import DESK_USERS, Line
from data.demo.story_time import NEVER

CREATED, APPROVED, COMPLETED, CANCELLED = (
    "ORDER_CREATED", "ORDER_APPROVED", "ORDER_COMPLETED", "ORDER_CANCELLED",
)  # fmt: skip


class PurchaseLine:
    """A purchase order line's plan. There are 200,000 in the largest demo, hence the slots."""

    __slots__ = (
        "allocated", "arrival", "arrival_slot", "available_from", "cancel_slot", "cancelled",
        "ceiling", "first_arrival", "key", "last_event", "left", "order", "product", "quantity",
        "receipts", "received", "received_day", "status", "sync_slot", "until",
    )  # fmt: skip

    key: Line
    product: int
    quantity: int
    cancelled: int
    ceiling: int | None
    received: int
    receipts: tuple[tuple[int, int], ...]  # day, units
    received_day: int  # when the last unit that was ordered came in; NEVER while some are missing
    status: str
    first_arrival: int
    arrival: int
    arrival_slot: int  # when the arrival date changed
    sync_slot: int  # when the change was carried to the sales orders
    cancel_slot: int
    last_event: int
    available_from: int  # the day it was entered
    until: int  # the last day on which automatic allocation takes it
    left: int  # what allocation may still take
    allocated: int  # what is allocated today
    order: PurchaseOrder

    def arrival_at(self, at: int) -> int:
        """The arrival day as it was known at a slot."""
        return self.first_arrival if at < self.arrival_slot else self.arrival

    @property
    def user(self) -> str:
        """Who looks after the line."""
        return DESK_USERS[(self.order.number + self.product) % len(DESK_USERS)]

    @property
    def cancelled_with(self) -> PurchaseOrder | PurchaseLine:
        """What was cancelled, the whole order or the line: the key of that change set."""
        return self.order if self.order.status == CANCELLED else self


class PurchaseOrder:
    """A purchase order's plan."""

    __slots__ = (
        "appends", "arrival", "cancel_day", "entry_day", "entry_second", "external_id", "lines",
        "number", "order_id", "products", "status", "supplier",
    )  # fmt: skip

    def __init__(self, status: str) -> None:
        self.status = status
        self.lines: list[PurchaseLine] = []
        self.products: list[int] = []
        self.number = 0
        self.order_id = ""
        self.external_id = ""
        self.cancel_day = NEVER
        self.appends = False  # its last line was added later
        self.entry_day = self.entry_second = self.arrival = self.supplier = 0
