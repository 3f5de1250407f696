"""Days of the site as ranges of stored moments, for filters; safe at the ends of the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from preorder_tui.clock import Clock

# Stored moments have no zone: they are UTC.
_FIRST = datetime.min  # noqa: DTZ901
_LAST = datetime.max  # noqa: DTZ901


def first_moment(clock: Clock, day: date) -> datetime:
    """The first stored moment of ``day``."""
    try:
        return clock.start_of(day)
    except OverflowError:  # a filter from the year 1, east of Greenwich
        return _FIRST if day.year < 5000 else _LAST


def moment_after(clock: Clock, day: date) -> datetime:
    """The first stored moment that is no longer in ``day``."""
    if day == date.max:
        return _LAST
    return first_moment(clock, day + timedelta(days=1))


def day_or_none(clock: Clock, stored: datetime | None) -> date | None:
    """The day at the site of a stored moment, if there is one."""
    return None if stored is None else clock.day(stored)
