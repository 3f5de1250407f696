"""A record of a file, and why it may be handed back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A record: the line it starts on, and its values by column, trimmed."""

    line: int
    values: dict[str, str]
    overlong: bool = False

    def __getitem__(self, column: str) -> str:
        """The value of a column; empty when the file has no such column."""
        return self.values.get(column, "")


class RowFault(Exception):
    """Why a row is handed back, in words."""
