"""How many pages a SQLite connection keeps: for the block, and as before afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Connection, Engine

from data import transaction
from data.staging import BIG_CACHE_KIB, NARROW_CACHE_KIB, narrow_cache, wide_cache

Block = Callable[[Connection], AbstractContextManager[None]]


def kept(connection: Connection) -> int:
    if connection.dialect.name != "sqlite":
        return 0
    return -int(connection.exec_driver_sql("PRAGMA cache_size").scalar_one())


@pytest.mark.parametrize(
    ("block", "size"), [(wide_cache, BIG_CACHE_KIB), (narrow_cache, NARROW_CACHE_KIB)]
)
def test_it_holds_for_the_block(engine: Engine, block: Block, size: int) -> None:
    def look(connection: Connection) -> tuple[int, int, int]:
        before = kept(connection)
        with block(connection):
            within = kept(connection)
        return before, within, kept(connection)

    before, within, after = transaction.read(engine, look)
    assert before == after
    assert within == (size if engine.dialect.name == "sqlite" else 0)
    assert before != within or engine.dialect.name != "sqlite"


@pytest.mark.parametrize("block", [wide_cache, narrow_cache])
def test_it_ends_with_an_error_too(engine: Engine, block: Block) -> None:
    def fail(connection: Connection) -> None:
        with block(connection):
            raise KeyError

    before = transaction.read(engine, kept)
    with pytest.raises(KeyError):
        transaction.read(engine, fail)
    assert transaction.read(engine, kept) == before
