"""Columns of a million rows: read in one go per column, and kept as arrays.

SQLite hands a column over as one JSON array, made without a step of Python per row; where all
texts have one length (ids, moments), it is taken apart without one, too. Other databases hand over
rows. Texts of which there are few different ones become numbers, by :class:`Codes`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, LargeBinary, Select, cast, func

Numbers = npt.NDArray[np.int32]
Texts = npt.NDArray[np.str_]
_Bytes = npt.NDArray[np.uint8]
_Words = npt.NDArray[np.uint64]

_QUOTE, _ZERO = 34, 48
_MIXER = np.uint64(0x9E3779B97F4A7C15)
_MOST_BITS = 22


class Codes:
    """Texts (or moments, or nothing) by number, in the order in which they were first seen.

    ``nothing`` is a text that stands for nothing.
    """

    def __init__(self, nothing: str | None = None) -> None:
        self.values: list[Any] = []
        self._nothing = nothing
        self._codes: dict[Any, int] = {}
        self._known: dict[int, _Known] = {}  # by the length of the texts

    def of(self, values: Iterable[Any], number: int) -> Numbers:
        """The numbers of some values."""
        found = list(values)
        for value in dict.fromkeys(found):
            self.code(value)
        return np.fromiter(map(self._codes.__getitem__, found), np.int32, number)

    def of_cells(self, cells: _Bytes) -> Numbers:
        """The numbers of texts that stand in the rows of an array of bytes."""
        width = cells.shape[1]
        known = self._known.get(width)
        if known is None:
            known = self._known[width] = _Known(width)
        return known.codes(cells, self.code)

    def ranks(self) -> tuple[Numbers, list[Any]]:
        """By number, the place among the values when they are sorted, and those; nothing is last.

        There is always a place for nothing, which is the last one.
        """
        ordered = sorted(value for value in self.values if value is not None)
        place = {value: at for at, value in enumerate(ordered)}
        last = len(ordered)
        found = [last if value is None else place[value] for value in self.values]
        return np.array(found, np.int32), [*ordered, None]

    def code(self, value: Any) -> int:
        """The number of a value."""
        found = self._codes.get(value)
        if found is None:
            if value is not None and value == self._nothing:
                found = self._codes[value] = self.code(None)
                return found
            found = self._codes[value] = len(self.values)
            self.values.append(value)
        return found


class _Known:
    """Texts of one length that have a number, found by the bytes that they are."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._mixed: _Words = np.empty(0, np.uint64)  # sorted
        self._slots: Numbers = np.empty(0, np.int32)  # where among those, by their first bits
        self._shift = np.uint64(0)
        self._words: _Words = np.empty((0, -(-width // 8)), np.uint64)
        self._codes: Numbers = np.empty(0, np.int32)

    def codes(self, cells: _Bytes, code: Callable[[str], int]) -> Numbers:
        words = self._as_words(cells)
        mixed = words[:, 0]
        for column in range(1, words.shape[1]):
            mixed = (mixed * _MIXER) ^ words[:, column]
        at = self._places(mixed)
        new = np.ones(len(mixed), bool) if at is None else self._mixed[at] != mixed
        if new.any():
            self._learn(cells[new], words[new], mixed[new], code)
            at = self._places(mixed)
        assert at is not None
        if (self._words[at] != words).any():  # two texts that mix to one number: as good as never
            texts = [bytes(cell).decode() for cell in cells]
            return np.fromiter(map(code, texts), np.int32, len(texts))
        return self._codes[at]

    def _as_words(self, cells: _Bytes) -> _Words:
        padded = np.zeros((len(cells), 8 * self._words.shape[1]), np.uint8)
        padded[:, : self._width] = cells
        words: _Words = padded.view(np.uint64)
        return words

    def _places(self, mixed: _Words) -> npt.NDArray[np.intp] | None:
        if not len(self._mixed):
            return None
        at: npt.NDArray[np.intp] = self._slots[(mixed * _MIXER) >> self._shift].astype(np.intp)
        others = np.flatnonzero(self._mixed[at] != mixed)
        if len(others):  # of several with the same first bits a slot has the last one
            found = np.searchsorted(self._mixed, mixed[others])
            found[found == len(self._mixed)] = 0
            at[others] = found
        return at

    def _learn(
        self, cells: _Bytes, words: _Words, mixed: _Words, code: Callable[[str], int]
    ) -> None:
        different, first = np.unique(mixed, return_index=True)
        codes = [code(bytes(cells[at]).decode()) for at in first]
        order = np.argsort(np.concatenate([self._mixed, different]))
        self._mixed = np.concatenate([self._mixed, different])[order]
        bits = min(_MOST_BITS, len(self._mixed).bit_length() + 6)
        self._shift = np.uint64(64 - bits)
        self._slots = np.zeros(1 << bits, np.int32)
        self._slots[(self._mixed * _MIXER) >> self._shift] = np.arange(len(self._mixed))
        self._words = np.concatenate([self._words, words[first]])[order]
        self._codes = np.concatenate([self._codes, np.array(codes, np.int32)])[order]


class Kind(Enum):
    """What becomes of a column."""

    TEXTS = "texts"  # all different, or nearly
    CODES = "codes"  # few different ones, or nothing
    NUMBERS = "numbers"


class Wanted(NamedTuple):
    """A column of a query, and how it is kept; ``codes`` of one that becomes numbers."""

    column: Any
    kind: Kind
    codes: Codes | None = None


def read(
    connection: Connection, query: Select[Any], wanted: Sequence[Wanted], values: Mapping[str, Any]
) -> tuple[int, list[Any]]:
    """The columns of ``query``, which has none of its own, and how many rows there are.

    On SQLite the rows come in any order, the same in all columns.
    """
    if connection.dialect.name != "sqlite":
        rows = connection.execute(query.with_only_columns(*(one.column for one in wanted)), values)
        columns = list(zip(*rows, strict=True)) or [()] * len(wanted)
        number = len(columns[0])
        return number, [
            _of_values(one, column, number) for one, column in zip(wanted, columns, strict=True)
        ]
    arrays = [cast(func.json_group_array(one.column), LargeBinary) for one in wanted]
    found = connection.execute(
        query.with_only_columns(func.count(), *arrays).order_by(None), values
    ).one()
    number = int(found[0])
    return number, [_of_json(one, raw, number) for one, raw in zip(wanted, found[1:], strict=True)]


def _of_values(one: Wanted, values: Sequence[Any], number: int) -> Any:
    if one.kind is Kind.NUMBERS:
        return np.fromiter(map(int, values), np.int32, number)
    if one.codes is None:
        return np.array(values, np.str_) if number else np.empty(0, np.str_)
    return one.codes.of(values, number)


def _of_json(one: Wanted, raw: bytes, number: int) -> Any:
    if one.kind is Kind.NUMBERS:
        return _numbers(raw, number)
    if one.codes is not None and len(raw) == 5 * number + 1 and raw.count(b"null") == number:
        return np.full(number, one.codes.code(None), np.int32)
    cells = _cells(raw, number)
    if cells is None:
        return _of_values(one, json.loads(raw), number)
    if one.codes is not None:
        return one.codes.of_cells(cells)
    if not raw.isascii():
        return np.array(json.loads(raw), np.str_)
    return cells.astype(np.uint32).view(f"U{cells.shape[1]}").ravel()


def _numbers(raw: bytes, number: int) -> Numbers:
    """Whole numbers, as :func:`int` makes them of what the array has."""
    if len(raw) == 2 * number + 1:
        digits = np.frombuffer(raw, np.uint8)[1::2] - _ZERO
        if number and digits.max() < 10:
            return digits.astype(np.int32)
    if number and not raw.translate(None, b"0123456789-,[]"):
        return np.fromstring(raw[1:-1].decode(), np.int64, sep=",").astype(np.int32)
    return np.fromiter(map(int, json.loads(raw)), np.int32, number)


def _cells(raw: bytes, number: int) -> _Bytes | None:
    """The texts of an array as rows of bytes, if all are of one length and stand as they are."""
    size = len(raw) - 1
    if not number or size % number or size // number < 4:
        return None
    if raw.count(b'"') != 2 * number or b"\\" in raw:
        return None
    width = size // number - 3
    rows = np.frombuffer(raw, np.uint8, offset=1).reshape(number, width + 3)
    if (rows[:, 0] != _QUOTE).any() or (rows[:, width + 1] != _QUOTE).any():
        return None
    return rows[:, 1 : width + 1]
