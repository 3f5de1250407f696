"""What Find Sales Order shows: its filters, search, sort and view, and how they read in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from preorder_tui.records import AllocationFilter, SalesOrderQuery, SalesSort
from preorder_tui.words import (
    BACKORDER_PARKING,
    BROKERING_QUEUE,
    PRE_ORDER_PARKING,
    UNFILLABLE_HOLD,
    word,
)
from screens.date_ranges import days_of, words_of

QUEUES: tuple[tuple[str, str], ...] = (
    (PRE_ORDER_PARKING, "Pre-Orders"),
    (BACKORDER_PARKING, "Back Orders"),
    (BROKERING_QUEUE, "Brokering Queue"),
    (UNFILLABLE_HOLD, "Unfillable Hold"),
)
"""The queue tick boxes, in the words of the OMS."""

SORTS: tuple[tuple[SalesSort, str], ...] = (
    ("orderDate", "newest first"),
    ("promisedDatetime", "soonest promise first"),
    ("autoCancelDate", "soonest auto-cancel first"),
)
ALLOCATIONS: tuple[tuple[AllocationFilter, str], ...] = (
    ("any", "any"),
    ("unallocated", "unallocated"),
    ("partly", "partly allocated"),
    ("allocated", "allocated"),
)
AUTO_CANCEL_TODAY = "today"


@dataclass(frozen=True)
class SalesFilters:
    """Everything that a saved filter keeps; all of it is text, numbers and truth values."""

    text: str = ""
    allocation: AllocationFilter = "any"
    queues: tuple[str, ...] = ()
    before_arrival: bool = False
    overdue: bool = False
    without_promise: bool = False
    statuses: tuple[str, ...] = ()
    item_statuses: tuple[str, ...] = ()
    promised: str = ""
    ordered: str = ""
    auto_cancel: str = ""
    product_store_id: str = ""
    facility_id: str = ""
    sales_channel_enum_id: str = ""
    shipment_method_type_id: str = ""
    purchase_order_id: str = ""
    purchase_order_name: str = ""
    product_id: str = ""
    product_sku: str = ""
    sort: SalesSort = "orderDate"
    items: bool = False

    def query(self, today: date) -> SalesOrderQuery:
        """The query, with presets worked out for today."""
        ordered, promised = days_of(self.ordered, today), days_of(self.promised, today)
        auto_cancel = days_of(self.auto_cancel, today)
        facilities = self.queues + ((self.facility_id,) if self.facility_id else ())
        return SalesOrderQuery(
            text=self.text.strip(),
            statuses=self.statuses,
            item_statuses=self.item_statuses,
            product_store_id=self.product_store_id or None,
            facility_ids=facilities,
            sales_channel_enum_id=self.sales_channel_enum_id or None,
            shipment_method_type_id=self.shipment_method_type_id or None,
            ordered_from=ordered[0],
            ordered_to=ordered[1],
            promised_from=promised[0],
            promised_to=promised[1],
            auto_cancel_from=auto_cancel[0],
            auto_cancel_to=auto_cancel[1],
            without_promise=self.without_promise,
            allocation=self.allocation,
            before_arrival=self.before_arrival,
            overdue=self.overdue,
            purchase_order_id=self.purchase_order_id or None,
            product_id=self.product_id or None,
            sort=self.sort,
        )

    def words(self) -> list[str]:
        """The active filters, each in a word or two."""
        words = [f'"{self.text.strip()}"'] if self.text.strip() else []
        if self.allocation != "any":
            words.append(dict(ALLOCATIONS)[self.allocation])
        names = dict(QUEUES)
        if self.queues:
            words.append(" or ".join(names.get(one, word(one)) for one in self.queues))
        flags = (
            (self.before_arrival, "promise before arrival"),
            (self.overdue, "overdue"),
            (self.without_promise, "without promise date"),
        )
        words += [text for flag, text in flags if flag]
        words += [" or ".join(map(word, one)) for one in (self.statuses,) if one]
        words += [f"item {' or '.join(map(word, one))}" for one in (self.item_statuses,) if one]
        for name, text in (
            ("promised", self.promised),
            ("ordered", self.ordered),
            ("auto-cancel", self.auto_cancel),
        ):
            if text:
                words.append(f"{name} {words_of(text)}")
        for name, text in (
            ("store", self.product_store_id),
            ("at", word(self.facility_id)),
            ("channel", word(self.sales_channel_enum_id)),
            ("by", self.shipment_method_type_id),
            ("PO", self.purchase_order_name or self.purchase_order_id),
            ("SKU", self.product_sku or self.product_id),
        ):
            if text:
                words.append(f"{name} {text}")
        return words

    def sort_words(self) -> str:
        """The sort."""
        return dict(SORTS)[self.sort]


ALLOWED: dict[str, dict[str, str]] = {
    "sort": dict[str, str](SORTS),
    "allocation": dict[str, str](ALLOCATIONS),
}
"""Fields of a saved filter that have only these values."""
