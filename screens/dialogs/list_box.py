"""A dialog around a list: wide where there is room, and no higher than the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from screens.dialog import Dialog
from screens.line_list import LineList
from screens.plain_text import plain
from screens.text_field import TextField
from screens.widgets.message_line import MessageLine

Answer = TypeVar("Answer")

FRAME = 2
"""Rows of the border."""


class ListBox(Dialog[Answer]):
    """A dialog whose list takes the height that the other parts leave."""

    def compose(self) -> ComposeResult:
        """The box, wide."""
        with Vertical(classes="box -wide"):
            yield Static(plain(self.box_title), classes="box-title")
            yield from self.body()
            yield MessageLine()
            yield Static(plain(self.key_line()), classes="box-keys")

    def key_line(self) -> str:
        """The line of keys, as wide as the box."""
        return self.keys_within(min(self.app.size.width, 120) - 4)

    def list_rows(self) -> int | None:
        """How many lines the list would like to have, headings included; None: all there are."""
        return None

    def other_rows(self) -> int:
        """How many lines the rest of the box takes: title, message and keys, and what is added."""
        return 4

    def fit_list(self) -> None:
        """Give the list its height."""
        for line_list in self.query(LineList):
            room = max(4, min(self.app.size.height - 2, 38) - FRAME - self.other_rows())
            wanted = self.list_rows()
            line_list.styles.height = room if wanted is None else max(2, min(room, wanted + 1))

    def on_mount(self) -> None:
        """The first fit, and the cursor into the list."""
        self.query_one(".box").styles.max_height = "100%"
        self.fit_list()
        self.set_focus(self.first_focus())

    def first_focus(self) -> Widget | None:
        """Where the cursor is at first: the list."""
        return next(iter(self.query(LineList)), None)

    def on_resize(self) -> None:
        """Another terminal size."""
        self.fit_list()


def field(label: str, text_field: TextField, hint: str = "") -> Iterable[Widget]:
    """A field with its label and a hint, in one row."""
    parts: list[Widget] = [Static(plain(label), classes="field-label"), text_field]
    if hint:
        parts.append(Static(plain(hint), classes="field-hint"))
    yield Horizontal(*parts, classes="field")


def focus_and_select(text_field: TextField) -> None:
    """Put the cursor into a field so that typing replaces what is in it."""
    screen: Any = text_field.screen
    screen.set_focus(text_field)
    text_field.select_all()
