"""Text from data is data: cleaned once, where rows become records."""

from __future__ import annotations

import unicodedata

LONGEST_REASON = 255
"""Characters that the journal keeps of why something was changed."""

_SPACES = {"\t", "\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"}


def clean(value: str) -> str:
    """``value`` without anything that could act on a terminal or reorder a line.

    Control characters (C0, DEL, C1), format characters (bidirectional marks and overrides,
    zero-width characters, byte order marks), surrogates and private or unassigned code points are
    dropped; tabs and line breaks become a space. ``str.isprintable`` is false for each of them, so
    ordinary text takes the fast path and is returned as it is.
    """
    if value.isprintable():
        return value
    return "".join(
        " " if character in _SPACES else character
        for character in value
        if character in _SPACES
        or character == "\u00a0"
        or character.isprintable()
        or unicodedata.category(character) == "Zs"
    )


def clean_or_empty(value: str | None) -> str:
    """The cleaned text, or the empty string for none."""
    return clean(value) if value else ""
