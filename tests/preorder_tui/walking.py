"""Walking a list by its pages, forwards and backwards, and comparing it with what it should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from preorder_tui.records import Page


def check_pages(
    page: Callable[..., Page[Any]],
    size: int,
    expected: Sequence[Any],
    name: Callable[[Any], Any],
    *,
    from_each_key: bool = True,
) -> list[Any]:
    """Walk both ways, assert that each page is the expected slice, and return all rows.

    With ``from_each_key`` the pages after and before every single row are asked for as well.
    """
    rows: list[Any] = []
    keys: list[Any] = []
    found = page(size)
    assert found.at_start
    while True:
        assert len(found.rows) == len(found.keys) <= size
        rows += found.rows
        keys += found.keys
        assert found.at_end == (len(rows) >= len(expected))
        if found.at_end:
            break
        found = page(size, after=found.keys[-1])
        assert not found.at_start
    assert [name(row) for row in rows] == list(expected)
    assert len(set(keys)) == len(keys)

    backwards: list[Any] = []
    found = page(size, place="last")
    assert found.at_end
    while True:
        backwards = [*found.rows, *backwards]
        assert found.at_start == (len(backwards) >= len(expected))
        if found.at_start:
            break
        found = page(size, before=found.keys[0])
        assert not found.at_end
    assert backwards == rows

    for place, key in enumerate(keys if from_each_key else ()):
        found = page(size, after=key)
        assert [name(row) for row in found.rows] == list(expected[place + 1 : place + 1 + size])
        assert found.at_start == (not expected)
        found = page(size, before=key)
        assert [name(row) for row in found.rows] == list(expected[max(0, place - size) : place])
        assert not found.at_end
    return rows
