"""Tests whose outcome the kind of database does not change: on SQLite alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from data.engine import open_engine


@pytest.fixture
def engine(sqlite_database_url: str) -> Iterator[Engine]:
    """An engine on an empty SQLite database."""
    engine = open_engine(sqlite_database_url)
    yield engine
    engine.dispose()
