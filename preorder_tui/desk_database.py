"""One database, for one person: opening it, and running one transaction per question.

Every question needs a permission. What the person may do is read once and kept for a short while;
whatever writes reads it again, in its own transaction.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sqlalchemy import Connection, Engine

from data import transaction
from preorder_tui import grants, opening
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import Uncertain, Unreachable
from preorder_tui.imported_later import ImportedLater
from preorder_tui.permissions import Grants, Permission, needed_for
from preorder_tui.plan import Plan

if TYPE_CHECKING:
    from data import staging
else:
    staging = ImportedLater("data.staging")

Result = TypeVar("Result")
Run = Callable[[Engine, Callable[[Connection], Any]], Any]

GRANTS_KEPT = 30.0
"""Seconds after which what a person may do is read again: so long may one who was shut out look."""

VIEW = (Permission.VIEW,)


class DeskDatabase:
    """What every part of the service stands on."""

    def __init__(self, engine: Engine, actor: Actor, clock: Clock) -> None:
        self.engine = engine
        self.actor = actor
        self.clock = clock
        self._grants: Grants | None = None
        self._grants_read = 0.0
        self.writes = 0
        """How often it was asked to change something."""
        self._told: deque[int] = deque(maxlen=1000)  # change sets told as done, newest last

    @classmethod
    def open(cls, url: str, actor: Actor) -> Self:
        """Open the database at ``url``, checking that its schema is this version's.

        Raises:
            Unreachable: it cannot be reached, is empty, foreign, older or newer; says what to do.
        """
        engine, clock = opening.open_database(url)
        return cls(engine, actor, clock)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    # --- Who may do what ---

    def whoami(self) -> Grants:
        """Who acts and what they may do, as it stands now; anybody may ask."""
        return self._run(transaction.read, (), self._read_grants)

    def require(self, *needed: Permission) -> None:
        """Refuse to go on without these permissions, as they stand now.

        Raises:
            NotPermitted: it says which permission is needed and whom to ask.
        """
        self.whoami().require(*needed)

    def refusal(self, *needed: Permission) -> str | None:
        """Why the person may not do what needs these permissions; None when they may.

        It answers at once, from what was read last, and so is fit for a key press; what is applied
        is checked again.
        """
        known = self._grants
        return None if known is None else known.refusal(Permission.VIEW, *needed)

    def refusal_of_plan(self, plan: Plan) -> str | None:
        """Why the person may not apply a plan, as a sentence; None when they may."""
        known = self._grants
        if known is not None and (known.open or plan.inverse_of is None):
            return known.refusal(*VIEW, *needed_for(plan.command))

        def read(connection: Connection, clock: Clock) -> str | None:
            return grants.refusal_of_plan(connection, self._known_grants(connection), plan)

        return self._read(read)

    def _read_grants(self, connection: Connection, clock: Clock) -> Grants:
        read = grants.read(connection, self.actor)
        self._grants, self._grants_read = read, monotonic()
        return read

    def _known_grants(self, connection: Connection) -> Grants:
        known = self._grants
        if known is None or monotonic() - self._grants_read > GRANTS_KEPT:
            return self._read_grants(connection, self.clock)
        return known

    # --- Transactions ---

    def _read(self, work: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        """A read transaction, for whoever may view."""
        return self._run(transaction.read, VIEW, work, *arguments, **options)

    def _read_for(
        self, needed: Permission, work: Callable[..., Result], *arguments: Any, **options: Any
    ) -> Result:
        """A read transaction, for whoever may view and has this permission too."""
        return self._run(transaction.read, (*VIEW, needed), work, *arguments, **options)

    def _write(self, work: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        """A writing transaction of what everybody has of their own, such as saved filters."""
        self.writes += 1
        return self._run(transaction.write, VIEW, work, *arguments, **options)

    def _write_for(
        self, needed: Permission, work: Callable[..., Result], *arguments: Any, **options: Any
    ) -> Result:
        """A writing transaction, for whoever has this permission at that moment."""

        def checked(connection: Connection, clock: Clock) -> Result:
            self._read_grants(connection, clock).require(*VIEW, needed)
            return work(connection, clock, *arguments, **options)

        self.writes += 1
        return self._run(transaction.write, (), checked)

    def _write_checked(
        self, work: Callable[..., Result], *arguments: Any, proved: bool = False
    ) -> Result:
        """A writing transaction of work that checks by itself what it needs.

        ``proved``: it proves by itself what foreign keys would, too.
        """
        self.writes += 1
        run: Run = staging.write_proved if proved else transaction.write
        return self._run(run, (), work, *arguments)

    def _run(
        self,
        run: Run,
        needed: tuple[Permission, ...],
        work: Callable[..., Result],
        *arguments: Any,
        **options: Any,
    ) -> Result:
        def transact(connection: Connection) -> Result:
            if needed:
                self._known_grants(connection).require(*needed)
            return work(connection, self.clock, *arguments, **options)

        try:
            result: Result = run(self.engine, transact)
            return result
        except transaction.CommitUnknown as error:
            raise Uncertain(opening.sentence_for(self.engine.url, error)) from error
        except transaction.DatabaseUnreachable as error:
            raise Unreachable(opening.sentence_for(self.engine.url, error)) from error
