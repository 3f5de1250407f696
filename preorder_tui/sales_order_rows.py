"""The rows of Find Sales Order: what a page's orders and lines are made of, in a few queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, select

from data.tables import order_item, order_item_assoc, order_item_ship_group
from preorder_tui import customers, marks, products, purchase_names
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.records import SalesItemRow, SalesOrderRow
from preorder_tui.sales_order_tally import order_records, tallied
from preorder_tui.site_days import day_or_none
from preorder_tui.text import clean_or_empty

_LINES_OF_ORDERS = (
    select(
        order_item.c.ORDER_ID,
        order_item.c.QUANTITY,
        order_item.c.CANCEL_QUANTITY,
        order_item.c.ALLOCATED_QUANTITY,
        order_item.c.STATUS_ID,
        order_item_ship_group.c.FACILITY_ID,
        order_item.c.PROMISED_DATETIME,
        order_item.c.ESTIMATED_DELIVERY_DATE,
    )
    .outerjoin_from(order_item, order_item_ship_group, rules.in_ship_group(order_item))
    .where(order_item.c.ORDER_ID.in_(bindparam("orders", expanding=True)))
)

_PINNED_LINES = (
    select(order_item_assoc.c.ORDER_ID, order_item_assoc.c.ORDER_ITEM_SEQ_ID)
    .where(
        order_item_assoc.c.ORDER_ID.in_(bindparam("orders", expanding=True)),
        order_item_assoc.c.PINNED == "Y",
    )
    .distinct()
)


def _pinned_lines(connection: Connection, order_ids: Iterable[str]) -> set[tuple[str, str]]:
    """The lines of some orders that have a pinned allocation."""
    orders = list(dict.fromkeys(order_ids))
    if not orders:
        return set()
    return {(order, item) for order, item in connection.execute(_PINNED_LINES, {"orders": orders})}


def order_rows(
    connection: Connection, clock: Clock, found: Iterable[Any]
) -> tuple[SalesOrderRow, ...]:
    """The records of header rows: id, name, external id, date, status, store, sales channel."""
    headers = [row[:7] for row in found]
    order_ids = [header[0] for header in headers]
    names = customers.names(connection, order_ids)
    lines = connection.execute(_LINES_OF_ORDERS, {"orders": order_ids}) if order_ids else ()
    tallies = tallied(clock, headers, lines)
    supplied = (one for one, tally in tallies.items() if tally.allocated)
    pinned = {order_id for order_id, _ in _pinned_lines(connection, supplied)}
    return order_records(clock, headers, tallies, names, pinned)


def item_rows(
    connection: Connection, clock: Clock, found: tuple[Any, ...]
) -> tuple[SalesItemRow, ...]:
    """The records of line rows, in the columns of :mod:`preorder_tui.find_sales_orders`."""
    names = customers.names(connection, (row[0] for row in found))
    infos = products.load(connection, (row[7] for row in found))
    purchases = purchase_names.names(connection, (row[15] for row in found))
    pinned = _pinned_lines(connection, (row[0] for row in found if row[10]))
    today = clock.start_of(clock.today())
    rows = []
    for row in found:
        order_id, name, external_id, order_date, order_status_id, item = row[:6]
        status_id, product_id, quantity, cancelled, allocated, facility_id, method = row[6:13]
        promised, arrival, purchase_order_id, auto_cancel = row[13:17]
        open_units = marks.open_quantity(
            quantity,
            cancelled,
            allocated,
            order_status_id=order_status_id,
            item_status_id=status_id,
            facility_id=facility_id or "",
        )
        closed = status_id in marks.CLOSED_ITEM_STATUSES
        rows.append(
            SalesItemRow(
                line=LineId(order_id, item),
                order_name=clean_or_empty(name),
                external_id=clean_or_empty(external_id),
                order_date=clock.local(order_date),
                customer_name=names.get(order_id, ""),
                order_status_id=order_status_id,
                item_status_id=status_id,
                product=infos[product_id],
                quantity=quantity,
                allocated=allocated,
                allocation_state=marks.allocation_state(open_units, allocated),
                facility_id=facility_id or "",
                shipment_method_type_id=clean_or_empty(method),
                promise_date=day_or_none(clock, promised),
                arrival_date=day_or_none(clock, arrival),
                corresponding_po_id=purchase_order_id or "",
                corresponding_po_external_id=purchases.get(purchase_order_id, ""),
                auto_cancel_date=day_or_none(clock, auto_cancel),
                before_arrival=not closed and marks.before_arrival(promised, arrival),
                overdue=not closed and marks.overdue(promised, today),
                pinned=(order_id, item) in pinned,
            )
        )
    return tuple(rows)
