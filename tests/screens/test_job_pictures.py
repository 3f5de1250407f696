"""Pictures of the pages of jobs, narrow and wide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from preorder_tui.desk_options import DeskOptions
from preorder_tui.lines import LineId, parse_line
from preorder_tui.service import Service
from screens.app import DeskApp
from screens.auto_allocate import AutoAllocate
from screens.find_sales_orders import FindSalesOrders
from screens.reallocate_all import ReallocateAll
from screens.review_allocations import ReviewAllocations
from screens.sales_filters import SalesFilters
from screens.sync_all import SyncAll
from screens.view_sales_order import ViewSalesOrder
from tests.screens.jobs_book import engine, service
from tests.screens.procurement_desk import NARROW, WIDE
from tests.screens.typing_ahead import settled, type_ahead, until

__all__ = ["engine", "service"]

PICTURES: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "policies": (AutoAllocate, ()),
    "compared": (AutoAllocate, ("c", "down")),
    "ticked": (AutoAllocate, ("space", "end", "space", "c")),
    "run": (AutoAllocate, ("g", "2", "r")),
    "plan": (AutoAllocate, ("w",)),
    "scope": (AutoAllocate, ("s",)),
    "reallocation": (ReallocateAll, ("r",)),
    "sync": (SyncAll, ("r",)),
    "pin": (lambda: ViewSalesOrder("10006"), ("P",)),
    "pinned": (lambda: ViewSalesOrder("10005"), ()),
    "pinned-items": (lambda: FindSalesOrders(SalesFilters(items=True)), ()),
    "pinned-review": (lambda: ReviewAllocations(LineId("20005", "00001")), ()),
}


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, size: tuple[int, int], service: Service, snap_compare: Any) -> None:
    if name.startswith("pinned"):
        service.apply(service.plan_pin(parse_line("10005/1")))
    landing, presses = PICTURES[name]
    app = DeskApp(DeskOptions("sqlite:///book.db", "ana"), lambda _: service, landing=landing)

    async def before(_: Pilot[Any]) -> None:
        await until(lambda: app.opened and app.desk_pages())
        await settled(app)
        for key in presses:
            type_ahead(app, key)
            await settled(app)
        page: Any = app.desk_pages()[0]
        if isinstance(page, FindSalesOrders):
            await until(lambda: page._count is not None)
            await settled(app)

    assert snap_compare(app, terminal_size=size, run_before=before)
