"""The sales order lines in a purchase order line's lists: the first of them, all, or some in full.

A list is in the order of the queue (R-21). It opens with its first rows. The *roll* names all of
its lines, with no more of each than can be added up or says why it cannot be chosen; rows are read
in full only where they are shown. So a line with ten thousand sales orders opens like one with ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, Select, String, bindparam, select

from data.staging import narrow_cache
from data.tables import order_header, order_item, order_item_assoc
from data.tables import order_item_ship_group as ship_group
from preorder_tui import open_lines, products
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.deallocation import why_not_removable
from preorder_tui.demand import demand_rows
from preorder_tui.line_state import (
    PurchaseState,
    SalesState,
    links_of_sales,
    purchase_line,
    sales_lines,
)
from preorder_tui.lines import LineId
from preorder_tui.pins import PINNED
from preorder_tui.query_hints import in_this_order, not_by_index
from preorder_tui.records import Demand, DemandEntry, DemandRow, DemandStart, Page, SupplyFacts
from preorder_tui.site_days import day_or_none
from preorder_tui.stored_moments import Moment, as_stored, stored_in
from preorder_tui.sync_dates import over, why_not_synced
from preorder_tui.sync_rows import Days
from preorder_tui.text import clean_or_empty

_item, _header, _link = order_item.c, order_header.c, order_item_assoc.c
_IS_CANCELLED = "it is cancelled"
_IN_SYNC = "in sync"

Statement = Select[*tuple[Any, ...]]
Why = Callable[[Any], str]


class _Standing(NamedTuple):
    """What of a line in the roll says whether it can be chosen."""

    status_id: str
    order_status_id: str
    facility_id: str
    promised: Moment | None
    arrival: Moment | None


def _why_not(kind: Demand, target: PurchaseState, today: Moment) -> Why:
    if kind == "review":
        return lambda state: why_not_removable(state) or ""
    if kind == "allocate":
        return lambda state: ""

    def why(state: Any) -> str:
        reason = why_not_synced(state)
        if reason is not None:
            return reason
        if state.promised == state.arrival:
            return _IN_SYNC
        if state.arrival is None or state.arrival < today:
            return f"the arrival is {over(target)}"
        return ""

    return why


# --- Which lines there are ------------------------------------------------------------------------


def _placed(dialect: str) -> Any:
    return stored_in(dialect, _header.ORDER_DATE)


def _in_the_queue(statement: Statement) -> Statement:
    return statement.order_by(_header.ORDER_DATE, *statement.selected_columns[1:3])


def _more_of(dialect: str) -> tuple[Any, ...]:
    return (
        _item.STATUS_ID,
        _header.STATUS_ID,
        ship_group.c.FACILITY_ID,
        stored_in(dialect, _item.PROMISED_DATETIME),
        stored_in(dialect, _item.ESTIMATED_DELIVERY_DATE),
    )


@lru_cache(maxsize=16)
def _allocated(dialect: str, *, first: bool) -> Statement:
    """The lines with units of a purchase order line; the first few by indexes alone."""
    here = in_this_order(order_item_assoc, order_header, _header.ORDER_ID == _link.ORDER_ID)
    columns = [_placed(dialect), _link.ORDER_ID, _link.ORDER_ITEM_SEQ_ID]
    tables: Any = here
    if not first:
        columns += [_link.QUANTITY, _link.PINNED, *_more_of(dialect)]
        same = (_item.ORDER_ID == _link.ORDER_ID) & (
            _item.ORDER_ITEM_SEQ_ID == _link.ORDER_ITEM_SEQ_ID
        )
        lines = in_this_order(here, order_item, same)
        tables = in_this_order(lines, ship_group, rules.in_ship_group(order_item))
    statement = (
        select(*columns)
        .select_from(tables)
        .where(
            open_lines.IS_SALE,
            _link.TO_ORDER_ID == bindparam("order_id", type_=String),
            _link.TO_ORDER_ITEM_SEQ_ID == bindparam("item", type_=String),
        )
    )
    return _limited(_in_the_queue(statement)) if first else _in_the_queue(statement)


@lru_cache(maxsize=4)
def _cancelled(dialect: str) -> Statement:
    """The cancelled lines that were allocated to the purchase order last (R-111)."""
    return _in_the_queue(
        select(_placed(dialect), _item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)
        .select_from(in_this_order(order_item, order_header, _header.ORDER_ID == _item.ORDER_ID))
        .where(
            open_lines.IS_SALE,
            _item.CORRESPONDING_PO_ID == bindparam("order_id", type_=String),
            # Other orders have cancelled lines of the product too: never start from there.
            not_by_index(_item.PRODUCT_ID) == bindparam("product_id", type_=String),
            not_by_index(_item.STATUS_ID) == "ITEM_CANCELLED",
        )
    )


def _limited(statement: Statement) -> Statement:
    return statement.limit(bindparam("size", type_=Integer, literal_execute=True))


def _waiting(connection: Connection, target: PurchaseState, size: int | None = None) -> list[Any]:
    """The lines that wait for the product of a purchase order line; the first few of them."""
    queue = open_lines.queue(connection, target.product_id, target.product_store_id)
    open_units = _item.QUANTITY - _item.CANCEL_QUANTITY - _item.ALLOCATED_QUANTITY
    placed = _placed(connection.dialect.name)
    statement = _in_the_queue(
        select(placed, _item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID, open_units)
        .select_from(queue.source)
        .where(*queue.conditions)
    )
    values: dict[str, Any] = {**queue.parameters}
    if size is not None:
        statement, values = _limited(statement), {**values, "size": size}
    return _found(connection, statement, values)


def _linked(connection: Connection, target: PurchaseState, size: int | None = None) -> list[Any]:
    """The lines with units of a purchase order line; the first few of them."""
    statement = _allocated(connection.dialect.name, first=size is not None)
    return _found(connection, statement, {**_values(target), "size": size})


def _values(target: PurchaseState) -> dict[str, Any]:
    return {"order_id": target.line.order_id, "item": target.line.order_item_seq_id}


def _found(connection: Connection, statement: Statement, values: dict[str, Any]) -> list[Any]:
    """The rows as the driver gives them: there may be many."""
    with narrow_cache(connection):
        cursor: Any = connection.execute(statement, values).cursor
        found: list[Any] = list(cursor.fetchall())  # PyMySQL gives a tuple
    found.sort(key=_place)  # pages are found in it by comparing, and databases have ways of theirs
    return found


def _place(row: Sequence[Any]) -> tuple[Any, ...]:
    return (row[0], row[1], row[2])


# --- What the service is asked for ----------------------------------------------------------------


def start(
    connection: Connection, clock: Clock, kind: Demand, line: LineId, size: int
) -> DemandStart:
    """A list's purchase order line, and its first rows.

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a sales order.
    """
    target = purchase_line(connection, line)
    found = (_waiting if kind == "allocate" else _linked)(connection, target, size + 1)
    keys = [(False, *row[:3]) for row in found[:size]]
    lines = [LineId(order_id, item) for _, _, order_id, item in keys]
    rows = _rows(connection, clock, kind, target, lines)
    there = {row.line for row in rows}
    kept = tuple(key for key, one in zip(keys, lines, strict=True) if one in there)
    return DemandStart(
        _facts(connection, clock, target), Page(rows, kept, True, len(found) <= size)
    )


def roll(
    connection: Connection, clock: Clock, kind: Demand, line: LineId
) -> tuple[DemandEntry, ...]:
    """All lines of a list, in its order; in review those that were cancelled come last (R-111).

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a sales order.
    """
    return tuple(_roll(connection, clock, kind, purchase_line(connection, line)))


def _roll(
    connection: Connection, clock: Clock, kind: Demand, target: PurchaseState
) -> list[DemandEntry]:
    if kind == "allocate":
        return [
            DemandEntry(placed, LineId(order_id, item), 0, int(units))
            for placed, order_id, item, units in _waiting(connection, target)
        ]
    entries = _of_roll(connection, clock, kind, target)
    if kind == "review":
        there = {entry.line for entry in entries}
        values = {"order_id": target.line.order_id, "product_id": target.product_id}
        for placed, order_id, item in _found(
            connection, _cancelled(connection.dialect.name), values
        ):
            if (one := LineId(order_id, item)) not in there:
                entries.append(DemandEntry(placed, one, 0, 0, reason=_IS_CANCELLED, cancelled=True))
    return entries


def _of_roll(
    connection: Connection, clock: Clock, kind: Demand, target: PurchaseState
) -> list[DemandEntry]:
    why_not = _why_not(kind, target, as_stored(connection, clock.start_of(clock.today())))
    number = Days(clock)
    arrival = None if target.arrival is None else as_stored(connection, target.arrival)
    entries = []
    for placed, order_id, item, units, pinned, *rest in _linked(connection, target):
        state = _Standing(*rest)
        if kind == "review":
            days = number.between(arrival, state.promised)
        else:
            days = number.between(state.promised, state.arrival)
        entries.append(
            DemandEntry(
                placed, LineId(order_id, item), int(units), 0, days, why_not(state),
                pinned == PINNED,
            )
        )  # fmt: skip
    return entries


def rows(
    connection: Connection,
    clock: Clock,
    kind: Demand,
    line: LineId,
    lines: Sequence[LineId],
    cancelled: Sequence[LineId] = (),
) -> tuple[DemandRow, ...]:
    """Some lines of a list in full, in the order given; those that have gone are left out.

    Args:
        kind: which list.
        line: the purchase order line.
        lines: what to read.
        cancelled: lines that were cancelled, which come behind the others.

    Raises:
        UnknownId: there is no such purchase order line.
        Refused: it is one of a sales order.
    """
    target = purchase_line(connection, line)
    return (
        *_rows(connection, clock, kind, target, lines),
        *_cancelled_rows(connection, clock, cancelled),
    )


def _rows(
    connection: Connection,
    clock: Clock,
    kind: Demand,
    target: PurchaseState,
    lines: Sequence[LineId],
) -> tuple[DemandRow, ...]:
    states = _states(connection, lines)
    why_not = _why_not(kind, target, clock.start_of(clock.today()))
    links = links_of_sales(connection, [state.line for state in states])
    new: dict[LineId, datetime | None] = {state.line: state.arrival for state in states}
    if kind == "allocate":
        new = {state.line: _later(target.arrival, state.arrival) for state in states}
    return demand_rows(
        connection,
        clock,
        states,
        here={sales: present.get(target.line, 0) for sales, present in links.items()},
        new_promise=new,
        reasons={state.line: why_not(state) for state in states},
        compare_with=target.arrival if kind == "review" else None,
        purchase_line=target.line if kind == "review" else None,
    )


def _cancelled_rows(
    connection: Connection, clock: Clock, lines: Sequence[LineId]
) -> tuple[DemandRow, ...]:
    if not lines:
        return ()
    reasons = dict.fromkeys(lines, _IS_CANCELLED)
    states = _states(connection, lines)
    return demand_rows(connection, clock, states, here={}, new_promise={}, reasons=reasons)


class Whole(NamedTuple):
    """A list with what stands above it, and apart the rows that were cancelled."""

    facts: SupplyFacts
    rows: tuple[DemandRow, ...]
    cancelled: tuple[DemandRow, ...]


def whole(connection: Connection, clock: Clock, kind: Demand, line: LineId) -> Whole:
    """All rows of a list in full: for files and commands.

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a sales order.
    """
    target = purchase_line(connection, line)
    entries = _roll(connection, clock, kind, target)
    present = [entry.line for entry in entries if not entry.cancelled]
    gone = [entry.line for entry in entries if entry.cancelled]
    return Whole(
        _facts(connection, clock, target),
        _rows(connection, clock, kind, target, present),
        _cancelled_rows(connection, clock, gone),
    )


def facts(connection: Connection, clock: Clock, line: LineId) -> SupplyFacts:
    """What stands above a list.

    Raises:
        UnknownId: there is no such line.
        Refused: it is one of a sales order.
    """
    return _facts(connection, clock, purchase_line(connection, line))


def _facts(connection: Connection, clock: Clock, target: PurchaseState) -> SupplyFacts:
    return SupplyFacts(
        line=target.line,
        external_id=clean_or_empty(target.external_id),
        product=products.load(connection, [target.product_id])[target.product_id],
        quantity=target.ordered,
        received=target.received,
        consumed=target.allocated,
        available_to_promise=target.atp,
        arrival_date=day_or_none(clock, target.arrival),
    )


def _states(connection: Connection, lines: Iterable[LineId]) -> list[SalesState]:
    wanted = list(lines)
    found = sales_lines(connection, wanted)
    return [found[one] for one in wanted if one in found]


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)
