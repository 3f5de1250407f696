"""Commands that change sales order lines."""

from __future__ import annotations

from datetime import date

import click

from preorder_tui.commands.arguments import DAY, TEXT, WHOLE_NUMBER, override_option
from preorder_tui.commands.changing import change
from preorder_tui.commands.session import ChangingCommand, current_session
from preorder_tui.errors import WrongUsage
from preorder_tui.text import clean
from preorder_tui.words import CANCEL_REASON_WORDS


@click.command(cls=ChangingCommand)
@click.argument("so_line", type=TEXT)
@click.argument("po_line", type=TEXT)
@click.option("--quantity", type=WHOLE_NUMBER, metavar="N", help="Units; else as many as fit.")
def allocate(so_line: str, po_line: str, quantity: int | None) -> None:
    """Allocate a sales line to a purchase line."""
    change(
        current_session(),
        lambda service: service.plan_allocate(
            service.resolve_line(so_line), [(service.resolve_line(po_line), quantity)]
        ),
    )


@click.command("allocate-order", cls=ChangingCommand)
@click.argument("order", type=TEXT)
def allocate_order(order: str) -> None:
    """Allocate all open lines of a sales order.

    Supply that arrives first is taken first.
    """
    change(
        current_session(),
        lambda service: service.plan_allocate_order(service.resolve_order(order)),
    )


@click.command(cls=ChangingCommand)
@click.argument("so_line", type=TEXT)
@click.argument("po_line", type=TEXT)
@click.option("--quantity", type=WHOLE_NUMBER, metavar="N", help="Units; else as many as fit.")
def move(so_line: str, po_line: str, quantity: int | None) -> None:
    """Move a line's allocation to another purchase line."""
    change(
        current_session(),
        lambda service: service.plan_move(
            service.resolve_line(so_line), service.resolve_line(po_line), quantity
        ),
    )


@click.command(cls=ChangingCommand)
@click.argument("so_line", type=TEXT)
@click.argument("po_line", type=TEXT, required=False)
@click.option("--quantity", type=WHOLE_NUMBER, metavar="N", help="Units; else all of them.")
def deallocate(so_line: str, po_line: str | None, quantity: int | None) -> None:
    """Remove a sales line's allocations.

    Without PO_LINE it loses all of them.
    """
    change(
        current_session(),
        lambda service: service.plan_deallocate(
            service.resolve_line(so_line),
            None if po_line is None else service.resolve_line(po_line),
            quantity,
        ),
    )


@click.command("set-promise-date", cls=ChangingCommand)
@click.argument("so_line", type=TEXT)
@click.argument("day", type=DAY, metavar="DATE")
@override_option
def set_promise_date(so_line: str, day: date, override: bool) -> None:
    """Set the promise date of one sales order line."""
    change(
        current_session(),
        lambda service: service.plan_promise_date(
            service.resolve_line(so_line), day, override=override
        ),
    )


@click.command("cancel-item", cls=ChangingCommand)
@click.argument("so_line", type=TEXT)
@click.option(
    "--reason-code",
    type=TEXT,
    required=True,
    metavar="CODE",
    help=f"One of {', '.join(CANCEL_REASON_WORDS)}.",
)
def cancel_item(so_line: str, reason_code: str) -> None:
    """Cancel a sales order line."""
    code = reason_code.strip().upper()
    if code not in CANCEL_REASON_WORDS:
        raise WrongUsage(
            f"{clean(reason_code)!r} is not a reason: write one of {', '.join(CANCEL_REASON_WORDS)}"
        )
    change(
        current_session(),
        lambda service: service.plan_cancel_item(service.resolve_line(so_line), code),
    )


COMMANDS = (allocate, allocate_order, move, deallocate, set_promise_date, cancel_item)
