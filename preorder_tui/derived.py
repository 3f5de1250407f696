"""Derived copies on sales order lines: the latest arrival of their supply, and its order.

ESTIMATED_DELIVERY_DATE is the latest arrival among a line's allocations (R-23), CORRESPONDING_PO_ID
the purchase order of that arrival. A cancelled line has no allocation and no arrival, but keeps
the number of its purchase order (R-111).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, and_, bindparam, select, update

from data.prepared import Prepared
from data.tables import order_item, order_item_assoc
from preorder_tui.by_keys import FEW, ByKeys
from preorder_tui.line_state import chunks, links_of_purchase
from preorder_tui.lines import LineId

LONG_AGO = datetime(1, 1, 1)  # noqa: DTZ001  (as stored: UTC without zone)

_SET = Prepared(
    update(order_item)
    .where(
        bindparam("b_order") == order_item.c.ORDER_ID,
        bindparam("b_item") == order_item.c.ORDER_ITEM_SEQ_ID,
    )
    .values(ESTIMATED_DELIVERY_DATE=bindparam("b_arrival"), CORRESPONDING_PO_ID=bindparam("b_po"))
)


_purchase = order_item.alias("purchase")
_assoc = order_item_assoc.c
_STANDING = ByKeys(
    select(
        order_item.c.ORDER_ID,
        order_item.c.ORDER_ITEM_SEQ_ID,
        order_item.c.ESTIMATED_DELIVERY_DATE,
        order_item.c.CORRESPONDING_PO_ID,
        order_item.c.STATUS_ID,
        _assoc.TO_ORDER_ID,
        _assoc.TO_ORDER_ITEM_SEQ_ID,
        _purchase.c.ESTIMATED_DELIVERY_DATE,
    )
    .select_from(
        order_item.outerjoin(
            order_item_assoc,
            and_(
                _assoc.ORDER_ID == order_item.c.ORDER_ID,
                _assoc.ORDER_ITEM_SEQ_ID == order_item.c.ORDER_ITEM_SEQ_ID,
            ),
        ).outerjoin(
            _purchase,
            and_(
                _purchase.c.ORDER_ID == _assoc.TO_ORDER_ID,
                _purchase.c.ORDER_ITEM_SEQ_ID == _assoc.TO_ORDER_ITEM_SEQ_ID,
            ),
        )
    )
    .where(order_item.c.RECEIVED_QUANTITY.is_(None)),  # sales order lines only
    order_item.c.ORDER_ID,
    order_item.c.ORDER_ITEM_SEQ_ID,
)
"""The copies of lines as they stand, a row for each of their allocations and its arrival."""


def refresh_derived(
    connection: Connection, lines: Iterable[LineId], rearrived: Iterable[LineId]
) -> None:
    """Bring the derived copies up to date.

    Among equal arrivals the larger order id and item decide, so that a copy is always the same.

    Args:
        lines: sales order lines whose allocations changed (others among them are passed over).
        rearrived: purchase order lines whose arrival date changed.
    """
    touched = dict.fromkeys(lines)
    touched |= dict.fromkeys(links_of_purchase(connection, rearrived))
    parameters = [
        {
            "b_order": line.order_id,
            "b_item": line.order_item_seq_id,
            "b_arrival": arrival,
            "b_po": order_id,
        }
        for line, (arrival, order_id) in differing(connection, touched).items()
    ]
    for chunk in chunks(parameters, 2_000):
        if len(chunk) > FEW:
            connection.execute(_SET.statement, chunk)
        else:
            for values in chunk:
                _SET.run(connection, values)


def differing(
    connection: Connection, lines: Iterable[LineId]
) -> dict[LineId, tuple[datetime | None, str | None]]:
    """Of those sales order lines whose copies no longer hold: what they are to be."""
    return _differing(_STANDING.rows(connection, lines))


class FewCopies:
    """The copies of a few sales order lines, ready to be compared: see :func:`differing`."""

    __slots__ = ("_statement",)

    def __init__(self, dialect: Dialect, lines: Iterable[LineId]) -> None:
        wanted = list(dict.fromkeys(lines))
        self._statement = _STANDING.bound(dialect, wanted) if wanted else None

    def differing(self, connection: Connection) -> dict[LineId, tuple[datetime | None, str | None]]:
        """Of those lines whose copies no longer hold: what they are to be."""
        return {} if self._statement is None else _differing(self._statement.rows(connection))


def _differing(
    rows: Iterable[Sequence[Any]],
) -> dict[LineId, tuple[datetime | None, str | None]]:
    present: dict[LineId, tuple[datetime | None, str | None, str]] = {}
    best: dict[LineId, tuple[datetime, str, str]] = {}
    for order_id, item, copied, copied_order, status, to_order, to_item, arrival in rows:
        line = LineId(order_id, item)
        present[line] = (copied, copied_order, status)
        if to_order is not None:
            rank = (arrival or LONG_AGO, to_order, to_item)
            if line not in best or rank > best[line]:
                best[line] = rank
    found: dict[LineId, tuple[datetime | None, str | None]] = {}
    for line, (copied, copied_order, status) in present.items():
        latest, new_order = best[line][:2] if line in best else (LONG_AGO, None)
        new_arrival = None if latest == LONG_AGO else latest
        if line not in best and status == "ITEM_CANCELLED":
            new_order = copied_order
        if (new_arrival, new_order) != (copied, copied_order):
            found[line] = (new_arrival, new_order)
    return found
