"""What the journal tells of some days: promise dates that changed, lines that were released.

Several changes of one promise in the window are one: from the first "from" to the last "to". A
promise that came back to where it was is not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, bindparam, func, select

from data.tables import change_set, order_header, order_item, order_item_change
from preorder_tui import journal
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.report_catalogue import Bar, Chart, ReportRow, Window
from preorder_tui.report_rows import Maker, Names, days_between, streamed
from preorder_tui.site_days import first_moment, moment_after
from preorder_tui.text import clean_or_empty
from preorder_tui.words import PRESELL_PARKINGS, SALES_ORDER

_change = order_item_change.c
_first = order_item_change.alias("first_change")
_last = order_item_change.alias("last_change")

_OF_THESE_DAYS = (
    change_set.c.CHANGE_DATETIME >= bindparam("first", type_=DateTime),
    change_set.c.CHANGE_DATETIME < bindparam("behind", type_=DateTime),
)
_collapsed = (
    select(
        func.min(_change.ORDER_ITEM_CHANGE_ID).label("first_id"),
        func.max(_change.ORDER_ITEM_CHANGE_ID).label("last_id"),
    )
    .join_from(change_set, order_item_change, _change.CHANGE_SET_ID == change_set.c.CHANGE_SET_ID)
    .where(*_OF_THESE_DAYS, _change.FIELD == "promisedDatetime")
    .group_by(_change.ORDER_ID, _change.ORDER_ITEM_SEQ_ID)
    .subquery()
)
_PROMISES = (
    select(
        _first.c.ORDER_ID,
        _first.c.ORDER_ITEM_SEQ_ID,
        _first.c.OLD_VALUE,
        _last.c.NEW_VALUE,
        order_item.c.PRODUCT_ID,
        order_item.c.CORRESPONDING_PO_ID,
    )
    .select_from(_collapsed)
    .join(_first, _first.c.ORDER_ITEM_CHANGE_ID == _collapsed.c.first_id)
    .join(_last, _last.c.ORDER_ITEM_CHANGE_ID == _collapsed.c.last_id)
    .join(
        order_item,
        (order_item.c.ORDER_ID == _first.c.ORDER_ID)
        & (order_item.c.ORDER_ITEM_SEQ_ID == _first.c.ORDER_ITEM_SEQ_ID),
    )
    .join(order_header, order_header.c.ORDER_ID == _first.c.ORDER_ID)
    .where(
        order_header.c.ORDER_TYPE_ID == SALES_ORDER,
        func.coalesce(_first.c.OLD_VALUE, "") != func.coalesce(_last.c.NEW_VALUE, ""),
    )
    .order_by(_collapsed.c.last_id.desc())
)
_RELEASED = (
    select(
        _change.ORDER_ID,
        _change.ORDER_ITEM_SEQ_ID,
        _change.OLD_VALUE,
        _change.NEW_VALUE,
        change_set.c.CHANGE_DATETIME,
        change_set.c.ORIGIN,
        order_item.c.PRODUCT_ID,
        order_item.c.QUANTITY,
        order_item.c.CANCEL_QUANTITY,
    )
    .join_from(change_set, order_item_change, _change.CHANGE_SET_ID == change_set.c.CHANGE_SET_ID)
    .join(
        order_item,
        (order_item.c.ORDER_ID == _change.ORDER_ID)
        & (order_item.c.ORDER_ITEM_SEQ_ID == _change.ORDER_ITEM_SEQ_ID),
    )
    .where(
        *_OF_THESE_DAYS,
        _change.FIELD == "facilityId",
        _change.OLD_VALUE.in_(PRESELL_PARKINGS),
        _change.NEW_VALUE.not_in(PRESELL_PARKINGS),
    )
    .order_by(_change.ORDER_ITEM_CHANGE_ID.desc())
)
_BY_PEOPLE = ("desk", "command", "import")


def _days_of(clock: Clock, window: Window) -> dict[str, datetime]:
    return {
        "first": first_moment(clock, window.first),
        "behind": moment_after(clock, window.last),
    }


def _day(clock: Clock, text: str | None) -> date | None:
    value = journal.from_text("promisedDatetime", text)
    return clock.day(value) if isinstance(value, datetime) else None


def _promise_rows(
    connection: Connection, clock: Clock, window: Window, limit: int | None
) -> Iterator[ReportRow]:
    def make(names: Names, row: Any) -> ReportRow:
        line = LineId(row["ORDER_ID"], row["ORDER_ITEM_SEQ_ID"])
        old, new = _day(clock, row["OLD_VALUE"]), _day(clock, row["NEW_VALUE"])
        name, email = names.people.get(line.order_id, ("", ""))
        cells = (
            line.order_id,
            line.order_item_seq_id,
            names.external_ids.get(line.order_id, ""),
            names.product(row["PRODUCT_ID"]).sku,
            names.order(row["CORRESPONDING_PO_ID"]),
            old,
            new,
            days_between(old, new),
            name,
            email,
        )
        return ReportRow(cells, line.order_id, line)

    return streamed(
        connection,
        _PROMISES,
        _days_of(clock, window),
        limit,
        make,
        orders=("ORDER_ID", "CORRESPONDING_PO_ID"),
        customers="ORDER_ID",
    )


_MOVES = (
    ("over 30 days earlier", -100_000_000, -31),
    ("8 to 30 days earlier", -30, -8),
    ("1 to 7 days earlier", -7, -1),
    ("1 to 7 days later", 1, 7),
    ("8 to 30 days later", 8, 30),
    ("over 30 days later", 31, 100_000_000),
)


def _promise_chart(
    connection: Connection, clock: Clock, window: Window, rows: tuple[ReportRow, ...]
) -> Chart | None:
    """How far the promises of the rows shown have moved."""
    moves = [row.cells[7] for row in rows]
    days = [move for move in moves if isinstance(move, int)]
    bars = [
        Bar(label, number, text=f"{number:,}")
        for label, least, most in _MOVES
        for number in (sum(least <= one <= most for one in days),)
    ]
    set_first = sum(row.cells[5] is None for row in rows)
    taken_away = sum(row.cells[6] is None for row in rows)
    for label, number in (("had none before", set_first), ("has none now", taken_away)):
        if number:
            bars.append(Bar(label, number, text=f"{number:,}"))
    return (
        Chart("Lines by how far the promise moved (of those shown)", tuple(bars)) if rows else None
    )


def _released_rows(
    connection: Connection, clock: Clock, window: Window, limit: int | None
) -> Iterator[ReportRow]:
    def make(names: Names, row: Any) -> ReportRow:
        line = LineId(row["ORDER_ID"], row["ORDER_ITEM_SEQ_ID"])
        product = names.product(row["PRODUCT_ID"])
        cells = (
            line.order_id,
            line.order_item_seq_id,
            names.external_ids.get(line.order_id, ""),
            product.parent_name,
            product.sku,
            product.upc,
            product.color,
            product.size,
            row["QUANTITY"] - row["CANCEL_QUANTITY"],
            "N" if row["ORIGIN"] in _BY_PEOPLE else "Y",
            clean_or_empty(row["OLD_VALUE"]),
            clean_or_empty(row["NEW_VALUE"]),
            clock.day(row["CHANGE_DATETIME"]),
        )
        return ReportRow(cells, line.order_id, line)

    return streamed(
        connection, _RELEASED, _days_of(clock, window), limit, make, orders=("ORDER_ID",)
    )


PROMISE_DATES = Maker(_promise_rows, _promise_chart)
RELEASED = Maker(_released_rows, lambda connection, clock, window, rows: None)
