"""``settings``: what this desk would work with, and as whom."""

from __future__ import annotations

import click

from preorder_tui import settings
from preorder_tui.commands.session import ReadingCommand, current_session
from preorder_tui.text import clean


@click.command("settings", cls=ReadingCommand)
def show_settings() -> None:
    """Show the settings in force."""
    session = current_session()
    from preorder_tui.opening import name_of

    folder, log = settings.exchange_folder(), settings.log_file()
    found = {
        "database": name_of(session.url),
        "user": settings.user_name(session.user),
        "login": settings.login_name(),
        "restricted": settings.restricted(),
        "exchangeFolder": None if folder is None else str(folder),
        "log": None if log is None else str(log),
    }
    if session.as_json:
        session.print_json(found)
        return
    files = "files of the exchange folder only" if folder is not None else "no files"
    for label, text in (
        ("Database", found["database"]),
        ("Acts as", found["user"]),
        ("Login", found["login"]),
        ("Restricted", f"yes: {files}, no other program" if found["restricted"] else "no"),
        ("Exchange folder", found["exchangeFolder"] or "none: any file"),
        ("Log", found["log"] or "none"),
    ):
        session.print(f"{label:<16} {clean(str(text))}")


COMMANDS = (show_settings,)
