"""Numbers in narrow columns: never cut in the middle, which would show another number."""

from __future__ import annotations


def short(number: int, cells: int) -> str:
    """``number`` in so many cells: as it is, or rounded down to thousands or millions."""
    text = str(number)
    if len(text) <= cells:
        return text
    for unit, size in (("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)):
        text = f"{number // size}{unit}"
        if len(text) <= cells:
            return text
    return "#" * cells
