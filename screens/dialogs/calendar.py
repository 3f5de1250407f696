"""Pick a date: a month by the arrows, or typed; both at once, in one field."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from preorder_tui.clock import parse_date
from preorder_tui.errors import DeskError, NotPermitted, WrongUsage
from screens.actions import bindings
from screens.dialog import Dialog
from screens.dialogs.list_box import field
from screens.dialogs.month_grid import MonthGrid, add_days, add_months, in_words, last_day
from screens.plain_text import plain
from screens.text_field import TextField
from screens.widgets.message_line import MessageLine

_DAYS = {"left": -1, "right": 1, "up": -7, "down": 7}
_MONTHS = {"pageup": -1, "pagedown": 1}


def typed_date(text: str) -> date:
    """The date that ``text`` says: YYYY-MM-DD, or the same digits without dashes.

    Raises:
        WrongUsage: it is none, such as 2026-02-30.
    """
    digits = text.strip()
    if len(digits) == 8 and digits.isascii() and digits.isdigit():
        digits = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    try:
        return parse_date(digits)
    except WrongUsage:
        raise WrongUsage(
            f"{text.strip()!r} is not a date: type one such as 2027-03-31"
            if text.strip()
            else "Type a date such as 2027-03-31, or go to it with the arrows"
        ) from None


class DateField(TextField):
    """Holds the date. Digits are typed into it; arrows and pages move the day that it shows."""

    class Stepped(Message):
        """A key that moves the day."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, text: str) -> None:
        super().__init__(text, id="date", max_length=32)
        self.pristine = True
        """Whether the text is a day shown by the calendar, so that the next digit replaces it."""

    class Overrides(Message):
        """The letter that takes a day although it is over."""

    def show_day(self, day: date) -> None:
        """Show a day that was not typed."""
        self.pristine = True
        self.value = day.isoformat()
        self.cursor_position = len(self.value)

    def put_back(self, value: str) -> None:
        """A day that was chosen before counts as typed."""
        self.pristine = False
        super().put_back(value)

    def _steps(self, key: str) -> bool:
        if key in ("left", "right", "home", "end"):
            return self.pristine
        return key in _DAYS or key in _MONTHS

    def takes_key(self, event: events.Key) -> bool:
        """Characters, but not those that are no part of a date: the calendar answers those."""
        return super().takes_key(event) and event.character not in ("t", "T", "o", "O")

    async def _on_key(self, event: events.Key) -> None:
        character = event.character or ""
        if character in ("o", "O"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Overrides())
            return
        if self._steps(event.key) or character in ("t", "T"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Stepped(event.key.lower()))
            return
        if self.pristine and (event.is_printable or event.key == "backspace"):
            self.pristine = False
            self.value = ""
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        if self.pristine:
            self.pristine = False
            self.value = ""
        super()._on_paste(event)


