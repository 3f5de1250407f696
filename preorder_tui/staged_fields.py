"""One field of many order lines, changed by the set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    String,
    Table,
    Text,
    and_,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from data.staging import changes_seen, slices, temporary
from data.tables import SERIAL, order_header, order_item, order_item_change
from data.types import Quantity
from preorder_tui.apply import COLUMNS
from preorder_tui.clock import Clock
from preorder_tui.errors import StalePlan
from preorder_tui.journal import DATE_FIELDS, NUMBER_FIELDS
from preorder_tui.journal_sql import to_text
from preorder_tui.lines import LineId
from preorder_tui.plan import Changes, PlannedChange
from preorder_tui.staged_lines import changed_by, line_columns, lock_lines, same_line
from preorder_tui.staged_plan import SHOWN, SLICE, Applying
from preorder_tui.who_changed import who_changed

CHANGE = 0
UNCHANGED = 1
CONFLICT = 2
FIRST_FAULT = 10
"""Verdicts from here on are reasons to hand a row back."""

Stale = Callable[[Connection, Sequence[tuple[int, LineId]]], None]
"""Hears of rows (file line, order line) that changed since the plan was made and are left out."""


def planned_table(name: str, field: str) -> Table:
    """The temporary table of one field's rows, numbered in the order of their keys."""
    kind: Any = String(255)
    if field in DATE_FIELDS:
        kind = DateTime()
    elif field in NUMBER_FIELDS:
        kind = Quantity()
    return temporary(
        name,
        Column("N", SERIAL, primary_key=True, autoincrement=True),
        Column("LINE_NO", Integer),
        *line_columns(),
        Column("OLD_VALUE", kind),
        Column("NEW_VALUE", kind),
        Column("VERSION", Integer),
        Column("ORDER_VERSION", Integer),
        Column("WATCHED", Quantity),
        Column("VERDICT", Integer, nullable=False),
        Column("FLAGGED", Boolean),
        Column("CHANGE_COMMENTS", Text),
    )


