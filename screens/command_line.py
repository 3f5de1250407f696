"""The one-line prompt at the bottom: ``:`` for commands, ``/`` for filters.

Commands are a registry: a name or a shape, a sentence for help, and a function.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from preorder_tui.errors import UnknownId, WrongUsage
from screens import pages
from screens.actions import bindings
from screens.dialog import Dialog
from screens.plain_text import plain
from screens.text_field import TextField

if TYPE_CHECKING:
    from screens.app import DeskApp


class CommandLine(Dialog[str]):
    """Asks for one line of text; Enter answers with it, Esc with None."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "accept", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("close",))]
    HELP = (
        "Type an order (10042), a line (10042/1), undo or redo with or without the number of a "
        "change set, a page (sales, purchase, exim, auto, changes), or quit."
    )

    def __init__(self, prompt: str, value: str = "", *, hint: str = "") -> None:
        super().__init__("")
        self.prompt = prompt
        self.value = value
        self.hint = hint or "Enter does it, Esc closes"

    def compose(self) -> ComposeResult:
        """Prompt, field and hint in one line at the bottom."""
        with Horizontal(classes="prompt-line"):
            yield Static(plain(self.prompt), classes="prompt")
            yield TextField(self.value)
            yield Static(plain(self.hint), classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.answer(event.value.strip())

    def say(self, sentence: str) -> None:
        """Where the hint stands."""
        self.query_one(".hint", Static).update(plain(sentence))


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the command line."""

    usage: str
    help: str
    run: Callable[[DeskApp, str], Awaitable[None]]


async def _leave(app: DeskApp, _: str) -> None:
    await app.leave()


async def _undo(app: DeskApp, words: str) -> None:
    await app.undo(_number(words))


async def _redo(app: DeskApp, words: str) -> None:
    await app.redo(_number(words))


async def _help(app: DeskApp, _: str) -> None:
    app.open_help(app.screen)


COMMANDS: dict[str, Command] = {
    "quit": Command("quit", "Leave the desk.", _leave),
    "q": Command("q", "Leave the desk.", _leave),
    "undo": Command("undo [CHANGE SET]", "Take back your last change, or that one.", _undo),
    "redo": Command("redo [CHANGE SET]", "Do again what was taken back.", _redo),
    "help": Command("help", "Explain the page.", _help),
}
"""Pages may add their own: ``COMMANDS["word"] = Command(…)``."""


def _number(words: str) -> int | None:
    text = words.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise WrongUsage(f"{text!r} is not the number of a change set")
    return int(text)


async def obey(app: DeskApp, line: str) -> None:
    """Do what a command line says.

    Raises:
        DeskError: it names nothing.
    """
    word, _, rest = line.strip().partition(" ")
    command = COMMANDS.get(word.lower())
    if command is not None:
        await command.run(app, rest)
        return
    entry = pages.page_named(line)
    if entry is not None:
        await app.switch_to(entry)
        return
    await open_order(app, line.strip())


async def open_order(app: DeskApp, name: str) -> None:
    """Open the order (or the order of the line) that ``name`` names.

    Raises:
        UnknownId: no command, page or order has this name.
    """
    from screens import service_calls

    wanted = name.rpartition("/")[0] or name
    try:
        order_id = await service_calls.call(app, app.service.resolve_order, wanted)
    except UnknownId as error:
        raise UnknownId(
            f"{name!r} is no order, page or command: type : and F1 for what there is"
        ) from error
    await app.open_order(order_id)
