"""Whether a plan is stale: somebody changed what it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from data.prepared import Prepared
from data.tables import order_header, order_item
from preorder_tui.by_keys import FEW, ByKeys
from preorder_tui.clock import Clock
from preorder_tui.errors import StalePlan
from preorder_tui.line_state import chunks
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.progress import Progress
from preorder_tui.who_changed import who_changed

_VERSIONS = ByKeys(
    select(order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID, order_item.c.ROW_VERSION)
    .order_by(order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID)
    .with_for_update(),
    order_item.c.ORDER_ID,
    order_item.c.ORDER_ITEM_SEQ_ID,
)
_item = order_item.c
_STANDS = (
    _item.ORDER_ID,
    _item.ORDER_ITEM_SEQ_ID,
    _item.ROW_VERSION,
    _item.QUANTITY - _item.CANCEL_QUANTITY,
    _item.ALLOCATED_QUANTITY,
    _item.ATP_CEILING,
    _item.AVAILABLE_TO_PROMISE,
)
_STANDING = ByKeys(
    select(*_STANDS).order_by(_item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID).with_for_update(),
    _item.ORDER_ID,
    _item.ORDER_ITEM_SEQ_ID,
)
# Where nothing has to be locked row by row, what is read of the orders comes along.
_STANDING_WITH_ORDERS = ByKeys(
    select(*_STANDS, order_header.c.ROW_VERSION).join_from(
        order_item, order_header, order_header.c.ORDER_ID == _item.ORDER_ID
    ),
    _item.ORDER_ID,
    _item.ORDER_ITEM_SEQ_ID,
)
_ORDER_VERSIONS = (
    select(order_header.c.ORDER_ID, order_header.c.ROW_VERSION)
    .order_by(order_header.c.ORDER_ID)
    .with_for_update(read=True)
)
_OF_MANY_ORDERS = _ORDER_VERSIONS.where(
    order_header.c.ORDER_ID.in_(bindparam("orders", expanding=True))
)
_OF_FEW_ORDERS = [
    Prepared(
        _ORDER_VERSIONS.where(
            order_header.c.ORDER_ID.in_([bindparam(f"order{n}") for n in range(number + 1)])
        )
    )
    for number in range(FEW)
]


class Standing(NamedTuple):
    """A line as it stands under the lock."""

    version: int
    ordered: int
    allocated: int
    ceiling: int | None
    atp: int | None  # none on a sales order line


def check_versions(
    connection: Connection,
    clock: Clock,
    plan: Plan,
    progress: Progress,
    also: Iterable[LineId] = (),
) -> dict[LineId, Standing]:
    """Compare the versions the plan was made from, with the rows locked until the end.

    Rows are locked in the order of their keys, and so are those of ``also``, lines that will be
    written to whatever their version: two people who want the same lines wait for each other,
    instead of each for what the other has. Returns the lines as they stand, where they are few.

    Raises:
        StalePlan: a line or an order changed; says who changed it, when and how.
    """
    wanted = sorted(plan.versions.keys() | set(also))
    standing: dict[LineId, Standing] = {}
    orders: dict[str, int] = {}
    if len(wanted) <= FEW:
        statement = _STANDING_WITH_ORDERS if connection.dialect.name == "sqlite" else _STANDING
        for row in statement.rows(connection, wanted):
            standing[LineId(row[0], row[1])] = Standing(*row[2:7])
            if len(row) > 7:
                orders[row[0]] = row[7]
        found = {line: one.version for line, one in standing.items()}
    else:
        found = {
            LineId(order_id, item): version
            for order_id, item, version in _VERSIONS.rows(connection, wanted)
        }
    stale = [
        line for line in wanted if line in plan.versions and found.get(line) != plan.versions[line]
    ]
    progress.add(len(plan.versions))
    if stale:
        raise StalePlan(who_changed(connection, clock, stale[0], len(stale)))
    for order_ids in chunks(sorted(plan.order_versions.keys() - orders.keys())):
        orders |= _order_versions(connection, order_ids)
    for order_id in sorted(plan.order_versions):
        if orders.get(order_id) != plan.order_versions[order_id]:
            raise StalePlan(who_changed(connection, clock, LineId(order_id, ""), 1))
    return standing


def _order_versions(connection: Connection, order_ids: list[str]) -> dict[str, int]:
    if len(order_ids) > FEW:
        return dict(connection.execute(_OF_MANY_ORDERS, {"orders": order_ids}).all())
    values = {f"order{n}": order_id for n, order_id in enumerate(order_ids)}
    return dict(_OF_FEW_ORDERS[len(order_ids) - 1].rows(connection, values))
