"""What the environment says: which database, who acts, where files may be.

An option of the command line goes before a variable, a variable before the default. Nothing here
imports the database, so that ``--help`` stays light.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from pathlib import Path

from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import Refused, WrongUsage
from preorder_tui.text import clean

DATABASE_VARIABLE = "PREORDER_TUI_DATABASE_URL"
USER_VARIABLE = "PREORDER_TUI_USER"
EXCHANGE_VARIABLE = "PREORDER_TUI_EXCHANGE_FOLDER"
RESTRICTED_VARIABLE = "PREORDER_TUI_RESTRICTED"
USER_LENGTH = 60


def default_database_path() -> Path:
    """The SQLite file that is used when nobody names a database."""
    import platformdirs

    return Path(platformdirs.user_data_dir("preorder-tui", appauthor=False)) / "preorder-tui.db"


def database_url(given: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """The database: as given, from PREORDER_TUI_DATABASE_URL, or this person's own SQLite file."""
    url = given or environment.get(DATABASE_VARIABLE)
    return url.strip() if url else f"sqlite:///{default_database_path()}"


def user_name(given: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """Who acts: as given, from PREORDER_TUI_USER, or the login of this session.

    Raises:
        WrongUsage: the name is blank or longer than the journal keeps.
    """
    if given is not None:
        return _user(given, "--user")
    if environment.get(USER_VARIABLE):
        return _user(environment[USER_VARIABLE], USER_VARIABLE)
    try:
        login = getpass.getuser()
    except (KeyError, OSError):  # no such variable and no such account: a bare container
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
        return Path(name)
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise Refused(f"{clean(name)!r} lies outside the exchange folder {clean(str(folder))}")
    return path


def restricted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a captive login, without a way out to this machine's files and programs."""
    return environment.get(RESTRICTED_VARIABLE, "").strip().lower() not in ("", "0", "no", "false")


def desk_options(url: str, user: str, *, demo: bool = False) -> DeskOptions:
    """How to open the desk on ``url`` for ``user``, with what the environment says beside it.

    Raises:
        WrongUsage: the configured exchange folder does not exist.
    """
    folder = exchange_folder()
    return DeskOptions(
        database_url=url,
        user=user,
        demo=demo,
        restricted=restricted(),
        exchange_folder=None if folder is None else str(folder),
    )
