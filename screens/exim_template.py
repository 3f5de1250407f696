"""Write the template of an import configuration: its header and one sample row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from preorder_tui.exim.configurations import Configuration
from preorder_tui.export_file import write_file
from preorder_tui.text import clean
from screens.dialogs.export_csv import ask_where

if TYPE_CHECKING:
    from screens.desk_screen import DeskScreen


async def write_template(page: DeskScreen, one: Configuration) -> None:
    """Write it to a file that the person names; within a flow."""
    where = await ask_where(
        page,
        f"Template of {one.config_id}",
        f"{one.config_id.lower()}-template.csv",
        "The header and one sample row",
    )
    if where is None:
        page.say("Nothing was written.")
        return
    path, replace = where

    def write(take: Callable[[str], object]) -> int:
        take(one.template())
        return 1

    await page.call(write_file, path.absolute(), write, replace=replace)
    page.say(f"The template was written to {clean(str(path))}.")
