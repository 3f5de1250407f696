"""IMP_PO: purchase orders; rows with the same external-id are lines of one order.

An open purchase order of that external id that is here already is updated: a line of the same SKU
gets the file's quantity, arrival and ATP limit, another SKU becomes a new line (domain §4.2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection

from data.tables import order_item
from preorder_tui import marks
from preorder_tui.clock import Clock
from preorder_tui.errors import StalePlan
from preorder_tui.exim import fields, lookups, sequences, tokens
from preorder_tui.exim.configurations import TOKEN_COLUMN
from preorder_tui.exim.context import ImportContext, Prepared
from preorder_tui.exim.last_change import last_change
from preorder_tui.exim.records import Conflict
from preorder_tui.exim.rows import Row, RowFault
from preorder_tui.line_state import PurchaseState, chunks, purchase_where
from preorder_tui.lines import LineId
from preorder_tui.plan import NewLine, NewOrder, Plan, PlannedChange, Value
from preorder_tui.staged_fields import CHANGE, CONFLICT, UNCHANGED
from preorder_tui.words import CHANGE_APPEND, CHANGE_DATE, CHANGE_UPDATE, PURCHASE_ORDER, word

VIRTUAL_KINDS = frozenset(("NA", "PRE_ORDER", "BACKORDER", "GENERAL_OPERATIONS", "RELEASED_ORD"))


class _Line(NamedTuple):
    row: Row
    product_id: str
    quantity: int
    ceiling: int | None
    unit_price: Decimal | None
    arrival: datetime
    external_id: str | None
    is_new_product: str | None


@dataclass(slots=True)
class _Order:
    """A purchase order of the file; store and facility are those of its first good row."""

    external_id: str
    store_id: str
    facility_id: str
    lines: list[_Line] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    """What is here already."""

    stores: set[str]
    facilities: dict[str, str]
    facilities_by_external_id: dict[str, str]
    products: dict[str, str]
    orders: dict[str, list[tuple[str, str, int]]]
    lines: dict[str, list[PurchaseState]]  # by order id


def prepare(context: ImportContext) -> Prepared:
    """Check the rows and plan the orders and changes that the good ones make."""
    records = list(context.rows())
    known = _look_up(context.connection, records)
    repeated = {
        key
        for key, count in Counter(
            (row["external-id"], row["product-sku"]) for row in records if row["product-sku"]
        ).items()
        if count > 1
    }
    orders: dict[str, _Order] = {}
    unchanged = 0
    for row in records:
        try:
            if (row["external-id"], row["product-sku"]) in repeated:
                raise RowFault(
                    f"product-sku {row['product-sku']!r} stands more than once "
                    f"in purchase order {row['external-id']!r}"
                )
            unchanged += not _take(context, known, orders, row)
        except RowFault as fault:
            context.handed_back.add(row.line, str(fault))
    made = [order for order in orders.values() if order.lines]
    plan = _plan(context, known, made, sequences.peek(context.connection, "OrderHeader"))

    def settle(connection: Connection) -> Plan:
        """One import of orders at a time, from here on: nobody brings the same ones in."""
        new = [order.external_id for order in made if order.external_id not in known.orders]
        first = sequences.take(connection, "OrderHeader", len(new))
        here = lookups.orders_by_external_id(connection, new, PURCHASE_ORDER)
        if here:
            raise StalePlan(
                f"purchase order {next(iter(here))!r} was brought in meanwhile: look again"
            )
        return _plan(context, known, made, first)

    return Prepared(
        plan.title,
        unchanged=unchanged,
        plan=plan,
        settle=None if plan.empty else settle,
    )


def _look_up(connection: Connection, rows: Sequence[Row]) -> _Known:
    facilities, by_external_id = lookups.facilities(connection)
    orders = lookups.orders_by_external_id(
        connection, (row["external-id"] for row in rows), PURCHASE_ORDER
    )
    lines: dict[str, list[PurchaseState]] = {}
    for piece in chunks(order_id for found in orders.values() for order_id, _, _ in found):
        for state in purchase_where(connection, order_item.c.ORDER_ID.in_(piece)):
            lines.setdefault(state.line.order_id, []).append(state)
    return _Known(
        stores=lookups.stores(connection),
        facilities=facilities,
        facilities_by_external_id=by_external_id,
        products=lookups.products_by_sku(connection, (row["product-sku"] for row in rows)),
        orders=orders,
        lines=lines,
    )


def _take(context: ImportContext, known: _Known, orders: dict[str, _Order], row: Row) -> bool:
    """Check a row and add it to its order; false when it says what is here already.

    Raises:
        RowFault: it is handed back.
    """
    external_id = fields.text(row, "external-id", fields.LONGEST_NAME)
    store = fields.text(row, "product-store-id", fields.LONGEST_ID)
    if store not in known.stores:
        raise RowFault(f"product-store-id {store!r} does not exist")
    facility_id = _facility(known, row)
    line = _line(context, known, row)
    present = known.orders.get(external_id)
    if present is not None:
        if len(present) > 1:
            raise RowFault(f"external-id {external_id!r} names {len(present)} purchase orders")
        state = _present_line(known, present[0], line)
        if state is not None:
            verdict = _verdict(context, row, state, line)
            if verdict != CHANGE:
                return verdict == CONFLICT
    order = orders.setdefault(external_id, _Order(external_id, store, facility_id))
    order.lines.append(line)
    return True


def _verdict(context: ImportContext, row: Row, state: PurchaseState, line: _Line) -> int:
    """Whether a row changes a line that is here; a conflict is handed back.

    Raises:
        RowFault: a rule says no, or the token belongs to another row.
    """
    clock = context.clock
    ours = line_value(clock, line.quantity, line.ceiling, line.arrival)
    theirs = line_value(clock, state.ordered, state.ceiling, state.arrival)
    key = f"{row['external-id']}/{row['product-sku']}"
    base = tokens.base(row[TOKEN_COLUMN], key)
    if ours in (theirs, base):
        return UNCHANGED
    _check_bound(state, line)
    if line.arrival != state.arrival and clock.day(line.arrival) < clock.today():
        raise RowFault(f"{clock.day(line.arrival)} is over: give {clock.today()} or later")
    if base is None or base == theirs:
        return CHANGE
    conflict = Conflict(
        row.line, key, "quantity;available-to-promise;arrival-date", base, ours, theirs,
        last_change(context.connection, clock, state.line),
    )  # fmt: skip
    context.hand_back_conflict(conflict, tokens.make(key, theirs))
    return CONFLICT


def _line(context: ImportContext, known: _Known, row: Row) -> _Line:
    sku = fields.text(row, "product-sku", fields.LONGEST_NAME)
    product_id = known.products.get(sku)
    if product_id is None:
        raise RowFault(f"product-sku {sku!r} does not exist")
    quantity = fields.units(row, "quantity")
    atp = fields.units_or_none(row, "available-to-promise")
    if atp is not None and atp > quantity:
        raise RowFault(f"available-to-promise {atp} is more than the quantity {quantity}")
    return _Line(
        row,
        product_id,
        quantity,
        atp if atp is not None and atp < quantity else None,
        fields.money(row, "unit-price"),
        context.clock.end_of(context.dates.day(row, "arrival-date")),
        fields.text(row, "item-external-id", fields.LONGEST_NAME, required=False) or None,
        fields.yes_or_no(row, "is-new-product"),
    )


def _facility(known: _Known, row: Row) -> str:
    """The receiving facility: by its id, else by its external id."""
    facility_id, external_id = row["facility-id"], row["external-facility-id"]
    if facility_id:
        if facility_id not in known.facilities:
            raise RowFault(f"facility-id {facility_id!r} does not exist")
        found = facility_id
    elif external_id:
        if external_id not in known.facilities_by_external_id:
            raise RowFault(f"external-facility-id {external_id!r} does not exist")
        found = known.facilities_by_external_id[external_id]
    else:
        raise RowFault("facility-id and external-facility-id are both empty")
    if known.facilities[found] in VIRTUAL_KINDS:
        raise RowFault(f"facility {found!r} is a queue: goods arrive at a warehouse or store")
    return found


def _present_line(known: _Known, order: tuple[str, str, int], line: _Line) -> PurchaseState | None:
    """The line of an order that is here already which a row is about; None: it adds one.

    Raises:
        RowFault: the order or the line is closed.
    """
    order_id, status_id, _ = order
    if status_id in marks.CLOSED_ORDER_STATUSES:
        raise RowFault(f"purchase order {order_id} is {word(status_id).lower()} already")
    same = _same_product(known, order_id, line.product_id)
    if len(same) > 1:
        raise RowFault(f"purchase order {order_id} has {len(same)} lines of this product")
    if same and same[0].status_id in marks.CLOSED_ITEM_STATUSES:
        raise RowFault(f"{same[0].line} is {word(same[0].status_id).lower()} already")
    return same[0] if same else None


def _check_bound(state: PurchaseState, line: _Line) -> None:
    if line.quantity < state.received:
        raise RowFault(f"quantity {line.quantity} is below the {state.received} received units")
    if line.quantity < state.allocated:
        raise RowFault(f"quantity {line.quantity} is below the {state.allocated} allocated units")


def line_value(clock: Clock, quantity: int, ceiling: int | None, arrival: datetime | None) -> str:
    """What a row says of a line, as tokens keep it."""
    sellable = quantity if ceiling is None else min(ceiling, quantity)
    return f"{quantity};{sellable};{clock.day(arrival).isoformat() if arrival else ''}"


def _same_product(known: _Known, order_id: str, product_id: str) -> list[PurchaseState]:
    """The order's lines of a product; those that are closed only where no other is left."""
    lines = [state for state in known.lines.get(order_id, []) if state.product_id == product_id]
    is_open = [state for state in lines if state.status_id not in marks.CLOSED_ITEM_STATUSES]
    return is_open or lines[:1]


