"""Asks for one line of text; what does not fit is kept and told why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from preorder_tui.errors import DeskError, WrongUsage
from screens.actions import bindings
from screens.dialog import Dialog
from screens.dialogs.list_box import field, focus_and_select
from screens.plain_text import plain
from screens.text_field import TextField


def something(text: str) -> str:
    """The text without blanks around it.

    Raises:
        WrongUsage: it is empty.
    """
    stripped = text.strip()
    if not stripped:
        raise WrongUsage("Type something, or press Esc to leave it")
    return stripped


class AskText(Dialog[str]):
    """One field; Enter answers, Esc leaves it."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "accept", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("close",))]
    HELP = "Type the text, Enter takes it, Esc closes."

    def __init__(
        self,
        title: str,
        value: str = "",
        check: Callable[[str], str] = something,
        *,
        label: str = "Text",
        lines: Iterable[str] = (),
        max_length: int = 255,
    ) -> None:
        super().__init__(title)
        self.value = value
        self.check = check
        self.label = label
        self.lines = tuple(lines)
        self.max_length = max_length

    def body(self) -> Iterable[Widget]:
        """What it is about, and the field."""
        if self.lines:
            yield Static(plain("\n".join(self.lines)), classes="box-text")
        yield from field(self.label, TextField(self.value, id="text", max_length=self.max_length))

    def on_mount(self) -> None:
        """Typing replaces what is there."""
        focus_and_select(self.query_one("#text", TextField))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.do_accept()

    def do_accept(self) -> None:
        """Take what the field says."""
        try:
            text = self.check(self.query_one("#text", TextField).value)
        except DeskError as error:
            self.say(error.sentence)
            return
        self.answer(text)
