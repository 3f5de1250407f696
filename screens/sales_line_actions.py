"""What one does with one sales order line, from any page that shows it; each within a flow."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from preorder_tui.permissions import Permission
from preorder_tui.records import Allocation, SalesLine
from preorder_tui.words import CANCEL_REASON_WORDS
from screens.dialogs.plan_flow import ask_and_carry_out, carry_out

if TYPE_CHECKING:
    from preorder_tui.lines import LineId
    from preorder_tui.records import Outcome, ProductInfo
    from screens.desk_screen import DeskScreen

CHANGES = ("allocate", "move_to", "deallocate", "edit", "cancel", "pin")
"""The actions that change the line."""


def reason_against(line: SalesLine, name: str) -> str | None:
    """Why an action cannot be done with this line right now, as a sentence; None when it can."""
    if name in CHANGES and not line.editable:
        return f"{line.line} can only be looked at: {line.read_only_reason}."
    if name in ("deallocate", "move_to", "jump", "pin") and not line.allocations:
        if name == "jump" and line.corresponding_po_id:
            return None
        return f"{line.line} has no allocation."
    if name in ("allocate", "move_to") and line.not_waiting:
        return f"{line.line} cannot be allocated: {line.not_waiting}."
    if name == "deallocate" and line.not_removable:
        return f"The allocation of {line.line} stays: {line.not_removable}."
    return None


async def allocate(page: DeskScreen, line: SalesLine) -> Outcome | None:
    """Allocate what is open, or move what is allocated (R-33)."""
    from screens.dialogs import allocate as dialogs

    return await dialogs.allocate(page, line)


async def move(page: DeskScreen, line: SalesLine) -> Outcome | None:
    """Move the allocation to another purchase order."""
    from screens.dialogs import allocate as dialogs

    return await dialogs.allocate(page, line, moving=True)


async def edit_date(page: DeskScreen, line: SalesLine) -> Outcome | None:
    """Choose the promise date of this one line from the calendar."""
    from screens.dialogs.calendar import Calendar

    service, arrival = page.service, line.arrival_date
    today = service.clock.today()

    def advice(day: date) -> str:
        if arrival is None:
            return "No supply is allocated."
        days = (day - arrival).days
        if days < 0:
            return f"{-days:,} day{'' if days == -1 else 's'} before arrival: will be marked"
        return "on the day of arrival" if days == 0 else f"{days:,} after arrival"

    calendar = Calendar(
        f"Promise date of {line.line} {line.product.sku}",
        present=line.promise_date,
        today=today,
        arrival=arrival,
        first_allowed=today,
        what="promise date",
        advice=advice,
        override=lambda: service.refusal(Permission.OVERRIDE),
    )
    return await ask_and_carry_out(
        page,
        calendar,
        lambda day: service.plan_promise_date(line.line, day, override=calendar.overridden),
    )


async def deallocate(page: DeskScreen, line: SalesLine) -> Outcome | None:
    """Remove the allocation, from one purchase order or all."""
    chosen: Allocation | str | None = "all"
    if len(line.allocations) > 1:
        chosen = await _choose_allocation(page, line, "Remove which allocation?", everything=True)
        if chosen is None:
            page.say("Nothing was changed.")
            return None
    only = chosen.purchase_line if isinstance(chosen, Allocation) else None
    return await carry_out(page, lambda: page.service.plan_deallocate(line.line, only))


async def pin(page: DeskScreen, line: SalesLine) -> Outcome | None:
    """Pin an allocation of the line, or unpin it; of several, the one chosen, or all."""
    chosen: Allocation | str | None = line.allocations[0]
    if len(line.allocations) > 1:
        chosen = await _choose_allocation(page, line, "Pin or unpin which?", everything=True)
        if chosen is None:
            page.say("Nothing was changed.")
            return None
    if isinstance(chosen, Allocation):
        only, pinned = chosen.purchase_line, not chosen.pinned
    else:
        only, pinned = None, not all(one.pinned for one in line.allocations)
    return await carry_out(page, lambda: page.service.plan_pin(line.line, only, pinned=pinned))


async def pin_line(page: DeskScreen, line: LineId) -> Outcome | None:
    """The same for a line that a list shows without its allocations."""
    order = await page.call(page.service.sales_order, line.order_id)
    found = next((one for one in order.items if one.line == line), None)
    if found is None:
        page.say(f"{line} is not there any more: F5 reads the list again.")
        return None
    reason = reason_against(found, "pin")
    if reason is not None:
        page.say(reason)
        return None
    return await pin(page, found)


async def auto_allocate(page: DeskScreen, product: ProductInfo) -> None:
    """Open Auto-allocate on the product of a line."""
    from screens.job_scope import of_product, open_auto_allocate

    await open_auto_allocate(page, of_product(product))


async def cancel(page: DeskScreen, line: SalesLine) -> Outcome | None:
    """Cancel the line, with a reason."""
    from screens.dialogs.choose import Choice, Choose

    units = line.ordered
    reason = await page.ask(
        Choose(
            f"Cancel {line.line} {line.product.sku}, {units:,} unit{'s' * (units != 1)}?",
            [Choice(key, words) for key, words in CANCEL_REASON_WORDS.items()],
            heading="Why is it cancelled?",
        )
    )
    if reason is None:
        page.say("Nothing was changed.")
        return None
    return await carry_out(page, lambda: page.service.plan_cancel_item(line.line, reason))


async def jump(page: DeskScreen, line: SalesLine) -> None:
    """Go to the purchase order line that the units come from."""
    if not line.allocations:
        await page.desk.open_order(line.corresponding_po_id)
        return
    chosen: Allocation | str | None = line.allocations[0]
    if len(line.allocations) > 1:
        chosen = await _choose_allocation(page, line, "Go to which purchase order?")
    if isinstance(chosen, Allocation):
        to = chosen.purchase_line
        await page.desk.open_order(to.order_id, to)


async def _choose_allocation(
    page: DeskScreen, line: SalesLine, question: str, *, everything: bool = False
) -> Allocation | str | None:
    from screens.dialogs.choose import Choice, Choose

    choices: list[Choice[Allocation | str]] = [
        Choice(
            allocation,
            f"{allocation.quantity:,} from {allocation.purchase_external_id} "
            f"({allocation.purchase_line}), arriving {allocation.arrival_date or '-'}"
            f"{', pinned' * allocation.pinned}",
        )
        for allocation in line.allocations
    ]
    if everything:
        choices.append(Choice("all", f"all of them, {line.allocated:,} units", "a"))
    return await page.ask(Choose(question, choices, heading=f"{line.line} has units from"))
