"""The desk's first page on SQLite, read before SQLAlchemy is there.

Importing SQLAlchemy takes as long as all else until the desk shows its orders. So the page that
every desk begins with, Find Sales Order without filters, is read by SQLite's driver alone. Its
statements are those of the usual way (:mod:`preorder_tui.find_sales_orders`) as SQLAlchemy writes
them, kept in :mod:`preorder_tui.first_page_sql`; a test holds them against each other. Its records
are made by the same functions.

Nothing rests on this page: the desk reads it again once its database is open. Where anything is not
as it should be there is none, and opening the database says what is wrong.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from data.plain_sqlite import PlainReader, file_of, read_plainly
from data.schema_version import HEAD
from preorder_tui import first_page_sql as sql
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock, zone_named
from preorder_tui.errors import DeskError
from preorder_tui.permissions import Permission, grants_of
from preorder_tui.records import Page, SalesOrderRow
from preorder_tui.sales_order_tally import order_records, tallied
from preorder_tui.text import clean


def first_page(url: str, actor: Actor, size: int) -> Page[SalesOrderRow] | None:
    """The newest sales orders, where they can be had at once and this person may see them."""
    path = file_of(url)
    if path is None or not path.exists():
        return None
    try:
        with read_plainly(path) as reader:
            if reader.rows(sql.VERSION) != [(HEAD,)] or not _may_view(reader, actor):
                return None
            zone = reader.rows(sql.TIME_ZONE)
            clock = Clock.from_environment(zone_named(zone[0][0] or "UTC" if zone else "UTC"))
            return _page(reader, clock, size)
    except (sqlite3.Error, DeskError, ValueError):
        return None


def _may_view(reader: PlainReader, actor: Actor) -> bool:
    rows = reader.rows(sql.GRANTS, login=actor.person)
    return grants_of(actor.person, actor.user, rows).refusal(Permission.VIEW) is None


def _page(reader: PlainReader, clock: Clock, size: int) -> Page[SalesOrderRow]:
    found = reader.rows(sql.ORDERS, page_size=size + 1)
    headers = [(*row[:3], _moment(row[3]), *row[4:7]) for row in found[:size]]
    orders = [header[0] for header in headers]
    lines = (
        (order_id, *map(int, numbers), status_id, facility_id, _moment(promised), _moment(arrival))
        for order_id, *numbers, status_id, facility_id, promised, arrival in reader.rows(
            sql.LINES, orders=orders
        )
    )
    tallies = tallied(clock, headers, lines)
    supplied = [order_id for order_id, tally in tallies.items() if tally.allocated]
    names = {order_id: clean(name) for order_id, name in reader.rows(sql.CUSTOMERS, orders=orders)}
    pinned = {order_id for order_id, _ in reader.rows(sql.PINNED, orders=supplied)}
    return Page(
        order_records(clock, headers, tallies, names, pinned),
        tuple((0, header[3], header[0]) for header in headers),
        at_start=True,
        at_end=len(found) <= size,
    )


def _moment(stored: str | None) -> Any:
    return None if stored is None else datetime.fromisoformat(stored)
