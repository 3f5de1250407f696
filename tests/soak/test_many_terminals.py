"""Many people at their terminals on one host: none is thrown out, keys stay quick."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.many_terminals import crowd, figures, make_book


def test_a_few_people_at_their_terminals(tmp_path: Path) -> None:
    book = tmp_path / "book.db"
    make_book(book, 200)
    seen = crowd(book, 4, 4.0, at_least=8)
    print(seen)
    assert seen.keys >= 8
    assert 0 < seen.pss <= seen.rss < 250


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_fifty_people_at_their_terminals() -> None:
    latency, memory = figures(50, 180.0, 2000)
    assert latency.ratio <= 2
    assert memory.value < 150
