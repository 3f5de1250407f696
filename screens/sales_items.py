"""How the lines of a sales order look: columns, marks, and one line in full."""

from __future__ import annotations

from datetime import date

from preorder_tui import marks
from preorder_tui.records import SalesLine
from preorder_tui.words import word
from screens.line_columns import Column
from screens.short_numbers import short

SHORT_MARKS = {
    marks.UNALLOCATED: "unallocated",
    marks.PARTLY: "partly",
    marks.BEFORE_ARRIVAL: "before arrival",
    marks.OVERDUE: "overdue",
    marks.OUT_OF_SYNC: "out of sync",
    marks.WITHOUT_SUPPLY: "no supply",
    marks.PINNED: "pinned",
}


def day(value: date | None) -> str:
    """A date as lists show it."""
    return value.isoformat() if value is not None else "-"


def short_marks(line: SalesLine) -> str:
    """The marks in one or two words each; of a closed line its status."""
    if not line.editable:
        return word(line.status_id)
    return ", ".join(SHORT_MARKS.get(mark, mark) for mark in line.marks)


def purchase_name(line: SalesLine) -> str:
    """The purchase order, or how many there are."""
    if len(line.allocations) > 1:
        return f"{len(line.allocations)} POs"
    return line.corresponding_po_external_id or line.corresponding_po_id


def allocated(line: SalesLine) -> str:
    """Units allocated, with the mark ``P`` where an allocation is pinned."""
    if any(one.pinned for one in line.allocations):
        return f"{short(line.allocated, 4)}P"
    return short(line.allocated, 5)


COLUMNS: list[Column[SalesLine]] = [
    Column("No", lambda row: row.line.order_item_seq_id.lstrip("0"), 3, align="right", priority=96),
    Column("SKU", lambda row: row.product.sku, 13, priority=98, at_most=20),
    Column("Style", lambda row: row.product.parent_name or row.product.name, 9, priority=30,
           at_most=32),
    Column("Colour", lambda row: row.product.color, 8, priority=40, at_most=14),
    Column("Size", lambda row: row.product.size, 4, priority=60, at_most=6),
    Column("Qty", lambda row: short(row.ordered, 4), 4, align="right", priority=98),
    Column("Alloc", allocated, 5, align="right", priority=97),
    Column("PO", purchase_name, 8, priority=93, at_most=16),
    Column("Arrival", lambda row: day(row.arrival_date), 10, priority=94),
    Column("Promise", lambda row: day(row.promise_date), 10, priority=95),
    Column("Marks", short_marks, 11, priority=99, at_most=31),
    Column("Status", lambda row: word(row.status_id), 9, priority=45),
    Column("Queue", lambda row: word(row.facility_id), 12, priority=25),
    Column("Auto-cancel", lambda row: day(row.auto_cancel_date), 11, priority=10),
]  # fmt: skip


def about(line: SalesLine) -> str:
    """The line under the cursor in full, in two rows."""
    product = line.product
    variant = " / ".join(filter(None, (product.color, product.size)))
    name = product.name if variant in product.name else f"{product.name} {variant}"
    first = [f"{line.line} {name}", word(line.status_id)]
    if line.auto_cancel_date is not None:
        first.append(f"auto-cancel {line.auto_cancel_date}")
    if line.allocations:
        second = "Units: " + ", ".join(
            f"{one.quantity:,} from {one.purchase_external_id or one.purchase_line.order_id}"
            f" arriving {day(one.arrival_date)}{', pinned' * one.pinned}"
            for one in line.allocations
        )
    elif not line.editable:
        second = f"Can only be looked at: {line.read_only_reason}."
    else:
        second = "Units: none allocated."
    if line.allocations and line.open_quantity:
        second += f", {line.open_quantity:,} open"
    if line.marks:  # in the row with room, so that none is cut off
        second = f"{', '.join(line.marks)} · {second}"
    return f"{' · '.join(first)}\n{second}"
