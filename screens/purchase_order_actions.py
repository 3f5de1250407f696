"""What one does with a purchase order as a whole; each function runs within a flow of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from preorder_tui.errors import Refused
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.records import Notice, PurchaseLine, PurchaseOrder
from screens.demand_columns import order_label
from screens.dialogs.choose import Choice, Choose
from screens.dialogs.plan_flow import ask_and_carry_out, carry_out
from screens.purchase_line_actions import line_name

if TYPE_CHECKING:
    from screens.desk_screen import DeskScreen

LOSERS_SHOWN = 6


async def save_quantities(page: DeskScreen, quantities: Sequence[tuple[LineId, int]]) -> bool:
    """Save typed quantities as one plan; below what is allocated the person chooses (R-73).

    Returns:
        Whether they were saved.
    """
    release = False
    try:
        await page.call(page.service.plan_quantities, quantities)
    except Refused as refusal:
        # Raises again where releasing does not help: below what was received, for example.
        released = await page.call(page.service.plan_quantities, quantities, release_newest=True)
        losers = [notice for notice in released.warnings if notice.rule == "R-73"]
        shown = await _named(page, [line for line, _ in quantities], losers[:LOSERS_SHOWN])
        if len(losers) > LOSERS_SHOWN:
            shown.append(f"… and {len(losers) - LOSERS_SHOWN:,} more")
        choice = await page.ask(
            Choose(
                "Less than is allocated",
                [
                    Choice("refuse", "Refuse: the quantities stay as they are"),
                    Choice("release", "Release the newest allocations first"),
                ],
                lines=[refusal.sentence, "", "Releasing the newest first:", *shown],
            )
        )
        if choice != "release":
            page.say("Nothing was changed. The typed quantities are still there.")
            return False
        release = True

    def make() -> Plan:
        return page.service.plan_quantities(quantities, release_newest=release)

    return await carry_out(page, make) is not None


async def _named(page: DeskScreen, lines: Sequence[LineId], notices: Sequence[Notice]) -> list[str]:
    """The notices, each with the order and the customer it is about."""
    people: dict[LineId | None, str] = {}
    for line in lines:
        review = await page.call(page.service.review_allocations, line)
        people |= {row.line: f"{order_label(row)} {row.customer_name}" for row in review.rows}
    return [f"{people.get(notice.line, '')}: {notice.sentence}" for notice in notices]


async def cancel(page: DeskScreen, order: PurchaseOrder, row: PurchaseLine | None) -> None:
    """Cancel the item under the cursor or the whole purchase order (R-70, R-71)."""
    service = page.service
    await _item_or_order(
        page, "Cancel", order, row, service.plan_cancel_purchase_line,
        service.plan_cancel_purchase_order,
    )  # fmt: skip


async def complete(page: DeskScreen, order: PurchaseOrder, row: PurchaseLine | None) -> None:
    """Complete the item under the cursor or the whole purchase order (R-77)."""
    service = page.service
    await _item_or_order(
        page, "Complete", order, row, service.plan_complete_purchase_line,
        service.plan_complete_purchase_order,
    )  # fmt: skip


async def _item_or_order(
    page: DeskScreen,
    verb: str,
    order: PurchaseOrder,
    row: PurchaseLine | None,
    plan_item: Callable[[LineId], Plan],
    plan_order: Callable[[str], Plan],
) -> None:
    name = order.external_id or order.order_id
    choices = []
    if row is not None:
        label = f"Item {line_name(name, row.line)}: {row.product.sku}"
        choices.append(Choice("item", label, "i", row.read_only_reason))
    open_items = sum(1 for item in order.items if item.editable)
    choices.append(
        Choice(
            "order",
            f"Purchase order {name} with its {open_items:,} open item{'s' * (open_items != 1)}",
            "o",
        )
    )
    choice = await page.ask(Choose(f"{verb} what?", choices))
    if choice == "item" and row is not None:
        line = row.line
        await carry_out(page, lambda: plan_item(line))
    elif choice == "order":
        await carry_out(page, lambda: plan_order(order.order_id))
    else:
        page.say("Nothing was changed.")


async def add_item(page: DeskScreen, order: PurchaseOrder) -> None:
    """Add an item: SKU, quantity, arrival date (R-78)."""
    from screens.dialogs.add_item import AddItem

    today = page.service.clock.today()
    dates = [row.arrival_date for row in order.items if row.arrival_date and row.editable]
    arrivals = [date for date in dates if date >= today]  # one that is over is not to be offered
    name = order.external_id or order.order_id
    await ask_and_carry_out(
        page,
        AddItem(name, max(arrivals, default=None)),
        lambda wanted: page.service.plan_add_item(
            order.order_id, wanted.sku, wanted.quantity, wanted.arrival
        ),
    )


async def show_timeline(page: DeskScreen, order: PurchaseOrder) -> None:
    """What happened to the order, and the reallocation notices."""
    from screens.dialogs.timeline import Timeline

    await page.ask(Timeline(order))
