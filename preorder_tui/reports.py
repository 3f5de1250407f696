"""Reports (domain §5): each a statement or two, its first rows for a page, all of them for a file.

Everything is computed by the database, set-wise. Rows are streamed from it, so that a page takes
what it shows and an export never holds the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from itertools import islice
from typing import cast

from sqlalchemy import Connection

from preorder_tui.clock import Clock
from preorder_tui.page_exports import write_csv
from preorder_tui.report_catalogue import (
    MOST_ROWS,
    Report,
    ReportKind,
    Window,
    report_kind,
    window_of,
)
from preorder_tui.report_rows import Maker


def report(
    connection: Connection,
    clock: Clock,
    name: str,
    window: Window | None = None,
    *,
    limit: int | None = None,
) -> Report:
    """A report over the days of ``window``, by default its own; its first ``limit`` rows.

    Without a limit there are at most ``MOST_ROWS`` of them.

    Raises:
        UnknownId: there is no such report.
        WrongUsage: the window does not fit it.
    """
    kind, days = _asked(clock, name, window)
    maker, read_days = _maker(kind), days or _now(clock)
    limit = MOST_ROWS if limit is None else limit
    found = tuple(islice(maker.rows(connection, clock, read_days, limit + 1), limit + 1))
    rows = found[:limit]
    return Report(
        kind,
        days,
        rows,
        len(found) > limit,
        maker.chart(connection, clock, read_days, rows),
        clock.local(clock.now()),
    )


def report_csv(
    connection: Connection,
    clock: Clock,
    subject: tuple[str, Window | None],
    write: Callable[[str], object],
) -> int:
    """Write a report (its name and its window) with all its rows as CSV; how many there are.

    Raises:
        UnknownId: there is no such report.
        WrongUsage: the window does not fit it.
    """
    kind, days = _asked(clock, *subject)
    rows = _maker(kind).rows(connection, clock, days or _now(clock), None)
    return write_csv(write, [column.name for column in kind.columns], (row.cells for row in rows))


def _asked(clock: Clock, name: str, window: Window | None) -> tuple[ReportKind, Window | None]:
    kind = report_kind(name)
    first, last = (window.first, window.last) if window is not None else (None, None)
    return kind, window_of(kind, clock.today(), first, last)


def _now(clock: Clock) -> Window:
    return Window(clock.today(), clock.today())


def _maker(kind: ReportKind) -> Maker:
    module, _, name = kind.maker.partition(":")
    return cast("Maker", getattr(import_module(f"preorder_tui.{module}"), name))
