"""``report``: the reports of the desk, as a table, as JSON or as a CSV file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import click

from preorder_tui import settings
from preorder_tui.commands.arguments import DAY, TEXT
from preorder_tui.commands.session import ReadingCommand, Session, current_session
from preorder_tui.errors import WrongUsage
from preorder_tui.report_catalogue import (
    MOST_ROWS,
    REPORTS,
    Cell,
    Report,
    cell_text,
    report_kind,
    window_of,
)
from preorder_tui.text import clean
from preorder_tui.wording import counted

_RIGHT = ("number", "money", "percent", "days")
_ELASTIC = ("customerName", "emailAddress", "productName", "parentProductName", "externalId")


def _names() -> str:
    width = max(len(kind.name) for kind in REPORTS)
    return "\n".join(f"  {kind.name:<{width}}  {kind.title}" for kind in REPORTS)


@click.command(
    cls=ReadingCommand,
    epilog=f"\b\nReports:\n{_names()}",
    context_settings={"max_content_width": 100},
)
@click.argument("name", type=TEXT)
@click.option("--from", "first", type=DAY, metavar="DATE", help="The first day.")
@click.option("--to", "last", type=DAY, metavar="DATE", help="The last day; by default today.")
@click.option("--csv", "csv_file", type=click.STRING, metavar="FILE", help="Write all rows there.")
@click.option("--replace", is_flag=True, help="With --csv: over a file that is there.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=MOST_ROWS,
    show_default=True,
    help="Rows at most; a CSV file gets all.",
)
def report(
    name: str,
    first: date | None,
    last: date | None,
    csv_file: str | None,
    replace: bool,
    limit: int,
) -> None:
    """Show a report: NAME is one of those below."""
    session = current_session()
    kind = report_kind(name)
    path = None
    if csv_file is not None:
        path = settings.exchange_file(csv_file, settings.exchange_folder())
        if path.is_dir():
            raise WrongUsage(f"--csv {clean(csv_file)!r} is a folder: name a file")
    with session.service() as service:
        window = window_of(kind, service.clock.today(), first, last)
        if path is not None:
            rows = service.export_report(kind.name, window, path, replace=replace)
            if session.as_json:
                session.print_json({"report": kind.name, "rows": rows, "file": str(path)})
            else:
                session.print(f"{counted(rows, 'row')} written to {clean(str(path))}.")
            return
        found = service.report(kind.name, window, limit=limit)
    if session.as_json:
        session.print_json(document(found))
    else:
        _print(session, found)


def document(found: Report) -> dict[str, Any]:
    """A report as JSON: one object per row."""
    return {
        "report": found.kind.name,
        "from": found.window.first.isoformat() if found.window is not None else None,
        "to": found.window.last.isoformat() if found.window is not None else None,
        "capped": found.capped,
        "rows": [
            {
                column.name: _value(cell)
                for column, cell in zip(found.kind.columns, row.cells, strict=True)
            }
            for row in found.rows
        ],
    }


def _value(cell: Cell) -> str | int | float | None:
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell) if isinstance(cell, Decimal) else cell


def _print(session: Session, found: Report) -> None:
    columns = found.kind.columns
    days = f", {found.window}" if found.window is not None else ""
    session.print(f"{found.kind.title}{days}")
    session.print_table(
        [column.title for column in columns],
        [
            [cell_text(column.kind, cell) for column, cell in zip(columns, row.cells, strict=True)]
            for row in found.rows
        ],
        right=[column.title for column in columns if column.kind in _RIGHT],
        elastic=[column.title for column in columns if column.name in _ELASTIC],
    )
    session.print(f"{counted(len(found.rows), 'row')}{' shown, there are more' * found.capped}.")


COMMANDS = (report,)
