"""Saved filters: use one, keep the present one under a name, forget one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from screens.actions import bindings
from screens.dialog import Confirm
from screens.dialogs.list_box import ListBox, field
from screens.line_columns import Column
from screens.line_list import LineList
from screens.text_field import TextField

if TYPE_CHECKING:
    from screens.desk_screen import DeskScreen

LONGEST_NAME = 60
Answer = tuple[str, str]
"""What to do (use, save, forget) and the name."""


class SavedFilters(ListBox[Answer]):
    """The list of names, and a field for a new one."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "forget", "next", "accept", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("forget",))]
    HELP = (
        "Enter on a name uses that filter in place of the present one. Tab goes to the field "
        "below: a name typed there and Enter keeps the present filters, search, sort and view "
        "under it. x forgets the filter under the cursor. Everybody has their own."
    )

    TITLE: ClassVar[str] = "Saved filters"  # of the box
    LABEL: ClassVar[str] = "Keep the present filters as"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(self.TITLE)
        self.names = tuple(names)

    def body(self) -> Iterable[Widget]:
        """Names and field."""
        yield LineList(
            [Column("Name", lambda name: name, 30, at_most=80)],
            row_id=lambda name: name,
            rows=self.names,
            taggable=False,
            empty="None yet: type a name below and press Enter.",
        )
        yield from field(self.LABEL, TextField(max_length=LONGEST_NAME))

    def list_rows(self) -> int:
        """All names."""
        return max(1, len(self.names))

    def other_rows(self) -> int:
        """The field too."""
        return super().other_rows() + 1

    def first_focus(self) -> Widget | None:
        """Without names, the field."""
        return super().first_focus() if self.names else self.query_one(TextField)

    def key_line(self) -> str:
        """What the keys do."""
        return "F1 Help  Enter use, keep  Tab name  x forget  Esc close"

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter on a name."""
        event.stop()
        self.answer(("use", event.row))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the field."""
        event.stop()
        name = " ".join(event.value.split())
        if name:
            self.answer(("save", name))
        else:
            self.say("Type a name to keep it under.")

    def do_forget(self) -> None:
        """x."""
        name: str | None = self.query_one(LineList).current
        if name is not None:
            self.answer(("forget", name))


async def saved_filters(
    page: DeskScreen, saved_as: str, present: dict[str, Any]
) -> dict[str, Any] | None:
    """Let a person use, keep or forget filters; the fields of the one to use, or None."""
    service = page.service
    while True:
        kept = dict(await page.call(service.saved_filters, saved_as))
        answer = await page.ask(SavedFilters(tuple(kept)))
        if answer is None:
            return None
        what, name = answer
        if what == "use":
            page.say(f"Filter {name!r} is in use.")
            return kept[name]
        if what == "save":
            if name in kept and not await page.ask(
                Confirm(f"Replace the saved filter {name!r}?", ["There is one of that name."])
            ):
                continue
            await page.call(service.save_filter, saved_as, name, present)
            page.say(f"The present filters are kept as {name!r}.")
            return None
        if await page.ask(Confirm(f"Forget the saved filter {name!r}?", yes_label="Forget")):
            await page.call(service.delete_filter, saved_as, name)
            page.say(f"The filter {name!r} is forgotten.")
