"""Units that an undo gives back, where the numbers of the purchase order line alone say no.

A line may have more units allocated than it may promise: its ATP limit was imported lower than what
was allocated by then. Units taken from it are no supply for anybody, so nobody else gets them, and
an undo may give them back: up to what was allocated before the change set that is taken back. It
may not where the limit itself was changed since.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Connection, cast, func, select

from data.tables import order_item, order_item_change
from preorder_tui.line_state import chunks, key_in, keys_in
from preorder_tui.lines import LineId

_row = order_item_change.c


def stood_before(
    connection: Connection, change_set_id: int, lines: Iterable[LineId]
) -> dict[LineId, int]:
    """Units of purchase order lines that were allocated before a change set was applied.

    Read from the lines and the journal as they stand. A line whose ATP limit was changed later than
    that is left out.
    """
    found: dict[LineId, int] = {}
    for chunk in chunks(dict.fromkeys(lines)):
        moved: dict[LineId, Any] = {
            LineId(order_id, item): units
            for order_id, item, units in connection.execute(
                select(
                    _row.TO_ORDER_ID,
                    _row.TO_ORDER_ITEM_SEQ_ID,
                    func.sum(_units(_row.NEW_VALUE) - _units(_row.OLD_VALUE)),
                )
                .where(
                    keys_in(_row.TO_ORDER_ID, _row.TO_ORDER_ITEM_SEQ_ID, chunk),
                    _row.FIELD == "allocation",
                    change_set_id <= _row.CHANGE_SET_ID,
                )
                .group_by(_row.TO_ORDER_ID, _row.TO_ORDER_ITEM_SEQ_ID)
            )
        }
        limited = {
            LineId(*key)
            for key in connection.execute(
                select(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID).where(
                    keys_in(_row.ORDER_ID, _row.ORDER_ITEM_SEQ_ID, chunk),
                    _row.FIELD == "availableToPromise",
                    change_set_id < _row.CHANGE_SET_ID,
                )
            )
        }
        for order_id, item, allocated in connection.execute(
            select(
                order_item.c.ORDER_ID,
                order_item.c.ORDER_ITEM_SEQ_ID,
                order_item.c.ALLOCATED_QUANTITY,
            ).where(key_in(chunk))
        ):
            line = LineId(order_id, item)
            if line not in limited:
                found[line] = int(allocated) - int(moved.get(line, 0))
    return found


def _units(text: Any) -> Any:
    return cast(func.coalesce(text, "0"), BigInteger)
