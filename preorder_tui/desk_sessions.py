"""Open desks, one row each: so that the next start can say what became of one that was not left.

A row says that the desk runs until it says how it ended. A desk that was killed says nothing: what
still runs by its row while its process has gone was killed. On another host only the moment when it
was seen last can tell; desks on a server say every minute that they are there.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, insert, select, update

from data.tables import change_set, desk_session, kept_input
from preorder_tui import running_process
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.text import clean, clean_or_empty

RUNNING = "SESSION_RUNNING"
HUNG_UP = "SESSION_HUNG_UP"
TERMINATED = "SESSION_TERMINATED"
INTERRUPTED = "SESSION_INTERRUPTED"
LEFT = "SESSION_LEFT"
CLOSED = "SESSION_CLOSED"
FAILED = "SESSION_FAILED"
KILLED = "SESSION_KILLED"
RESTORED = "SESSION_RESTORED"

HOW = {
    HUNG_UP: "the line dropped",
    TERMINATED: "the desk was told to end",
    INTERRUPTED: "the desk was interrupted",
    LEFT: "you left at once",
    CLOSED: "you left the desk",
    FAILED: "the desk failed",
    KILLED: "the desk was killed",
    RESTORED: "a backup was made",
}
"""How a session ended, as part of a sentence."""

SEEN_WITHIN = timedelta(minutes=5)
"""A desk on another host that was not seen for so long has gone."""

_s = desk_session.c


@dataclass(frozen=True, slots=True)
class DeskSession:
    """One desk of a person.

    Attributes:
        number: its id.
        where: terminal and, where it is another, host; as part of a sentence.
        since: when it was opened, as stored.
        seen: when it was seen last, as stored.
        status_id: how it ended, or that it runs.
        told: whether the person knows how it ended.
        acting_for: the name its changes were journaled under.
    """

    number: int
    where: str
    since: datetime
    seen: datetime
    status_id: str
    told: bool
    acting_for: str

    @property
    def running(self) -> bool:
        """Whether somebody may still sit there."""
        return self.status_id == RUNNING


def own_terminal() -> str | None:
    """The terminal of this process, without its folder: ``pts/3``."""
    for stream in (sys.__stdin__, sys.__stderr__):
        try:
            if stream is not None:
                return os.ttyname(stream.fileno()).removeprefix("/dev/")[:60]
        except (OSError, ValueError):
            continue
    return None


def begin(connection: Connection, clock: Clock, actor: Actor) -> int:
    """Note that a desk is open; its number."""
    now = clock.now()
    made = connection.execute(
        insert(desk_session).values(
            USER_LOGIN_ID=actor.person,
            ACTING_FOR=actor.user,
            HOST_NAME=socket.gethostname()[:255],
            PROCESS=running_process.own_mark(),
            TERMINAL=own_terminal(),
            FROM_DATE=now,
            LAST_SEEN=now,
            STATUS_ID=RUNNING,
            TOLD="N",
        )
    )
    key = made.inserted_primary_key
    if key is None:
        raise AssertionError("the database gave the session no id")
    return int(key[0])


def seen(connection: Connection, clock: Clock, actor: Actor, number: int | None) -> int:
    """Note that a desk is still there; its number, a new one where a restore took the row away."""
    if number is not None:
        there = connection.execute(
            update(desk_session)
            .where(_s.DESK_SESSION_ID == number, _s.USER_LOGIN_ID == actor.person)
            .values(LAST_SEEN=clock.now(), STATUS_ID=RUNNING, TOLD="N")
        )
        if there.rowcount:
            return number
    return begin(connection, clock, actor)


def end(connection: Connection, clock: Clock, number: int, how: str) -> None:
    """Note how a desk ended; of one that was left with nothing typed there is nothing to tell.

    Nor is there of one that was closed: the person knows, and is not asked about it.
    """
    if how in (LEFT, CLOSED):
        forget_without_drafts(connection, [number])
    connection.execute(
        update(desk_session)
        .where(_s.DESK_SESSION_ID == number)
        .values(LAST_SEEN=clock.now(), STATUS_ID=how, TOLD="Y" if how == CLOSED else "N")
    )


def of_person(
    connection: Connection, clock: Clock, person: str, *, without: int | None = None
) -> list[DeskSession]:
    """The person's desks, the oldest first, each with what became of it by now.

    Args:
        connection: the database.
        clock: the site's.
        person: the login.
        without: the number of the desk that asks.
    """
    rows = connection.execute(
        select(desk_session).where(_s.USER_LOGIN_ID == person).order_by(_s.DESK_SESSION_ID)
    ).all()
    newest = max([clock.now(), *(row.LAST_SEEN for row in rows)])
    found = []
    for row in rows:
        if row.DESK_SESSION_ID == without:
            continue
        here = row.HOST_NAME == socket.gethostname()
        if here:
            there = running_process.is_there(row.PROCESS)
        else:  # clocks differ a little: what the person's other desks wrote is the measure too
            there = newest - row.LAST_SEEN <= SEEN_WITHIN
        status_id = KILLED if row.STATUS_ID == RUNNING and not there else row.STATUS_ID
        terminal = clean_or_empty(row.TERMINAL)
        where = " of ".join(
            part for part in (terminal, "" if here else clean(row.HOST_NAME)) if part
        )
        found.append(
            DeskSession(
                row.DESK_SESSION_ID,
                where,
                row.FROM_DATE,
                row.LAST_SEEN,
                status_id,
                row.TOLD == "Y",
                row.ACTING_FOR,
            )
        )
    return found


def note_told(connection: Connection, sessions: Sequence[DeskSession]) -> None:
    """The person has been told of these; those that left no draft are forgotten."""
    ended = [one for one in sessions if not one.running]
    forget_without_drafts(connection, [one.number for one in ended])
    for one in ended:
        connection.execute(
            update(desk_session)
            .where(_s.DESK_SESSION_ID == one.number)
            .values(STATUS_ID=one.status_id, TOLD="Y")
        )


def forget_without_drafts(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete the rows of these desks where no draft needs them."""
    if numbers:
        needed = exists().where(kept_input.c.DESK_SESSION_ID == _s.DESK_SESSION_ID)
        connection.execute(
            delete(desk_session).where(_s.DESK_SESSION_ID.in_(list(numbers)), ~needed)
        )


