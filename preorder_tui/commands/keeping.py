"""Commands that keep a site's data safe: backup and restore."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from preorder_tui import settings
from preorder_tui.commands.arguments import TEXT
from preorder_tui.commands.session import ReadingCommand, Session, current_session
from preorder_tui.errors import Refused
from preorder_tui.permissions import Permission
from preorder_tui.text import clean

_replace = click.option("--replace", is_flag=True, help="Also where there is something already.")


@click.command(cls=ReadingCommand)
@click.argument("file", type=TEXT)
@_replace
def backup(file: str, replace: bool) -> None:
    """Write a backup of the whole database to FILE.

    People may go on working. FILE is a SQLite database, whatever the site's own is: the desk opens
    it, verify checks it, restore puts it back.
    """
    session = current_session()
    path = _path(file)
    with session.service() as service:
        service.require(Permission.ADMINISTER)
    from preorder_tui.backup import back_up

    with _progress("Backing up") as tell:
        made = back_up(session.url, path, replace=replace, tell=tell)
    if session.as_json:
        session.print_json(
            {"file": str(made.path), "bytes": made.size, "changeSetId": made.change_set_id}
        )
    else:
        session.print(
            f"{clean(str(made.path))} holds everything up to {_up_to(made.change_set_id)} "
            f"({made.size:,} bytes), checked."
        )


@click.command(cls=ReadingCommand)
@click.argument("file", type=TEXT)
@_replace
@click.option("--dry-run", "only_check", is_flag=True, help="Check the backup, change nothing.")
def restore(file: str, replace: bool, only_check: bool) -> None:
    """Put the backup FILE in place of the database.

    The backup is checked and verified first. With --replace what is there is kept in a file.
    """
    session = current_session()
    path = _path(file)
    _require_administration(session)
    from preorder_tui.backup import restore as put_back
    from preorder_tui.clock import Clock

    with _progress("Restoring") as tell:
        done = put_back(
            session.url,
            path,
            Clock.from_environment().now(),
            replace=replace,
            dry_run=only_check,
            tell=tell,
        )
    violations = done.verification.violations
    if session.as_json:
        session.print_json(
            {
                "changeSetId": done.change_set_id,
                "restored": not only_check,
                "upgraded": done.upgraded,
                "keptFile": None if done.kept is None else str(done.kept),
                "checked": done.verification.checked,
                "violations": list(violations),
            }
        )
    else:
        _print(session, path, done.change_set_id, done.kept, only_check=only_check)
        for violation in violations:
            session.print(f"Wrong: {clean(violation)}")
        session.print(f"Verified: {len(violations):,} differences.")
    if violations:
        click.get_current_context().exit(1)


def _print(
    session: Session, path: Path, newest: int | None, kept: Path | None, *, only_check: bool
) -> None:
    name = clean(str(path))
    if only_check:
        session.print(f"{name} can be restored, up to {_up_to(newest)}; nothing has changed.")
        return
    session.print(f"{name} is restored, up to {_up_to(newest)}.")
    if kept is not None:
        session.print(f"What was there before is kept in {clean(str(kept))}.")


def _up_to(change_set_id: int | None) -> str:
    return "the beginning" if change_set_id is None else f"change set {change_set_id}"


def _path(file: str) -> Path:
    """The file, inside the exchange folder where one is set.

    Raises:
        Refused: it lies outside, or this login may open no files.
    """
    folder = settings.exchange_folder()
    if folder is None and settings.restricted():
        raise Refused("this login works without files: ask whoever runs the host")
    return settings.exchange_file(file, folder)


def _require_administration(session: Session) -> None:
    """Where there is a database with people in it, they say who may replace it."""
    from data.schema import SchemaState
    from preorder_tui.errors import Unreachable
    from preorder_tui.opening import inspect_database

    try:
        ready = inspect_database(session.url) is SchemaState.READY
    except Unreachable:
        return  # what cannot be read has nobody to ask; whether it may be written, the system says
    if ready:
        with session.service() as service:
            service.require(Permission.ADMINISTER)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """On a terminal: how far it is, on standard error."""
    if not sys.stderr.isatty():
        yield None
        return
    shown = -1

    def tell(done: int, total: int) -> None:
        nonlocal shown
        percent = 100 * done // max(1, total)
        if percent != shown:
            shown = percent
            sys.stderr.write(f"\r{what}: {percent} %")
            sys.stderr.flush()

    try:
        yield tell
    finally:
        sys.stderr.write("\r" + " " * 40 + "\r")
        sys.stderr.flush()


COMMANDS = (backup, restore)
