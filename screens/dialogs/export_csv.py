"""Export CSV: asks where to, never writes over a file without asking, says what was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from preorder_tui.errors import DeskError, Refused, WrongUsage
from preorder_tui.settings import exchange_file
from preorder_tui.text import clean
from screens import service_calls
from screens.dialog import Confirm
from screens.dialogs.ask_text import AskText

if TYPE_CHECKING:
    from screens.desk_screen import DeskScreen


async def export_csv(
    page: DeskScreen, suggested: str, write: Callable[[Path, bool], int]
) -> Path | None:
    """Export to a file that the person names.

    Args:
        page: the page; within a flow.
        suggested: the beginning of the file's name; today's date is added.
        write: writes the file (may it replace one?) and returns how many rows; in a thread.
    """
    name = f"{suggested}-{page.service.clock.today()}.csv"
    line = "All rows that the filters find, not only this page"
    while True:
        where = await ask_where(page, "Export everything found as CSV", name, line)
        if where is None:
            page.say("Nothing was written.")
            return None
        path, replace = where
        whole = path.absolute()  # of the folder that the desk is in now, whatever comes meanwhile
        try:
            rows = await service_calls.call_or_abandon(page.desk, write, whole, replace)
        except DeskError as error:
            page.say(error.sentence)
            name = str(path)
            continue
        page.say(f"{rows:,} row{'s' * (rows != 1)} written to {clean(str(path))}.")
        return path


async def ask_where(page: DeskScreen, title: str, name: str, line: str) -> tuple[Path, bool] | None:
    """Ask which file to write; the file and whether it may replace one, or None.

    Args:
        page: the page; within a flow.
        title: of the dialog.
        name: the name offered.
        line: what will be in the file.

    Raises:
        Refused: this login may write no files.
    """
    options = page.desk.options
    folder = Path(options.exchange_folder).resolve() if options.exchange_folder else None
    if options.restricted and folder is None:
        raise Refused("This login may write no files: ask for an exchange folder to be set up")

    def check(text: str) -> str:
        typed = text.strip()
        if not typed:
            raise WrongUsage("Type the name of the file, such as orders.csv")
        path = exchange_file(typed, folder)
        if folder is None:
            path = path.expanduser()
        if path.is_dir():
            raise WrongUsage("That is a folder: add the name of the file")
        if not path.parent.is_dir():
            raise WrongUsage("There is no folder of that name: make it first, or give another")
        return str(path)

    where = f"into {clean(str(folder))}" if folder is not None else "a name or a path"
    while True:
        answer = await page.ask(
            AskText(title, name, check, label="File", lines=[f"{line}; {where}."])
        )
        if answer is None:
            return None
        path = Path(answer)
        replace = path.exists()
        if not replace or await page.ask(
            Confirm(f"Replace {path.name}?", ["A file of that name is there already."], "Replace")
        ):
            return path, replace
        name = answer
