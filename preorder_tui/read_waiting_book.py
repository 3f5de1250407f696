"""Reading the waiting book: its lines, the supply for them, and what they have already.

It takes two or three passes over the lines, each in the demand order (R-21), and keeps of every
row only what stands in a column of :class:`preorder_tui.waiting_book.WaitingBook`.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    and_,
    func,
    select,
    tuple_,
    type_coerce,
)

from data.staging import narrow_cache
from data.tables import change_set, order_header, order_item, order_item_assoc
from data.tables import order_item_ship_group as ship_group
from preorder_tui import open_lines, supply
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.line_state import SALES_FROM, PurchaseState, links_of_sales, purchase_where
from preorder_tui.lines import LineId
from preorder_tui.marks import OPEN_ITEM_STATUSES, OPEN_ORDER_STATUSES
from preorder_tui.pins import PINNED
from preorder_tui.query_hints import not_by_index
from preorder_tui.stored_moments import Moment, as_stored, stored
from preorder_tui.waiting_book import Group, Scope, Told, WaitingBook
from preorder_tui.words import PURCHASE_ORDER, SALES_ORDER

FETCH = 20_000
_item, _header, _assoc = order_item.c, order_header.c, order_item_assoc.c
_DEMAND_ORDER = (_header.ORDER_DATE, _header.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)


def read(connection: Connection, clock: Clock, scope: Scope, told: Told) -> WaitingBook:
    """Read the part of the book that ``scope`` says."""
    book = WaitingBook()
    book.newest_change_set = (
        connection.execute(select(func.max(change_set.c.CHANGE_SET_ID))).scalar() or 0
    )
    # The lines of one product lie all over the book; those of a list may be most of it.
    with narrow_cache(connection) if scope.product_id is not None else nullcontext():
        _read_lines(connection, book, scope, told)
    _read_supplies(connection, clock, book, scope, told)
    if scope.only_moves:
        book.units = array("i", bytes(book.units.itemsize * len(book)))
    if scope.again:
        _read_links(connection, book, scope, told)
    else:
        _read_kept(connection, book)
    return book


def _waiting(scope: Scope) -> list[ColumnElement[bool]]:
    order_type: ColumnElement[str] = _header.ORDER_TYPE_ID
    if scope.product_id is not None or scope.order_id is not None:
        order_type = not_by_index(order_type)  # few lines: not by way of all orders by date
    conditions: list[ColumnElement[bool]] = [
        order_type == SALES_ORDER,
        rules.waits(order_header, order_item, ship_group),
        *scope.conditions,
    ]
    if scope.product_id is not None:
        conditions.append(_item.PRODUCT_ID == scope.product_id)
    if scope.order_id is not None:
        conditions.append(_header.ORDER_ID == scope.order_id)
    if not scope.again:
        conditions.append(rules.has_open_units(order_item))
    return conditions


def _read_lines(connection: Connection, book: WaitingBook, scope: Scope, told: Told) -> None:
    source: FromClause = SALES_FROM
    parameters = scope.parameters
    if scope.product_id is not None and not scope.again:
        source, product = open_lines.of_product(connection, scope.product_id)
        parameters = parameters | product
    open_units = _item.QUANTITY - _item.CANCEL_QUANTITY - _item.ALLOCATED_QUANTITY
    query: Select[*tuple[Any, ...]] = (
        select(
            _item.ORDER_ID,
            _item.ORDER_ITEM_SEQ_ID,
            _header.PRODUCT_STORE_ID,
            _item.PRODUCT_ID,
            type_coerce(open_units, Integer),
            stored(connection, _item.PROMISED_DATETIME),
            _header.PRIORITY,
            stored(connection, _item.ESTIMATED_DELIVERY_DATE),
            _item.CORRESPONDING_PO_ID,
            _item.ROW_VERSION,
            _header.ROW_VERSION,
        )
        .select_from(source)
        .where(*_waiting(scope))
        .order_by(*_DEMAND_ORDER)
    )
    known: dict[Any, Any] = {}
    same = known.setdefault  # one object for all equal texts
    groups: defaultdict[Group, array[int]] = defaultdict(lambda: array("i"))
    number = 0
    for rows in _raw(connection, query, parameters):
        told()
        columns = list(zip(*rows, strict=True))
        book.order_id.extend(columns[0])
        book.item.extend(map(same, columns[1], columns[1]))
        book.units.extend(map(int, columns[4]))
        book.promised.extend(map(same, columns[5], columns[5]))
        book.version.extend(columns[9])
        book.order_version.extend(columns[10])
        if columns[6].count(None) < len(rows):
            for at, priority in enumerate(columns[6], start=number):
                if priority is not None:
                    book.priority[at] = same(priority, priority)
        if columns[7].count(None) < len(rows):
            for at, arrival in enumerate(columns[7], start=number):
                if arrival is not None:
                    with_order = columns[8][at - number]
                    book.staying[at] = (same(arrival, arrival), same(with_order, with_order))
        for group in zip(columns[2], columns[3], strict=True):
            groups[group].append(number)
            number += 1
    book.groups = dict(groups)


def _raw(
    connection: Connection, query: Select[*tuple[Any, ...]], parameters: dict[str, Any]
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows as the driver gives them, in batches: of a million, each step per row counts."""
    cursor: Any = connection.execute(query, parameters).cursor
    while rows := cursor.fetchmany(FETCH):
        yield rows
    cursor.close()


