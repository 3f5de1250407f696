"""Add an item to a purchase order: SKU with look-up, quantity, arrival date with calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from preorder_tui.errors import DeskError, WrongUsage
from preorder_tui.records import ProductInfo
from screens import service_calls
from screens.actions import bindings
from screens.dialog import Dialog
from screens.dialogs.calendar import Calendar, typed_date
from screens.dialogs.list_box import field, focus_and_select
from screens.dialogs.pick_rows import PickRows
from screens.dialogs.quantity import whole_units
from screens.line_columns import Column
from screens.text_field import TextField

OFFERED_AT_MOST = 200
PRODUCT_COLUMNS: tuple[Column[ProductInfo], ...] = (
    Column("SKU", lambda row: row.sku, 18, priority=90, at_most=28),
    Column("Product", lambda row: row.name, 34, priority=80, at_most=50),
    Column("UPC", lambda row: row.upc, 13, priority=20),
)


@dataclass(frozen=True)
class NewItem:
    """The answer."""

    sku: str
    quantity: int
    arrival: date


class AddItem(Dialog[NewItem]):
    """Three fields; Enter goes to the next, on the last one it goes on. F4 looks up."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "look_up", "next", "save", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("look_up", "save", "close"))]
    HELP = (
        "Type a SKU (F4 offers those that have what is typed in their SKU or name), the "
        "quantity, and the day of arrival as YYYY-MM-DD (F4 opens the calendar). Enter goes to "
        "the next field; Ctrl+S, or Enter in the last one, goes on to the plan."
    )

    def __init__(self, order_name: str, arrival: date | None) -> None:
        super().__init__(f"Add item to {order_name}")
        self.arrival = arrival

    def body(self) -> Iterable[Widget]:
        """The fields."""
        day = "" if self.arrival is None else self.arrival.isoformat()
        yield from field("SKU", TextField(id="sku", max_length=60), "F4 looks up")
        yield from field("Quantity", TextField(id="quantity", max_length=12))
        yield from field("Arrival", TextField(day, id="arrival", max_length=10), "F4 calendar")

    def key_line(self) -> str:
        """How to go on."""
        return "F1 Help  F4 Look up  Enter next field  ^S go on  Esc close"

    def on_mount(self) -> None:
        """Start with the SKU."""
        self.set_focus(self.query_one("#sku", TextField))

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", TextField).value.strip()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: the next field, or on."""
        event.stop()
        following = {"sku": "quantity", "quantity": "arrival"}.get(event.input.id or "")
        if following is None:
            self.do_save()
        else:
            focus_and_select(self.query_one(f"#{following}", TextField))

    def do_save(self) -> None:
        """Go on, if what was typed makes sense; whether the SKU exists, the plan says."""
        name = "sku"
        try:
            if not self._value("sku"):
                raise WrongUsage("Which product? Type its SKU, or F4 to look it up")
            name = "quantity"
            quantity = whole_units(self._value("quantity"))
            name = "arrival"
            arrival = typed_date(self._value("arrival"))
        except DeskError as error:
            self.say(error.sentence)
            focus_and_select(self.query_one(f"#{name}", TextField))
            return
        self.answer(NewItem(self._value("sku"), quantity, arrival))

    async def do_look_up(self) -> None:
        """F4: products that fit the SKU typed, or the calendar."""
        focused = self.focused
        name = focused.id if focused is not None else ""
        if name == "arrival":
            await self._look_up_day()
        elif name == "sku":
            await self._look_up_product()
        else:
            self.say("Type how many units are ordered.")

    async def _look_up_product(self) -> None:
        desk = self.desk
        found = await service_calls.call(desk, desk.service.find_products, self._value("sku"))
        if not found:
            self.say(f"No product has {self._value('sku')!r} in its SKU or name.")
            return
        lines = [f"The first {len(found)}."] if len(found) == OFFERED_AT_MOST else []
        answer = await desk.ask(
            PickRows(
                "Which product?", PRODUCT_COLUMNS, row_id=lambda row: row.product_id, rows=found,
                single=True, lines=lines, yes="take it",
            )
        )  # fmt: skip
        if answer is not None:
            self.query_one("#sku", TextField).value = answer.rows[0].sku
            focus_and_select(self.query_one("#quantity", TextField))

    async def _look_up_day(self) -> None:
        today = self.desk.service.clock.today()
        try:
            present: date | None = typed_date(self._value("arrival"))
        except DeskError:
            present = self.arrival
        day = await self.desk.ask(
            Calendar(
                "Arrival date", present=present, today=today, first_allowed=today,
                what="arrival date",
            )
        )  # fmt: skip
        if day is not None:
            self.query_one("#arrival", TextField).value = day.isoformat()
