"""Make a plan, show it, apply it, say what was done: the one way in which the desk changes data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from textual.message_pump import MessagePump

from preorder_tui.errors import DeskError, NotPermitted, StalePlan, Uncertain, Unreachable
from screens import service_calls
from screens.dialogs.retry import NoDatabase
from screens.dialogs.show_plan import Offer, ShowPlan

if TYPE_CHECKING:
    from datetime import datetime

    from preorder_tui.plan import Plan
    from preorder_tui.records import Outcome
    from screens.app import DeskApp
    from screens.desk_screen import DeskScreen
    from screens.dialog import Dialog

Answer = TypeVar("Answer")
NOTHING = "Nothing was changed."


async def carry_out(screen: MessagePump, make_plan: Callable[[], Plan]) -> Outcome | None:
    """Carry a change out, from its plan to the sentence that says what was done.

    The plan is made in a thread, shown, and applied when the person says so. When somebody else
    changed the same lines meanwhile, nothing is written; the plan stays on the screen with who it
    was, and one key makes it again, from the same choices, on fresh data. When the database cannot
    be reached, one key tries again; nothing is ever applied twice.

    Args:
        screen: the page (or the app) that asks; it must be within a flow.
        make_plan: makes the plan; called again for fresh data.

    Returns:
        What was done; None when the person left it, or there was nothing to do.

    Raises:
        DeskError: a rule says no to the plan as a whole; the flow makes a sentence of it.
    """
    return await carry_out_told(screen, _at_once(make_plan))


async def carry_out_told(
    screen: MessagePump, make_plan: Callable[[service_calls.Told], Plan]
) -> Outcome | None:
    """The same for a plan that takes long to make: Esc ends the making too.

    Args:
        screen: the page that asks.
        make_plan: makes the plan, and calls now and then what it is given.
    """
    desk = cast("DeskApp", screen.app)
    change = _Change(desk, make_plan)
    outcome = await change.run()
    desk.say(change.sentence)
    return outcome


async def ask_and_carry_out(
    page: DeskScreen, dialog: Dialog[Answer], make_plan: Callable[[Answer], Plan]
) -> Outcome | None:
    """Ask for something and carry out the change that follows from the answer.

    The dialog is kept behind the plan: where a rule says no to what was typed or picked, it comes
    back as it was left, with the sentence that says why.
    """
    desk = page.desk
    async with service_calls.current_flow().asking(dialog) as question:
        while (answer := await question.answer()) is not None:
            change = _Change(desk, _at_once(partial(make_plan, answer)))
            try:
                outcome = await change.run()
            except DeskError as refusal:
                await question.come_back()
                await desk.show_error(refusal)
                continue
            question.close()
            page.say(change.sentence)
            return outcome
    page.say(NOTHING)
    return None


def _at_once(make_plan: Callable[[], Plan]) -> Callable[[service_calls.Told], Plan]:
    """For plans that are made so quickly that they need not listen."""
    return lambda _: make_plan()


class _Change:
    """One change under way, and the sentence that says what became of it."""

    def __init__(self, desk: DeskApp, make_plan: Callable[[service_calls.Told], Plan]) -> None:
        self.desk = desk
        self.make_plan = make_plan
        self.sentence = NOTHING

    async def run(self) -> Outcome | None:
        """Make, show and apply the plan, again where that helps."""
        desk, before, reason = self.desk, None, ""
        while True:
            plan = await self._made()
            shown = ShowPlan(plan, reason, before=before)
            answer = await desk.ask(shown)
            if answer is None:
                return None
            before, reason = plan, answer
            if shown.again:
                continue
            try:
                outcome = await self._applied(plan, reason)
            except StalePlan as error:
                desk.tell_changed()
                trouble = (
                    f"Somebody else changed this meanwhile: {error.sentence} Nothing was written."
                )
                stale = ShowPlan(plan, reason, offer=Offer.MAKE_AGAIN, trouble=trouble)
                answer = await desk.ask(stale)
                if answer is None:
                    return None
                reason = answer
                continue
            if outcome is not None:
                self.sentence = what_was_done(plan, outcome, desk.size.width)
            return outcome

    async def _made(self) -> Plan:
        """The plan; while the database cannot be reached the person may try again."""
        while True:
            try:
                return await service_calls.call_told(self.desk, self._permitted)
            except Unreachable as error:
                if not await self.desk.ask(NoDatabase(error.sentence)):
                    raise

    def _permitted(self, told: service_calls.Told) -> Plan:
        """The plan, if the person may apply it: a reason is not asked for in vain."""
        plan = self.make_plan(told)
        refusal = None if plan.empty else self.desk.service.refusal_of_plan(plan)
        if refusal is not None:
            raise NotPermitted(refusal)
        return plan

    async def _applied(self, plan: Plan, reason: str) -> Outcome | None:
        """The outcome; while the database cannot be reached the person may try again."""
        desk, began = self.desk, self.desk.service.clock.now()
        uncertain = False
        while True:
            try:
                if uncertain:
                    outcome = await self._landed(plan, began)
                    if outcome is not None:
                        return outcome
                return await desk.apply(plan, reason=reason or None)
            except Unreachable as error:
                uncertain = uncertain or isinstance(error, Uncertain)
                trouble = f"{error.sentence} " + (
                    "Trying again looks at the journal first: nothing is done twice."
                    if uncertain
                    else "Nothing was written."
                )
                lost = ShowPlan(plan, reason, offer=Offer.TRY_AGAIN, trouble=trouble)
                answer = await desk.ask(lost)
                if answer is None:
                    if uncertain:
                        self.sentence = "It is not known whether it was changed: see Change sets."
                    return None
                reason = answer

    async def _landed(self, plan: Plan, began: datetime) -> Outcome | None:
        outcome = await service_calls.call(self.desk, self.desk.service.outcome_of, plan, began)
        if outcome is not None:
            self.desk.lookout.own(outcome.change_set_id)
            self.desk.tell_changed()
        return outcome


def what_was_done(plan: Plan, outcome: Outcome, width: int) -> str:
    """The summary; where it is too long for the line, how much was done comes before what."""
    if len(outcome.summary) <= width:
        return outcome.summary
    refused = f", {len(outcome.refused):,} refused" if outcome.refused else ""
    return f"Done, {plan.scope()}{refused}: {plan.title}"
