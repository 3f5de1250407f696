"""The columns of Find Purchase Orders: items and groups."""

from __future__ import annotations

from preorder_tui.records import PurchaseGroupRow, PurchaseItemRow
from preorder_tui.words import word
from screens.demand_columns import day
from screens.line_columns import Column
from screens.purchase_items import marks, variant


def arrival(row: PurchaseItemRow) -> str:
    """The arrival date; ! where it is over and the units are not there."""
    return f"{day(row.arrival_date)}{'!' if row.late else ''}"


ITEM_COLUMNS: tuple[Column[PurchaseItemRow], ...] = (
    Column("PO", lambda row: row.external_id or row.line.order_id, 8, priority=100, at_most=18),
    Column("Id", lambda row: row.line.order_id, 5, priority=60, at_most=10),
    Column("Status", lambda row: word(row.item_status_id), 9, priority=80),
    Column("SKU", lambda row: row.product.sku, 13, priority=99, at_most=22),
    Column("Colour / size", variant, 13, priority=36, at_most=18),
    Column("Facil", lambda row: row.facility_id, 5, priority=40, at_most=12),
    Column("Qty", lambda row: f"{row.quantity:,}", 5, align="right", priority=90),
    Column("Recd", lambda row: f"{row.received:,}", 5, align="right", priority=37),
    Column("Alloc", lambda row: f"{row.allocated:,}", 5, align="right", priority=38),
    Column("ATP", lambda row: f"{row.available_to_promise:,}", 5, align="right", priority=95),
    Column("Arrival", arrival, 11, priority=97),
    Column("Marks", marks, 11, priority=39),
    Column("Created", lambda row: day(row.created_date), 10, priority=30),
    Column("Product", lambda row: row.product.name, 16, priority=20, at_most=40),
    Column("Style", lambda row: row.product.parent_name, 12, priority=10, at_most=24),
)


def between(row: PurchaseGroupRow) -> str:
    """First and last arrival."""
    if row.first_arrival == row.last_arrival:
        return day(row.first_arrival)
    return f"{day(row.first_arrival)} – {day(row.last_arrival)}"


GROUP_COLUMNS: tuple[Column[PurchaseGroupRow], ...] = (
    Column("Group", lambda row: row.label, 15, priority=100, at_most=40),
    Column("Items", lambda row: f"{row.item_count:,}", 5, align="right", priority=50),
    Column("Ordered", lambda row: f"{row.quantity:,}", 7, align="right", priority=90),
    Column("Recd", lambda row: f"{row.received:,}", 6, align="right", priority=80),
    Column("Alloc", lambda row: f"{row.allocated:,}", 6, align="right", priority=85),
    Column("ATP", lambda row: f"{row.available_to_promise:,}", 6, align="right", priority=95),
    Column("Arrival", between, 23, priority=97),
)
