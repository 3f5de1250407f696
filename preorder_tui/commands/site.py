"""Commands about the site itself: the desk, a demo of it, and making a database ready."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from preorder_tui import settings
from preorder_tui.commands.arguments import TEXT
from preorder_tui.commands.session import (
    ChangingCommand,
    ReadingCommand,
    Session,
    current_session,
)
from preorder_tui.errors import Refused, Unreachable, WrongUsage

DEMO_ORDERS = 2_000
MOST_DEMO_ORDERS = 5_000_000

_orders = click.option(
    "--orders",
    type=click.IntRange(min=1, max=MOST_DEMO_ORDERS),
    default=DEMO_ORDERS,
    show_default=True,
    metavar="N",
    help="Sales orders of the demo data.",
)
_seed = click.option(
    "--seed", type=int, default=1, show_default=True, metavar="S", help="Another seed, other data."
)


def _fill(url: str, orders: int, seed: int, administrator: str) -> None:
    from preorder_tui.demo_site import make_demo_site

    with _progress(orders) as progress:
        make_demo_site(
            url, orders=orders, seed=seed, administrator=administrator, progress=progress
        )


@click.command(cls=ReadingCommand)
@_orders
@_seed
def demo(orders: int, seed: int) -> None:
    """Open the desk on throw-away demo data."""
    session = current_session()
    if session.as_json:
        raise WrongUsage("demo opens the desk and prints no document: leave --json out")
    with _interrupted_cleanly():
        folder = session.at_exit.enter_context(
            tempfile.TemporaryDirectory(prefix="preorder-tui-demo-", ignore_cleanup_errors=True)
        )
        url = f"sqlite:///{Path(folder) / 'demo.db'}"
        _fill(url, orders, seed, settings.login_name())
    session.open_desk_later(settings.desk_options(url, session.actor().user, demo=True))


@click.command(cls=ChangingCommand)
@click.option("--time-zone", type=TEXT, default="UTC", show_default=True, help="Of a new site.")
@click.option("--demo", is_flag=True, help="Fill an empty site with demo data.")
@click.option(
    "--administrator",
    type=TEXT,
    metavar="LOGIN",
    help="Who may do everything, where there are no people yet; by default you.",
)
@_orders
@_seed
def init(time_zone: str, demo: bool, administrator: str | None, orders: int, seed: int) -> None:
    """Create or upgrade the database; --demo fills it."""
    session = current_session()
    from preorder_tui.opening import appoint, has_people, initialise, inspect_database

    url = session.url
    if session.dry_run:
        state = inspect_database(url).value
        _tell(session, f"The database is {state}; nothing has changed (dry run)", state=state)
        return
    if administrator is not None and has_people(url):
        raise Refused(
            "there are people in this database already: an administrator adds others with "
            "preorder-tui people add"
        )
    login = administrator if administrator is not None else settings.login_name()
    if session.database is None and url == settings.database_url(None, {}):
        _make_own_folder()
    if demo:
        with _interrupted_cleanly():
            _fill(url, orders, seed, login)
        sentence = f"The database is ready, with {orders:,} demo orders"
    else:
        sentence = initialise(url, time_zone=time_zone)
        if appoint(url, login):
            sentence += f"; {login} is its administrator"
    _tell(session, sentence, state=inspect_database(url).value)


@contextmanager
def _progress(orders: int) -> Iterator[Callable[[int, int], None] | None]:
    """On a terminal: how far the demo data is, on standard error, four times a second."""
    if not sys.stderr.isatty():
        yield None
        return
    told = [time.monotonic()]

    def tell(done: int, total: int) -> None:
        if time.monotonic() - told[0] > 0.25:
            told[0] = time.monotonic()
            sys.stderr.write(f"\rMaking demo orders: {done:,} of {total:,}")
            sys.stderr.flush()

    sys.stderr.write(f"\rMaking {orders:,} demo orders")
    sys.stderr.flush()
    try:
        yield tell
    finally:
        sys.stderr.write("\r" + " " * 60 + "\r")
        sys.stderr.flush()


@contextmanager
def _interrupted_cleanly() -> Iterator[None]:
    """Until the desk takes over, a signal ends by an exception, so that nothing is left behind."""

    def stop(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _make_own_folder() -> None:
    folder = settings.default_database_path().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unreachable(f"the folder {folder} cannot be made: {error.strerror}") from error


def _tell(session: Session, sentence: str, *, state: str) -> None:
    if session.as_json:
        session.print_json({"state": state, "message": sentence})
    else:
        session.print(f"{sentence}.")


COMMANDS = (demo, init)
