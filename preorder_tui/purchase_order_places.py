"""Where the lines that a query of Find Purchase Orders finds stand in its list, on SQLite.

One index holds all that the filters ask of a purchase order line, and there are a tenth as many of
these as of sales order lines. So where no walk is short, all of that index is read, and the page
sorted out of it: for :mod:`preorder_tui.along_keys`.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, TextClause, bindparam, text

from data.order_tables import AVAILABLE_TO_PROMISE_SQL
from data.sqlite_indexes import IS_PURCHASE, UNUSUAL_STATUS
from data.types import sqlite_moment
from preorder_tui.along_keys import Gathered, Place
from preorder_tui.marks import CLOSED_ITEM_STATUSES
from preorder_tui.purchase_order_filters import Shape
from preorder_tui.records import PurchaseSort

_ORDERS = f'SELECT h."ORDER_ID" FROM "ORDER_HEADER" h WHERE {IS_PURCHASE}'
_CLOSED = ", ".join(f"'{status}'" for status in sorted(CLOSED_ITEM_STATUSES))
_CONDITIONS = {
    "statuses": f'i."ORDER_ID" IN ({_ORDERS} AND h."STATUS_ID" IN :statuses)',
    "item_statuses": 'i."STATUS_ID" IN :item_statuses',
    "facility_id": f'i."ORDER_ID" IN ({_ORDERS} AND EXISTS (SELECT 1'
    ' FROM "ORDER_ITEM_SHIP_GROUP" g INDEXED BY "ORDER_ITEM_SHIP_GROUP_FACILITY_IX"'
    ' WHERE g."ORDER_ID" = h."ORDER_ID" AND g."FACILITY_ID" = :facility_id))',
    "arrival_from": 'i."ESTIMATED_DELIVERY_DATE" >= :arrival_from',
    "arrival_to": 'i."ESTIMATED_DELIVERY_DATE" < :arrival_to',
    "late": 'i."ESTIMATED_DELIVERY_DATE" < :start_of_today'
    f' AND i."STATUS_ID" NOT IN ({_CLOSED})'
    ' AND i."RECEIVED_QUANTITY" < i."QUANTITY" - i."CANCEL_QUANTITY"',
    # More than is left may be said here: the statement looks again.
    "has_atp": f'i."STATUS_ID" NOT IN ({_CLOSED})'
    ' AND i."ALLOCATED_QUANTITY" < i."QUANTITY" - i."CANCEL_QUANTITY"',
}
_KEYS: dict[PurchaseSort, tuple[str, ...]] = {
    "estimatedDeliveryDate": ('i."ESTIMATED_DELIVERY_DATE"',),
    "orderId": (),
    "availableToPromise": (f"-CAST(({AVAILABLE_TO_PROMISE_SQL}) AS INTEGER)",),
    "productId": (
        '(SELECT p."INTERNAL_NAME" FROM "PRODUCT" p WHERE p."PRODUCT_ID" = i."PRODUCT_ID")',
    ),
}
_LISTS = ("statuses", "item_statuses")


def places_of(
    connection: Connection, shape: Shape, values: Mapping[str, Any], sort: PurchaseSort
) -> Gathered | None:
    """The places of the lines; None where that is no way.

    Nothing is known here of searches and open groups. What is out of sync the statement says.
    """
    if shape.words or shape.group:
        return None
    unusual = bool(values.get("item_statuses")) and "ITEM_APPROVED" not in values["item_statuses"]
    given = {name: _stored(value) for name, value in values.items()}
    dated = sort == "estimatedDeliveryDate"
    width = len(_KEYS[sort]) + 2

    def first(
        segment: int, start: Place | None, size: int, inclusive: bool, ascending: bool
    ) -> list[tuple[Place, str]]:
        statement = _statement(shape, sort, segment, unusual, start is not None, ascending)
        bounds = {f"place_{n}": part for n, part in enumerate(start or ())}
        return _rows(connection, statement, {**given, **bounds, "most": size})

    def every() -> tuple[list[tuple[Place, str]], ...]:
        return tuple(
            _rows(
                connection,
                _statement(shape, sort, segment, unusual, bounded=False, ascending=True),
                {**given, "most": -1},
            )
            for segment in range(2 if dated else 1)
        )

    kind = _ByUnits if sort == "availableToPromise" else Gathered
    return kind((width, 2) if dated else (width,), first, every, _order_of)


class _ByUnits(Gathered):
    """Places of a list by what is left of its lines, the most first."""

    def place_of(self, key: Iterable[Any]) -> Place:
        """The place of a row's first sort keys."""
        units, *line = key
        return -units, *line


def _rows(
    connection: Connection, statement: TextClause, values: Mapping[str, Any]
) -> list[tuple[Place, str]]:
    # As the driver gives them: places are what SQLite has stored, and there may be many.
    cursor: Any = connection.execute(statement, values).cursor
    return [(row, _order_of(row)) for row in cursor.fetchall()]


def _order_of(place: Place) -> str:
    return place[-2]


def _stored(value: Any) -> Any:
    return sqlite_moment(value) if isinstance(value, datetime) else value


@lru_cache(maxsize=256)
def _statement(
    shape: Shape, sort: PurchaseSort, segment: int, unusual: bool, bounded: bool, ascending: bool
) -> TextClause:
    lead = _KEYS[sort] if segment == 0 else ()
    keys = (*lead, 'i."ORDER_ID"', 'i."ORDER_ITEM_SEQ_ID"')
    conditions = [_CONDITIONS[name] for name in shape.filters if name in _CONDITIONS]
    if sort == "estimatedDeliveryDate":
        conditions.append(f"{_KEYS[sort][0]} IS {'NOT ' if segment == 0 else ''}NULL")
    if bounded:
        bounds = ", ".join(f":place_{n}" for n in range(len(keys)))
        conditions.append(f"({', '.join(keys)}) {'>' if ascending else '<'}= ({bounds})")
    way = "ASC" if ascending else "DESC"
    where = " AND ".join(['i."RECEIVED_QUANTITY" IS NOT NULL', *conditions])
    order = ", ".join(f"{n + 1} {way}" for n in range(len(keys)))
    index = "ORDER_ITEM_PURCHASE_IX"
    if unusual:
        index = "ORDER_ITEM_PURCHASE_STATUS_IX"
        where += f" AND i.{UNUSUAL_STATUS}"
    sql = (
        f'SELECT {", ".join(keys)} FROM "ORDER_ITEM" i INDEXED BY "{index}"'
        f" WHERE {where} ORDER BY {order} LIMIT :most"
    )
    several: list[Any] = [bindparam(name, expanding=True) for name in _LISTS if f":{name}" in sql]
    return text(sql).bindparams(*several, bindparam("most", type_=Integer, literal_execute=True))
