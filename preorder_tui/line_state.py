"""Order lines as plans see them: the numbers that rules need, read in a few set-wise queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, and_, join, literal_column, select, tuple_

from data.tables import order_header, order_item, order_item_assoc, order_item_ship_group
from preorder_tui import marks
from preorder_tui.by_keys import CHUNK, ByKeys
from preorder_tui.errors import Refused, UnknownId
from preorder_tui.lines import LineId
from preorder_tui.query_hints import not_by_index
from preorder_tui.sales_line_rules import in_ship_group
from preorder_tui.sales_line_standing import why_not_waiting
from preorder_tui.words import PURCHASE_ORDER, SALES_ORDER

Item = TypeVar("Item")
FAR_FUTURE = datetime(9999, 12, 31)  # noqa: DTZ001  (as stored: UTC without zone)


class SalesState(NamedTuple):
    """A sales order line."""

    line: LineId
    product_id: str
    quantity: int
    cancelled: int
    allocated: int
    status_id: str
    order_status_id: str
    order_date: datetime
    product_store_id: str
    facility_id: str
    promised: datetime | None
    arrival: datetime | None
    version: int
    order_version: int

    @property
    def open_units(self) -> int:
        """Units that may still be allocated (R-07)."""
        return marks.open_quantity(
            self.quantity,
            self.cancelled,
            self.allocated,
            order_status_id=self.order_status_id,
            item_status_id=self.status_id,
            facility_id=self.facility_id,
        )

    @property
    def waiting(self) -> bool:
        """Whether it waits in a presell queue (R-04, R-08)."""
        return marks.waits(self.order_status_id, self.status_id, self.facility_id)

    @property
    def fifo_key(self) -> tuple[datetime, str, str]:
        """Its place in the demand order (R-21)."""
        return (self.order_date, *self.line)


class PurchaseState(NamedTuple):
    """A purchase order line."""

    line: LineId
    external_id: str | None
    product_id: str
    quantity: int
    cancelled: int
    allocated: int
    received: int
    ceiling: int | None
    atp: int
    status_id: str
    order_status_id: str
    entry_date: datetime
    product_store_id: str
    facility_id: str
    arrival: datetime | None
    version: int
    order_version: int

    @property
    def ordered(self) -> int:
        """Units that the supplier is to deliver: quantity - cancelled."""
        return self.quantity - self.cancelled

    @property
    def name(self) -> str:
        """How people call it: the external id of its order, and the item."""
        return f"{self.external_id or self.line.order_id}/{self.line.order_item_seq_id}"

    @property
    def supply_key(self) -> tuple[datetime, datetime, str, str]:
        """Its place in the supply order (R-21)."""
        return (self.arrival or FAR_FUTURE, self.entry_date, *self.line)


_item = order_item.c
_header = order_header.c
_assoc = order_item_assoc.c

SALES_COLUMNS = (
    _item.ORDER_ID,
    _item.ORDER_ITEM_SEQ_ID,
    _item.PRODUCT_ID,
    _item.QUANTITY,
    _item.CANCEL_QUANTITY,
    _item.ALLOCATED_QUANTITY,
    _item.STATUS_ID,
    _header.STATUS_ID,
    _header.ORDER_DATE,
    _header.PRODUCT_STORE_ID,
    order_item_ship_group.c.FACILITY_ID,
    _item.PROMISED_DATETIME,
    _item.ESTIMATED_DELIVERY_DATE,
    _item.ROW_VERSION,
    _header.ROW_VERSION,
)
"""What a :class:`SalesState` is read from, in its order; see :func:`sales_state`."""


def _of_type(order_type: str) -> ColumnElement[bool]:
    """The condition that an order is of one type, which is part of the statement's text.

    SQLite has an index of purchase orders alone. Where the type is a value, it plans the statement
    anew each time it is run, because the value decides whether that index will do: ten times what
    reading a line takes.
    """
    # Half of all orders, or nearly all, are of a type: never start from there.
    return not_by_index(_header.ORDER_TYPE_ID) == literal_column(f"'{order_type}'")


SALES_FROM = join(order_item, order_header, _header.ORDER_ID == _item.ORDER_ID).join(
    order_item_ship_group, in_ship_group(order_item)
)
"""The line, its order and its ship group."""

_SALES: Select[*tuple[Any, ...]] = (
    select(*SALES_COLUMNS).select_from(SALES_FROM).where(_of_type(SALES_ORDER))
)

_PURCHASE_COLUMNS = (
    _item.ORDER_ID,
    _item.ORDER_ITEM_SEQ_ID,
    _header.EXTERNAL_ID,
    _item.PRODUCT_ID,
    _item.QUANTITY,
    _item.CANCEL_QUANTITY,
    _item.ALLOCATED_QUANTITY,
    _item.RECEIVED_QUANTITY,
    _item.ATP_CEILING,
    _item.AVAILABLE_TO_PROMISE,
    _item.STATUS_ID,
    _header.STATUS_ID,
    _header.ENTRY_DATE,
    _header.PRODUCT_STORE_ID,
    order_item_ship_group.c.FACILITY_ID,
    _item.ESTIMATED_DELIVERY_DATE,
    _item.ROW_VERSION,
    _header.ROW_VERSION,
)
_PURCHASE: Select[*tuple[Any, ...]] = (
    select(*_PURCHASE_COLUMNS).select_from(SALES_FROM).where(_of_type(PURCHASE_ORDER))
)

_SALES_OF = ByKeys(_SALES, _item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)
_PURCHASE_OF = ByKeys(_PURCHASE, _item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID)
_LINKS = select(
    _assoc.ORDER_ID,
    _assoc.ORDER_ITEM_SEQ_ID,
    _assoc.TO_ORDER_ID,
    _assoc.TO_ORDER_ITEM_SEQ_ID,
    _assoc.QUANTITY,
)
_LINKS_OF_SALES = ByKeys(_LINKS, _assoc.ORDER_ID, _assoc.ORDER_ITEM_SEQ_ID)
_LINKS_OF_PURCHASE = ByKeys(_LINKS, _assoc.TO_ORDER_ID, _assoc.TO_ORDER_ITEM_SEQ_ID)
_SUPPLIED = ByKeys(
    select(
        _assoc.ORDER_ID,
        _assoc.ORDER_ITEM_SEQ_ID,
        _assoc.QUANTITY,
        _assoc.PINNED,
        *_PURCHASE_COLUMNS,
    )
    .select_from(
        order_item_assoc.join(
            SALES_FROM,
            and_(
                _item.ORDER_ID == _assoc.TO_ORDER_ID,
                _item.ORDER_ITEM_SEQ_ID == _assoc.TO_ORDER_ITEM_SEQ_ID,
            ),
        )
    )
    .where(_of_type(PURCHASE_ORDER)),
    _assoc.ORDER_ID,
    _assoc.ORDER_ITEM_SEQ_ID,
)


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """``items`` in lists of at most ``size``."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def keys_in(
    order: ColumnElement[str], item: ColumnElement[str], keys: Iterable[tuple[str, str]]
) -> ColumnElement[bool]:
    """The condition that a pair of columns is one of ``keys``.

    SQLite scans the whole table for a list of pairs alone; the list of orders beside it is what
    the index is used for (measured: 37 ms against 1 ms for 400 of 240,000 lines).
    """
    pairs = [tuple(key) for key in keys]
    return and_(
        order.in_(list(dict.fromkeys(pair[0] for pair in pairs))), tuple_(order, item).in_(pairs)
    )


