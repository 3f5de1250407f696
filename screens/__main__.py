"""The console script: the desk without arguments, a command otherwise.

Commands must not pay for the desk: Textual is imported only when the desk is opened.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from preorder_tui.desk_options import DeskOptions

WRONG_USAGE = 2


def main() -> int:
    """Run the command line; the exit status is true."""
    if len(sys.argv) == 1:
        options = _options_without_parser()
        if options is not None:
            return open_desk(options)
    from preorder_tui import cli

    return cli.run(sys.argv[1:], open_desk)


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
    from screens.app import DeskApp
    from screens.open_service import open_service

    app = DeskApp(options, open_service, terminal=facts)
    app.run(mouse=False)
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
