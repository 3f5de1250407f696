"""How a file is laid out: its encoding, its delimiter, its header, and which column is which.

A file that is no text, or whose records have no bounds, is refused here, before anything parses it:
the whole of it is looked through once in blocks, in bounded memory.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from preorder_tui.errors import Refused
from preorder_tui.exim.configurations import ERROR_COLUMN, Configuration
from preorder_tui.exim.records import ColumnMatch, ImportOptions
from preorder_tui.text import clean

BLOCK = 1 << 20
LONGEST_LINE = 1 << 20
"""Bytes of a line, and of text between two quotes, before the file counts as broken."""

MOST_COLUMNS = 1_000
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
_UTF8_MARK = codecs.BOM_UTF8
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class StructuralFault(Refused):
    """The file as a whole cannot be understood; nothing of it is applied (domain §4.8)."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to import: its name as people know it, and where its bytes are."""

    name: str
    path: Path

    @property
    def shown(self) -> str:
        """The name, safe to show."""
        return clean(self.name)

    def signature(self) -> tuple[int, int]:
        """What moves when the file is written to.

        Raises:
            Refused: it is gone.
        """
        try:
            status = self.path.stat()
        except OSError as error:
            raise Refused(f"{self.shown} cannot be read any more: {error.strerror}") from error
        return status.st_size, status.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file.

    Attributes:
        text: the file as UTF-8: the upload itself, or a copy of it.
        start: the byte at which its records begin.
        first_line: the line they begin on.
        places: the place of each known column.
    """

    upload: Upload
    text: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    start: int
    first_line: int
    columns: tuple[ColumnMatch, ...]
    places: Mapping[str, int]

    @property
    def unused(self) -> tuple[str, ...]:
        """The titles that nothing is made of."""
        return tuple(one.title for one in self.columns if one.how == "unused" and one.title)


def find_layout(
    upload: Upload,
    configuration: Configuration,
    options: ImportOptions,
    spool: Callable[[], Path],
) -> Layout:
    """Find out how the file is laid out.

    Args:
        upload: the file.
        configuration: whose columns it should have.
        options: what a person said about it.
        spool: makes a file for a copy in UTF-8.

    Raises:
        StructuralFault: it is empty, no text, or its lines have no bounds.
    """
    encoding, mark = _encoding(upload, options.encoding)
    text, skip = upload.path, mark
    if encoding != "utf-8":
        text, skip = spool(), 0
        _transcode(upload, encoding, text)
    _look_through(upload, text, skip, options.encoding)
    with text.open("rb") as file:
        file.seek(skip)
        beginning = file.read(2 * LONGEST_LINE).decode("utf-8", "ignore")
    delimiter = options.delimiter or _delimiter(beginning, configuration, options)
    header, lines, characters = _header(upload, beginning, delimiter)
    start = skip + len(beginning[:characters].encode())
    columns = match_columns(header, configuration, options)
    places = {one.column: place for place, one in enumerate(columns) if one.column}
    return Layout(upload, text, encoding, delimiter, header, start, lines + 1, columns, places)


# --- Bytes --------------------------------------------------------------------------------------


def _encoding(upload: Upload, chosen: str) -> tuple[str, int]:
    """The encoding, and the length of the byte order mark that a UTF-8 file begins with."""
    try:
        with upload.path.open("rb") as file:
            sample = file.read(1 << 16)
    except OSError as error:
        raise StructuralFault(f"{upload.shown} cannot be read: {error.strerror}") from error
    if sample.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise StructuralFault(f"{upload.shown} is a workbook, not text: save it as CSV")
    mark = len(_UTF8_MARK) if sample.startswith(_UTF8_MARK) else 0
    if chosen:
        if chosen not in ENCODINGS:
            raise StructuralFault(
                f"{clean(chosen)!r} is not an encoding: choose {', '.join(ENCODINGS)}"
            )
        return chosen, mark
    if sample.startswith(_UTF16_MARKS):
        return "utf-16", 0
    if mark or _is_utf8(upload.path):
        return "utf-8", mark
    return "cp1252", 0


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                if not block.isascii() or decoder.getstate()[0]:
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _transcode(upload: Upload, encoding: str, target: Path) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    with upload.path.open("rb") as source, target.open("wb") as copy:
        try:
            while block := source.read(BLOCK):
                copy.write(decoder.decode(block).encode())
            copy.write(decoder.decode(b"", final=True).encode())
        except UnicodeError as error:
            raise StructuralFault(
                f"{upload.shown} is not text in UTF-8, UTF-16 or Windows-1252: save it as CSV "
                "in UTF-8"
            ) from error


def _look_through(upload: Upload, path: Path, skip: int, chosen: str) -> None:
    """Refuse what no parser should be given: no text, no line ends, a quote that never closes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, quote, open_quote, lines, content = 0, 0, False, 1, False
    with path.open("rb") as file:
        file.seek(skip)
        while block := file.read(BLOCK // 4):
            nul = block.find(b"\x00")
            if nul >= 0:
                near = lines + block.count(b"\n", 0, nul)
                raise StructuralFault(
                    f"{upload.shown} holds a NUL character on line {near:,}: it is not text, "
                    "save it as CSV in UTF-8"
                )
            content = content or bool(block.strip(b"\r\n\t ,;|"))
            line, lines = _run(block, line, b"\n\r"), lines + block.count(b"\n")
            quotes = block.count(b'"')
            quote = _run(block, quote, b'"')
            open_quote ^= bool(quotes & 1)
            if line > LONGEST_LINE or (open_quote and quote > LONGEST_LINE):
                what = "a quote is opened and not closed" if open_quote else "a line has no end"
                raise StructuralFault(
                    f"{upload.shown} cannot be read as CSV: near line {lines:,} {what} within "
                    f"{LONGEST_LINE:,} bytes"
                )
            if not block.isascii() or decoder.getstate()[0]:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    raise StructuralFault(
                        f"{upload.shown} is not text in {ENCODINGS.get(chosen, 'UTF-8')}: "
                        "choose its encoding, or save it as CSV in UTF-8"
                    ) from error
    if not content:
        raise StructuralFault(f"{upload.shown} is empty")


def _run(block: bytes, before: int, ends: bytes) -> int:
    """How many bytes there are since the last of ``ends``."""
    last = max(block.rfind(end) for end in (ends[n : n + 1] for n in range(len(ends))))
    return before + len(block) if last < 0 else len(block) - last - 1


# --- Header -------------------------------------------------------------------------------------


def _delimiter(beginning: str, configuration: Configuration, options: ImportOptions) -> str:
    """The delimiter under which the header has the most known columns; commas when none has."""

    def known(delimiter: str) -> tuple[int, int]:
        try:
            header = _records(beginning, delimiter)[0]
        except csv.Error:
            return 0, 0
        matches = match_columns(header, configuration, options)
        return sum(1 for one in matches if one.column), len(header) if len(header) > 1 else 0

    return max(DELIMITERS, key=known)


def _records(beginning: str, delimiter: str) -> tuple[tuple[str, ...], int, int]:
    source = io.StringIO(beginning, newline="")
    reader = csv.reader(source, delimiter=delimiter)
    for record in reader:
        if any(cell.strip() for cell in record):
            return tuple(record), reader.line_num, source.tell()
    return (), 0, 0


def _header(upload: Upload, beginning: str, delimiter: str) -> tuple[tuple[str, ...], int, int]:
    """The header, how many lines it takes (blank ones before it included), and characters."""
    try:
        header, lines, characters = _records(beginning, delimiter)
    except csv.Error as error:
        raise StructuralFault(f"the header of {upload.shown} is no CSV: {error}") from error
    if not header:
        raise StructuralFault(f"{upload.shown} is empty")
    if len(header) > MOST_COLUMNS:
        raise StructuralFault(f"{upload.shown} has {len(header):,} columns: that is no such file")
    return header, lines, characters


def match_columns(
    header: tuple[str, ...], configuration: Configuration, options: ImportOptions
) -> tuple[ColumnMatch, ...]:
    """Which column each title is: by hand where a person said so, by its name otherwise."""
    aliases = dict(configuration.aliases)
    by_hand = {_plain(title): column for title, column in options.columns}
    taken = {column for column in by_hand.values() if column}
    how_by_hand = "mapping" if options.mapping else "hand"
    matches = []
    for title in header:
        plain = _plain(title)
        column = aliases.get(plain, plain)
        shown = clean(title.strip())
        if plain in by_hand:
            chosen = by_hand[plain]
            matches.append(ColumnMatch(shown, chosen, how_by_hand if chosen else "unused"))  # type: ignore[arg-type]
        elif plain == ERROR_COLUMN:
            matches.append(ColumnMatch(shown, "", "ignored"))
        elif column in configuration.known_columns and column not in taken:
            matches.append(ColumnMatch(shown, column, "name"))
        else:
            matches.append(ColumnMatch(shown, "", "unused"))
    return tuple(matches)


def _plain(title: str) -> str:
    return title.strip().lower().replace("_", "-").replace(" ", "-")


def column_problems(layout: Layout, configuration: Configuration) -> tuple[list[str], list[str]]:
    """The mandatory columns that are missing, and what else is wrong with the columns."""
    used = [one.column for one in layout.columns if one.column]
    twice = sorted({column for column in used if used.count(column) > 1})
    problems = [f"{layout.upload.shown} has the column {column} twice" for column in twice]
    for column in used:
        if column not in configuration.known_columns:
            problems.append(f"{configuration.config_id} has no column {clean(column)!r}")
    missing = [column for column in configuration.mandatory if column not in used]
    missing += [
        " or ".join(group)
        for group in configuration.one_of
        if not any(column in used for column in group)
    ]
    if missing:
        problems.append(
            f"{layout.upload.shown} lacks the column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)}: {configuration.config_id} needs "
            f"{', '.join(configuration.needs)}; its columns, divided by "
            f"{DELIMITERS.get(layout.delimiter, clean(layout.delimiter))}, are "
            f"{_some(layout.header)}"
        )
    return missing, problems


def _some(titles: tuple[str, ...]) -> str:
    shown = ", ".join(clean(title.strip())[:40] for title in titles[:12])
    return shown + (f" and {len(titles) - 12} more" if len(titles) > 12 else "")
