"""The inverse of a large change set, by the set: its journal rows are the plan.

They lie together, in the order of their keys, with old and new value: nothing has to be staged.
What this module does not know how to take back by the set is left to :mod:`preorder_tui.undo`,
whose rules are the same.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from data.staging import fails_whole, slices
from data.tables import order_item, order_item_change
from preorder_tui.apply import COLUMNS
from preorder_tui.clock import Clock
from preorder_tui.errors import StalePlan
from preorder_tui.journal import DATE_FIELDS
from preorder_tui.journal import from_text as value_of
from preorder_tui.journal_rows import swapped
from preorder_tui.journal_sql import from_text
from preorder_tui.lines import LineId
from preorder_tui.plan import Changes, PlannedChange
from preorder_tui.staged_lines import changed_by, lock_lines, same_line
from preorder_tui.staged_link_inverse import InverseLinks
from preorder_tui.staged_plan import SCATTERED_SLICE, SHOWN, Applying, Part, StagedPlan
from preorder_tui.staged_removal import RemoveLines, RestoreLines
from preorder_tui.words import CHANGE_CANCEL, CHANGE_DATE, CHANGE_UPDATE

FROM = 5_000
"""Change sets of fewer rows are taken back by lists."""

FIELDS = ("promisedDatetime", "availableToPromise")
WHOLE_ROWS = ("line", "order")
_row = order_item_change.c
_KEY = same_line(order_item_change)


def plan(
    connection: Connection, change_set_id: int, command: str, title: str
) -> tuple[StagedPlan, list[LineId]] | None:
    """The inverse of a change set, and the lines that no longer stand as it left them.

    None when it is small, or holds rows that only lists take back.
    """
    kinds = connection.execute(
        select(_row.FIELD, _row.OLD_VALUE.is_(None), _row.NEW_VALUE.is_(None), func.count())
        .where(_row.CHANGE_SET_ID == change_set_id)
        .group_by(_row.FIELD, _row.OLD_VALUE.is_(None), _row.NEW_VALUE.is_(None))
    ).all()
    count = sum(kind[3] for kind in kinds)
    if count < FROM or _has_repeated_cells(connection, change_set_id):
        return None
    fields = {kind[0] for kind in kinds}
    parts: list[Part] = []
    if fields <= {*FIELDS, "allocation"}:
        if "allocation" in fields:
            parts.append(InverseLinks(change_set_id))
        parts += [InverseFields(change_set_id, field) for field in sorted(fields & set(FIELDS))]
    elif all(kind[1] and kind[0] in ("quantity", *WHOLE_ROWS) for kind in kinds):
        parts = [RemoveLines(change_set_id)]
    elif fields <= set(WHOLE_ROWS) and all(kind[2] for kind in kinds):
        parts = [RestoreLines(change_set_id)]
    else:
        return None
    blocked = [line for part in parts for line in part.blocked(connection)]  # type: ignore[attr-defined]
    lines = connection.execute(
        select(func.count()).select_from(
            select(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID)
            .where(_row.CHANGE_SET_ID == change_set_id)
            .distinct()
            .subquery()
        )
    ).scalar_one()
    staged = StagedPlan(
        command=command,
        title=title,
        changes=_first(connection, change_set_id),
        inverse_of=change_set_id,
        parts=parts,
        count=count,
        lines=lines,
    )
    return staged, blocked


def _has_repeated_cells(connection: Connection, change_set_id: int) -> bool:
    return (
        connection.execute(
            select(_row.ORDER_ID)
            .where(_row.CHANGE_SET_ID == change_set_id)
            .group_by(
                _row.ORDER_ID,
                _row.ORDER_ITEM_SEQ_ID,
                _row.TO_ORDER_ID,
                _row.TO_ORDER_ITEM_SEQ_ID,
                _row.FIELD,
            )
            .having(func.count() > 1)
            .limit(1)
        ).first()
        is not None
    )


def _first(connection: Connection, change_set_id: int) -> Changes:
    changes = Changes()
    for order_id, item, to_order, to_item, field, old, new in connection.execute(
        select(
            _row.ORDER_ID,
            _row.ORDER_ITEM_SEQ_ID,
            _row.TO_ORDER_ID,
            _row.TO_ORDER_ITEM_SEQ_ID,
            _row.FIELD,
            _row.OLD_VALUE,
            _row.NEW_VALUE,
        )
        .where(_row.CHANGE_SET_ID == change_set_id)
        .order_by(_row.ORDER_ITEM_CHANGE_ID)
        .limit(SHOWN)
    ):
        removed = old is None and field in ("quantity", *WHOLE_ROWS)
        kind = CHANGE_CANCEL if removed else _type(field)
        shown = "line" if removed and field == "quantity" else field
        changes.add(
            PlannedChange(
                order_id,
                item,
                to_order,
                to_item,
                kind,
                shown,
                value_of(field, new),
                value_of(field, old),
            )
        )
    return changes


def _type(field: str) -> str:
    return CHANGE_DATE if field in DATE_FIELDS else CHANGE_UPDATE


class InverseFields:
    """A field of many lines, back to what it was."""

    proves_parents = True  # no row of it refers to another line

    def __init__(self, change_set_id: int, field: str) -> None:
        self.change_set_id = change_set_id
        self.field = field
        self._column = order_item.c[COLUMNS[field]]

    def _mine(self, part: tuple[int, int] | None = None) -> Any:
        found = and_(_row.CHANGE_SET_ID == self.change_set_id, _row.FIELD == self.field)
        if part is None:
            return found
        return and_(_row.ORDER_ITEM_CHANGE_ID.between(*part), found)

    def _slices(self, connection: Connection) -> Any:
        first, last = connection.execute(
            select(func.min(_row.ORDER_ITEM_CHANGE_ID), func.max(_row.ORDER_ITEM_CHANGE_ID)).where(
                self._mine()
            )
        ).one()
        return [] if first is None else slices(first, last, SCATTERED_SLICE)

    def blocked(self, connection: Connection, part: tuple[int, int] | None = None) -> list[LineId]:
        """Lines whose field no longer is what the change set made it; the first of them."""
        left = from_text(self.field, _row.NEW_VALUE)
        return [
            LineId(order_id, item)
            for order_id, item in connection.execute(
                select(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID)
                .select_from(order_item_change.outerjoin(order_item, _KEY))
                .where(
                    self._mine(part),
                    or_(order_item.c.ORDER_ID.is_(None), self._column.is_distinct_from(left)),
                )
                .order_by(_row.ORDER_ITEM_CHANGE_ID)
                .limit(SHOWN)
            )
        ]

    def check(self, connection: Connection, clock: Clock) -> None:
        """Lock the lines and look again.

        Raises:
            StalePlan: one of them changed since the plan was made.
        """
        for part in self._slices(connection):
            lock_lines(connection, order_item_change, self._mine(part))
            blocked = self.blocked(connection, part)
            if blocked:
                raise StalePlan(
                    f"{blocked[0]} changed since the plan was made: look again and make a new plan"
                )

    def write(self, connection: Connection, applying: Applying) -> int:
        """Give the lines their old values, and journal that."""
        done = 0
        for part in self._slices(connection):
            changed = connection.execute(
                fails_whole(update(order_item))
                .where(_KEY, self._mine(part))
                .values(
                    {
                        self._column: from_text(self.field, _row.OLD_VALUE),
                        **changed_by(applying),
                    }
                )
            )
            copied = swapped(applying.change_set_id, _type(self.field), self._mine(part))
            connection.execute(fails_whole(copied))
            done += changed.rowcount
            applying.tell(done)
        return done
