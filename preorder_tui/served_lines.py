"""The sales order lines that hold units of one purchase order line, read in one pass.

There may be ten thousand of them, all over the book. So only what questions about them need is
read, the rules are applied where the rows are (:mod:`preorder_tui.sales_line_rules`), and moments
stay as they are stored (:mod:`preorder_tui.stored_moments`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, String, and_, bindparam, case, func, select

from data.staging import narrow_cache
from data.tables import order_header, order_item, order_item_assoc, order_item_ship_group
from preorder_tui import sales_line_rules as rules
from preorder_tui.line_state import SALES_FROM
from preorder_tui.lines import LineId
from preorder_tui.stored_moments import Moment

BATCH = 10_000
FARES = 4
"""From here on a :class:`ServedLine` says how it fares: lines that agree in it fare alike."""


class ServedLine(NamedTuple):
    """A sales order line with what it holds of the purchase order line; sorts as FIFO does."""

    placed: Moment
    order_id: str
    order_item_seq_id: str
    units: int
    promised: Moment | None
    waits: int
    """Whether it waits (R-04): only then may its units be taken, or its promise be synced."""
    closed: int
    pinned: int
    elsewhere: Moment | None
    """The latest arrival among its other purchase order lines; None where there is none."""

    @property
    def line(self) -> LineId:
        """Its key."""
        return LineId(self.order_id, self.order_item_seq_id)


_item, _link = order_item.c, order_item_assoc.c
_other = order_item_assoc.alias("other")
_other_item = order_item.alias("other_item")
_ELSEWHERE = (
    select(func.max(_other_item.c.ESTIMATED_DELIVERY_DATE))
    .join_from(
        _other,
        _other_item,
        and_(
            _other_item.c.ORDER_ID == _other.c.TO_ORDER_ID,
            _other_item.c.ORDER_ITEM_SEQ_ID == _other.c.TO_ORDER_ITEM_SEQ_ID,
        ),
    )
    .where(
        _other.c.ORDER_ID == _link.ORDER_ID,
        _other.c.ORDER_ITEM_SEQ_ID == _link.ORDER_ITEM_SEQ_ID,
        (_other.c.TO_ORDER_ID != _link.TO_ORDER_ID)
        | (_other.c.TO_ORDER_ITEM_SEQ_ID != _link.TO_ORDER_ITEM_SEQ_ID),
    )
    .correlate(order_item_assoc)
    .scalar_subquery()
)


@cache
def _statement(*, newest_first: bool) -> Select[*tuple[Any, ...]]:
    statement = (
        select(
            order_header.c.ORDER_DATE,
            _link.ORDER_ID,
            _link.ORDER_ITEM_SEQ_ID,
            _link.QUANTITY,
            _item.PROMISED_DATETIME,
            case((rules.waits(order_header, order_item, order_item_ship_group), 1), else_=0),
            case((rules.not_closed(order_item), 0), else_=1),
            case((_link.PINNED == "Y", 1), else_=0),
            # Most lines have one purchase order line: only the others are looked up.
            case((_link.QUANTITY < _item.ALLOCATED_QUANTITY, _ELSEWHERE)),
        )
        .select_from(SALES_FROM)
        .join(
            order_item_assoc,
            and_(
                _link.ORDER_ID == _item.ORDER_ID,
                _link.ORDER_ITEM_SEQ_ID == _item.ORDER_ITEM_SEQ_ID,
            ),
        )
        .where(
            _link.TO_ORDER_ID == bindparam("order_id", type_=String),
            _link.TO_ORDER_ITEM_SEQ_ID == bindparam("item", type_=String),
        )
    )
    if newest_first:
        statement = statement.order_by(
            order_header.c.ORDER_DATE.desc(),
            _link.ORDER_ID.desc(),
            _link.ORDER_ITEM_SEQ_ID.desc(),
        )
    return statement


def served_lines(
    connection: Connection, line: LineId, *, newest_first: bool = False
) -> Iterator[list[ServedLine]]:
    """The sales order lines with units of ``line``, in lists; by request the last in FIFO first."""
    with narrow_cache(connection):
        # As the driver gives them: whole units are whole numbers to it, or equal to them.
        cursor: Any = connection.execute(
            _statement(newest_first=newest_first),
            {"order_id": line.order_id, "item": line.order_item_seq_id},
        ).cursor
        while rows := cursor.fetchmany(BATCH):
            yield list(map(ServedLine._make, rows))
