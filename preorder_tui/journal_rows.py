"""Journal rows made out of journal rows, by the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, String, insert, literal, select

from data.tables import order_item_change

_row = order_item_change.c


def swapped(change_set_id: int, change_type: str, condition: Any, *, links: bool = False) -> Any:
    """Journal rows again, old for new and new for old, in another change set.

    ``links``: the rows are of allocations, and keep the purchase order line they name.
    """
    names = ["ORDER_ID", "ORDER_ITEM_SEQ_ID"]
    if links:
        names += ["TO_ORDER_ID", "TO_ORDER_ITEM_SEQ_ID"]
    return insert(order_item_change).from_select(
        [*names, "CHANGE_SET_ID", "CHANGE_TYPE_ENUM_ID", "FIELD", "OLD_VALUE", "NEW_VALUE"],
        select(
            *(order_item_change.c[name] for name in names),
            literal(change_set_id, Integer),
            literal(change_type, String),
            _row.FIELD,
            _row.NEW_VALUE,
            _row.OLD_VALUE,
        )
        .where(condition)
        .order_by(_row.ORDER_ITEM_CHANGE_ID),
    )
