"""The Hamburger Menu: a drawer at the left with every section and page."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from screens import keys
from screens.actions import bindings
from screens.dialog import Dialog
from screens.line_columns import Column
from screens.line_list import LineList
from screens.pages import PAGES, PageEntry
from screens.plain_text import plain
from screens.widgets.message_line import MessageLine


class MenuList(LineList[PageEntry]):
    """The pages under their sections; letters jump."""

    def __init__(self) -> None:
        super().__init__(
            [Column("", lambda entry: entry.title, 20, at_most=60)],
            row_id=lambda entry: entry.title,
            rows=PAGES,
            group=lambda entry: entry.section,
            taggable=False,
        )
        self._typed = ""

    def takes_key(self, event: events.Key) -> bool:
        """Letters are handled here alone, like the keys of every list."""
        return super().takes_key(event) or self._letter(event) is not None

    @staticmethod
    def _letter(event: events.Key) -> str | None:
        character = event.character
        if event.is_printable and character is not None and character not in ":/?":
            return character.lower()
        return None

    async def _on_key(self, event: events.Key) -> None:
        letter = self._letter(event)
        if letter is None:
            self._typed = ""  # the list itself gets the key next
            return
        event.stop()
        event.prevent_default()
        self._jump(letter)

    def _jump(self, letter: str) -> None:
        """To the entry that begins with what was typed, else to the next with this letter."""
        longer = self._typed + letter
        found = self._beginning_with(longer, after=-1) if len(longer) > 1 else None
        if found is None:
            longer = letter
            here = PAGES.index(self.current) if self.current is not None else -1
            # A first letter may mean the page that the cursor stands on; again, it goes on.
            found = self._beginning_with(letter, after=here if self._typed else max(-1, here - 1))
        self._typed = longer if found is not None else ""
        if found is not None:
            self.go_to(found.title)

    @staticmethod
    def _beginning_with(text: str, *, after: int) -> PageEntry | None:
        """The next page whose title begins so, or one of its names, or its section."""
        turned = (*PAGES[after + 1 :], *PAGES[: after + 1])
        by_title = [(entry.title.lower(), entry) for entry in turned]
        by_name = [(name, entry) for entry in turned for name in entry.names]
        by_section = [(entry.section.lower(), entry) for entry in turned]
        for words, entry in (*by_title, *by_name, *by_section):
            if words.startswith(text):
                return entry
        return None


class Menu(Dialog[PageEntry]):
    """Arrows or first letters move, Enter opens, Esc closes."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "open", "close")
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(("leave", "menu", "back")),
    ]
    HELP = "All pages. Type the first letters of one, or move with the arrows; Enter opens it."

    def __init__(self) -> None:
        super().__init__("Menu")

    def compose(self) -> ComposeResult:
        """The drawer."""
        with Vertical(classes="drawer"):
            yield Static(plain("Hamburger Menu"), classes="box-title")
            yield MenuList()
            yield MessageLine()
            yield Static(plain(f"{keys.keys_of('open')} opens  Esc closes"), classes="box-keys")

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter."""
        event.stop()
        self.answer(event.row)

    def do_menu(self) -> None:
        """F10 again closes it."""
        self.answer(None)

    def do_leave(self) -> None:
        """F3 closes it."""
        self.answer(None)

    def do_back(self) -> None:
        """F12 closes it."""
        self.answer(None)
