"""Whether a plan is stale: somebody changed what it was made from."""

from __future__ import annotations

from sqlalchemy import Connection, select

from data.tables import order_header, order_item
from preorder_tui.clock import Clock
from preorder_tui.errors import StalePlan
from preorder_tui.line_state import chunks, key_in
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.progress import Progress
from preorder_tui.who_changed import who_changed


def check_versions(connection: Connection, clock: Clock, plan: Plan, progress: Progress) -> None:
    """Compare the versions the plan was made from, with the rows locked until the end.

    Raises:
        StalePlan: a line or an order changed; says who changed it, when and how.
    """
    stale: list[LineId] = []
    for chunk in chunks(sorted(plan.versions)):
        found = {
            LineId(order_id, item): version
            for order_id, item, version in connection.execute(
                select(
                    order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID, order_item.c.ROW_VERSION
                )
                .where(key_in(chunk))
                .order_by(order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID)
                .with_for_update()
            )
        }
        stale += [line for line in chunk if found.get(line) != plan.versions[line]]
        progress.add(len(chunk))
    if stale:
        raise StalePlan(who_changed(connection, clock, stale[0], len(stale)))
    for order_ids in chunks(sorted(plan.order_versions)):
        versions = dict(
            connection.execute(
                select(order_header.c.ORDER_ID, order_header.c.ROW_VERSION)
                .where(order_header.c.ORDER_ID.in_(order_ids))
                .order_by(order_header.c.ORDER_ID)
                .with_for_update(read=True)
            ).all()
        )
        for order_id in order_ids:
            if versions.get(order_id) != plan.order_versions[order_id]:
                raise StalePlan(who_changed(connection, clock, LineId(order_id, ""), 1))
