"""What an importer works with, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from data import transaction
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.exim.configurations import Configuration
from preorder_tui.exim.fields import Dates
from preorder_tui.exim.handed_back import HandedBack
from preorder_tui.exim.layout import Layout
from preorder_tui.exim.reading import Chunk, read_chunks, whole_rows
from preorder_tui.exim.records import Conflict
from preorder_tui.exim.rows import Row
from preorder_tui.plan import Plan

Result = TypeVar("Result")
Tell = Callable[[str, int, int], None]
"""Hears phase, rows done and rows in all (0: not known); raises when a person has cancelled."""

CONFLICTS_SHOWN = 100


@dataclass(slots=True)
class ImportContext:
    """What an importer works with.

    Attributes:
        connection: holds the temporary tables; while an importer prepares, in a read transaction.
        records: records read so far.
    """

    connection: Connection
    clock: Clock
    actor: Actor
    configuration: Configuration
    layout: Layout
    dates: Dates
    handed_back: HandedBack
    tell: Tell
    records: int = 0
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def command(self) -> str:
        """The command that does the same import, as change sets show it."""
        return f"import {self.configuration.config_id} {self.layout.upload.shown}"

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Read something later on, in a transaction of its own."""
        return transaction.read_on(self.connection, work)

    def chunks(self) -> Iterator[Chunk]:
        """The records of the file, chunk by chunk."""
        for chunk in read_chunks(self.layout):
            self.records += len(chunk)
            self.tell("reading", self.records, 0)
            yield chunk

    def hand_back_conflict(self, conflict: Conflict, token: str) -> None:
        """Hand a row back that somebody else changed; ``token`` is of what they made of it."""
        if len(self.conflicts) < CONFLICTS_SHOWN:
            self.conflicts.append(conflict)
        changed = f"changed {conflict.who}" if conflict.who else "changed meanwhile"
        self.handed_back.add_conflict(
            conflict.line,
            f"{conflict.key} was {changed}: {conflict.column} was "
            f"{conflict.base or 'empty'} when exported, is {conflict.theirs or 'empty'} now, "
            f"this row says {conflict.ours or 'empty'}; import it again to make it so",
            token,
        )

    def rows(self) -> Iterator[Row]:
        """The records one by one; those with too many fields are handed back."""
        for chunk in self.chunks():
            yield from whole_rows(chunk, self.handed_back)


@dataclass(slots=True)
class Prepared:
    """What an importer made of the good rows.

    Attributes:
        title: what would be done, as a sentence without a full stop.
        unchanged: rows that say what is here already.
        masters: writes masters (products, facilities, parties); no order table.
        plan: the change of order tables.
        settle: runs in the transaction before anything is written and gives the plan its final
            form (numbers of new orders); raises StalePlan when somebody else brought in meanwhile
            what this import would.
    """

    title: str
    unchanged: int = 0
    masters: Callable[[Connection], None] | None = None
    plan: Plan | None = None
    settle: Callable[[Connection], Plan] | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return self.masters is None and (self.plan is None or self.plan.empty)


class Importer(Protocol):
    """A module of :mod:`preorder_tui.exim` that a configuration names."""

    def prepare(self, context: ImportContext) -> Prepared:
        """Read the file, hand the bad rows back, prepare the good ones; changes no order.

        Runs in one read transaction on the context's connection.
        """


__all__ = ["CONFLICTS_SHOWN", "ImportContext", "Importer", "Prepared", "Tell"]
