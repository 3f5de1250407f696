"""The log: one line for everything that was done here: who, what, how long, which change set.

    2026-11-22T15:40:12.345Z login=ana from=desk pid=4711 what=allocate outcome=done ms=41 set=17

What was done is said by the name of its command, never by what was typed or read: no order, no
name, no address, no e-mail. The change set leads to the rest, in the journal. Of an unexpected
error it keeps the kind and the places in the program, not the message, which may quote data.

Many processes write to the one file. A line is one write at the end of the file, so lines are never
mixed. Whoever makes the file too long renames it, alone; while somebody writes, nobody renames, and
while somebody renames, a writer waits for a moment only: a process that has stopped stops no other.
"""

from __future__ import annotations

import json
import os
import re
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from preorder_tui import settings
from preorder_tui.actor import Actor
from preorder_tui.errors import DeskError, StalePlan, Unreachable

LONGEST_FILE = 5_000_000
OLD_FILES = 5
"""Bytes of a file before it is put aside, and how many are kept beside it: ``desk.log.1`` …"""

LONGEST_LINE = 4_000
PATIENCE = 0.05
_PLAIN = re.compile(r"[A-Za-z0-9_.,:/<>+-]+")
_OPEN = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(slots=True)
class Note:
    """What is added to a line while the work goes on."""

    facts: dict[str, object] = field(default_factory=dict)
    outcome: str = "done"


@contextmanager
def noting(actor: Actor, what: str, **facts: object) -> Iterator[Note]:
    """Write a line when the block ends, however it ends."""
    note, begun = Note(dict(facts)), time.perf_counter()
    try:
        yield note
    except BaseException as error:
        note.outcome = outcome_of(error)
        if note.outcome == "failed":
            note.facts |= {"error": kinds(error), "at": places(error)}
        raise
    finally:
        write(actor, what, note.outcome, begun=begun, **note.facts)


def outcome_of(error: BaseException) -> str:
    """An error in a word."""
    if isinstance(error, StalePlan):
        return "conflict"
    if isinstance(error, Unreachable):
        return "unreachable"
    if isinstance(error, DeskError):
        return "cancelled" if type(error).__name__ == "Cancelled" else "refused"
    return "failed" if isinstance(error, Exception) else "interrupted"


def ended(status: int) -> str:
    """The end of a run in a word, by its exit status."""
    words = {0: "done", 1: "refused", 2: "refused", 3: "conflict", 4: "unreachable"}
    return words.get(status, "interrupted" if status > 128 else "failed")


def kinds(error: BaseException) -> str:
    """The kind of an error, and of what it came from."""
    names: list[str] = []
    one: BaseException | None = error
    while one is not None and len(names) < 5:
        names.append(type(one).__name__)
        one = one.__cause__ or one.__context__
    return "<".join(names)


def places(error: BaseException) -> str:
    """Where in the program an error came about, the innermost place first; no message, no data."""
    frames = traceback.extract_tb(error.__traceback__)[::-1][:12]
    return "<".join(f"{_module(frame.filename)}:{frame.lineno}:{frame.name}" for frame in frames)


def _module(filename: str) -> str:
    return "/".join(Path(filename).parts[-2:])


def write(
    actor: Actor, what: str, outcome: str, *, begun: float | None = None, **facts: object
) -> bool:
    """Write one line; whether it is in the log. What cannot be logged is not undone for that.

    Args:
        actor: who, and from where.
        what: the command, or what else was done.
        outcome: done, refused, conflict, unreachable, cancelled, failed or interrupted.
        begun: when, by ``time.perf_counter``.
        facts: numbers and names of the program's own; None is left out.
    """
    path = settings.log_file()
    if path is None:
        return False
    values: dict[str, object] = {"login": actor.person}
    if actor.user != actor.person:
        values["as"] = actor.user
    values |= {"from": actor.origin, "pid": os.getpid(), "what": what, "outcome": outcome}
    if begun is not None:
        values["ms"] = round((time.perf_counter() - begun) * 1000)
    values |= {name: value for name, value in facts.items() if value is not None}
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = " ".join([now, *[f"{name}={_shown(value)}" for name, value in values.items()]])
    try:
        append(path, line)
    except OSError:
        return False
    return True


def write_command(name: str, status: int, outcome: str, begun: float, user: str | None) -> None:
    """Write the line of one command of the command line."""
    login = user_shown = settings.login_name()
    with suppress(DeskError):  # a name that is none, or another's in a captive login, was refused
        user_shown = settings.user_name(user)
    actor = Actor(user_shown, "command", login)
    write(actor, f"command {name}", outcome, begun=begun, status=status)


def _shown(value: object) -> str:
    text = str(value)
    return text if type(value) is int or _PLAIN.fullmatch(text) else json.dumps(text)


def append(
    path: Path, line: str, *, longest: int = LONGEST_FILE, old_files: int = OLD_FILES
) -> None:
    """Add a line to the file at ``path``, and put the file aside where it has become too long.

    Raises:
        OSError: the file cannot be written.
    """
    data = line[:LONGEST_LINE].encode("ascii", "backslashreplace") + b"\n"
    name = str(path)
    lock = _open(f"{name}.lock")
    try:
        _lock(lock, alone=False)
        log = _open(name)
        try:
            os.write(log, data)
            too_long = os.fstat(log).st_size >= longest
        finally:
            os.close(log)
            _unlock(lock)
        if too_long and _lock(lock, alone=True):
            _put_aside(path, longest, old_files)
    finally:
        os.close(lock)  # lets go of it, too


def _open(name: str) -> int:
    """The file, made where it is not there: for the group if its folder is the group's."""
    try:
        return os.open(name, _OPEN)
    except FileNotFoundError:
        return _made(Path(name))


def _made(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(100):
        with suppress(FileExistsError):
            made = os.open(path, _OPEN | os.O_CREAT | os.O_EXCL, 0o600)
            if path.parent.stat().st_mode & 0o020:
                os.fchmod(made, 0o660)
            return made
        with suppress(FileNotFoundError):
            return os.open(path, _OPEN)
    raise FileNotFoundError(f"{path} comes and goes")


def _lock(lock: int, *, alone: bool) -> bool:
    """Take the lock within a moment; whether it was taken."""
    import fcntl

    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    give_up = 0.0
    while True:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except OSError:
            give_up = give_up or time.monotonic() + PATIENCE
            if time.monotonic() > give_up:
                return False
            time.sleep(0.001)
        else:
            return True


def _unlock(lock: int) -> None:
    import fcntl

    fcntl.flock(lock, fcntl.LOCK_UN)


def _put_aside(path: Path, longest: int, old_files: int) -> None:
    try:
        if path.stat().st_size < longest:  # somebody else was faster
            return
        for number in range(old_files, 1, -1):
            with suppress(FileNotFoundError):
                path.with_name(f"{path.name}.{number - 1}").replace(f"{path}.{number}")
        path.replace(f"{path}.1")
    except OSError:  # the folder may be another's: the file stays long
        return
