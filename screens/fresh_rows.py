"""Rows read again while a person works on them: put in place of the old ones, nothing jumps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, TypeVar

from preorder_tui.records import Key, Page
from screens.line_window import Window

Row = TypeVar("Row")
Texts = dict[Hashable, list[str]]

SEEN_AFTER = 3.0
"""Seconds for which marks stay at least; then the next key in the list takes them away."""

CHANGED, NEW, GONE = "~", "+", "-"
"""What stands before a row; the same on every terminal, without colour."""


@dataclass(slots=True)
class RowMarks:
    """What has changed since the rows were read before.

    Attributes:
        cells: the changed cells of rows, by the number of their column.
        new: rows that were not there.
        gone: rows that no longer belong here; they stay where they were until the next reading.
    """

    cells: dict[Hashable, frozenset[int]] = field(default_factory=dict)
    new: set[Hashable] = field(default_factory=set)
    gone: set[Hashable] = field(default_factory=set)
    made_at: float = field(default_factory=monotonic)

    @classmethod
    def between(cls, before: Texts, after: Texts) -> RowMarks:
        """The cells that differ in rows that are there before and after."""
        marks = cls()
        for row_id, texts in after.items():
            old = before.get(row_id, texts)
            if old != texts:
                pairs = enumerate(zip(old, texts, strict=True))
                marks.cells[row_id] = frozenset(n for n, (was, now) in pairs if was != now)
        return marks

    def of(self, row_id: Hashable) -> str:
        """The mark of a row; empty: none."""
        if row_id in self.gone:
            return GONE
        if row_id in self.new:
            return NEW
        return CHANGED if row_id in self.cells else ""

    @property
    def seen(self) -> bool:
        """Whether there are marks that a person has had the time to see."""
        return bool(self.cells or self.new) and monotonic() - self.made_at >= SEEN_AFTER

    def add(self, earlier: RowMarks) -> None:
        """Marks of an earlier reading stand beside these."""
        for row_id, cells in earlier.cells.items():
            self.cells[row_id] = cells | self.cells.get(row_id, frozenset())
        self.new |= earlier.new

    def forget_changes(self) -> None:
        """Take the marks away; rows that are gone stay marked as long as they are shown."""
        self.cells.clear()
        self.new.clear()


@dataclass(frozen=True, slots=True)
class Merged(Generic[Row]):
    """The rows of a window after reading a part of it again."""

    page: Page[Row]
    new: set[Hashable]
    gone: set[Hashable]


def merged(
    window: Window[Row],
    ids: Sequence[Hashable],
    row_id: Callable[[Row], Hashable],
    fresh: Page[Row],
    first: int,
    keep: Collection[Hashable],
) -> Merged[Row]:
    """A window whose rows from ``first`` on have been read again.

    Rows of ``keep`` that are no longer there stay behind the row they stood behind. What comes
    after the fresh page is left out: it is read when the cursor comes near.
    """
    fresh_ids = [row_id(row) for row in fresh.rows]
    there = set(fresh_ids)
    known = set(ids)
    behind: dict[Hashable | None, list[int]] = {}
    last: Hashable | None = None
    gone: set[Hashable] = set()
    for index in range(first, len(ids)):
        if ids[index] in there:
            last = ids[index]
        elif ids[index] in keep:
            behind.setdefault(last, []).append(index)
            gone.add(ids[index])
    rows: list[Row] = []
    keys: list[Key] = []

    def add(indexes: Sequence[int]) -> None:
        rows.extend(window.rows[index] for index in indexes)
        keys.extend(window.keys[index] for index in indexes)

    add([index for index in range(first) if ids[index] not in there])
    add(behind.get(None, ()))
    for one, row, key in zip(fresh_ids, fresh.rows, fresh.keys, strict=True):
        rows.append(row)
        keys.append(key)
        add(behind.get(one, ()))
    at_start = window.at_start if first else fresh.at_start
    new = {one for one in fresh_ids if one not in known}
    return Merged(Page(tuple(rows), tuple(keys), at_start, fresh.at_end), new, gone)
