"""F1: what the page on top is for, and every key it has."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import cleandoc
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from screens import keys
from screens.actions import bindings
from screens.dialog import Dialog
from screens.widgets.text_pages import TextPages

RESTRICTED = (
    "This login is restricted to the desk: files are read from and written to the exchange folder "
    "only, and no other program of this machine can be reached."
)
_SOURCE_WIDTH = 84
"""About where a line of help is broken in the source, at the least."""


class Help(Dialog[bool]):
    """Generated from the key table and the page's HELP; scrolls by arrows and pages."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("close",)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("close", "accept", "leave", "back"))]

    def __init__(self, about: Any) -> None:
        super().__init__("Help")
        self.about = about

    def body(self) -> Iterable[Widget]:
        """The text."""
        yield TextPages(help_lines(self.about))

    def key_line(self) -> str:
        """How to close it."""
        return "Up Down PgUp PgDn scroll  Esc Enter close"

    def do_help(self) -> None:
        """F1 again closes it."""
        self.answer(None)

    def do_accept(self) -> None:
        """Enter closes it."""
        self.answer(True)

    def do_leave(self) -> None:
        """F3 closes it."""
        self.answer(None)

    def do_back(self) -> None:
        """F12 closes it."""
        self.answer(None)


MARKS = (
    "Before a row: * tagged; since others changed it: ~ changed, + new, - no longer",
    "part of this list. The marks go with a key once you had the time to see them.",
)


def help_lines(about: Any) -> list[str]:
    """The lines of help about a page or dialog."""
    path = getattr(about, "path", None)
    lines = [" > ".join(path()) if path is not None else getattr(about, "box_title", ""), ""]
    lines += paragraphs(getattr(about, "HELP", ""))
    sentence = getattr(about, "last_sentence", "")
    if sentence:
        lines += ["", f"Last message: {sentence}"]
    all_actions = getattr(about, "all_actions", None)
    names = all_actions() if all_actions is not None else about.ACTIONS
    lines += ["", "Keys"]
    shown = dict.fromkeys((*names, *_list_keys(about), *keys.WITHOUT_WAITING))
    for pressed, text in keys.help_lines(shown):
        lines.append(f"  {pressed:<14} {text}")
    if path is not None:
        lines += ["", *MARKS]
    desk = getattr(about, "desk", None)
    if desk is not None and desk.options.restricted:
        lines += ["", RESTRICTED]
    return lines


def paragraphs(text: str) -> list[str]:
    """Help as it was meant: a line that ends early ends a paragraph, a full one goes on."""
    found: list[str] = []
    room = 0
    for line in cleandoc(text).splitlines():
        first_word = line.split(" ", 1)[0]
        if found and first_word and found[-1] and len(first_word) > room:
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
        room = _SOURCE_WIDTH - len(line)
    return found


def _list_keys(about: Any) -> tuple[str, ...]:
    from screens.line_list import LineList

    return keys.IN_LISTS if about.query(LineList) else ()
