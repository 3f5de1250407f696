"""The lists of the desk as plain SQL without any trick: slow, and what the fast ones must equal."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from typing import Any

from preorder_tui.clock import Clock
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.site_days import first_moment, moment_after

WAITS = (
    "h.STATUS_ID IN ('ORDER_CREATED', 'ORDER_APPROVED')"
    " AND i.STATUS_ID IN ('ITEM_CREATED', 'ITEM_APPROVED')"
    " AND g.FACILITY_ID IN ('PRE_ORDER_PARKING', 'BACKORDER_PARKING')"
)
OPEN = "i.ALLOCATED_QUANTITY < i.QUANTITY - i.CANCEL_QUANTITY"
ALIVE = "i.STATUS_ID NOT IN ('ITEM_COMPLETED', 'ITEM_CANCELLED', 'ITEM_REJECTED')"
STATES = {
    "unallocated": f"i.ALLOCATED_QUANTITY = 0 AND {OPEN} AND {WAITS}",
    "partly": f"i.ALLOCATED_QUANTITY > 0 AND {OPEN} AND {WAITS}",
    "allocated": f"i.ALLOCATED_QUANTITY > 0 AND NOT ({OPEN} AND coalesce({WAITS}, 0))",
}
GROUP = (
    "LEFT JOIN ORDER_ITEM_SHIP_GROUP g ON g.ORDER_ID = i.ORDER_ID"
    " AND g.SHIP_GROUP_SEQ_ID = i.SHIP_GROUP_SEQ_ID"
)


def sales_keys(
    raw: sqlite3.Connection,
    clock: Clock,
    query: SalesOrderQuery,
    *,
    items: bool,
    backwards: bool,
    limit: int,
) -> list[Any]:
    """The first ``limit`` orders or lines, or the last ones from the end."""
    _caseless(raw)
    header, line, values = ["h.ORDER_TYPE_ID = 'SALES_ORDER'"], [], []

    def both(where: list[str], sql: str, *more: Any) -> None:
        where.append(sql)
        values.extend(more)

    def several(where: list[str], column: str, some: tuple[str, ...]) -> None:
        where.append(f"+{column} IN ({', '.join(map(_quoted, some))})")

    if query.statuses:
        several(header, "h.STATUS_ID", query.statuses)
    if query.product_store_id:
        several(header, "h.PRODUCT_STORE_ID", (query.product_store_id,))
    if query.sales_channel_enum_id:
        several(header, "h.SALES_CHANNEL_ENUM_ID", (query.sales_channel_enum_id,))
    _days(header, "h.ORDER_DATE", clock, query.ordered_from, query.ordered_to)
    if query.item_statuses:
        several(line, "i.STATUS_ID", query.item_statuses)
    if query.facility_ids:
        several(line, "g.FACILITY_ID", query.facility_ids)
    if query.shipment_method_type_id:
        several(line, "g.SHIPMENT_METHOD_TYPE_ID", (query.shipment_method_type_id,))
    _days(line, "i.PROMISED_DATETIME", clock, query.promised_from, query.promised_to)
    _days(line, "i.AUTO_CANCEL_DATE", clock, query.auto_cancel_from, query.auto_cancel_to)
    if query.without_promise:
        line.append("i.PROMISED_DATETIME IS NULL")
    if query.before_arrival:
        line.append(f"i.PROMISED_DATETIME < i.ESTIMATED_DELIVERY_DATE AND {ALIVE}")
    if query.overdue:
        today = _stored(clock.start_of(clock.today()))
        line.append(f"i.PROMISED_DATETIME < '{today}' AND {ALIVE}")
    if query.allocation != "any":
        line.append(f"({STATES[query.allocation]})")
    if query.product_id:
        several(line, "i.PRODUCT_ID", (query.product_id,))
    if query.purchase_order_id:
        name = _quoted(query.purchase_order_id)
        line.append(
            f"(i.CORRESPONDING_PO_ID = {name} OR (i.ORDER_ID, i.ORDER_ITEM_SEQ_ID) IN"
            f" (SELECT ORDER_ID, ORDER_ITEM_SEQ_ID FROM ORDER_ITEM_ASSOC"
            f" WHERE TO_ORDER_ID = {name}))"
        )
    filtered = bool(line)
    own = []
    for word in query.text.split():
        of_header = (
            f"(says(h.ORDER_ID, {_quoted(word)}) OR says(h.ORDER_NAME, {_quoted(word)})"
            f" OR says(h.EXTERNAL_ID, {_quoted(word)}) OR h.ORDER_ID IN (SELECT ORDER_ID FROM"
            " ORDER_ROLE r JOIN PARTY p USING (PARTY_ID) WHERE r.ROLE_TYPE_ID ="
            f" 'PLACING_CUSTOMER' AND says(p.PARTY_NAME, {_quoted(word)})))"
        )
        of_product = (
            "i.PRODUCT_ID IN (SELECT PRODUCT_ID FROM PRODUCT WHERE says(INTERNAL_NAME,"
            f" {_quoted(word)}) OR says(PRODUCT_NAME, {_quoted(word)}))"
        )
        own.append(of_header)
        line.append(f"({of_header} OR {of_product})")
    down, up = ("ASC", "DESC") if backwards else ("DESC", "ASC")
    date = {"promisedDatetime": "PROMISED_DATETIME", "autoCancelDate": "AUTO_CANCEL_DATE"}
    if items:
        order = (
            f"h.ORDER_DATE {down}, h.ORDER_ID {down}, i.ORDER_ITEM_SEQ_ID {up}"
            if query.sort == "orderDate"
            else f"i.{date[query.sort]} IS NULL {up}, i.{date[query.sort]} {up}, i.ORDER_ID {up},"
            f" i.ORDER_ITEM_SEQ_ID {up}"
        )
        sql = (
            "SELECT i.ORDER_ID, i.ORDER_ITEM_SEQ_ID FROM ORDER_HEADER h JOIN ORDER_ITEM i USING"
            f" (ORDER_ID) {GROUP} WHERE {' AND '.join(header + line)} ORDER BY {order}"
        )
        return raw.execute(f"{sql} LIMIT {limit}", values).fetchall()
    if line:
        one = (
            f"EXISTS (SELECT 1 FROM ORDER_ITEM i {GROUP} WHERE i.ORDER_ID = h.ORDER_ID"
            f" AND {' AND '.join(line)})"
        )
        header.append(one if filtered else f"({one} OR ({' AND '.join(own)}))")
    if query.sort == "orderDate":
        order, column = f"h.ORDER_DATE {down}, h.ORDER_ID {down}", "NULL"
    else:
        order = f"d IS NULL {up}, d {up}, h.ORDER_ID {up}"
        column = (
            f"(SELECT min(i.{date[query.sort]}) FROM ORDER_ITEM i WHERE i.ORDER_ID = h.ORDER_ID"
            f" AND {ALIVE})"
        )
    sql = (
        f"SELECT h.ORDER_ID, {column} AS d FROM ORDER_HEADER h WHERE {' AND '.join(header)}"
        f" ORDER BY {order} LIMIT {limit}"
    )
    return [row[0] for row in raw.execute(sql, values)]


def purchase_keys(
    raw: sqlite3.Connection,
    clock: Clock,
    query: PurchaseOrderQuery,
    *,
    backwards: bool,
    limit: int,
) -> list[Any]:
    """The first ``limit`` purchase order lines, or the last ones from the end."""
    _caseless(raw)
    where = ["h.ORDER_TYPE_ID = 'PURCHASE_ORDER'"]
    if query.statuses:
        where.append(f"+h.STATUS_ID IN ({', '.join(map(_quoted, query.statuses))})")
    if query.item_statuses:
        where.append(f"+p.STATUS_ID IN ({', '.join(map(_quoted, query.item_statuses))})")
    if query.facility_id:
        where.append(f"pg.FACILITY_ID = {_quoted(query.facility_id)}")
    _days(where, "p.ESTIMATED_DELIVERY_DATE", clock, query.arrival_from, query.arrival_to)
    if query.late:
        where.append(
            f"p.ESTIMATED_DELIVERY_DATE < '{_stored(clock.start_of(clock.today()))}' AND"
            " p.STATUS_ID NOT IN ('ITEM_COMPLETED', 'ITEM_CANCELLED', 'ITEM_REJECTED')"
            " AND p.RECEIVED_QUANTITY < p.QUANTITY - p.CANCEL_QUANTITY"
        )
    if query.has_atp:
        where.append("p.AVAILABLE_TO_PROMISE > 0")
    if query.out_of_sync:
        where.append(
            "(p.ORDER_ID, p.ORDER_ITEM_SEQ_ID) IN (SELECT a.TO_ORDER_ID, a.TO_ORDER_ITEM_SEQ_ID"
            " FROM ORDER_ITEM_ASSOC a JOIN ORDER_ITEM i ON i.ORDER_ID = a.ORDER_ID AND"
            " i.ORDER_ITEM_SEQ_ID = a.ORDER_ITEM_SEQ_ID JOIN ORDER_HEADER h ON h.ORDER_ID ="
            f" i.ORDER_ID {GROUP} WHERE {WAITS} AND i.ESTIMATED_DELIVERY_DATE IS NOT NULL AND"
            " i.PROMISED_DATETIME IS NOT i.ESTIMATED_DELIVERY_DATE)"
        )
    for word in map(_quoted, query.text.split()):
        where.append(
            f"(says(h.ORDER_ID, {word}) OR says(h.EXTERNAL_ID, {word}) OR p.PRODUCT_ID IN"
            f" (SELECT PRODUCT_ID FROM PRODUCT WHERE says(INTERNAL_NAME, {word})"
            f" OR says(PRODUCT_NAME, {word})))"
        )
    up, down = ("DESC", "ASC") if backwards else ("ASC", "DESC")
    key = f"p.ORDER_ID {up}, p.ORDER_ITEM_SEQ_ID {up}"
    order = {
        "estimatedDeliveryDate": f"p.ESTIMATED_DELIVERY_DATE IS NULL {up},"
        f" p.ESTIMATED_DELIVERY_DATE {up}, {key}",
        "orderId": key,
        "availableToPromise": f"coalesce(p.AVAILABLE_TO_PROMISE, 0) {down}, {key}",
        "productId": f"x.INTERNAL_NAME {up}, {key}",
    }[query.sort]
    return raw.execute(
        "SELECT p.ORDER_ID, p.ORDER_ITEM_SEQ_ID FROM ORDER_HEADER h JOIN ORDER_ITEM p USING"
        " (ORDER_ID) JOIN PRODUCT x USING (PRODUCT_ID) LEFT JOIN ORDER_ITEM_SHIP_GROUP pg ON"
        " pg.ORDER_ID = p.ORDER_ID AND pg.SHIP_GROUP_SEQ_ID = p.SHIP_GROUP_SEQ_ID"
        f" WHERE {' AND '.join(where)} ORDER BY {order} LIMIT {limit}"
    ).fetchall()


def _days(
    where: list[str], column: str, clock: Clock, start: date | None, end: date | None
) -> None:
    if start:
        where.append(f"+{column} >= '{_stored(first_moment(clock, start))}'")
    if end:
        where.append(f"+{column} < '{_stored(moment_after(clock, end))}'")


def _stored(moment: datetime) -> str:
    return moment.isoformat(" ", "microseconds")


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _caseless(raw: sqlite3.Connection) -> None:
    def says(text: str | None, word: str) -> bool:
        return text is not None and word.casefold() in text.casefold()

    raw.create_function("says", 2, says, deterministic=True)
