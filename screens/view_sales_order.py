"""View Sales Order: the order in short, its ship groups, its items and what one does to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.permissions import Permission, needed_for
from preorder_tui.records import SalesLine, SalesOrder, ShipGroup
from preorder_tui.wording import counted
from preorder_tui.words import word
from screens import sales_line_actions as line_actions
from screens.dialogs.plan_flow import carry_out
from screens.history_page import HistoryPage
from screens.line_list import LineList
from screens.order_page import OrderPage
from screens.plain_text import plain
from screens.sales_items import COLUMNS, about

OF_LINE = ("allocate", "edit", "deallocate", "move_to", "pin", "why", "history", "cancel", "jump")
MOST_GROUPS = 3


class ViewSalesOrder(OrderPage[SalesOrder, SalesLine]):
    """One sales order."""

    ACTIONS: ClassVar[tuple[str, ...]] = (
        "allocate", "edit", "why", "deallocate", "history", "move_to", "cancel", "jump",
        "allocate_order", "order_history", "pin", "auto",
    )  # fmt: skip
    HELP = """One sales order: who ordered, where it waits, and its items. The keys work on the item
    under the cursor; Enter offers them all.
    l allocates its open units to purchase orders; when it is allocated already, l moves it to
    another one, as M does. e edits its promise date, and only its own. x removes its allocation;
    the promise stays and is marked. C cancels it, with a reason. h shows its history. W says why it
    is unallocated, late or behind another, and what would help.
    p goes to the purchase order that its units come from; b comes back to this very line.
    L allocates all open lines of the order, H shows the history of the whole order.
    P pins its allocation, so that no job moves it, or takes the pin away; pinned units are marked
    P. w opens Auto-allocate for its product.
    Whatever changes data shows first exactly what it will change. Cells that have changed since
    are marked with ~ at the left.
    Marks: unallocated, partly (allocated), before arrival (promised earlier than the supply
    comes), overdue, out of sync (promise differs from the arrival), no supply (promised, but no
    purchase order behind it)."""

    # --- Look -------------------------------------------------------------------------------------

    def needed(self, name: str) -> Iterable[Permission]:
        """Cancelling here is of demand."""
        return needed_for("cancel-item") if name == "cancel" else super().needed(name)

    def path(self) -> tuple[str, ...]:
        """Where it stands; the order by the name people use."""
        return ("Order Management", "Sales Orders", self.name_of_order)

    @property
    def name_of_order(self) -> str:
        """The order's name, with its id."""
        record = self.record
        if record is None:
            return self.order
        name = record.order_name or record.external_id
        return f"{name} ({record.order_id})" if name else record.order_id

    def content(self) -> Iterable[Widget]:
        """Cards, items, and the item under the cursor in full."""
        yield Static("", classes="cards")
        yield LineList(
            COLUMNS,
            row_id=lambda row: row.line,
            rows=(),
            group=self._ship_group_of,
            taggable=False,
            empty="This order has no items.",
            id="items",
        )
        yield Static("", classes="about-row")

    def _ship_group_of(self, row: SalesLine) -> str:
        record = self.record
        if record is None:
            return "Items"
        if len(record.ship_groups) < 2:
            return f"Items ({len(record.items):,})"
        group = next(
            (one for one in record.ship_groups if one.ship_group_seq_id == row.ship_group_seq_id),
            None,
        )
        return f"Items of ship group {row.ship_group_seq_id}" + (
            f", {group_words(group)}" if group is not None else ""
        )

    @property
    def items(self) -> LineList[SalesLine]:
        """The list."""
        return self.query_one("#items", LineList)

    # --- Reading and showing ----------------------------------------------------------------------

    def read(self) -> SalesOrder:
        """The order."""
        return self.service.sales_order(self.order)

    def show(self, record: SalesOrder) -> None:
        """Fill cards and items; the cursor stays on its item."""
        self.query_one(".cards", Static).update(plain("\n".join(cards(record))))
        self.items.show_rows(record.items, mark_changed=True)
        self.go_to_first_line()

    def about(self, row: SalesLine) -> str:
        """The item under the cursor."""
        return about(row)

    # --- What the keys do -------------------------------------------------------------------------

    def reason_against(self, name: str) -> str | None:
        """No order, no item, or an item that is closed."""
        if self.record is None:
            needs = (*OF_LINE, "auto", "allocate_order", "order_history")
            return "The order is not read yet: F5 reads it again." if name in needs else None
        if name not in (*OF_LINE, "auto"):
            return None
        row = self.items.current
        if row is None:
            return "There is no item here."
        return line_actions.reason_against(row, name)

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: everything one can do with this item."""
        event.stop()
        self.desk.start_flow(self._offer(event.row))

    async def _offer(self, line: SalesLine) -> None:
        from screens import keys
        from screens.dialogs.choose import Choice, Choose

        labels = {"history": "Order item change history", "edit": "Edit promise date",
                  "cancel": "Cancel this item", "jump": "Go to the purchase order",
                  "pin": "Pin or unpin the allocation"}  # fmt: skip
        choices = [
            Choice(
                name,
                labels.get(name, keys.ACTIONS[name].label),
                keys.ACTIONS[name].keys[-1],
                self.reason_against(name) or "",
            )
            for name in OF_LINE
        ]
        name = await self.ask(
            Choose(f"{line.line} {line.product.sku}", choices, heading="What to do with this item")
        )
        if name is not None:
            await getattr(self, f"do_{name}")()

    async def do_allocate(self) -> None:
        """Allocate sales order."""
        await line_actions.allocate(self, self.line)

    async def do_move_to(self) -> None:
        """Move to another purchase order."""
        await line_actions.move(self, self.line)

    async def do_edit(self) -> None:
        """Edit date."""
        await line_actions.edit_date(self, self.line)

    async def do_deallocate(self) -> None:
        """Remove allocation."""
        await line_actions.deallocate(self, self.line)

    async def do_cancel(self) -> None:
        """Cancel item."""
        await line_actions.cancel(self, self.line)

    async def do_pin(self) -> None:
        """Pin or unpin the allocation."""
        await line_actions.pin(self, self.line)

    async def do_jump(self) -> None:
        """To the purchase order line."""
        await line_actions.jump(self, self.line)

    async def do_order_history(self) -> None:
        """Order item change history of the whole order."""
        await self.desk.open_page(HistoryPage(order_id=self.order))

    async def do_allocate_order(self) -> None:
        """Allocate all open lines."""
        await carry_out(self, lambda: self.service.plan_allocate_order(self.order))


def group_words(group: ShipGroup) -> str:
    """A ship group's queue, method and address."""
    queue = word(group.facility_id) if group.facility_id else "no queue"
    if group.facility_name and group.facility_name != group.facility_id:
        queue = group.facility_name
    return ", ".join(filter(None, (queue, group.shipment_method_type_id, group.ship_to)))


