"""Worklists of sales order lines: without supply, out of sync, promised too early, overdue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from data.tables import order_header, order_item, order_item_ship_group
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.marks import CLOSED_ORDER_STATUSES
from preorder_tui.query_hints import not_by_index
from preorder_tui.report_catalogue import Bar, Chart, ReportRow, report_kind
from preorder_tui.report_rows import (
    BARS,
    Maker,
    Names,
    age_chart,
    age_sums,
    days_between,
    external_ids_of,
    streamed,
    units,
)
from preorder_tui.site_days import day_or_none
from preorder_tui.text import clean_or_empty
from preorder_tui.words import SALES_ORDER

_COLUMNS = (
    order_item.c.ORDER_ID,
    order_item.c.ORDER_ITEM_SEQ_ID,
    order_header.c.ORDER_DATE,
    order_item.c.PRODUCT_ID,
    order_item_ship_group.c.FACILITY_ID,
    order_item.c.CORRESPONDING_PO_ID,
    order_item.c.PROMISED_DATETIME,
    order_item.c.ESTIMATED_DELIVERY_DATE,
    order_item.c.QUANTITY,
    order_item.c.CANCEL_QUANTITY,
    order_item.c.ALLOCATED_QUANTITY,
)
_KEY = (order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID)
_LINES = (
    select(*_COLUMNS)
    .select_from(order_header)
    .join(order_item, order_item.c.ORDER_ID == order_header.c.ORDER_ID)
    .outerjoin(order_item_ship_group, rules.in_ship_group(order_item))
)
# Found by the lines' own dates, so never from the order's type or status.
_OPEN = (
    order_item.c.RECEIVED_QUANTITY.is_(None),  # of a sales order: said by the line itself
    not_by_index(order_header.c.ORDER_TYPE_ID) == SALES_ORDER,
    not_by_index(order_header.c.STATUS_ID).not_in(CLOSED_ORDER_STATUSES),
    rules.not_closed(order_item),
)
_OPEN_LINES = _LINES.where(*_OPEN)

_open_units = units(order_item) - order_item.c.ALLOCATED_QUANTITY
_UNALLOCATED = _LINES.where(
    order_header.c.ORDER_TYPE_ID == SALES_ORDER,
    rules.has_open_units(order_item),
    rules.waits(order_header, order_item, order_item_ship_group),
).order_by(order_header.c.ORDER_DATE, order_header.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID)
_OUT_OF_SYNC = _OPEN_LINES.where(rules.out_of_sync(order_item)).order_by(
    order_item.c.ESTIMATED_DELIVERY_DATE, *_KEY
)
_arrival = order_item.c.ESTIMATED_DELIVERY_DATE
_OUT_OF_SYNC_IN_ONE_PASS = and_(  # the same rule, kept away from the index of arrivals
    not_by_index(_arrival).is_not(None),
    or_(order_item.c.PROMISED_DATETIME.is_(None), order_item.c.PROMISED_DATETIME != _arrival),
)
_BEFORE_ARRIVAL = _OPEN_LINES.where(rules.before_arrival(order_item)).order_by(
    order_item.c.PROMISED_DATETIME, *_KEY
)


def _overdue(clock: Clock) -> Select[Any]:
    start = clock.start_of(clock.today())
    return _OPEN_LINES.where(rules.overdue(order_item, start)).order_by(
        order_item.c.PROMISED_DATETIME, *_KEY
    )


def _rows(
    connection: Connection, clock: Clock, name: str, statement: Any, limit: int | None
) -> Iterator[ReportRow]:
    """The rows of a worklist; ``days`` is the age, or by how much promise and arrival differ."""
    kind = report_kind(name)
    today = clock.today()

    def make(names: Names, row: Any) -> ReportRow:
        line = LineId(row["ORDER_ID"], row["ORDER_ITEM_SEQ_ID"])
        promise = day_or_none(clock, row["PROMISED_DATETIME"])
        arrival = day_or_none(clock, row["ESTIMATED_DELIVERY_DATE"])
        ordered = clock.day(row["ORDER_DATE"])
        quantity = row["QUANTITY"] - row["CANCEL_QUANTITY"]
        days = days_between(arrival, promise)
        if name in ("unallocated", "overdue"):
            days = days_between(ordered if name == "unallocated" else promise, today)
        cells = {
            "orderId": line.order_id,
            "orderItemSeqId": line.order_item_seq_id,
            "externalId": names.external_ids.get(line.order_id, ""),
            "customerName": names.people.get(line.order_id, ("", ""))[0],
            "internalName": names.product(row["PRODUCT_ID"]).sku,
            "facilityId": clean_or_empty(row["FACILITY_ID"]),
            "orderDate": ordered,
            "days": days,
            "openQuantity": quantity - row["ALLOCATED_QUANTITY"],
            "quantity": quantity,
            "promisedDatetime": promise,
            "estimatedDeliveryDate": arrival,
            "correspondingPoId": names.order(row["CORRESPONDING_PO_ID"]),
        }
        return ReportRow(tuple(cells[one.name] for one in kind.columns), line.order_id, line)

    return streamed(
        connection,
        statement,
        {},
        limit,
        make,
        orders=("ORDER_ID", "CORRESPONDING_PO_ID"),
        customers="ORDER_ID",
    )


def _by_purchase_order(connection: Connection, condition: Any, title: str) -> Chart | None:
    """How many lines of a worklist hang on each purchase order, the most first."""
    number = func.count()
    order_id = not_by_index(order_item.c.CORRESPONDING_PO_ID)  # one pass, not one by one
    found = connection.execute(
        select(order_id.label("po"), number.label("lines"))
        .select_from(order_item)
        .join(order_header, order_header.c.ORDER_ID == order_item.c.ORDER_ID)
        .where(*_OPEN, condition)
        .group_by(order_id)
        .order_by(number.desc(), order_id)
        .limit(BARS)
    ).all()
    if not found:
        return None
    names = external_ids_of(connection, (order_id for order_id, _ in found))
    return Chart(
        title,
        tuple(
            Bar(names.get(order_id) or order_id or "no PO", count, text=f"{count:,}")
            for order_id, count in found
        ),
    )


def _by_age(
    connection: Connection, clock: Clock, statement: Any, moment: Any, summed: Any, title: str
) -> Chart | None:
    sums = connection.execute(
        statement.with_only_columns(*age_sums(clock, moment, summed)).order_by(None)
    ).one()
    return age_chart(title, sums)


UNALLOCATED = Maker(
    lambda connection, clock, _, limit: _rows(
        connection, clock, "unallocated", _UNALLOCATED, limit
    ),
    lambda connection, clock, _, rows: _by_age(
        connection,
        clock,
        _UNALLOCATED,
        order_header.c.ORDER_DATE,
        _open_units,
        "Open units by days since the order",
    ),
)
OUT_OF_SYNC = Maker(
    lambda connection, clock, _, limit: _rows(
        connection, clock, "out-of-sync", _OUT_OF_SYNC, limit
    ),
    lambda connection, clock, _, rows: _by_purchase_order(
        connection, _OUT_OF_SYNC_IN_ONE_PASS, "Lines by purchase order, the most first"
    ),
)
BEFORE_ARRIVAL = Maker(
    lambda connection, clock, _, limit: _rows(
        connection, clock, "promise-before-arrival", _BEFORE_ARRIVAL, limit
    ),
    lambda connection, clock, _, rows: _by_purchase_order(
        connection, rules.before_arrival(order_item), "Lines by purchase order, the most first"
    ),
)
OVERDUE = Maker(
    lambda connection, clock, _, limit: _rows(connection, clock, "overdue", _overdue(clock), limit),
    lambda connection, clock, _, rows: _by_age(
        connection,
        clock,
        _overdue(clock),
        order_item.c.PROMISED_DATETIME,
        1,
        "Lines by days since the promised day",
    ),
)
