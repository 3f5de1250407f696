"""What every command shares: the common options, the service, and where output goes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import click

from preorder_tui import settings
from preorder_tui.actor import Actor
from preorder_tui.commands.arguments import TEXT
from preorder_tui.commands.tables import table
from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import Unreachable, WrongUsage
from preorder_tui.text import LONGEST_REASON, clean

if TYPE_CHECKING:
    from preorder_tui.service import Service

Row = TypeVar("Row")


class OutputClosed(Exception):
    """Nobody reads standard output any more."""


@dataclass(slots=True)
class Session:
    """One run of the program: the common options as given, and what follows from them."""

    database: str | None = None
    user: str | None = None
    as_json: bool = False
    dry_run: bool = False
    reason: str | None = None
    command: str = ""  # its name
    unexpected: bool = False  # whether it failed in a way that no rule foresees
    desk: DeskOptions | None = None  # set by a command that wants the desk opened after it
    at_exit: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        """The database to work on."""
        return settings.database_url(self.database)

    def actor(self, origin: str = "command") -> Actor:
        """Who acts."""
        return Actor(settings.user_name(self.user), origin, settings.login_name())

    def why(self) -> str | None:
        """The reason as it gets into the journal.

        Raises:
            WrongUsage: it is longer than the journal keeps.
        """
        text = " ".join(clean(self.reason or "").split())
        if len(text) > LONGEST_REASON:
            raise WrongUsage(
                f"--reason is longer than {LONGEST_REASON} characters: make it shorter"
            )
        return text or None

    @contextmanager
    def service(self, origin: str = "command") -> Iterator[Service]:
        """The service on the database, closed at the end of the block.

        Raises:
            Unreachable: the database failed in a way that no rule foresees.
        """
        actor = self.actor(origin)
        self.why()
        from sqlalchemy.exc import SQLAlchemyError

        from preorder_tui.opening import sentence_for
        from preorder_tui.service import Service

        service = Service.open(self.url, actor)
        try:
            yield service
        except SQLAlchemyError as error:
            raise Unreachable(sentence_for(self.url, error)) from error
        finally:
            service.close()

    def print(self, text: str = "") -> None:
        """One line of plain output.

        Raises:
            OutputClosed: the reader has gone.
        """
        try:
            sys.stdout.write(f"{text}\n")
        except BrokenPipeError as error:
            raise OutputClosed from error

    def print_table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        right: Sequence[str] = (),
        elastic: Sequence[str] = (),
    ) -> None:
        """The lines of a table; ``right`` and ``elastic`` as :func:`.tables.table` has them."""
        for line in table(headings, rows, right=right, elastic=elastic):
            self.print(line)

    def print_list(
        self,
        rows: Sequence[Row],
        document: Callable[[Row], Any],
        headings: Sequence[str],
        cells: Callable[[Row], Sequence[object]],
        *,
        right: Sequence[str] = (),
        elastic: Sequence[str] = (),
        closing: str = "",
    ) -> None:
        """What a command found: one JSON document, or a table (of some rows) and a last line."""
        if self.as_json:
            self.print_json([document(row) for row in rows])
            return
        if rows:
            self.print_table(headings, map(cells, rows), right=right, elastic=elastic)
        if closing:
            self.print(closing)

    def print_json(self, document: Any) -> None:
        """The one JSON document of a command.

        Raises:
            OutputClosed: the reader has gone.
        """
        readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        self.print(json.dumps(document, ensure_ascii=not readable, indent=2))

    def open_desk_later(self, options: DeskOptions) -> None:
        """Have the desk opened once the command line has been understood."""
        self.desk = options


def current_session() -> Session:
    """The session of the running command."""
    session = click.get_current_context().find_object(Session)
    if session is None:
        raise AssertionError("no session: the command was not started by preorder_tui.cli.run")
    return session


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    # Given before the command or after it: the later one wins, silence changes nothing.
    if value is not None and parameter.name is not None:
        setattr(context.ensure_object(Session), parameter.name, value)


def common_options(*, changing: bool) -> list[click.Parameter]:
    """The options of every command; with ``--dry-run`` and ``--reason`` of one that changes."""
    options = [
        click.Option(
            ["--database"],
            type=TEXT,
            metavar="URL",
            help="The database; else PREORDER_TUI_DATABASE_URL.",
        ),
        click.Option(
            ["--user"],
            type=TEXT,
            metavar="NAME",
            help="Act for another, as an administrator may.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, default=None, help="One JSON document."),
    ]
    if changing:
        options += [
            click.Option(
                ["--dry-run"], is_flag=True, default=None, help="Print the plan, change nothing."
            ),
            click.Option(["--reason"], type=TEXT, metavar="TEXT", help="Why, for the history."),
        ]
    for option in options:
        option.callback = _keep
        option.expose_value = False
    return list(options)


class ReadingCommand(click.Command):
    """A command that changes nothing, with the common options."""

    changing = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params += common_options(changing=self.changing)


class ChangingCommand(ReadingCommand):
    """A command that changes something: also with ``--dry-run`` and ``--reason``."""

    changing = True


class Listing(click.Group):
    """A group of commands that lists when none of them is named; has the common options itself."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.invoke_without_command = True
        self.no_args_is_help = False
        self.params += common_options(changing=False)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


# Lets a negative number through to the rule that refuses it, instead of reading it as an option.
NUMBERS_MAY_BE_NEGATIVE = {"ignore_unknown_options": True}


def silence_output() -> None:
    """After a broken pipe: let the interpreter's own last flush go nowhere."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