def key_in(lines: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """The condition that an ORDER_ITEM row is one of ``lines``."""
    return keys_in(_item.ORDER_ID, _item.ORDER_ITEM_SEQ_ID, lines)


def sales_state(row: Sequence[Any]) -> SalesState:
    """The line of a row of :data:`SALES_COLUMNS`."""
    return SalesState(LineId(row[0], row[1]), *row[2:])


def sales_where(connection: Connection, *conditions: ColumnElement[bool]) -> list[SalesState]:
    """Sales order lines that meet conditions over ORDER_ITEM, ORDER_HEADER and ship group."""
    return [sales_state(row) for row in connection.execute(_SALES.where(*conditions))]


def purchase_where(
    connection: Connection,
    *conditions: ColumnElement[bool],
    parameters: Mapping[str, Any] | None = None,
) -> list[PurchaseState]:
    """Purchase order lines that meet conditions over ORDER_ITEM, ORDER_HEADER and ship group."""
    found = connection.execute(_PURCHASE.where(*conditions), parameters or {})
    known: dict[Any, Any] = {}
    # Equal values are one object: a book has 200,000 such lines.
    same: Callable[[Any, Any], Any] = known.setdefault
    return [
        PurchaseState(LineId(order_id, item), *rest)
        for order_id, item, *rest in (map(same, row, row) for row in found)
    ]


def supply_of(product_id: str) -> tuple[ColumnElement[bool], ...]:
    """The conditions for the purchase order lines of a product.

    That they are such is said twice, of the line too: SQLite has an index of these alone. Of a
    popular product it would read every sales order line otherwise.
    """
    return (_item.PRODUCT_ID == product_id, _item.RECEIVED_QUANTITY.is_not(None))


def sales_lines(connection: Connection, lines: Iterable[LineId]) -> dict[LineId, SalesState]:
    """The sales order lines of those keys that exist."""
    return {state.line: state for state in map(sales_state, _SALES_OF.rows(connection, lines))}


def purchase_lines(connection: Connection, lines: Iterable[LineId]) -> dict[LineId, PurchaseState]:
    """The purchase order lines of those keys that exist."""
    return {
        line: PurchaseState(line, *rest)
        for order_id, item, *rest in _PURCHASE_OF.rows(connection, lines)
        if (line := LineId(order_id, item))
    }


def sales_line(connection: Connection, line: LineId) -> SalesState:
    """One sales order line.

    Raises:
        UnknownId: there is no such line.
        Refused: it is a line of a purchase order.
    """
    found = sales_lines(connection, [line]).get(line)
    if found is None:
        _refuse_other_type(connection, line, "sales")
        raise UnknownId(f"there is no sales order line {line}: see the order's items with show")
    return found


def purchase_line(connection: Connection, line: LineId) -> PurchaseState:
    """One purchase order line.

    Raises:
        UnknownId: there is no such line.
        Refused: it is a line of a sales order.
    """
    found = purchase_lines(connection, [line]).get(line)
    if found is None:
        _refuse_other_type(connection, line, "purchase")
        raise UnknownId(f"there is no purchase order line {line}: see the order's items with show")
    return found


def _refuse_other_type(connection: Connection, line: LineId, wanted: str) -> None:
    if connection.execute(select(_item.ORDER_ID).where(key_in([line]))).first() is not None:
        other = "purchase" if wanted == "sales" else "sales"
        raise Refused(f"{line} is a line of a {other} order; a {wanted} order line is needed here")


Links = dict[LineId, dict[LineId, int]]
"""Units by sales order line and purchase order line."""


def links_of_sales(connection: Connection, lines: Iterable[LineId]) -> Links:
    """The allocations of sales order lines."""
    return _links(_LINKS_OF_SALES.rows(connection, lines))


def links_of_purchase(connection: Connection, lines: Iterable[LineId]) -> Links:
    """The allocations to purchase order lines (of these lines only)."""
    return _links(_LINKS_OF_PURCHASE.rows(connection, lines))


def _links(rows: Iterable[Sequence[Any]]) -> Links:
    links: Links = {}
    for order_id, item, to_order_id, to_item, quantity in rows:
        links.setdefault(LineId(order_id, item), {})[LineId(to_order_id, to_item)] = quantity
    return links


class Supplied(NamedTuple):
    """An allocation with the purchase order line that it comes from."""

    line: LineId
    units: int
    pinned: str
    purchase: PurchaseState


def supply_of_sales(connection: Connection, lines: Iterable[LineId]) -> list[Supplied]:
    """The allocations of a few sales order lines, all that is to know about them at once."""
    return [
        Supplied(
            LineId(order_id, item),
            units,
            pinned,
            PurchaseState(LineId(to_order_id, to_item), *rest),
        )
        for order_id, item, units, pinned, to_order_id, to_item, *rest in _SUPPLIED.rows(
            connection, lines
        )
    ]


def require_waiting(state: SalesState) -> None:
    """Refuse a sales order line that may not be allocated.

    Raises:
        Refused: with the reason.
    """
    reason = why_not_waiting(state)
    if reason is not None:
        raise Refused(f"{state.line} cannot be allocated: {reason}")
