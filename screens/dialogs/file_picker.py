"""Choose a file: type its name or path, or walk the folders; never out of the exchange folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from preorder_tui.text import clean
from screens.actions import bindings
from screens.dialogs.list_box import ListBox, field, focus_and_select
from screens.line_columns import Column, fit
from screens.line_list import LineList
from screens.plain_text import plain
from screens.text_field import TextField

MOST_ENTRIES = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder; ``path`` is what it is, ``shown`` what people may see of its name."""

    path: Path
    shown: str
    is_folder: bool
    size: int
    changed: float | None

    @property
    def size_text(self) -> str:
        """Its size, for a file."""
        return "folder" if self.is_folder else f"{self.size:,}"

    @property
    def changed_text(self) -> str:
        """When it was written, in the machine's own time; empty for the folder above."""
        if self.changed is None:
            return ""
        try:
            return f"{datetime.fromtimestamp(self.changed).astimezone():%Y-%m-%d %H:%M}"
        except (OSError, OverflowError, ValueError):
            return ""


def entries_of(folder: Path, root: Path | None) -> tuple[list[Entry], str]:
    """What is in a folder, folders first, and a sentence where not all of it is told.

    Hidden names are left out, and so is what leads out of ``root`` through a symbolic link.
    """
    found: list[Entry] = []
    more = ""
    try:
        with os.scandir(folder) as scanned:
            for one in scanned:
                if one.name.startswith("."):
                    continue
                if len(found) == MOST_ENTRIES:
                    more = f"Only {MOST_ENTRIES:,} entries are shown: type the name."
                    break
                entry = _entry(Path(one.path), root)
                if entry is not None:
                    found.append(entry)
    except OSError as error:
        more = f"This folder cannot be read: {error.strerror}."
    found.sort(key=lambda entry: (not entry.is_folder, entry.shown.casefold(), entry.shown))
    if folder.parent != folder and (root is None or folder != root):
        found.insert(0, Entry(folder.parent, "..", True, 0, None))
    return found, more


def _entry(path: Path, root: Path | None) -> Entry | None:
    try:
        if root is not None and not Path(os.path.realpath(path)).is_relative_to(root):
            return None
        status = path.stat()
    except OSError:  # gone meanwhile, or a link that leads to itself
        return None
    is_folder = path.is_dir()
    if not is_folder and not path.is_file():
        return None  # a pipe or a device: reading it may never end
    return Entry(path, clean(path.name), is_folder, status.st_size, status.st_mtime)


