"""A page about one order: its lines in a list, and the one under the cursor in full below it."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

from textual.widgets import Static

from preorder_tui.lines import LineId
from preorder_tui.records import ProductInfo
from screens.line_list import LineList
from screens.plain_text import plain
from screens.record_page import RecordPage


class OrderLine(Protocol):
    """A line of either kind of order."""

    @property
    def line(self) -> LineId:
        """Its key."""

    @property
    def product(self) -> ProductInfo:
        """What is ordered."""


Order = TypeVar("Order")
Item = TypeVar("Item", bound=OrderLine)


class OrderPage(RecordPage[Order], Generic[Order, Item]):
    """What View Sales Order and Purchase Order Detail have in common."""

    def __init__(self, order: str, line: LineId | None = None) -> None:
        """Show an order.

        Args:
            order: its id.
            line: the item to put the cursor on.
        """
        super().__init__()
        self.order = order
        self._first_line = line

    def place(self) -> dict[str, Any] | None:
        """The order."""
        return {"order": self.order}

    @property
    def items(self) -> LineList[Item]:
        """The list."""
        raise NotImplementedError

    def about(self, row: Item) -> str:
        """An item in full, in one line."""
        raise NotImplementedError

    @property
    def line(self) -> Item:
        """The item under the cursor; :meth:`reason_against` has made sure of it."""
        row = self.items.current
        assert row is not None
        return row

    # --- The cursor -------------------------------------------------------------------------------

    def go_to_line(self, line: LineId) -> None:
        """Put the cursor on an item, now or when it has been read."""
        if self.record is None or not self.items.go_to(line):
            self._first_line = line

    def go_to_first_line(self) -> None:
        """Once the items are shown: put the cursor where it was asked for."""
        if self._first_line is not None:
            self.items.go_to(self._first_line)
            self._first_line = None
        self._show_current()

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another item is under the cursor."""
        event.stop()
        self._show_current()

    def _show_current(self) -> None:
        row = self.items.current
        text = "" if row is None else self.about(row)
        self.query_one(".about-row", Static).update(plain(text))

    # --- What both do with an item ----------------------------------------------------------------

    async def do_why(self) -> None:
        """Why the item stands as it does."""
        from screens import explaining

        await explaining.why(self, self.line.line)

    async def do_auto(self) -> None:
        """Auto-allocate the item's product."""
        from screens.job_scope import of_product, open_auto_allocate

        await open_auto_allocate(self, of_product(self.line.product))

    async def do_history(self) -> None:
        """Order item change history of the item."""
        from screens.history_page import HistoryPage

        await self.desk.open_page(HistoryPage(line=self.line.line))
