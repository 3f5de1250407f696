"""Kept drafts: what was typed at a desk and not applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from preorder_tui.commands.session import ChangingCommand, Listing, current_session
from preorder_tui.commands.tables import minute
from preorder_tui.wording import counted

if TYPE_CHECKING:
    from preorder_tui.kept_input import KeptDraft

NONE = "Nothing is kept: whatever you typed was applied or given up."


@click.group(cls=Listing)
@click.pass_context
def drafts(context: click.Context) -> None:
    """List what you typed at a desk and did not apply.

    The desk offers them at its start and under Workflow, Kept drafts; opening one there puts back
    what was typed. They are yours alone and are kept for thirty days.
    """
    if context.invoked_subcommand is not None:
        return
    session = current_session()
    with session.service() as service:
        found = service.kept_drafts()
    session.print_list(
        found,
        _document,
        ("No", "Typed at", "What", "Typed", "Why it is kept"),
        lambda one: (
            one.number,
            minute(one.kept),
            one.draft.title,
            one.draft.typed,
            _how(one),
        ),
        right=("No",),
        elastic=("What", "Typed", "Why it is kept"),
        closing=f"{counted(len(found), 'draft')}." if found else NONE,
    )


@drafts.command(cls=ChangingCommand)
@click.argument("number", type=click.IntRange(min=1), metavar="N")
def discard(number: int) -> None:
    """Throw draft N away."""
    session = current_session()
    session.why()
    with session.service() as service:
        gone = service.discard_draft(number, dry_run=session.dry_run)
    if session.as_json:
        session.print_json({**_document(gone), "discarded": not session.dry_run})
    else:
        done = "would be thrown away" if session.dry_run else "is thrown away"
        session.print(f"Draft {number} {done}: {gone.draft.title}.")


def _how(one: KeptDraft) -> str:
    return f"{one.how} ({one.where})" if one.where else one.how


def _document(one: KeptDraft) -> dict[str, Any]:
    return {
        "draftId": one.number,
        "keptDatetime": one.kept.isoformat(),
        "place": one.draft.place,
        "title": one.draft.title,
        "typed": one.draft.typed,
        "statusId": one.status_id,
        "terminal": one.where,
        "inUse": one.in_use,
    }


COMMANDS = (drafts,)
