"""Kept drafts: what a person typed or picked at a desk and had not applied when the desk ended.

A desk keeps them while it is typed into, so that neither a line that drops nor a kill takes more
than the last moments. They are the person's own: nobody else is offered them, no log has them.
Nothing of them is ever applied by itself: opening one puts it back where it was typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from data.tables import desk_session, kept_input
from preorder_tui import desk_sessions
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.desk_sessions import DeskSession
from preorder_tui.errors import Refused, UnknownId
from preorder_tui.text import clean

KEPT_FOR = timedelta(days=30)
LONGEST = 250
_k = kept_input.c


@dataclass(frozen=True, slots=True)
class Draft:
    """What there is to keep of one place.

    Attributes:
        place: the page, as its title line says it.
        title: what it is about.
        typed: what was typed or picked, in a few words.
        input: all of it, as the desk puts it back; JSON.
    """

    place: str
    title: str
    typed: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft that is kept.

    Attributes:
        number: its id.
        draft: what it is.
        kept: when it was typed, at the site.
        status_id: how its desk ended, or that it runs.
        where: the terminal of its desk, and the host where it is another.
        told: whether the person has been asked about it before.
        when: the same as ``kept``, as people say it: "yesterday 14:02".
    """

    number: int
    draft: Draft
    kept: datetime
    status_id: str
    where: str
    told: bool
    when: str

    @property
    def in_use(self) -> bool:
        """Whether the desk that it was typed at is still open."""
        return self.status_id == desk_sessions.RUNNING

    @property
    def left_on_purpose(self) -> bool:
        """Whether its desk was closed: it is there to be found, and nobody is reminded of it."""
        return self.status_id == desk_sessions.CLOSED

    @property
    def how(self) -> str:
        """What became of its desk, as part of a sentence."""
        return desk_sessions.HOW.get(self.status_id, "it is open at another desk")

    @property
    def sentence(self) -> str:
        """When, what happened, what it is about, what was typed."""
        typed = f" ({self.draft.typed})" if self.draft.typed else ""
        if self.in_use:
            at = f" on {self.where}" if self.where else ""
            return f"Since {self.when} it is open{at}: {self.draft.title}{typed}."
        text = f"{self.when} {self.how} while you were at: {self.draft.title}{typed}."
        return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Kept:
    """What was written: the desk's number, and those of its drafts in the order given."""

    session: int
    numbers: tuple[int, ...]


def when(clock: Clock, stored: datetime) -> str:
    """A moment as people say it: "14:02", "yesterday 14:02", "2026-11-20 14:02"."""
    moment, today = clock.local(stored), clock.today()
    days = (today - moment.date()).days
    day = {0: "", 1: "yesterday "}.get(days, f"{moment:%Y-%m-%d} ")
    return f"{day}{moment:%H:%M}"


def keep(
    connection: Connection,
    clock: Clock,
    actor: Actor,
    session: int | None,
    drafts: Sequence[tuple[int | None, Draft]],
    gone: Sequence[int],
) -> Kept:
    """Write drafts of a desk, new ones and those that have a number, and take others away."""
    session = desk_sessions.seen(connection, clock, actor, session)
    numbers = []
    for number, draft in drafts:
        values = {
            "DESK_SESSION_ID": session,
            "PLACE": draft.place[:LONGEST],
            "TITLE": draft.title[:LONGEST],
            "TYPED": draft.typed[:LONGEST],
            "INPUT": json.dumps(draft.input),
            "KEPT_DATETIME": clock.now(),
        }
        numbers.append(_write(connection, actor.person, number, values))
    if gone:
        connection.execute(
            delete(kept_input).where(
                _k.KEPT_INPUT_ID.in_(list(gone)), _k.USER_LOGIN_ID == actor.person
            )
        )
    return Kept(session, tuple(numbers))


