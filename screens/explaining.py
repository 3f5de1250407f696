"""Why? and What if?, from any page that shows a line; each within a flow."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from preorder_tui.lines import LineId
from preorder_tui.why_records import Supposed
from preorder_tui.wording import counted
from screens import service_calls
from screens.dialogs.plan_flow import ask_and_carry_out, carry_out

if TYPE_CHECKING:
    from preorder_tui.records import SalesLine
    from screens.app import DeskApp
    from screens.desk_screen import DeskScreen


async def why(page: DeskScreen, line: LineId) -> None:
    """Explain a line; carry out the suggestion that is chosen, step by step, each shown first."""
    from screens.dialogs.why import WhyDialog

    found = await page.call(page.service.why, line)
    chosen = await page.ask(WhyDialog(found))
    if chosen is None:
        return
    for number, step in enumerate(chosen.steps, start=1):
        done = await carry_out(page, partial(page.service.plan_step, step))
        if done is None:
            if number > 1:
                page.say(
                    f"Step {number} of {len(chosen.steps)} was left; F7 takes the one before back."
                )
            return


async def only_why(desk: DeskApp, line: LineId) -> None:
    """Explain a line from within another dialog, which goes on where it was."""
    from screens.dialogs.why import WhyDialog

    found = await service_calls.call(desk, desk.service.why, line)
    await desk.ask(WhyDialog(found, may_act=False))


async def why_of_order(page: DeskScreen, order_id: str) -> None:
    """Explain a line of a sales order; which one is asked where there are several."""
    from screens.dialogs.choose import Choice, Choose

    order = await page.call(page.service.sales_order, order_id)
    if not order.items:
        page.say("This order has no items.")
        return
    line = order.items[0].line
    if len(order.items) > 1:
        choices = [Choice(item.line, _item(item)) for item in order.items]
        chosen = await page.ask(Choose("Why? of which item", choices))
        if chosen is None:
            return
        line = chosen
    await why(page, line)


def _item(item: SalesLine) -> str:
    marks = ", ".join(item.marks) or "nothing is wrong"
    return f"{item.line.order_item_seq_id.lstrip('0')} {item.product.sku}: {marks}"


async def what_if(page: DeskScreen, line: LineId) -> None:
    """Suppose a slip or units of a purchase order line; apply it, and sync dates, or not."""
    from screens.dialog import Confirm
    from screens.dialogs.what_if import WhatIfDialog

    service = page.service
    known = await page.call(service.know_for_what_if, line)
    present = await page.call(service.what_if, line, Supposed(), known=known)
    done = await ask_and_carry_out(
        page,
        WhatIfDialog(page, present, known),
        lambda supposed: service.plan_what_if(line, supposed),
    )
    if done is None or done.change_set_id is None:
        return
    after = await page.call(service.what_if, line, Supposed(), first=0)
    if not after.sync:
        return
    dates = counted(after.sync, "promise date")
    question = Confirm(
        f"And sync {dates} with the arrival?",
        [
            f"{after.sync_later:,} would get later than the customer was told.",
            "Every change is shown before it is written. Sync Date with SO does it later too.",
        ],
        "Sync",
    )
    if await page.ask(question):
        await carry_out(page, lambda: service.plan_sync_dates(line))
