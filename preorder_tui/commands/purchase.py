"""Commands that change purchase order lines, and sales order lines from their side."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

import click

from preorder_tui.commands.arguments import DAY, TEXT, WHOLE_NUMBER, override_option
from preorder_tui.commands.changing import change, only_lines, order_or_line
from preorder_tui.commands.session import (
    NUMBERS_MAY_BE_NEGATIVE,
    ChangingCommand,
    current_session,
)
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan

if TYPE_CHECKING:
    from preorder_tui.service import Service

_only = click.option(
    "--only", type=TEXT, multiple=True, metavar="SO_LINE", help="Only this line; repeatable."
)


@click.command("set-arrival-date", cls=ChangingCommand)
@click.argument("po_line", type=TEXT)
@click.argument("day", type=DAY, metavar="DATE")
@override_option
def set_arrival_date(po_line: str, day: date, override: bool) -> None:
    """Set the arrival date of a purchase line.

    Promise dates stay as they are until sync-dates.
    """
    change(
        current_session(),
        lambda service: service.plan_arrival_date(
            service.resolve_line(po_line), day, override=override
        ),
    )


@click.command("sync-dates", cls=ChangingCommand)
@click.argument("po_line", type=TEXT)
@_only
@click.option(
    "--guard",
    type=click.Choice(["any", "later", "earlier"]),
    default="any",
    help="Only promises that get later, or only earlier.",
)
def sync_dates(
    po_line: str, only: tuple[str, ...], guard: Literal["any", "later", "earlier"]
) -> None:
    """Carry a line's arrival to its orders' promises."""
    change(
        current_session(),
        lambda service: service.plan_sync_dates(
            service.resolve_line(po_line), only_lines(service, only), guard=guard
        ),
    )


@click.command("allocate-sales-orders", cls=ChangingCommand)
@click.argument("po_line", type=TEXT)
@_only
def allocate_sales_orders(po_line: str, only: tuple[str, ...]) -> None:
    """Allocate waiting sales lines to a purchase line.

    They are served first in first out, until its units are used up.
    """
    change(
        current_session(),
        lambda service: service.plan_allocate_sales_orders(
            service.resolve_line(po_line), only_lines(service, only)
        ),
    )


@click.command("remove-allocations", cls=ChangingCommand)
@click.argument("po_line", type=TEXT)
@_only
def remove_allocations(po_line: str, only: tuple[str, ...]) -> None:
    """Remove a purchase line's allocations.

    Promise dates stay as they were told to the customers.
    """
    change(
        current_session(),
        lambda service: service.plan_remove_allocations(
            service.resolve_line(po_line), only_lines(service, only)
        ),
    )


@click.command("cancel-purchase", cls=ChangingCommand)
@click.argument("order_or_line_", type=TEXT, metavar="ORDER|LINE")
def cancel_purchase(order_or_line_: str) -> None:
    """Cancel a purchase order, or one of its lines."""

    def make(service: Service) -> Plan:
        found = order_or_line(service, order_or_line_)
        if isinstance(found, LineId):
            return service.plan_cancel_purchase_line(found)
        return service.plan_cancel_purchase_order(found)

    change(current_session(), make)


@click.command("complete-purchase", cls=ChangingCommand)
@click.argument("order_or_line_", type=TEXT, metavar="ORDER|LINE")
def complete_purchase(order_or_line_: str) -> None:
    """Complete a purchase order, or one of its lines.

    It offers no more supply.
    """

    def make(service: Service) -> Plan:
        found = order_or_line(service, order_or_line_)
        if isinstance(found, LineId):
            return service.plan_complete_purchase_line(found)
        return service.plan_complete_purchase_order(found)

    change(current_session(), make)


@click.command("set-quantity", cls=ChangingCommand, context_settings=NUMBERS_MAY_BE_NEGATIVE)
@click.argument("po_line", type=TEXT)
@click.argument("quantity", type=WHOLE_NUMBER, metavar="N")
@click.option(
    "--release-newest", is_flag=True, help="Below what is allocated: release the newest orders."
)
def set_quantity(po_line: str, quantity: int, release_newest: bool) -> None:
    """Change the quantity of a purchase order line."""
    change(
        current_session(),
        lambda service: service.plan_quantities(
            [(service.resolve_line(po_line), quantity)], release_newest=release_newest
        ),
    )


@click.command("add-item", cls=ChangingCommand, context_settings=NUMBERS_MAY_BE_NEGATIVE)
@click.argument("order", type=TEXT)
@click.argument("sku", type=TEXT)
@click.argument("quantity", type=WHOLE_NUMBER, metavar="N")
@click.argument("day", type=DAY, metavar="DATE")
def add_item(order: str, sku: str, quantity: int, day: date) -> None:
    """Add a line to an open purchase order."""
    change(
        current_session(),
        lambda service: service.plan_add_item(service.resolve_order(order), sku, quantity, day),
    )


@click.command(cls=ChangingCommand, context_settings=NUMBERS_MAY_BE_NEGATIVE)
@click.argument("po_line", type=TEXT)
@click.argument("quantity", type=WHOLE_NUMBER, metavar="N")
def receive(po_line: str, quantity: int) -> None:
    """Record a receipt of units on a purchase order line."""
    change(
        current_session(),
        lambda service: service.plan_receive(service.resolve_line(po_line), quantity),
    )


@click.command(cls=ChangingCommand)
@click.argument("po_line", type=TEXT)
def reallocate(po_line: str) -> None:
    """Move sales lines from later supply to this line."""
    change(
        current_session(),
        lambda service: service.plan_reallocate(service.resolve_line(po_line)),
    )


COMMANDS = (
    set_arrival_date,
    sync_dates,
    allocate_sales_orders,
    remove_allocations,
    cancel_purchase,
    complete_purchase,
    set_quantity,
    add_item,
    receive,
    reallocate,
)
