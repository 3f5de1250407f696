"""The site's settings file: what an administrator fixes for everybody who works at the site.

    database = "sqlite:////srv/preorder/desk.db"
    exchange-folder = "/srv/preorder/exchange"
    log = "/srv/preorder/log/desk.log"

``--settings FILE`` reads it before a person's own variables, which go before it; a captive login
(``--restricted``) is given this file alone.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import MutableMapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from preorder_tui import captive_login, settings
from preorder_tui.clock import TODAY_VARIABLE
from preorder_tui.errors import WrongUsage
from preorder_tui.text import clean

PATH = Path("/etc/preorder-tui/settings.toml")
"""Where a captive login looks when its command line names no file."""

VARIABLES = {
    "database": settings.DATABASE_VARIABLE,
    "exchange-folder": settings.EXCHANGE_VARIABLE,
    "log": settings.LOG_VARIABLE,
    "today": TODAY_VARIABLE,
    "look-every": settings.LOOK_VARIABLE,
}
"""The keys, and the variable of a person's own that each stands for."""


def begin(arguments: Sequence[str]) -> list[str]:
    """Obey ``--restricted`` and ``--settings FILE``, which go before everything else.

    Returns the arguments without them; in a captive login they may be run by a new process.

    Raises:
        WrongUsage: the file cannot be used.
    """
    restricted, path, rest = _parse(arguments)
    if restricted:
        captive_login.enter(arguments)
        site = read(path or PATH)
        settings.make_captive(_required(site, "database", path or PATH))
        _adopt({key: value for key, value in site.items() if key != "database"}, os.environ)
        from preorder_tui import exchange_folder

        folder = settings.exchange_folder()
        exchange_folder.confine(folder)
        if folder is not None:
            os.chdir(folder)
    elif path is not None:
        _adopt(read(path), os.environ)
    return rest


def _parse(arguments: Sequence[str]) -> tuple[bool, Path | None, list[str]]:
    rest, restricted, path = list(arguments), False, None
    while rest:
        name, equals, value = rest[0].partition("=")
        if rest[0] == "--restricted":
            restricted = True
            del rest[0]
        elif name == "--settings":
            if not equals:
                value = rest[1] if len(rest) > 1 else ""
                del rest[:1]
            if not value:
                raise WrongUsage("--settings needs the name of a file")
            path = Path(value).absolute()
            del rest[0]
        else:
            break
    return restricted, path, rest


def read(path: Path) -> dict[str, str]:
    """The settings in a file, by key.

    Raises:
        WrongUsage: it cannot be read or understood, or others than its owner may write to it.
    """
    name = f"the settings file {clean(str(path))}"
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o022:
                raise WrongUsage(f"{name} may be written by others than its owner: chmod go-w")
            found: dict[str, Any] = tomllib.load(file)
    except OSError as error:
        raise WrongUsage(f"{name} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUsage(f"{name} is no TOML: {error}") from error
    site: dict[str, str] = {}
    for key, value in found.items():
        if key not in VARIABLES:
            raise WrongUsage(
                f"{name} has {clean(key)!r}, which is no setting: there are {', '.join(VARIABLES)}"
            )
        if isinstance(value, (date, int, float)):
            value = str(value)
        if not isinstance(value, str) or not value or "\x00" in value:
            raise WrongUsage(f"{name} gives no text for {key}")
        site[key] = value
    for key in ("exchange-folder", "log"):
        if not Path(site.get(key, "/")).is_absolute():
            raise WrongUsage(f"{name} gives {clean(site[key])!r} for {key}: write a full path")
    return site


def _required(site: dict[str, str], key: str, path: Path) -> str:
    if key not in site:
        raise WrongUsage(f"the settings file {clean(str(path))} names no {key}")
    return site[key]


def _adopt(site: dict[str, str], environment: MutableMapping[str, str]) -> None:
    """A person's own variables, where there are any, go before the file."""
    for key, value in site.items():
        environment.setdefault(VARIABLES[key], value)
