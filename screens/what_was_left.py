"""At the start: what became of the person's other desks, and what was typed there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens import keys, service_calls

if TYPE_CHECKING:
    from preorder_tui.kept_input import KeptDraft
    from preorder_tui.left_behind import LeftByDesks
    from screens.app import DeskApp

WHERE = f"{keys.keys_of('menu')}, Workflow, Kept drafts"


def tell(desk: DeskApp, left: LeftByDesks, *, again: bool = False) -> None:
    """Say it once. Whoever works already is not interrupted: they read it in the message line.

    Args:
        desk: the desk.
        left: what was left.
        again: it was asked later than at the start.
    """
    new = left.new_drafts
    at_work = again or desk.gate.keys_let_through or len(desk.screen_stack) != 1
    if new and not at_work:
        desk.start_flow(_offer(desk, new, left.said))
        return
    drafts = new if again else tuple(one for one in left.drafts if not one.left_on_purpose)
    number = len(drafts)
    kept = f"{number:,} kept draft{'s' * (number > 1)}: {WHERE}." if drafts else ""
    pages = desk.desk_pages()
    if pages and (kept or left.said):
        said = (kept, left.said, pages[-1].last_sentence)
        pages[-1].say(" ".join(filter(None, said)))


async def _offer(desk: DeskApp, drafts: tuple[KeptDraft, ...], said: str) -> None:
    """Ask until nothing new is left, one is opened, or it is left for later."""
    from screens.dialogs.what_was_left import WhatWasLeft
    from screens.reopening import open_draft

    unexpected = True
    while drafts:
        answer = await desk.ask(WhatWasLeft(drafts, said, unexpected=unexpected))
        unexpected = False
        if answer is None:
            number = len(drafts)
            left = f"{number:,} kept draft{'s' * (number > 1)}"
            desk.say(f"Left for later: {left}, under {WHERE}.")
            return
        what, chosen = answer
        if what == "open":
            desk.run_worker(open_draft(desk, chosen), group="reopen", exit_on_error=False)
            return
        await service_calls.call(desk, desk.service.discard_draft, chosen.number)
        drafts = tuple(one for one in drafts if one.number != chosen.number)
        desk.say(f"Thrown away: {chosen.draft.title}.")
