"""What a person supposes, as typed: days of slip or a date, units more or fewer or a quantity."""

from __future__ import annotations

import re

from preorder_tui.clock import parse_date
from preorder_tui.errors import WrongUsage
from preorder_tui.text import clean
from preorder_tui.why_records import Supposed

MOST_DIGITS = 9
_SIGNED = re.compile(r"[+-]?[0-9]+")


def _number(text: str, what: str, example: str) -> int:
    digits = text.replace(",", "").replace(" ", "")
    if not _SIGNED.fullmatch(digits):
        raise WrongUsage(f"{clean(text)!r} is not {what}: write {example}")
    if len(digits.lstrip("+-0")) > MOST_DIGITS:
        raise WrongUsage(f"{clean(text)} is more than there can be")
    return int(digits)


def suppose(slip: str = "", units: str = "") -> Supposed:
    """What the two texts suppose; an empty one supposes nothing.

    Args:
        slip: days later, or earlier with a minus; or a date, YYYY-MM-DD.
        units: with a sign units more or fewer, without one the new quantity.

    Raises:
        WrongUsage: a text is neither.
    """
    slip, units = slip.strip(), units.strip()
    days = day = more = quantity = None
    if slip.count("-") >= 2:
        day = parse_date(slip, "the arrival")
    elif slip:
        days = _number(slip, "a number of days", "5, -3, or a date such as 2027-03-31")
    if units[:1] in ("+", "-"):
        more = _number(units, "a number of units", "+5, -5, or a new quantity such as 40")
    elif units:
        quantity = _number(units, "a number of units", "+5, -5, or a new quantity such as 40")
    return Supposed(slip=days, arrival=day, units=more, quantity=quantity)
