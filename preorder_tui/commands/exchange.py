"""``import`` and ``export``: EXIM by command line."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preorder_tui import settings
from preorder_tui.commands.arguments import TEXT
from preorder_tui.commands.session import (
    ChangingCommand,
    ReadingCommand,
    Session,
    current_session,
)
from preorder_tui.errors import WrongUsage
from preorder_tui.exchange_folder import file_to_read, spool
from preorder_tui.exim.records import DateFormat, ExportFilter, ImportOptions, ImportResult
from preorder_tui.text import clean
from preorder_tui.wording import counted

if TYPE_CHECKING:
    from preorder_tui.exim.layout import Upload

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
    "--conflicts",
    type=click.STRING,
    metavar="FILE",
    help="Where rows go that were changed here since they were exported; else beside the others.",
)
@click.option(
    "--date-format",
    type=click.Choice(["iso", "mdy", "dmy"]),
    help="A second form of dates; YYYY-MM-DD is always read.",
)
@click.option("--mapping", type=TEXT, metavar="NAME", help="A saved mapping of columns.")
@click.option(
    "--column",
    "columns",
    type=TEXT,
    multiple=True,
    metavar="TITLE=COLUMN",
    help="Match a title of the file to a column; repeatable.",
)
@click.option("--save-mapping", type=TEXT, metavar="NAME", help="Keep how this file was read.")
@click.option("--delimiter", type=click.STRING, help="Else found out: , ; | or tab.")
@click.option("--encoding", type=TEXT, help="Else found out: utf-8, utf-16 or cp1252.")
def import_(
    config: str,
    file: str,
    failed_records: str | None,
    conflicts: str | None,
    date_format: DateFormat | None,
    mapping: str | None,
    columns: tuple[str, ...],
    save_mapping: str | None,
    delimiter: str | None,
    encoding: str | None,
) -> None:
    """Import a CSV FILE as configuration CONFIG says.

    A dash for FILE reads standard input.
    """
    session = current_session()
    from preorder_tui.exim.configurations import configuration

    chosen = configuration(config, "import")  # a wrong name is told before anything is opened
    options = ImportOptions(
        _delimiter(delimiter),
        (encoding or "").lower(),
        date_format,
        tuple(_column(text) for text in columns),
        mapping or "",
    )
    folder = settings.exchange_folder()
    source = None if file == STANDARD else settings.exchange_file(file, folder)
    paths = [
        None if given is None else _apart(option, settings.exchange_file(given, folder), source)
        for option, given in (("--failed-records", failed_records), ("--conflicts", conflicts))
    ]
    with _upload(file, folder) as upload, session.service("import") as service:
        from preorder_tui.exim import mappings
        from preorder_tui.exim.at_once import run_import
        from preorder_tui.exim.handed_files import HandedFiles

        result = run_import(
            service,
            config,
            upload,
            options,
            files=HandedFiles(*paths),
            dry_run=session.dry_run,
            reason=session.why(),
            tell=_progress(session),
        )
        if save_mapping is not None and not session.dry_run:
            mappings.save(
                service, chosen.config_id, save_mapping, mappings.complete(service, chosen, options)
            )
    if session.as_json:
        session.print_json(_document(result))
    else:
        _print(session, result)


def _document(result: ImportResult) -> dict[str, Any]:
    preview = result.preview
    return {
        "logId": result.log_id,
        "statusId": result.status_id,
        "totalRecordCount": preview.total,
        "failedRecordCount": preview.failed,
        "changedRecordCount": preview.changed,
        "unchangedRecordCount": preview.unchanged,
        "conflictCount": preview.conflicts,
        "changeSetId": result.change_set_id,
    }


def _delimiter(text: str | None) -> str:
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "bar": "|"}
    delimiter = named.get((text or "").lower(), text or "")
    if len(delimiter) > 1 or delimiter in ('"', "\n", "\r", "\x00"):
        raise WrongUsage(f"{clean(delimiter)!r} is not a delimiter: write one character, or tab")
    return delimiter


def _column(text: str) -> tuple[str, str]:
    title, equals, column = text.rpartition("=")
    if not equals or not title.strip():
        raise WrongUsage(
            f"--column {clean(text)!r}: write TITLE=COLUMN, such as 'Order no=external-id'"
        )
    return title.strip(), column.strip().lower()


@contextmanager
def _upload(file: str, folder: Path | None) -> Iterator[Upload]:
    from preorder_tui.exim.layout import Upload

    if file == STANDARD:
        with spool("preorder-tui-stdin-") as (file_of_its_own, path):
            shutil.copyfileobj(sys.stdin.buffer, file_of_its_own)
            file_of_its_own.flush()
            yield Upload("standard input", path)
        return
    path = settings.exchange_file(file, folder)
    opened = ExitStack()
    try:
        if path.is_dir():
            raise WrongUsage(f"{clean(file)!r} is a folder: name a file")
        pinned = opened.enter_context(file_to_read(path))
    except OSError as error:
        what = "there is no file" if isinstance(error, FileNotFoundError) else "cannot read"
        raise WrongUsage(f"{what} {clean(file)!r}: give the CSV file to import") from error
    with opened:
        yield Upload(path.name, pinned)


def _apart(option: str, path: Path, source: Path | None) -> Path:
    """The file of an option, which can be written and is not the file that is read."""
    if path.is_dir():
        raise WrongUsage(f"{option} {clean(str(path))!r} is a folder: name a file")
    if not path.absolute().parent.is_dir():
        raise WrongUsage(f"the folder of {option} {clean(str(path))!r} does not exist")
    if source is not None and path.resolve() == source.resolve():
        raise WrongUsage(f"{option} would overwrite the file that is imported")
    return path


def _progress(session: Session) -> Any:
    """On a terminal: how far the import is, on standard error."""
    from preorder_tui.exim.progress import Meter

    if session.as_json or not sys.stderr.isatty():
        return Meter(lambda progress: None).tell

    def show(progress: Any) -> None:
        total = f" of {progress.total:,}" if progress.total else ""
        left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left is not None else ""
        sys.stderr.write(
            f"\r{progress.phase}: {progress.done:,}{total}, {progress.rate:,.0f} a second{left}  "
            f"{'':10}\r"
        )
        sys.stderr.flush()

    return Meter(show).tell


def _print(session: Session, result: ImportResult) -> None:
    preview = result.preview
    session.print(clean(preview.title))
    if preview.ignored:
        session.print(f"Columns not used: {', '.join(preview.ignored)}")
    for warning in preview.warnings[:KINDS_SHOWN]:
        session.print(f"Warning: {clean(warning)}")
    for reason, number in preview.failure_kinds[:KINDS_SHOWN]:
        session.print(f"  {number:>7,}  {reason}")
    for failure in preview.first_failures[:3]:
        session.print(f"Handed back: line {failure.line}: {failure.reason}")
    for one in preview.first_conflicts[:3]:
        session.print(
            f"Conflict: line {one.line}: {one.key} {one.column}: base {one.base or 'none'}, ours "
            f"{one.ours or 'none'}, theirs {one.theirs or 'none'} {one.who}".rstrip()
        )
    parts = [f"{preview.changed:,} good"]
    if preview.unchanged:
        parts.append(f"{preview.unchanged:,} unchanged")
    if preview.conflicts:
        parts.append(counted(preview.conflicts, "conflict"))
    parts.append(f"{preview.failed:,} handed back")
    session.print(f"{counted(preview.total, 'record')}: {', '.join(parts)}.")
    if preview.failed and result.failed_records:
        session.print(f"Handed back in {clean(result.failed_records)}.")
    if preview.conflicts and result.conflicts:
        session.print(f"Conflicts in {clean(result.conflicts)}.")
    if result.log_id is None:
        session.print("Nothing has changed (dry run).")
    elif result.change_set_id is not None:
        session.print(f"Done: log {result.log_id}, change set {result.change_set_id}.")
    else:
        session.print(f"Done: log {result.log_id}.")


@click.command(cls=ReadingCommand)
@click.argument("config", type=TEXT)
@click.argument("file", type=click.STRING)
@click.option("--status", "statuses", type=TEXT, multiple=True, help="Item status; repeatable.")
@click.option("--store", type=TEXT, metavar="ID", help="Only this product store.")
@click.option("--facility", type=TEXT, metavar="ID", help="Only this queue or facility.")
@click.option("--product", type=TEXT, metavar="SKU", help="Only this product.")
@click.option("--order", "orders", type=TEXT, multiple=True, help="Only this order; repeatable.")
@click.option("--replace", is_flag=True, help="Replace a file that is there.")
def export(
    config: str,
    file: str,
    statuses: tuple[str, ...],
    store: str | None,
    facility: str | None,
    product: str | None,
    orders: tuple[str, ...],
    replace: bool,
) -> None:
    """Export a CSV FILE as configuration CONFIG says.

    A dash for FILE writes standard output.
    """
    session = current_session()
    from preorder_tui.exim.configurations import configuration

    chosen = configuration(config, "export")
    path = None
    if file != STANDARD:
        path = settings.exchange_file(file, settings.exchange_folder())
    elif session.as_json:
        raise WrongUsage("--json and a dash for FILE both want standard output: name a file")
    filters = ExportFilter(
        tuple(status.strip().upper() for status in statuses),
        store or "",
        facility or "",
        product or "",
        orders,
    )
    from preorder_tui.exim.exporting import export_to

    with session.service() as service:
        rows = export_to(service, chosen, path, filters, replace=replace, write=sys.stdout.write)
    if path is None:
        return
    if session.as_json:
        session.print_json({"configId": chosen.config_id, "file": str(path), "rowCount": rows})
    else:
        session.print(f"{counted(rows, 'row')} in {clean(file)}.")


COMMANDS = (import_, export)
