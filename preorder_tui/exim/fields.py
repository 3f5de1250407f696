"""Cells as values. What is none is a :class:`~preorder_tui.exim.rows.RowFault` in words."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

from preorder_tui.clock import Clock
from preorder_tui.exim.records import DateFormat
from preorder_tui.exim.rows import Row, RowFault

LONGEST_ID = 20
LONGEST_NAME = 60
LONGEST_TEXT = 255
MOST_KNOWN = 50_000
EXAMPLES = 3
MOST_UNITS = 999_999_999_999
MOST_MONEY = Decimal(10) ** 12

_CURRENCY = re.compile(r"[\s$€£¥₹]|USD|EUR|GBP", re.IGNORECASE)
_TIME = r"(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?"
_ISO = re.compile(rf"(\d{{4}})-(\d{{2}})-(\d{{2}}){_TIME}", re.ASCII)
_SECOND = re.compile(rf"(\d{{1,2}})([/-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_FORM = {"mdy": "MM/DD/YYYY", "dmy": "DD/MM/YYYY"}


def text(row: Row, column: str, longest: int = LONGEST_TEXT, *, required: bool = True) -> str:
    """The text of a cell.

    Raises:
        RowFault: it is missing, too long, or holds characters that no database takes.
    """
    value = row[column]
    if required and not value:
        raise RowFault(f"{column} is empty")
    if len(value) > longest:
        raise RowFault(f"{column} is longer than {longest} characters")
    if "\x00" in value:
        raise RowFault(f"{column} holds a NUL character")
    return value


def units(row: Row, column: str) -> int:
    """A whole number of units, 1 or more (2.0 counts as whole).

    Raises:
        RowFault: it is none.
    """
    number = _whole(row, column)
    if number < 1:
        raise RowFault(f"{column} {number} is not above zero")
    return number


def units_or_none(row: Row, column: str) -> int | None:
    """A whole number of units, 0 or more; None for an empty cell.

    Raises:
        RowFault: it is none.
    """
    if not row[column]:
        return None
    number = _whole(row, column)
    if number < 0:
        raise RowFault(f"{column} {number} is below zero")
    return number


def _whole(row: Row, column: str) -> int:
    value = text(row, column)
    if not re.fullmatch(r"[+-]?\d+(\.0*)?", value, re.ASCII):
        raise RowFault(f"{column} {value!r} is not a whole number")
    number = int(value.partition(".")[0])
    if abs(number) > MOST_UNITS:
        raise RowFault(f"{column} {value!r} is more than any order can hold")
    return number


def money(row: Row, column: str) -> Decimal | None:
    """An amount, with or without a currency sign; None for an empty cell.

    Raises:
        RowFault: it is none, or negative.
    """
    value = text(row, column, required=False)
    bare = _CURRENCY.sub("", value)
    if not bare:
        return None
    try:
        amount = Decimal(bare) if re.fullmatch(r"[+-]?\d*\.?\d*", bare, re.ASCII) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite():
        raise RowFault(f"{column} {value!r} is not an amount, write it like 12.50")
    if amount < 0:
        raise RowFault(f"{column} {value!r} is below zero")
    if amount >= MOST_MONEY:
        raise RowFault(f"{column} {value!r} is too large")
    return amount


def item_number(row: Row, column: str) -> str | None:
    """An item number in five digits, from one to five; None for an empty cell.

    Raises:
        RowFault: it is none.
    """
    value = row[column]
    if not value:
        return None
    digits = value.removesuffix(".0")  # what a spreadsheet makes of it
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and int(digits) > 0):
        raise RowFault(f"{column} {value[:40]!r} is not an item number: write one to five digits")
    return digits.zfill(5)


def yes_or_no(row: Row, column: str) -> str | None:
    """Y or N; None for an empty cell.

    Raises:
        RowFault: it is something else.
    """
    value = row[column].upper()
    if value in ("", "Y", "N"):
        return value or None
    raise RowFault(f"{column} {row[column]!r} is neither Y nor N")


class Dates:
    """Reads dates: ISO always, a second form only when it was chosen. Nothing is guessed."""

    def __init__(self, clock: Clock, form: DateFormat) -> None:
        self._clock = clock
        self._form = form
        self._known: dict[str, tuple[datetime, bool]] = {}
        self.iso_seen = False
        self.unread: list[str] = []
        """The first dates that would need a second form, while none is chosen."""

    def day(self, row: Row, column: str) -> date:
        """A day; a time of day is left out.

        Raises:
            RowFault: it is none.
        """
        return self._read(text(row, column), column)[0].date()

    def moment(self, row: Row, column: str) -> datetime:
        """A moment of the site, as it is stored; a day alone is its first moment.

        Raises:
            RowFault: it is none.
        """
        return self._stored(self._read(text(row, column), column)[0], column)

    def promise(self, row: Row, column: str) -> datetime:
        """A promise or arrival, as it is stored; a day alone is its last moment.

        Raises:
            RowFault: it is none.
        """
        local, has_time = self._read(text(row, column), column)
        if has_time:
            return self._stored(local, column)
        try:
            return self._clock.end_of(local.date())
        except OverflowError:
            raise RowFault(f"{column} {row[column]!r} is beyond the calendar") from None

    def _stored(self, local: datetime, column: str) -> datetime:
        try:
            return local.replace(tzinfo=self._clock.zone).astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            raise RowFault(f"{column} {local} is beyond the calendar") from None

    def refusal(self, file: str) -> str | None:
        """Why the file as a whole is refused: its dates are in a form that nobody has chosen."""
        if self.iso_seen or not self.unread:
            return None
        return (
            f"the dates of {file} are not written YYYY-MM-DD: {'; '.join(self.unread)}; choose "
            "--date-format mdy or dmy"
        )

    def _read(self, value: str, column: str) -> tuple[datetime, bool]:
        known = self._known.get(value)
        if known is None:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            known = self._known[value] = self._parse(value, column)
        return known

    def _parse(self, value: str, column: str) -> tuple[datetime, bool]:
        iso = _ISO.fullmatch(value)
        other = None if iso else _SECOND.fullmatch(value)
        if iso:
            self.iso_seen = True
            moment = _iso(iso)
        elif other and self._form != "iso":
            moment = _second(other, self._form)
        else:
            hint = "write YYYY-MM-DD"
            if self._form != "iso":
                hint += f" or {_FORM[self._form]}"
            elif other:
                hint += ", or choose --date-format mdy or dmy"
                if len(self.unread) < EXAMPLES:
                    self.unread.append(explain(value))
            raise RowFault(f"{column} {value!r} is not a date: {hint}")
        if moment is None:
            raise RowFault(f"{column} {value!r} is not a day of the calendar")
        return moment


def _iso(found: re.Match[str]) -> tuple[datetime, bool] | None:
    year, month, day, *clock = found.groups()
    return _moment(year, month, day, clock)


def _second(found: re.Match[str], form: str) -> tuple[datetime, bool] | None:
    first, _, other, year, *clock = found.groups()
    month, day = (first, other) if form == "mdy" else (other, first)
    return _moment(year if len(year) == 4 else f"20{year}", month, day, clock)


def _moment(year: str, month: str, day: str, clock: list[str]) -> tuple[datetime, bool] | None:
    hour, minute, seconds, fraction = clock
    try:
        moment = datetime.combine(
            date(int(year), int(month), int(day)),
            time(
                int(hour or 0),
                int(minute or 0),
                int(seconds or 0),
                int((fraction or "0").ljust(6, "0")),
            ),
        )
    except ValueError:
        return None
    return moment, hour is not None


def both_readings(value: str) -> tuple[str | None, str | None] | None:
    """The days that a date means with the month first and with the day first; None: it is ISO."""
    other = _SECOND.fullmatch(value)
    if other is None:
        return None
    readings = [_second(other, form) for form in ("mdy", "dmy")]
    month_first, day_first = (one[0].date().isoformat() if one else None for one in readings)
    return month_first, day_first


def explain(value: str) -> str:
    """What a date that is not ISO may mean, for a sentence."""
    month_first, day_first = both_readings(value) or (None, None)
    said = [
        f"{day} as {name}"
        for day, name in ((month_first, _FORM["mdy"]), (day_first, _FORM["dmy"]))
        if day is not None
    ]
    return f"{value!r} is {' or '.join(said)}" if said else f"{value!r} is no day"
