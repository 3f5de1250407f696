"""The sales order lines that hold units of one purchase order line, read in one pass.

There may be ten thousand of them, all over the book. So only what questions about them need is
read, the rules are applied where the rows are (:mod:`preorder_tui.sales_line_rules`), and moments
stay as they are stored (:mod:`preorder_tui.stored_moments`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from data.staging import narrow_cache
from data.tables import order_header, order_item, order_item_assoc, order_item_ship_group
from preorder_tui import sales_line_rules as rules
from preorder_tui.lines import LineId
from preorder_tui.query_hints import by_index
from preorder_tui.stored_moments import Moment
from preorder_tui.words import SALES_ORDER

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
_kept = order_item.alias("kept")
_HERE = and_(
    _link.TO_ORDER_ID == bindparam("order_id", type_=String),
    _link.TO_ORDER_ITEM_SEQ_ID == bindparam("item", type_=String),
)
_OF_LINK = (
    _link.ORDER_ID,
    _link.ORDER_ITEM_SEQ_ID,
    _link.TO_ORDER_ID,
    _link.TO_ORDER_ITEM_SEQ_ID,
    _link.QUANTITY,
    _link.PINNED,
)
_OF_LINE = ("STATUS_ID", "PROMISED_DATETIME", "SHIP_GROUP_SEQ_ID", "ALLOCATED_QUANTITY")
_other = order_item_assoc.alias("other")
_other_item = order_item.alias("other_item")


def _links(source: FromClause, of_line: Iterable[ColumnElement[Any]]) -> Subquery:
    return select(*_OF_LINK, *of_line).select_from(source).where(_HERE).subquery("served")


def _served_plainly() -> Subquery:
    """The allocations from the purchase order line, each with its sales order line."""
    source = order_item_assoc.join(
        order_item,
        and_(_item.ORDER_ID == _link.ORDER_ID, _item.ORDER_ITEM_SEQ_ID == _link.ORDER_ITEM_SEQ_ID),
    )
    return _links(source, (_item[name] for name in _OF_LINE))


def _served_by_index() -> Subquery:
    """The same for SQLite, which reads a line only where its index does not have it.

    The index has what most of these lines have in common side by side: it goes by the purchase
    order whose units arrive last. The key of a line that was found there becomes null, and a null
    is not looked up.
    """
    source = by_index(
        order_item_assoc,
        _kept,
        and_(
            _kept.c.CORRESPONDING_PO_ID == _link.TO_ORDER_ID,
            _kept.c.ORDER_ID == _link.ORDER_ID,
            _kept.c.ORDER_ITEM_SEQ_ID == _link.ORDER_ITEM_SEQ_ID,
        ),
        "ORDER_ITEM_OF_PURCHASE_ORDER_IX",
        outer=True,
    ).outerjoin(
        order_item,
        and_(
            _item.ORDER_ID == case((_kept.c.ORDER_ID.is_(None), _link.ORDER_ID)),
            _item.ORDER_ITEM_SEQ_ID == _link.ORDER_ITEM_SEQ_ID,
        ),
    )
    return _links(
        source,
        (
            case((_kept.c.ORDER_ID.is_(None), _item[name]), else_=_kept.c[name]).label(name)
            for name in _OF_LINE
        ),
    )


@cache
def _statement(*, by_its_index: bool) -> Select[*tuple[Any, ...]]:
    served = _served_by_index() if by_its_index else _served_plainly()
    line, header = served.c, order_header.c
    elsewhere = (
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
            _other.c.ORDER_ID == line.ORDER_ID,
            _other.c.ORDER_ITEM_SEQ_ID == line.ORDER_ITEM_SEQ_ID,
            (_other.c.TO_ORDER_ID != line.TO_ORDER_ID)
            | (_other.c.TO_ORDER_ITEM_SEQ_ID != line.TO_ORDER_ITEM_SEQ_ID),
        )
        .correlate(served)
        .scalar_subquery()
    )
    # An index of sales orders alone has what is asked of an order.
    source = by_index(
        served,
        order_header,
        and_(
            header.ORDER_ID == line.ORDER_ID,
            header.ORDER_TYPE_ID == literal_column(f"'{SALES_ORDER}'"),
        ),
        "ORDER_HEADER_FILTERS_IX",
    ).join(order_item_ship_group, rules.in_ship_group(served))
    return select(
        header.ORDER_DATE,
        line.ORDER_ID,
        line.ORDER_ITEM_SEQ_ID,
        line.QUANTITY,
        line.PROMISED_DATETIME,
        case((rules.waits(order_header, served, order_item_ship_group), 1), else_=0),
        case((rules.not_closed(served), 0), else_=1),
        case((line.PINNED == "Y", 1), else_=0),
        # Most lines have one purchase order line: only the others are looked up.
        case((line.QUANTITY < line.ALLOCATED_QUANTITY, elsewhere)),
    ).select_from(source)


def served_lines(connection: Connection, line: LineId) -> Iterator[list[ServedLine]]:
    """The sales order lines with units of ``line``, in lists and in no order."""
    with narrow_cache(connection):
        # As the driver gives them: whole units are whole numbers to it, or equal to them.
        cursor: Any = connection.execute(
            _statement(by_its_index=connection.dialect.name == "sqlite"),
            {"order_id": line.order_id, "item": line.order_item_seq_id},
        ).cursor
        while rows := cursor.fetchmany(BATCH):
            yield list(map(ServedLine._make, rows))
