"""Everybody changes the same few products at once: no unit twice, nothing lost, all explained."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.soak.together import all_at_work, assert_it_holds, hot_book, report


def test_four_people_on_the_same_few_products(engine: Engine, database_url: str) -> None:
    hot_book(engine)
    days = all_at_work(database_url, 4, 40)
    report(days)
    assert sum(day.actions for day in days) == 4 * 40
    assert sum(len(day.done) for day in days) >= 60
    assert_it_holds(engine, days)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["desk", "raw"])
def test_eight_people_and_five_hundred_changes_each(
    engine: Engine, database_url: str, kind: str
) -> None:
    """``raw`` proves that the hand-written transactions that we compare with hold too."""
    hot_book(engine)
    days = all_at_work(database_url, 8, 500, "desk" if kind == "desk" else "raw")
    report(days)
    assert sum(day.actions for day in days) == 8 * 500
    assert sum(len(day.done) for day in days) >= 1500
    assert_it_holds(engine, days)