def _read_supplies(
    connection: Connection, clock: Clock, book: WaitingBook, scope: Scope, told: Told
) -> None:
    today = clock.start_of(clock.today())
    for state in _purchase_lines(connection, book, scope):
        group = (state.product_store_id, state.product_id)
        if group not in book.groups:
            continue
        if supply.is_eligible(state, today) or (scope.again and _gives_back(state, today)):
            assert state.arrival is not None
            book.supplies_of.setdefault(group, []).append(len(book.supplies))
            book.supplies.append(state)
            book.budget.append(state.atp)
            book.stored_arrival.append(as_stored(connection, state.arrival))
        elif state.atp and supply.is_late(state, today):
            book.late.append(state)
    told()
    for numbers in book.supplies_of.values():
        numbers.sort(key=lambda number: book.supplies[number].supply_key)


def _purchase_lines(
    connection: Connection, book: WaitingBook, scope: Scope
) -> Iterable[PurchaseState]:
    products = sorted({product for _, product in book.groups})
    status: ColumnElement[str] = _item.STATUS_ID
    conditions: list[ColumnElement[bool]] = [
        _header.STATUS_ID.in_(OPEN_ORDER_STATUSES),
        *scope.supply_conditions,
    ]
    if len(products) <= 400:
        # By the index of the purchase order lines of a product, not by that of all its lines.
        status = not_by_index(status)
        conditions += [_item.PRODUCT_ID.in_(products), _item.RECEIVED_QUANTITY.is_not(None)]
    conditions.append(status.in_(OPEN_ITEM_STATUSES))
    if not scope.again:
        conditions.append(_item.AVAILABLE_TO_PROMISE > 0)
    return purchase_where(connection, *conditions, parameters=scope.supply_parameters)


def _gives_back(state: PurchaseState, today: datetime) -> bool:
    """Whether units allocated from a line may be given to others: it is still to come (R-15), and
    nothing of it was received, because received units serve the lines they are allocated to."""
    to_come = state.arrival is not None and state.arrival >= today
    return to_come and state.received == 0 and not supply.is_closed(state)


def _read_kept(connection: Connection, book: WaitingBook) -> None:
    """What partly allocated lines have from supply that may give them more."""
    if not book.staying:
        return
    numbers = {book.line(number): number for number in book.staying}
    supply_at = {state.line: number for number, state in enumerate(book.supplies)}
    for line, links in links_of_sales(connection, numbers).items():
        for to, units in links.items():
            if to in supply_at:
                book.kept[numbers[line], supply_at[to]] = units


def _read_links(connection: Connection, book: WaitingBook, scope: Scope, told: Told) -> None:
    """What the lines have now: units that may move go back to their supply and are wanted again.

    Pinned units stay, and so do those of supply that is late, received or not in the scope.
    """
    supply_at: dict[tuple[str, str], int] = {
        state.line: number for number, state in enumerate(book.supplies)
    }
    query: Select[*tuple[Any, ...]] = (
        select(
            _assoc.ORDER_ID,
            _assoc.ORDER_ITEM_SEQ_ID,
            _assoc.TO_ORDER_ID,
            _assoc.TO_ORDER_ITEM_SEQ_ID,
            type_coerce(_assoc.QUANTITY, Integer),
            _assoc.PINNED,
        )
        .join_from(order_header, order_item, _item.ORDER_ID == _header.ORDER_ID)
        .join(ship_group, rules.in_ship_group(order_item))
        .join(
            order_item_assoc,
            and_(
                _assoc.ORDER_ID == _item.ORDER_ID,
                _assoc.ORDER_ITEM_SEQ_ID == _item.ORDER_ITEM_SEQ_ID,
            ),
        )
        .where(*_waiting(scope), _item.ALLOCATED_QUANTITY > 0)
        .order_by(*_DEMAND_ORDER)
    )
    moved: dict[int, int] = {}
    fixed: list[tuple[int, LineId]] = []
    number = 0  # links come in the order of the lines
    for rows in _raw(connection, query, scope.parameters):
        told()
        for order_id, item, to_order, to_item, quantity, pinned in rows:
            while book.order_id[number] != order_id or book.item[number] != item:
                number += 1
            to = (to_order, to_item)
            at = supply_at.get(to)
            units = int(quantity)
            if at is None or pinned == PINNED or book.supplies[at].received:
                fixed.append((number, LineId(*to)))
                if at is not None:
                    book.kept[number, at] = units
                continue
            book.present.add(number, at, units)
            book.units[number] += units
            moved[at] = moved.get(at, 0) + units
    book.present.close(len(book))
    for at, units in moved.items():
        state = book.supplies[at]
        book.budget[at] = supply.atp_after(state, -units)
    arrivals = _arrivals_of(connection, {line for _, line in fixed})
    staying: dict[int, tuple[Moment, str]] = {}
    for number, line in fixed:
        if line in arrivals:
            latest = (arrivals[line], line.order_id)
            staying[number] = max(staying.get(number, latest), latest)
    for number in book.present.lines():
        book.staying.pop(number, None)
    book.staying.update(
        (number, staying[number]) for number in book.present.lines() if number in staying
    )


def _arrivals_of(connection: Connection, lines: set[LineId]) -> dict[LineId, Moment]:
    if not lines:
        return {}
    arrival = stored(connection, _item.ESTIMATED_DELIVERY_DATE)
    query = (
        select(_item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID, arrival)
        .join_from(order_header, order_item, _item.ORDER_ID == _header.ORDER_ID)
        .where(_header.ORDER_TYPE_ID == PURCHASE_ORDER, _item.ESTIMATED_DELIVERY_DATE.is_not(None))
    )
    if len(lines) <= 400:
        query = query.where(
            _item.ORDER_ID.in_({line.order_id for line in lines}),
            tuple_(_item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID).in_([tuple(line) for line in lines]),
        )
    return {
        line: moment
        for order_id, item, moment in connection.execute(query)
        if (line := LineId(order_id, item)) in lines
    }
