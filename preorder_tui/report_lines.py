"""The worklists of sales order lines: one statement each, the same columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, func, select

from data.tables import order_header, order_item, order_item_ship_group
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.marks import CLOSED_ORDER_STATUSES
from preorder_tui.query_hints import not_by_index
from preorder_tui.report_catalogue import Bar, Chart, ReportKind, ReportRow
from preorder_tui.report_rows import BARS, Names, age_chart, age_sums, days_between, streamed
from preorder_tui.site_days import day_or_none
from preorder_tui.words import SALES_ORDER, word

COLUMNS = (
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


def lines(*columns: Any) -> Select[Any]:
    """Sales order lines with their order and ship group, to be narrowed down."""
    return (
        select(*columns)
        .select_from(order_header)
        .join(order_item, order_item.c.ORDER_ID == order_header.c.ORDER_ID)
        .outerjoin(order_item_ship_group, rules.in_ship_group(order_item))
    )


def open_lines(*columns: Any) -> Select[Any]:
    """:func:`lines` of open orders, found by the lines' own dates."""
    return lines(*columns).where(
        not_by_index(order_header.c.ORDER_TYPE_ID) == SALES_ORDER,
        not_by_index(order_header.c.STATUS_ID).not_in(CLOSED_ORDER_STATUSES),
    )


def line_rows(
    connection: Connection,
    clock: Clock,
    kind: ReportKind,
    statement: Any,
    parameters: dict[str, Any],
    limit: int | None,
) -> Iterator[ReportRow]:
    """The rows of a worklist; ``days`` is what the report's name says it is."""
    today = clock.today()

    def make(names: Names, row: Any) -> ReportRow:
        line = LineId(row["ORDER_ID"], row["ORDER_ITEM_SEQ_ID"])
        promise = day_or_none(clock, row["PROMISED_DATETIME"])
        arrival = day_or_none(clock, row["ESTIMATED_DELIVERY_DATE"])
        ordered = clock.day(row["ORDER_DATE"])
        quantity = row["QUANTITY"] - row["CANCEL_QUANTITY"]
        days = {
            "unallocated": days_between(ordered, today),
            "overdue": days_between(promise, today),
        }.get(kind.name, days_between(arrival, promise))
        cells = {
            "orderId": line.order_id,
            "orderItemSeqId": line.order_item_seq_id,
            "externalId": names.external_ids.get(line.order_id, ""),
            "customerName": names.people.get(line.order_id, ("", ""))[0],
            "internalName": names.product(row["PRODUCT_ID"]).sku,
            "facilityId": word(row["FACILITY_ID"]),
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
        parameters,
        limit,
        make,
        orders=("ORDER_ID", "CORRESPONDING_PO_ID"),
        customers="ORDER_ID",
    )


def purchase_orders_chart(
    connection: Connection, statement: Any, title: str
) -> Chart | None:
    """How many lines of a worklist each purchase order has, the most first."""
    number = func.count()
    per_order = (
        statement.with_only_columns(order_item.c.CORRESPONDING_PO_ID, number)
        .order_by(None)
        .group_by(order_item.c.CORRESPONDING_PO_ID)
        .order_by(number.desc(), order_item.c.CORRESPONDING_PO_ID)
        .limit(BARS)
    )
    found = connection.execute(per_order).all()
    if not found:
        return None
    from preorder_tui.report_rows import external_ids_of

    names = external_ids_of(connection, (order_id for order_id, _ in found))
    return Chart(
        title,
        tuple(
            Bar(names.get(order_id) or order_id or "no PO", count, text=f"{count:,}")
            for order_id, count in found
        ),
    )


def ages_chart(
    connection: Connection, clock: Clock, statement: Any, moment: Any, summed: Any, title: str
) -> Chart | None:
    """A worklist's lines (or units) by age."""
    sums = connection.execute(
        statement.with_only_columns(*age_sums(clock, moment, summed)).order_by(None)
    ).one()
    return age_chart(title, sums)
