"""How far a long change is, and the way out of it before it is committed.

Whoever applies a plan may hand in a function that hears how many rows are done, of how many. It is
asked between batches of rows, the last time right before the commit; whatever it raises ends the
transaction, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection

from data.prepared import Prepared
from preorder_tui.by_keys import FEW

Tell = Callable[[int, int], None]
Item = TypeVar("Item")

BATCH = 2_000
"""Rows between two words: what a person who cancels waits for."""


class Progress:
    """Counts rows of a piece of work whose size is known at its start."""

    def __init__(self, total: int, tell: Tell | None = None) -> None:
        self.total = total
        self.done = 0
        self._tell = tell

    def add(self, rows: int) -> None:
        """So many more rows are done; raises when the person has cancelled."""
        self.done = min(self.total, self.done + rows)
        if self._tell is not None:
            self._tell(self.done, self.total)

    def through(self, items: Iterable[Item]) -> Iterator[list[Item]]:
        """The items in batches, each counted when it has been worked on."""
        iterator = iter(items)
        while batch := list(islice(iterator, BATCH)):
            yield batch
            self.add(len(batch))

    def execute(
        self, connection: Connection, statement: Prepared, rows: Sequence[dict[str, Any]]
    ) -> int:
        """Run a statement for each row, many in batches; rows it matched, -1 where unknown."""
        if len(rows) <= FEW:  # quicker one by one
            matched = sum(statement.run(connection, row) for row in rows)
            self.add(len(rows))
            return matched
        matched = 0
        for batch in self.through(rows):
            one_or_many = batch[0] if len(batch) == 1 else batch
            count = connection.execute(statement.statement, one_or_many).rowcount
            matched = -1 if count == -1 or matched == -1 else matched + count
        return matched
