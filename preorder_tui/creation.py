"""Rows that come and go whole: new orders and lines, and taking them back.

A line that a plan adds is journaled as its quantity (ODR_ITM_APPEND). Taking it back journals the
whole row as JSON under the field ``line`` (and the header, when its last line goes, under
``order``), so that doing it again restores exactly what was there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from json.encoder import encode_basestring
from types import NoneType
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from data.tables import order_header, order_item, order_item_ship_group, order_role
from data.types import Money
from preorder_tui.errors import Refused
from preorder_tui.line_state import chunks
from preorder_tui.lines import LineId
from preorder_tui.plan import NewLine, NewOrder, Plan, PlannedChange
from preorder_tui.words import SALES_ORDER

BATCH = 20_000
_GENERATED = {"AVAILABLE_TO_PROMISE"}
_HEADER_TABLES: tuple[Table, ...] = (order_header, order_item_ship_group, order_role)


def insert_new(connection: Connection, plan: Plan, user: str, now: datetime) -> None:
    """Insert the plan's new orders and lines."""
    orders = plan.new_orders
    _insert(connection, order_header, [_header(order, user, now) for order in orders])
    _insert(
        connection,
        order_item_ship_group,
        [
            {"ORDER_ID": order.order_id, "SHIP_GROUP_SEQ_ID": group, "FACILITY_ID": facility}
            for order in orders
            for group, facility in order.ship_groups
        ],
    )
    _insert(
        connection,
        order_role,
        [
            {"ORDER_ID": order.order_id, "ROLE_TYPE_ID": role, "PARTY_ID": party}
            for order in orders
            for role, party in order.roles
        ],
    )
    _insert(connection, order_item, [_line(line, user, now) for line in plan.new_lines])


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        connection.execute(insert(table), rows[start : start + BATCH])


def _header(order: NewOrder, user: str, now: datetime) -> dict[str, Any]:
    return {
        "ORDER_ID": order.order_id,
        "ORDER_TYPE_ID": order.order_type_id,
        "ORDER_NAME": order.order_name,
        "EXTERNAL_ID": order.external_id,
        "ORDER_DATE": order.order_date,
        "ENTRY_DATE": now,
        "STATUS_ID": order.status_id,
        "SALES_CHANNEL_ENUM_ID": order.sales_channel_enum_id,
        "PRODUCT_STORE_ID": order.product_store_id,
        "CURRENCY_UOM": order.currency_uom,
        "GRAND_TOTAL": order.grand_total,
        "CREATED_BY": user,
        "CREATED_STAMP": now,
        "LAST_UPDATED_STAMP": now,
    }


def _line(line: NewLine, user: str, now: datetime) -> dict[str, Any]:
    return {
        "ORDER_ID": line.line.order_id,
        "ORDER_ITEM_SEQ_ID": line.line.order_item_seq_id,
        "EXTERNAL_ID": line.external_id,
        "PRODUCT_ID": line.product_id,
        "QUANTITY": line.quantity,
        "CANCEL_QUANTITY": 0,
        "UNIT_PRICE": line.unit_price,
        "STATUS_ID": line.status_id,
        "PROMISED_DATETIME": line.promised,
        "ESTIMATED_DELIVERY_DATE": line.arrival,
        "IS_NEW_PRODUCT": line.is_new_product,
        "SHIP_GROUP_SEQ_ID": line.ship_group_seq_id,
        "AUTO_CANCEL_DATE": line.auto_cancel,
        "CHANGE_BY_USER_LOGIN_ID": user,
        "RECEIVED_QUANTITY": 0 if line.purchase else None,
        "ATP_CEILING": line.atp_ceiling,
        "CREATED_STAMP": now,
        "LAST_UPDATED_STAMP": now,
    }


# --- Taking back and doing again ----------------------------------------------------------------


_AS_JSON: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "null",
    str: encode_basestring,
    int: str,
    datetime: lambda value: f'{{"moment": "{value.isoformat(timespec="microseconds")}"}}',
    Decimal: lambda value: f'{{"decimal": "{value}"}}',
}
"""Each kind of value that a row has, as :func:`json.dumps` writes it: that takes several times as
long, and there may be a million rows."""


def _writer(names: Iterable[str]) -> Callable[[Iterable[Any]], str]:
    """What writes a row with these columns as a JSON object."""
    beginnings = [None if name in _GENERATED else f"{encode_basestring(name)}: " for name in names]

    def write(row: Iterable[Any]) -> str:
        fields = [
            beginning + _AS_JSON[type(value)](value)
            for beginning, value in zip(beginnings, row, strict=True)
            if beginning is not None
        ]
        return f"{{{', '.join(fields)}}}"

    return write


def _decode(value: Any) -> Any:
    if isinstance(value, dict):
        if "moment" in value:
            return datetime.fromisoformat(value["moment"])
        return Decimal(value["decimal"])
    return value


