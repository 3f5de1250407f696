"""Promises that sync may set: read by the set, and made into a plan of lists or by the set.

The arrival of a sales order line is its derived copy, the latest among its allocations (R-47).
Moments stay as the database stores them, as in :mod:`preorder_tui.waiting_book`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Select, and_, select

from data.bulk import Rows
from data.staging import create
from data.tables import order_header, order_item, order_item_assoc
from data.tables import order_item_ship_group as ship_group
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.draft import change
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.staged_fields import CHANGE, FieldRows, planned_table
from preorder_tui.staged_plan import SHOWN, StagedPlan
from preorder_tui.stored_moments import Moment, as_moment, as_stored, stored
from preorder_tui.words import CHANGE_DATE, SALES_ORDER

Guard = Literal["any", "later", "earlier"]
LONG_SLIP_DAYS = 30
"""A promise that slips by more may give the customer a right to be asked."""

BY_LISTS = 1_000
"""Plans of fewer rows are plans of lists, like those that people make at the desk."""

_item, _header = order_item.c, order_header.c
_PROMISES = planned_table("PLANNED_PROMISE", "promisedDatetime")


class SyncRow(NamedTuple):
    """A sales order line with an allocation."""

    order_id: str
    order_item_seq_id: str
    promised: Moment | None
    arrival: Moment | None
    status_id: str
    order_status_id: str
    facility_id: str
    version: int
    order_version: int

    @property
    def line(self) -> LineId:
        """Its key."""
        return LineId(self.order_id, self.order_item_seq_id)


class Days:
    """Whole days between stored moments; a book has few different ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[Moment, int] = {}

    def number(self, moment: Moment) -> int:
        """The ordinal of a moment's day at the site."""
        found = self._known.get(moment)
        if found is None:
            found = self._known[moment] = self._clock.day(as_moment(moment)).toordinal()
        return found

    def between(self, promised: Moment | None, arrival: Moment | None) -> int | None:
        """Days from a promise to an arrival, negative when it gets earlier; None without one."""
        if promised is None or arrival is None:
            return None
        return self.number(arrival) - self.number(promised)


def guard_allows(guard: Guard, slip: int | None) -> bool:
    """Whether the guard lets a promise move by ``slip`` days."""
    if slip is None:
        return True
    return not ((guard == "later" and slip < 0) or (guard == "earlier" and slip > 0))


def _lines(connection: Connection) -> Select[*tuple[Any, ...]]:
    return (
        select(
            _item.ORDER_ID,
            _item.ORDER_ITEM_SEQ_ID,
            stored(connection, _item.PROMISED_DATETIME),
            stored(connection, _item.ESTIMATED_DELIVERY_DATE),
            _item.STATUS_ID,
            _header.STATUS_ID,
            ship_group.c.FACILITY_ID,
            _item.ROW_VERSION,
            _header.ROW_VERSION,
        )
        .where(_header.ORDER_TYPE_ID == SALES_ORDER)
        .order_by(_header.ORDER_DATE, _header.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)
    )


def of_purchase_line(connection: Connection, line: LineId) -> list[SyncRow]:
    """The sales order lines that have units from a purchase order line, FIFO."""
    link = order_item_assoc.c
    query = (
        _lines(connection)
        .join_from(
            order_item_assoc,
            order_item,
            and_(
                _item.ORDER_ID == link.ORDER_ID,
                _item.ORDER_ITEM_SEQ_ID == link.ORDER_ITEM_SEQ_ID,
            ),
        )
        .join(order_header, _header.ORDER_ID == _item.ORDER_ID)
        .join(ship_group, rules.in_ship_group(order_item))
        .where(
            link.TO_ORDER_ID == line.order_id,
            link.TO_ORDER_ITEM_SEQ_ID == line.order_item_seq_id,
        )
    )
    cursor: Any = connection.execute(query).cursor
    return [SyncRow._make(row) for row in cursor.fetchall()]


def out_of_sync(connection: Connection, clock: Clock, product_id: str | None) -> Iterator[SyncRow]:
    """Lines that wait and whose promise differs from an arrival still to come, FIFO."""
    today = as_stored(connection, clock.start_of(clock.today()))
    query = (
        _lines(connection)
        .join_from(order_header, order_item, _item.ORDER_ID == _header.ORDER_ID)
        .join(ship_group, rules.in_ship_group(order_item))
        .where(
            rules.waits(order_header, order_item, ship_group),
            rules.out_of_sync(order_item),
            stored(connection, _item.ESTIMATED_DELIVERY_DATE) >= today,
        )
    )
    if product_id is not None:
        query = query.where(_item.PRODUCT_ID == product_id)
    cursor: Any = connection.execute(query).cursor
    while rows := cursor.fetchmany(20_000):
        yield from map(SyncRow._make, rows)


def plan_of_rows(command: str, title: str, rows: Sequence[SyncRow]) -> Plan:
    """The plan that promises each row its arrival."""
    by_set = len(rows) >= BY_LISTS
    plan = StagedPlan(command, title) if by_set else Plan(command, title)
    for row in rows[:SHOWN] if by_set else rows:
        plan.changes.add(
            change(
                row.line,
                "promisedDatetime",
                None if row.promised is None else as_moment(row.promised),
                as_moment(row.arrival),
                CHANGE_DATE,
            )
        )
    if not isinstance(plan, StagedPlan):
        for row in rows:
            plan.versions[row.line] = row.version
            plan.order_versions[row.order_id] = row.order_version
        return plan
    plan.count = plan.lines = len(rows)
    plan.stage = lambda connection: _stage(connection, rows)
    plan.parts = [FieldRows(_PROMISES, "promisedDatetime", CHANGE_DATE, orders_too=True)]
    return plan


def _stage(connection: Connection, rows: Sequence[SyncRow]) -> None:
    create(connection, _PROMISES)
    Rows(
        connection,
        _PROMISES,
        "N ORDER_ID ORDER_ITEM_SEQ_ID OLD_VALUE NEW_VALUE VERSION ORDER_VERSION VERDICT",
    ).insert_all(
        (
            number, row.order_id, row.order_item_seq_id, row.promised, row.arrival, row.version,
            row.order_version, CHANGE,
        )
        for number, row in enumerate(sorted(rows), start=1)
    )  # fmt: skip
