"""Rows of an uploaded file, and those that are handed back."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from preorder_tui.errors import Refused
from preorder_tui.exim.configurations import ERROR_COLUMN
from preorder_tui.text import clean


@dataclass(frozen=True, slots=True)
class Row:
    """A record: the line it starts on, its cells as they stand, its values by column, trimmed."""

    line: int
    cells: tuple[str, ...]
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """The value of a column; empty when the file has no such column."""
        return self.values.get(column, "")


class RowFault(Exception):
    """Why a row is handed back, in words."""


class FailedRecords:
    """The rows of one import that are handed back, each with its reason."""

    def __init__(self) -> None:
        self._faults: list[tuple[Row, str]] = []

    def __len__(self) -> int:
        return len(self._faults)

    def add(self, row: Row, reason: str) -> None:
        """Hand a row back."""
        self._faults.append((row, clean(reason)))

    def first(self, number: int) -> list[str]:
        """The first failures with their line, as sentences."""
        return [f"line {row.line}: {reason}" for row, reason in self._in_order()[:number]]

    def _in_order(self) -> list[tuple[Row, str]]:
        return sorted(self._faults, key=lambda fault: fault[0].line)

    def kinds(self) -> list[tuple[str, int]]:
        """How often each reason occurs, its values left out; the most frequent first."""
        found = Counter(_kind(reason) for _, reason in self._faults)
        return found.most_common()

    def write(self, path: Path, header: Sequence[str]) -> None:
        """Write the rows as they came, with the reason as the last column, in file order.

        Raises:
            Refused: the file cannot be written.
        """
        keep = [n for n, name in enumerate(header) if name.strip().lower() != ERROR_COLUMN]
        try:
            handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}-")
            try:
                with open(handle, "w", encoding="utf-8", newline="") as file:
                    writer = csv.writer(file)
                    writer.writerow([*(header[n] for n in keep), ERROR_COLUMN])
                    for row, reason in self._in_order():
                        cells = row.cells
                        fits = len(cells) <= len(header)
                        kept = [cells[n] for n in keep] if fits else cells
                        writer.writerow([*kept, reason])
                umask = os.umask(0)
                os.umask(umask)
                Path(name).chmod(0o666 & ~umask)
                Path(name).replace(path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise Refused(
                f"the failed records cannot be written to {clean(str(path))}: {error.strerror}; "
                "nothing was imported"
            ) from error


_VALUE = re.compile(r"'[^']*'|-?\b\d[\d,]*\b")


def _kind(reason: str) -> str:
    """A reason without the values in it, so that equal ones can be counted."""
    return _VALUE.sub("…", reason)
