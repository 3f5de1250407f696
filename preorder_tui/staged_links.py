"""Allocations of many lines, written by the set: the part of a staged plan that a run makes.

The run keeps its rows as columns in memory; they pass through temporary tables slice by slice, so
that neither the database nor this process holds them twice.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Integer,
    String,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from data.bulk import Rows
from data.columns import ID
from data.guards import counters_by_trigger
from data.staging import create, fails_whole, temporary
from data.tables import change_set, order_header, order_item, order_item_assoc, order_item_change
from data.types import Quantity
from preorder_tui.clock import Clock
from preorder_tui.errors import StalePlan
from preorder_tui.journal_sql import to_text
from preorder_tui.lines import LineId
from preorder_tui.purchase_line_rules import sellable_of
from preorder_tui.run_outcome import Outcome, Slice
from preorder_tui.staged_lines import (
    changed_by,
    line_columns,
    link_columns,
    link_key,
    lock_lines,
    new_links,
    same_line,
    same_link,
    unlinked,
)
from preorder_tui.staged_plan import SCATTERED_SLICE, Applying
from preorder_tui.who_changed import who_changed
from preorder_tui.words import CHANGE_DATE, CHANGE_UPDATE

LINK = temporary(
    "PLANNED_LINK",
    Column("N", Integer, primary_key=True, autoincrement=False),
    *link_columns(),
    Column("OLD_UNITS", Quantity, nullable=False),
    Column("NEW_UNITS", Quantity, nullable=False),
)
LINE = temporary(
    "PLANNED_LINE",
    Column("N", Integer, primary_key=True, autoincrement=False),
    *line_columns(),
    Column("VERSION", Integer, nullable=False),
    Column("ORDER_VERSION", Integer, nullable=False),
    Column("MORE", Quantity, nullable=False),
    Column("OLD_PROMISE", DateTime),
    Column("NEW_PROMISE", DateTime),
    Column("ARRIVAL", DateTime),
    Column("ARRIVES_WITH", ID),
)
SUPPLY = temporary(
    "PLANNED_SUPPLY",
    *line_columns(primary_key=True),
    Column("VERSION", Integer, nullable=False),
    Column("TAKEN", Quantity, nullable=False),
    Column("GIVEN", Quantity, nullable=False),
)

_STANDS = and_(same_link(LINK), order_item_assoc.c.QUANTITY == LINK.c.OLD_UNITS)
_SHRINKS = and_(LINK.c.NEW_UNITS > 0, LINK.c.NEW_UNITS < LINK.c.OLD_UNITS)
_GROWS = and_(LINK.c.OLD_UNITS > 0, LINK.c.NEW_UNITS > LINK.c.OLD_UNITS)
_GOES = LINK.c.NEW_UNITS == 0
_COMES = LINK.c.OLD_UNITS == 0
_GOING = select(*link_key(LINK), LINK.c.OLD_UNITS).where(_GOES)


class LinkRows:
    """A part of a staged plan: what a run changes of allocations, promises and derived copies."""

    scattered = True
    proves_parents = True
    """Every allocation is of a line that the same slice updates by its version, all of them or
    none, and from a line that :meth:`check` has found; the change set is this transaction's own."""

    def __init__(self, outcome: Outcome) -> None:
        self.run = outcome

    # --- Checking ---

    def check(self, connection: Connection, clock: Clock) -> None:
        """Lock the supply and see whether it still has the units that are given (R-122).

        Raises:
            StalePlan: it has not, or a purchase order line changed.
        """
        create(connection, SUPPLY, LINE, LINK)
        Rows(connection, SUPPLY, "ORDER_ID ORDER_ITEM_SEQ_ID VERSION TAKEN GIVEN").insert_all(
            (*one.line, one.version, one.taken, one.given) for one in self.run.moved()
        )
        lock_lines(connection, SUPPLY)
        item, rows = order_item.c, SUPPLY.c
        allocated = item.ALLOCATED_QUANTITY - rows.TAKEN + rows.GIVEN
        short = or_(
            and_(rows.TAKEN == 0, rows.GIVEN > item.AVAILABLE_TO_PROMISE),
            and_(rows.TAKEN > 0, allocated > sellable_of(order_item)),
        )
        found = connection.execute(
            select(item.ORDER_ID, item.ORDER_ITEM_SEQ_ID, short)
            .select_from(SUPPLY.outerjoin(order_item, same_line(SUPPLY)))
            .where(or_(item.ORDER_ID.is_(None), item.ROW_VERSION != rows.VERSION, short))
            .limit(1)
        ).first()
        if found is not None:
            what = "no longer has the units" if found[2] else "changed"
            raise StalePlan(
                f"purchase order line {found[0]}/{found[1]} {what} since the plan was made: "
                "look again and make a new plan"
            )

    # --- Writing ---

    def write(self, connection: Connection, applying: Applying) -> int:
        """Take units, then give units, with the lines' promises and copies, and journal it.

        Raises:
            StalePlan: a line changed since the plan was made.
        """
        done = 0
        with counters_by_trigger(connection, suspended=True) as by_trigger:
            if self.run.takes_units:
                for part in self.run.slices(SCATTERED_SLICE):
                    self._stage(connection, part)
                    self._take(connection)
            look = self._orders_may_have_moved(connection)
            for part in self.run.slices(SCATTERED_SLICE):
                self._stage(connection, part)
                if look:
                    self._check_orders(connection, applying.clock)
                self._give(connection, applying, len(part.lines), by_trigger=by_trigger)
                done += part.rows
                applying.tell(done)
            if not by_trigger:
                counter = order_item.c.ALLOCATED_QUANTITY
                connection.execute(
                    fails_whole(update(order_item))
                    .where(same_line(SUPPLY))
                    .values({counter: counter - SUPPLY.c.TAKEN + SUPPLY.c.GIVEN})
                )
        return done

    def _stage(self, connection: Connection, part: Slice) -> None:
        connection.execute(delete(LINK))
        connection.execute(delete(LINE))
        Rows(
            connection,
            LINK,
            "N ORDER_ID ORDER_ITEM_SEQ_ID TO_ORDER_ID TO_ORDER_ITEM_SEQ_ID OLD_UNITS NEW_UNITS",
        ).insert_all(part.links)
        Rows(
            connection,
            LINE,
            "N ORDER_ID ORDER_ITEM_SEQ_ID VERSION ORDER_VERSION MORE OLD_PROMISE NEW_PROMISE"
            " ARRIVAL ARRIVES_WITH",
        ).insert_all(part.lines)

    def _take(self, connection: Connection) -> None:
        shrinking = fails_whole(update(order_item_assoc).where(_STANDS, _SHRINKS))
        for statement, condition in (
            (unlinked(_GOING, order_item_assoc.c.QUANTITY), _GOES),
            (shrinking.values(QUANTITY=LINK.c.NEW_UNITS), _SHRINKS),
        ):
            expected = self._number(connection, condition)
            if expected and connection.execute(statement).rowcount != expected:
                raise StalePlan("an allocation changed since the plan was made: look again")

    def _number(self, connection: Connection, condition: Any) -> int:
        number: int = connection.execute(
            select(func.count()).select_from(LINK).where(condition)
        ).scalar_one()
        return number

    def _give(
        self, connection: Connection, applying: Applying, expected: int, *, by_trigger: bool
    ) -> None:
        rows = LINE.c
        values: dict[Any, Any] = {
            order_item.c.PROMISED_DATETIME: rows.NEW_PROMISE,
            order_item.c.ESTIMATED_DELIVERY_DATE: rows.ARRIVAL,
            order_item.c.CORRESPONDING_PO_ID: rows.ARRIVES_WITH,
            **changed_by(applying),
        }
        if not by_trigger:
            values[order_item.c.ALLOCATED_QUANTITY] = order_item.c.ALLOCATED_QUANTITY + rows.MORE
        changed = connection.execute(
            fails_whole(update(order_item))
            .where(same_line(LINE), order_item.c.ROW_VERSION == rows.VERSION)
            .values(values)
        )
        if changed.rowcount != expected:
            self._say_who(connection, applying.clock)
        if self.run.adds_to_links:
            grown = self._number(connection, _GROWS)
            if grown:
                done = connection.execute(
                    fails_whole(update(order_item_assoc))
                    .where(_STANDS, _GROWS)
                    .values(QUANTITY=LINK.c.NEW_UNITS)
                ).rowcount
                if done != grown:
                    raise StalePlan("an allocation changed since the plan was made: look again")
        made = new_links(LINK, LINK.c.NEW_UNITS, applying, _COMES, by=LINK.c.N)
        connection.execute(made)
        for history in (_history_of_links, _history_of_promises):
            connection.execute(fails_whole(history(applying)))

    def _orders_may_have_moved(self, connection: Connection) -> bool:
        """SQLite has one writer at a time: where nobody has written since, nothing can have."""
        if connection.dialect.name != "sqlite":
            return True
        written = connection.execute(
            select(func.count())
            .select_from(change_set)
            .where(change_set.c.CHANGE_SET_ID > self.run.newest_change_set)
        ).scalar_one()
        return bool(written > 1)  # one is our own

    def _check_orders(self, connection: Connection, clock: Clock) -> None:
        """The orders stand as they did: held, cancelled or completed ones take no units (R-08)."""
        moved = connection.execute(
            select(LINE.c.ORDER_ID)
            .join(order_header, order_header.c.ORDER_ID == LINE.c.ORDER_ID)
            .where(order_header.c.ROW_VERSION != LINE.c.ORDER_VERSION)
            .limit(1)
        ).scalar()
        if moved is not None:
            raise StalePlan(who_changed(connection, clock, LineId(moved, ""), 1))

    def _say_who(self, connection: Connection, clock: Clock) -> None:
        rows = LINE.c
        found = connection.execute(
            select(rows.ORDER_ID, rows.ORDER_ITEM_SEQ_ID)
            .select_from(LINE.outerjoin(order_item, same_line(LINE)))
            .where(
                or_(
                    order_item.c.ORDER_ID.is_(None),
                    order_item.c.ROW_VERSION.not_in((rows.VERSION, rows.VERSION + 1)),
                )
            )
            .limit(1)
        ).first()
        if found is not None:
            raise StalePlan(who_changed(connection, clock, LineId(*found), 1))
        raise StalePlan("a line changed since the plan was made: look again and make a new plan")


