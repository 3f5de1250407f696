"""Purchase Order Detail: one purchase order with its items, and everything one does with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.permissions import Permission, needed_for
from preorder_tui.records import PurchaseLine, PurchaseOrder
from preorder_tui.wording import counted
from preorder_tui.words import word
from screens import purchase_line_actions as line_actions
from screens import purchase_order_actions as order_actions
from screens.line_list import LineList
from screens.order_page import OrderPage
from screens.plain_text import plain
from screens.purchase_items import ItemList, variant

CHANGES_THE_LINE = {"allocate", "edit", "quantity", "what_if", "receive", "reallocate"}
CHANGES_THE_ORDER = {"cancel", "complete", "add_item"}


class PurchaseOrderDetail(OrderPage[PurchaseOrder, PurchaseLine]):
    """The header, the items grouped by parent product, and the keys to change them."""

    ACTIONS: ClassVar[tuple[str, ...]] = (
        "review", "allocate", "sync", "what_if", "deallocate", "edit", "why", "quantity", "save",
        "history", "receive", "reallocate", "complete", "cancel", "add_item", "timeline", "auto",
    )  # fmt: skip
    HELP = """One purchase order. The keys work on the item under the cursor:
    v reviews its allocations, l allocates sales orders to it, y carries its arrival date to the
    sales orders, x removes allocations, e edits the arrival date, R records a receipt, E pulls
    sales orders from later purchase orders, h shows its history.
    I asks What if: type a slip in days or units and see at once which orders turn late; then apply
    it, or not. W says why its ATP is what it is, who waits for it, and what is late because of it.
    w opens Auto-allocate for the item's product.
    n edits quantities: type the number on each row, Ctrl+S saves all of them at once.
    C cancels and D completes the item or the whole purchase order, A adds an item,
    t shows what happened to the order. A completed or cancelled order can only be looked at."""

    def content(self) -> Iterable[Widget]:
        """Header, items, and what the item under the cursor is in full."""
        yield Static("", classes="facts")
        yield ItemList()
        yield Static("", classes="about-row")

    def needed(self, name: str) -> Iterable[Permission]:
        """Cancelling here is of supply."""
        return needed_for("cancel-purchase") if name == "cancel" else super().needed(name)

    def path(self) -> tuple[str, ...]:
        """Where it stands; the order by the name people use."""
        return ("Procurement", "Purchase Orders", self.name_of_order)

    @property
    def name_of_order(self) -> str:
        """The external id, or the internal one where there is none."""
        record = self.record
        return self.order if record is None else record.external_id or record.order_id

    @property
    def items(self) -> ItemList:
        """The list."""
        return self.query_one(ItemList)

    # --- Reading and showing ----------------------------------------------------------------------

    def read(self) -> PurchaseOrder:
        """The order."""
        return self.service.purchase_order(self.order)

    def show(self, record: PurchaseOrder) -> None:
        """Fill header and list; the cursor stays on its line."""
        self.order = record.order_id
        self.items.empty = "This purchase order has no items."
        self.query_one(".facts", Static).update(plain("\n".join(header_lines(record))))
        self.items.show_rows(record.items)
        self.go_to_first_line()

    def about(self, row: PurchaseLine) -> str:
        """The item under the cursor."""
        return about(row, self._name_of(row))

    def _name_of(self, row: PurchaseLine) -> str:
        return line_actions.line_name(self.name_of_order, row.line)

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: who gets this item's units."""
        event.stop()
        self.action_do("review")

    # --- What the keys may do right now -----------------------------------------------------------

    def reason_against(self, name: str) -> str | None:
        """A closed order, a closed line, or no line at all."""
        record = self.record
        if record is None:
            return (
                "The purchase order is not read yet: F5 reads it again."
                if name in self.ACTIONS
                else None
            )
        if not record.editable and name in CHANGES_THE_LINE | CHANGES_THE_ORDER:
            return f"{self.name_of_order} can only be looked at: {record.read_only_reason}."
        row = self.items.current
        if row is None:
            needs_row = CHANGES_THE_LINE | {
                "review",
                "sync",
                "deallocate",
                "history",
                "why",
                "auto",
            }
            return "There is no item here." if name in needs_row else None
        if name in CHANGES_THE_LINE and not row.editable:
            return f"{self._name_of(row)} can only be looked at: {row.read_only_reason}."
        if name == "save" and not self.items.quantities:
            return "Nothing to save: n edits quantities."
        return None

    def draft(self) -> str:
        """Quantities that were typed and not saved."""
        number = len(self.items.quantities)
        if not number:
            return ""
        return f"{number} typed quantit{'y is' if number == 1 else 'ies are'} not saved yet."

    def kept_input(self) -> dict[str, Any]:
        """Typed quantities too."""
        typed = {str(line): text for line, text in self.items.drafts.items()}
        return {**super().kept_input(), **({"quantities": typed} if typed else {})}

    def input_words(self) -> str:
        """The quantities typed."""
        typed = [f"{line} to {text or 'nothing'}" for line, text in self.items.drafts.items()]
        return ", ".join([*typed, *filter(None, [super().input_words()])])

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """Typed quantities go to their rows, where these can still be edited."""
        await super().put_back(kept)
        quantities = kept.get("quantities")
        if isinstance(quantities, dict):
            self.items.put_drafts_back({str(key): str(text) for key, text in quantities.items()})

    # --- Per line ---------------------------------------------------------------------------------

    async def do_review(self) -> None:
        """Review Allocations."""
        await line_actions.review(self, self.line.line)

    async def do_allocate(self) -> None:
        """Allocate Sales Order."""
        await line_actions.allocate_sales_orders(self, self.line.line)

    async def do_sync(self) -> None:
        """Sync Date with SO."""
        row, name = self.line, self._name_of(self.line)
        facts = line_actions.line_facts(name, row.product, row.arrival_date)
        await line_actions.sync_dates(self, row.line, name, facts)

    async def do_deallocate(self) -> None:
        """Remove Allocations, on a page of its own."""
        await line_actions.remove_allocations(self, self.line.line)

    async def do_edit(self) -> None:
        """Edit the arrival date."""
        row = self.line
        await line_actions.edit_arrival(self, row.line, self._name_of(row), row.arrival_date)

    async def do_receive(self) -> None:
        """Record a receipt."""
        row = self.line
        expected = max(0, row.ordered - row.received)
        await line_actions.receive(self, row.line, self._name_of(row), expected)

    async def do_reallocate(self) -> None:
        """Pull sales orders from later purchase orders."""
        await line_actions.reallocate(self, self.line.line)

    async def do_what_if(self) -> None:
        """Suppose a slip or units."""
        from screens import explaining

        await explaining.what_if(self, self.line.line)

    # --- Quantities -------------------------------------------------------------------------------

    def do_quantity(self) -> None:
        """Edit items: type quantities on the rows."""
        self.items.editing = True
        self.say("Edit items: type the quantity on each row; Ctrl+S saves all, Esc stops editing.")

    async def do_save(self) -> None:
        """Save all typed quantities as one change."""
        if await order_actions.save_quantities(self, self.items.quantities):
            self.items.editing = False
            self.items.forget_drafts()

    def do_close(self) -> object:
        """Esc: stop editing first, then close the page; what was typed stays until F12 or save."""
        if self.items.editing:
            self.items.editing = False
            draft = self.draft()
            if draft:
                self.say(f"{draft} Ctrl+S saves, n goes on, Esc gives them up.")
            else:
                self.items.forget_drafts()
                self.say("Quantities stay as they are.")
            return None
        return self.do_back()

    def do_back(self) -> object:
        """F12: asks before typed quantities are lost."""
        if self.draft():
            return self._ask_and_go_back()
        return super().do_back()

    async def _ask_and_go_back(self) -> None:
        from screens.dialog import Confirm

        if await self.ask(Confirm("Give up the typed quantities?", [self.draft()], "Give up")):
            self.items.forget_drafts()
            going = super().do_back()
            if going is not None:
                await going  # type: ignore[misc]

    # --- The order --------------------------------------------------------------------------------

    async def do_cancel(self) -> None:
        """Cancel the item or the order."""
        await order_actions.cancel(self, self._record, self.items.current)

    async def do_complete(self) -> None:
        """Complete the item or the order."""
        await order_actions.complete(self, self._record, self.items.current)

    async def do_add_item(self) -> None:
        """Add an item."""
        await order_actions.add_item(self, self._record)

    async def do_timeline(self) -> None:
        """What happened to the order, and its reallocation notices."""
        await order_actions.show_timeline(self, self._record)

    @property
    def _record(self) -> PurchaseOrder:
        assert self.record is not None
        return self.record


