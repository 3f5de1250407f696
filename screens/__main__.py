"""The console script: the desk without arguments, a command otherwise.

Commands must not pay for the desk: Textual is imported only when the desk is opened.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from preorder_tui.desk_options import DeskOptions

WRONG_USAGE = 2


def main() -> int:
    """Run the command line; the exit status is true."""
    from preorder_tui import cli

    return cli.run(sys.argv[1:], open_desk)


def open_desk(options: DeskOptions) -> int:
    """Open the desk in this terminal and run it to its end; the exit status."""
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