_HISTORY = [
    "CHANGE_SET_ID", "ORDER_ID", "ORDER_ITEM_SEQ_ID", "TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID",
    "CHANGE_TYPE_ENUM_ID", "FIELD", "OLD_VALUE", "NEW_VALUE", "REASON_ENUM_ID",
]  # fmt: skip


def _history_of_links(applying: Applying) -> Any:
    return insert(order_item_change).from_select(
        _HISTORY,
        select(
            literal(applying.change_set_id, Integer),
            LINK.c.ORDER_ID,
            LINK.c.ORDER_ITEM_SEQ_ID,
            LINK.c.TO_ORDER_ID,
            LINK.c.TO_ORDER_ITEM_SEQ_ID,
            literal(CHANGE_UPDATE, String),
            literal("allocation", String),
            to_text("allocation", LINK.c.OLD_UNITS),
            to_text("allocation", LINK.c.NEW_UNITS),
            literal(applying.reason_enum_id, String),
        ).order_by(LINK.c.N),
    )


def _history_of_promises(applying: Applying) -> Any:
    return insert(order_item_change).from_select(
        _HISTORY,
        select(
            literal(applying.change_set_id, Integer),
            LINE.c.ORDER_ID,
            LINE.c.ORDER_ITEM_SEQ_ID,
            literal(None, String),
            literal(None, String),
            literal(CHANGE_DATE, String),
            literal("promisedDatetime", String),
            to_text("promisedDatetime", LINE.c.OLD_PROMISE),
            to_text("promisedDatetime", LINE.c.NEW_PROMISE),
            literal(applying.reason_enum_id, String),
        )
        .where(LINE.c.NEW_PROMISE.is_distinct_from(LINE.c.OLD_PROMISE))
        .order_by(LINE.c.N),
    )
