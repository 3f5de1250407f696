"""What the environment says: which database, who acts, where files may be.

An option of the command line goes before a variable, a variable before the default. Nothing here
imports the database, so that ``--help`` stays light.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import Refused, WrongUsage
from preorder_tui.text import clean

DATABASE_VARIABLE = "PREORDER_TUI_DATABASE_URL"
USER_VARIABLE = "PREORDER_TUI_USER"
EXCHANGE_VARIABLE = "PREORDER_TUI_EXCHANGE_FOLDER"
LOG_VARIABLE = "PREORDER_TUI_LOG"
LOOK_VARIABLE = "PREORDER_TUI_LOOK_EVERY"
LOOK_EVERY = 5.0
USER_LENGTH = 60
NO_LOG = "off"


class _Captive:
    """Of a captive login, the database that its site has fixed."""

    database: str | None = None


def make_captive(database: str) -> None:
    """From now on nothing but the site's own settings counts; see :mod:`preorder_tui.site_file`."""
    _Captive.database = database


def restricted() -> bool:
    """Whether this is a captive login, without a way out to this machine's files and programs."""
    return _Captive.database is not None


def default_database_path() -> Path:
    """The SQLite file that is used when nobody names a database."""
    import platformdirs

    return Path(platformdirs.user_data_dir("preorder-tui", appauthor=False)) / "preorder-tui.db"


def database_url(given: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """The database: as given, from PREORDER_TUI_DATABASE_URL, or this person's own SQLite file.

    Raises:
        Refused: one is given in a captive login, which has its site's.
    """
    if _Captive.database is not None:
        if given is not None:
            raise Refused("this login is restricted to the database of its site: --database is not")
        return _Captive.database
    url = given or environment.get(DATABASE_VARIABLE)
    return url.strip() if url else f"sqlite:///{default_database_path()}"


def user_name(given: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """The name to act under: as given, from PREORDER_TUI_USER, or one's own login.

    What one may do under another's name is the service's to decide (:func:`login_name`).

    Raises:
        WrongUsage: the name is blank or longer than the journal keeps.
    """
    if given is not None:
        if restricted():
            raise Refused("this login is restricted: everybody acts under their own name here")
        return _user(given, "--user")
    if environment.get(USER_VARIABLE):
        return _user(environment[USER_VARIABLE], USER_VARIABLE)
    return login_name()


def login_name() -> str:
    """Who this really is: the account that the operating system runs the program for.

    No variable can change it.

    Raises:
        WrongUsage: the name is longer than the journal keeps.
    """
    try:
        login = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # no such account: a bare container
        login = f"uid-{os.getuid()}"
    return _user(login, "the login name")


def _user(text: str, source: str) -> str:
    name = " ".join(clean(text).split())
    if not name:
        raise WrongUsage(f"{source} is blank: give the name that the history shall show")
    if len(name) > USER_LENGTH:
        raise WrongUsage(f"{source} is longer than {USER_LENGTH} characters: give a shorter name")
    return name


def exchange_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The only folder whose files may be read and written; None: any file may.

    Raises:
        WrongUsage: the configured folder does not exist.
    """
    given = environment.get(EXCHANGE_VARIABLE)
    if not given:
        return None
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise WrongUsage(f"{EXCHANGE_VARIABLE} names {clean(given)!r}, which is not a folder")
    return folder.resolve()


def exchange_file(name: str, folder: Path | None) -> Path:
    """The file that ``name`` means, symbolic links followed, inside ``folder`` where one is set.

    Raises:
        Refused: it lies outside the exchange folder.
    """
    if folder is None:
        if restricted():
            raise Refused("this login may read and write no files: ask for an exchange folder")
        return Path(name)
    path: Path | None
    try:
        path = (folder / name).resolve()
    except (OSError, RuntimeError, ValueError):  # links that lead to themselves; a null character
        path = None
    if path is None or not path.is_relative_to(folder):
        raise Refused(f"{clean(name)!r} lies outside the exchange folder {clean(str(folder))}")
    return path


def log_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The log: PREORDER_TUI_LOG names it, or says ``off``; a captive login has only the site's."""
    given = environment.get(LOG_VARIABLE, "").strip()
    if given.lower() == NO_LOG or (not given and restricted()):
        return None
    if given:
        return Path(given).expanduser()
    return _own_log(os.environ.get("HOME"), os.environ.get("XDG_STATE_HOME"))


@cache
def _own_log(_home: str | None, _state: str | None) -> Path:
    """A person's own log, which depends on these variables: each change writes a line to it."""
    import platformdirs

    return Path(platformdirs.user_log_dir("preorder-tui", appauthor=False)) / "desk.log"


def look_every(environment: Mapping[str, str] = os.environ) -> float:
    """Seconds between two looks for changes by others, from one to an hour; 0: never.

    Raises:
        WrongUsage: the variable holds no such number.
    """
    given = environment.get(LOOK_VARIABLE, "").strip()
    if not given:
        return LOOK_EVERY
    try:
        seconds = float(given)
    except ValueError:
        seconds = -1
    if seconds != 0 and not 1 <= seconds <= 3600:
        raise WrongUsage(f"{LOOK_VARIABLE} is to be seconds from 1 to 3600, or 0 for never")
    return seconds


def desk_options(url: str, user: str, *, demo: bool = False) -> DeskOptions:
    """How to open the desk on ``url`` for ``user``, with what the environment says beside it.

    Raises:
        WrongUsage: the configured exchange folder does not exist, or a number is none.
    """
    folder = exchange_folder()
    return DeskOptions(
        database_url=url,
        user=user,
        demo=demo,
        restricted=restricted(),
        exchange_folder=None if folder is None else str(folder),
        look_every=look_every(),
        keep_input=True,
    )
