"""Find Purchase Orders: one row per item, or groups of them with totals."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from preorder_tui.records import (
    Count,
    Key,
    Page,
    PurchaseGrouping,
    PurchaseGroupRow,
    PurchaseItemRow,
    PurchaseOrderQuery,
)
from preorder_tui.words import ITEM_STATUS_WORDS, ORDER_STATUS_WORDS
from screens.dialogs.choose import Choice, Choose
from screens.dialogs.filter_form import FilterField
from screens.find_page import FIND_ACTIONS, FindPage
from screens.line_list import LineList
from screens.purchase_columns import GROUP_COLUMNS, ITEM_COLUMNS
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.service_calls import run_in_thread

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


def row_id(row: Any) -> Hashable:
    """A line or a group."""
    return row.group if isinstance(row, PurchaseGroupRow) else row.line


class FindPurchaseOrders(FindPage[PurchaseOrderQuery]):
    """The list of purchase order items."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("open", *FIND_ACTIONS[:2], "group", *FIND_ACTIONS[2:])
    PATH: ClassVar[tuple[str, ...]] = ("Procurement", "Purchase Orders")
    HELP = """Every purchase order, one row per item. / searches as you type: purchase order id,
    internal id, product name, SKU. f opens the filters, s takes the next sort, g chooses what
    to group by: a group shows totals and the first and last arrival; Enter opens it, Esc goes
    back to the groups. Enter on an item opens its purchase order. o writes the whole list to a
    CSV file, d keeps and uses filters under a name.
    Marks: late is past its arrival and not received; sync 3 says that three sales order lines are
    promised another date than sync would set."""
    SAVED_AS: ClassVar[str] = "find-purchase-orders"
    FILE_NAME: ClassVar[str] = "purchase-orders.csv"
    SORTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("estimatedDeliveryDate", "arrival date"),
        ("orderId", "order id"),
        ("availableToPromise", "ATP"),
        ("productId", "SKU"),
    )

    def __init__(self) -> None:
        super().__init__(PurchaseOrderQuery())
        self._group_left: PurchaseGroupRow | None = None
        """The group that is open; the cursor returns to it."""

    # --- The list ---------------------------------------------------------------------------------

    @property
    def shows_groups(self) -> bool:
        """Whether the rows are groups."""
        query = self.query_shown
        return query.grouping != "item" and query.group is None

    def make_list(self) -> LineList[Any]:
        """Items first."""
        return LineList(
            ITEM_COLUMNS,
            row_id,
            source=self.page_of,
            taggable=False,
            empty="No purchase order item fits.",
        )

    async def page_of(
        self, size: int, *, after: Key | None = None, before: Key | None = None,
        place: str = "first",
    ) -> Page[Any]:  # fmt: skip
        """A page of items or of groups."""
        find: Any = (
            self.service.find_purchase_groups
            if self.shows_groups
            else self.service.find_purchase_items
        )
        page: Page[Any] = await run_in_thread(
            find, self.query_shown, size, after=after, before=before, place=place
        )
        return page

    def show_query(self) -> None:
        """Items and groups have their own columns."""
        line_list = self.line_list
        line_list.show_columns(GROUP_COLUMNS if self.shows_groups else ITEM_COLUMNS)
        line_list.show_source(self.page_of)

    def count(self, query: PurchaseOrderQuery) -> Count:
        """Items, or groups."""
        return self.service.count_purchase_items(query)

    def counted(self, count: Count) -> str:
        """With its noun."""
        noun = "group" if self.shows_groups else "item"
        return f"{count} {noun}{'' if count.number == 1 else 's'}"

    def view_in_words(self) -> Sequence[str]:
        """The grouping, or the group that is open."""
        query = self.query_shown
        if query.grouping == "item":
            return ()
        name = dict(GROUPINGS)[query.grouping]
        if self._group_left is not None and query.group is not None:
            return (f"{name} {self._group_left.label}",)
        return (f"grouped by {name.lower()}",)

    def export(self, query: PurchaseOrderQuery, path: Path, *, replace: bool) -> int:
        """All items."""
        return self.service.export_purchase_items(query, path, replace=replace)

    async def filter_fields(self) -> Sequence[FilterField]:
        """Status, arrival, facility, late, ATP, out of sync."""
        choices = await self.call(self.service.sales_choices)
        statuses = tuple((one, ORDER_STATUS_WORDS[one]) for one in STATUSES)
        item_statuses = tuple((one, ITEM_STATUS_WORDS[one]) for one in ITEM_STATUSES)
        return (
            FilterField("statuses", "Status", "some", "1", statuses),
            FilterField("item_statuses", "Item status", "some", "2", item_statuses),
            FilterField("arrival_from", "Arrival from", "day", "3"),
            FilterField("arrival_to", "Arrival to", "day", "4"),
            FilterField("facility_id", "Facility", "one", "5", choices.facilities),
            FilterField("late", "Late", "flag", "6"),
            FilterField("has_atp", "Has ATP", "flag", "7"),
            FilterField("out_of_sync", "Out of sync", "flag", "8"),
        )

    # --- Groups -----------------------------------------------------------------------------------

    async def do_group(self) -> None:
        """Choose what to group by."""
        choices = [Choice(value, words) for value, words in GROUPINGS]
        chosen = await self.ask(Choose("Group by", choices, at=self.query_shown.grouping))
        if chosen is not None:
            self._group_left = None
            self.search(replace(self.query_shown, grouping=chosen, group=None))

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: into the group, or to the purchase order."""
        event.stop()
        row = event.row
        if isinstance(row, PurchaseGroupRow):
            self._group_left = row
            self.search(replace(self.query_shown, group=row.group))
        elif isinstance(row, PurchaseItemRow):
            page = PurchaseOrderDetail(row.line.order_id, row.line)
            self.desk.start_flow(self.desk.open_page(page))

    def _back_to_groups(self) -> bool:
        query = self.query_shown
        if query.group is None:
            return False
        left, self._group_left = self._group_left, None
        self.search(replace(query, group=None))
        if left is not None:
            self.line_list.return_to(left.group)
        return True

    def do_close(self) -> object:
        """Esc: out of the search field, out of the group, off the page."""
        if self.focused is self.line_list and self._back_to_groups():
            return None
        return super().do_close()

    def do_back(self) -> object:
        """F12: out of the group, off the page."""
        return None if self._back_to_groups() else super().do_back()
