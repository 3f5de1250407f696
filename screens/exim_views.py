"""What the import page shows of a file: failures, conflicts, columns, first rows, the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from preorder_tui.exim.configurations import Configuration
from preorder_tui.exim.records import (
    ColumnMatch,
    Conflict,
    DateExample,
    ImportResult,
    LogEntry,
    Preview,
    Understanding,
)
from preorder_tui.text import clean
from preorder_tui.wording import counted
from screens.line_columns import Column

WOULD_CHANGE_NOTHING = "Nothing in this file would change anything."
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
DATE_FORMS = {"iso": "YYYY-MM-DD", "mdy": "MM/DD/YYYY", "dmy": "DD/MM/YYYY"}
STATUSES = {
    "SERVICE_PENDING": "Pending",
    "SERVICE_QUEUED": "Queued",
    "SERVICE_RUNNING": "Running",
    "SERVICE_FINISHED": "Finished",
    "SERVICE_FAILED": "Failed",
    "SERVICE_CRASHED": "Crashed",
    "SERVICE_CANCELLED": "Cancelled",
}
HOW = {
    "name": "by its name",
    "hand": "by hand",
    "mapping": "saved mapping",
    "ignored": "reasons: ignored",
    "unused": "not used",
}
KINDS, FIRST = "How often each reason occurs", "The first failures"


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A reason with how often it occurs, or a line with its reason."""

    number: int
    text: str
    heading: str


def failure_rows(preview: Preview) -> list[FailureRow]:
    """The kinds of failures where any occurs more than once, then the first failures."""
    rows = []
    if preview.failed > len(preview.first_failures) or len(preview.failure_kinds) < preview.failed:
        rows = [FailureRow(number, clean(kind), KINDS) for kind, number in preview.failure_kinds]
    return rows + [FailureRow(one.line, clean(one.reason), FIRST) for one in preview.first_failures]


FAILURE_COLUMNS: list[Column[FailureRow]] = [
    Column("Line", lambda row: f"{row.number:,}" + "×" * (row.heading == KINDS), 9, align="right",
           priority=90),
    Column("Why the row is handed back", lambda row: row.text, 40, at_most=200, priority=80),
]  # fmt: skip
CONFLICT_COLUMNS: list[Column[Conflict]] = [
    Column("Line", lambda row: f"{row.line:,}", 7, align="right", priority=90),
    Column("Of", lambda row: clean(row.key), 13, priority=80, at_most=24),
    Column("Column", lambda row: clean(row.column), 12, priority=40, at_most=22),
    Column("Exported", lambda row: clean(row.base) or "none", 10, priority=60, at_most=24),
    Column("The file", lambda row: clean(row.ours) or "none", 10, priority=70, at_most=24),
    Column("Now here", lambda row: clean(row.theirs) or "none", 10, priority=75, at_most=24),
    Column("By", lambda row: clean(row.who), 6, priority=30, at_most=20),
]
COLUMN_COLUMNS: list[Column[tuple[int, ColumnMatch]]] = [
    Column("In the file", lambda row: clean(row[1].title) or "(no title)", 20, at_most=40,
           priority=90),
    Column("Is", lambda row: row[1].column or "-", 22, at_most=30, priority=80),
    Column("Matched", lambda row: HOW.get(row[1].how, row[1].how), 16, priority=50),
    Column("First value", lambda row: clean(row[1].sample), 10, at_most=60, priority=40),
]  # fmt: skip
ROW_COLUMNS: list[Column[tuple[int, tuple[str, ...]]]] = [
    Column("Record", lambda row: str(row[0]), 6, align="right", priority=90),
    Column("As it stands in the file", lambda row: " | ".join(map(clean, row[1])), 40,
           at_most=400, priority=80),
]  # fmt: skip
LOG_COLUMNS: list[Column[LogEntry]] = [
    Column("Log Id", lambda row: str(row.log_id), 6, align="right", priority=95),
    Column("User", lambda row: clean(row.user), 8, priority=70, at_most=16),
    Column("Date", lambda row: row.created[:16].replace("T", " "), 16, priority=80),
    Column("Uploaded File", lambda row: clean(row.file_name), 14, priority=85, at_most=50),
    Column("Status", lambda row: STATUSES.get(row.status_id, row.status_id), 9, priority=90),
    Column("Rows", lambda row: "" if row.total is None else f"{row.total:,}", 7, align="right",
           priority=50),
    Column("Failed", lambda row: "" if row.failed is None else f"{row.failed:,}", 6,
           align="right", priority=60),
    Column("Failed Records", lambda row: clean(name_of(row.failed_records)), 14, priority=20,
           at_most=50),
]  # fmt: skip


def name_of(path: str) -> str:
    """The last part of a path."""
    return path.rpartition("/")[2]


# --- Sentences ------------------------------------------------------------------------------------


def understanding_lines(found: Understanding) -> list[str]:
    """The file in two lines: what it is, and how its columns and dates are read."""
    used = sum(bool(one.column) for one in found.columns)
    encoding = ENCODINGS.get(found.encoding, found.encoding)
    delimiter = DELIMITERS.get(found.delimiter, repr(found.delimiter))
    return [
        f"File     {clean(found.file_name)}: {counted(found.records, 'record')}, "
        f"{found.size:,} bytes, {encoding}, {delimiter}",
        f"Read     {used} of {counted(len(found.columns), 'column')} used, dates "
        f"{DATE_FORMS[found.date_format]}"
        + ("" if found.date_format == "iso" else " or YYYY-MM-DD"),
    ]