def header_lines(record: PurchaseOrder) -> list[str]:
    """The lines above the items."""
    name = record.external_id or record.order_id
    total = {
        "ordered": sum(row.ordered for row in record.items),
        "received": sum(row.received for row in record.items),
        "allocated": sum(row.allocated for row in record.items),
        "ATP": sum(row.available_to_promise for row in record.items),
    }
    place = ", ".join(part for part in (record.facility_name, record.facility_address) if part)
    return [
        f"{name} (id {record.order_id})  {word(record.status_id).upper()}  "
        f"created {record.entry_date.date()}  {record.supplier_name}",
        f"To {record.facility_id or '-'}  {place}",
        f"Allocations: all orders {record.allocated_orders:,}  pre-orders {record.pre_orders:,}  "
        f"back orders {record.backorders:,}",
        "Units: " + "  ".join(f"{what} {number:,}" for what, number in total.items()),
    ]


def about(row: PurchaseLine, name: str) -> str:
    """The item in full, where the columns had no room."""
    parts = [name, row.product.name or row.product.sku]
    if variant(row) and variant(row) not in row.product.name:
        parts.append(variant(row))
    parts.append(counted(row.order_count, "order"))
    if row.atp_ceiling is not None:
        parts.append(f"ATP limit {row.atp_ceiling:,}")
    if row.unit_price is not None:
        parts.append(f"at {row.unit_price:.2f}")
    parts.append("pre-order" if row.is_new_product else "back order")
    return "  ".join(parts)
