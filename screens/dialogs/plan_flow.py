"""Make a plan, show it, apply it, say what was done: the one way in which the desk changes data."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap
from typing import TYPE_CHECKING, cast

from textual.message_pump import MessagePump

from preorder_tui.errors import StalePlan
from screens import service_calls
from screens.dialog import Confirm
from screens.dialogs.show_plan import ShowPlan

if TYPE_CHECKING:
    from preorder_tui.plan import Plan
    from preorder_tui.records import Outcome
    from screens.app import DeskApp


async def carry_out(screen: MessagePump, make_plan: Callable[[], Plan]) -> Outcome | None:
    """Carry a change out, from its plan to the sentence that says what was done.

    The plan is made in a thread, shown, and applied when the person says so. When somebody else
    changed the same lines meanwhile, nothing is written; the person is told who it was and may
    have the plan made again, from the same choices, on fresh data.

    Args:
        screen: the page (or the app) that asks; it must be within a flow.
        make_plan: makes the plan; called again for fresh data.

    Returns:
        What was done; None when the person left it, or there was nothing to do.

    Raises:
        DeskError: a rule says no to the plan as a whole; the flow makes a sentence of it.
    """
    desk = cast("DeskApp", screen.app)
    reason = ""
    while True:
        plan = await service_calls.call_or_abandon(desk, make_plan)
        answer = await desk.ask(ShowPlan(plan, reason))
        if answer is None:
            desk.say("Nothing was changed.")
            return None
        reason = answer
        try:
            outcome = await desk.apply(plan, reason=reason or None)
        except StalePlan as error:
            desk.tell_changed()
            again = Confirm(
                "Somebody else changed this meanwhile",
                [*wrap(error.sentence, 72), "", "Nothing was written.",
                 "Make the plan again on fresh data, from what you picked?"],
                "Make it again",
                unexpected=True,
            )  # fmt: skip
            if await desk.ask(again):
                continue
            desk.say("Nothing was changed.")
            return None
        desk.say(what_was_done(plan, outcome, desk.size.width))
        return outcome


def what_was_done(plan: Plan, outcome: Outcome, width: int) -> str:
    """The summary; where it is too long for the line, how much was done comes before what."""
    if len(outcome.summary) <= width:
        return outcome.summary
    refused = f", {len(outcome.refused):,} refused" if outcome.refused else ""
    return f"Done, {plan.scope()}{refused}: {plan.title}"
