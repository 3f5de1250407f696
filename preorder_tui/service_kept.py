"""What a person typed and did not apply, as the desk and the command line ask for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from data import transaction
from preorder_tui.desk_database import VIEW, DeskDatabase
from preorder_tui.imported_later import ImportedLater

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from preorder_tui import desk_sessions, kept_input, left_behind
    from preorder_tui.clock import Clock
    from preorder_tui.kept_input import Draft, Kept, KeptDraft
    from preorder_tui.left_behind import LeftByDesks
else:
    desk_sessions = ImportedLater("preorder_tui.desk_sessions")
    kept_input = ImportedLater("preorder_tui.kept_input")
    left_behind = ImportedLater("preorder_tui.left_behind")

Result = TypeVar("Result")


class KeptInput(DeskDatabase):
    """One's own drafts, and one's own desks. None of this changes an order, or is journaled."""

    def left_by_desks(self, session: int | None = None) -> LeftByDesks:
        """Note that this desk is open, and what became of the person's others; told once."""
        return self._keep(left_behind.by_desks, self.actor, session)

    def keep_input(
        self,
        session: int | None,
        drafts: Sequence[tuple[int | None, Draft]] = (),
        gone: Sequence[int] = (),
        ended: str = "",
    ) -> Kept:
        """Keep drafts of a desk in place of those it had, and note that it is there.

        Args:
            session: the number of the desk; None: it has none yet.
            drafts: each with its number, where it has one.
            gone: the numbers of those that are done with.
            ended: how the desk ends; empty: it goes on.
        """

        def write(connection: Connection, clock: Clock) -> Kept:
            kept = kept_input.keep(connection, clock, self.actor, session, drafts, gone)
            if ended:
                desk_sessions.end(connection, clock, kept.session, ended)
            if ended == desk_sessions.CLOSED:
                kept_input.replace_earlier(connection, self.actor, kept.session)
            return kept

        return self._keep(write)

    def kept_drafts(self) -> tuple[KeptDraft, ...]:
        """The person's drafts, the newest first; also those of desks that are open."""
        return self._read(kept_input.drafts, self.actor)

    def discard_draft(self, number: int, *, dry_run: bool = False) -> KeptDraft:
        """Throw a draft away; what it was."""
        if dry_run:
            return self._read(kept_input.discard, self.actor, number, dry_run=True)
        return self._keep(kept_input.discard, self.actor, number)

    def _keep(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """A writing transaction that is no change of anything others see."""
        return self._run(transaction.write, VIEW, work, *arguments)
