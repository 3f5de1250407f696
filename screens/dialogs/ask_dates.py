"""Two typed days: from and to, either of which may be left empty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from preorder_tui.errors import DeskError
from screens.actions import bindings
from screens.date_ranges import Range, range_from
from screens.dialog import Dialog
from screens.dialogs.list_box import field, focus_and_select
from screens.text_field import TextField


class AskDates(Dialog[Range]):
    """The answer is (from, to); an open side is None."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "next", "accept", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("close", "save"))]
    HELP = (
        "Type the first and the last day, such as 2026-11-01; leave one empty for an open end. "
        "Enter goes from the first field to the second, and from there takes both."
    )

    def __init__(self, title: str, present: Range = (None, None)) -> None:
        super().__init__(title)
        self.present = present

    def body(self) -> Iterable[Widget]:
        """The two fields."""
        first, last = (day.isoformat() if day is not None else "" for day in self.present)
        yield from field("From", TextField(first, id="from", max_length=20))
        yield from field("To  ", TextField(last, id="to", max_length=20))

    def on_mount(self) -> None:
        """Begin with the first."""
        focus_and_select(self.query_one("#from", TextField))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        if event.input.id == "from":
            focus_and_select(self.query_one("#to", TextField))
        else:
            self.do_save()

    def do_save(self) -> None:
        """Take both."""
        try:
            days = range_from(
                self.query_one("#from", TextField).value, self.query_one("#to", TextField).value
            )
        except DeskError as error:
            self.say(error.sentence)
            return
        self.answer(days)
