"""Find Sales Order: the landing page of the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from textual import events

from preorder_tui.records import Count, Page, SalesItemRow, SalesOrderRow
from preorder_tui.words import BACKORDER_PARKING, PRE_ORDER_PARKING
from screens import pages
from screens.find_page import FindPage
from screens.found_list import FoundList
from screens.kept_filters import from_fields, to_fields
from screens.line_list import LineList
from screens.sales_columns import ITEM_COLUMNS, ORDER_COLUMNS, ItemLine
from screens.sales_filters import (
    ALLOCATIONS,
    ALLOWED,
    AUTO_CANCEL_TODAY,
    QUEUES,
    SORTS,
    SalesFilters,
)
from screens.service_calls import run_in_thread

Change = Callable[[SalesFilters], SalesFilters]


class FindSalesOrders(FindPage):
    """Orders, or their items grouped under them."""

    ACTIONS: ClassVar[tuple[str, ...]] = (
        "filter", "filters", "items", "why", "open", "sort", "saved", "export", "quick",
        "pin", "auto",
    )  # fmt: skip
    PATH: ClassVar[tuple[str, ...]] = ("Order Management", "Sales Orders")
    SEARCHES = "/ searches: order, name, customer, SKU, product"
    SAVED_AS = "sales"
    EXPORT_NAME = "sales-orders"
    HELP = """All sales orders, the newest first. One row is one order, because that is what a
    customer asks about; i shows its items instead, and orders again. Enter opens the order.
    / types what to look for: words in the order id, its name, its external id, the customer, the
    SKU or the product name; the list follows while you type. Enter or Down goes to the list, Esc
    takes the text away.
    f opens the form with all filters. Digits set the most used at once: 1 pre-orders, 2 back
    orders, 3 brokering queue, 4 unfillable hold, 5 auto-cancel today, 6 the allocation (any,
    unallocated, partly, allocated), 7 promise before arrival, 8 overdue, 9 without promise date;
    0 takes all filters away. The line above the list says which are active and how many rows they
    find; counting stops at 10,000.
    In the column Promise, ! marks an overdue date and < one before the supply arrives.
    W says why an item is unallocated or late, and what would help.
    w opens Auto-allocate for exactly the lines that the filters find. Among the items P pins an
    allocation, so that no job moves it, or unpins it; "allocated P" is a pinned one.
    s changes the sort, d uses or keeps filters under a name, o writes all rows to a CSV file."""

    def __init__(self, filters: SalesFilters | None = None) -> None:
        super().__init__()
        self.filters = filters or SalesFilters()
        self._order_of_key: dict[tuple[Any, ...], str] = {}

    # --- What is found ----------------------------------------------------------------------------

    def lists(self) -> Iterable[FoundList[Any]]:
        """Orders, and items."""
        yield FoundList(ORDER_COLUMNS, lambda row: row.order_id, taggable=False, id="orders")
        yield FoundList(ITEM_COLUMNS, lambda line: line.row.line, taggable=False, id="items")

    def shown(self) -> str:
        """Which of the two."""
        return "items" if self.filters.items else "orders"

    def question(self) -> object:
        """The query of today."""
        return self.filters.query(self.service.clock.today())

    @property
    def search_text(self) -> str:
        """What is searched for."""
        return self.filters.text

    def search_for(self, text: str) -> None:
        """Take what is searched for."""
        self.filters = replace(self.filters, text=text)

    def words(self) -> tuple[list[str], str, str]:
        """The filters, orders or items, the sort."""
        return self.filters.words(), self.shown(), self.filters.sort_words()

    def read_page(self, shown: str, size: int, **where: Any) -> Page[Any]:
        """A page of orders or items."""
        query = self.filters.query(self.service.clock.today())
        if shown == "orders":
            orders: Page[SalesOrderRow] = self.service.find_sales_orders(query, size, **where)
            return orders
        return self._under_their_orders(
            self.service.find_sales_items(query, size, **where), where.get("after")
        )

    def _under_their_orders(
        self, page: Page[SalesItemRow], after: tuple[Any, ...] | None
    ) -> Page[ItemLine]:
        before = None if after is None else self._order_of_key.get(after)
        lines = []
        for row, key in zip(page.rows, page.keys, strict=True):
            order_id = row.line.order_id
            lines.append(ItemLine(row, order_id != before))
            self._order_of_key[key] = before = order_id
        return Page(tuple(lines), page.keys, page.at_start, page.at_end)

    def read_count(self) -> Count:
        """How many orders or items."""
        query = self.filters.query(self.service.clock.today())
        return self.service.count_sales_orders(query, items=self.filters.items)

    async def database_opening(
        self, read_first: Callable[[int], Page[SalesOrderRow] | None]
    ) -> None:
        """Show the newest orders, if that is what is asked for; keys wait for the database."""
        if self.filters != SalesFilters():
            return
        page = await run_in_thread(read_first, self.found.lines_shown)
        if page is not None and page.rows:
            self.found.show_before_reading(page)
            await self.desk.until_painted()  # what comes next leaves little time for painting

    # --- Keys -------------------------------------------------------------------------------------

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: the order, with the cursor on the item."""
        event.stop()
        row = event.row
        if isinstance(row, ItemLine):
            line = row.row.line
            page = pages.make_from(pages.SALES_ORDER, line.order_id, line)
        else:
            page = pages.make_from(pages.SALES_ORDER, row.order_id)
        self.desk.start_flow(self.desk.open_page(page))

    def _filter(self, change: Change) -> None:
        self.filters = change(self.filters)
        self.find(hold_keys=True)

    def do_items(self) -> None:
        """Orders or items; the cursor stays on its order, or near it where dates sort the items."""
        key = self.found.current_key
        if key is not None:  # an item's key is that of its order and the item
            key = key[:-1] if self.filters.items else (*key, "")
        self.filters = replace(self.filters, items=not self.filters.items)
        self._order_of_key.clear()
        self.find(hold_keys=True, near=key)
        self.set_focus(self.found)

    def do_sort(self) -> None:
        """The next sort."""
        names = [name for name, _ in SORTS]
        following = names[(names.index(self.filters.sort) + 1) % len(names)]
        self._filter(lambda now: replace(now, sort=following))
        self.say(f"Sorted: {self.filters.sort_words()}.")

    async def do_why(self) -> None:
        """Why the item, or one of the order's, stands as it does."""
        from screens import explaining

        row = self.found.current
        if isinstance(row, ItemLine):
            await explaining.why(self, row.row.line)
        elif row is not None:
            await explaining.why_of_order(self, row.order_id)

    def reason_against(self, name: str) -> str | None:
        """Only an item can be pinned."""
        if name == "pin" and not isinstance(self.found.current, ItemLine):
            return "There is no item here." if self.filters.items else "i shows items to pin."
        return super().reason_against(name)

    async def do_pin(self) -> None:
        """Pin or unpin the item's allocation."""
        from screens import sales_line_actions

        row = self.found.current
        assert isinstance(row, ItemLine)  # reason_against has made sure of it
        await sales_line_actions.pin_line(self, row.row.line)

    async def do_auto(self) -> None:
        """Auto-allocate the lines that are found."""
        from screens import job_scope

        query = self.filters.query(self.service.clock.today())
        await job_scope.open_auto_allocate(
            self, job_scope.of_sales_search(query, self.filters.words())
        )

    async def do_filters(self) -> None:
        """The filter form."""
        from screens.dialogs.filter_form import FilterForm
        from screens.sales_filter_fields import sales_fields

        choices = await self.call(self.service.sales_choices)
        form = FilterForm("Filters of Find Sales Order", sales_fields(choices), self.filters)
        answer = await self.ask(form)
        if answer is not None:
            self._filter(lambda _: answer)

    def on_key(self, event: events.Key) -> None:
        """Digits: the most used filters."""
        quick = _QUICK.get(event.character or "")
        if quick is None or self.focused is not self.found:
            return
        event.stop()
        self._filter(quick)
        if event.character == "0":
            self.show_search_text()

    # --- Saved filters and export -----------------------------------------------------------------

    def saved_fields(self) -> dict[str, Any]:
        """All filters, search, sort and view."""
        return to_fields(self.filters)

    def take_saved(self, fields: dict[str, Any]) -> None:
        """Use a saved filter."""
        self.filters = from_fields(SalesFilters, fields, ALLOWED)

    def export(self, path: Path, replace: bool) -> int:
        """All items that the filters find."""
        query = self.filters.query(self.service.clock.today())
        return self.service.export_sales_orders(query, path, replace=replace)


