"""Export CSV: where to, is a file there already, write it, say how many rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from preorder_tui.errors import Refused
from preorder_tui.settings import exchange_file
from screens import service_calls
from screens.command_line import CommandLine
from screens.dialog import Confirm

if TYPE_CHECKING:
    from screens.desk_screen import DeskScreen


class ExportTo(CommandLine):
    """Asks for the name of the file."""

    HELP = (
        "Type the name of the CSV file. It is written in the folder the desk was started in, or "
        "in the exchange folder of this site. All rows of the list are written, not only those "
        "that are shown."
    )


async def export_csv(
    page: DeskScreen, file_name: str, write: Callable[[Path, bool], int]
) -> int | None:
    """Write an export; the number of rows, or None when the person left it.

    Args:
        page: the page that asks; within a flow.
        file_name: the name offered.
        write: writes to a path, over another file or not; runs in a thread.

    Raises:
        Refused: the file cannot be written, or lies outside the exchange folder.
    """
    options = page.desk.options
    folder = Path(options.exchange_folder) if options.exchange_folder else None
    if options.restricted and folder is None:
        raise Refused("this desk may not write files: no exchange folder is set up for it")
    name = await page.ask(ExportTo("Export to:", file_name))
    if not name:
        page.say("Nothing was written.")
        return None
    path = exchange_file(name, folder)
    over = await page.call(path.exists)
    if over:
        question = Confirm(
            f"Replace {path.name}?", [f"{path} exists already."], "Replace", unexpected=True
        )
        if not await page.ask(question):
            page.say("Nothing was written.")
            return None
    rows = await service_calls.call_or_abandon(page.desk, write, path, over)
    page.say(f"{rows:,} row{'' if rows == 1 else 's'} written to {path}.")
    return rows
