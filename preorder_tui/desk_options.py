"""What the command line tells the desk when it opens it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """How to open the desk.

    Attributes:
        database_url: the database to open.
        user: who is at the desk.
        demo: whether the title says DEMO.
        restricted: a captive login: no way out to files or programs of this machine.
        exchange_folder: where EXIM reads and writes its files; None: the working directory.
        look_every: seconds between two looks for changes by others; 0: never.
        keep_input: whether what is typed and not applied is kept, and offered at the next start.
    """

    database_url: str
    user: str
    demo: bool = False
    restricted: bool = False
    exchange_folder: str | None = None
    look_every: float = 0
    keep_input: bool = False
