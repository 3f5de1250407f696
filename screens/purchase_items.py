"""The items of a purchase order: their columns, and the list in which quantities are typed."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events
from textual.message import Message

from preorder_tui.lines import LineId
from preorder_tui.records import PurchaseItemRow, PurchaseLine
from preorder_tui.words import word
from screens.demand_columns import day
from screens.line_columns import Column
from screens.line_list import LineList

LONGEST_NUMBER = 7
"""Digits of a quantity that can be typed."""


def marks(row: PurchaseLine | PurchaseItemRow) -> str:
    """What is wrong with a line, in words: late, out of sync with how many sales order lines."""
    found = ["late"] if row.late else []
    if row.out_of_sync_items:
        found.append(f"sync {row.out_of_sync_items:,}")
    return " ".join(found)


def variant(row: PurchaseLine | PurchaseItemRow) -> str:
    """Colour and size."""
    return " / ".join(part for part in (row.product.color, row.product.size) if part)


class ItemList(LineList[PurchaseLine]):
    """The items. While quantities are edited, digits go to the row under the cursor."""

    class Typed(Message):
        """A quantity was typed or taken back."""

    def __init__(self) -> None:
        self.editing = False
        self.drafts: dict[LineId, str] = {}
        """What was typed, by line; kept until it is saved or taken back."""
        super().__init__(
            [
                Column("Ln", lambda row: row.line.order_item_seq_id.lstrip("0"), 2, priority=55),
                Column("SKU", lambda row: row.product.sku, 14, priority=100, at_most=24),
                Column("Colour / size", variant, 14, priority=30, at_most=22),
                Column("Ordered", self._ordered, 7, align="right", priority=99),
                Column("Recd", lambda row: f"{row.received:,}", 5, align="right", priority=90),
                Column("Alloc", lambda row: f"{row.allocated:,}", 5, align="right", priority=95),
                Column(
                    "ATP",
                    lambda row: f"{row.available_to_promise:,}",
                    5,
                    align="right",
                    priority=96,
                ),
                Column("Arrival", lambda row: day(row.arrival_date), 10, priority=98),
                Column("Status", lambda row: word(row.status_id), 9, priority=70),
                Column("Marks", marks, 11, priority=97, at_most=14),
                Column("Product", lambda row: row.product.name, 20, priority=20, at_most=40),
                Column("UPC", lambda row: row.product.upc, 13, priority=10),
            ],
            row_id=lambda row: row.line,
            rows=[],
            group=lambda row: row.product.parent_name or row.product.name,
            taggable=False,
            empty="",
        )

    def _ordered(self, row: PurchaseLine) -> str:
        typed = self.drafts.get(row.line)
        if typed is None:
            return f"{row.ordered:,}"
        return f"{typed or '_'}<{row.ordered:,}"

    @property
    def quantities(self) -> list[tuple[LineId, int]]:
        """The typed quantities that differ from what stands."""
        return [
            (row.line, int(typed))
            for row in self.loaded_rows
            if (typed := self.drafts.get(row.line)) and int(typed) != row.ordered
        ]

    def forget_drafts(self) -> None:
        """After they were saved, or given up."""
        self.drafts.clear()
        self._typed()

    def put_drafts_back(self, typed: Mapping[str, str]) -> None:
        """Go on typing where it was left; rows that cannot be edited any more keep what they have.

        Args:
            typed: digits by the line's name.
        """
        for row in self.loaded_rows:
            text = typed.get(str(row.line), "")
            if row.editable and str(row.line) in typed and (not text or text.isdecimal()):
                self.drafts[row.line] = text[:LONGEST_NUMBER]
        self.editing = bool(self.drafts)
        self._typed()

    def takes_key(self, event: events.Key) -> bool:
        """While quantities are edited, digits and Backspace too."""
        return super().takes_key(event) or (self.editing and self._is_ours(event))

    @staticmethod
    def _is_ours(event: events.Key) -> bool:
        character = event.character or ""
        return event.key == "backspace" or (character.isascii() and character.isdigit())

    async def _on_key(self, event: events.Key) -> None:
        if not self.editing:
            await super()._on_key(event)
        elif self._is_ours(event):
            event.stop()
            event.prevent_default()
            self._type(event)
        elif event.key == "enter":
            event.stop()
            event.prevent_default()
            self._step("down")
        elif event.is_printable:
            # A letter typed among quantities is a slip, not a command.
            event.stop()
            event.prevent_default()
            self._desk.say("Type digits; Ctrl+S saves all quantities, Esc stops editing.")
        else:
            await super()._on_key(event)

    def _type(self, event: events.Key) -> None:
        row = self.current
        if row is None:
            return
        if not row.editable:
            self._desk.say(f"{row.product.sku} keeps its quantity: {row.read_only_reason}.")
            return
        typed = self.drafts.get(row.line)
        if event.key == "backspace":
            if typed is None:
                return
            if typed:
                self.drafts[row.line] = typed[:-1]
            else:
                del self.drafts[row.line]
        elif len(typed or "") < LONGEST_NUMBER:
            self.drafts[row.line] = ((typed or "") + (event.character or "")).lstrip("0") or "0"
        self._typed()

    def _typed(self) -> None:
        self._repaint()
        self.post_message(self.Typed())