class Calendar(Dialog[date]):
    """A calendar; the answer is another date than the present one, or None.

    Args:
        title: what the date is for.
        present: the date that stands now; marked P.
        today: marked T.
        arrival: when the supply arrives; marked A.
        first_allowed: dates before it are refused with a sentence; None: any date is taken.
        what: what the date is called: "promise date".
        override: for a rule that may be overridden: why this person may not, None when they may.
        advice: a sentence about a date while it is chosen, such as "before the arrival"; may be
            empty.
    """

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "save", "override", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("save",))]
    HELP = (
        "Left and Right go by a day, Up and Down by a week, PgUp and PgDn by a month, Home and "
        "End to the first and last day of the month, t to today. Or type the date: 2027-03-31. "
        "Enter saves it, Esc leaves everything as it is. Where a day that is over may be set all "
        "the same, the letter o does it; that needs the permission OVERRIDE. P marks the present "
        "date, T today, A the arrival of the supply."
    )

    def __init__(
        self,
        title: str,
        *,
        present: date | None,
        today: date,
        arrival: date | None = None,
        first_allowed: date | None = None,
        what: str = "date",
        advice: Callable[[date], str] | None = None,
        override: Callable[[], str | None] | None = None,
    ) -> None:
        super().__init__(title)
        self.present = present
        self.today = today
        self.arrival = arrival
        self.first_allowed = first_allowed
        self.what = what
        self.advice = advice
        self.override = override
        self.overridden = False
        """Whether the answer is a day that is over, by override."""
        self.day = present or max(arrival or today, today)

    # --- Look -------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Month at the left; date, what it means and the marks at the right."""
        with Vertical(classes="box"):
            yield Static(plain(self.box_title), classes="box-title")
            with Horizontal(classes="calendar"):
                yield MonthGrid(self.day, self.marks(), self.first_allowed)
                with Vertical(classes="calendar-side"):
                    yield from field("Date", DateField(self.day.isoformat()))
                    yield Static("", id="meaning")
                    yield Static(plain("\n".join(["", *self.legend()])))
            yield MessageLine()
            yield Static(plain(self.key_line()), classes="box-keys")

    def key_line(self) -> str:
        """How to move and answer."""
        return "Arrows day/week  PgUp PgDn month  t today  Enter/^S Save  Esc close"

    def marks(self) -> dict[date, str]:
        """The letters of the marked days."""
        marks: dict[date, str] = {}
        for letter, day in (("P", self.present), ("T", self.today), ("A", self.arrival)):
            if day is not None:
                marks[day] = marks.get(day, "") + letter
        return marks

    def legend(self) -> Iterable[str]:
        """What the letters mean."""
        yield f"P now     {self.present or 'none'}"
        yield f"T today   {self.today}"
        if self.arrival is not None:
            yield f"A arrival {self.arrival}"

    def on_mount(self) -> None:
        """The first day's meaning."""
        self.set_focus(self.query_one(DateField))
        self._show_meaning(self.day)

    def _show_meaning(self, day: date | None) -> None:
        lines = [""] if day is None else [in_words(day, self.today)]
        if day is not None and self.advice is not None:
            lines.append(self.advice(day))
        self.query_one("#meaning", Static).update(plain("\n".join(lines)))

    # --- Keys -------------------------------------------------------------------------------------

    def on_date_field_stepped(self, event: DateField.Stepped) -> None:
        """An arrow, a page, the first or last day, today."""
        event.stop()
        day, key = self.day, event.key
        if key in _DAYS:
            day = add_days(day, _DAYS[key])
        elif key in _MONTHS:
            day = add_months(day, _MONTHS[key])
        elif key == "home":
            day = day.replace(day=1)
        elif key == "end":
            day = day.replace(day=last_day(day.year, day.month))
        else:
            day = self.today
        self.say("")
        self.day = day
        self.query_one(DateField).show_day(day)
        self._show(day)

    def _show(self, day: date) -> None:
        self.query_one(MonthGrid).show(day)
        self._show_meaning(day)

    def on_input_changed(self, event: Input.Changed) -> None:
        """A date typed whole is shown in the month at once."""
        event.stop()
        if self.query_one(DateField).pristine:
            return
        try:
            day = typed_date(event.value)
        except DeskError:
            self._show_meaning(None)
            return
        self.day = day
        self.say("")
        self._show(day)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.do_save()

    def do_save(self) -> None:
        """Answer with the date, unless there is something to say about it."""
        try:
            day = typed_date(self.query_one(DateField).value)
        except DeskError as error:
            self.say(error.sentence)
            return
        if day == self.present:
            self.say(f"The {self.what} is {day} already: nothing to save.")
        elif self.first_allowed is not None and day < self.first_allowed:
            hint = ", or o overrides" if self.override is not None and not self.override() else ""
            self.say(f"{day} is over: choose {self.first_allowed} or later{hint}.")
        else:
            self.overridden = False
            self.answer(day)

    def on_date_field_overrides(self, event: DateField.Overrides) -> None:
        """o: take a day that is over, where this person may."""
        event.stop()
        try:
            day = typed_date(self.query_one(DateField).value)
        except DeskError as error:
            self.say(error.sentence)
            return
        if self.override is None:
            self.say("Only dates can be typed here.")
        elif day == self.present or self.first_allowed is None or day >= self.first_allowed:
            self.do_save()  # nothing stands against it
        elif (refusal := self.override()) is not None:
            self.desk.start_flow(self.desk.show_error(NotPermitted(refusal)))
        else:
            self.overridden = True
            self.answer(day)
