"""Commands over the whole book: allocation by a policy, moves, sync, pins, undo and redo."""

from __future__ import annotations

from typing import Literal

import click

from preorder_tui.commands.arguments import CHANGE_SET, TEXT
from preorder_tui.commands.changing import change
from preorder_tui.commands.documents import run_figures
from preorder_tui.commands.session import ChangingCommand, ReadingCommand, current_session
from preorder_tui.policy_names import DEFAULT, NAMES
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.text import clean

_product = click.option("--product", type=TEXT, metavar="SKU", help="Only this product.")
_order = click.option("--order", type=TEXT, help="Only this sales order.")
_find_sales = click.option(
    "--find-sales", type=TEXT, metavar="TEXT", help="Only lines that this search finds."
)
_find_purchase = click.option(
    "--find-purchase", type=TEXT, metavar="TEXT", help="Only supply that this search finds."
)
_again = click.option(
    "--again", is_flag=True, help="Match lines that have supply anew too; pinned ones stay."
)


def _sales(text: str | None) -> SalesOrderQuery | None:
    return None if text is None else SalesOrderQuery(text=text)


def _purchases(text: str | None) -> PurchaseOrderQuery | None:
    return None if text is None else PurchaseOrderQuery(text=text)


@click.command("auto-allocate", cls=ChangingCommand)
@click.option(
    "--policy",
    type=TEXT,
    default=DEFAULT,
    show_default=True,
    help=f"Who gets supply first: {', '.join(NAMES)}.",
)
@_product
@_order
@_find_sales
@_find_purchase
@_again
def auto_allocate(
    policy: str,
    product: str | None,
    order: str | None,
    find_sales: str | None,
    find_purchase: str | None,
    again: bool,
) -> None:
    """Allocate every open pre-order line.

    Orders are served by the policy, first in first out by itself, from supply that arrives first.
    """
    change(
        current_session(),
        lambda service: service.plan_auto_allocate(
            policy.strip().lower(),
            sku=product,
            order=order,
            sales=_sales(find_sales),
            purchases=_purchases(find_purchase),
            again=again,
        ),
    )


@click.command("policies", cls=ReadingCommand)
@click.argument("names", type=TEXT, nargs=-1, metavar="[POLICY]...")
@_product
@_order
@_find_sales
@_find_purchase
@_again
def policies(
    names: tuple[str, ...],
    product: str | None,
    order: str | None,
    find_sales: str | None,
    find_purchase: str | None,
    again: bool,
) -> None:
    """Compare what allocation by each policy comes to.

    Nothing is changed. Without names all policies are compared.
    """
    session = current_session()
    with session.service() as service:
        found = service.compare_policies(
            [name.strip().lower() for name in names],
            sku=product,
            order=order,
            sales=_sales(find_sales),
            purchases=_purchases(find_purchase),
            again=again,
        )
    if session.as_json:
        session.print_json([run_figures(one) for one in found])
        return
    columns = ("", *(one.policy for one in found))
    rows = [(what, *(f"{getattr(one, field):,}" for one in found)) for what, field in COMPARED]
    session.print_table(columns, rows)
    for one in found:
        session.print(clean(f"{one.policy}: {NAMES[one.policy][1]}"))


COMPARED = (
    ("Lines served", "lines_served"),
    ("of them whole", "lines_whole"),
    ("Units given", "units_given"),
    ("Lines late", "lines_late"),
    ("Days late in all", "days_late"),
    ("Days late at most", "most_days_late"),
    ("Lines not served", "lines_unserved"),
    ("Units missing", "units_unserved"),
    ("Lines changed", "lines_changed"),
    ("Lines that lose", "lines_losing"),
)
"""What policies are compared by, with the field of each figure."""


@click.command("reallocate-all", cls=ChangingCommand)
@_product
def reallocate_all(product: str | None) -> None:
    """Move sales lines to earlier purchase orders.

    In the whole book, the oldest orders first; nobody loses a unit, pinned ones stay.
    """
    change(current_session(), lambda service: service.plan_reallocate_all(sku=product))


@click.command("sync-all", cls=ChangingCommand)
@_product
@click.option(
    "--guard",
    type=click.Choice(["any", "later", "earlier"]),
    default="any",
    help="Only promises that get later, or only earlier.",
)
def sync_all(product: str | None, guard: Literal["any", "later", "earlier"]) -> None:
    """Carry all arrivals to the promises that differ."""
    change(current_session(), lambda service: service.plan_sync_all(sku=product, guard=guard))


@click.command(cls=ChangingCommand)
@click.argument("so_line", type=TEXT)
@click.argument("po_line", type=TEXT, required=False)
def pin(so_line: str, po_line: str | None) -> None:
    """Pin a line's allocation: jobs leave it alone."""
    _pin(so_line, po_line, pinned=True)


@click.command(cls=ChangingCommand)
@click.argument("so_line", type=TEXT)
@click.argument("po_line", type=TEXT, required=False)
def unpin(so_line: str, po_line: str | None) -> None:
    """Take the pin off a line's allocation."""
    _pin(so_line, po_line, pinned=False)


def _pin(so_line: str, po_line: str | None, *, pinned: bool) -> None:
    change(
        current_session(),
        lambda service: service.plan_pin(
            service.resolve_line(so_line),
            None if po_line is None else service.resolve_line(po_line),
            pinned=pinned,
        ),
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


COMMANDS = (pin, unpin, policies, auto_allocate, reallocate_all, sync_all, undo, redo)
