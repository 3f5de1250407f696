"""A SQLite file read by its driver alone, for what cannot wait until SQLAlchemy is imported."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

SCHEMES = ("sqlite", "sqlite+pysqlite")


def file_of(url: str) -> Path | None:
    """The file of a SQLite URL without options; None: it is more than this module reads."""
    scheme, _, path = url.partition(":///")
    if scheme not in SCHEMES or not path or path[0] == ":" or "?" in path or "%" in path:
        return None
    return Path(path)


class PlainReader:
    """One state of the database, read by statements with named parameters."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement.

        A list stands in it in braces, for as many parameters as it has; so does a number that is
        part of the text.
        """
        written: dict[str, object] = {}
        named: dict[str, Any] = {}
        for name, value in values.items():
            if isinstance(value, int):
                written[name] = value
            elif isinstance(value, str):
                named[name] = value
            else:
                several = {f"{name}_{number}": one for number, one in enumerate(value)}
                written[name] = ", ".join(f":{one}" for one in several)
                named |= several
        found: Sequence[Any] = self._connection.execute(
            statement.format_map(written), named
        ).fetchall()
        return list(found)


@contextmanager
def read_plainly(path: Path) -> Iterator[PlainReader]:
    """Read a file that is there; nothing waits for a lock, and nothing is written.

    Raises:
        sqlite3.Error: it cannot be read just now, or is no database.
    """
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=0, isolation_level=None
    )
    try:
        connection.execute("BEGIN")
        yield PlainReader(connection)
    finally:
        connection.close()