class FieldRows:
    """A part of a staged plan: the rows of a table from :func:`planned_table` to be changed.

    Args:
        table: the rows; those with the verdict CHANGE are applied.
        field: the field, one of :data:`preorder_tui.apply.COLUMNS`.
        change_type: the journal's CHANGE_TYPE_ENUM_ID.
        watched: another column that must not have moved; WATCHED holds what it was.
        on_stale: hears of rows that moved and are left out; None refuses the whole plan.
        orders_too: ORDER_VERSION holds the version of each row's order, and that must not have
            moved either.
        seen: what :func:`data.staging.changes_seen` said when the rows were judged.
    """

    def __init__(
        self,
        table: Table,
        field: str,
        change_type: str,
        *,
        watched: str | None = None,
        orders_too: bool = False,
        on_stale: Stale | None = None,
        seen: int | None = None,
    ) -> None:
        self.table = table
        self.field = field
        self.change_type = change_type
        self.on_stale = on_stale
        self.seen = seen
        self._orders_too = orders_too
        self._column = order_item.c[COLUMNS[field]]
        rows = table.c
        self._key = same_line(table)
        moved = [order_item.c.ROW_VERSION != rows.VERSION]
        if watched is not None:
            moved.append(order_item.c[watched] != rows.WATCHED)
        self._moved = or_(order_item.c.ORDER_ID.is_(None), *moved)

    def _range(self, connection: Connection) -> Sequence[tuple[int, int]]:
        first, last = connection.execute(
            select(func.min(self.table.c.N), func.max(self.table.c.N))
        ).one()
        return [] if first is None else slices(first, last, SLICE)

    def _in(self, part: tuple[int, int]) -> Any:
        return and_(self.table.c.N.between(*part), self.table.c.VERDICT == CHANGE)

    def check(self, connection: Connection, clock: Clock) -> None:
        """Lock the rows in the order of their keys, and find those that moved.

        Raises:
            StalePlan: some did, and none may be left out.
        """
        if self.seen is not None and self.seen == changes_seen(connection):
            return  # nobody has committed anything since the rows were judged
        rows = self.table.c
        for part in self._range(connection):
            lock_lines(connection, self.table, self._in(part))
            stale = connection.execute(
                select(rows.N, rows.LINE_NO, rows.ORDER_ID, rows.ORDER_ITEM_SEQ_ID)
                .select_from(self.table.outerjoin(order_item, self._key))
                .where(self._in(part), self._moved)
            ).all()
            if stale:
                self._leave_out(connection, clock, [tuple(row) for row in stale])
            if self._orders_too:
                self._check_orders(connection, clock, part)

    def _check_orders(self, connection: Connection, clock: Clock, part: tuple[int, int]) -> None:
        rows = self.table.c
        moved = connection.execute(
            select(rows.ORDER_ID)
            .join(order_header, order_header.c.ORDER_ID == rows.ORDER_ID)
            .where(self._in(part), order_header.c.ROW_VERSION != rows.ORDER_VERSION)
            .limit(1)
        ).scalar()
        if moved is not None:
            raise StalePlan(who_changed(connection, clock, LineId(moved, ""), 1))

    def _leave_out(
        self, connection: Connection, clock: Clock, stale: Sequence[tuple[Any, ...]]
    ) -> None:
        lines = [(row[1], LineId(row[2], row[3])) for row in stale]
        if self.on_stale is None:
            raise StalePlan(who_changed(connection, clock, lines[0][1], len(lines)))
        self.on_stale(connection, lines)
        numbers = [row[0] for row in stale]
        for start in range(0, len(numbers), 400):
            connection.execute(
                update(self.table)
                .where(self.table.c.N.in_(numbers[start : start + 400]))
                .values(VERDICT=CONFLICT)
            )

    def write(self, connection: Connection, applying: Applying) -> int:
        """Change the field and journal it, slice by slice.

        Raises:
            StalePlan: a row moved although it was locked.
        """
        rows, done = self.table.c, 0
        for part in self._range(connection):
            chosen = self._in(part)
            number = connection.execute(
                select(func.count()).select_from(self.table).where(chosen)
            ).scalar_one()
            if not number:
                continue
            changed = connection.execute(
                update(order_item)
                .where(self._key, chosen, order_item.c.ROW_VERSION == rows.VERSION)
                .values(
                    {
                        self._column: rows.NEW_VALUE,
                        **changed_by(applying),
                    }
                )
            )
            if changed.rowcount != number:
                raise StalePlan("a line changed while it was being written: look again")
            connection.execute(self._history(chosen, applying))
            done += number
            applying.tell(done)
        return done

    def _history(self, chosen: Any, applying: Applying) -> Any:
        rows = self.table.c
        return insert(order_item_change).from_select(
            [
                "CHANGE_SET_ID",
                "ORDER_ID",
                "ORDER_ITEM_SEQ_ID",
                "CHANGE_TYPE_ENUM_ID",
                "FIELD",
                "OLD_VALUE",
                "NEW_VALUE",
                "REASON_ENUM_ID",
                "CHANGE_COMMENTS",
            ],
            select(
                literal(applying.change_set_id, Integer),
                rows.ORDER_ID,
                rows.ORDER_ITEM_SEQ_ID,
                literal(self.change_type, String),
                literal(self.field, String),
                to_text(self.field, rows.OLD_VALUE),
                to_text(self.field, rows.NEW_VALUE),
                literal(applying.reason_enum_id, String),
                rows.CHANGE_COMMENTS,
            )
            .where(chosen)
            .order_by(rows.N),
        )

    def count(self, connection: Connection) -> int:
        """How many rows will change."""
        number: int = connection.execute(
            select(func.count()).select_from(self.table).where(self.table.c.VERDICT == CHANGE)
        ).scalar_one()
        return number

    def first(self, connection: Connection) -> Changes:
        """The first rows, to be looked at."""
        changes = Changes()
        rows = self.table.c
        for order_id, item, old, new in connection.execute(
            select(rows.ORDER_ID, rows.ORDER_ITEM_SEQ_ID, rows.OLD_VALUE, rows.NEW_VALUE)
            .where(rows.VERDICT == CHANGE)
            .order_by(rows.N)
            .limit(SHOWN)
        ):
            changes.add(
                PlannedChange(order_id, item, None, None, self.change_type, self.field, old, new)
            )
        return changes
