"""Commands that explain and suppose, and change nothing: why, what-if."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import click

from preorder_tui.commands import documents_why as documents
from preorder_tui.commands.arguments import DAY, TEXT
from preorder_tui.commands.session import ReadingCommand, Session, current_session
from preorder_tui.commands.tables import day, table
from preorder_tui.errors import WrongUsage
from preorder_tui.supposing import suppose
from preorder_tui.text import clean
from preorder_tui.why_records import WhatIf, Why
from preorder_tui.why_words import what_if_lines, why_lines
from preorder_tui.wording import counted

SHOWN = 40


@click.command(cls=ReadingCommand)
@click.argument("line", type=TEXT)
def why(line: str) -> None:
    """Say why a line stands so, and what would help.

    LINE is one of a sales order or of a purchase order.
    """
    session = current_session()
    with session.service() as service:
        found = service.why(service.resolve_line(line))
    if session.as_json:
        session.print_json(documents.why(found))
        return
    _print_why(session, found)


def _print_why(session: Session, found: Why) -> None:
    for text in why_lines(found, commands=True):
        session.print(clean(text))


@click.command("what-if", cls=ReadingCommand)
@click.argument("po_line", type=TEXT)
@click.option("--slip", type=TEXT, metavar="DAYS", help="Days later; -3 is earlier.")
@click.option("--arrival", type=DAY, metavar="DATE", help="Or the day it would arrive.")
@click.option(
    "--units", type=TEXT, metavar="N|+N|-N", help="A new quantity, or units more or fewer."
)
def what_if(po_line: str, slip: str | None, arrival: date | None, units: str | None) -> None:
    """Say who turns late if a purchase line slips.

    Nothing is changed; the commands that would do it are printed.
    """
    if slip is None and arrival is None and units is None:
        raise WrongUsage("suppose something: give --slip, --arrival or --units")
    supposed = suppose(slip or "", units or "")
    if arrival is not None:
        if slip is not None:
            raise WrongUsage("give --slip or --arrival, not both")
        supposed = replace(supposed, arrival=arrival)
    session = current_session()
    with session.service() as service:
        found = service.what_if(service.resolve_line(po_line), supposed)
    if session.as_json:
        session.print_json(documents.what_if(found))
        return
    _print_what_if(session, found)


def _print_what_if(session: Session, found: WhatIf) -> None:
    session.print(clean(f"{found.name} {found.sku}"))
    for text in what_if_lines(found):
        session.print(clean(text))
    rows = [
        (
            row.line,
            row.order_name,
            row.customer_name,
            f"-{row.lost:,}/{row.units:,}" if row.lost else row.units,
            day(row.promise_date),
            day(row.old_arrival),
            day(row.new_arrival),
            row.days_late_before or "-",
            row.days_late_after or "-",
            row.turn,
        )
        for row in found.rows[:SHOWN]
    ]
    if rows:
        for text in table(
            ("Line", "Name", "Customer", "Units", "Promise", "Arrival", "New", "Late", "Then",
             "What"),
            rows,
            right=("Units", "Late", "Then"),
            elastic=("Customer", "Name"),
        ):  # fmt: skip
            session.print(text)
    if found.changed > len(rows):
        session.print(f"… and {counted(found.changed - len(rows), 'more line')}")
    if not found.changes_something:
        session.print("That is how it stands: nothing would change.")
        return
    session.print("Nothing has changed. To make it so:")
    for command in found.commands:
        session.print(f"  {command}")
    if found.sync_command:
        session.print(f"and to carry it to {counted(found.sync, 'promise date')}:")
        session.print(f"  {found.sync_command}")


COMMANDS = (why, what_if)
