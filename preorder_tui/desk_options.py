"""What the command line tells the desk when it opens it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """How to open the desk.

    Attributes:
        database_url: the database to open; empty for a demo that makes its own.
        user: who is at the desk.
        demo: whether the title says DEMO.
        throw_away: whether the database is made at start and removed at the end.
        restricted: a captive login: no way out to files or programs of this machine.
        exchange_folder: where EXIM reads and writes its files; None: the working directory.
        orders: how many sales orders a throw-away database gets.
        seed: what its random numbers start from.
    """

    database_url: str
    user: str
    demo: bool = False
    throw_away: bool = False
    restricted: bool = False
    exchange_folder: str | None = None
    orders: int = 2000
    seed: int = 1
