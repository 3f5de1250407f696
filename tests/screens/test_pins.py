"""Pinning and unpinning by keys, wherever a sales order line is shown."""

from __future__ import annotations

from preorder_tui.lines import LineId, parse_line
from preorder_tui.service import Service
from screens.find_sales_orders import FindSalesOrders
from screens.review_allocations import ReviewAllocations
from screens.sales_filters import SalesFilters
from screens.view_sales_order import ViewSalesOrder
from tests.screens.procurement_desk import desk_on
from tests.screens.sales_book import engine, line, service

__all__ = ["engine", "service"]


def pins(service: Service, name: str) -> list[bool]:
    return [one.pinned for one in line(service, name).allocations]


async def test_on_view_sales_order(service: Service) -> None:
    async with desk_on(service, lambda: ViewSalesOrder("10002")) as hand:
        await hand.press("P")
        await hand.until("Pin to PO-B/00001")
        assert "not pinned  → pinned" in hand.row("Pin to PO-B/00001")
        await hand.press("y")
        await hand.until("pinned · Units: 2 from PO-B arriving 2027-01-15, pinned")
        assert " 2P " in hand.row("HJ-BLU-M")
        assert pins(service, "10002/1") == [True]
        await hand.press("h")
        await hand.until("Pin +not pinned +pinned to PO-B")
        await hand.press("b", "P", "y")
        await hand.until("Unpin")
        assert pins(service, "10002/1") == [False]
        await hand.press("down", "P")
        await hand.until("10002/00002 has no allocation")
        await hand.press("u", "y")
        await hand.until("pinned · Units|2P")
    assert pins(service, "10002/1") == [True]


async def test_one_of_several_allocations(service: Service) -> None:
    service.apply(service.plan_move(parse_line("10002/1"), parse_line("20001/1"), 1))
    async with desk_on(service, lambda: ViewSalesOrder("10002")) as hand:
        await hand.press("P", "2", "y")
        await hand.until("2P")
        assert pins(service, "10002/1") == [False, True]
        await hand.press("P")
        await hand.until(r"1 from PO-B \(20002/00001\), arriving 2027-01-15, pinned")
        await hand.press("a")
        await hand.until("1 change on 1 line · 1 not done")
        await hand.press("y")
        await hand.until("done, 1 change")
    assert pins(service, "10002/1") == [True, True]


async def test_in_find_sales_order(service: Service) -> None:
    async with desk_on(service, lambda: FindSalesOrders(SalesFilters(text="hopper"))) as hand:
        await hand.press("P")
        await hand.until("i shows items to pin")
        await hand.press("i", "P", "y")
        await hand.until("allocated P")
        assert pins(service, "10002/1") == [True]
        await hand.press("i")
        await hand.until("partly P")  # the order's other line has nothing
        await hand.press("i", "home", "P")
        await hand.until("pinned +→ not pinned")
        await hand.press("y", "down", "P")
        await hand.until("10002/00002 has no allocation")
    assert pins(service, "10002/1") == [False]


async def test_in_review_allocations(service: Service) -> None:
    service.apply(service.plan_allocate(parse_line("10001/1"), [(parse_line("20002/1"), 4)]))
    async with desk_on(service, lambda: ReviewAllocations(LineId("20002", "00001"))) as hand:
        await hand.press("P", "y")
        await hand.until("2P")
        assert pins(service, "10002/1") == [True]
        await hand.press("a", "P")  # both, of which one is pinned already: the other is pinned
        await hand.until("1 change on 1 line · 1 not done")
        await hand.press("y")
        await hand.until("4P")
        await hand.press("a", "P")
        await hand.until("2 changes on 2 lines")
        await hand.press("y")
        await hand.until("Unpin the allocations of 2 lines: done")
    assert pins(service, "10001/1") == pins(service, "10002/1") == [False]
