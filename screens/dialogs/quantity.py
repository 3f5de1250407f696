"""Units as people type them."""

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

MOST_DIGITS = 9


def whole_units(text: str, *, least: int = 1, most: int | None = None, why_most: str = "") -> int:
    """The number of units that ``text`` says.

    Args:
        text: as typed; thousands may be set apart by commas or blanks.
        least: the smallest number that makes sense.
        most: the largest, if there is one.
        why_most: what limits it, for the sentence: "the order has 4 left".

    Raises:
        WrongUsage: it is none, and why.
    """
    typed = text.strip()
    digits = typed.replace(",", "").replace(" ", "").removeprefix("+")
    if not typed:
        raise WrongUsage("How many units? Type a whole number")
    negative = digits.startswith("-")
    whole = digits.removeprefix("-")
    if not (whole.isascii() and whole.isdigit()):
        if "." in typed or "," in typed:
            raise WrongUsage(f"{typed!r} is not a whole number: units come in whole numbers")
        raise WrongUsage(f"{typed!r} is not a number: type digits, such as 4")
    if len(whole) > MOST_DIGITS:
        raise WrongUsage(f"{typed} is more than there can be")
    number = -int(whole) if negative else int(whole)
    if number < least:
        raise WrongUsage(f"{number:,} is too few: give {least:,} or more")
    if most is not None and number > most:
        because = f": {why_most}" if why_most else f": at most {most:,}"
        raise WrongUsage(f"{number:,} is too many{because}")
    return number


class AskQuantity(Dialog[int]):
    """Asks for one number of units; a number that does not fit is kept and told why."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "accept", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("close",))]
    HELP = "Type how many units, Enter takes it, Esc closes without changing anything."

    def __init__(
        self,
        title: str,
        present: int | None,
        check: Callable[[str], int] = whole_units,
        *,
        lines: Iterable[str] = (),
        label: str = "Quantity",
    ) -> None:
        super().__init__(title)
        self.present = present
        self.check = check
        self.lines = tuple(lines)
        self.label = label

    def body(self) -> Iterable[Widget]:
        """What it is about, and the field."""
        if self.lines:
            yield Static(plain("\n".join(self.lines)), classes="box-text")
        text = "" if self.present is None else str(self.present)
        yield from field(self.label, TextField(text, id="quantity", max_length=12))

    def on_mount(self) -> None:
        """Typing replaces what is there."""
        focus_and_select(self.query_one("#quantity", TextField))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.do_accept()

    def do_accept(self) -> None:
        """Take what the field says."""
        try:
            number = self.check(self.query_one("#quantity", TextField).value)
        except DeskError as error:
            self.say(error.sentence)
            return
        self.answer(number)
