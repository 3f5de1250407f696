"""Backup and restore of a whole database, while people work.

A backup is one SQLite file of this version's schema, whatever database it was made of: it can be
opened by the desk, checked with ``verify``, and restored into any of the databases that the desk
works on. It is written beside its place under another name and takes its name when it is complete,
checked and on the disk.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from data import copying, schema, transaction
from data import engine as databases
from data.copying import Tell
from data.schema import SchemaState
from preorder_tui import desk_sessions, opening
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, Unreachable
from preorder_tui.text import clean
from preorder_tui.verify import Verification, verify


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was made."""

    path: Path
    size: int
    change_set_id: int | None
    """The newest change set in it."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that is in place now, or would be."""

    change_set_id: int | None
    kept: Path | None
    """Where what was there before is kept."""
    verification: Verification
    upgraded: bool


# --- Backup ---------------------------------------------------------------------------------------


def back_up(url: str, path: Path, *, replace: bool = False, tell: Tell | None = None) -> BackedUp:
    """Write a backup of the database at ``url`` to ``path``.

    Raises:
        Refused: there is a file already, or no folder to put it in.
        Unreachable: the database cannot be read, is damaged, or is not this version's.
    """
    _refuse_a_bad_place(url, path, replace=replace)
    engine, _ = opening.open_database(url)
    source = databases.sqlite_path(url)
    try:
        with _beside(path) as part, _failures_of(url):
            if source is not None:
                copying.copy_file(source, part, tell or copying.silent)
            else:
                _copy_server(engine, part, tell or copying.silent)
            newest = _newest_change_set(part)
            copying.to_disk(part)
            _take_name(part, path, replace=replace)
        return BackedUp(path, path.stat().st_size, newest)
    finally:
        engine.dispose()


def _copy_server(engine: Engine, part: Path, tell: Tell) -> None:
    copy = databases.open_engine(databases.sqlite_url(part))
    try:
        schema.upgrade(copy)

        def read(source: Connection) -> int:
            return transaction.write(copy, lambda target: copying.copy_tables(source, target, tell))

        transaction.read(engine, read)
    finally:
        copy.dispose()
    with closing(sqlite3.connect(part)) as connection:
        copying.seal(connection)


# --- Restore --------------------------------------------------------------------------------------


def restore(
    url: str,
    path: Path,
    now: datetime,
    *,
    replace: bool = False,
    dry_run: bool = False,
    tell: Tell | None = None,
) -> Restored:
    """Put the backup at ``path`` in place of the database at ``url``.

    It is checked first, brought to this version on a copy where it is older, and verified; only
    then is it put in place, in one transaction. What was there before is kept in a file.

    Raises:
        Refused: it is no backup, or the database is in use and ``replace`` was not given.
        Unreachable: the database cannot be reached, or holds somebody else's tables.
    """
    target = databases.sqlite_path(url)
    _refuse_what_is_no_file(path)
    if target is not None and target.exists() and target.samefile(path):
        raise Refused(f"{clean(str(path))} is the database itself: name a backup of it")
    state = _state_of_target(url, target)
    if state is not SchemaState.EMPTY and not replace:
        raise Refused(
            f"{opening.name_of(url)} holds a database already: --replace keeps it in a file and "
            "puts the backup in its place"
        )
    folder = path.parent if target is None else target.parent
    with _beside((folder / path.name) if target is None else target) as part:
        upgraded = _checked_copy(path, part, tell or copying.silent)
        verification = _verified(part)
        newest = _newest_change_set(part)
        kept: Path | None = None
        if not dry_run:
            with _failures_of(url):
                if target is None:
                    kept = _into_server(url, state, part, path, now, tell or copying.silent)
                else:
                    kept = _into_file(target, state, part, now, tell or copying.silent)
    return Restored(newest, kept, verification, upgraded)


def _state_of_target(url: str, target: Path | None) -> SchemaState | None:
    """What is there now; None: a file that can no longer be read as a database.

    Raises:
        Unreachable: it cannot be reached, or holds the tables of another program.
    """
    try:
        state = opening.inspect_database(url)
    except Unreachable:
        if target is None or not target.is_file():
            raise
        return None
    if state is SchemaState.FOREIGN:
        raise Unreachable(opening.not_ready(url, state))
    return state


def _checked_copy(path: Path, part: Path, tell: Tell) -> bool:
    """Copy a backup, see that it is one, and bring the copy to this version where it is older."""
    name = clean(str(path))
    try:
        copying.copy_file(path, part, tell)
    except (copying.Damaged, sqlite3.DatabaseError) as error:
        raise Refused(
            f"{name} is no whole backup ({clean(str(error))}): use another one"
        ) from error
    engine = databases.open_engine(databases.sqlite_url(part))
    try:
        state = schema.state(engine)
        if state is SchemaState.OLDER:
            schema.upgrade(engine)
        elif state is not SchemaState.READY:
            what = {
                SchemaState.EMPTY: "is an empty database, no backup",
                SchemaState.NEWER: "was made by a newer preorder-tui: install that version",
            }.get(state, "holds the tables of another program")
            raise Refused(f"{name} {what}")
        transaction.write(engine, desk_sessions.end_all)
    except SQLAlchemyError as error:
        raise Refused(f"{name} cannot be brought to this version: use another one") from error
    finally:
        engine.dispose()
    with closing(sqlite3.connect(part)) as connection:
        copying.seal(connection)
    return state is SchemaState.OLDER


