"""The rows of one import that are handed back, each with its reason, and the file they go into.

They are kept by line in a temporary table, so that a million of them take no memory; a file of them
is written by reading the upload once more. Failed rows and conflicts go into a file each: mended
rows are imported again at once, conflicts only by somebody who has seen them. A conflict's row gets
a fresh token there, so that, imported again, it says "I have seen theirs".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Integer, Text, func, select

from data.bulk import Rows
from data.staging import create, temporary
from preorder_tui.csv_safety import neutralise, restore
from preorder_tui.exim.configurations import ERROR_COLUMN, TOKEN_COLUMN
from preorder_tui.exim.layout import Layout
from preorder_tui.exim.reading import Chunk, read_chunks
from preorder_tui.exim.records import Failure
from preorder_tui.export_file import Sink, write_file
from preorder_tui.text import clean

FAILED = 0
CONFLICT = 1
WAITING = 2_000
_VALUE = re.compile(r"'[^']*'|-?\b\d[\d,]*\b")

TABLE = temporary(
    "EXIM_HANDED_BACK",
    Column("LINE_NO", Integer, primary_key=True, autoincrement=False),
    Column("IS_CONFLICT", Integer, nullable=False),
    Column("KIND", Text, nullable=False),
    Column("REASON", Text, nullable=False),
    Column("TOKEN", Text),
)


class HandedBack:
    """The rows of one import that are not applied."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        create(connection, TABLE)
        self._rows = Rows(connection, TABLE, "LINE_NO IS_CONFLICT KIND REASON TOKEN")

    def add(self, line: int, reason: str) -> None:
        """Hand a row back."""
        self._add(line, FAILED, clean(reason), None)

    def add_conflict(self, line: int, reason: str, token: str) -> None:
        """Hand a row back that somebody else changed meanwhile; ``token`` is of their value."""
        self._add(line, CONFLICT, clean(reason), token)

    def _add(self, line: int, is_conflict: int, reason: str, token: str | None) -> None:
        self._rows.add((line, is_conflict, kind_of(reason), reason, token))
        if len(self._rows.waiting) >= WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what waits; to be called before the table is read."""
        self._rows.insert()

    def counts(self) -> tuple[int, int]:
        """How many failed, and how many are conflicts."""
        self.flush()
        found: dict[int, int] = dict(
            self.connection.execute(
                select(TABLE.c.IS_CONFLICT, func.count()).group_by(TABLE.c.IS_CONFLICT)
            ).all()
        )
        return int(found.get(FAILED, 0)), int(found.get(CONFLICT, 0))

    def first(self, number: int) -> tuple[Failure, ...]:
        """The first failures, in the order of the file."""
        self.flush()
        return tuple(
            Failure(line, reason)
            for line, reason in self.connection.execute(
                select(TABLE.c.LINE_NO, TABLE.c.REASON)
                .where(TABLE.c.IS_CONFLICT == FAILED)
                .order_by(TABLE.c.LINE_NO)
                .limit(number)
            )
        )

    def kinds(self) -> tuple[tuple[str, int], ...]:
        """How often each reason occurs, its values left out; the most frequent first."""
        self.flush()
        return tuple(
            (kind, number)
            for kind, number in self.connection.execute(
                select(TABLE.c.KIND, func.count())
                .where(TABLE.c.IS_CONFLICT == FAILED)
                .group_by(TABLE.c.KIND)
                .order_by(func.count().desc(), TABLE.c.KIND)
                .limit(50)
            )
        )

    # --- The file ---

    def write(self, path: Path, layout: Layout, kind: int = FAILED) -> None:
        """Write the failed rows, or the conflicts, with the reason as the last column.

        They stand in the order of the upload and as they came. A file that is there is replaced.

        Raises:
            Refused: the file cannot be written; it is there whole or not at all.
        """
        self.flush()

        def pour(take: Callable[[str], object]) -> int:
            writer = csv.writer(Sink(take))
            number = 0
            for record in self._records(layout, kind):
                writer.writerow([neutralise(restore(cell)) for cell in record])
                number += 1
            return number

        write_file(path, pour, replace=True)

    def _records(self, layout: Layout, kind: int) -> Iterator[list[str]]:
        keep = [n for n, one in enumerate(layout.columns) if one.how != "ignored"]
        yield [*(layout.header[n] for n in keep), ERROR_COLUMN]
        waiting = iter(
            self.connection.execute(
                select(TABLE.c.LINE_NO, TABLE.c.REASON, TABLE.c.TOKEN)
                .where(TABLE.c.IS_CONFLICT == kind)
                .order_by(TABLE.c.LINE_NO)
            )
        )
        row = next(waiting, None)
        token_place = layout.places.get(TOKEN_COLUMN)
        for chunk in read_chunks(layout) if row is not None else ():
            places: dict[int, int] = {}
            while row is not None and row[0] <= chunk.lines[-1]:
                places = places or {line: n for n, line in enumerate(chunk.lines)}
                number = places.get(row[0])
                if number is not None:
                    yield [*_cells(chunk, number, keep, token_place, row[2]), row[1]]
                row = next(waiting, None)


def _cells(
    chunk: Chunk, number: int, keep: list[int], token_place: int | None, token: str | None
) -> list[str]:
    cells = [column[number] for column in chunk.cells]
    if token is not None and token_place is not None:
        cells[token_place] = token
    width = len(chunk.layout.header)
    extra = cells[width:]
    while extra and not extra[-1]:
        extra.pop()
    # A row with too many fields keeps them all: what is wrong with it must stay visible.
    return [*cells[:width], *extra] if extra else [cells[n] for n in keep]


def kind_of(reason: str) -> str:
    """A reason without the values in it, so that equal ones can be counted."""
    return _VALUE.sub("…", reason)


def from_select(connection: Connection, query: Any) -> None:
    """Hand back the rows that a query finds (line, is conflict, kind, reason, token)."""
    connection.execute(
        TABLE.insert().from_select(["LINE_NO", "IS_CONFLICT", "KIND", "REASON", "TOKEN"], query)
    )
