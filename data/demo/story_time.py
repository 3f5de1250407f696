"""Days and moments of the demo as database text, built once and looked up by day number.

Day 0 is today, day -1 yesterday. All text is UTC in the form SQLAlchemy's DateTime has on SQLite,
which PostgreSQL and MariaDB read as well, so that rows go straight to the driver.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum

FIRST_DAY, LAST_DAY = -260, 200

NEVER = 1 << 30  # a day or a slot that does not come

_MINUTES = [f" {hour:02d}:{minute:02d}:" for hour in range(24) for minute in range(60)]
_SECONDS = [f"{second:02d}.000000" for second in range(60)]


class Phase(IntEnum):
    """What happens first on one day. A slot (day and phase) orders all events of the story."""

    AUTO_ALLOCATE = 0
    ALLOCATE = 1
    APPEND = 2
    ARRIVAL = 3
    SYNC = 4
    PROMISE = 5
    DEALLOCATE = 6
    CANCEL = 7


PHASES = len(Phase)
_PHASE_HOUR = (1, 8, 9, 10, 11, 13, 14, 15)


def slot(day: int, phase: int) -> int:
    """The place of a day's phase in the order of all events."""
    return day * PHASES + phase


class StoryTime:
    """The text of every day and moment around ``today``."""

    def __init__(self, today: date) -> None:
        self.today = today
        days = [(today + timedelta(days=day)) for day in range(FIRST_DAY, LAST_DAY + 1)]
        self._dates = [day.isoformat() for day in days]
        self._end_of_day = [f"{day} 23:59:59.999000" for day in self._dates]
        self._journal_value = [f"{day}T23:59:59.999000" for day in self._dates]
        self._weekday = [day.weekday() for day in days]
        self._of_slot: dict[int, str] = {}

    def date(self, day: int) -> str:
        """The date of ``day``, as a command would write it."""
        return self._dates[day - FIRST_DAY]

    def weekday(self, day: int) -> int:
        """0 for Monday to 6 for Sunday."""
        return self._weekday[day - FIRST_DAY]

    def end_of_day(self, day: int) -> str:
        """How a date (promise, arrival) of that day is stored."""
        return self._end_of_day[day - FIRST_DAY]

    def journal_value(self, day: int) -> str:
        """How a date of that day is written into the journal."""
        return self._journal_value[day - FIRST_DAY]

    def moment(self, day: int, second: int) -> str:
        """The moment ``second`` seconds into ``day``."""
        return self._dates[day - FIRST_DAY] + _MINUTES[second // 60] + _SECONDS[second % 60]

    def of_slot(self, at: int) -> str:
        """The moment at which a slot begins."""
        found = self._of_slot.get(at)
        if found is None:
            found = self._of_slot[at] = self.within_slot(at, 0, 1)
        return found

    def within_slot(self, at: int, index: int, count: int) -> str:
        """The moment of the ``index``-th of ``count`` change sets of a slot, within its hour."""
        day, phase = divmod(at, PHASES)
        return self.moment(day, _PHASE_HOUR[phase] * 3600 + index * 3600 // count)
