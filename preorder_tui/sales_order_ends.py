"""The first and the last order that the filters of Find Sales Order can find, on SQLite.

Orders are numbered as they come. So what is asked for often lies between two ids with few others:
nothing of last week is behind the newest order of last week, and nothing newer is overdue yet. A
walk (:mod:`preorder_tui.sales_order_walks`) need not look at an order outside, or it begins and
ends there. The ids are exact: an order that comes with any number of its own is between them too.
"""

# ruff: noqa: S608  (statements over constant names, never over data)
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, text

from data.sqlite_indexes import IS_SALE
from preorder_tui.sales_order_filters import Shape
from preorder_tui.sales_order_lookups import (
    EARLIEST,
    IS_SOLD,
    OF_HEADER,
    OF_ORDER,
    OWN,
    Lookups,
    lists_in,
    stored,
)

Between = tuple[str, str]
"""The ids of a first and of a last order."""

NOTHING: Between = ("\U0010ffff", "")
MOST_ORDERS = 100_000
_MOST_DATES = 1_000
_TIMES_MORE = 2  # orders of the days asked for, where the walk is along the orders
_MOST_OTHERS = 2_000  # purchase orders that are passed on the way to a sales order
_LATEST = "9999-12-31 99"
_SALES = f'"ORDER_HEADER" h INDEXED BY "ORDER_HEADER_FILTERS_IX" WHERE h.{IS_SALE}'
_BY_DATE = f'"ORDER_HEADER" h INDEXED BY "ORDER_HEADER_DATE_IX" WHERE h.{IS_SALE}'


@dataclass(frozen=True)
class Ends:
    """The ends of the orders that a query may find; each is read when it is asked for."""

    connection: Connection
    shape: Shape
    values: Mapping[str, Any]
    looks: Lookups

    @cached_property
    def of_lines(self) -> Between:
        """By what is asked of their lines."""
        sql = f'SELECT (SELECT min(h."ORDER_ID") FROM {_SALES}),'
        sql += f' (SELECT max(h."ORDER_ID") FROM {_SALES})'
        first, last = self.connection.execute(text(sql)).one()
        if first is None:
            return NOTHING
        found: Between = (first, last)
        for some in (*self._by_dates(), *self._by_stretches(found)):
            found = _in_both(found, some)
        return found

    @cached_property
    def of_few_days(self) -> Between | None:
        """And by their own days; None: no days are asked for, or the orders of these are many."""
        if not self._days or self._after_most is not None:
            return None
        return _in_both(self.of_lines, self._by_days)

    @cached_property
    def of_days(self) -> Between:
        """And by their own days where that is sooner than to walk to them."""
        if not self._days:
            return self.of_lines
        if self._after_most is not None:
            # How many more there are, as if no day had more than another.
            ends = [self._end_by_date("ASC"), self._end_by_date("DESC")]
            first, most, last = (
                datetime.fromisoformat(each).timestamp()
                for each in (ends[0][0], self._after_most, ends[1][0])
            )
            if last - most > _TIMES_MORE * (most - first):
                return self.of_lines
        return _in_both(self.of_lines, self._by_days)

    @property
    def _days(self) -> list[str]:
        names = ("ordered_from", "ordered_to")
        return [OF_HEADER[name] for name in names if name in self.shape.header]

    @cached_property
    def _given(self) -> dict[str, Any]:
        return {name: stored(value) for name, value in self.values.items()}

    @cached_property
    def _after_most(self) -> str | None:
        # The date of the first order that is one too many.
        sql = f'SELECT h."ORDER_DATE" FROM {self._ordered()} LIMIT 1 OFFSET {MOST_ORDERS}'
        found: str | None = self.connection.execute(text(sql), self._given).scalar()
        return found

    def _ordered(self) -> str:
        return " AND ".join([_BY_DATE, *self._days])

    def _end_by_date(self, way: str) -> tuple[str, str]:
        sql = f'SELECT h."ORDER_DATE", h."ORDER_ID" FROM {self._ordered()}'
        sql += f' ORDER BY h."ORDER_DATE" {way}, h."ORDER_ID" {way} LIMIT 1'
        row = self.connection.execute(text(sql), self._given).first()
        return (row[0], row[1]) if row is not None else ("", "")

    @cached_property
    def _by_days(self) -> Between:
        # Nearly all lie between the first and the last by date: to find the others is less work
        # than to find the first and the last of all.
        ids = [self._end_by_date(way)[1] for way in ("ASC", "DESC")]
        first, last = min(ids), max(ids)
        sql = f'SELECT min(h."ORDER_ID"), max(h."ORDER_ID") FROM {self._ordered()}'
        sql += ' AND h."ORDER_ID" NOT BETWEEN :first_order AND :last_order'
        given = {**self._given, "first_order": first, "last_order": last}
        low, high = self.connection.execute(text(sql), given).one()
        return (first, last) if low is None else (min(first, low), max(last, high))

    def _by_dates(self) -> Iterator[Between]:
        for column, index, name in OWN.values():
            start, end = f"{name}_from", f"{name}_to"
            low = self._given[start] if start in self.shape.line else EARLIEST
            high = self._given[end] if end in self.shape.line else _LATEST
            if name == "promised" and "overdue" in self.shape.line:
                high = min(high, self._given["start_of_today"])
            if (low, high) != (EARLIEST, _LATEST):
                yield from self._of_dates(column, index, low, high)

    def _of_dates(self, column: str, index: str, low: str, high: str) -> Iterator[Between]:
        # The dates of lines are ends of days: there are few, and each is a stretch by order.
        lines = f'"ORDER_ITEM" i INDEXED BY "{index}" WHERE i."{column}"'
        following = f'SELECT min(i."{column}") FROM {lines}'
        sql = (
            f"WITH RECURSIVE days(day) AS ({following} >= :low UNION ALL"
            f" SELECT ({following} > days.day) FROM days WHERE days.day < :high"
            f" LIMIT {_MOST_DATES})"
            f' SELECT count(*), min((SELECT min(i."ORDER_ID") FROM {lines} = day)),'
            f' max((SELECT max(i."ORDER_ID") FROM {lines} = day)) FROM days WHERE day < :high'
        )
        given = {"low": low, "high": high}
        number, first, last = self.connection.execute(text(sql), given).one()
        if number < _MOST_DATES:
            yield (first, last) if number else NOTHING

    def _by_stretches(self, sales: Between) -> Iterator[Between]:
        values = {**self._given, "first_order": sales[0], "last_order": sales[1]}
        for name in self.looks.one_value:
            table, index, condition = OF_ORDER[name]
            some = (
                f'SELECT g."ORDER_ID" AS "ORDER_ID" FROM "{table}" g INDEXED BY "{index}"'
                f' WHERE {condition} AND g."ORDER_ID" BETWEEN :first_order AND :last_order'
            )
            for way in ("ASC", "DESC"):
                sql = (
                    f'SELECT s."ORDER_ID" FROM'
                    f' ({some} ORDER BY g."ORDER_ID" {way} LIMIT {_MOST_OTHERS}) s WHERE '
                )
                sql += IS_SOLD.format('s."ORDER_ID"') + " LIMIT 1"
                end = self.connection.execute(text(sql).bindparams(*lists_in(sql)), values).scalar()
                if end is not None:
                    yield (end, sales[1]) if way == "ASC" else (sales[0], end)


def _in_both(some: Between, others: Between) -> Between:
    return max(some[0], others[0]), min(some[1], others[1])
