"""Purchase order lines that are late, and supply against demand per SKU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from data.tables import order_header, order_item, order_item_ship_group
from preorder_tui import products, purchase_line_rules
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.marks import OPEN_ITEM_STATUSES, OPEN_ORDER_STATUSES
from preorder_tui.report_catalogue import Bar, Chart, ReportRow, Window
from preorder_tui.report_rows import (
    BARS,
    Maker,
    Names,
    age_chart,
    age_sums,
    days_between,
    streamed,
    units,
    whole,
)
from preorder_tui.site_days import day_or_none
from preorder_tui.words import PURCHASE_ORDER, SALES_ORDER

# The day's start is a value of the statement: it is built for each report.
_PURCHASE_LINES = (
    select(
        order_item.c.ORDER_ID,
        order_item.c.ORDER_ITEM_SEQ_ID,
        order_item.c.PRODUCT_ID,
        order_item.c.ESTIMATED_DELIVERY_DATE,
        order_item.c.QUANTITY,
        order_item.c.CANCEL_QUANTITY,
        order_item.c.RECEIVED_QUANTITY,
        order_item.c.ALLOCATED_QUANTITY,
    )
    .select_from(order_header)
    .join(order_item, order_item.c.ORDER_ID == order_header.c.ORDER_ID)
    .where(
        order_header.c.ORDER_TYPE_ID == PURCHASE_ORDER,
        order_header.c.STATUS_ID.in_(OPEN_ORDER_STATUSES),
    )
)
_SUPPLY = (
    select(
        order_item.c.PRODUCT_ID,
        func.sum(order_item.c.AVAILABLE_TO_PROMISE).label("supply"),
        func.min(order_item.c.ESTIMATED_DELIVERY_DATE).label("arrival"),
    )
    .select_from(order_header)
    .join(order_item, order_item.c.ORDER_ID == order_header.c.ORDER_ID)
    .where(
        order_header.c.ORDER_TYPE_ID == PURCHASE_ORDER,
        order_header.c.STATUS_ID.in_(OPEN_ORDER_STATUSES),
        order_item.c.STATUS_ID.in_(OPEN_ITEM_STATUSES),
        order_item.c.AVAILABLE_TO_PROMISE > 0,
        order_item.c.ESTIMATED_DELIVERY_DATE.is_not(None),
    )
    .group_by(order_item.c.PRODUCT_ID)
)
_DEMAND = (
    select(
        order_item.c.PRODUCT_ID,
        func.sum(units(order_item) - order_item.c.ALLOCATED_QUANTITY).label("demand"),
        func.count().label("lines"),
        func.min(order_header.c.ORDER_DATE).label("oldest"),
    )
    .select_from(order_header)
    .join(order_item, order_item.c.ORDER_ID == order_header.c.ORDER_ID)
    .join(order_item_ship_group, rules.in_ship_group(order_item))
    .where(
        order_header.c.ORDER_TYPE_ID == SALES_ORDER,
        rules.has_open_units(order_item),
        rules.waits(order_header, order_item, order_item_ship_group),
    )
    .group_by(order_item.c.PRODUCT_ID)
)


def _late(clock: Clock) -> Select[Any]:
    return _PURCHASE_LINES.where(
        purchase_line_rules.is_late(order_item, clock.start_of(clock.today()))
    ).order_by(
        order_item.c.ESTIMATED_DELIVERY_DATE, order_item.c.ORDER_ID, order_item.c.ORDER_ITEM_SEQ_ID
    )


def _late_rows(
    connection: Connection, clock: Clock, window: Window, limit: int | None
) -> Iterator[ReportRow]:
    today = clock.today()

    def make(names: Names, row: Any) -> ReportRow:
        line = LineId(row["ORDER_ID"], row["ORDER_ITEM_SEQ_ID"])
        arrival = clock.day(row["ESTIMATED_DELIVERY_DATE"])
        ordered = row["QUANTITY"] - row["CANCEL_QUANTITY"]
        received = row["RECEIVED_QUANTITY"] or 0
        cells = (
            line.order_id,
            line.order_item_seq_id,
            names.external_ids.get(line.order_id, ""),
            names.product(row["PRODUCT_ID"]).sku,
            arrival,
            days_between(arrival, today),
            ordered,
            received,
            ordered - received,
            row["ALLOCATED_QUANTITY"],
        )
        return ReportRow(cells, line.order_id, line)

    return streamed(connection, _late(clock), {}, limit, make, orders=("ORDER_ID",))


def _late_chart(
    connection: Connection, clock: Clock, window: Window, rows: tuple[ReportRow, ...]
) -> Chart | None:
    missing = units(order_item) - func.coalesce(order_item.c.RECEIVED_QUANTITY, 0)
    sums = connection.execute(
        _late(clock)
        .with_only_columns(*age_sums(clock, order_item.c.ESTIMATED_DELIVERY_DATE, missing))
        .order_by(None)
    ).one()
    return age_chart("Missing units by days since the arrival date", sums)


class _Balance(NamedTuple):
    product_id: str
    demand: int
    lines: int
    supply: int
    oldest: Any
    arrival: Any

    @property
    def shortage(self) -> int:
        return max(0, self.demand - self.supply)


def _balances(connection: Connection) -> list[_Balance]:
    """Every SKU with supply or demand; there are as many as the catalogue has variants."""
    supply = {row[0]: row for row in connection.execute(_SUPPLY)}
    demand = {row[0]: row for row in connection.execute(_DEMAND)}
    balances = []
    for product_id in dict.fromkeys((*demand, *supply)):
        _, waiting, lines, oldest = demand.get(product_id, ("", 0, 0, None))
        _, left, arrival = supply.get(product_id, ("", 0, None))
        balances.append(
            _Balance(product_id, whole(waiting), int(lines), whole(left), oldest, arrival)
        )
    balances.sort(key=lambda one: (-one.shortage, -one.demand, -one.supply, one.product_id))
    return balances


def _balance_rows(
    connection: Connection, clock: Clock, window: Window, limit: int | None
) -> Iterator[ReportRow]:
    balances = _balances(connection)[:limit]
    infos = products.load(connection, (one.product_id for one in balances))
    names = Names(infos, {}, {})
    for one in balances:
        product = names.product(one.product_id)
        yield ReportRow(
            (
                product.sku,
                product.name,
                one.demand,
                one.lines,
                one.supply,
                one.shortage,
                day_or_none(clock, one.oldest),
                day_or_none(clock, one.arrival),
            )
        )


def _balance_chart(
    connection: Connection, clock: Clock, window: Window, rows: tuple[ReportRow, ...]
) -> Chart | None:
    bars = []
    for row in rows[:BARS]:
        sku, _, demand, _, supply, shortage, *_ = row.cells
        assert isinstance(demand, int)
        assert isinstance(supply, int)
        assert isinstance(shortage, int)
        if demand:
            text = f"{demand:,} wait, ATP {supply:,}"
            bars.append(Bar(str(sku), demand - shortage, shortage, text))
    return Chart("Waiting units: full where ATP covers them", tuple(bars)) if bars else None


LATE_PURCHASE_LINES = Maker(_late_rows, _late_chart)
SUPPLY_AND_DEMAND = Maker(_balance_rows, _balance_chart)