def preview_line(preview: Preview) -> str:
    """What importing would do, in numbers."""
    return (
        f"Result   {preview.changed:,} would change, {preview.unchanged:,} stay as they are, "
        f"{preview.failed:,} fail, {preview.conflicts:,} conflict"
    )


def done_words(result: ImportResult) -> str:
    """How many rows an import changed, left as they were, and handed back."""
    done = result.preview
    return (
        f"{done.changed:,} changed, {done.unchanged:,} stayed as they were, "
        f"{done.failed:,} failed, {done.conflicts:,} conflicted"
        + (f"; change set {result.change_set_id}" if result.change_set_id is not None else "")
    )


def result_lines(result: ImportResult) -> list[str]:
    """What an import did."""
    done = result.preview
    lines = [f"Done     {done_words(result)}"]
    if result.failed_records:
        lines.append(
            f"Failed   {counted(done.failed, 'row')} in "
            f"{clean(name_of(result.failed_records))}: correct it and choose it with f"
        )
    if result.conflicts:
        lines.append(
            f"Conflict {counted(done.conflicts, 'row')} in "
            f"{clean(name_of(result.conflicts))}: import it to put the file's values"
        )
    return lines


def fact_lines(
    configuration: Configuration,
    found: Understanding | None,
    preview: Preview | None,
    result: ImportResult | None,
) -> list[str]:
    """What stands above the views: the file, how it is read, what importing would do or did."""
    if found is None:
        return [
            f"{configuration.title}: {configuration.description}",
            f"Needs    {', '.join(configuration.needs)}",
            "No file is chosen: f chooses one, t writes a template.",
        ]
    lines = understanding_lines(found)
    if result is not None:
        lines += result_lines(result)
    elif preview is not None:
        lines += [preview_line(preview), f"         {_advice(preview)}"]
    elif found.problems:
        lines.append(f"Problem  {clean(found.problems[0])}")
    return lines + [f"Note     {clean(note)}" for note in found.notes[:1]]


def _advice(preview: Preview) -> str:
    if preview.changed:
        return f"{clean(preview.title)}: i imports, F12 leaves it"
    return WOULD_CHANGE_NOTHING


def details(
    configuration: Configuration,
    found: Understanding | None,
    preview: Preview | None,
    result: ImportResult | None,
) -> Iterable[str]:
    """Everything that is known about the file, for reading at leisure."""
    yield f"{configuration.title} ({configuration.config_id}): {configuration.description}"
    yield f"Needs {', '.join(configuration.needs)}."
    yield f"Columns: {', '.join(configuration.column_names)}."
    if found is not None:
        yield ""
        yield from understanding_lines(found)
        yield from (clean(one) for one in (*found.problems, *found.notes))
        yield from map(date_words, found.date_examples)
    if preview is not None:
        yield ""
        yield preview_line(preview)
        yield from (clean(one) for one in (*preview.warnings, *preview.effects))
    if result is not None:
        yield ""
        yield from result_lines(result)
        if result.failed_records:
            yield f"Failed records: {clean(result.failed_records)}"
        if result.conflicts:
            yield f"Conflicts: {clean(result.conflicts)}"


def date_words(example: DateExample) -> str:
    """A date that may be two days."""
    return (
        f"Line {example.line:,}, {clean(example.column)} {clean(example.text)!r}: month first "
        f"{example.month_first or 'no date'}, day first {example.day_first or 'no date'}."
    )


def log_lines(entry: LogEntry) -> Iterable[str]:
    """An entry of the log in full: View Log."""
    yield f"{entry.config_id}, {STATUSES.get(entry.status_id, entry.status_id)}"
    yield f"Uploaded by {clean(entry.user)} on {entry.created}: {clean(entry.file_name)}"
    if entry.finished:
        yield f"Finished {entry.finished}"
    if entry.total is not None:
        yield f"{counted(entry.total, 'record')}, {entry.failed or 0:,} handed back"
    if entry.change_set_id is not None:
        yield f"Change set {entry.change_set_id}: :undo {entry.change_set_id} takes it back"
    if entry.failed_records:
        yield f"Failed records: {clean(entry.failed_records)}"
    if entry.message:
        yield ""
        yield from (clean(line) for line in entry.message.split("\n"))


def row_in_full(view: str, row: Any, titles: Sequence[str]) -> tuple[str, list[str]]:
    """A row of a view for reading at leisure: a title and lines."""
    if view == "log":
        return f"Log {row.log_id}", list(log_lines(row))
    if view == "failures":
        times = "times" if row.heading == KINDS else ""
        return row.heading, [f"{'' if times else 'Line '}{row.number:,} {times}".strip(), row.text]
    if view == "conflicts":
        lines = (
            f"{row.key}, {row.column}",
            f"Exported: {row.base or 'none'}",
            f"The file: {row.ours or 'none'}",
            f"Now here: {row.theirs or 'none'}",
            f"Changed by: {row.who or 'nobody that the history knows'}",
        )
        return f"Line {row.line:,}", [clean(line) for line in lines]
    number, cells = row
    names = [*titles, *("" for _ in cells[len(titles) :])]
    return f"Record {number}", [
        f"{clean(title)}: {clean(cell)}" for title, cell in zip(names, cells, strict=False)
    ]
