"""Cells that a spreadsheet would run, made harmless and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preorder_tui.csv_safety import neutralise, restore

cells = st.text() | st.text(alphabet="'=+-@\t\r1a ")


@given(cells)
def test_restore_undoes_neutralise(cell: str) -> None:
    assert restore(neutralise(cell)) == cell


@given(cells)
def test_no_cell_begins_with_a_formula(cell: str) -> None:
    assert not neutralise(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(cells, cells)
def test_different_cells_stay_different(one: str, other: str) -> None:
    assert (neutralise(one) == neutralise(other)) == (one == other)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("'=1+1", "''=1+1"),
        ("-3", "'-3"),
        ("'tis", "'tis"),
        ("'", "'"),
        ("O'Brien", "O'Brien"),
        ("", ""),
        ("a=b", "a=b"),
    ],
)
def test_what_is_written(cell: str, written: str) -> None:
    assert neutralise(cell) == written
    assert restore(written) == cell


@pytest.mark.parametrize("cell", ["'tis", "''", "plain", "'", "''a"])
def test_text_from_elsewhere_stays(cell: str) -> None:
    assert restore(cell) == cell
