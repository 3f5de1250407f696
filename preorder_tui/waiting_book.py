"""The whole book as allocation by a policy needs it: lines that wait, and supply that is left.

Read in two or three passes in the demand order (R-21), kept as columns: a line is its place in
them, so a million lines take a few lists and not a million objects. Moments stay as the database
stores them (text on SQLite): they are compared and written back, never computed with.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
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
from preorder_tui.words import PURCHASE_ORDER, SALES_ORDER

Group = tuple[str, str]
"""Store and product: supply serves lines of its own store and product only (R-25)."""

Told = Callable[[], None]
"""Called now and then while reading; raises when the person has left it."""

FETCH = 20_000
_item, _header, _assoc = order_item.c, order_header.c, order_item_assoc.c
_DEMAND_ORDER = (_header.ORDER_DATE, _header.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the book is allocated.

    Attributes:
        product_id, order_id: only lines of that product or sales order.
        conditions: more conditions over ORDER_ITEM, ORDER_HEADER and ORDER_ITEM_SHIP_GROUP.
        parameters: the values of what those conditions leave open.
        supply_conditions, supply_parameters: the same for the purchase order lines that give.
        again: whether lines that have supply are matched again too, where it is not pinned.
        only_moves: of lines matched again, only the units that they have: none for open ones.
    """

    product_id: str | None = None
    order_id: str | None = None
    conditions: tuple[ColumnElement[bool], ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    supply_conditions: tuple[ColumnElement[bool], ...] = ()
    supply_parameters: dict[str, Any] = field(default_factory=dict)
    again: bool = False
    only_moves: bool = False

    @property
    def is_whole_book(self) -> bool:
        """Whether it is every open line, and all supply (see :mod:`preorder_tui.whole_book`)."""
        narrowed = self.product_id or self.order_id or self.conditions or self.supply_conditions
        return not (narrowed or self.again)


class Present:
    """Units that lines have now and may lose: by line, from which supply, how many."""

    __slots__ = ("_first", "_line", "_supply", "_units")

    def __init__(self) -> None:
        self._line, self._supply, self._units = array("i"), array("i"), array("i")
        self._first = array("i")  # where each line's units start; empty when there are none

    def add(self, line: int, supply: int, units: int) -> None:
        """Units of a line; lines come in their order."""
        self._line.append(line)
        self._supply.append(supply)
        self._units.append(units)

    def close(self, lines: int) -> None:
        """All units of ``lines`` lines are in."""
        at = 0
        for line in range(lines):
            self._first.append(at)
            while at < len(self._line) and self._line[at] == line:
                at += 1
        self._first.append(at)

    def of(self, line: int) -> tuple[tuple[int, int], ...]:
        """The (supply, units) of a line."""
        if not self._first:
            return ()
        start, end = self._first[line], self._first[line + 1]
        if start == end:
            return ()
        return tuple(zip(self._supply[start:end], self._units[start:end], strict=True))

    def lines(self) -> Iterable[int]:
        """The lines that have some, each as often as it has supplies."""
        return iter(self._line)

    def __len__(self) -> int:
        return len(self._line)


@dataclass(slots=True)
class WaitingBook:
    """Lines that wait, in the demand order, and the supply that may be given to them.

    The columns of a line stand at its number; ``present`` has only lines whose units may move.
    """

    order_id: list[str] = field(default_factory=list)
    item: list[str] = field(default_factory=list)
    units: array[int] = field(default_factory=lambda: array("i"))  # wanted, movable ones included
    promised: list[Moment | None] = field(default_factory=list)
    priority: dict[int, str] = field(default_factory=dict)  # of those that have one
    # The latest arrival of units that stay, and its order; of lines that have such units.
    staying: dict[int, tuple[Moment | None, str | None]] = field(default_factory=dict)
    version: array[int] = field(default_factory=lambda: array("i"))
    order_version: array[int] = field(default_factory=lambda: array("i"))
    groups: dict[Group, array[int]] = field(default_factory=dict)
    present: Present = field(default_factory=lambda: Present())
    # Units that stay where they are, by line and supply: a line may get more from the same supply.
    kept: dict[tuple[int, int], int] = field(default_factory=dict)
    supplies: list[PurchaseState] = field(default_factory=list)
    budget: list[int] = field(default_factory=list)  # units that may be given, by supply
    stored_arrival: list[Moment] = field(default_factory=list)  # by supply
    supplies_of: dict[Group, list[int]] = field(default_factory=dict)  # in the order of R-21
    late: list[PurchaseState] = field(default_factory=list)  # passed over
    newest_change_set: int = 0

    def __len__(self) -> int:
        return len(self.order_id)

    def line(self, number: int) -> LineId:
        """The key of a line."""
        return LineId(self.order_id[number], self.item[number])


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
