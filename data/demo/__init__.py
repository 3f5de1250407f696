"""Demo data: one invented apparel company, the same to the byte for the same orders, seed and day.

The rows tell one story day by day: purchase orders are placed and slip, sales orders come in, the
nightly automatic allocation links them first in first out, people correct things at the desk. What
a line shows today and what its history says are two views of that one story.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from data.demo.batches import StoryLost

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["StoryLost", "generate"]


def generate(
    engine: Engine,
    *,
    orders: int = 2000,
    seed: int = 7,
    today: date,
    progress: Callable[[int, int], None] | None = None,
    new_file: bool = False,
) -> None:
    """Fill the empty schema behind ``engine`` with ``orders`` sales orders and all they need.

    The same ``orders``, ``seed`` and ``today`` give the same rows to the byte. ``progress`` is
    called with the sales orders placed so far and their total. ``new_file``: the engine's is a
    SQLite file that nobody else knows of, and that is deleted should this fail.

    Raises:
        ValueError: fewer than one order was asked for, or the schema holds orders or products.
        StoryLost: the process that makes the rows of a large demo was ended; nothing was changed.
        sqlalchemy.exc.DBAPIError: the database refused; nothing was changed.
    """
    # Here: the process that only makes rows has no need of a database.
    from data.demo.fill import fill

    if orders < 1:
        raise ValueError("demo data needs at least one order")
    fill(engine, orders, seed, today, progress, new_file=new_file)