def forget_old(connection: Connection, before: datetime) -> None:
    """Delete the rows of desks that were not seen since, and have no draft: nobody asked."""
    needed = exists().where(kept_input.c.DESK_SESSION_ID == _s.DESK_SESSION_ID)
    connection.execute(delete(desk_session).where(_s.LAST_SEEN < before, ~needed))


def end_all(connection: Connection) -> None:
    """In a copy of a database nobody sits at a desk: what was typed is kept, the rest forgotten."""
    running = connection.execute(
        select(_s.DESK_SESSION_ID).where(_s.STATUS_ID == RUNNING)
    ).scalars()
    numbers = list(running)
    forget_without_drafts(connection, numbers)
    connection.execute(
        update(desk_session).where(_s.STATUS_ID == RUNNING).values(STATUS_ID=RESTORED, TOLD="N")
    )


def last_change_set(connection: Connection, session: DeskSession) -> tuple[int, datetime] | None:
    """The last change set under the name of a desk while it was open, and when; None: none."""
    c = change_set.c
    row = connection.execute(
        select(c.CHANGE_SET_ID, c.CHANGE_DATETIME)
        .where(
            c.CHANGE_USER_LOGIN == session.acting_for,
            c.CHANGE_DATETIME >= session.since,
            c.ORIGIN.in_(("desk", "import")),
        )
        .order_by(c.CHANGE_SET_ID.desc())
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])
