"""Which rows of a list are tagged, by what the rows are and not by where they stand."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

from screens.line_view import LineView

Row = TypeVar("Row")


class Tags(Generic[Row]):
    """Tagged rows, in the order in which they were tagged."""

    def __init__(self, row_id: Callable[[Row], Hashable]) -> None:
        self._row_id = row_id
        self._rows: dict[Hashable, Row] = {}

    def __contains__(self, row_id: Hashable) -> bool:
        return row_id in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The tagged rows."""
        return tuple(self._rows.values())

    def turn(self, row: Row) -> None:
        """Tag a row, or take its tag off."""
        row_id = self._row_id(row)
        if row_id in self._rows:
            del self._rows[row_id]
        else:
            self._rows[row_id] = row

    def turn_all(self, rows: Sequence[Row]) -> None:
        """Tag all these rows; if all of them are tagged, none."""
        these = {self._row_id(row): row for row in rows}
        if these and all(row_id in self._rows for row_id in these):
            self._rows.clear()
        else:
            self._rows.update(these)

    def set(self, rows: Sequence[Row]) -> None:
        """Tag these rows and no others."""
        self._rows = {self._row_id(row): row for row in rows}

    def remove(self, ids: Iterable[Hashable]) -> None:
        """Take the tags off these rows."""
        for row_id in ids:
            self._rows.pop(row_id, None)

    def renew(self, view: LineView[Row], *, drop_missing: bool = False) -> None:
        """Take the rows as they read now; those that are not in memory stay, or are dropped."""
        there = dict(zip(view.ids, view.window.rows, strict=True))
        self._rows = {
            row_id: there.get(row_id, row)
            for row_id, row in self._rows.items()
            if row_id in there or not drop_missing
        }
