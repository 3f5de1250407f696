"""The customer's name of sales orders, cleaned."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, func, select

from data.tables import order_role, party
from preorder_tui.line_state import chunks
from preorder_tui.text import clean

PLACING_CUSTOMER = "PLACING_CUSTOMER"

# An order has one placing customer; should data hold two, the first name by alphabet is shown.
_NAMES = (
    select(order_role.c.ORDER_ID, func.min(party.c.PARTY_NAME))
    .join(party, party.c.PARTY_ID == order_role.c.PARTY_ID)
    .where(
        order_role.c.ORDER_ID.in_(bindparam("orders", expanding=True)),
        order_role.c.ROLE_TYPE_ID == PLACING_CUSTOMER,
    )
    .group_by(order_role.c.ORDER_ID)
)


def names(connection: Connection, order_ids: Iterable[str]) -> dict[str, str]:
    """The customer's name by order id; orders without a customer are left out."""
    found: dict[str, str] = {}
    for piece in chunks(dict.fromkeys(order_ids)):
        for order_id, name in connection.execute(_NAMES, {"orders": piece}):
            found[order_id] = clean(name)
    return found
