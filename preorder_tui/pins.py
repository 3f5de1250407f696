"""Pinned allocations: a person wants them left where they are.

Jobs that allocate by a policy, and the move to earlier purchase orders, pass a pinned allocation
over. By hand it can be moved or removed, with a warning; the pin goes with it, and undo brings both
back.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from data.tables import order_item_assoc
from preorder_tui.by_keys import ByKeys
from preorder_tui.lines import LineId
from preorder_tui.plan import PlannedChange
from preorder_tui.words import CHANGE_UPDATE

PINNED, FREE = "Y", "N"
FIELD = "pinned"
_assoc = order_item_assoc.c
_PINNED_OF = ByKeys(
    select(
        _assoc.ORDER_ID,
        _assoc.ORDER_ITEM_SEQ_ID,
        _assoc.TO_ORDER_ID,
        _assoc.TO_ORDER_ITEM_SEQ_ID,
    ).where(_assoc.PINNED == PINNED),
    _assoc.ORDER_ID,
    _assoc.ORDER_ITEM_SEQ_ID,
)

Link = tuple[LineId, LineId]
"""A sales order line and the purchase order line that it has units from."""


def pinned_links(connection: Connection, lines: Iterable[LineId]) -> set[Link]:
    """The pinned allocations among those of some sales order lines."""
    return {
        (LineId(order_id, item), LineId(to_order_id, to_item))
        for order_id, item, to_order_id, to_item in _PINNED_OF.rows(connection, lines)
    }


def pin_row(sales: LineId, purchase: LineId, *, pinned: bool) -> PlannedChange:
    """The plan row that pins or unpins an allocation."""
    old, new = (FREE, PINNED) if pinned else (PINNED, FREE)
    return PlannedChange(*sales, *purchase, CHANGE_UPDATE, FIELD, old, new)
