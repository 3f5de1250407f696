"""IMP_ORDER: approved sales orders; rows with the same external-id are lines of one order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection

from preorder_tui.exim import customers, fields, lookups, sequences
from preorder_tui.exim.customers import Customer, customer
from preorder_tui.exim.importing import ImportContext, Prepared
from preorder_tui.exim.rows import Row, RowFault
from preorder_tui.lines import LineId
from preorder_tui.plan import NewLine, NewOrder, Plan, PlannedChange
from preorder_tui.words import BROKERING_QUEUE, CHANGE_APPEND, ITEM_STATUS_WORDS, SALES_ORDER

MOST_LINES = 99_999  # an item number has five digits
MOST_TOTAL = Decimal(10) ** 16  # what GRAND_TOTAL holds
STATUSES = {status.lower(): status for status in ITEM_STATUS_WORDS} | {
    words.lower(): status for status, words in ITEM_STATUS_WORDS.items()
}
OPEN_STATUSES = ("ITEM_CREATED", "ITEM_APPROVED", "ITEM_HOLD")
KEPT_STATUSES = (*OPEN_STATUSES, "ITEM_COMPLETED")


class _Line(NamedTuple):
    row: Row
    product_id: str
    quantity: int
    unit_price: Decimal | None
    status_id: str
    facility_id: str
    external_id: str | None


@dataclass(slots=True)
class _Order:
    """An order in the making; what concerns the whole order is taken from its first good row."""

    external_id: str
    store_id: str
    order_date: datetime
    customer: Customer
    name: str | None
    channel: str | None
    currency: str | None
    lines: list[_Line] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    """What is here already."""

    stores: set[str]
    facilities: dict[str, str]
    facilities_by_external_id: dict[str, str]
    products: dict[str, str]
    product_ids: dict[str, str]
    orders: dict[str, list[tuple[str, str, int]]]
    parties: dict[str, str]
    parties_by_external_id: dict[str, str]


def prepare(context: ImportContext, rows: Iterator[Row]) -> Prepared:
    """Check the rows and plan the orders that the good ones make."""
    records = list(rows)
    known = context.read(lambda connection: _look_up(connection, records))
    orders: dict[str, _Order] = {}
    for row in records:
        try:
            _take(context, known, orders, row)
        except RowFault as fault:
            context.failed.add(row, str(fault))
    made = list(orders.values())
    party_ids, new_parties = _parties(context, known, made)
    plan = _plan(context, made, party_ids)
    return Prepared(
        plan.title,
        masters=(lambda connection: customers.add(connection, new_parties))
        if new_parties
        else None,
        plan=plan,
    )


def _look_up(connection: Connection, rows: Sequence[Row]) -> _Known:
    facilities, by_external_id = lookups.facilities(connection)
    return _Known(
        stores=lookups.stores(connection),
        facilities=facilities,
        facilities_by_external_id=by_external_id,
        products=lookups.products_by_sku(connection, (row["product-sku"] for row in rows)),
        product_ids=lookups.products_by_id(connection, (row["product-id"] for row in rows)),
        orders=lookups.orders_by_external_id(
            connection, (row["external-id"] for row in rows), SALES_ORDER
        ),
        parties=lookups.parties_by_id(connection, (row["customer-id"] for row in rows)),
        parties_by_external_id=lookups.parties_by_external_id(
            connection, (row["customer-external-id"] for row in rows)
        ),
    )


def _take(context: ImportContext, known: _Known, orders: dict[str, _Order], row: Row) -> None:
    """Check a row and add it to its order.

    Raises:
        RowFault: it is handed back.
    """
    external_id = fields.text(row, "external-id", fields.LONGEST_NAME)
    if external_id in known.orders:
        order_id = known.orders[external_id][0][0]
        raise RowFault(f"external-id {external_id!r} is already imported, as order {order_id}")
    line = _line(known, row)
    who = customer(row)
    if who.party_id and not who.external_id and who.party_id not in known.parties:
        raise RowFault(f"customer-id {who.party_id!r} is nobody known here")
    store = fields.text(row, "product-store-id", fields.LONGEST_ID)
    if store not in known.stores:
        raise RowFault(f"product-store-id {store!r} does not exist")
    moment = context.dates.moment(row, "order-date")
    name = fields.text(row, "order-identification", required=False) or None
    channel = fields.text(row, "sales-channel-id", fields.LONGEST_ID, required=False) or None
    currency = fields.text(row, "currency", fields.LONGEST_ID, required=False) or None
    order = orders.get(external_id)
    if order is None:
        order = orders[external_id] = _Order(
            external_id, store, moment, who, name, channel, currency
        )
    elif len(order.lines) >= MOST_LINES:
        raise RowFault(f"order {external_id!r} has {MOST_LINES:,} lines already")
    order.lines.append(line)


def _line(known: _Known, row: Row) -> _Line:
    sku, product_id = row["product-sku"], row["product-id"]
    if sku:
        found = known.products.get(sku)
        if found is None:
            raise RowFault(f"product-sku {sku!r} does not exist")
    elif product_id:
        found = known.product_ids.get(product_id)
        if found is None:
            raise RowFault(f"product-id {product_id!r} does not exist")
    else:
        raise RowFault("product-sku is empty")
    quantity = fields.units(row, "quantity")
    given = fields.text(row, "item-status-id")
    status = STATUSES.get(given.lower())
    if status is None:
        raise RowFault(f"item-status-id {given!r} is not a status")
    if status not in KEPT_STATUSES:
        raise RowFault(f"the line is {ITEM_STATUS_WORDS[status].lower()}: it is not imported")
    return _Line(
        row,
        found,
        quantity,
        fields.money(row, "unit-price"),
        status,
        _facility(known, row),
        fields.text(row, "item-external-id", fields.LONGEST_NAME, required=False) or None,
    )


def _facility(known: _Known, row: Row) -> str:
    """The queue or facility of a row: as given, else the Brokering Queue."""
    facility_id = row["facility-id"]
    if facility_id:
        if facility_id not in known.facilities:
            raise RowFault(f"facility-id {facility_id!r} does not exist")
        return facility_id
    external_id = row["external-facility-id"]
    if not external_id:
        return BROKERING_QUEUE
    found = known.facilities_by_external_id.get(external_id)
    if found is None:
        raise RowFault(f"external-facility-id {external_id!r} does not exist")
    return found


def _parties(
    context: ImportContext, known: _Known, orders: Sequence[_Order]
) -> tuple[dict[tuple[str, ...], str], list[dict[str, Any]]]:
    """The party id of each customer, and the rows of those that are new."""
    ids: dict[tuple[str, ...], str] = {}
    new: list[Customer] = []
    for order in orders:
        who = order.customer
        if who.key in ids:
            continue
        found = known.parties_by_external_id.get(who.external_id) or known.parties.get(who.party_id)
        ids[who.key] = found or ""
        if not found:
            new.append(who)
    first = _numbers(context, "Party", len(new))
    now = context.clock.now()
    rows = []
    for number, who in enumerate(new, start=first):
        ids[who.key] = str(number)
        rows.append(who.values(str(number), now))
    return ids, rows


def _numbers(context: ImportContext, name: str, count: int) -> int:
    engine = context.service.engine
    if context.dry_run or not count:
        return sequences.peek(engine, name)
    return sequences.reserve(engine, name, count)


def _plan(
    context: ImportContext, orders: Sequence[_Order], party_ids: dict[tuple[str, ...], str]
) -> Plan:
    lines = sum(len(order.lines) for order in orders)
    plan = Plan(context.command, f"Import {len(orders):,} sales orders with {lines:,} lines")
    first = _numbers(context, "OrderHeader", len(orders))
    for number, order in enumerate(orders, start=first):
        order_id = str(number)
        groups = {
            facility_id: f"{n:05}"
            for n, facility_id in enumerate(
                dict.fromkeys(line.facility_id for line in order.lines), start=1
            )
        }
        finished = all(line.status_id not in OPEN_STATUSES for line in order.lines)
        plan.new_orders.append(
            NewOrder(
                order_id=order_id,
                order_type_id=SALES_ORDER,
                order_date=order.order_date,
                status_id="ORDER_COMPLETED" if finished else "ORDER_APPROVED",
                product_store_id=order.store_id,
                ship_groups=tuple((group, facility) for facility, group in groups.items()),
                roles=(("PLACING_CUSTOMER", party_ids[order.customer.key]),),
                order_name=order.name,
                external_id=order.external_id,
                sales_channel_enum_id=order.channel,
                currency_uom=order.currency,
                grand_total=_total(order.lines),
            )
        )
        for seq, line in enumerate(order.lines, start=1):
            key = LineId(order_id, f"{seq:05}")
            plan.new_lines.append(
                NewLine(
                    line=key,
                    product_id=line.product_id,
                    quantity=line.quantity,
                    status_id=line.status_id,
                    ship_group_seq_id=groups[line.facility_id],
                    unit_price=line.unit_price,
                    external_id=line.external_id,
                )
            )
            plan.changes.add(
                PlannedChange(*key, None, None, CHANGE_APPEND, "quantity", None, line.quantity)
            )
    return plan


def _total(lines: Sequence[_Line]) -> Decimal | None:
    prices = [line.unit_price * line.quantity for line in lines if line.unit_price is not None]
    total = sum(prices, Decimal())
    return total.quantize(Decimal("0.01")) if prices and total < MOST_TOTAL else None
