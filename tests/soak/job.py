"""The command line, which counts its statements and may be ended in the middle of one.

``SOAK_END=NUMBER:SIGNAL`` sends the signal to itself before that statement; ``SOAK_BY_SET=ROWS``
makes changes of that many rows large ones, which are written by the set. At its end it says on
standard error how many statements there were.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from sqlalchemy import Engine, event

from preorder_tui import auto_allocation, staged_inverse
from screens.__main__ import main


class Statements:
    """Counts statements, and ends the process before one of them."""

    def __init__(self, end: str) -> None:
        number, _, kind = end.partition(":")
        self.last, self.signal = int(number or 0), int(kind or 0)
        self.count = 0

    def __call__(self, *_arguments: Any) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), self.signal)
            time.sleep(0.05)  # a signal that is handled is handled here


if __name__ == "__main__":
    if by_set := os.environ.get("SOAK_BY_SET"):
        auto_allocation.BY_LISTS = staged_inverse.FROM = int(by_set)
    statements = Statements(os.environ.get("SOAK_END", ""))
    event.listen(Engine, "before_cursor_execute", statements)
    status = main()
    print(f"statements {statements.count}", file=sys.stderr)
    sys.exit(status)
