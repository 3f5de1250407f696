"""Date ranges as people choose them: a preset that moves with today, or two fixed days.

A range is kept as text, so that a saved filter "next 7 days" means the seven days from whenever it
is used: the name of a preset, or ``2026-11-01..2026-11-30`` where either side may be missing.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from preorder_tui.clock import parse_date
from preorder_tui.errors import WrongUsage

Range = tuple[date | None, date | None]


def _this_month(today: date) -> Range:
    last = monthrange(today.year, today.month)[1]
    return today.replace(day=1), today.replace(day=last)


def _last_month(today: date) -> Range:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


PRESETS: dict[str, Callable[[date], Range]] = {
    "today": lambda today: (today, today),
    "tomorrow": lambda today: (today + timedelta(days=1), today + timedelta(days=1)),
    "next 7 days": lambda today: (today, today + timedelta(days=7)),
    "next 30 days": lambda today: (today, today + timedelta(days=30)),
    "last 7 days": lambda today: (today - timedelta(days=7), today),
    "last 30 days": lambda today: (today - timedelta(days=30), today),
    "this month": _this_month,
    "last month": _last_month,
    "before today": lambda today: (None, today - timedelta(days=1)),
}
"""What each preset means on a given day."""

AHEAD = ("today", "next 7 days", "next 30 days", "this month", "before today")
"""Presets for dates to come: promises, auto-cancel dates, arrivals."""
BEHIND = ("today", "last 7 days", "last 30 days", "this month", "last month")
"""Presets for dates gone by: when an order was placed."""


def days_of(text: str, today: date) -> Range:
    """The days of a range: from, to; None where it is open. Empty text is no restriction.

    Raises:
        WrongUsage: it is no range.
    """
    if not text:
        return None, None
    preset = PRESETS.get(text)
    if preset is not None:
        return preset(today)
    first, dots, last = text.partition("..")
    if not dots:
        raise WrongUsage(f"{text!r} is not a range of dates")
    return range_from(first, last)


def range_from(first: str, last: str) -> Range:
    """The range of two typed days, either of which may be empty.

    Raises:
        WrongUsage: one is no date, or the second is before the first.
    """
    start = parse_date(first, "from") if first.strip() else None
    end = parse_date(last, "to") if last.strip() else None
    if start is not None and end is not None and end < start:
        raise WrongUsage(f"to {end} is before from {start}: change one of them")
    return start, end


def text_of(days: Range) -> str:
    """The text that keeps two fixed days; empty when both are open."""
    start, end = days
    if start is None and end is None:
        return ""
    return f"{start or ''}..{end or ''}"


def words_of(text: str) -> str:
    """A range as people read it."""
    if not text or text in PRESETS:
        return text
    first, _, last = text.partition("..")
    if first and last:
        return first if first == last else f"{first} to {last}"
    return f"from {first}" if first else f"to {last}"
