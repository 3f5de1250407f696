"""The allocations of a large change set, taken back by the set: its journal rows are the plan."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from data.columns import ID
from data.guards import counters_by_trigger
from data.staging import create, fails_whole, slices, temporary
from data.tables import SERIAL, order_item, order_item_assoc, order_item_change
from data.types import Quantity
from preorder_tui.clock import Clock
from preorder_tui.errors import StalePlan
from preorder_tui.given_back import stood_before
from preorder_tui.journal_rows import swapped
from preorder_tui.lines import LineId
from preorder_tui.purchase_line_rules import ordered_of, sellable_of
from preorder_tui.staged_lines import (
    changed_by,
    line_columns,
    link_key,
    lock_lines,
    new_links,
    same_line,
    same_link,
    unlinked,
)
from preorder_tui.staged_plan import SCATTERED_SLICE, SHOWN, Applying
from preorder_tui.who_changed import who_changed
from preorder_tui.words import CHANGE_UPDATE

NET = temporary(
    "INVERSE_NET",
    Column("N", SERIAL, primary_key=True, autoincrement=True),
    *line_columns(),
    Column("TAKEN", Quantity, nullable=False),
    Column("GIVEN", Quantity, nullable=False),
)
COPIES = temporary(
    "INVERSE_COPIES",
    *line_columns(primary_key=True),
    Column("ARRIVAL", DateTime),
    Column("ARRIVES_WITH", ID),
)

_row, _assoc = order_item_change.c, order_item_assoc.c
_SAME_LINK = same_link(order_item_change)


def _units(text: Any) -> Any:
    return cast(func.coalesce(text, "0"), BigInteger)


_THEN, _NOW = _units(_row.OLD_VALUE), _units(_row.NEW_VALUE)


class InverseLinks:
    """Allocations of a change set, back to what they were; units are taken before any are given."""

    scattered = True
    proves_parents = True
    """Every line of either side is updated, all of them or none (see :meth:`_update_by_net`)."""

    def __init__(self, change_set_id: int) -> None:
        self.change_set_id = change_set_id
        self._mine = and_(_row.CHANGE_SET_ID == change_set_id, _row.FIELD == "allocation")

    def blocked(self, connection: Connection) -> list[LineId]:
        """Lines whose allocations no longer are what the change set made them; the first ones."""
        return [
            LineId(*key)
            for key in connection.execute(
                select(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID)
                .select_from(order_item_change.outerjoin(order_item_assoc, _SAME_LINK))
                .where(self._mine, func.coalesce(_assoc.QUANTITY, 0) != _NOW)
                .limit(SHOWN)
            )
        ]

    def check(self, connection: Connection, clock: Clock) -> None:
        """Lock the purchase order lines, and see that what is given back is still there (R-122).

        Raises:
            StalePlan: an allocation changed since, or somebody else has the units.
        """
        create(connection, NET, COPIES)
        self._net(connection, _row.TO_ORDER_ID, _row.TO_ORDER_ITEM_SEQ_ID)
        lock_lines(connection, NET)
        blocked = self.blocked(connection)
        if blocked:
            raise StalePlan(who_changed(connection, clock, blocked[0], len(blocked)))
        item = order_item.c
        allocated = item.ALLOCATED_QUANTITY - NET.c.TAKEN + NET.c.GIVEN
        short = {
            LineId(order_id, item_seq_id): (units, most)
            for order_id, item_seq_id, units, most in connection.execute(
                select(item.ORDER_ID, item.ORDER_ITEM_SEQ_ID, allocated, ordered_of(order_item))
                .join(NET, same_line(NET))
                .where(NET.c.GIVEN > 0, allocated > sellable_of(order_item))
            )
        }
        stood = stood_before(connection, self.change_set_id, short)
        for line, (units, most) in short.items():
            if units > min(most, stood.get(line, 0)):
                raise StalePlan(
                    f"purchase order line {line} no longer has the units that are to be given "
                    "back: somebody else has them, or its ATP limit was changed; look again"
                )

    def _net(self, connection: Connection, order: Any, item: Any) -> None:
        """Units that a line loses and gets by the inverse, by line."""
        connection.execute(delete(NET))
        fewer = case((_NOW > _THEN, _NOW - _THEN), else_=0)
        more = case((_THEN > _NOW, _THEN - _NOW), else_=0)
        connection.execute(
            insert(NET).from_select(
                ["ORDER_ID", "ORDER_ITEM_SEQ_ID", "TAKEN", "GIVEN"],
                select(order, item, func.sum(fewer), func.sum(more))
                .where(self._mine)
                .group_by(order, item),
            )
        )

    def _update_by_net(self, connection: Connection, values: dict[Any, Any]) -> None:
        first, last = connection.execute(select(func.min(NET.c.N), func.max(NET.c.N))).one()
        for part in [] if first is None else slices(first, last, SCATTERED_SLICE):
            here = NET.c.N.between(*part)
            changed = connection.execute(
                fails_whole(update(order_item)).where(same_line(NET), here).values(values)
            ).rowcount
            if connection.dialect.name == "sqlite" and changed != part[1] - part[0] + 1:
                raise StalePlan("an order line is gone since the plan was made: look again")

    # --- Writing ---

    def write(self, connection: Connection, applying: Applying) -> int:
        """Take, give, bring the lines' counters, copies and versions up to date, journal it."""
        parts = self._slices(connection)
        done = 0
        counter = order_item.c.ALLOCATED_QUANTITY
        with counters_by_trigger(connection, suspended=True) as by_trigger:
            for part in parts:
                self._take(connection, part)
            for part in parts:
                self._give(connection, part, applying)
                copied = swapped(applying.change_set_id, CHANGE_UPDATE, self._in(part), links=True)
                connection.execute(fails_whole(copied))
                done += self._number(connection, part)
                applying.tell(done)
            net = counter - NET.c.TAKEN + NET.c.GIVEN
            if not by_trigger:  # the purchase order lines, then the sales order lines
                self._update_by_net(connection, {counter: net})
            self._net(connection, _row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID)
            values = changed_by(applying)
            if not by_trigger:
                values[counter] = net
            self._update_by_net(connection, values)
        for part in parts:
            self._refresh_copies(connection, part)
        return done

    def _slices(self, connection: Connection) -> Any:
        first, last = connection.execute(
            select(func.min(_row.ORDER_ITEM_CHANGE_ID), func.max(_row.ORDER_ITEM_CHANGE_ID)).where(
                self._mine
            )
        ).one()
        return [] if first is None else slices(first, last, SCATTERED_SLICE)

    def _in(self, part: tuple[int, int]) -> Any:
        return and_(_row.ORDER_ITEM_CHANGE_ID.between(*part), self._mine)

    def _number(self, connection: Connection, part: tuple[int, int]) -> int:
        number: int = connection.execute(
            select(func.count()).select_from(order_item_change).where(self._in(part))
        ).scalar_one()
        return number

    def _take(self, connection: Connection, part: tuple[int, int]) -> None:
        here = self._in(part)
        gone = select(*link_key(order_item_change)).where(here, _THEN == 0)
        connection.execute(unlinked(gone))
        connection.execute(
            fails_whole(update(order_item_assoc))
            .where(_SAME_LINK, here, _THEN > 0, _THEN < _NOW)
            .values(QUANTITY=_THEN)
        )

    def _give(self, connection: Connection, part: tuple[int, int], applying: Applying) -> None:
        here = self._in(part)
        connection.execute(
            fails_whole(update(order_item_assoc))
            .where(_SAME_LINK, here, _NOW > 0, _THEN > _NOW)
            .values(QUANTITY=_THEN)
        )
        made = (here, _NOW == 0, _THEN > 0)
        number = _row.ORDER_ITEM_CHANGE_ID
        connection.execute(new_links(order_item_change, _THEN, applying, *made, by=number))

    def _refresh_copies(self, connection: Connection, part: tuple[int, int]) -> None:
        """The latest arrival and its order, of the slice's lines (see :mod:`derived`)."""
        connection.execute(delete(COPIES))
        purchase = order_item.alias("purchase")
        links = order_item_assoc.join(
            purchase,
            and_(
                purchase.c.ORDER_ID == _assoc.TO_ORDER_ID,
                purchase.c.ORDER_ITEM_SEQ_ID == _assoc.TO_ORDER_ITEM_SEQ_ID,
            ),
        )
        mine = and_(
            _assoc.ORDER_ID == _row.ORDER_ID, _assoc.ORDER_ITEM_SEQ_ID == _row.ORDER_ITEM_SEQ_ID
        )
        arrival = (
            select(func.max(purchase.c.ESTIMATED_DELIVERY_DATE))
            .select_from(links)
            .where(mine)
            .correlate(order_item_change)
            .scalar_subquery()
        )
        arrives_with = (
            select(purchase.c.ORDER_ID)
            .select_from(links)
            .where(mine)
            .order_by(
                purchase.c.ESTIMATED_DELIVERY_DATE.is_(None),
                purchase.c.ESTIMATED_DELIVERY_DATE.desc(),
                purchase.c.ORDER_ID.desc(),
            )
            .limit(literal(1, literal_execute=True))
            .correlate(order_item_change)
            .scalar_subquery()
        )
        lines = (
            select(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID, arrival, arrives_with)
            .where(self._in(part))
            .distinct()
        )
        connection.execute(
            insert(COPIES).from_select(
                ["ORDER_ID", "ORDER_ITEM_SEQ_ID", "ARRIVAL", "ARRIVES_WITH"], lines
            )
        )
        connection.execute(
            fails_whole(update(order_item))
            .where(
                same_line(COPIES),
                or_(
                    order_item.c.ESTIMATED_DELIVERY_DATE.is_distinct_from(COPIES.c.ARRIVAL),
                    order_item.c.CORRESPONDING_PO_ID.is_distinct_from(COPIES.c.ARRIVES_WITH),
                ),
            )
            .values(
                {
                    order_item.c.ESTIMATED_DELIVERY_DATE: COPIES.c.ARRIVAL,
                    order_item.c.CORRESPONDING_PO_ID: COPIES.c.ARRIVES_WITH,
                }
            )
        )
