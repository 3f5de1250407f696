"""The one reader: a CSV file as rows with line numbers, or a structural fault and nothing."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from preorder_tui.errors import Refused
from preorder_tui.exim.configurations import ERROR_COLUMN, Configuration
from preorder_tui.exim.rows import Row
from preorder_tui.text import clean

if TYPE_CHECKING:
    import pandas as pd

CHUNK_ROWS = 20_000
SAMPLE_BYTES = 65_536
LONGEST_HEADER = 1_000_000
EXTRA_FIELDS = 8
"""A row may have that many fields more than the header before the file counts as broken."""


class StructuralFault(Refused):
    """The file as a whole cannot be understood; nothing of it is applied (domain §4.8)."""


@dataclass(slots=True)
class Upload:
    """A file to import: its name, and how to open it (more than once)."""

    name: str
    open: Callable[[], BinaryIO]


@dataclass(slots=True)
class Sheet:
    """An understood file: its header as it stands, where each known column is, what is ignored."""

    upload: Upload
    header: tuple[str, ...]
    places: dict[str, int]
    ignored: tuple[str, ...]
    first_line: int
    records: int = field(default=0)

    def rows(self) -> Iterator[Row]:
        """The records; those that are empty altogether are passed over.

        Raises:
            StructuralFault: the file breaks off or is no CSV further down.
        """
        line = self.first_line
        width = len(self.header)
        for chunk in self._chunks():
            for cells in chunk.itertuples(index=False, name=None):
                start = line
                line += 1 + sum(cell.count("\n") for cell in cells if "\n" in cell)
                if not any(cells):
                    continue
                self.records += 1
                extra = cells[width : max(n for n, cell in enumerate(cells) if cell) + 1]
                values = {name: cells[place].strip() for name, place in self.places.items()}
                yield Row(start, (*cells[:width], *extra), values)

    def _chunks(self) -> Iterator[pd.DataFrame]:
        import pandas as pd
        from pandas.errors import EmptyDataError, ParserError, ParserWarning

        # A first row with too many fields: told as that row's fault, like any other.
        warnings.filterwarnings("ignore", category=ParserWarning)
        with self.upload.open() as file:
            try:
                with pd.read_csv(
                    file,
                    header=None,
                    names=list(range(len(self.header) + EXTRA_FIELDS)),
                    index_col=False,
                    skiprows=self.first_line - 1,
                    dtype=str,
                    keep_default_na=False,
                    na_filter=False,
                    skip_blank_lines=False,
                    encoding="utf-8-sig",
                    chunksize=CHUNK_ROWS,
                ) as reader:
                    yield from reader
            except EmptyDataError:
                return
            except UnicodeDecodeError as error:
                raise StructuralFault(_not_utf8(self.upload)) from error
            except ParserError as error:
                detail = str(error).removeprefix("Error tokenizing data. C error: ").strip()
                raise StructuralFault(
                    f"{clean(self.upload.name)} cannot be read as CSV: {clean(detail)}"
                ) from error


def read_sheet(upload: Upload, configuration: Configuration) -> Sheet:
    """Read the header and find the configuration's columns; their order is free.

    Raises:
        StructuralFault: empty, not text, another delimiter, a mandatory column missing.
    """
    name = clean(upload.name)
    with upload.open() as file:
        sample = file.read(SAMPLE_BYTES)
        if not sample.strip(b"\xef\xbb\xbf\r\n\t ,"):
            raise StructuralFault(f"{name} is empty")
        if b"\x00" in sample:
            raise StructuralFault(f"{name} is not text in UTF-8: save it as CSV in UTF-8")
        file.seek(0)
        header, lines = _header(upload, file)
    if len(header) == 1:
        for delimiter, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if delimiter in header[0]:
                raise StructuralFault(f"{name} has its columns divided by {word}: use commas")
    aliases = dict(configuration.aliases)
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, title in enumerate(header):
        column = title.strip().lower()
        column = aliases.get(column, column)
        if column in places:
            raise StructuralFault(f"{name} has the column {clean(column)} twice")
        if column in configuration.column_names:
            places[column] = place
        elif column not in (ERROR_COLUMN, ""):
            ignored.append(clean(title.strip()))
    missing = [column for column in configuration.mandatory if column not in places]
    missing += [
        " or ".join(group)
        for group in configuration.one_of
        if not any(column in places for column in group)
    ]
    if missing:
        raise StructuralFault(
            f"{name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}: "
            f"{configuration.config_id} needs {', '.join(configuration.mandatory)}"
        )
    return Sheet(upload, header, places, tuple(ignored), lines + 1)


def _header(upload: Upload, file: BinaryIO) -> tuple[tuple[str, ...], int]:
    """The first record, and on how many lines it stands (blank lines before it included)."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        reader = csv.reader(iter(lambda: text.readline(LONGEST_HEADER), ""))
        for record in reader:
            if any(cell.strip() for cell in record):
                return tuple(record), reader.line_num
    except UnicodeDecodeError as error:
        raise StructuralFault(_not_utf8(upload)) from error
    except csv.Error as error:
        raise StructuralFault(f"the header of {clean(upload.name)} is no CSV: {error}") from error
    finally:
        text.detach()
    raise StructuralFault(f"{clean(upload.name)} is empty")


def _not_utf8(upload: Upload) -> str:
    return f"{clean(upload.name)} is not text in UTF-8: save it as CSV in UTF-8"
