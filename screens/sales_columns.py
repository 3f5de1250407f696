"""The columns of Find Sales Order: one row per order, or one per item grouped under its order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from preorder_tui.records import SalesItemRow, SalesOrderRow
from preorder_tui.words import word
from screens.line_columns import Column
from screens.short_numbers import short


def day(value: date | None) -> str:
    """A date as lists show it."""
    return value.isoformat() if value is not None else "-"


def promise(value: date | None, *, overdue: object, before_arrival: object) -> str:
    """A promise date with its mark: ``!`` overdue, ``<`` promised before the supply arrives."""
    return day(value) + ("!" if overdue else "<" if before_arrival else "")


# --- Orders -------------------------------------------------------------------------------------


def allocation_of_order(row: SalesOrderRow) -> str:
    """How far an order is allocated, over all its lines."""
    if row.unallocated_items and not (row.allocated_items or row.partly_allocated_items):
        return "unallocated"
    if row.unallocated_items or row.partly_allocated_items:
        return pinned("partly", row.pinned)
    return pinned("allocated", row.pinned) if row.allocated_items else "-"


def pinned(words: str, is_pinned: bool) -> str:
    """How far something is allocated, with the mark ``P`` of a pinned allocation."""
    return f"{words} P" if is_pinned else words


def marks_of_order(row: SalesOrderRow) -> str:
    """What presses."""
    marks = []
    if row.overdue_items:
        marks.append("overdue")
    if row.before_arrival_items:
        marks.append("before arrival")
    return ", ".join(marks)


def _order_name(row: SalesOrderRow) -> str:
    return row.order_name or row.external_id


def _promise_of_order(row: SalesOrderRow) -> str:
    return promise(
        row.promise_date, overdue=row.overdue_items, before_arrival=row.before_arrival_items
    )


ORDER_COLUMNS: list[Column[SalesOrderRow]] = [
    Column("Order", lambda row: row.order_id, 7, priority=99),
    Column("Name", _order_name, 6, priority=90, at_most=14),
    Column("Ordered", lambda row: day(row.order_date.date()), 10, priority=91),
    Column("Customer", lambda row: row.customer_name, 11, priority=95, at_most=34),
    Column("Qty", lambda row: short(row.unit_count, 4), 4, align="right", priority=85),
    Column("Allocation", allocation_of_order, 11, priority=97),
    Column("Promise", _promise_of_order, 11, priority=96),
    Column("Status", lambda row: word(row.status_id), 9, priority=80),
    Column("Marks", marks_of_order, 14, priority=70, at_most=23),
    Column("Items", lambda row: f"{row.item_count:,}", 5, align="right", priority=60),
    Column("Channel", lambda row: word(row.sales_channel_enum_id), 8, priority=30, at_most=12),
    Column("External id", lambda row: row.external_id, 13, priority=50, at_most=20),
    Column("Store", lambda row: row.product_store_id, 8, priority=20, at_most=12),
]


# --- Items --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemLine:
    """An item, and whether it stands first under its order."""

    row: SalesItemRow
    first: bool


def marks_of_item(row: SalesItemRow) -> str:
    """What presses."""
    marks = []
    if row.overdue:
        marks.append("overdue")
    if row.before_arrival:
        marks.append("before arrival")
    return ", ".join(marks)


def allocation_of_item(row: SalesItemRow) -> str:
    """The state of one line in a word."""
    return "-" if row.allocation_state == "none" else pinned(row.allocation_state, row.pinned)


def purchase_of_item(line: ItemLine) -> str:
    """The purchase order that the latest of its units come from, as people call it."""
    return line.row.corresponding_po_external_id or line.row.corresponding_po_id


def _promise_of_item(line: ItemLine) -> str:
    row = line.row
    return promise(row.promise_date, overdue=row.overdue, before_arrival=row.before_arrival)


ITEM_COLUMNS: list[Column[ItemLine]] = [
    Column("Order", lambda line: line.row.line.order_id if line.first else "", 6, priority=99,
           at_most=10),
    Column("Name", lambda line: (line.row.order_name or line.row.external_id) if line.first else "",
           8, priority=50, at_most=14),
    Column("Ordered", lambda line: day(line.row.order_date.date()) if line.first else "", 10,
           priority=60),
    Column("Customer", lambda line: line.row.customer_name if line.first else "", 8, priority=91,
           at_most=26),
    Column("SKU", lambda line: line.row.product.sku, 13, priority=98, at_most=20),
    Column("Product", lambda line: line.row.product.parent_name or line.row.product.name, 12,
           priority=25, at_most=30),
    Column("Colour", lambda line: line.row.product.color, 7, priority=30, at_most=12),
    Column("Size", lambda line: line.row.product.size, 4, priority=35, at_most=6),
    Column("Qty", lambda line: short(line.row.quantity, 4), 4, align="right", priority=95),
    Column("Allocation", lambda line: allocation_of_item(line.row), 11, priority=97),
    Column("Promise", _promise_of_item, 11, priority=96),
    Column("Status", lambda line: word(line.row.item_status_id), 8, priority=90, at_most=10),
    Column("Marks", lambda line: marks_of_item(line.row), 14, priority=55, at_most=23),
    Column("Arrival", lambda line: day(line.row.arrival_date), 10, priority=45),
    Column("PO", purchase_of_item, 8, priority=89, at_most=14),
    Column("Queue", lambda line: word(line.row.facility_id), 9, priority=40, at_most=14),
    Column("Ships by", lambda line: line.row.shipment_method_type_id, 8, priority=15, at_most=14),
    Column("Auto-cancel", lambda line: day(line.row.auto_cancel_date), 11, priority=20),
]  # fmt: skip
