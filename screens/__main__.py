"""The console script: the desk without arguments, a command otherwise.

Commands must not pay for the desk: Textual is imported only when the desk is opened.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

from preorder_tui.imported_later import imported_without, left_out

if TYPE_CHECKING:
    from preorder_tui.desk_options import DeskOptions

WRONG_USAGE = 2


def main() -> int:
    """Run the command line; the exit status is true."""
    arguments = sys.argv[1:]
    if arguments and arguments[0].startswith(("--restricted", "--settings")):
        from preorder_tui import site_file
        from preorder_tui.errors import DeskError

        try:
            arguments = site_file.begin(arguments)
        except DeskError as error:
            print(f"preorder-tui: {error.sentence}", file=sys.stderr)
            return error.exit_status
    if not arguments:
        options = _options_without_parser()
        if options is not None:
            return open_desk(options)
    from preorder_tui import cli

    return cli.run(arguments, open_desk)


def _options_without_parser() -> DeskOptions | None:
    """The options of the most frequent command: the desk opens a tenth of a second sooner.

    None when the settings are wrong: the command line says so, in its own way.
    """
    from preorder_tui import settings
    from preorder_tui.errors import DeskError

    with suppress(DeskError):
        return settings.desk_options(settings.database_url(), settings.user_name())
    return None


def open_desk(options: DeskOptions) -> int:
    """Open the desk in this terminal and run it to its end; the exit status."""
    # Nothing that is imported on the way to the first list is garbage; the desk turns the collector
    # on again when the list is there (7 % of the start, measured).
    gc.disable()
    from screens import terminal

    reason = terminal.refusal()
    if reason is not None:
        print(f"preorder-tui: {reason}", file=sys.stderr)
        return WRONG_USAGE
    facts = terminal.examine()
    terminal.prepare(facts)
    _import_lightly()
    from screens.app import DeskApp
    from screens.open_service import open_service, read_first_page

    begun = perf_counter()

    app = DeskApp(options, open_service, first_page=read_first_page, terminal=facts)
    app.run(mouse=False)
    terminal.fall_silent()
    status = app.return_code or 0
    from preorder_tui import desk_log, settings
    from preorder_tui.actor import Actor

    actor = Actor(options.user, "desk", settings.login_name())
    desk_log.write(actor, "close", desk_log.ended(status), begun=begun, status=status)
    return status


def _import_lightly() -> None:
    """Spare the first frame what Textual imports and the desk has no use for."""
    with imported_without("ssl"):  # 7 ms; drivers that encrypt their line import it for themselves
        import asyncio  # noqa: F401
    # 9 ms: the command palette is turned off, and six widgets are there for it alone.
    left_out(
        "textual.command",
        *("CommandListItem", "CommandPalette", "Provider", "SimpleProvider"),
        *("DiscoveryHit", "Hit", "Hits"),
    )


if __name__ == "__main__":
    sys.exit(main())
