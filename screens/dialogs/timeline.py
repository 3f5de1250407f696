"""The timeline of a purchase order and its communication events, to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from preorder_tui.records import PurchaseOrder
from screens.actions import bindings
from screens.dialog import Dialog
from screens.widgets.text_pages import TextPages


class Timeline(Dialog[bool]):
    """Newest first; scrolls by arrows and pages."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("accept", "back", "leave", "timeline"))]
    HELP = (
        "What happened to this purchase order, the newest first, and the communication events: "
        "which units were moved from or to it for which sales order."
    )

    def __init__(self, order: PurchaseOrder) -> None:
        super().__init__(f"Timeline of {order.external_id or order.order_id}")
        self.order = order

    def body(self) -> Iterable[Widget]:
        """Both lists."""
        yield TextPages(timeline_lines(self.order))

    def key_line(self) -> str:
        """How to close it."""
        return "Up Down PgUp PgDn scroll  Esc Enter close"

    def do_accept(self) -> None:
        """Enter closes it."""
        self.answer(True)

    def do_back(self) -> None:
        """F12 closes it."""
        self.answer(None)

    def do_leave(self) -> None:
        """F3 closes it."""
        self.answer(None)

    def do_timeline(self) -> None:
        """The key that opened it closes it."""
        self.answer(None)


def timeline_lines(order: PurchaseOrder) -> list[str]:
    """The lines: moment and sentence."""
    lines = ["Timeline"]
    lines += _dated(order.timeline)
    lines += ["", "Communication events"]
    lines += _dated(order.communications) if order.communications else ["  None."]
    return lines


def _dated(events: Iterable[tuple[object, str]]) -> list[str]:
    return [f"  {moment:%Y-%m-%d %H:%M}  {text}" for moment, text in events]