def cards(order: SalesOrder) -> list[str]:
    """The overview: order, customer, dates, totals, ship groups."""
    names = " · ".join(filter(None, (order.order_name, order.order_id, order.external_id)))
    shop = ", ".join(filter(None, (word(order.sales_channel_enum_id), order.product_store_id)))
    total = (
        "" if order.grand_total is None else f"total {order.grand_total:,.2f} {order.currency_uom}"
    )
    units = sum(line.ordered for line in order.items)
    unit_words = counted(units, "unit")
    open_units = sum(line.open_quantity for line in order.items)
    allocated = sum(line.allocated for line in order.items)
    contact = ", ".join(
        filter(None, (order.customer_email, order.customer_phone, order.customer_address))
    )
    lines = [
        f"Order     {names}   {word(order.status_id)}   {shop}",
        f"Customer  {order.customer_name or '-'}   {contact}",
        f"Placed    {order.order_date:%Y-%m-%d %H:%M}   {unit_words}, {allocated:,} allocated, "
        f"{open_units:,} open   {total}   entered {order.entry_date:%Y-%m-%d %H:%M}",
    ]
    for group in order.ship_groups[:MOST_GROUPS]:
        lines.append(f"Ships     {group.ship_group_seq_id}: {group_words(group)}")
    if len(order.ship_groups) > MOST_GROUPS:
        lines.append(f"          and {len(order.ship_groups) - MOST_GROUPS} more ship groups")
    return lines