def _plan(context: ImportContext, known: _Known, orders: Sequence[_Order], first: int) -> Plan:
    plan = Plan(context.command, "")
    new = [order for order in orders if order.external_id not in known.orders]
    for number, order in enumerate(new, start=first):
        _add_order(context, plan, str(number), order)
    for order in orders:
        if order.external_id in known.orders:
            _update_order(plan, known, order)
    plan.title = (
        f"Import {len(new):,} new purchase orders, {len(plan.new_lines):,} new lines, "
        f"{len(plan.versions):,} changed lines"
    )
    return plan


def _add_order(context: ImportContext, plan: Plan, order_id: str, order: _Order) -> None:
    plan.new_orders.append(
        NewOrder(
            order_id=order_id,
            order_type_id=PURCHASE_ORDER,
            order_date=context.clock.now(),
            status_id="ORDER_APPROVED",
            product_store_id=order.store_id,
            ship_groups=(("00001", order.facility_id),),
            external_id=order.external_id,
        )
    )
    for seq, line in enumerate(order.lines, start=1):
        _add_line(plan, LineId(order_id, f"{seq:05}"), line)


def _add_line(plan: Plan, key: LineId, line: _Line) -> None:
    plan.new_lines.append(
        NewLine(
            line=key,
            product_id=line.product_id,
            quantity=line.quantity,
            status_id="ITEM_APPROVED",
            unit_price=line.unit_price,
            external_id=line.external_id,
            arrival=line.arrival,
            atp_ceiling=line.ceiling,
            is_new_product=line.is_new_product,
            purchase=True,
        )
    )
    plan.changes.add(
        PlannedChange(*key, None, None, CHANGE_APPEND, "quantity", None, line.quantity)
    )


def _update_order(plan: Plan, known: _Known, order: _Order) -> None:
    order_id, _, version = known.orders[order.external_id][0]
    present = known.lines.get(order_id, [])
    last = max((int(state.line.order_item_seq_id) for state in present), default=0)
    for line in order.lines:
        same = _same_product(known, order_id, line.product_id)
        if not same:
            last += 1
            plan.order_versions[order_id] = version
            _add_line(plan, LineId(order_id, f"{last:05}"), line)
            continue
        state = same[0]
        cells: tuple[tuple[str, str, Value, Value], ...] = (
            (CHANGE_UPDATE, "quantity", state.quantity, line.quantity + state.cancelled),
            (CHANGE_DATE, "estimatedDeliveryDate", state.arrival, line.arrival),
            (CHANGE_UPDATE, "availableToPromise", state.ceiling, line.ceiling),
        )
        for kind, name, old, new in cells:
            if old != new:
                plan.versions[state.line] = state.version
                plan.order_versions[order_id] = version
                plan.changes.add(PlannedChange(*state.line, None, None, kind, name, old, new))
