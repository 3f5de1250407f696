"""Values of the journal as people read them, and as JSON carries them."""

from __future__ import annotations

import json
from datetime import datetime

from preorder_tui.clock import Clock
from preorder_tui.text import clean
from preorder_tui.words import word

NONE = "none"
_DATES = ("promisedDatetime", "estimatedDeliveryDate")
_WHOLE_ROWS = ("line", "order")  # a line or order that came or went, as JSON of its row


def as_stored(clock: Clock, field: str, value: str | None) -> str | None:
    """A value for JSON: a moment in ISO 8601 with the site's offset, anything else as it is."""
    moment = _moment(field, value)
    if moment is not None:
        return clock.local(moment).isoformat(timespec="milliseconds")
    return None if value is None else clean(value)


def as_people_read(clock: Clock, field: str, value: str | None, source: str = "") -> str:
    """A value in words: dates as days of the site, statuses and queues as their words.

    Args:
        clock: the site's clock.
        field: the journal's field.
        value: the journal's text.
        source: of an allocation, the purchase order as people call it.
    """
    if field == "allocation":
        return f"{value} from {source}" if value not in (None, "", "0") else NONE
    if value is None:
        return NONE
    if field == "pinned":
        to = f" to {source}" if source else ""
        return f"pinned{to}" if value == "Y" else "not pinned"
    moment = _moment(field, value)
    if moment is not None:
        return clock.day(moment).isoformat()
    if field in _WHOLE_ROWS:
        return f"the {field}{_units(value)}"
    return clean(word(value) if field in ("statusId", "facilityId") else value)


def _moment(field: str, value: str | None) -> datetime | None:
    if value is None or field not in _DATES:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _units(value: str) -> str:
    try:
        quantity = json.loads(value)["QUANTITY"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f" of {quantity} unit{'' if quantity == 1 else 's'}"
