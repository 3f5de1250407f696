"""What EXIM tells the desk and the command line: frozen records, light to import.

They travel between the desk and its worker process as JSON: :func:`to_document` and
:func:`from_document` are exact inverses for every record here.
"""

from __future__ import annotations

import types
import typing
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any, Literal, TypeVar

DateFormat = Literal["iso", "mdy", "dmy"]
"""ISO is always read; ``mdy`` and ``dmy`` name a second form that a person chose."""

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be read. Empty means: find out.

    Attributes:
        delimiter: ``,``, ``;``, tab or ``|``.
        encoding: ``utf-8``, ``utf-16`` or ``cp1252``.
        date_format: the second form of dates.
        columns: matched by hand, (title in the file, column of the configuration); an empty column
            means that the title is not used. Titles that are not named are matched by themselves.
        mapping: the name of a saved mapping; what is given beside it goes before it.
    """

    delimiter: str = ""
    encoding: str = ""
    date_format: DateFormat | None = None
    columns: tuple[tuple[str, str], ...] = ()
    mapping: str = ""


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """A column of the file, in the order of the file.

    Attributes:
        title: as it stands in the file.
        column: the configuration's column; empty when it is not used.
        how: matched by its ``name``, by ``hand`` or through a saved ``mapping``; ``ignored`` is the
            reason column of a Failed Records file, ``unused`` is everything else.
        sample: the first value that is not empty.
    """

    title: str
    column: str
    how: Literal["name", "hand", "mapping", "ignored", "unused"]
    sample: str = ""


@dataclass(frozen=True, slots=True)
class DateExample:
    """A date that is not ISO, and the days it may mean; None where a form makes no day of it."""

    line: int
    column: str
    text: str
    month_first: str | None
    day_first: str | None


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a file is, before any of it is judged.

    Attributes:
        missing: mandatory columns that nothing in the file was matched to ("a or b" where one of
            two will do).
        records: how many records there are, blank lines left out.
        first_rows: the first records as they stand.
        date_examples: dates that are not ISO; with ``date_format`` iso a form must be chosen.
        problems: why the file cannot be imported as it is, as sentences; empty when it can.
        notes: what else to know, as sentences (columns not used, the encoding that was found).
    """

    config_id: str
    file_name: str
    size: int
    encoding: str
    delimiter: str
    date_format: DateFormat
    columns: tuple[ColumnMatch, ...]
    missing: tuple[str, ...]
    records: int
    first_rows: tuple[tuple[str, ...], ...]
    date_examples: tuple[DateExample, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether it can be previewed and applied."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes:
        phase: ``reading``, ``checking``, ``applying``, ``exporting``.
        done: rows done in this phase.
        total: rows of this phase; 0 when it is not known.
        rate: rows a second.
        seconds_left: of this phase; None while it cannot be told.
    """

    phase: str
    done: int
    total: int
    rate: float = 0.0
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that would be handed back: the line it starts on, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that somebody else changed in the database since it was exported.

    ``base`` is the exported value, ``ours`` the file's, ``theirs`` what the database holds now.
    """

    line: int
    key: str
    column: str
    base: str
    ours: str
    theirs: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What applying would do: total = changed + unchanged + conflicts + failed."""

    title: str
    total: int
    changed: int
    unchanged: int
    conflicts: int
    failed: int
    first_failures: tuple[Failure, ...] = ()
    failure_kinds: tuple[tuple[str, int], ...] = ()
    first_conflicts: tuple[Conflict, ...] = ()
    warnings: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did; ``change_set_id`` takes it back with one undo.

    Attributes:
        log_id: its entry in the log; None for a dry run.
        status_id: SERVICE_FINISHED; None for a dry run.
        failed_records: the file of the rows that were handed back; empty when there is none.
        conflicts: the file of the conflicts; imported again, it puts the file's values.
    """

    log_id: int | None
    status_id: str | None
    change_set_id: int | None
    preview: Preview
    failed_records: str = ""
    conflicts: str = ""


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Which rows an export has. Empty means no restriction beyond the export's own.

    Attributes:
        statuses: item statuses instead of the export's own choice (open lines, mostly).
        orders: order ids or external ids.
    """

    statuses: tuple[str, ...] = ()
    product_store_id: str = ""
    facility_id: str = ""
    sku: str = ""
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What an export wrote."""

    config_id: str
    path: str
    rows: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An import in the log, newest first in every list."""

    log_id: int
    config_id: str
    user: str
    created: str  # ISO 8601 with the site's offset
    finished: str | None
    file_name: str
    status_id: str
    total: int | None
    failed: int | None
    message: str
    failed_records: str
    change_set_id: int | None


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A mapping kept under a name, of one person and one configuration."""

    name: str
    options: ImportOptions = field(default_factory=ImportOptions)


def to_document(record: Any) -> Any:
    """A record as JSON knows it."""
    return asdict(record) if is_dataclass(record) and not isinstance(record, type) else record


def from_document(kind: type[Record], document: Any) -> Record:
    """The record of that kind that :func:`to_document` made the document from."""
    made: Record = _decode(kind, document)
    return made


def _decode(hint: Any, value: Any) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        hints = typing.get_type_hints(hint)
        return hint(**{name: _decode(hints[name], one) for name, one in value.items()})
    origin = typing.get_origin(hint)
    if origin is tuple:
        inner = typing.get_args(hint)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_decode(inner[0], one) for one in value)
        return tuple(_decode(one, part) for one, part in zip(inner, value, strict=True))
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _decode(next(one for one in typing.get_args(hint) if one is not type(None)), value)
    return value
