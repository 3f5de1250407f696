"""A purchase order line with 12,000 sales order lines: opened, paged, ticked and worked by keys."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Engine

from preorder_tui.actor import Actor
from preorder_tui.lines import LineId
from preorder_tui.records import DemandRow, DemandStart
from preorder_tui.service import Service
from screens import demand_source
from screens.line_list import LineList
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.remove_allocations import RemoveAllocations
from screens.review_allocations import ReviewAllocations
from tests.on_sqlite import engine
from tests.screens.long_demand import PO_LINE, long_book
from tests.screens.procurement_desk import Hand, desk_on
from tests.screens.typing_ahead import settled, until

__all__ = ["engine"]

JUNE_1, EARLIER = date(2027, 6, 1), date(2027, 5, 1)
FIRST = LineId("19999", "00001")


class Counting(Service):
    """A service that remembers how many rows it was asked for in full."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.engine, service.actor, service.clock)
        self.rows = 0

    def demand_start(self, kind: Any, line: LineId, size: int) -> DemandStart:
        start = super().demand_start(kind, line, size)
        self.rows += len(start.page.rows)
        return start

    def demand_rows(
        self, kind: Any, line: LineId, lines: Any, cancelled: Any = ()
    ) -> tuple[DemandRow, ...]:
        self.rows += len(lines) + len(cancelled)
        return super().demand_rows(kind, line, lines, cancelled)


def the_list(hand: Hand) -> LineList[Any]:
    return hand.app.screen.query_one(LineList)


def promises(service: Service) -> dict[date | None, int]:
    found: dict[date | None, int] = {}
    for row in service.review_allocations(PO_LINE).rows:
        found[row.promise_date] = found.get(row.promise_date, 0) + 1
    return found


async def test_all_of_twelve_thousand_are_allocated_synced_and_removed(engine: Engine) -> None:
    """Tick all but one each time; the counters are right, and so is what is done."""
    service = long_book(engine, 12_000, promised=EARLIER)
    async with desk_on(service, lambda: PurchaseOrderDetail("20001")) as hand:
        await hand.press("l")
        await hand.until("More than 100 unallocated lines of this product wait.")
        await hand.press("y", "a", "space")
        await hand.until("selected 11,999 / ATP 12,000 in 11,999 of 12,000 lines")
        await hand.press("a", "enter")
        await hand.until("on 12,000 lines")
        await hand.press("y")
        await until(lambda: "done" in hand.sentence.lower())
        assert service.review_allocations(PO_LINE).recorded == 12_000
        assert promises(service) == {JUNE_1: 12_000}
    with_dates_back(service)
    async with desk_on(service, lambda: PurchaseOrderDetail("20001")) as hand:
        await hand.press("y")
        await hand.until("It has more than 100 sales order lines")
        await hand.press("y", "end", "space")
        await hand.until("11,999 of 12,000 ticked: 11,999 get later, 0 earlier, 11,999 slip by")
        await hand.press("enter")
        await hand.until("on 11,999 lines")
        await hand.press("y")
        await until(lambda: "done" in hand.sentence.lower())
        assert promises(service) == {JUNE_1: 11_999, EARLIER: 1}
    async with desk_on(service, lambda: RemoveAllocations(PO_LINE)) as hand:
        await hand.press("a", "space", "down", "space")
        await hand.until("Ticked 11,998 of 12,000 lines, 11,998 of 12,000 units")
        await hand.press("x")
        await hand.until("on 11,998 lines")
        await hand.press("y")
        await until(lambda: "done" in hand.sentence.lower())
        await hand.until("Ticked 0 of 2 lines, 0 of 2 units")
        left = service.review_allocations(PO_LINE).rows
        assert [row.line for row in left] == [FIRST, LineId("19999", "00002")]


def with_dates_back(service: Service) -> None:
    """Take the promises of the allocation back, as if they had been told to the customers."""
    with service.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE ORDER_ITEM SET PROMISED_DATETIME = ? WHERE RECEIVED_QUANTITY IS NULL",
            (f"{EARLIER} 23:59:59.999000",),
        )


async def test_a_long_list_is_read_as_far_as_it_is_shown(engine: Engine) -> None:
    service = Counting(long_book(engine, 3_000))
    service.apply(service.plan_allocate_sales_orders(PO_LINE))
    async with desk_on(service, lambda: ReviewAllocations(PO_LINE)) as hand:
        await hand.until("3,000 sales order lines, 3,000 units recorded: the totals agree.")
        assert service.rows <= 2 * demand_source.FIRST_ROWS
        assert "19999" in hand.row(">")
        await hand.press("end")
        assert the_list(hand).current.line == LineId("19970", "00100")
        await hand.press("pageup", "home")
        assert the_list(hand).current.line == FIRST
        seen = []
        for _ in range(250):
            seen.append(the_list(hand).current.line)
            await hand.press("down")
        expected = [row.line for row in service.review_allocations(PO_LINE).rows[:250]]
        assert seen == expected
        assert service.rows <= 1_000


async def test_what_somebody_else_takes_out_loses_its_tick(engine: Engine) -> None:
    service = long_book(engine, 300)
    service.apply(service.plan_allocate_sales_orders(PO_LINE))
    ben = Service(service.engine, Actor("ben", "desk"), service.clock)
    last = LineId("19997", "00100")
    async with desk_on(service, lambda: RemoveAllocations(PO_LINE)) as hand:
        await hand.press("a")
        await hand.until("Ticked 300 of 300 lines")
        ben.apply(ben.plan_remove_allocations(PO_LINE, [last]))
        await hand.press("f5")
        await hand.until("Ticked 299 of 299 lines, 299 of 299 units")
        await hand.press("end", "x")
        await hand.until("on 299 lines")
        await hand.press("escape")
        await settled(hand.app)


async def test_cancelled_lines_follow_a_long_list(engine: Engine) -> None:
    service = long_book(engine, 300)
    service.apply(service.plan_allocate_sales_orders(PO_LINE))
    gone = [LineId("19999", "00001"), LineId("19998", "00007")]
    for line in gone:
        service.apply(service.plan_cancel_item(line, "OICR_CHANGE_MIND"))
    async with desk_on(service, lambda: ReviewAllocations(PO_LINE)) as hand:
        await hand.until("298 sales order lines, 298 units recorded")
        await hand.press("k", "end")
        assert "2 cancelled lines shown" in hand.sentence
        assert the_list(hand).current.line == gone[1]
        assert "Cancelled, for the record" in hand.text
        await hand.press("k", "end")
        assert the_list(hand).current.line == LineId("19997", "00100")