def recorded_line(connection: Connection, line: LineId) -> str | None:
    """A line's whole row as JSON; None when there is no such line."""
    row = connection.execute(
        select(order_item).where(
            order_item.c.ORDER_ID == line.order_id,
            order_item.c.ORDER_ITEM_SEQ_ID == line.order_item_seq_id,
        )
    ).first()
    return None if row is None else line_as_json(row)


line_as_json = _writer(order_item.columns.keys())
"""A whole row of ORDER_ITEM as JSON."""


def recorded_order(connection: Connection, order_id: str) -> str:
    """An order's header, ship groups and roles as JSON."""
    return recorded_orders(connection, [order_id])[order_id]


def recorded_orders(connection: Connection, order_ids: Iterable[str]) -> dict[str, str]:
    """:func:`recorded_order` of many orders."""
    found: dict[str, list[list[str]]] = {
        order_id: [[] for _ in _HEADER_TABLES] for order_id in order_ids
    }
    for piece in chunks(found):
        for index, table in enumerate(_HEADER_TABLES):
            as_json, place = _writer(table.columns.keys()), table.columns.keys().index("ORDER_ID")
            for row in connection.execute(
                select(table).where(table.c.ORDER_ID.in_(piece)).order_by(*table.primary_key)
            ).all():
                found[row[place]][index].append(as_json(row))
    return {order_id: _document(rows) for order_id, rows in found.items()}


def _document(rows: list[list[str]]) -> str:
    """Rows of the header tables, already JSON, as one object."""
    named = (
        f'"{table.name}": [{", ".join(of_table)}]'
        for table, of_table in zip(_HEADER_TABLES, rows, strict=True)
    )
    return f"{{{', '.join(named)}}}"


def decoded(content: str) -> list[tuple[Table, dict[str, Any]]]:
    """The rows behind a line's or an order's JSON, with their tables."""
    document = json.loads(content)
    if order_header.name not in document:
        return [(order_item, {name: _decode(value) for name, value in document.items()})]
    return [
        (table, {name: _decode(value) for name, value in row.items()})
        for table in _HEADER_TABLES
        for row in document[table.name]
    ]


def shift_totals(
    connection: Connection, lines: Iterable[Mapping[str, Any]], sign: int, whole: Collection[str]
) -> None:
    """An order that gets or loses lines costs more or less.

    Args:
        lines: rows of ORDER_ITEM, as mappings.
        sign: 1 where they come, -1 where they go.
        whole: orders that come or go as a whole, with their total.
    """
    totals: dict[str, Decimal] = {}
    for line in lines:
        if line["UNIT_PRICE"] is not None and line["ORDER_ID"] not in whole:
            amount = Decimal(line["UNIT_PRICE"]) * int(line["QUANTITY"]) * sign
            totals[line["ORDER_ID"]] = totals.get(line["ORDER_ID"], Decimal()) + amount
    if totals:
        connection.execute(
            update(order_header)
            .where(
                order_header.c.ORDER_ID == bindparam("b_order"),
                order_header.c.ORDER_TYPE_ID == SALES_ORDER,
                order_header.c.GRAND_TOTAL.is_not(None),
            )
            .values(GRAND_TOTAL=order_header.c.GRAND_TOTAL + bindparam("b_amount", type_=Money(2))),
            [
                {"b_order": order_id, "b_amount": amount.quantize(Decimal("0.01"))}
                for order_id, amount in totals.items()
            ],
        )


def insert_recorded(connection: Connection, rows: list[PlannedChange]) -> None:
    """Insert orders and lines again from their JSON, headers first."""
    lines: list[dict[str, Any]] = []
    for field in ("order", "line"):
        for row in rows:
            if row.field == field:
                for table, values in decoded(str(row.new)):
                    connection.execute(insert(table).values(values))
                    if table is order_item:
                        lines.append(values)
    shift_totals(connection, lines, 1, {row.order_id for row in rows if row.field == "order"})


def remove_recorded(connection: Connection, rows: list[PlannedChange]) -> None:
    """Delete lines, then the headers of orders that have none left.

    Raises:
        Refused: a line has gone already, or is allocated.
    """
    lines: list[dict[str, Any]] = []
    for row in rows:
        line = row.line
        if row.field == "line" and line is not None:
            result = connection.execute(
                delete(order_item).where(
                    order_item.c.ORDER_ID == line.order_id,
                    order_item.c.ORDER_ITEM_SEQ_ID == line.order_item_seq_id,
                    order_item.c.ALLOCATED_QUANTITY == 0,
                )
            )
            if result.rowcount != 1:
                raise Refused(f"{line} cannot be taken back: remove its allocations first")
            lines += [values for _, values in decoded(str(row.old))]
    shift_totals(connection, lines, -1, {row.order_id for row in rows if row.field == "order"})
    for row in rows:
        if row.field == "order":
            for table in reversed(_HEADER_TABLES):
                connection.execute(delete(table).where(table.c.ORDER_ID == row.order_id))
