"""The one reader: the records of a file in chunks, by pandas, with the line each starts on."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from preorder_tui.csv_safety import restore
from preorder_tui.exim.layout import Layout, StructuralFault
from preorder_tui.exim.rows import Row, RowFault
from preorder_tui.text import clean

if TYPE_CHECKING:
    import pandas as pd

CHUNK_ROWS = 50_000
EXTRA_FIELDS = 8
"""A row may have that many fields more than the header before the file counts as broken."""

TOO_MANY = "there are more fields than the header has columns"


class Chunk:
    """Consecutive records, by column; blank ones are left out."""

    def __init__(self, layout: Layout, cells: Sequence[Sequence[str]], lines: list[int]) -> None:
        self.layout = layout
        self.cells = cells
        """By place in the file, beyond the header's width too; as they stand."""
        self.lines = lines
        width = len(layout.header)
        self.overlong = frozenset(
            n for place in cells[width:] if any(place) for n, cell in enumerate(place) if cell
        )
        """Records with more fields than the header."""

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> list[str]:
        """The values of a configuration's column, trimmed; empty where the file has none."""
        place = self.layout.places.get(name)
        if place is None:
            return [""] * len(self)
        values = [cell.strip() for cell in self.cells[place]]
        if any(value.startswith("'") for value in values):
            return [restore(value) for value in values]
        return values

    def rows(self) -> Iterator[Row]:
        """The records one by one, those with too many fields among them."""
        names = list(self.layout.places)
        columns = [self.column(name) for name in names]
        for n, (line, *values) in enumerate(zip(self.lines, *columns, strict=True)):
            yield Row(line, dict(zip(names, values, strict=True)), n in self.overlong)


def read_chunks(layout: Layout) -> Iterator[Chunk]:
    """The records of a file, chunk by chunk.

    Raises:
        StructuralFault: the file breaks off or is no CSV further down.
    """
    line = layout.first_line
    for frame in _frames(layout):
        cells = [frame[place].tolist() for place in frame.columns]
        joined = [("\x00".join(column), column) for column in cells]
        breaks = [column for text, column in joined if "\n" in text]
        number = len(frame)
        if breaks:
            extra = [sum(cell.count("\n") for cell in row) for row in zip(*breaks, strict=True)]
            steps = [line + n + before for n, before in enumerate(_sums(extra))]
            line += number + sum(extra)
        else:
            steps = list(range(line, line + number))
            line += number
        # A blank line is a record without a cell: look only where the first cell is empty.
        if "" in cells[0] and any(not any(row) for row in zip(*cells, strict=True)):
            kept = [n for n, row in enumerate(zip(*cells, strict=True)) if any(row)]
            cells = [[column[n] for n in kept] for column in cells]
            steps = [steps[n] for n in kept]
        if steps:
            yield Chunk(layout, cells, steps)


def _sums(numbers: list[int]) -> Iterator[int]:
    return itertools.accumulate(itertools.chain([0], numbers[:-1]))


def _frames(layout: Layout) -> Iterator[pd.DataFrame]:
    import pandas as pd
    from pandas.errors import EmptyDataError, ParserError, ParserWarning

    # A first row with too many fields: told as that row's fault, like any other.
    warnings.filterwarnings("ignore", category=ParserWarning)
    with layout.text.open("rb") as file:
        file.seek(layout.start)
        try:
            with pd.read_csv(
                file,
                header=None,
                names=list(range(len(layout.header) + EXTRA_FIELDS)),
                index_col=False,
                sep=layout.delimiter,
                dtype=object,
                keep_default_na=False,
                na_filter=False,
                skip_blank_lines=False,
                encoding="utf-8",
                chunksize=CHUNK_ROWS,
            ) as reader:
                yield from reader
        except EmptyDataError:
            return
        except UnicodeDecodeError as error:
            raise StructuralFault(
                f"{layout.upload.shown} is not text in UTF-8: save it as CSV in UTF-8"
            ) from error
        except ParserError as error:
            raise StructuralFault(
                f"{layout.upload.shown} cannot be read as CSV: {_told(layout, error)}"
            ) from error


def _told(layout: Layout, error: Exception) -> str:
    detail = str(error).removeprefix("Error tokenizing data. C error: ").strip()
    return f"{clean(detail)} (counted from line {layout.first_line})"


def whole_rows(chunk: Chunk, hand_back: Any) -> Iterator[Row]:
    """The chunk's rows whose fields fit the header; the others are handed back."""
    for row in chunk.rows():
        if row.overlong:
            hand_back.add(row.line, TOO_MANY)
        else:
            yield row


__all__ = ["CHUNK_ROWS", "TOO_MANY", "Chunk", "RowFault", "read_chunks", "whole_rows"]
