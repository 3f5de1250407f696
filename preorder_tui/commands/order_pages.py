"""``show`` in plain words: one order with its lines and allocations."""

from __future__ import annotations

from preorder_tui.commands.session import Session
from preorder_tui.commands.tables import day, minute, table
from preorder_tui.lines import LineId
from preorder_tui.records import DemandRow, PurchaseOrder, SalesOrder
from preorder_tui.words import word


def print_sales_order(session: Session, order: SalesOrder) -> None:
    """A sales order."""
    named = [order.order_name, f"external id {order.external_id}" if order.external_id else ""]
    session.print("  ".join([f"Sales order {order.order_id}", *filter(None, named)]))
    session.print(
        f"{word(order.status_id)}, ordered {minute(order.order_date)}, "
        f"{order.customer_name or 'no customer'}"
    )
    places = [f"{group.facility_name or word(group.facility_id)}" for group in order.ship_groups]
    session.print(f"Store {order.product_store_id}, {', '.join(places) or 'no queue'}")
    session.print()
    lines = table(
        ("Item", "SKU", "Product", "Qty", "Alloc", "Open", "Promise", "Arrival", "Status", "Marks"),
        [
            (
                line.line.order_item_seq_id,
                line.product.sku,
                line.product.name,
                line.ordered,
                line.allocated,
                line.open_quantity,
                day(line.promise_date),
                day(line.arrival_date),
                word(line.status_id),
                ", ".join(line.marks),
            )
            for line in order.items
        ],
        right=("Qty", "Alloc", "Open"),
        elastic=("Product", "Marks", "SKU"),
    )
    for text in lines:
        session.print(text)
    links = [
        (link.sales_line, link.purchase_line, link.purchase_external_id, link.quantity,
         day(link.arrival_date))
        for line in order.items
        for link in line.allocations
    ]  # fmt: skip
    if links:
        session.print()
        for text in table(
            ("Sales line", "Purchase line", "PO", "Units", "Arrival"), links, right=("Units",)
        ):
            session.print(text)


def print_purchase_order(
    session: Session, order: PurchaseOrder, allocated: dict[LineId, tuple[DemandRow, ...]]
) -> None:
    """A purchase order."""
    named = f"  {order.external_id}" if order.external_id else ""
    session.print(f"Purchase order {order.order_id}{named}")
    session.print(
        f"{word(order.status_id)}, created {minute(order.entry_date)}"
        + (f", {order.supplier_name}" if order.supplier_name else "")
    )
    session.print(
        f"Store {order.product_store_id}, {order.facility_name or order.facility_id}, "
        f"{order.allocated_orders:,} sales orders allocated"
    )
    session.print()
    lines = table(
        ("Item", "SKU", "Product", "Qty", "Recv", "Alloc", "ATP", "Arrival", "Status"),
        [
            (
                line.line.order_item_seq_id,
                line.product.sku,
                line.product.name,
                line.ordered,
                line.received,
                line.allocated,
                line.available_to_promise,
                day(line.arrival_date),
                word(line.status_id),
            )
            for line in order.items
        ],
        right=("Qty", "Recv", "Alloc", "ATP"),
        elastic=("Product", "SKU"),
    )
    for text in lines:
        session.print(text)
    links = [
        (line, row.line, row.customer_name, row.allocated_here, day(row.promise_date))
        for line, rows in allocated.items()
        for row in rows
    ]
    if links:
        session.print()
        for text in table(
            ("Purchase line", "Sales line", "Customer", "Units", "Promise"),
            links,
            right=("Units",),
            elastic=("Customer",),
        ):
            session.print(text)
    if order.communications:
        session.print()
        session.print("Communication events")
        for moment, sentence in order.communications:
            session.print(f"{minute(moment)}  {sentence}")
