"""Exports: rows of the book as CSV (RFC 4180, UTF-8), streamed, cells made harmless.

All rows of one export are read in one transaction and so show one state of the book. Columns stand
in the order of the configuration, always.
"""

from __future__ import annotations

import csv
import importlib
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from sqlalchemy import Connection

from data import transaction
from preorder_tui import desk_log, grants
from preorder_tui.clock import Clock
from preorder_tui.csv_safety import neutralise
from preorder_tui.errors import Unreachable
from preorder_tui.exim.configurations import Configuration
from preorder_tui.exim.records import ExportFilter
from preorder_tui.export_file import Sink, write_file
from preorder_tui.opening import sentence_for
from preorder_tui.permissions import Permission

if TYPE_CHECKING:
    from preorder_tui.service import Service

Cell = str | int | Decimal | date | None
Write = Callable[[str], object]
Tell = Callable[[str, int, int], None]
TOLD_EVERY = 5_000


class Exporter(Protocol):
    """A module of :mod:`preorder_tui.exim` that an export configuration names."""

    def rows(
        self, connection: Connection, clock: Clock, config_id: str, filters: ExportFilter
    ) -> Iterable[tuple[Cell, ...]]:
        """The rows of an export, in the order of its columns.

        Raises:
            UnknownId: a filter names what is not there.
        """


def _silent(phase: str, done: int, total: int) -> None:
    pass


def export_to(
    service: Service,
    chosen: Configuration,
    path: Path | None,
    filters: ExportFilter | None = None,
    *,
    replace: bool = False,
    write: Write | None = None,
    tell: Tell = _silent,
) -> int:
    """Write an export to a file, or piece by piece through ``write``; how many rows it has.

    Raises:
        NotPermitted: the person may not export.
        Refused: the file exists and may not be replaced, or it cannot be written.
        UnknownId: a filter names what is not there.
    """
    exporter = cast("Exporter", importlib.import_module(f"preorder_tui.exim.{chosen.module}"))

    def work(connection: Connection) -> int:
        granted = grants.read(connection, service.actor)
        granted.require(Permission.VIEW, Permission.EXIM)

        def pour(take: Write) -> int:
            found = exporter.rows(
                connection, service.clock, chosen.config_id, filters or ExportFilter()
            )
            return _pour(take, chosen.column_names, found, tell)

        if path is not None:
            return write_file(path, pour, replace=replace)
        return pour(write or (lambda text: None))

    try:
        with desk_log.noting(service.actor, f"export {chosen.config_id}") as note:
            rows = transaction.read(service.engine, work)
            note.facts["rows"] = rows
            return rows
    except transaction.DatabaseUnreachable as error:
        raise Unreachable(sentence_for(service.engine.url, error)) from error


def _pour(write: Write, header: Iterable[str], rows: Iterable[tuple[Cell, ...]], tell: Tell) -> int:
    found = iter(rows)
    first = list(islice(found, 1))  # what is wrong with a filter is told before a byte is written
    writer = csv.writer(Sink(write))
    writer.writerow(header)
    number = 0
    for row in chain(first, found):
        writer.writerow([_cell(value) for value in row])
        number += 1
        if number % TOLD_EVERY == 0:
            tell("exporting", number, 0)
    return number


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return neutralise(value.replace("\x00", ""))
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat() if isinstance(value, date) else str(value)
