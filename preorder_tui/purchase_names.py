"""Purchase orders by the name that people use: their external id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, select

from data.prepared import Prepared
from data.tables import order_header
from preorder_tui.by_keys import FEW
from preorder_tui.line_state import chunks
from preorder_tui.query_hints import not_by_index
from preorder_tui.text import clean
from preorder_tui.words import PURCHASE_ORDER

if TYPE_CHECKING:
    from preorder_tui.plan import Plan

_NAMES = select(order_header.c.ORDER_ID, order_header.c.EXTERNAL_ID).where(
    not_by_index(order_header.c.ORDER_TYPE_ID) == PURCHASE_ORDER,
    order_header.c.EXTERNAL_ID.is_not(None),
)
_OF_MANY = _NAMES.where(order_header.c.ORDER_ID.in_(bindparam("orders", expanding=True)))
_OF_FEW = [
    Prepared(
        _NAMES.where(
            order_header.c.ORDER_ID.in_([bindparam(f"order{n}") for n in range(number + 1)])
        )
    )
    for number in range(FEW)
]
_SALES_FIELDS = ("promisedDatetime", "line", "order")
"""Fields that name no purchase order there is: a whole book has a million such rows."""


def names(connection: Connection, order_ids: Iterable[str | None]) -> dict[str, str]:
    """The name by order id; sales orders and purchase orders without a name are left out."""
    wanted = dict.fromkeys(order_id for order_id in order_ids if order_id)
    if 0 < len(wanted) <= FEW:
        values = {f"order{n}": order_id for n, order_id in enumerate(wanted)}
        found = _OF_FEW[len(wanted) - 1].rows(connection, values)
        return {order_id: clean(name) for order_id, name in found if name}
    return {
        order_id: clean(name)
        for piece in chunks(wanted)
        for order_id, name in connection.execute(_OF_MANY, {"orders": piece})
        if name
    }


def of_plan(connection: Connection, plan: Plan) -> dict[str, str]:
    """The names of the purchase orders that a plan's rows change or link to, unless it has them."""
    linked = plan.changes.column("to_order_id")
    changed = (
        order_id
        for order_id, to_order_id, field in zip(
            plan.changes.column("order_id"), linked, plan.changes.column("field"), strict=True
        )
        if to_order_id is None and field not in _SALES_FIELDS
    )
    return names(connection, {*linked, *changed} - plan.purchase_names.keys())
