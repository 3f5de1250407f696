"""CSV cells that a spreadsheet would run as a formula, made harmless, and back.

A cell that begins with one of ``= + - @`` tab or carriage return gets an apostrophe in front. So
that this can be undone exactly, a cell that already looks like that (apostrophes before one of
these) gets one more; every other text, ``'tis`` and ``O'Brien`` among them, stays as it is.
"""

from __future__ import annotations

import re

_RISKY = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def neutralise(cell: str) -> str:
    """The cell as it is written to a CSV file."""
    return f"'{cell}" if _RISKY.match(cell) else cell


def restore(cell: str) -> str:
    """The cell as it was before :func:`neutralise`."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell
