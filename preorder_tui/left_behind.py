"""What earlier sessions left behind: imports cut off, desks that were not left, drafts kept.

Changes themselves leave nothing: they are committed whole or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from data.tables import data_manager_log
from preorder_tui import desk_sessions, kept_input
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.desk_sessions import DeskSession
from preorder_tui.exim import log
from preorder_tui.text import clean, clean_or_empty

_log = data_manager_log.c


# --- Imports --------------------------------------------------------------------------------------


def anything(connection: Connection, clock: Clock) -> bool:
    """Whether an import says that it runs: it does, or its process has gone."""
    del clock
    return log.running(connection)


def close(connection: Connection, clock: Clock) -> str:
    """Mark imports whose process has gone; what became of them, as a sentence, or nothing."""
    said_to_run = connection.execute(
        select(_log.LOG_ID, _log.CREATED_BY_USER_LOGIN, _log.UPLOAD_FILE_NAME)
        .where(_log.STATUS_ID == log.RUNNING)
        .order_by(_log.LOG_ID)
    ).all()
    if not log.reconcile(connection, clock):
        return ""
    crashed = set(
        connection.execute(
            select(_log.LOG_ID).where(
                _log.LOG_ID.in_([row[0] for row in said_to_run]), _log.STATUS_ID == log.CRASHED
            )
        ).scalars()
    )
    gone = [row for row in said_to_run if row[0] in crashed]
    if not gone:
        return ""
    log_id, user, file_name = gone[0]
    more = f" and {len(gone) - 1:,} more" if len(gone) > 1 else ""
    return (
        f"The import of {clean_or_empty(file_name) or 'a file'} by {clean(user)}{more} was cut "
        f"off: nothing of it was changed (log entry {log_id})."
    )


# --- Desks ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeftByDesks:
    """What a person's desks left that are no longer open.

    Attributes:
        session: the number of the desk that asked.
        said: what became of them, as a sentence, once; empty where it was said before.
        drafts: what was typed at them and not applied, the newest first.
        open: how many other desks of the person are open.
    """

    session: int
    said: str
    drafts: tuple[kept_input.KeptDraft, ...]
    open: int

    @property
    def new_drafts(self) -> tuple[kept_input.KeptDraft, ...]:
        """Those that the person has not been asked about yet."""
        return tuple(one for one in self.drafts if not one.told)


def by_desks(
    connection: Connection, clock: Clock, actor: Actor, session: int | None
) -> LeftByDesks:
    """Note that this desk is open, and tell what became of the person's others.

    It is told once: the drafts of a desk stay, the rest of it is forgotten.
    """
    own = desk_sessions.seen(connection, clock, actor, session)
    kept_input.forget_old(connection, clock, actor.person)
    others = desk_sessions.of_person(connection, clock, actor.person, without=own)
    ended = [one for one in others if not one.running]
    drafts = kept_input.drafts(connection, clock, actor, ended)
    said = _ended(connection, clock, [one for one in ended if not one.told])
    desk_sessions.note_told(connection, ended)
    return LeftByDesks(own, said, drafts, len(others) - len(ended))


def _ended(connection: Connection, clock: Clock, untold: list[DeskSession]) -> str:
    """What became of desks, as one sentence about the last of them."""
    if not untold:
        return ""
    one = untold[-1]
    desk = f"Your desk on {one.where}" if one.where else "Your desk"
    if one.status_id == desk_sessions.KILLED:
        text = f"{desk} (since {kept_input.when(clock, one.since)}) was killed"
    else:
        how = desk_sessions.HOW.get(one.status_id, "it ended")
        text = f"{desk} ended {kept_input.when(clock, one.seen)}: {how}"
    last = desk_sessions.last_change_set(connection, one)
    if last is None:
        applied = "it had changed nothing"
    else:
        applied = f"its last change is set {last[0]}, {kept_input.when(clock, last[1])}"
    more = f" ({len(untold) - 1:,} more ended too)" if len(untold) > 1 else ""
    return f"{text}; {applied}{more}."
