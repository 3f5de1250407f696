"""A plan whose rows are in temporary tables: the same plan → apply → journal, by the set.

A plan of lists serves what people do at the desk. An import of a million rows, and its undo, stage
their rows in a temporary table, sorted by key; the database judges, applies and journals them in
statements over whole slices. Everything else is as for any plan: one transaction, versions
re-checked in it, whole or not at all, one change set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from sqlalchemy import Connection, delete, update
from sqlalchemy.exc import IntegrityError

from data.staging import BIG_CACHE_KIB, WHOLE_BOOK_CACHE_KIB, wide_cache
from data.tables import change_set
from preorder_tui import journal
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import StalePlan
from preorder_tui.no_collection import no_collection
from preorder_tui.plan import Plan
from preorder_tui.progress import Progress
from preorder_tui.records import Outcome
from preorder_tui.stale import check_versions
from preorder_tui.wording import counted

SLICE = 50_000
"""Rows of one statement: what a progress bar moves by, and what a cancel waits for."""

SCATTERED_SLICE = 8_000
"""The same for rows whose lines lie all over the book: until a statement ends, SQLite keeps the old
content of every page it changes in memory, and here each row changes several pages of its own."""

SHOWN = 1_000
"""Rows that a staged plan carries along to be looked at."""

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Applying:
    """What a part needs to write itself."""

    clock: Clock
    user: str
    now: datetime
    change_set_id: int
    reason_enum_id: str | None
    tell: Callable[[int], None]
    """Called with rows done; raises when a person has cancelled."""


class Part(Protocol):
    """Rows of one kind, on the connection that applies them."""

    def check(self, connection: Connection, clock: Clock) -> None:
        """Lock the rows and compare them with what the plan was made from.

        Raises:
            StalePlan: they moved, and this part does not leave single rows out.
        """

    def write(self, connection: Connection, applying: Applying) -> int:
        """Write and journal the rows; how many journal rows there are."""


@dataclass(slots=True)
class StagedPlan(Plan):
    """A plan by the set. ``changes`` holds only the first rows of it, to be looked at.

    Attributes:
        parts: the rows, in the order in which they are written.
        count: how many rows there are in all.
        lines: how many lines they touch.
        stage: fills the parts' tables in the transaction that applies them; None when the
            connection has them already.
        tell: hears how many rows are done, and of how many.
    """

    parts: list[Part] = field(default_factory=list)
    count: int = 0
    lines: int = 0
    stage: Callable[[Connection], None] | None = None
    tell: Tell | None = None

    rows_in_database: ClassVar[bool] = True

    @property
    def proves_parents(self) -> bool:
        """Whether its statements prove that the lines its rows refer to are there."""
        return all(getattr(part, "proves_parents", False) for part in self.parts)

    @property
    def empty(self) -> bool:
        """Whether applying it would change nothing."""
        return self.count == 0

    @property
    def row_count(self) -> int:
        """How many rows applying it writes."""
        return self.count

    def scope(self) -> str:
        """How much it touches, for confirmations."""
        return f"{counted(self.count, 'change')} on {counted(self.lines, 'line')}"


def apply_staged(
    connection: Connection, clock: Clock, actor: Actor, plan: StagedPlan, reason: str | None
) -> Outcome:
    """Apply ``plan`` in the connection's transaction and journal it as one change set.

    Raises:
        StalePlan: rows that it was made from changed meanwhile.
        Refused: what it takes back no longer stands.
    """
    try:
        scattered = any(getattr(part, "scattered", False) for part in plan.parts)
        kib = WHOLE_BOOK_CACHE_KIB if scattered else BIG_CACHE_KIB
        with wide_cache(connection, kib), no_collection():
            return _apply_parts(connection, clock, actor, plan, reason)
    except IntegrityError as error:
        raise StalePlan(
            f"{plan.title}: the store refused it, a line no longer has these units: "
            "look again and make a new plan"
        ) from error


def _apply_parts(
    connection: Connection, clock: Clock, actor: Actor, plan: StagedPlan, reason: str | None
) -> Outcome:
    now = clock.now()
    check_versions(connection, clock, plan, Progress(len(plan.versions)))
    if plan.stage is not None:
        plan.stage(connection)
    for part in plan.parts:
        part.check(connection, clock)
    change_set_id = journal.open_change_set(connection, actor, plan, reason, now, plan.count)
    done = 0

    def tell(rows: int) -> None:
        if plan.tell is not None:
            plan.tell(done + rows, plan.count)

    applied = 0
    for part in plan.parts:
        applying = Applying(clock, actor.user, now, change_set_id, plan.reason_enum_id, tell)
        applied += part.write(connection, applying)
        done = applied
    here = change_set.c.CHANGE_SET_ID == change_set_id
    if not applied:
        connection.execute(delete(change_set).where(here))
        return Outcome(None, 0, "Nothing to change", plan.refused, tuple(plan.warnings))
    journal.communicate(connection, plan, change_set_id, now)
    if applied != plan.count:
        connection.execute(update(change_set).where(here).values(CHANGE_COUNT=applied))
    return Outcome(
        change_set_id,
        applied,
        f"{plan.title}: done, {plan.scope()}",
        plan.refused,
        tuple(plan.warnings),
    )
