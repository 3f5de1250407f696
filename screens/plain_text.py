"""Text for widgets, never markup."""

from __future__ import annotations

from textual.content import Content

from preorder_tui.text import clean


def plain(text: str) -> Content:
    """``text`` as content that nothing in it can style, click or move; line breaks are kept."""
    if text.isprintable():
        return Content(text)
    return Content("\n".join(clean(line) for line in text.split("\n")))
