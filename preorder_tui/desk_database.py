"""One database, for one person: opening it, and running one transaction per question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine

from data import transaction
from preorder_tui import opening
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import Unreachable

Result = TypeVar("Result")


class DeskDatabase:
    """What every part of the service stands on."""

    def __init__(self, engine: Engine, actor: Actor, clock: Clock) -> None:
        self.engine = engine
        self.actor = actor
        self.clock = clock

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

    def _read(self, work: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        return self._run(transaction.read, work, *arguments, **options)

    def _write(self, work: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        return self._run(transaction.write, work, *arguments, **options)

    def _run(
        self,
        run: Callable[[Engine, Callable[[Connection], Result]], Result],
        work: Callable[..., Result],
        *arguments: Any,
        **options: Any,
    ) -> Result:
        def transact(connection: Connection) -> Result:
            return work(connection, self.clock, *arguments, **options)

        try:
            return run(self.engine, transact)
        except transaction.DatabaseUnreachable as error:
            raise Unreachable(opening.sentence_for(self.engine.url, error)) from error
