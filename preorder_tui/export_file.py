"""Writing an export to a file: whole or not at all, and never over another file by accident."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection

from preorder_tui.clock import Clock
from preorder_tui.errors import Refused
from preorder_tui.exchange_folder import folder_of
from preorder_tui.text import clean

Export = Callable[[Connection, Clock, Any, Callable[[str], object]], int]
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


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
        Refused: the file exists and may not be replaced, it cannot be written, or it lies outside
            the folder that this process is confined to.
    """
    try:
        with folder_of(path) as folder:
            if not replace and _exists(path.name, folder):
                raise Refused(
                    f"{clean(str(path))} exists already: give another name, or replace it"
                )
            return _write(path.name, folder, write, replace=replace)
    except FileExistsError as error:
        raise Refused(f"{clean(str(path))} exists already: give another name") from error
    except OSError as error:
        raise Refused(f"{clean(str(path))} cannot be written: {error.strerror}") from error


def _write(
    name: str, folder: int, write: Callable[[Callable[[str], object]], int], *, replace: bool
) -> int:
    """In an open folder, which stays the same whatever becomes of its name meanwhile."""
    part = f".{name}.{token_hex(4)}.part"
    handle = os.open(part, _NEW, 0o666, dir_fd=folder)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            rows = write(file.write)
        if replace:
            os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
        else:  # fails where somebody has put a file there meanwhile
            os.link(part, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part, dir_fd=folder)
    return rows


def _exists(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
