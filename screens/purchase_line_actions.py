"""What one does with one purchase order line, from any page that shows it.

Each function runs within a flow of the page. Dialogs and pages are imported when they are asked
for, so that opening a page stays quick.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from preorder_tui.lines import LineId
from preorder_tui.permissions import Permission
from screens.dialogs.plan_flow import ask_and_carry_out, carry_out

if TYPE_CHECKING:
    from preorder_tui.records import Outcome, ProductInfo
    from screens.desk_screen import DeskScreen


def line_name(order_name: str, line: LineId) -> str:
    """A line as people call it, and as plans do: the purchase order by its own number, the item."""
    return f"{order_name or line.order_id}/{line.order_item_seq_id}"


def line_facts(name: str, product: ProductInfo, arrival: date | None) -> str:
    """What a dialog says about a line: its name, SKU, arrival date."""
    return f"{name} {product.sku}, arriving {arrival.isoformat() if arrival else '-'}"


async def review(page: DeskScreen, line: LineId) -> None:
    """Open Review Allocations."""
    from screens.review_allocations import ReviewAllocations

    await page.desk.open_page(ReviewAllocations(line))


async def remove_allocations(page: DeskScreen, line: LineId) -> None:
    """Open the page Remove Allocations."""
    from screens.remove_allocations import RemoveAllocations

    await page.desk.open_page(RemoveAllocations(line))


async def allocate_sales_orders(page: DeskScreen, line: LineId) -> Outcome | None:
    """Allocate Sales Orders."""
    from screens.dialogs import allocate_sales_orders as dialogs

    return await dialogs.allocate_sales_orders(page, line)


async def sync_dates(page: DeskScreen, line: LineId, name: str, facts: str) -> Outcome | None:
    """Sync Date with SO."""
    from screens.dialogs import sync_dates as dialogs

    return await dialogs.sync_dates(page, line, name, facts)


async def edit_arrival(
    page: DeskScreen, line: LineId, name: str, present: date | None
) -> Outcome | None:
    """Choose the arrival date from the calendar; promises stay until they are synced."""
    from screens.dialogs.calendar import Calendar

    today = page.service.clock.today()
    calendar = Calendar(
        f"Arrival date of {name}",
        present=present,
        today=today,
        first_allowed=today,
        what="arrival date",
        override=lambda: page.service.refusal(Permission.OVERRIDE),
    )
    return await ask_and_carry_out(
        page,
        calendar,
        lambda day: page.service.plan_arrival_date(line, day, override=calendar.overridden),
    )


async def receive(page: DeskScreen, line: LineId, name: str, expected: int) -> Outcome | None:
    """Record units that came in."""
    from screens.dialogs.quantity import AskQuantity

    question = AskQuantity(
        f"Receive units of {name}",
        expected or None,
        lines=[f"{expected:,} units are still expected."],
        label="Received",
    )
    return await ask_and_carry_out(
        page, question, lambda quantity: page.service.plan_receive(line, quantity)
    )


async def reallocate(page: DeskScreen, line: LineId) -> Outcome | None:
    """Pull sales orders from later purchase orders of the product to this line."""
    return await carry_out(page, lambda: page.service.plan_reallocate(line))


async def history(page: DeskScreen, line: LineId) -> None:
    """Open Order item change history."""
    from screens.history_page import HistoryPage

    await page.desk.open_page(HistoryPage(line=line))


async def export_review(page: DeskScreen, line: LineId) -> None:
    """Write the allocations of a line to a CSV file."""
    from screens.dialogs.export_csv import export_csv

    def write(path: Path, replace: bool) -> int:
        return page.service.export_allocations(line, path, replace=replace)

    await export_csv(page, f"allocations-{line.order_id}-{line.order_item_seq_id}", write)
