"""How a judged file is imported: asked with what it would do, applied behind the page, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preorder_tui.errors import StalePlan
from preorder_tui.exim.client import Cancelled
from preorder_tui.exim.records import Preview
from preorder_tui.text import LONGEST_REASON, clean
from preorder_tui.wording import counted
from screens.dialogs.ask_text import AskText
from screens.exim_page import CANCELLED
from screens.exim_views import done_words

if TYPE_CHECKING:
    from screens.exim_import import ImportPage

EFFECTS = 4


async def ask_and_import(page: ImportPage) -> None:
    """Ask why, then apply the file in the background."""
    assert page.preview is not None  # reason_against has made sure of it
    reason = await page.ask(
        AskText(
            f"Import {clean(page.file.name) if page.file else ''}?",
            "",
            str.strip,
            label="Why",
            lines=_what_it_would_do(page.preview),
            max_length=LONGEST_REASON,
        )
    )
    if reason is None:
        page.say("Nothing was changed.")
        return
    await page.in_background(_import(page, reason))


def _what_it_would_do(preview: Preview) -> list[str]:
    lines = [clean(preview.title), f"{counted(preview.changed, 'row')} would change."]
    back = preview.failed + preview.conflicts
    if back:
        lines.append(f"{counted(back, 'row')} go to files of their own beside this file.")
    lines += [clean(one) for one in (*preview.warnings, *preview.effects)[:EFFECTS]]
    lines.append("Enter imports, Esc leaves it. The history shows why, if you say it.")
    return lines


async def _import(page: ImportPage, reason: str) -> None:
    try:
        result = await page.job(
            "Importing",
            lambda worker, tell: worker.apply(reason=reason or None, on_progress=tell),
        )
    except Cancelled:
        page.say(CANCELLED)
        await page.read_log_behind()
        return
    except StalePlan as error:
        page.judge_again()
        await page.read_log_behind()
        page.say(f"{error.sentence} Nothing was changed; F5 judges the file again.")
        return
    page.imported(result)
    page.desk.lookout.own(result.change_set_id)
    page.desk.tell_changed()
    await page.read_log_behind()
    page.say(f"Imported: {done_words(result)}. F7 takes it back.")