def _queue(facility_id: str) -> Change:
    def change(now: SalesFilters) -> SalesFilters:
        if facility_id in now.queues:
            return replace(now, queues=tuple(one for one in now.queues if one != facility_id))
        return replace(now, queues=(*now.queues, facility_id))

    return change


def _auto_cancel_today(now: SalesFilters) -> SalesFilters:
    return replace(
        now, auto_cancel="" if now.auto_cancel == AUTO_CANCEL_TODAY else AUTO_CANCEL_TODAY
    )


def _next_allocation(now: SalesFilters) -> SalesFilters:
    values = [value for value, _ in ALLOCATIONS]
    return replace(now, allocation=values[(values.index(now.allocation) + 1) % len(values)])


_QUICK: dict[str, Change] = {
    "1": _queue(PRE_ORDER_PARKING),
    "2": _queue(BACKORDER_PARKING),
    "3": _queue(QUEUES[2][0]),
    "4": _queue(QUEUES[3][0]),
    "5": _auto_cancel_today,
    "6": _next_allocation,
    "7": lambda now: replace(now, before_arrival=not now.before_arrival),
    "8": lambda now: replace(now, overdue=not now.overdue),
    "9": lambda now: replace(now, without_promise=not now.without_promise),
    "0": lambda now: SalesFilters(items=now.items, sort=now.sort),
}
"""What each digit does."""