class _NameField(TextField):
    """Down goes to the list."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("down", "tab"):
            event.stop()
            event.prevent_default()
            picker = self.screen
            if isinstance(picker, FilePicker):
                picker.to_list()
        else:
            await super()._on_key(event)


class FilePicker(ListBox[Path]):
    """The answer is a file that can be opened.

    Args:
        title: what the file is for.
        folder: where to begin.
        root: the folder that may not be left; None: any file may be chosen.
    """

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "open", "next", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("close",))]
    HELP = (
        "Type the beginning of a name and the list shows what begins so; Enter takes the only one "
        "there is, or the name as typed. A path may be typed too, unless this desk is limited to "
        "its exchange folder. Down or Tab goes to the list: arrows move, Enter opens a folder or "
        "takes a file, Tab goes back to the name. Esc closes."
    )

    def __init__(self, title: str, folder: Path, root: Path | None = None) -> None:
        super().__init__(title)
        self.root = None if root is None else root.resolve()
        self.folder = folder.resolve() if self.root is None else self._inside(folder)
        self._entries: Sequence[Entry] = ()

    def _inside(self, folder: Path) -> Path:
        assert self.root is not None
        wanted = folder.resolve()
        return wanted if wanted.is_relative_to(self.root) else self.root

    def body(self) -> Iterable[Widget]:
        """Where one is, the name, the list."""
        yield Static("", classes="box-text where")
        yield from field("Name", _NameField(id="name", max_length=4096))
        yield LineList(
            [
                Column("Name", lambda entry: entry.shown, 24, priority=90, at_most=80),
                Column("Bytes", lambda entry: entry.size_text, 14, align="right", priority=50),
                Column("Written", lambda entry: entry.changed_text, 16, priority=40),
            ],
            row_id=lambda entry: entry.path,
            rows=(),
            taggable=False,
            empty="Nothing here begins so.",
        )

    def other_rows(self) -> int:
        """Folder and name too."""
        return super().other_rows() + 2

    def first_focus(self) -> Widget | None:
        """Where the cursor is at first: the name."""
        return self.query_one("#name", TextField)

    def on_mount(self) -> None:
        """Show the folder."""
        self._go_to(self.folder)

    def key_line(self) -> str:
        """What the keys do."""
        return "F1 Help  Enter take  Down list  Tab name  Esc close"

    def to_list(self) -> None:
        """From the name to the list."""
        self.set_focus(self.query_one(LineList))

    async def on_key(self, event: events.Key) -> None:
        """Tab goes back to the name."""
        if event.key in ("tab", "shift+tab"):
            event.stop()
            event.prevent_default()
            self.set_focus(self.query_one("#name", TextField))

    # --- Walking ----------------------------------------------------------------------------------

    def _go_to(self, folder: Path) -> None:
        self.folder = folder
        self._entries, sentence = entries_of(folder, self.root)
        shown = clean(str(folder))
        if self.root is not None:
            inside = folder.relative_to(self.root)
            shown = f"exchange folder/{clean(str(inside))}" if inside.parts else "exchange folder"
        width = max(10, min(self.app.size.width, 120) - 12)
        shown = shown if len(shown) <= width else f"…{shown[-width:]}"
        self.query_one(".where", Static).update(plain(f"In {fit(shown, width + 1).rstrip()}"))
        name = self.query_one("#name", TextField)
        with self.prevent(Input.Changed):
            name.value = ""
        self._show_fitting("")
        focus_and_select(name)
        if sentence:
            self.say(sentence)

    def _show_fitting(self, text: str) -> list[Entry]:
        wanted = text.casefold()
        fitting = [one for one in self._entries if one.shown.casefold().startswith(wanted)]
        self.query_one(LineList).show_rows(fitting, keep_cursor=False)
        return fitting

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another letter."""
        event.stop()
        self._show_fitting("" if "/" in event.value else event.value.strip())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the name."""
        event.stop()
        text = event.value.strip()
        if not text:
            self.to_list()
            return
        typed = self._typed(text)
        if typed is not None:
            real = Path(os.path.realpath(typed))
            if self.root is not None and not real.is_relative_to(self.root):
                self.say("That lies outside the exchange folder.")
            elif os.path.exists(typed):
                self._take(typed)
            else:
                self.say("There is no file of that name.")
            return
        fitting = [one for one in self._show_fitting(text) if one.shown != ".."]
        if len(fitting) == 1:
            self._take(fitting[0].path)
        elif fitting:
            self.say(f"{len(fitting)} names begin so: type more, or go to the list with Down.")
        else:
            self.say("There is no file of that name.")

    def _typed(self, text: str) -> Path | None:
        """The file or folder that the text names; None where it is only the beginning of one."""
        exact = [one for one in self._entries if one.shown == text]
        if len(exact) == 1:
            return exact[0].path
        if self.desk.options.restricted:
            return None  # only what the list shows
        path = self.folder / os.path.expanduser(text)
        return path if "/" in text or os.path.exists(path) else None

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter in the list."""
        event.stop()
        entry: Entry = event.row
        self._take(entry.path)

    def _take(self, path: Path) -> None:
        if path.is_dir():
            self._go_to(path.resolve())
        elif not path.is_file():
            self.say("This is neither a file nor a folder.")
        elif not os.access(path, os.R_OK):
            self.say("This file may not be read.")
        else:
            self.answer(path)
