"""Whether a plan is stale: somebody changed what it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, Dialect, bindparam, select, text

from data.prepared import Bound, Prepared
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
# PostgreSQL locks rows of both tables in one statement, each in its own way. (MariaDB would keep
# everybody else from all other lines of the orders.)
_LOCKED_WITH_ORDERS = ByKeys(
    select(*_STANDS, order_header.c.ROW_VERSION)
    .join_from(order_item, order_header, order_header.c.ORDER_ID == _item.ORDER_ID)
    .order_by(_item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)
    .suffix_with(text('FOR UPDATE OF "ORDER_ITEM" FOR SHARE OF "ORDER_HEADER"')),
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


class FewVersions:
    """The comparison of a plan's versions where its lines and orders are few, ready to be made.

    Rows are locked in the order of their keys, and so are those of ``also``, lines that will be
    written to whatever their version: two people who want the same lines wait for each other,
    instead of each for what the other has.
    """

    __slots__ = ("_lines", "_orders", "_plan")

    def __init__(self, dialect: Dialect, plan: Plan, also: Iterable[LineId] = ()) -> None:
        wanted = sorted(plan.versions.keys() | set(also))
        statement, orders = _STANDING, sorted(plan.order_versions)
        if dialect.name == "sqlite":
            statement = _STANDING_WITH_ORDERS
        elif dialect.name == "postgresql" and orders:
            statement = _LOCKED_WITH_ORDERS
        if statement is not _STANDING:
            with_lines = {line.order_id for line in wanted}
            orders = [order_id for order_id in orders if order_id not in with_lines]
        self._plan = plan
        self._lines = statement.bound(dialect, wanted) if wanted else None
        self._orders = _of_orders(dialect, orders) if orders else None

    def check(self, connection: Connection, clock: Clock) -> dict[LineId, Standing]:
        """Lock and compare; the lines as they stand.

        Raises:
            StalePlan: a line or an order changed; says who changed it, when and how.
        """
        plan = self._plan
        standing: dict[LineId, Standing] = {}
        orders: dict[str, int] = {}
        for row in self._lines.rows(connection) if self._lines is not None else ():
            standing[LineId(row[0], row[1])] = Standing._make(row[2:7])
            if len(row) > 7:
                orders[row[0]] = row[7]
        stale = [
            line
            for line, version in plan.versions.items()
            if line not in standing or standing[line].version != version
        ]
        if stale:
            raise StalePlan(who_changed(connection, clock, min(stale), len(stale)))
        if self._orders is not None:
            orders |= self._orders.rows(connection)
        _require_orders(connection, clock, plan, orders)
        return standing


def check_versions(
    connection: Connection,
    clock: Clock,
    plan: Plan,
    progress: Progress,
    also: Iterable[LineId] = (),
) -> dict[LineId, Standing]:
    """Compare the versions the plan was made from, with the rows locked until the end.

    See :class:`FewVersions`. Returns the lines as they stand, where they are few.

    Raises:
        StalePlan: a line or an order changed; says who changed it, when and how.
    """
    wanted = sorted(plan.versions.keys() | set(also))
    if len(wanted) <= FEW and len(plan.order_versions) <= FEW:
        standing = FewVersions(connection.dialect, plan, wanted).check(connection, clock)
        progress.add(len(plan.versions))
        return standing
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
    orders: dict[str, int] = {}
    for order_ids in chunks(sorted(plan.order_versions)):
        if len(order_ids) <= FEW:
            orders |= _of_orders(connection.dialect, order_ids).rows(connection)
        else:
            orders |= connection.execute(_OF_MANY_ORDERS, {"orders": order_ids}).all()
    _require_orders(connection, clock, plan, orders)
    return {}


def _require_orders(
    connection: Connection, clock: Clock, plan: Plan, orders: dict[str, int]
) -> None:
    for order_id, version in sorted(plan.order_versions.items()):
        if orders.get(order_id) != version:
            raise StalePlan(who_changed(connection, clock, LineId(order_id, ""), 1))


def _of_orders(dialect: Dialect, order_ids: list[str]) -> Bound:
    values = {f"order{n}": order_id for n, order_id in enumerate(order_ids)}
    return _OF_FEW_ORDERS[len(order_ids) - 1].bound(dialect, values)
