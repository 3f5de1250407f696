"""The whole book as arrays: every line that waits, and every supply that may be given.

What :mod:`preorder_tui.waiting_book` is for a part of the book and for lines that are matched
again, this is for all open lines at once: a million of them are read, matched and added up without
a step of Python per line. A line is its place in the demand order (R-21); supplies stand by group
and, within it, in their order (R-21). Moments are numbers that compare like them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    func,
    literal,
    select,
    type_coerce,
)

from data.tables import change_set, order_header, order_item
from data.tables import order_item_ship_group as ship_group
from preorder_tui import sales_line_rules as rules
from preorder_tui.book_columns import Codes, Kind, Numbers, Texts, Wanted, read
from preorder_tui.clock import Clock
from preorder_tui.line_state import links_of_sales
from preorder_tui.lines import LineId
from preorder_tui.marks import OPEN_ITEM_STATUSES, OPEN_ORDER_STATUSES
from preorder_tui.query_hints import in_this_order, not_by_index
from preorder_tui.stored_moments import Moment, as_moment, as_stored, stored
from preorder_tui.waiting_book import Told
from preorder_tui.words import PURCHASE_ORDER, SALES_ORDER

ORDERS_AT_ONCE = 100_000
"""Sales orders of one reading: what a person who leaves waits for, and what is held twice."""

_item, _header, _group = order_item.c, order_header.c, ship_group.c
_NO_MOMENT = "~" * 26  # on SQLite, in place of NULL: as long as a moment, and after all of them


@dataclass(slots=True)
class Supplies:
    """Purchase order lines that may give units, by group and in the order of R-21."""

    order_id: Texts
    item: Texts
    units: Numbers
    arrival: Numbers
    version: Numbers
    group: Numbers

    def __len__(self) -> int:
        return len(self.units)

    def line(self, number: int) -> LineId:
        """The key of a supply."""
        return LineId(str(self.order_id[number]), str(self.item[number]))


@dataclass(slots=True)
class WholeBook:
    """All open lines, and the supply for them.

    Attributes:
        moments: sorted; the numbers in the columns are places in it, the last one is nothing.
        groups: how many pairs of store and product there are (R-25), numbered from 0.
        priorities: what the numbers in ``priority`` stand for.
        staying: the latest arrival of units that a line has and keeps, and its order.
        kept: those units, by line and supply, where that supply may give more.
        late_units, late_lines: of supply that was passed over (R-17).
    """

    order_id: Texts
    item: Texts
    units: Numbers
    promised: Numbers
    priority: Numbers
    version: Numbers
    order_version: Numbers
    group: Numbers
    moments: list[Moment | None]
    groups: int
    priorities: list[str | None]
    supplies: Supplies
    staying: dict[int, tuple[Moment, str]] = field(default_factory=dict)
    kept: dict[tuple[int, int], int] = field(default_factory=dict)
    late_units: int = 0
    late_lines: int = 0
    newest_change_set: int = 0

    def __len__(self) -> int:
        return len(self.units)

    def line(self, number: int) -> LineId:
        """The key of a line."""
        return LineId(str(self.order_id[number]), str(self.item[number]))


def read_whole(connection: Connection, clock: Clock, told: Told) -> WholeBook:
    """Read all lines that wait for units, and all supply that has some."""
    newest = connection.execute(select(func.max(change_set.c.CHANGE_SET_ID))).scalar() or 0
    reading = _Reading(connection)
    lines = reading.lines(told)
    told()
    supplies = reading.supplies()
    book = _book(lines, supplies, reading, clock)
    book.newest_change_set = newest
    _read_kept(connection, book)
    return book


class _Reading:
    """The columns as they are read; texts that both sides have are numbered alike."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.moments, self.stores, self.products = Codes(_NO_MOMENT), Codes(), Codes()
        self.priorities, self.orders = Codes(), Codes()

    def lines(self, told: Told) -> dict[str, Any]:
        """The columns of the lines that wait, in the demand order."""
        units = _item.QUANTITY - _item.CANCEL_QUANTITY - _item.ALLOCATED_QUANTITY
        wanted = {
            "order_id": Wanted(_header.ORDER_ID, Kind.TEXTS),
            "item": Wanted(_item.ORDER_ITEM_SEQ_ID, Kind.TEXTS),
            "ordered": Wanted(self._moment(_header.ORDER_DATE), Kind.TEXTS),
            "store": Wanted(_header.PRODUCT_STORE_ID, Kind.CODES, self.stores),
            "product": Wanted(_item.PRODUCT_ID, Kind.CODES, self.products),
            "units": Wanted(type_coerce(units, Integer), Kind.NUMBERS),
            "promised": Wanted(self._moment(_item.PROMISED_DATETIME), Kind.CODES, self.moments),
            "priority": Wanted(_header.PRIORITY, Kind.CODES, self.priorities),
            "arrival": Wanted(
                stored(self.connection, _item.ESTIMATED_DELIVERY_DATE), Kind.CODES, self.moments
            ),
            "arrives_with": Wanted(_item.CORRESPONDING_PO_ID, Kind.CODES, self.orders),
            "version": Wanted(_item.ROW_VERSION, Kind.NUMBERS),
            "order_version": Wanted(_header.ROW_VERSION, Kind.NUMBERS),
        }
        query = _joined(
            SALES_ORDER,
            rules.waits(order_header, order_item, ship_group, by_status=False),
            rules.has_open_units(order_item),
        ).order_by(_header.ORDER_DATE, _header.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)
        parts = []
        for dates in self._date_ranges():
            told()
            number, columns = read(self.connection, query.where(*dates), [*wanted.values()], {})
            if number:
                parts.append(self._in_order(dict(zip(wanted, columns, strict=True))))
        return _together(parts, wanted)

    def _date_ranges(self) -> Iterator[list[ColumnElement[bool]]]:
        """Conditions that take the sales orders by date, so many at a time."""
        date = stored(self.connection, _header.ORDER_DATE)
        after: list[ColumnElement[bool]] = []
        while True:
            last = self.connection.execute(
                select(date)
                .where(_header.ORDER_TYPE_ID == SALES_ORDER, *after)
                .order_by(_header.ORDER_DATE)
                .limit(_as_written(1))
                .offset(_as_written(ORDERS_AT_ONCE - 1))
            ).scalar()
            if last is None:
                yield after
                return
            yield [*after, date <= last]
            after = [date > last]

    def _in_order(self, columns: dict[str, Any]) -> dict[str, Any]:
        """The lines in the demand order, which SQLite's way through the indexes nearly always is.

        Other databases have sorted them.
        """
        ordered = columns.pop("ordered")
        if self.connection.dialect.name != "sqlite":
            return columns
        order_id, item = columns["order_id"], columns["item"]
        before = ordered[:-1] < ordered[1:]
        same = ordered[:-1] == ordered[1:]
        before |= same & (order_id[:-1] < order_id[1:])
        same &= order_id[:-1] == order_id[1:]
        before |= same & (item[:-1] < item[1:])
        if before.all():
            return columns
        order = np.lexsort((item, order_id, ordered))
        return {name: column[order] for name, column in columns.items()}

    def supplies(self) -> dict[str, Any]:
        """The columns of the purchase order lines that have units and an arrival."""
        wanted = {
            "order_id": Wanted(_header.ORDER_ID, Kind.TEXTS),
            "item": Wanted(_item.ORDER_ITEM_SEQ_ID, Kind.TEXTS),
            "entered": Wanted(self._moment(_header.ENTRY_DATE), Kind.TEXTS),
            "store": Wanted(_header.PRODUCT_STORE_ID, Kind.CODES, self.stores),
            "product": Wanted(_item.PRODUCT_ID, Kind.CODES, self.products),
            "units": Wanted(type_coerce(_item.AVAILABLE_TO_PROMISE, Integer), Kind.NUMBERS),
            "arrival": Wanted(
                self._moment(_item.ESTIMATED_DELIVERY_DATE), Kind.CODES, self.moments
            ),
            "version": Wanted(_item.ROW_VERSION, Kind.NUMBERS),
        }
        query = _joined(
            PURCHASE_ORDER,
            _header.STATUS_ID.in_(OPEN_ORDER_STATUSES),
            _item.STATUS_ID.in_(OPEN_ITEM_STATUSES),
            _item.AVAILABLE_TO_PROMISE > 0,
            _item.ESTIMATED_DELIVERY_DATE.is_not(None),
        )
        _, columns = read(self.connection, query, [*wanted.values()], {})
        found = dict(zip(wanted, columns, strict=True))
        found["arrival"] = self._as_we_write_them(found["arrival"])
        return found

    def _as_we_write_them(self, moments: Numbers) -> Numbers:
        """The same moments in the one form that becomes a promise."""
        if self.connection.dialect.name != "sqlite":
            return moments
        values = self.moments.values
        written = np.arange(len(values), dtype=np.int32)
        for code in np.unique(moments):
            text = values[code]
            if len(text) != len(_NO_MOMENT):
                written[code] = self.moments.code(as_stored(self.connection, as_moment(text)))
        return written[moments]

    def _moment(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """A column of moments as they are stored, all of one length."""
        found = stored(self.connection, column)
        if self.connection.dialect.name != "sqlite":
            return found
        return func.coalesce(found, _as_written(_NO_MOMENT), type_=String())


def _as_written(value: Any) -> Any:
    """A value that stands in the statement: by a bound one SQLite would choose another index."""
    return literal(value, literal_execute=True)


def _joined(order_type: str, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Orders with their ship groups, and of those the lines: a group is looked up once an order."""
    groups = in_this_order(order_header, ship_group, _group.ORDER_ID == _header.ORDER_ID)
    same = not_by_index(_item.SHIP_GROUP_SEQ_ID) == _group.SHIP_GROUP_SEQ_ID
    return (
        select()
        .select_from(in_this_order(groups, order_item, (_item.ORDER_ID == _group.ORDER_ID) & same))
        .where(_header.ORDER_TYPE_ID == order_type, *conditions)
    )


def _together(parts: Sequence[dict[str, Any]], wanted: dict[str, Wanted]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in wanted.items():
        if name == "ordered":
            continue
        empty = np.empty(0, np.str_ if one.kind is Kind.TEXTS else np.int32)
        found[name] = np.concatenate([part.pop(name) for part in parts] or [empty])
    return found


# --- Putting it together ------------------------------------------------------------------------


def _book(
    lines: dict[str, Any], found: dict[str, Any], reading: _Reading, clock: Clock
) -> WholeBook:
    rank, moments = reading.moments.ranks()
    nothing = len(moments) - 1
    stores = len(reading.stores.values)
    of_line = lines.pop("product").astype(np.int64) * stores + lines.pop("store")
    of_supply = found["product"].astype(np.int64) * stores + found["store"]
    keys, group = np.unique(of_line, return_inverse=True)
    at = np.minimum(np.searchsorted(keys, of_supply), max(len(keys) - 1, 0))
    asked_for = keys[at] == of_supply if len(keys) else np.zeros(len(of_supply), bool)
    arrival = rank[found["arrival"]]
    today = as_stored(reading.connection, clock.start_of(clock.today()))
    late = np.array([moment is not None and moment < today for moment in moments])[arrival]
    passed_over = found["units"][asked_for & late]
    keep = np.flatnonzero(asked_for & ~late)
    order = np.lexsort(
        (
            found["item"][keep],
            found["order_id"][keep],
            found["entered"][keep],
            arrival[keep],
            at[keep],
        )
    )
    chosen = keep[order]
    book = WholeBook(
        order_id=lines["order_id"],
        item=lines["item"],
        units=lines["units"],
        promised=rank[lines["promised"]],
        priority=lines["priority"],
        version=lines["version"],
        order_version=lines["order_version"],
        group=group.astype(np.int32),
        moments=moments,
        groups=len(keys),
        priorities=reading.priorities.values,
        supplies=Supplies(
            order_id=found["order_id"][chosen],
            item=found["item"][chosen],
            units=found["units"][chosen],
            arrival=arrival[chosen],
            version=found["version"][chosen],
            group=at[chosen].astype(np.int32),
        ),
        late_units=int(passed_over.sum()),
        late_lines=len(passed_over),
    )
    arrives = rank[lines["arrival"]]
    for number in np.flatnonzero(arrives != nothing).tolist():
        order_id = reading.orders.values[lines["arrives_with"][number]]
        book.staying[number] = (moments[arrives[number]], order_id or "")
    return book


def _read_kept(connection: Connection, book: WholeBook) -> None:
    """What partly allocated lines have from supply that may give them more."""
    if not book.staying:
        return
    numbers = {book.line(number): number for number in book.staying}
    found = links_of_sales(connection, numbers)
    wanted = {to for links in found.values() for to in links}
    if not wanted:
        return
    supplies = book.supplies
    orders = np.array(sorted({line.order_id for line in wanted}))
    near = np.flatnonzero(np.isin(supplies.order_id, orders)).tolist()
    supply_at = {supplies.line(number): number for number in near}
    for line, links in found.items():
        for to, units in links.items():
            if to in supply_at:
                book.kept[numbers[line], supply_at[to]] = units
