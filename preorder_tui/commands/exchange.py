"""``import`` and ``export``: EXIM by command line."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from preorder_tui import settings
from preorder_tui.commands.arguments import TEXT
from preorder_tui.commands.session import (
    ChangingCommand,
    ReadingCommand,
    Session,
    current_session,
)
from preorder_tui.commands.tables import plural
from preorder_tui.errors import WrongUsage
from preorder_tui.text import clean

if TYPE_CHECKING:
    from preorder_tui.exim.fields import DateFormat
    from preorder_tui.exim.importing import ImportResult
    from preorder_tui.exim.reading import Upload

KINDS_SHOWN = 10
STANDARD = "-"


@click.command("import", cls=ChangingCommand)
@click.argument("config", type=TEXT)
@click.argument("file", type=click.STRING)
@click.option(
    "--failed-records",
    type=click.STRING,
    metavar="FILE",
    help="Where the rows that are handed back go, with the reason in the last column.",
)
@click.option(
    "--date-format",
    type=click.Choice(["iso", "mdy", "dmy"]),
    default="iso",
    help="A second form of dates; YYYY-MM-DD is always read.",
)
def import_(config: str, file: str, failed_records: str | None, date_format: DateFormat) -> None:
    """Import a CSV FILE as configuration CONFIG says.

    A dash for FILE reads standard input.
    """
    session = current_session()
    from preorder_tui.exim.configurations import configuration

    configuration(config, "import")  # a wrong name is told before the database is opened
    folder = settings.exchange_folder()
    upload = _upload(file, folder)
    failed = None if failed_records is None else settings.exchange_file(failed_records, folder)
    if failed is not None:
        _check_apart(failed, None if file == STANDARD else settings.exchange_file(file, folder))
    from preorder_tui.exim.importing import run_import

    with session.service("import") as service:
        result = run_import(
            service,
            config,
            upload,
            failed_records=failed,
            date_format=date_format,
            dry_run=session.dry_run,
            reason=session.why(),
        )
    if session.as_json:
        session.print_json(
            {
                "logId": result.log_id,
                "statusId": result.status_id,
                "totalRecordCount": result.total,
                "failedRecordCount": result.failed,
                "changeSetId": result.change_set_id,
            }
        )
    else:
        _print(session, result, failed_records)


def _upload(file: str, folder: Path | None) -> Upload:
    from preorder_tui.exim.reading import Upload

    if file == STANDARD:
        content = sys.stdin.buffer.read()
        return Upload("standard input", lambda: io.BytesIO(content))
    path = settings.exchange_file(file, folder)

    def open_file() -> BinaryIO:
        return path.open("rb")

    try:
        if path.is_dir():
            raise WrongUsage(f"{clean(file)!r} is a folder: name a file")
        open_file().close()
    except OSError as error:
        what = "there is no file" if isinstance(error, FileNotFoundError) else "cannot read"
        raise WrongUsage(f"{what} {clean(file)!r}: give the CSV file to import") from error
    return Upload(path.name, open_file)


def _check_apart(failed: Path, file: Path | None) -> None:
    if failed.is_dir():
        raise WrongUsage(f"--failed-records {clean(str(failed))!r} is a folder: name a file")
    if not failed.absolute().parent.is_dir():
        raise WrongUsage(f"the folder of --failed-records {clean(str(failed))!r} does not exist")
    if file is not None and failed.resolve() == file.resolve():
        raise WrongUsage("--failed-records would overwrite the file that is imported")


def _print(session: Session, result: ImportResult, failed_records: str | None) -> None:
    session.print(clean(result.title))
    if result.ignored:
        session.print(f"Columns not used: {', '.join(result.ignored)}")
    for reason, number in result.failure_kinds[:KINDS_SHOWN]:
        session.print(f"  {number:>7,}  {reason}")
    for sentence in result.first_failures[:3]:
        session.print(f"Handed back: {sentence}")
    good = result.total - result.failed
    session.print(
        f"{plural(result.total, 'record')}: {good:,} good, {result.failed:,} handed back"
        + (f" in {clean(failed_records)}" if failed_records and result.failed else "")
        + "."
    )
    if result.log_id is None:
        session.print("Nothing has changed (dry run).")
    elif result.change_set_id is not None:
        session.print(f"Done: log {result.log_id}, change set {result.change_set_id}.")
    else:
        session.print(f"Done: log {result.log_id}.")


@click.command(cls=ReadingCommand)
@click.argument("config", type=TEXT)
@click.argument("file", type=click.STRING)
def export(config: str, file: str) -> None:
    """Export a CSV FILE as configuration CONFIG says."""
    from preorder_tui.exim.configurations import configuration

    settings.exchange_file(file, settings.exchange_folder())
    configuration(config, "export")


COMMANDS = (import_, export)
