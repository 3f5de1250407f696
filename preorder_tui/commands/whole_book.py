"""Commands over the whole book: automatic allocation, undo and redo."""

from __future__ import annotations

import click

from preorder_tui.commands.arguments import CHANGE_SET, TEXT
from preorder_tui.commands.changing import change
from preorder_tui.commands.session import ChangingCommand, current_session


@click.command("auto-allocate", cls=ChangingCommand)
@click.option(
    "--policy", type=TEXT, default="fifo", show_default=True, help="Who gets supply first."
)
@click.option("--product", type=TEXT, metavar="SKU", help="Only this product.")
def auto_allocate(policy: str, product: str | None) -> None:
    """Allocate every open pre-order line.

    Orders are served first in first out, from supply that arrives first.
    """
    change(
        current_session(),
        lambda service: service.plan_auto_allocate(policy.strip().lower(), sku=product),
    )


@click.command(cls=ChangingCommand)
@click.argument("change_set", type=CHANGE_SET, required=False)
def undo(change_set: int | None) -> None:
    """Take back a change set, by default your last one."""
    change(current_session(), lambda service: service.plan_undo(change_set))


@click.command(cls=ChangingCommand)
@click.argument("change_set", type=CHANGE_SET, required=False)
def redo(change_set: int | None) -> None:
    """Do again what was taken back, by default last."""
    change(current_session(), lambda service: service.plan_redo(change_set))


COMMANDS = (auto_allocate, undo, redo)
