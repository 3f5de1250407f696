"""Commands that only read: find, show, review, history, change-sets, verify."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from preorder_tui.commands import documents
from preorder_tui.commands.arguments import CHANGE_SET, TEXT
from preorder_tui.commands.changing import order_or_line
from preorder_tui.commands.order_pages import print_purchase_order, print_sales_order
from preorder_tui.commands.session import ReadingCommand, Session, current_session
from preorder_tui.commands.tables import day, minute
from preorder_tui.errors import Refused, WrongUsage
from preorder_tui.lines import LineId
from preorder_tui.records import (
    ChangeSetRow,
    DemandRow,
    HistoryRow,
    Key,
    Page,
    PurchaseItemRow,
    PurchaseOrderQuery,
    Row,
    SalesOrder,
    SalesOrderQuery,
    SalesOrderRow,
)
from preorder_tui.text import clean
from preorder_tui.wording import counted
from preorder_tui.words import ITEM_STATUS_WORDS, ORDER_STATUS_WORDS, word

if TYPE_CHECKING:
    from preorder_tui.service import Service

PAGE = 500
LIMIT = 50


@click.command(cls=ReadingCommand)
@click.argument("what", type=click.Choice(["sales", "purchase"]))
@click.argument("text", type=TEXT, default="")
@click.option(
    "--status",
    type=TEXT,
    multiple=True,
    metavar="S",
    help="Approved or ORDER_APPROVED; repeatable.",
)
@click.option(
    "--unallocated", is_flag=True, help="Sales: with open lines. Purchase: with units left."
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=LIMIT, show_default=True, help="Rows at most."
)
def find(what: str, text: str, status: tuple[str, ...], unallocated: bool, limit: int) -> None:
    """Find sales orders, or purchase order lines."""
    session = current_session()
    order_statuses, item_statuses = _statuses(status)
    if what == "sales":
        _find_sales(
            session,
            SalesOrderQuery(
                text=text.strip(),
                statuses=order_statuses,
                item_statuses=item_statuses,
                allocation="unallocated" if unallocated else "any",
            ),
            limit,
        )
    else:
        _find_purchase(
            session,
            PurchaseOrderQuery(
                text=text.strip(),
                statuses=order_statuses,
                item_statuses=item_statuses,
                has_atp=unallocated,
            ),
            limit,
        )


def _statuses(given: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The order statuses and the item statuses named, by identifier or by word."""
    identifiers = {identifier.lower(): identifier for identifier in ITEM_STATUS_WORDS}
    for identifier, name in ORDER_STATUS_WORDS.items():
        identifiers[identifier.lower()] = identifier
        identifiers[name.lower()] = identifier
    identifiers |= {"canceled": "ORDER_CANCELLED", "hold": "ORDER_HOLD"}
    found = []
    for text in given:
        named = identifiers.get(text.strip().lower())
        if named is None:
            raise WrongUsage(
                f"{clean(text)!r} is not a status: write one of "
                f"{', '.join(ORDER_STATUS_WORDS.values())}"
            )
        found.append(named)
    return (
        tuple(status for status in found if status in ORDER_STATUS_WORDS),
        tuple(status for status in found if status in ITEM_STATUS_WORDS),
    )


def _pages(fetch: Callable[[int, Key | None], Page[Row]], limit: int) -> tuple[list[Row], bool]:
    """Up to ``limit`` rows, page after page; true when there are no more."""
    rows: list[Row] = []
    after: Key | None = None
    while True:
        page = fetch(min(PAGE, limit - len(rows)), after)
        rows += page.rows
        if page.at_end or not page.rows:
            return rows, True
        if len(rows) >= limit:
            return rows, False
        after = page.keys[-1]


def _find_sales(session: Session, query: SalesOrderQuery, limit: int) -> None:
    with session.service() as service:
        rows, complete = _pages(
            lambda size, after: service.find_sales_orders(query, size, after=after), limit
        )
    session.print_list(
        rows,
        documents.sales_order_row,
        ("Order", "Name", "Date", "Customer", "Status", "Lines", "Alloc", "Open", "Promise"),
        _sales_cells,
        right=("Lines", "Alloc", "Open"),
        elastic=("Customer", "Name"),
        closing=_found(len(rows), complete, "sales order"),
    )


def _sales_cells(row: SalesOrderRow) -> tuple[object, ...]:
    return (
        row.order_id,
        row.order_name or row.external_id,
        day(row.order_date),
        row.customer_name,
        word(row.status_id),
        row.item_count,
        row.allocated_items,
        row.unallocated_items + row.partly_allocated_items,
        day(row.promise_date),
    )


def _find_purchase(session: Session, query: PurchaseOrderQuery, limit: int) -> None:
    with session.service() as service:
        rows, complete = _pages(
            lambda size, after: service.find_purchase_items(query, size, after=after), limit
        )
    session.print_list(
        rows,
        documents.purchase_item_row,
        ("Line", "PO", "SKU", "Status", "Qty", "Alloc", "ATP", "Arrival", ""),
        _purchase_cells,
        right=("Qty", "Alloc", "ATP"),
        elastic=("SKU", "PO"),
        closing=_found(len(rows), complete, "purchase order line"),
    )


def _purchase_cells(row: PurchaseItemRow) -> tuple[object, ...]:
    return (
        row.line,
        row.external_id,
        row.product.sku,
        word(row.item_status_id),
        row.quantity,
        row.allocated,
        row.available_to_promise,
        day(row.arrival_date),
        "late" if row.late else "",
    )


