"""Pictures of each procurement page and dialog, narrow and wide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import Engine
from textual.pilot import Pilot

from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.desk_options import DeskOptions
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from screens.app import DeskApp
from screens.find_purchase_orders import FindPurchaseOrders
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.remove_allocations import RemoveAllocations
from screens.review_allocations import ReviewAllocations
from tests.book import Book
from tests.conftest import TODAY
from tests.on_sqlite import engine
from tests.screens.procurement_desk import NARROW, WIDE
from tests.screens.typing_ahead import settled, type_ahead, until

__all__ = ["engine"]

LINE = LineId("20001", "00001")
PICTURES: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "find": (FindPurchaseOrders, ()),
    "groups": (FindPurchaseOrders, ("g", "4")),
    "filters": (FindPurchaseOrders, ("3", "f")),
    "detail": (lambda: PurchaseOrderDetail("PO-A"), ()),
    "quantities": (lambda: PurchaseOrderDetail("PO-A"), ("n", "7", "ctrl+s")),
    "arrival": (lambda: PurchaseOrderDetail("PO-A"), ("e",)),
    "sync": (lambda: PurchaseOrderDetail("PO-A"), ("y", "y")),
    "allocate": (lambda: PurchaseOrderDetail("PO-A", LineId("20001", "00002")), ("l", "y", "a")),
    "add-item": (lambda: PurchaseOrderDetail("PO-A"), ("A",)),
    "review": (lambda: ReviewAllocations(LINE), ("space",)),
    "remove": (lambda: RemoveAllocations(LINE), ("a",)),
    "remove-plan": (lambda: RemoveAllocations(LINE), ("a", "x")),
}


@pytest.fixture
def service(engine: Engine) -> Service:
    """A purchase order with everything that can be seen of one."""
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    book.product("HJ-BLU-M", parent="Harbor Jacket", color="Blue", size="M", name="Harbor Jacket")
    book.product("TC-TAN-S", parent="Tidal Cap", color="Tan", size="S", name="Tidal Cap")
    book.purchase_order(
        "20001", date(2027, 6, 20), [("HJ-BLU-M", 10), ("TC-TAN-S", 5)], external_id="PO-A"
    )
    book.purchase_order("20003", date(2026, 11, 1), [("HJ-BLU-M", 7)], external_id="PO-C")
    people = ("Ana Lindqvist", "李小龍", "Cléo de Mérode-Kowalczyk", "O'Brien")
    for n, name in enumerate(people, start=1):
        book.sales_order(
            f"1000{n}", date(2026, 5, n), [("HJ-BLU-M", 3)], customer=name,
            promised=date(2027, 5 + n % 2, 1),
        )  # fmt: skip
        book.sales_order(f"1001{n}", date(2026, 6, n), [("TC-TAN-S", 2)], customer=name)
    for n in (1, 2, 3):
        book.allocate(f"1000{n}/1", "20001/1", 3)
    return Service(engine, Actor("ana", "desk"), clock)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, size: tuple[int, int], service: Service, snap_compare: Any) -> None:
    landing, keys = PICTURES[name]
    app = DeskApp(DeskOptions("sqlite:///book.db", "ana"), lambda _: service, landing=landing)

    async def before(pilot: Pilot[Any]) -> None:
        await until(lambda: app.opened and app.desk_pages())
        await settled(app)
        for key in keys:
            type_ahead(app, key)
            await settled(app)

    assert snap_compare(app, terminal_size=size, run_before=before)
