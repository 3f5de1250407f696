"""The exchange folder: the one door through which a site's files come in and go out.

A name is first made a path (:func:`preorder_tui.settings.exchange_file`: links followed, then
compared with the folder). Between that look and the opening somebody may put a link in its place,
so a confined process opens every step of the path by itself and follows none; what it reads is
pinned, so that a file which is swapped meanwhile is not the one that is read.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from preorder_tui.errors import Refused
from preorder_tui.text import clean

_OWN_FILES = Path("/proc/self/fd")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# A pipe must not keep its reader waiting: it is opened at once, and then refused.
_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class _Confinement:
    """Which folder this process must stay in; it cannot be widened again."""

    def __init__(self) -> None:
        self.on = False
        self.folder: Path | None = None


_confinement = _Confinement()


def confine(folder: Path | None) -> None:
    """From now on this process opens no file of people outside ``folder``; None: none at all."""
    if _confinement.on and _confinement.folder != folder:
        raise AssertionError("a confined process stays confined")
    _confinement.on = True
    _confinement.folder = None if folder is None else folder.resolve()


def confined() -> bool:
    """Whether this process may open files of its exchange folder only."""
    return _confinement.on


@contextmanager
def file_to_read(path: Path) -> Iterator[Path]:
    """A plain file, under a path that stays the same file until the end of the block.

    Raises:
        Refused: it lies elsewhere, or is a pipe, a device, a folder.
        OSError: it is not there, or may not be read.
    """
    handle = _open_file(path)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Refused(f"{clean(str(path))} is no plain file")
        pinned = _OWN_FILES / str(handle)
        yield pinned if confined() and pinned.exists() else path
    finally:
        os.close(handle)


@contextmanager
def folder_of(path: Path) -> Iterator[int]:
    """The open folder that a file is to be written in.

    Raises:
        Refused: it lies elsewhere.
        OSError: it is not there, or may not be read.
    """
    handle = _walk(path.parent) if confined() else os.open(path.parent, _FOLDER)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def spool(prefix: str) -> Iterator[tuple[BinaryIO, Path]]:
    """A file of this process alone, and a path that opens it; gone with it, however it ends."""
    import tempfile

    if _OWN_FILES.exists():  # without a name nothing is left behind, not even by SIGKILL
        with tempfile.TemporaryFile(prefix=prefix) as file:
            yield cast("BinaryIO", file), _OWN_FILES / str(file.fileno())
    else:
        with tempfile.NamedTemporaryFile(prefix=prefix) as file:
            yield cast("BinaryIO", file), Path(file.name)


def _open_file(path: Path) -> int:
    if not confined():
        return os.open(path, _FILE)
    folder = _walk(path.parent)
    try:
        return os.open(path.name, _FILE | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        raise _told(error, path) from error
    finally:
        os.close(folder)


def _walk(folder: Path) -> int:
    """Open a folder below the exchange folder, step by step, following no link."""
    root = _confinement.folder
    if root is None:
        raise Refused("this login may read and write no files: ask for an exchange folder")
    if ".." in folder.parts or not folder.is_relative_to(root):
        raise _outside(folder)
    handle = os.open(root, _FOLDER)
    for name in folder.relative_to(root).parts:
        above = handle
        try:
            handle = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=above)
        except OSError as error:
            raise _told(error, folder) from error
        finally:
            os.close(above)
    return handle


def _told(error: OSError, path: Path) -> Exception:
    """A link where none was a moment ago leads outside, for all one knows."""
    return _outside(path) if error.errno in (errno.ELOOP, errno.ENOTDIR) else error


def _outside(path: Path) -> Refused:
    return Refused(f"{clean(str(path))!r} lies outside the exchange folder")
