"""What was ordered: per day with the share of pre-orders, and per variant.

A line counts as pre-order while it waits in the pre-order queue, and after it has left the presell
queues when the journal says that it left that one, or when its supply was that of a new product
(R-02). Cancelled units and orders count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    type_coerce,
)

from data.tables import (
    order_header,
    order_item,
    order_item_assoc,
    order_item_change,
    order_item_ship_group,
)
from data.types import Money
from preorder_tui import sales_line_rules as rules
from preorder_tui.clock import Clock
from preorder_tui.query_hints import not_by_index
from preorder_tui.report_catalogue import Bar, Chart, ReportRow, Window
from preorder_tui.report_rows import BARS, Maker, Names, money, streamed, units, whole
from preorder_tui.site_days import first_moment, moment_after
from preorder_tui.text import clean_or_empty
from preorder_tui.words import PRE_ORDER_PARKING, PRESELL_PARKINGS, SALES_ORDER

_supply = order_item.alias("supply")
_queue = order_item_ship_group.c.FACILITY_ID


def _of_line(table: Any) -> ColumnElement[bool]:
    return and_(
        table.c.ORDER_ID == order_item.c.ORDER_ID,
        table.c.ORDER_ITEM_SEQ_ID == order_item.c.ORDER_ITEM_SEQ_ID,
    )


_left_the_queue = exists(
    select(1)
    .where(
        _of_line(order_item_change),
        order_item_change.c.FIELD == "facilityId",
        order_item_change.c.OLD_VALUE == PRE_ORDER_PARKING,
    )
    .correlate(order_item)
)
_of_a_new_product = exists(
    select(1)
    .join_from(
        order_item_assoc,
        _supply,
        and_(
            _supply.c.ORDER_ID == order_item_assoc.c.TO_ORDER_ID,
            _supply.c.ORDER_ITEM_SEQ_ID == order_item_assoc.c.TO_ORDER_ITEM_SEQ_ID,
        ),
    )
    .where(_of_line(order_item_assoc), _supply.c.IS_NEW_PRODUCT == "Y")
    .correlate(order_item)
)
_is_pre_order = or_(
    _queue == PRE_ORDER_PARKING,
    and_(
        func.coalesce(_queue, "").not_in(PRESELL_PARKINGS),
        or_(_left_the_queue, and_(order_item.c.ALLOCATED_QUANTITY > 0, _of_a_new_product)),
    ),
)
_units = units(order_item)
_revenue = func.coalesce(order_item.c.UNIT_PRICE, 0) * _units
_SUMS = (
    type_coerce(func.sum(_revenue), Money(3)),
    type_coerce(func.sum(case((_is_pre_order, _revenue), else_=0)), Money(3)),
    func.sum(_units),
    func.sum(case((_is_pre_order, _units), else_=0)),
)
_NOT_SOLD = ("ORDER_CANCELLED", "ORDER_REJECTED")


def _ordered(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(order_header)
        .join(order_item, order_item.c.ORDER_ID == order_header.c.ORDER_ID)
        .outerjoin(order_item_ship_group, rules.in_ship_group(order_item))
        .where(
            order_header.c.ORDER_TYPE_ID == SALES_ORDER,
            order_header.c.ORDER_DATE >= bindparam("first", type_=DateTime),
            order_header.c.ORDER_DATE < bindparam("behind", type_=DateTime),
            not_by_index(order_header.c.STATUS_ID).not_in(_NOT_SOLD),
            not_by_index(order_item.c.STATUS_ID).not_in(("ITEM_CANCELLED", "ITEM_REJECTED")),
        )
    )


_DAY = (
    _ordered(order_header.c.CURRENCY_UOM, *_SUMS)
    .group_by(order_header.c.CURRENCY_UOM)
    .order_by(order_header.c.CURRENCY_UOM)
)
"""One day's sums; asked for day by day, so that a day is the site's, whatever its clocks do."""

_VARIANTS = (
    _ordered(
        order_item.c.PRODUCT_ID,
        order_header.c.CURRENCY_UOM,
        _SUMS[0].label("revenue"),
        _SUMS[2].label("units"),
        _SUMS[3].label("pre_order_units"),
    )
    .group_by(order_item.c.PRODUCT_ID, order_header.c.CURRENCY_UOM)
    .order_by(
        _SUMS[0].desc(), _SUMS[2].desc(), order_item.c.PRODUCT_ID, order_header.c.CURRENCY_UOM
    )
)


def _summary_rows(
    connection: Connection, clock: Clock, window: Window, limit: int | None
) -> Iterator[ReportRow]:
    """The newest day first; a day without orders has no row."""
    for back in range(window.days):
        day = window.last - timedelta(days=back)
        values = {"first": first_moment(clock, day), "behind": moment_after(clock, day)}
        for currency, *sums in connection.execute(_DAY, values):
            total, pre_order = money(sums[0]), money(sums[1])
            percent = (pre_order * 100 / total).quantize(Decimal("0.1")) if total else None
            yield ReportRow(
                (
                    day,
                    clean_or_empty(currency),
                    total,
                    pre_order,
                    whole(sums[3]),
                    percent,
                    whole(sums[2]),
                )
            )


def _summary_chart(
    connection: Connection, clock: Clock, window: Window, rows: tuple[ReportRow, ...]
) -> Chart | None:
    bars = []
    for row in rows[: 2 * BARS]:
        day, currency, total, pre_order, *_ = row.cells
        assert isinstance(total, Decimal)
        assert isinstance(pre_order, Decimal)
        text = f"{pre_order:,.0f} of {total:,.0f} {currency}".rstrip()
        bars.append(Bar(str(day), pre_order, total - pre_order, text))
    return (
        Chart("Revenue per order date: full where it is pre-order", tuple(bars)) if bars else None
    )


def _variant_rows(
    connection: Connection, clock: Clock, window: Window, limit: int | None
) -> Iterator[ReportRow]:
    def make(names: Names, row: Any) -> ReportRow:
        product = names.product(row["PRODUCT_ID"])
        return ReportRow(
            (
                product.parent_name,
                product.sku,
                product.color,
                product.upc,
                product.size,
                clean_or_empty(row["CURRENCY_UOM"]),
                money(row["revenue"]),
                whole(row["units"]),
                whole(row["pre_order_units"]),
            )
        )

    values = {
        "first": first_moment(clock, window.first),
        "behind": moment_after(clock, window.last),
    }
    return streamed(connection, _VARIANTS, values, limit, make)


def _variant_chart(
    connection: Connection, clock: Clock, window: Window, rows: tuple[ReportRow, ...]
) -> Chart | None:
    bars = []
    for row in rows[:BARS]:
        _, sku, _, _, _, currency, revenue, sold, pre_order = row.cells
        assert isinstance(sold, int)
        assert isinstance(pre_order, int)
        text = f"{sold:,} units, {revenue:,.0f} {currency}".rstrip()
        bars.append(Bar(str(sku), pre_order, sold - pre_order, text))
    return Chart("Units per SKU: full where they are pre-order", tuple(bars)) if bars else None


PRE_ORDER_SUMMARY = Maker(_summary_rows, _summary_chart)
PRODUCT_PERFORMANCE = Maker(_variant_rows, _variant_chart)
