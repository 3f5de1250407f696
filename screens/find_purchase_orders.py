"""Find Purchase Orders: one row per item, or groups of them with totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from textual import events

from preorder_tui.lines import LineId
from preorder_tui.marks import OPEN_ITEM_STATUSES
from preorder_tui.records import Count, Page, PurchaseGroupRow, PurchaseItemRow
from preorder_tui.words import ITEM_STATUS_WORDS, ORDER_STATUS_WORDS
from screens.date_ranges import AHEAD
from screens.filter_fields import date_range, flag, one_of, several
from screens.find_page import FindPage
from screens.found_list import FoundList
from screens.kept_filters import from_fields, to_fields
from screens.line_list import LineList
from screens.purchase_columns import GROUP_COLUMNS, ITEM_COLUMNS
from screens.purchase_filters import (
    ALLOWED,
    GROUPINGS,
    ITEM_STATUSES,
    SORTS,
    STATUSES,
    PurchaseFilters,
)
from screens.purchase_order_detail import PurchaseOrderDetail


class FindPurchaseOrders(FindPage):
    """Items, groups, or the items of one group."""

    ACTIONS: ClassVar[tuple[str, ...]] = (
        "filter", "filters", "group", "what_if", "why", "open", "sort", "saved", "export", "quick",
        "auto",
    )  # fmt: skip
    PATH: ClassVar[tuple[str, ...]] = ("Procurement", "Purchase Orders")
    SEARCHES = "/ searches: purchase order, product, SKU"
    SAVED_AS = "purchase"
    EXPORT_NAME = "purchase-orders"
    HELP = """Every purchase order, one row per item. Enter opens the purchase order on that item.
    / types what to look for: words in the purchase order's id, its external id, the product name
    or the SKU; the list follows while you type. Enter or Down goes to the list, Esc takes the
    text away.
    g chooses what to group by: order item, purchase order, product, parent product, arrival date,
    facility. A group shows its totals and its first and last arrival; Enter opens its items, Esc
    goes back to the groups, where you were.
    At first only open items are shown, which the line above the list says; 6 shows completed and
    cancelled ones too, and hides them again.
    f opens the form with all filters. Digits set the most used at once: 1 created, 2 approved,
    3 late, 4 has ATP, 5 out of sync, 6 open; 0 takes all filters away.
    ! or late: it was to arrive before today and is not received. sync 3: three sales order
    lines are promised another date than Sync Date with SO would set.
    I asks What if an item slips or shrinks, W says why its ATP is what it is. w opens Auto-allocate
    with exactly the supply that is found here.
    s changes the sort, d uses or keeps filters under a name, o writes all items to a CSV file."""

    def __init__(self, filters: PurchaseFilters | None = None) -> None:
        super().__init__()
        self.filters = filters or PurchaseFilters(item_statuses=OPEN_ITEM_STATUSES)
        self.open_group: PurchaseGroupRow | None = None

    def find(self, *, hold_keys: bool, near: tuple[Any, ...] | None = None) -> None:
        """Read the list; an empty one says where else to look."""
        more = ": 6 shows completed and cancelled ones too" if self.filters.open_only else ""
        self.found.empty = f"No {'open ' * bool(more)}purchase order item fits{more}."
        super().find(hold_keys=hold_keys, near=near)

    # --- What is found ----------------------------------------------------------------------------

    def lists(self) -> Iterable[FoundList[Any]]:
        """Items, and groups."""
        yield FoundList(
            ITEM_COLUMNS,
            lambda row: row.line,
            taggable=False,
            empty="",
            id="items",
        )
        yield FoundList(
            GROUP_COLUMNS,
            lambda row: row.group,
            taggable=False,
            empty="",
            id="groups",
        )

    def shown(self) -> str:
        """Which of the two."""
        grouped = self.filters.grouping != "item" and self.open_group is None
        return "groups" if grouped else "items"

    def question(self) -> object:
        """The query of today, with the open group."""
        group = None if self.open_group is None else self.open_group.group
        return self.filters.query(self.service.clock.today(), group)

    @property
    def _query(self) -> Any:
        return self.question()

    @property
    def search_text(self) -> str:
        """What is searched for."""
        return self.filters.text

    def search_for(self, text: str) -> None:
        """Take what is searched for."""
        self.filters = replace(self.filters, text=text)

    def words(self) -> tuple[list[str], str, str]:
        """The open group and the filters, items or groups, the grouping and the sort."""
        words = self.filters.words()
        sort = self.filters.sort_words()
        if self.filters.grouping != "item":
            grouping = self.filters.grouping_words()
            if self.open_group is not None:
                words.insert(0, f"{grouping} {self.open_group.label}")
            else:
                sort = f"by {grouping.lower()} · {sort}"
        return words, self.shown(), sort

    def read_page(self, shown: str, size: int, **where: Any) -> Page[Any]:
        """A page of items or groups."""
        if shown == "groups":
            groups: Page[PurchaseGroupRow] = self.service.find_purchase_groups(
                self._query, size, **where
            )
            return groups
        items: Page[PurchaseItemRow] = self.service.find_purchase_items(self._query, size, **where)
        return items

    def read_count(self) -> Count:
        """How many items or groups."""
        return self.service.count_purchase_items(self._query)

    # --- Keys -------------------------------------------------------------------------------------

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: into the group, or to the purchase order."""
        event.stop()
        row = event.row
        if isinstance(row, PurchaseGroupRow):
            self.open_group = row
            self.find(hold_keys=True)
            self.set_focus(self.found)
        else:
            page = PurchaseOrderDetail(row.line.order_id, row.line)
            self.desk.start_flow(self.desk.open_page(page))

    def _back_to_groups(self) -> bool:
        """Out of the open group, to where the groups were left; whether there was one open."""
        if self.open_group is None:
            return False
        self.open_group = None
        self.find_again()
        self.set_focus(self.found)
        return True

    def do_close(self) -> object:
        """Esc: out of the open group first."""
        return None if self._back_to_groups() else super().do_close()

    def do_back(self) -> object:
        """F12: out of the open group first."""
        return None if self._back_to_groups() else super().do_back()

    def _filter(self, filters: PurchaseFilters) -> None:
        if filters.grouping != self.filters.grouping:
            self.open_group = None
        self.filters = filters
        self.find(hold_keys=True)
        self.set_focus(self.found)

    def reason_against(self, name: str) -> str | None:
        """Explaining needs an item."""
        if name in ("why", "what_if") and not isinstance(self.found.current, PurchaseItemRow):
            return (
                "Enter opens the group; its items can be asked about."
                if self.shown() == "groups"
                else "There is no item here."
            )
        return super().reason_against(name)

    @property
    def line(self) -> LineId:
        """The item under the cursor; :meth:`reason_against` has made sure of it."""
        row = self.found.current
        assert isinstance(row, PurchaseItemRow)
        return row.line

    async def do_why(self) -> None:
        """Why the item stands as it does."""
        from screens import explaining

        await explaining.why(self, self.line)

    async def do_what_if(self) -> None:
        """Suppose a slip or units of the item."""
        from screens import explaining

        await explaining.what_if(self, self.line)

    async def do_auto(self) -> None:
        """Auto-allocate the supply that is found."""
        from screens import job_scope

        filters = self.filters
        if filters.open_only:  # nothing else gives units anyway
            filters = filters.toggled_open()
        words = filters.words()
        group = None
        if self.open_group is not None:
            group = self.open_group.group
            words.insert(0, f"{filters.grouping_words()} {self.open_group.label}")
        query = filters.query(self.service.clock.today(), group)
        await job_scope.open_auto_allocate(self, job_scope.of_purchase_search(query, words))

    async def do_group(self) -> None:
        """Choose what to group by."""
        from screens.dialogs.choose import Choice, Choose

        choices = [Choice(value, words) for value, words in GROUPINGS]
        chosen = await self.ask(Choose("Group by", choices, at=self.filters.grouping))
        if chosen is not None:
            self.open_group = None
            self._filter(replace(self.filters, grouping=chosen))

    def do_sort(self) -> None:
        """The next sort."""
        names = [name for name, _ in SORTS]
        following = names[(names.index(self.filters.sort) + 1) % len(names)]
        self._filter(replace(self.filters, sort=following))
        self.say(f"Sorted: {self.filters.sort_words()}.")

    async def do_filters(self) -> None:
        """The filter form."""
        from screens.dialogs.filter_form import FilterForm

        choices = await self.call(self.service.sales_choices)
        fields = [
            flag("Late", "late"),
            flag("Has ATP", "has_atp"),
            flag("Out of sync", "out_of_sync"),
            several("Status", "statuses", [(one, ORDER_STATUS_WORDS[one]) for one in STATUSES]),
            several(
                "Item status",
                "item_statuses",
                [(one, ITEM_STATUS_WORDS[one]) for one in ITEM_STATUSES],
            ),
            date_range("Arrival date", "arrival", AHEAD),
            one_of("Facility", "facility_id", choices.facilities),
        ]
        form = FilterForm("Filters of Find Purchase Orders", fields, self.filters)
        answer = await self.ask(form)
        if answer is not None:
            self._filter(answer)

    def on_key(self, event: events.Key) -> None:
        """Digits: the most used filters."""
        quick = _QUICK.get(event.character or "")
        if quick is None or self.focused is not self.found:
            return
        event.stop()
        self._filter(quick(self.filters))
        self.show_search_text()

    # --- Saved filters and export -----------------------------------------------------------------

    def saved_fields(self) -> dict[str, Any]:
        """All filters, search, sort and grouping."""
        return to_fields(self.filters)

    def take_saved(self, fields: dict[str, Any]) -> None:
        """Use a saved filter."""
        self.open_group = None
        self.filters = from_fields(PurchaseFilters, fields, ALLOWED)

    def export(self, path: Path, replace: bool) -> int:
        """All items that the filters find, or those of the open group."""
        return self.service.export_purchase_items(self._query, path, replace=replace)


def _status(status_id: str) -> Callable[[PurchaseFilters], PurchaseFilters]:
    def change(now: PurchaseFilters) -> PurchaseFilters:
        chosen = now.statuses
        without = tuple(one for one in chosen if one != status_id)
        return replace(now, statuses=without if status_id in chosen else (*chosen, status_id))

    return change


_QUICK: dict[str, Callable[[PurchaseFilters], PurchaseFilters]] = {
    "1": _status("ORDER_CREATED"),
    "2": _status("ORDER_APPROVED"),
    "3": lambda now: replace(now, late=not now.late),
    "4": lambda now: replace(now, has_atp=not now.has_atp),
    "5": lambda now: replace(now, out_of_sync=not now.out_of_sync),
    "6": PurchaseFilters.toggled_open,
    "0": lambda now: PurchaseFilters(grouping=now.grouping, sort=now.sort),
}
"""What each digit does."""
