"""Units spread over several sources, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Source = TypeVar("Source")


def spread(wanted: int, offers: Iterable[tuple[Source, int]]) -> list[tuple[Source, int]]:
    """What each source gives: the first all it has, then the next, until ``wanted`` units are met.

    Args:
        wanted: how many units.
        offers: the sources in their order, with the units that each has.

    Returns:
        The sources that give some; together at most ``wanted``, less where they have no more.
    """
    parts: list[tuple[Source, int]] = []
    for source, offered in offers:
        step = min(wanted, offered)
        if step > 0:
            parts.append((source, step))
            wanted -= step
    return parts
