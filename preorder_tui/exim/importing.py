"""An import, from the file to the log: read, check row by row, hand back, apply, note.

Nothing is written before the whole file has been read and the Failed Records are on disk. Order
tables change through one plan, so that an import is one change set that one undo takes back.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from sqlalchemy import Connection

from data import transaction
from preorder_tui.clock import Clock
from preorder_tui.errors import DeskError, Unreachable
from preorder_tui.exim import log
from preorder_tui.exim.configurations import Configuration, configuration
from preorder_tui.exim.fields import DateFormat, Dates
from preorder_tui.exim.reading import Sheet, StructuralFault, Upload, read_sheet
from preorder_tui.exim.rows import FailedRecords, Row
from preorder_tui.opening import sentence_for
from preorder_tui.plan import Plan
from preorder_tui.text import clean

if TYPE_CHECKING:
    from preorder_tui.service import Service

Result = TypeVar("Result")

FAILURES_SHOWN = 10


@dataclass(slots=True)
class ImportContext:
    """What an importer works with."""

    service: Service
    configuration: Configuration
    file_name: str
    dates: Dates
    dry_run: bool
    failed: FailedRecords = field(default_factory=FailedRecords)

    @property
    def clock(self) -> Clock:
        """The site's clock."""
        return self.service.clock

    @property
    def command(self) -> str:
        """The command that does the same import, as change sets show it."""
        return f"import {self.configuration.config_id} {Path(self.file_name).name}"

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Look something up in one read transaction."""
        return transaction.read(self.service.engine, work)


@dataclass(slots=True)
class Prepared:
    """What an importer made of the good rows.

    Attributes:
        title: what would be done, as a sentence without a full stop.
        masters: writes masters (products, facilities, parties); no order table.
        plan: the change of order tables.
    """

    title: str
    masters: Callable[[Connection], None] | None = None
    plan: Plan | None = None


class Importer(Protocol):
    """A module of :mod:`preorder_tui.exim` that a configuration names."""

    def prepare(self, context: ImportContext, rows: Iterator[Row]) -> Prepared:
        """Check every row, hand the bad ones back, prepare the good ones; changes no order."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did; for a dry run: would do, without log and change set."""

    log_id: int | None
    status_id: str | None
    total: int
    failed: int
    change_set_id: int | None
    title: str
    ignored: tuple[str, ...]
    first_failures: tuple[str, ...]
    failure_kinds: tuple[tuple[str, int], ...]


def run_import(
    service: Service,
    config_id: str,
    upload: Upload,
    *,
    failed_records: Path | None = None,
    date_format: DateFormat = "iso",
    dry_run: bool = False,
    reason: str | None = None,
) -> ImportResult:
    """Import a file.

    Raises:
        UnknownId: there is no such configuration.
        StructuralFault: the file as a whole cannot be understood; nothing is applied.
        Refused: the failed records cannot be written; nothing is applied.
        StalePlan: somebody changed an order meanwhile; no order is changed.
    """
    chosen = configuration(config_id, "import")
    context = ImportContext(
        service, chosen, upload.name, Dates(service.clock, date_format), dry_run
    )
    importer = cast("Importer", importlib.import_module(f"preorder_tui.exim.{chosen.module}"))
    with _logged(context) as log_id, _sentences(service):
        sheet = read_sheet(upload, chosen)
        prepared = importer.prepare(context, _whole_rows(context, sheet))
        if not sheet.records:
            raise StructuralFault(f"{clean(upload.name)} has a header but no records")
        failed = context.failed
        if failed_records is not None:
            failed.write(failed_records, sheet.header)
        change_set_id = None if dry_run else _apply(service, prepared, reason)
        if log_id is not None:
            _write_log(
                service,
                lambda connection: log.finish(
                    connection,
                    log_id,
                    service.clock.now(),
                    total=sheet.records,
                    failed=len(failed),
                    change_set_id=change_set_id,
                    failed_records_file=str(failed_records.absolute()) if failed_records else None,
                    message="\n".join(failed.first(FAILURES_SHOWN)) or None,
                ),
            )
    return ImportResult(
        log_id,
        None if dry_run else log.FINISHED,
        sheet.records,
        len(failed),
        change_set_id,
        prepared.title,
        sheet.ignored,
        tuple(failed.first(FAILURES_SHOWN)),
        tuple(failed.kinds()),
    )


def _whole_rows(context: ImportContext, sheet: Sheet) -> Iterator[Row]:
    """The records whose fields fit the header; the others are handed back."""
    for row in sheet.rows():
        if len(row.cells) > len(sheet.header):
            context.failed.add(row, "there are more fields than the header has columns")
        else:
            yield row


def _apply(service: Service, prepared: Prepared, reason: str | None) -> int | None:
    if prepared.masters is not None:
        transaction.write(service.engine, prepared.masters)
    if prepared.plan is None or prepared.plan.empty:
        return None
    return service.apply(prepared.plan, reason=reason).change_set_id


@contextmanager
def _sentences(service: Service) -> Iterator[None]:
    try:
        yield
    except transaction.DatabaseUnreachable as error:
        raise Unreachable(sentence_for(service.engine.url, error)) from error


@contextmanager
def _logged(context: ImportContext) -> Iterator[int | None]:
    """A log entry around an import; whatever ends it early is noted there."""
    if context.dry_run:
        yield None
        return
    service = context.service
    log_id: int | None = None

    def begin(connection: Connection) -> None:
        nonlocal log_id
        log_id = log.start(
            connection,
            context.configuration.config_id,
            service.actor.user,
            context.file_name,
            service.clock.now(),
        )

    with _sentences(service):
        _write_log(service, begin)
    message = "ended before it was done: nothing of the orders was changed"
    try:
        yield log_id
        message = ""
    except DeskError as error:
        message = error.sentence
        raise
    finally:
        if message and log_id is not None:
            number = log_id
            with suppress(transaction.DatabaseUnreachable):
                _write_log(
                    service,
                    lambda connection: log.fail(connection, number, service.clock.now(), message),
                )


def _write_log(service: Service, work: Callable[[Connection], None]) -> None:
    transaction.write(service.engine, work)