def _verified(part: Path) -> Verification:
    engine = databases.open_engine(databases.sqlite_url(part))
    try:
        clock = Clock.from_environment()
        return transaction.read(engine, lambda connection: verify(connection, clock))
    finally:
        engine.dispose()
        with closing(sqlite3.connect(part)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")


def _into_file(
    target: Path, state: SchemaState | None, part: Path, now: datetime, tell: Tell
) -> Path | None:
    if not target.exists():
        _become(part, target, 0o666 & ~_umask())  # a database is shared as the site sees fit
        return None
    kept = _kept_name(target, now)
    if state is not None:
        try:
            copying.overwrite_file(part, target, kept, tell)
        except copying.InUse as error:
            kept.unlink(missing_ok=True)
            raise Refused(
                f"{clean(str(target))} is open in another desk or command: ask everybody to "
                "leave, then restore again"
            ) from error
        except BaseException:
            kept.unlink(missing_ok=True)
            raise
        return kept
    # Not readable as a database: nobody works with it, and it is kept as it is.
    mode = target.stat().st_mode & 0o777
    target.rename(kept)
    for ending in ("-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            target.with_name(target.name + ending).rename(kept.with_name(kept.name + ending))
    _become(part, target, mode)
    return kept


def _become(part: Path, target: Path, mode: int) -> None:
    part.chmod(mode)
    copying.to_disk(part)
    _take_name(part, target, replace=False)
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _into_server(
    url: str, state: SchemaState | None, part: Path, path: Path, now: datetime, tell: Tell
) -> Path | None:
    with opening.opened(url) as engine:
        kept: Path | None = None
        if state is not SchemaState.READY:
            schema.upgrade(engine)
        if state is not SchemaState.EMPTY and not transaction.read(engine, copying.is_unused):
            kept = _kept_name(path, now)
            _copy_server(engine, kept, copying.silent)
            copying.to_disk(kept)
        copy = databases.open_engine(databases.sqlite_url(part))
        try:

            def write(connection: Connection) -> int:
                return transaction.read(
                    copy, lambda source: copying.copy_tables(source, connection, tell)
                )

            transaction.write(engine, write)
        finally:
            copy.dispose()
            engine.dispose()
        return kept


# --- Places and names -----------------------------------------------------------------------------


def _refuse_a_bad_place(url: str, path: Path, *, replace: bool) -> None:
    source = databases.sqlite_path(url)
    name = clean(str(path))
    if path.is_dir():
        raise Refused(f"{name} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise Refused(f"{name} cannot be made: its folder does not exist")
    if path.exists():
        if source is not None and source.exists() and path.samefile(source):
            raise Refused(f"{name} is the database itself: name another file")
        if not replace:
            raise Refused(f"{name} exists already: give another name, or --replace it")


def _refuse_what_is_no_file(path: Path) -> None:
    name = clean(str(path))
    try:
        if path.is_dir():
            raise Refused(f"{name} is a folder: name the backup in it")
        with path.open("rb") as file:
            signature = file.read(len(opening.SQLITE_SIGNATURE))
    except OSError as error:
        reason = (error.strerror or "the system refuses").lower()
        raise Refused(f"{name} cannot be read: {reason}") from error
    if signature != opening.SQLITE_SIGNATURE:
        raise Refused(f"{name} is no backup of preorder-tui")


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file for one owner's eyes in the folder of ``path``; gone at the end of the block."""
    part = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        part.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        reason = (error.strerror or "the system refuses").lower()
        raise Refused(f"{clean(str(path.parent))} takes no file: {reason}") from error
    try:
        yield part
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + ending).unlink(missing_ok=True)


def _take_name(part: Path, path: Path, *, replace: bool) -> None:
    """Give a complete file its name; without ``replace`` never that of a file that is there."""
    try:
        if replace:
            part.replace(path)
        else:
            path.hardlink_to(part)
    except FileExistsError as error:
        raise Refused(f"{clean(str(path))} exists already: somebody has just made it") from error
    copying.to_disk(path)


def _kept_name(path: Path, now: datetime) -> Path:
    return path.with_name(f"{path.name}.before-restore-{now:%Y%m%d-%H%M%S}-{token_hex(2)}")


def _newest_change_set(path: Path) -> int | None:
    with closing(sqlite3.connect(path)) as connection:
        found: int | None = connection.execute(
            'SELECT MAX("CHANGE_SET_ID") FROM "CHANGE_SET"'
        ).fetchone()[0]
    return found


@contextmanager
def _failures_of(url: str) -> Iterator[None]:
    """What the database says becomes a sentence."""
    try:
        yield
    except copying.Damaged as error:
        raise Unreachable(
            f"{opening.name_of(url)} is damaged ({clean(str(error))}): restore a backup of it"
        ) from error
    except (sqlite3.Error, SQLAlchemyError, transaction.DatabaseUnreachable) as error:
        raise Unreachable(opening.sentence_for(url, error)) from error
