"""What becomes of rows about order lines once they are judged: reasons, conflicts, a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select

from data.staging import slices
from data.tables import order_header, order_item
from preorder_tui.exim import tokens
from preorder_tui.exim.context import ImportContext
from preorder_tui.exim.last_change import last_change
from preorder_tui.exim.line_stage import LineStage, joined
from preorder_tui.exim.records import Conflict
from preorder_tui.lines import LineId
from preorder_tui.marks import CLOSED_ITEM_STATUSES
from preorder_tui.staged_fields import CHANGE, CONFLICT, FIRST_FAULT, FieldRows
from preorder_tui.staged_plan import SLICE, StagedPlan
from preorder_tui.wording import counted
from preorder_tui.words import word

NOT_HERE = FIRST_FAULT
REPEATED = FIRST_FAULT + 1
CLOSED = FIRST_FAULT + 2
NAMED = 1_000
"""So many changed lines are told with who changed them; the others without."""

Reason = Callable[[Any], str | None]
Shown = Callable[[Any], str]


def change_text(what: str, number: int) -> str:
    """A title: ``Import 3 promise dates``."""
    return f"Import {counted(number, what)}"


class Verdicts:
    """The judged rows of one import.

    Args:
        column: the column that is compared, as files call it.
        ours, theirs, base: its values as files have them, of a judged row.
    """

    def __init__(
        self,
        context: ImportContext,
        stage: LineStage,
        column: str,
        *,
        ours: Shown,
        theirs: Shown,
        base: Shown,
    ) -> None:
        self.context = context
        self.stage = stage
        self.column = column
        self.ours, self.theirs, self.base = ours, theirs, base

    def count(self, planned: Table, verdict: int) -> int:
        """How many rows have that verdict."""
        number: int = self.context.connection.execute(
            select(func.count()).select_from(planned).where(planned.c.VERDICT == verdict)
        ).scalar_one()
        return number

    def flagged(self, planned: Table) -> int:
        """How many rows that change are flagged."""
        number: int = self.context.connection.execute(
            select(func.count())
            .select_from(planned)
            .where(planned.c.VERDICT == CHANGE, planned.c.FLAGGED)
        ).scalar_one()
        return number

    def plan(self, part: FieldRows, title: str) -> StagedPlan:
        """The plan of the rows that change."""
        connection = self.context.connection
        number = part.count(connection)
        return StagedPlan(
            command=self.context.command,
            title=title,
            changes=part.first(connection),
            parts=[part],
            count=number,
            lines=number,
        )

    # --- Handing back ---

    def hand_back(self, planned: Table, reason: Reason) -> None:
        """Hand back what failed and what conflicts.

        Args:
            planned: the judged rows.
            reason: why a row of a verdict of the caller's own failed.
        """
        connection, context = self.context.connection, self.context
        rows, base = planned.c, self.stage.sorted.c.BASE
        last = connection.execute(select(func.max(rows.N))).scalar_one() or 0
        for part in slices(1, last, SLICE):
            context.tell("checking", part[0], last)
            found = connection.execute(
                select(
                    rows.LINE_NO, rows.ORDER_ID, rows.ORDER_ITEM_SEQ_ID, rows.VERDICT,
                    rows.OLD_VALUE, rows.NEW_VALUE, base.label("BASE"),
                    order_item.c.STATUS_ID.label("ITEM_STATUS"),
                    order_header.c.STATUS_ID.label("ORDER_STATUS"),
                    order_header.c.ORDER_TYPE_ID.label("ORDER_TYPE"),
                    order_item,
                )
                .select_from(
                    joined(planned).join(self.stage.sorted, self.stage.sorted.c.N == rows.N)
                )
                .where(rows.N.between(*part), rows.VERDICT >= CONFLICT)
            ).all()  # fmt: skip
            for row in found:
                line = LineId(row.ORDER_ID, row.ORDER_ITEM_SEQ_ID)
                if row.VERDICT == CONFLICT:
                    self._conflict(row, line)
                else:
                    said = self._reason(row, line) or reason(row) or "it is refused"
                    context.handed_back.add(row.LINE_NO, said)
        context.handed_back.flush()

    def _conflict(self, row: Any, line: LineId) -> None:
        theirs = self.theirs(row)
        context = self.context
        who = (
            last_change(context.connection, context.clock, line)
            if len(context.conflicts) < NAMED
            else ""
        )
        context.hand_back_conflict(
            Conflict(
                row.LINE_NO, str(line), self.column, self.base(row), self.ours(row), theirs, who,
            ),
            tokens.make(str(line), theirs),
        )  # fmt: skip

    def _reason(self, row: Any, line: LineId) -> str | None:
        if row.VERDICT == NOT_HERE:
            return self.stage.columns.why_not_here(line, row.ORDER_TYPE)
        if row.VERDICT == REPEATED:
            return f"line {str(line)!r} stands in this file more than once"
        if row.VERDICT == CLOSED:
            if row.ITEM_STATUS in CLOSED_ITEM_STATUSES:
                return f"{str(line)!r} cannot change: it is {word(row.ITEM_STATUS).lower()}"
            return f"{str(line)!r} cannot change: its order is {word(row.ORDER_STATUS).lower()}"
        return None

    def stale(self, connection: Connection, lines: Sequence[tuple[int, LineId]]) -> None:
        """Hand back rows whose line changed between judging and applying."""
        for number, (at, line) in enumerate(lines):
            who = last_change(connection, self.context.clock, line) if number < NAMED else ""
            self.context.handed_back.add(
                at,
                f"{str(line)!r} was changed {who or 'by somebody else'} while this file was being "
                "imported: import this row again",
            )
