"""A month as a grid of days, with marks in letters."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Mapping
from datetime import date, timedelta

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from screens.line_columns import fit

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
CELL = 6
"""Cells of a day: ``>`` at the chosen one, two digits, up to three marks."""


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day; stays inside the calendar."""
    number = day.year * 12 + day.month - 1 + months
    number = max(12, min(number, 9999 * 12 + 11))
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, last_day(year, month + 1)))


def last_day(year: int, month: int) -> int:
    """How many days a month has."""
    return max(day for week in Weeks().monthdayscalendar(year, month) for day in week)


def add_days(day: date, days: int) -> date:
    """A day later or earlier; stays inside the calendar."""
    number = max(date.min.toordinal(), min(day.toordinal() + days, date.max.toordinal()))
    return date.fromordinal(number)


class MonthGrid(Widget):
    """Shows the month of the chosen day. ISO weeks: they begin on Monday."""

    def __init__(self, day: date, marks: Mapping[date, str], first_allowed: date | None) -> None:
        super().__init__()
        self.day = day
        self.day_marks = marks
        self.first_allowed = first_allowed

    def show(self, day: date) -> None:
        """Choose another day."""
        if day != self.day:
            self.day = day
            self.refresh()

    def lines(self) -> list[str]:
        """The grid as text, for tests and for screens without styles."""
        return [strip.text.rstrip() for strip in self.render_lines(Region(0, 0, 47, 9))]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Heading, week days, up to six weeks."""
        width = max(47, self.size.width)
        heading = f"{MONTHS[self.day.month - 1]} {self.day.year}".center(47)
        days = "".join(f" {name}".ljust(CELL) for name in WEEKDAYS)
        strips = [
            Strip([Segment(fit(heading, width), Style(bold=True))], width),
            Strip([Segment(fit(f"Wk   {days}", width), Style(bold=True))], width),
        ]
        weeks = Weeks().monthdayscalendar(self.day.year, self.day.month)
        strips += [self._week(week, width) for week in weeks]
        blank = Strip([Segment(" " * width)], width)
        strips += [blank] * 9
        return [strip.crop(crop.x, crop.right) for strip in strips[crop.y : crop.bottom]]

    def _week(self, numbers: list[int], width: int) -> Strip:
        first = next(number for number in numbers if number)
        week = date(self.day.year, self.day.month, first).isocalendar().week
        segments = [Segment(f"{week:>2}   ", Style(dim=True))]
        for number in numbers:
            if not number:
                segments.append(Segment(" " * CELL))
                continue
            day = date(self.day.year, self.day.month, number)
            chosen = day == self.day
            over = self.first_allowed is not None and day < self.first_allowed
            text = f"{'>' if chosen else ' '}{number:>2}{self.day_marks.get(day, '')}"
            style = Style(reverse=chosen, dim=over and not chosen, bold=day in self.day_marks)
            segments.append(Segment(text, style))
            segments.append(Segment(" " * (CELL - len(text))))
        used = sum(segment.cell_length for segment in segments)
        segments.append(Segment(" " * max(0, width - used)))
        return Strip(segments, width)


def in_words(day: date, today: date) -> str:
    """A day as people say it: Tuesday, in 6 days."""
    days = (day - today) // timedelta(days=1)
    name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[
        day.weekday()
    ]
    if days == 0:
        return f"{name}, today"
    if days in (1, -1):
        return f"{name}, {'tomorrow' if days == 1 else 'yesterday'}"
    return f"{name}, in {days:,} days" if days > 0 else f"{name}, {-days:,} days ago"