def _write(connection: Connection, person: str, number: int | None, values: dict[str, Any]) -> int:
    if number is not None:
        there = connection.execute(
            update(kept_input)
            .where(_k.KEPT_INPUT_ID == number, _k.USER_LOGIN_ID == person)
            .values(**values)
        )
        if there.rowcount:
            return number
    made = connection.execute(insert(kept_input).values(USER_LOGIN_ID=person, **values))
    key = made.inserted_primary_key
    if key is None:
        raise AssertionError("the database gave the draft no id")
    return int(key[0])


def replace_earlier(connection: Connection, actor: Actor, session: int) -> None:
    """Of what was left by closing a desk only the last of each page stays: a search, mostly."""
    pages = connection.execute(
        select(_k.PLACE).where(_k.USER_LOGIN_ID == actor.person, _k.DESK_SESSION_ID == session)
    ).scalars()
    of_closed = select(desk_session.c.DESK_SESSION_ID).where(
        desk_session.c.USER_LOGIN_ID == actor.person,
        desk_session.c.STATUS_ID == desk_sessions.CLOSED,
        desk_session.c.DESK_SESSION_ID != session,
    )
    connection.execute(
        delete(kept_input).where(
            _k.USER_LOGIN_ID == actor.person,
            _k.PLACE.in_(list(pages)),
            _k.DESK_SESSION_ID.in_(of_closed),
        )
    )


def drafts(
    connection: Connection,
    clock: Clock,
    actor: Actor,
    sessions: Sequence[DeskSession] | None = None,
) -> tuple[KeptDraft, ...]:
    """The person's drafts, the newest first; those of desks that are open are marked so."""
    if sessions is None:
        sessions = desk_sessions.of_person(connection, clock, actor.person)
    by_number = {one.number: one for one in sessions}
    rows = connection.execute(
        select(kept_input)
        .where(_k.USER_LOGIN_ID == actor.person, _k.DESK_SESSION_ID.in_(list(by_number)))
        .order_by(_k.KEPT_DATETIME.desc(), _k.KEPT_INPUT_ID.desc())
    ).all()
    found = []
    for row in rows:
        session = by_number[row.DESK_SESSION_ID]
        found.append(
            KeptDraft(
                row.KEPT_INPUT_ID,
                Draft(clean(row.PLACE), clean(row.TITLE), clean(row.TYPED), _input(row.INPUT)),
                clock.local(row.KEPT_DATETIME),
                session.status_id,
                session.where,
                session.told,
                when(clock, row.KEPT_DATETIME),
            )
        )
    return tuple(found)


def _input(text: str) -> dict[str, Any]:
    """What the desk puts back; nothing where this program did not write it."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def discard(
    connection: Connection, clock: Clock, actor: Actor, number: int, *, dry_run: bool = False
) -> KeptDraft:
    """Throw a draft away; what it was.

    Raises:
        UnknownId: the person has no draft of that number.
        Refused: its desk is open.
    """
    found = next((one for one in drafts(connection, clock, actor) if one.number == number), None)
    if found is None:
        raise UnknownId(f"you have no kept draft {number}: drafts lists them")
    if found.in_use:
        where = f" at {found.where}" if found.where else ""
        raise Refused(f"draft {number} is open at your desk{where}: close it there")
    if not dry_run:
        connection.execute(delete(kept_input).where(_k.KEPT_INPUT_ID == number))
    return found


def forget_old(connection: Connection, clock: Clock, person: str | None = None) -> int:
    """Delete drafts older than thirty days, one person's or everybody's; how many there were.

    With everybody's go the rows of desks of that age.
    """
    old = _k.KEPT_DATETIME < clock.now() - KEPT_FOR
    if person is not None:
        old &= _k.USER_LOGIN_ID == person
    number = connection.execute(
        select(func.count()).select_from(kept_input).where(old)
    ).scalar_one()
    if number:
        connection.execute(delete(kept_input).where(old))
    if person is None:
        desk_sessions.forget_old(connection, clock.now() - KEPT_FOR)
    return int(number)
