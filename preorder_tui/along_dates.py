"""The orders that a search finds, read along their dates and no further than a page goes.

The keys of the index of pieces of text (:mod:`data.search_index`) say where an order stands among
the others, without reading it. So of many orders that may be on a page only those are read that the
page comes to, and of these only those that have what else is asked for, as far as that can be
looked up.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, TextClause, bindparam

from data.search_index import KEYS_PER_BUCKET, ORDERS
from preorder_tui import text_index
from preorder_tui.paging import Statement, execute_straight
from preorder_tui.query_hints import as_list
from preorder_tui.records import Key
from preorder_tui.sales_order_ends import Ends
from preorder_tui.sales_order_filters import Shape
from preorder_tui.sales_order_lookups import Lookups, statement, stored

_FIRST_SLICE = 5  # more than the rows that are wanted


class AlongDates:
    """Runs a statement over some orders, slice by slice, for :func:`preorder_tui.paging.fetch`."""

    def __init__(
        self,
        connection: Connection,
        shape: Shape,
        values: Mapping[str, Any],
        looks: Lookups,
    ) -> None:
        """Read the orders with some words.

        Args:
            connection: in a read transaction; no order waits for the index.
            shape: what the query asks for.
            values: the values of its statements, and ``key_text``, the expression of
                :mod:`preorder_tui.text_index` that finds the orders; without it there are none.
            looks: what else can be looked up.
        """
        self._connection = connection
        self._looks = looks
        self._given = {name: stored(value) for name, value in values.items()}
        if looks:
            first, last = Ends(connection, shape, values, looks).of_lines
            self._given |= {"first_order": first, "last_order": last}
        self._came_from: str | None = None

    def __call__(
        self,
        _: int,
        statement: Statement,
        values: Mapping[str, Any],
        backwards: bool,
        bounded: bool,
    ) -> list[tuple[Key, Any]]:
        """The rows of a statement of the list by order date; its other way round is upwards."""
        wanted = values["page_size"]
        if bounded and wanted == 1 and self._came_from is not None:
            # Whether anything is behind the page: normally the row that it was asked for from.
            given = {**values, "orders": as_list([self._came_from])}
            if rows := execute_straight(self._connection, statement, given):
                return rows
        start = text_index.bucket(values["key_0"]) if bounded else None
        self._came_from = values["key_1"] if bounded else None
        rows = []
        times, done = 1, "key_text" not in self._given
        while not done and len(rows) < wanted:
            size = times * (wanted - len(rows)) + _FIRST_SLICE
            places = self._read(start, size, ascending=backwards)
            done = len(places) < size
            if not done:
                # The last bucket may go on: its orders come whole, in the next slice.
                start = places[-1][0]
                places = [place for place in places if place[0] != start]
            times *= 4
            if places:
                given = {"orders": as_list(order for _, order in places)}
                left = {"page_size": wanted - len(rows)}
                rows += execute_straight(self._connection, statement, {**values, **given, **left})
        return rows

    def _read(self, start: int | None, size: int, *, ascending: bool) -> list[tuple[int, str]]:
        """The buckets and the ids of at most so many orders, from the bucket ``start`` on."""
        given = dict(self._given)
        if start is not None:
            given["from_key"] = (start + (not ascending)) * KEYS_PER_BUCKET
        found = self._connection.execute(
            _along(self._looks, start is not None, ascending), {**given, "most": size}
        )
        return [(key // KEYS_PER_BUCKET, order_id) for key, order_id in found]


@lru_cache(maxsize=256)
def _along(looks: Lookups, bounded: bool, ascending: bool) -> TextClause:
    sign, way = (">=", "ASC") if ascending else ("<", "DESC")
    where = [f'f."{ORDERS.text}" MATCH :key_text']
    if bounded:
        where.append(f"f.rowid {sign} :from_key")
    if looks:
        where.append('k."ORDER_ID" BETWEEN :first_order AND :last_order')
        where += looks.conditions('k."ORDER_ID"')
    return statement(
        f'SELECT f.rowid, k."ORDER_ID" FROM "{ORDERS.text}" f CROSS JOIN "{ORDERS.keys}" k'
        f' ON k."SEARCH_KEY" = f.rowid WHERE {" AND ".join(where)}'
        f" ORDER BY f.rowid {way} LIMIT :most",
        bindparam("most", type_=Integer, literal_execute=True),
    )
