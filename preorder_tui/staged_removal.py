"""Many lines that came with a change set, taken back and brought in again, slice by slice.

A line or order that goes is journaled whole, as JSON, as :mod:`preorder_tui.creation` does it; so
the slices pass through here, and only their memory is bounded, not their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    String,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
)

from data.bulk import Rows
from data.staging import slices
from data.tables import (
    change_set,
    order_header,
    order_item,
    order_item_change,
    order_item_ship_group,
    order_role,
)
from preorder_tui.clock import Clock
from preorder_tui.creation import decoded, line_as_json, recorded_orders, shift_totals
from preorder_tui.errors import Refused, StalePlan
from preorder_tui.history import undone_by
from preorder_tui.line_state import chunks
from preorder_tui.lines import LineId
from preorder_tui.staged_lines import lock_lines, same_line
from preorder_tui.staged_plan import SHOWN, Applying
from preorder_tui.words import CHANGE_CANCEL, CHANGE_UPDATE

SLICE = 20_000
_row = order_item_change.c
_KEY = same_line(order_item_change)
_JOURNAL = "CHANGE_SET_ID ORDER_ID ORDER_ITEM_SEQ_ID CHANGE_TYPE_ENUM_ID FIELD OLD_VALUE"


class _Lines:
    """The rows of a change set that are about whole lines and orders."""

    def __init__(self, change_set_id: int) -> None:
        self.change_set_id = change_set_id
        self.mine = _row.CHANGE_SET_ID == change_set_id
        self.lines = and_(self.mine, _row.ORDER_ITEM_SEQ_ID.is_not(None))
        self.orders = and_(self.mine, _row.ORDER_ITEM_SEQ_ID.is_(None))

    def slices(self, connection: Connection, rows: Any) -> Iterator[Any]:
        """The condition of each slice of the rows."""
        number = _row.ORDER_ITEM_CHANGE_ID
        first, last = connection.execute(
            select(func.min(number), func.max(number)).where(rows)
        ).one()
        for part in slices(first, last, SLICE) if first is not None else []:
            yield and_(number.between(*part), rows)


class RemoveLines(_Lines):
    """Takes back lines that a change set added; orders that would have none go with them."""

    # No allocation refers to them: the guards keep its units in the counter that `check` looks at.
    # Of an order that goes, lines, roles and ship groups have gone before.
    proves_parents = True

    def blocked(self, connection: Connection) -> list[LineId]:
        """Lines that are gone, or that a later change set that stands has touched."""
        gone = select(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID).select_from(
            order_item_change.outerjoin(order_item, _KEY)
        ).where(self.lines, order_item.c.ORDER_ID.is_(None)).limit(SHOWN)  # fmt: skip
        found = [LineId(*key) for key in connection.execute(gone)]
        return found or self._touched(connection)

    def _touched(self, connection: Connection) -> list[LineId]:
        later = order_item_change.alias("later")
        same = or_(
            and_(
                later.c.ORDER_ID == _row.ORDER_ID,
                later.c.ORDER_ITEM_SEQ_ID == _row.ORDER_ITEM_SEQ_ID,
            ),
            and_(
                later.c.TO_ORDER_ID == _row.ORDER_ID,
                later.c.TO_ORDER_ITEM_SEQ_ID == _row.ORDER_ITEM_SEQ_ID,
            ),
        )
        # Only change sets after this one matter, and most of the time there are none of them.
        after = connection.execute(
            select(change_set.c.CHANGE_SET_ID)
            .where(
                self.change_set_id < change_set.c.CHANGE_SET_ID, change_set.c.INVERSE_OF.is_(None)
            )
            .order_by(change_set.c.CHANGE_SET_ID)
        ).scalars()
        numbers = list(after)
        undone = undone_by(connection, numbers)
        standing = [number for number in numbers if number not in undone]
        for piece in chunks(standing):
            found = connection.execute(
                select(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID)
                .select_from(later.join(order_item_change, same))
                .where(later.c.CHANGE_SET_ID.in_(piece), self.lines)
                .limit(SHOWN)
            ).all()
            if found:
                return sorted(LineId(*key) for key in found)
        return []

    def check(self, connection: Connection, clock: Clock) -> None:
        """Look again, with the lines locked.

        Raises:
            StalePlan: a line is gone or was changed since.
            Refused: a line is allocated.
        """
        for part in self.slices(connection, self.lines):
            lock_lines(connection, order_item_change, part)
        blocked = self.blocked(connection)
        if blocked:
            raise StalePlan(
                f"{blocked[0]} changed since the plan was made: look again and make a new plan"
            )
        allocated = connection.execute(
            select(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID)
            .join(order_item, _KEY)
            .where(self.lines, order_item.c.ALLOCATED_QUANTITY > 0)
            .limit(1)
        ).first()
        if allocated is not None:
            raise Refused(
                f"{LineId(*allocated)} cannot be taken back: remove its allocations first"
            )

    def write(self, connection: Connection, applying: Applying) -> int:
        """Journal the lines and orders whole, and delete them."""
        journal = Rows(connection, order_item_change, _JOURNAL)
        number, done = applying.change_set_id, 0
        gone = delete(order_item).where(
            order_item.c.ORDER_ID == bindparam("b_order"),
            order_item.c.ORDER_ITEM_SEQ_ID == bindparam("b_item"),
        )
        for part in self.slices(connection, self.lines):
            rows = connection.execute(
                select(order_item)
                .join(order_item_change, _KEY)
                .where(part)
                .order_by(_row.ORDER_ITEM_CHANGE_ID)
            ).all()
            keys = []
            for row in rows:
                order_id, item = row.ORDER_ID, row.ORDER_ITEM_SEQ_ID
                journal.add((number, order_id, item, CHANGE_CANCEL, "line", line_as_json(row)))
                keys.append({"b_order": order_id, "b_item": item})
            if keys:
                connection.execute(gone, keys)
                staying = self._orders_left(connection, part)
                left = [dict(row._mapping) for row in rows if row.ORDER_ID in staying]
                shift_totals(connection, left, -1, ())
            journal.insert()
            done += len(keys)
            applying.tell(done)
        for order_ids in self._empty_orders(connection):
            for order_id, content in recorded_orders(connection, order_ids).items():
                journal.add((number, order_id, None, CHANGE_CANCEL, "order", content))
            journal.insert()
            for table in (order_role, order_item_ship_group, order_header):
                for piece in chunks(order_ids):
                    connection.execute(delete(table).where(table.c.ORDER_ID.in_(piece)))
            done += len(order_ids)
            applying.tell(done)
        return done

    def _orders_left(self, connection: Connection, part: Any) -> set[str]:
        """Orders of a slice that have lines which the change set did not bring."""
        mine = order_item_change.alias("mine")
        brought = (
            select(mine.c.ORDER_ID)
            .where(
                mine.c.CHANGE_SET_ID == self.change_set_id,
                mine.c.ORDER_ID == order_item.c.ORDER_ID,
                mine.c.ORDER_ITEM_SEQ_ID == order_item.c.ORDER_ITEM_SEQ_ID,
            )
            .exists()
        )
        return set(
            connection.execute(
                select(_row.ORDER_ID)
                .join(order_item, order_item.c.ORDER_ID == _row.ORDER_ID)
                .where(part, ~brought)
                .distinct()
            ).scalars()
        )

    def _empty_orders(self, connection: Connection) -> Iterator[list[str]]:
        """Orders of the change set that have no line left."""
        lines_left = select(order_item.c.ORDER_ID).where(order_item.c.ORDER_ID == _row.ORDER_ID)
        order_ids = connection.execute(
            select(_row.ORDER_ID).where(self.lines, ~lines_left.exists()).distinct()
        ).scalars()
        yield from chunks(sorted(order_ids), SLICE)


class RestoreLines(_Lines):
    """Brings lines and orders in again that a change set took back, out of its journal."""

    def blocked(self, connection: Connection) -> list[LineId]:
        """Lines and orders that are here already."""
        lines = select(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID).join(order_item, _KEY)
        orders = select(_row.ORDER_ID, literal("")).join(
            order_header, order_header.c.ORDER_ID == _row.ORDER_ID
        )
        return [
            LineId(*key)
            for query in (lines.where(self.lines), orders.where(self.orders))
            for key in connection.execute(query.limit(SHOWN))
        ]

    def check(self, connection: Connection, clock: Clock) -> None:
        """Look again.

        Raises:
            StalePlan: a line or order is here already.
        """
        blocked = self.blocked(connection)
        if blocked:
            raise StalePlan(
                f"{blocked[0]} changed since the plan was made: look again and make a new plan"
            )

    def write(self, connection: Connection, applying: Applying) -> int:
        """Insert the orders, then their lines, and journal that."""
        done = 0
        for rows in (self.orders, self.lines):
            for part in self.slices(connection, rows):
                contents = list(
                    connection.execute(
                        select(_row.OLD_VALUE).where(part).order_by(_row.ORDER_ITEM_CHANGE_ID)
                    ).scalars()
                )
                tables: dict[Any, list[dict[str, Any]]] = {}
                for content in contents:
                    for table, values in decoded(str(content)):
                        tables.setdefault(table, []).append(values)
                for table, values_of_rows in tables.items():
                    connection.execute(insert(table), values_of_rows)
                if order_item in tables:
                    lines = tables[order_item]
                    shift_totals(connection, lines, 1, self._whole(connection, part))
                connection.execute(_again(applying.change_set_id, part))
                done += len(contents)
                applying.tell(done)
        return done

    def _whole(self, connection: Connection, part: Any) -> set[str]:
        """Orders of a slice that come in again as a whole."""
        orders = order_item_change.alias("orders")
        return set(
            connection.execute(
                select(orders.c.ORDER_ID)
                .join(order_item_change, _row.ORDER_ID == orders.c.ORDER_ID)
                .where(
                    part,
                    orders.c.CHANGE_SET_ID == self.change_set_id,
                    orders.c.ORDER_ITEM_SEQ_ID.is_(None),
                )
                .distinct()
            ).scalars()
        )


def _again(change_set_id: int, condition: Any) -> Any:
    columns = "CHANGE_SET_ID ORDER_ID ORDER_ITEM_SEQ_ID CHANGE_TYPE_ENUM_ID FIELD NEW_VALUE"
    return insert(order_item_change).from_select(
        columns.split(),
        select(
            literal(change_set_id, Integer),
            _row.ORDER_ID,
            _row.ORDER_ITEM_SEQ_ID,
            literal(CHANGE_UPDATE, String),
            _row.FIELD,
            _row.OLD_VALUE,
        )
        .where(condition)
        .order_by(_row.ORDER_ITEM_CHANGE_ID),
    )
