"""One clock: what today is, and how days of the site become moments in the database.

A date given by a person (promise, arrival) means the end of that day in the site's time zone, to
the millisecond, as the OMS writes it: 23:59:59.999.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo

from preorder_tui.errors import WrongUsage

TODAY_VARIABLE = "PREORDER_TUI_TODAY"
END_OF_DAY = time(23, 59, 59, 999000)
_WRITTEN_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # fromisoformat reads 2026-W50-1 too


def zone_named(name: str) -> tzinfo:
    """The time zone of that IANA name.

    Raises:
        WrongUsage: there is no such zone.
    """
    if name.upper() == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # it reads the system's settings: slow

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WrongUsage(
            f"{name!r} is not a time zone: write one such as Europe/Berlin or UTC"
        ) from error


@dataclass(frozen=True)
class Clock:
    """The site's clock. ``fixed_today`` stands still for tests, demos and training."""

    zone: tzinfo = field(default=UTC)
    fixed_today: date | None = None

    @classmethod
    def from_environment(
        cls, zone: tzinfo = UTC, environment: Mapping[str, str] = os.environ
    ) -> Clock:
        """The clock of this process: PREORDER_TUI_TODAY=YYYY-MM-DD sets its day.

        Raises:
            WrongUsage: the variable holds no date.
        """
        given = environment.get(TODAY_VARIABLE)
        return cls(zone, parse_date(given, TODAY_VARIABLE) if given else None)

    def now(self) -> datetime:
        """This moment, UTC without zone, as it is stored; on the fixed day if there is one."""
        moment = datetime.now(self.zone)
        if self.fixed_today is not None:
            moment = datetime.combine(self.fixed_today, moment.time(), self.zone)
        return moment.astimezone(UTC).replace(tzinfo=None)

    def today(self) -> date:
        """The day it is at the site."""
        return self.fixed_today or datetime.now(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """The last moment of ``day`` at the site, UTC without zone.

        Raises:
            WrongUsage: that moment is beyond the calendar, west of Greenwich on 9999-12-31.
        """
        try:
            return self._stored(datetime.combine(day, END_OF_DAY, self.zone))
        except OverflowError as error:
            raise WrongUsage(f"{day} is too far away: give an earlier date") from error

    def start_of(self, day: date) -> datetime:
        """The first moment of ``day`` at the site, UTC without zone."""
        return self._stored(datetime.combine(day, time.min, self.zone))

    def day(self, stored: datetime) -> date:
        """The day at the site of a stored moment."""
        return stored.replace(tzinfo=UTC).astimezone(self.zone).date()

    def local(self, stored: datetime) -> datetime:
        """A stored moment with the site's zone, for display and JSON."""
        return stored.replace(tzinfo=UTC).astimezone(self.zone)

    @staticmethod
    def _stored(moment: datetime) -> datetime:
        return moment.astimezone(UTC).replace(tzinfo=None)


def parse_date(text: str, what: str = "the date") -> date:
    """A date written YYYY-MM-DD (exactly: no other form is guessed).

    Raises:
        WrongUsage: it is not one, such as 2026-02-30.
    """
    stripped = text.strip()
    try:
        if not _WRITTEN_DATE.fullmatch(stripped):
            raise ValueError
        return date.fromisoformat(stripped)
    except ValueError as error:
        raise WrongUsage(
            f"{what}: {stripped!r} is not a date, write YYYY-MM-DD such as 2027-03-31"
        ) from error
