"""Filters that a person keeps under a name, page by page."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy import delete as delete_from

from data.tables import saved_filter
from preorder_tui.clock import Clock
from preorder_tui.errors import UnknownId, WrongUsage
from preorder_tui.text import clean

LONGEST_NAME = 60


def load(
    connection: Connection, clock: Clock, user: str, page: str
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The person's filters of a page, by name: (name, fields). Dates come back as ISO text."""
    rows = connection.execute(
        select(saved_filter.c.FILTER_NAME, saved_filter.c.FILTER).where(
            saved_filter.c.USER_LOGIN_ID == user, saved_filter.c.PAGE == page
        )
    )
    found = [(clean(name), fields) for name, text in rows if (fields := _fields(text)) is not None]
    return tuple(sorted(found, key=lambda pair: (pair[0].casefold(), pair[0])))


def save(
    connection: Connection,
    clock: Clock,
    user: str,
    page: str,
    name: str,
    fields: dict[str, Any],
) -> None:
    """Keep a filter under a name, in place of the one of that name.

    Raises:
        WrongUsage: the name is empty or longer than 60 characters.
    """
    name = _name(name)
    _forget(connection, user, page, name)
    connection.execute(
        insert(saved_filter).values(
            USER_LOGIN_ID=user,
            PAGE=page,
            FILTER_NAME=name,
            FILTER=json.dumps(fields, default=_day, sort_keys=True),
        )
    )


def delete(connection: Connection, clock: Clock, user: str, page: str, name: str) -> None:
    """Forget a filter.

    Raises:
        UnknownId: the person has none of that name on the page.
        WrongUsage: the name is empty or longer than 60 characters.
    """
    name = _name(name)
    if not _forget(connection, user, page, name):
        raise UnknownId(f"there is no saved filter {name!r}: choose one from the list")


def _forget(connection: Connection, user: str, page: str, name: str) -> bool:
    gone = connection.execute(
        delete_from(saved_filter).where(
            saved_filter.c.USER_LOGIN_ID == user,
            saved_filter.c.PAGE == page,
            saved_filter.c.FILTER_NAME == name,
        )
    )
    return gone.rowcount > 0


def _name(name: str) -> str:
    cleaned = " ".join(clean(name).split())
    if not cleaned:
        raise WrongUsage("a saved filter needs a name")
    if len(cleaned) > LONGEST_NAME:
        raise WrongUsage(
            f"the name of a saved filter has at most {LONGEST_NAME} characters, "
            f"this one has {len(cleaned)}"
        )
    return cleaned


def _fields(text: str) -> dict[str, Any] | None:
    """The fields; None for what this program did not write, which is passed over."""
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be kept in a saved filter")
