"""A plan as lines of text, and the short question before applying one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.dialog import Confirm, Dialog, Notice

if TYPE_CHECKING:
    from preorder_tui.plan import Plan
    from screens.app import DeskApp


def plan_lines(plan: Plan) -> list[str]:
    """What a plan would do, in sentences."""
    lines = [plan.scope()] if not plan.empty else ["Nothing to change."]
    lines += plan.effects
    lines += [f"Warning: {notice.sentence}" for notice in plan.warnings]
    lines += [f"Not done: {notice.sentence}" for notice in plan.refused]
    return lines


async def confirm_plan(app: DeskApp, plan: Plan) -> bool:
    """Show a plan and ask whether to apply it."""
    if plan.empty:
        await app.ask(Notice(plan.title, plan_lines(plan)))
        return False
    question: Dialog[bool] = Confirm(plan.title, plan_lines(plan), "Apply")
    answer = await app.ask(question)
    return answer is True