def _found(number: int, complete: bool, noun: str) -> str:
    if not complete:
        return f"The first {counted(number, noun)}; --limit shows more."
    return f"{counted(number, noun)}."


@click.command(cls=ReadingCommand)
@click.argument("order", type=TEXT)
def show(order: str) -> None:
    """Show an order: header, lines, allocations, dates."""
    session = current_session()
    with session.service() as service:
        order_id = service.resolve_order(order)
        sales = _sales_order(service, order_id)
        if sales is not None:
            if session.as_json:
                session.print_json(documents.sales_order(sales))
            else:
                print_sales_order(session, sales)
            return
        purchase = service.purchase_order(order_id)
        allocated: dict[LineId, tuple[DemandRow, ...]] = {
            line.line: service.review_allocations(line.line).rows
            for line in purchase.items
            if line.allocated
        }
    if session.as_json:
        session.print_json(documents.purchase_order(purchase, allocated))
    else:
        print_purchase_order(session, purchase, allocated)


def _sales_order(service: Service, order_id: str) -> SalesOrder | None:
    """The sales order of exactly that id; None when it is a purchase order's."""
    try:
        found = service.sales_order(order_id)
    except Refused:
        return None
    return found if found.order_id == order_id else None


@click.command(cls=ReadingCommand)
@click.argument("po_line", type=TEXT)
def review(po_line: str) -> None:
    """Review the allocations of a purchase order line."""
    session = current_session()
    with session.service() as service:
        found = service.review_allocations(service.resolve_line(po_line))
    if session.as_json:
        session.print_json(documents.review(found))
        return
    session.print(
        f"{found.line}  {found.external_id}  {found.product.sku}  {found.product.name}".rstrip()
    )
    session.print(
        f"Ordered {found.quantity:,}, received {found.received:,}, consumed {found.consumed:,}, "
        f"ATP {found.available_to_promise:,}, arrival {day(found.arrival_date)}"
    )
    if found.recorded != found.consumed:
        session.print(f"The rows add up to {found.recorded:,}: run preorder-tui verify")
    session.print_table(
        ("Sales line", "Name", "Ordered", "Customer", "Qty", "of", "Promise", "Marks"),
        [
            (
                row.line,
                row.order_name or row.external_id,
                day(row.order_date),
                row.customer_name,
                row.allocated_here,
                row.quantity,
                day(row.promise_date),
                ", ".join(row.marks),
            )
            for row in found.rows
        ],
        right=("Qty", "of"),
        elastic=("Customer", "Name", "Marks"),
    )


@click.command(cls=ReadingCommand)
@click.argument("order_or_line_", type=TEXT, metavar="ORDER|LINE")
def history(order_or_line_: str) -> None:
    """Show the changes of an order or line, newest first."""
    session = current_session()
    with session.service() as service:
        found = order_or_line(service, order_or_line_)
        if isinstance(found, LineId):
            rows = service.history(line=found)
        else:
            rows = service.history(order_id=found)
    session.print_list(
        rows,
        documents.history_row,
        ("When", "Who", "Set", "Line", "What", "From", "To", "Why"),
        _history_cells,
        right=("Set",),
        elastic=("Why", "Who", "What"),
        closing=f"{counted(len(rows), 'change')}.",
    )


def _history_cells(row: HistoryRow) -> tuple[object, ...]:
    return (
        minute(row.changed_at),
        row.user,
        row.change_set_id,
        row.line_name,
        f"{word(row.field)} {row.to_line_name}".strip(),
        row.old_text or "-",
        row.new_text or "-",
        "; ".join(part for part in (row.reason, row.comments) if part),
    )


@click.command("change-sets", cls=ReadingCommand)
@click.option(
    "--limit", type=click.IntRange(min=1), default=LIMIT, show_default=True, help="Rows at most."
)
@click.option("--before", type=CHANGE_SET, metavar="CHANGE_SET", help="Only older ones than this.")
def change_sets(limit: int, before: int | None) -> None:
    """List what was done, newest first.

    Their numbers are for undo and redo.
    """
    session = current_session()
    with session.service() as service:
        rows = service.change_sets(before=before, limit=limit)
    session.print_list(
        rows,
        documents.change_set_row,
        ("Set", "When", "Who", "Changes", "Command", "Note"),
        _change_set_cells,
        right=("Set", "Changes"),
        elastic=("Command", "Note", "Who"),
        closing="" if rows else "No change sets.",
    )


def _change_set_cells(row: ChangeSetRow) -> tuple[object, ...]:
    return (
        row.change_set_id,
        minute(row.changed_at),
        row.user,
        row.change_count,
        row.command,
        f"undone by {row.undone_by}" if row.undone_by else row.comments,
    )


@click.command(cls=ReadingCommand)
def verify() -> int:
    """Recompute every invariant.

    The exit status is 1 when one is broken.
    """
    session = current_session()
    with session.service() as service:
        found = service.verify()
    if session.as_json:
        session.print_json(
            {"checked": sum(found.checked.values()), "violations": list(found.violations)}
        )
    else:
        for violation in found.violations:
            session.print(clean(violation))
        checked = counted(sum(found.checked.values()), "row")
        session.print(f"Checked {checked}: {counted(len(found.violations), 'violation')}.")
    return 1 if found.violations else 0


COMMANDS = (find, show, review, history, change_sets, verify)
