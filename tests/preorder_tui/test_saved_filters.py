"""Saved filters of a person and page."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert

from data.tables import saved_filter
from preorder_tui import saved_filters
from preorder_tui.clock import Clock
from preorder_tui.errors import UnknownId, WrongUsage
from tests.conftest import TODAY


def test_saved_replaced_listed_and_forgotten(engine: Engine, clock: Clock) -> None:
    with engine.begin() as connection:
        for name, text in (("late", "a"), ("Early", "b"), ("late", "c")):
            saved_filters.save(connection, clock, "ana", "sales", name, {"text": text})
        saved_filters.save(connection, clock, "bo", "sales", "late", {"text": "bo's"})
        saved_filters.save(connection, clock, "ana", "purchase", "late", {"day": TODAY})
    with engine.begin() as connection:
        assert saved_filters.load(connection, clock, "ana", "sales") == (
            ("Early", {"text": "b"}),
            ("late", {"text": "c"}),
        )
        assert saved_filters.load(connection, clock, "ana", "purchase") == (
            ("late", {"day": "2026-11-25"}),
        )
        saved_filters.delete(connection, clock, "ana", "sales", "late")
        assert len(saved_filters.load(connection, clock, "ana", "sales")) == 1
        assert len(saved_filters.load(connection, clock, "bo", "sales")) == 1


def test_names_are_cleaned(engine: Engine, clock: Clock) -> None:
    with engine.begin() as connection:
        saved_filters.save(connection, clock, "ana", "sales", "  my\x1b[31m \n list ", {})
        assert saved_filters.load(connection, clock, "ana", "sales") == (("my[31m list", {}),)
        saved_filters.save(connection, clock, "ana", "sales", "x" * 60, {})


@pytest.mark.parametrize("name", ["", "  ", "\x00\x1b", "x" * 61])
def test_names_that_are_none(engine: Engine, clock: Clock, name: str) -> None:
    with engine.begin() as connection, pytest.raises(WrongUsage, match="saved filter"):
        saved_filters.save(connection, clock, "ana", "sales", name, {})


def test_forgetting_what_is_not_there(engine: Engine, clock: Clock) -> None:
    with engine.begin() as connection, pytest.raises(UnknownId, match="no saved filter 'x'"):
        saved_filters.delete(connection, clock, "ana", "sales", "x")


@pytest.mark.parametrize("text", ["not json", "[1]", ""])
def test_foreign_content_is_passed_over(engine: Engine, clock: Clock, text: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(saved_filter).values(
                USER_LOGIN_ID="ana", PAGE="sales", FILTER_NAME="x", FILTER=text
            )
        )
        assert saved_filters.load(connection, clock, "ana", "sales") == ()
