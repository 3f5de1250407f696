"""Numbers in words, the same in every sentence."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number of things: "1 line", "2,000 lines"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def units(number: int) -> str:
    """A number of units in words."""
    return counted(number, "unit")


def lines(number: int) -> str:
    """A number of order lines in words."""
    return counted(number, "line")
