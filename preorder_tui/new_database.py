"""A new SQLite database that takes a while to fill: it gets its name when it is whole."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import make_url

from data import copying
from data import engine as databases
from preorder_tui.errors import Refused, Unreachable
from preorder_tui.text import clean

_ENDINGS = ("", "-journal", "-wal", "-shm")


def place_for(url: str) -> Path | None:
    """Where a new SQLite file would be made; None: something is there, or it is no plain file."""
    path = databases.sqlite_path(url)
    if path is None or make_url(url).query or os.path.lexists(path) or not path.parent.is_dir():
        return None
    return path


@contextmanager
def made_aside(path: Path) -> Iterator[str]:
    """The URL of a file beside ``path`` to be made and filled in the block, and named after it.

    A block that fails leaves nothing. What a killed process has left goes with the next one.

    Raises:
        Refused: somebody has made ``path`` meanwhile.
        Unreachable: the disk is full, or fails; from the block too, with the name of ``path``.
    """
    _clear_left_behind(path)
    name = clean(str(path))
    part = path.absolute().with_name(f".{path.name}.{os.getpid()}.new")
    try:
        yield databases.sqlite_url(part)
        copying.to_disk(part)
        _take_name(part, path)
        copying.to_disk(path)
    except Unreachable as error:
        raise Unreachable(str(error).replace(clean(str(part)), name)) from error
    except FileExistsError as error:
        raise Refused(f"{name} exists already: somebody has just made it") from error
    except OSError as error:
        reason = (error.strerror or "the system refuses").lower()
        raise Unreachable(f"{name} cannot be made: {reason}") from error
    finally:
        _delete(part)


def _take_name(part: Path, path: Path) -> None:
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # not every file system knows second names
        part.rename(path)


def _clear_left_behind(path: Path) -> None:
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.new"):
        number = part.name.removeprefix(f".{path.name}.").removesuffix(".new")
        if number.isdecimal() and not _runs(int(number)):
            with suppress(OSError):
                _delete(part)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it is somebody else's
        pass
    return True


def _delete(part: Path) -> None:
    for ending in _ENDINGS:
        part.with_name(part.name + ending).unlink(missing_ok=True)
