"""The command line: ``preorder-tui`` opens the desk, with a command it does one thing and ends.

Exit statuses: 0 done, 1 refused by a rule, 2 wrong usage, 3 conflict with somebody else's change,
4 database not reachable. An error is one sentence on standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from time import perf_counter

import click

from preorder_tui import desk_log, settings
from preorder_tui.commands import (
    drafts,
    exchange,
    explaining,
    keeping,
    people,
    purchase,
    reading,
    reports,
    sales,
    site,
    site_settings,
    whole_book,
)
from preorder_tui.commands.session import (
    OutputClosed,
    Session,
    common_options,
    current_session,
    silence_output,
)
from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import DeskError, Refused, WrongUsage
from preorder_tui.failures import sentence_for, write_log
from preorder_tui.text import clean

CAPTIVE = frozenset(
    [
        "find",
        "show",
        "review",
        "history",
        "change-sets",
        "verify",
        "why",
        "what-if",
        "allocate",
        "allocate-order",
        "move",
        "deallocate",
        "set-promise-date",
        "cancel-item",
        "pin",
        "unpin",
        "policies",
        "auto-allocate",
        "reallocate-all",
        "sync-all",
        "undo",
        "redo",
        "set-arrival-date",
        "sync-dates",
        "allocate-sales-orders",
        "remove-allocations",
        "cancel-purchase",
        "complete-purchase",
        "set-quantity",
        "add-item",
        "receive",
        "reallocate",
        "report",
        "import",
        "export",
        "settings",
        "whoami",
        "people",
        "groups",
        "drafts",
    ]
)
"""The commands that a restricted login may be given; a new one is not among them by itself."""

DONE = 0
INTERRUPTED = 130  # as a shell reports SIGINT
OUTPUT_CLOSED = 141  # as a shell reports SIGPIPE


class _CommandLine(click.Group):
    """The group of all commands; lists them in the order of the work, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = list(self.commands)
        return [name for name in names if name in CAPTIVE] if settings.restricted() else names

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        current_session().command = name or ""
        if settings.restricted() and name not in CAPTIVE:
            raise Refused(f"this login is restricted: {name} is for those who look after the site")
        return name, command, rest


def _goes_first(context: click.Context, parameter: click.Parameter, value: object) -> None:
    """Both are obeyed before the command line is read (:mod:`preorder_tui.site_file`)."""
    if value:
        raise WrongUsage(f"--{parameter.name} goes before everything else on the command line")


@click.group(
    "preorder-tui",
    cls=_CommandLine,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.option(
    "--restricted",
    is_flag=True,
    expose_value=False,
    callback=_goes_first,
    help="For a captive login; goes before everything else.",
)
@click.option(
    "--settings",
    metavar="FILE",
    expose_value=False,
    callback=_goes_first,
    help="The site's settings file; goes before everything else.",
)
@click.version_option(package_name="preorder-tui", message="%(version)s")
@click.pass_context
def _preorder_tui(context: click.Context) -> None:
    """The pre-order desk. Without a command it opens the desk on the configured database.

    A line is written ORDER/ITEM, such as 10042/1.
    """
    if context.invoked_subcommand is None:
        session = current_session()
        if session.as_json:
            raise WrongUsage("--json needs a command, such as find sales")
        session.open_desk_later(settings.desk_options(session.url, session.actor().user))


_preorder_tui.params += common_options(changing=True)
for _module in (
    site,
    reading,
    explaining,
    sales,
    whole_book,
    purchase,
    reports,
    exchange,
    drafts,
    people,
    site_settings,
    keeping,
):
    for _command in _module.COMMANDS:
        _preorder_tui.add_command(_command)


def run(argv: Sequence[str], open_desk: Callable[[DeskOptions], int]) -> int:
    """Do what the command line ``argv`` (without the program's name) says.

    ``open_desk`` opens the desk and returns its exit status; it is called when no command is given,
    or ``demo``. Returns the exit status.
    """
    session = Session()
    begun = perf_counter()
    status = _run_and_open(argv, session, open_desk)
    if session.command:
        outcome = "failed" if session.unexpected else desk_log.ended(status)
        desk_log.write_command(session.command, status, outcome, begun, session.user)
    return status


def _run_and_open(
    argv: Sequence[str], session: Session, open_desk: Callable[[DeskOptions], int]
) -> int:
    with session.at_exit:
        try:
            status = _run(argv, session)
            if session.desk is not None:
                status = open_desk(session.desk)
            sys.stdout.flush()
        except DeskError as error:
            return _fail(error.sentence, error.exit_status)
        except click.ClickException as error:
            return _fail(_sentence(error), WrongUsage.exit_status)
        except (click.Abort, KeyboardInterrupt):
            return INTERRUPTED
        except (OutputClosed, BrokenPipeError):
            silence_output()
            return OUTPUT_CLOSED
        except OSError as error:
            what = f" ({clean(str(error.filename))})" if error.filename else ""
            return _fail(f"the system refuses{what}: {error.strerror or error}.", 1)
        except Exception as error:  # noqa: BLE001 (the last resort: a sentence, and the log)
            session.unexpected = True
            return _fail(f"{sentence_for(error)} {write_log(error, 'command')}", 1)
    return status


def _run(argv: Sequence[str], session: Session) -> int:
    # Started with its output closed, as cron jobs are: nobody reads, nothing fails.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    # A name with characters that the terminal's encoding lacks must not end the command.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    status = _preorder_tui.main(
        list(argv), prog_name="preorder-tui", standalone_mode=False, obj=session
    )
    return status if isinstance(status, int) else DONE


def _sentence(error: click.ClickException) -> str:
    text = " ".join(clean(error.format_message()).split())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        text = f"{text.rstrip('.')}: see {error.ctx.command_path} --help"
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _fail(sentence: str, status: int) -> int:
    sys.stderr.write(f"{' '.join(clean(sentence).split())}\n")
    return status
