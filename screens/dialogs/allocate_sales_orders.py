"""Allocate Sales Orders to a purchase order line: confirm, pick the lines, see the plan, apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preorder_tui.errors import Refused
from preorder_tui.lines import LineId
from screens import demand_columns as columns
from screens.dialog import Confirm
from screens.dialogs.pick_rows import Picked, PickRows
from screens.dialogs.plan_flow import ask_and_carry_out
from screens.purchase_line_actions import line_name

if TYPE_CHECKING:
    from preorder_tui.plan import Plan
    from preorder_tui.records import DemandRow, Outcome
    from screens.desk_screen import DeskScreen


def picked(rows: tuple[DemandRow, ...], left: int) -> str:
    """Selected units against ATP."""
    wanted = sum(row.open_quantity for row in rows)
    text = f"selected {wanted:,} / ATP {left:,} in {len(rows):,} line{'s' * (len(rows) != 1)}"
    beyond = wanted - left
    return f"{text}: {beyond:,} beyond ATP, the newest orders stay waiting" if beyond > 0 else text


async def allocate_sales_orders(page: DeskScreen, line: LineId) -> Outcome | None:
    """Allocate waiting sales order lines of the product, first in, first out.

    Args:
        page: the page that asks; within a flow.
        line: the purchase order line.

    Raises:
        Refused: no line waits, or no unit is left; what was typed ahead is discarded.
    """
    review = await page.call(page.service.review_allocations, line)
    waiting = await page.call(page.service.unallocated_for, line)
    sku = review.product.sku
    left = review.available_to_promise
    if not waiting:
        raise Refused(f"No unallocated sales order line waits for {sku}")
    arrival = columns.day(review.arrival_date)
    open_units = sum(row.open_quantity for row in waiting)
    name = line_name(review.external_id, line)
    facts = f"{name} {sku}, arriving {arrival}, ATP {left:,}"
    if not left:
        wait = f"{len(waiting):,} line{' waits' if len(waiting) == 1 else 's wait'}"
        raise Refused(f"{name} has no units left to promise; {wait} for {open_units:,} units")
    question = Confirm(
        "Allocate sales orders to this item?",
        [
            facts,
            f"{len(waiting):,} unallocated line{'s' * (len(waiting) != 1)} of this product "
            f"wait{'s' * (len(waiting) == 1)} for {open_units:,} units.",
            "You pick them next, and see every change before it is written.",
        ],
        "Yes",
    )
    if not await page.ask(question):
        page.say("Nothing was changed.")
        return None

    def read_again() -> tuple[DemandRow, ...]:
        nonlocal left
        left = page.service.review_allocations(line).available_to_promise
        return page.service.unallocated_for(line)

    pick = PickRows(
        f"Allocate Sales Orders: {name}",
        columns.ALLOCATE,
        row_id=lambda row: row.line,
        rows=waiting,
        counter=lambda rows: picked(rows, left),
        enter_takes_current=True,
        lines=[f"{facts}.  First in, first out; a ticks all: Allocate All."],
        about=columns.about,
        yes="Allocate",
        read_again=read_again,
    )

    def make(answer: Picked[DemandRow]) -> Plan:
        only = [row.line for row in answer.rows]
        return page.service.plan_allocate_sales_orders(line, only)

    return await ask_and_carry_out(page, pick, make)
