"""What Find Purchase Orders shows: its filters, search, sort and grouping, and their words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from preorder_tui.marks import OPEN_ITEM_STATUSES
from preorder_tui.records import PurchaseGrouping, PurchaseOrderQuery, PurchaseSort
from preorder_tui.words import word
from screens.date_ranges import days_of, words_of

SORTS: tuple[tuple[PurchaseSort, str], ...] = (
    ("estimatedDeliveryDate", "soonest arrival first"),
    ("availableToPromise", "most ATP first"),
    ("orderId", "by order id"),
    ("productId", "by SKU"),
)
GROUPINGS: tuple[tuple[PurchaseGrouping, str], ...] = (
    ("item", "Order item"),
    ("purchase order", "Purchase order"),
    ("product", "Product"),
    ("parent product", "Parent product"),
    ("arrival date", "Arrival date"),
    ("facility", "Facility"),
)
STATUSES = ("ORDER_CREATED", "ORDER_APPROVED", "ORDER_COMPLETED", "ORDER_CANCELLED")
ITEM_STATUSES = ("ITEM_CREATED", "ITEM_APPROVED", "ITEM_COMPLETED", "ITEM_CANCELLED")
ALLOWED: dict[str, dict[Any, str]] = {"sort": dict(SORTS), "grouping": dict(GROUPINGS)}
"""Fields of a saved filter that have only these values."""


@dataclass(frozen=True)
class PurchaseFilters:
    """Everything that a saved filter keeps; all of it is text and truth values."""

    text: str = ""
    statuses: tuple[str, ...] = ()
    item_statuses: tuple[str, ...] = ()
    arrival: str = ""
    facility_id: str = ""
    late: bool = False
    has_atp: bool = False
    out_of_sync: bool = False
    sort: PurchaseSort = "estimatedDeliveryDate"
    grouping: PurchaseGrouping = "item"

    def query(self, today: date, group: str | None = None) -> PurchaseOrderQuery:
        """The query, with presets worked out for today.

        Args:
            today: the day at the site.
            group: the group that is open.
        """
        arrival = days_of(self.arrival, today)
        return PurchaseOrderQuery(
            text=self.text.strip(),
            statuses=self.statuses,
            item_statuses=self.item_statuses,
            facility_id=self.facility_id or None,
            arrival_from=arrival[0],
            arrival_to=arrival[1],
            late=self.late,
            has_atp=self.has_atp,
            out_of_sync=self.out_of_sync,
            sort=self.sort,
            grouping=self.grouping,
            group=group,
        )

    def words(self) -> list[str]:
        """The active filters, each in a word or two."""
        words = [f'"{self.text.strip()}"'] if self.text.strip() else []
        words += [" or ".join(map(word, one)) for one in (self.statuses,) if one]
        if self.open_only:
            words.append("open")
        elif self.item_statuses:
            words.append(f"item {' or '.join(map(word, self.item_statuses))}")
        if self.arrival:
            words.append(f"arrival {words_of(self.arrival)}")
        if self.facility_id:
            words.append(f"at {word(self.facility_id)}")
        flags = ((self.late, "late"), (self.has_atp, "has ATP"), (self.out_of_sync, "out of sync"))
        return words + [text for flag, text in flags if flag]

    @property
    def open_only(self) -> bool:
        """Whether exactly what is still to come is shown."""
        return set(self.item_statuses) == set(OPEN_ITEM_STATUSES)

    def toggled_open(self) -> PurchaseFilters:
        """Only what is still to come, or completed and cancelled items too."""
        return replace(self, item_statuses=() if self.open_only else OPEN_ITEM_STATUSES)

    def sort_words(self) -> str:
        """The sort."""
        return dict(SORTS)[self.sort]

    def grouping_words(self) -> str:
        """The grouping."""
        return dict(GROUPINGS)[self.grouping]
