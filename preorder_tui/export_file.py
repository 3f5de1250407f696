"""Writing an export to a file: whole or not at all, and never over another file by accident."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from preorder_tui.clock import Clock
from preorder_tui.errors import Refused
from preorder_tui.text import clean

Export = Callable[[Connection, Clock, Any, Callable[[str], object]], int]


class Sink:
    """What csv writes to: a function that takes the text piece by piece."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write


def export_to_file(
    connection: Connection,
    clock: Clock,
    export: Export,
    subject: object,
    path: Path,
    *,
    replace: bool = False,
) -> int:
    """Write an export of :mod:`preorder_tui.page_exports` to ``path``; how many rows it has.

    Raises:
        Refused: the file exists and may not be replaced, or it cannot be written.
    """

    def write(take: Callable[[str], object]) -> int:
        return export(connection, clock, subject, take)

    return write_file(path, write, replace=replace)


def write_file(
    path: Path, write: Callable[[Callable[[str], object]], int], *, replace: bool = False
) -> int:
    """Write a file that appears under its name when it is complete; what ``write`` returned.

    Raises:
        Refused: the file exists and may not be replaced, or it cannot be written.
    """
    if path.exists() and not replace:
        raise Refused(f"{clean(str(path))} exists already: give another name, or replace it")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise Refused(f"{clean(str(path))} cannot be written: {error.strerror}") from error
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            rows = write(file.write)
        os.chmod(name, 0o666 & ~_mask())
        if replace:
            os.replace(name, path)
        else:
            os.link(name, path)  # fails where somebody has put a file there meanwhile
    except FileExistsError as error:
        raise Refused(f"{clean(str(path))} exists already: give another name") from error
    except OSError as error:
        raise Refused(f"{clean(str(path))} cannot be written: {error.strerror}") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return rows


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
