"""Whether a plan is stale: somebody changed what it was made from."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from data.tables import order_header, order_item
from preorder_tui.by_keys import ByKeys
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
_ORDER_VERSIONS = (
    select(order_header.c.ORDER_ID, order_header.c.ROW_VERSION)
    .where(order_header.c.ORDER_ID.in_(bindparam("orders", expanding=True)))
    .order_by(order_header.c.ORDER_ID)
    .with_for_update(read=True)
)


def check_versions(
    connection: Connection,
    clock: Clock,
    plan: Plan,
    progress: Progress,
    also: Iterable[LineId] = (),
) -> None:
    """Compare the versions the plan was made from, with the rows locked until the end.

    Rows are locked in the order of their keys, and so are those of ``also``, lines that will be
    written to whatever their version: two people who want the same lines wait for each other,
    instead of each for what the other has.

    Raises:
        StalePlan: a line or an order changed; says who changed it, when and how.
    """
    wanted = sorted(plan.versions.keys() | set(also))
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
    for order_ids in chunks(sorted(plan.order_versions)):
        versions = dict(connection.execute(_ORDER_VERSIONS, {"orders": order_ids}).all())
        for order_id in order_ids:
            if versions.get(order_id) != plan.order_versions[order_id]:
                raise StalePlan(who_changed(connection, clock, LineId(order_id, ""), 1))
