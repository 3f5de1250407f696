"""What the Find pages have in common: a search field, filters in words, a list, and how many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from preorder_tui.records import Count, Key, Page
from screens.desk_screen import DeskScreen
from screens.found_list import FoundList
from screens.line_columns import fit
from screens.line_list import LineList
from screens.plain_text import plain
from screens.search_field import SearchField
from screens.service_calls import run_in_thread

if TYPE_CHECKING:
    from preorder_tui.news import News

LOOKS = frozenset({"sort", "items", "grouping"})
"""What of a saved filter says how the list looks, not what is in it."""
DEBOUNCE = 0.15
"""Seconds without a key before a search is run while a person types."""


class FindPage(DeskScreen):
    """A page that finds. Subclasses say what; this class keeps place, filters and count.

    Attributes:
        SEARCHES: what the search looks in, for the empty field.
        SAVED_AS: the name under which filters are saved.
        EXPORT_NAME: how the file of an export is called.
    """

    SEARCHES: ClassVar[str] = ""
    SAVED_AS: ClassVar[str] = ""
    EXPORT_NAME: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self._count: Count | None = None
        self._counting = 0
        self._asked: object = None
        self._left: dict[str, object] = {}
        """What each list was read for."""
        self._typing: Timer | None = None
        self._without_facts = False
        self._words = ""
        self._came_with: dict[str, Any] = {}

    # --- What a subclass says ---------------------------------------------------------------------

    def lists(self) -> Iterable[FoundList[Any]]:
        """The lists; only the one whose id is :meth:`shown` is displayed."""
        raise NotImplementedError

    def shown(self) -> str:
        """The id of the list on display."""
        raise NotImplementedError

    def question(self) -> object:
        """What is asked for, comparable: when it changes the list is read and counted anew."""
        raise NotImplementedError

    @property
    def search_text(self) -> str:
        """What is searched for."""
        raise NotImplementedError

    def search_for(self, text: str) -> None:
        """Take what is searched for."""
        raise NotImplementedError

    def words(self) -> tuple[list[str], str, str]:
        """The filters in words, what is counted (in the plural), and the sort."""
        raise NotImplementedError

    def read_page(self, shown: str, size: int, **where: Any) -> Page[Any]:
        """A page of a list; runs in a thread."""
        raise NotImplementedError

    def read_count(self) -> Count:
        """How many there are; runs in a thread."""
        raise NotImplementedError

    def saved_fields(self) -> dict[str, Any]:
        """What a saved filter keeps."""
        raise NotImplementedError

    def take_saved(self, fields: dict[str, Any]) -> None:
        """Take what a saved filter kept."""
        raise NotImplementedError

    def export(self, path: Path, replace: bool) -> int:
        """Write everything found to a file, how many rows; runs in a thread."""
        raise NotImplementedError

    # --- Look -------------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """Search, filters, list."""
        yield Horizontal(
            Static(plain("Search"), classes="field-label"),
            SearchField(self.search_text, placeholder=self.SEARCHES, id="search", max_length=100),
            classes="field",
        )
        self._words = self._words_within(self.app.size.width)
        yield Static(plain(self._words), classes="filter-words")
        for one in self.lists():
            one.display = one.id == self.shown()
            yield one

    @property
    def found(self) -> FoundList[Any]:
        """The list on display."""
        return self.query_one(f"#{self.shown()}", FoundList)

    @property
    def search_field(self) -> SearchField:
        """The search field."""
        return self.query_one("#search", SearchField)

    def on_mount(self) -> None:
        """Begin in the list."""
        self._came_with = self._narrowed()
        self.set_focus(self.found)
        if self.desk.opened:
            self.find(hold_keys=True)

    def database_opened(self) -> None:
        """The page has been on the screen without rows; here they come, and the title's facts."""
        self.find(hold_keys=True)
        self._without_facts = True

    def on_resize(self) -> None:
        """The words are cut to the width."""
        self.show_words()

    def show_words(self) -> None:
        """Show the active filters, how many rows they find, and the sort."""
        words = self._words_within(self.size.width)
        if words != self._words:
            self._words = words
            self.query_one(".filter-words", Static).update(plain(words))

    def _words_within(self, width: int) -> str:
        filters, noun, sort = self.words()
        number = "…" if self._count is None else str(self._count)
        one = self._count is not None and self._count == Count(1, False)
        tail = f"{number} {noun.removesuffix('s') if one else noun} · {sort}"
        head = " · ".join([*filters, ""])
        room = width - len(tail)
        if len(head) > room:
            head = f"{fit(head, max(1, room - 3)).rstrip()} · "
        return f"{head}{tail}"

    # --- Finding ----------------------------------------------------------------------------------

    def _source_of(self, shown: str) -> Any:
        async def source(size: int, **where: Any) -> Page[Any]:
            return await run_in_thread(self.read_page, shown, size, **where)

        return source

    def find(self, *, hold_keys: bool, near: Key | None = None) -> None:
        """Read the list for what is asked for now, unless it shows that already.

        Args:
            hold_keys: whether keys wait until it is read.
            near: the key at whose place the cursor is to stand; by default it is on the first row.
        """
        question = (self.shown(), self.question())
        if question == self._asked:
            return
        self._asked = self._left[self.shown()] = question
        self._forget_count()
        for one in self.query(FoundList):
            one.display = one.id == self.shown()
        self.found.show_found(self._source_of(self.shown()), hold_keys=hold_keys, near=near)

    def find_again(self) -> None:
        """Show the other list where it was left, read anew if what is asked for is another."""
        question = (self.shown(), self.question())
        if self._left.get(self.shown()) != question:
            self.find(hold_keys=True)
            return
        self._asked = question
        self._forget_count()
        for one in self.query(FoundList):
            one.display = one.id == self.shown()
        self.found.reload()

    def changed(self) -> None:
        """Orders have changed: read again, where the cursor is; count anew."""
        self._forget_count()
        self.found.reload()

    async def take_news(self, news: News) -> bool | None:
        """Others have changed orders: the rows shown are read again in place, and counted."""
        del news
        different = await self.found.look_again()
        if different is not None and self._count is not None:
            self._counting += 1
            self._start_counting(self._counting)
        return different

    def database_is_back(self) -> None:
        """What could not be read is read now."""
        if self.found.could_not_be_read:
            self.found.reload()

    def _forget_count(self) -> None:
        self._count = None
        self._counting += 1
        self.show_words()

    def on_line_list_loaded(self, event: LineList.Loaded) -> None:
        """The page is there: count, once it has been painted."""
        event.stop()
        if self._without_facts:
            self._without_facts = False
            self.redraw_title()  # with the rows: whatever is painted before them, they wait for
        if self._count is None:
            self.call_after_refresh(self._start_counting, self._counting)

    def _start_counting(self, number: int) -> None:
        if number != self._counting:
            return
        found = self.found
        if found.whole_list_loaded:
            self._count = Count(len(found.loaded_rows), False)
            self.show_words()
        else:
            self.run_worker(self._do_count(number), group="count", exit_on_error=False)

    async def _do_count(self, number: int) -> None:
        try:
            count = await run_in_thread(self.read_count)
        except Exception:  # noqa: BLE001 (the list itself says what is wrong)
            return
        if number == self._counting:
            self._count = count
            self.show_words()

    # --- Searching --------------------------------------------------------------------------------

    def do_filter(self) -> None:
        """``/``: to the search field; typing replaces what is in it."""
        self.set_focus(self.search_field)
        self.search_field.select_all()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another character: search when there has been none for a moment."""
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(DEBOUNCE, self._search_while_typing)

    def _search_while_typing(self) -> None:
        self._typing = None
        self.search_for(self.search_field.value)
        self.find(hold_keys=self.focused is not self.search_field)

    def _search_now(self) -> None:
        """Whoever leaves the field finds what it says, and keys wait until it is found."""
        if self._typing is not None:
            self._typing.stop()
            self._typing = None
        self.search_for(self.search_field.value)
        self.find(hold_keys=True)
        self.found.hold_until_read()
        self.set_focus(self.found)

    def on_search_field_left(self, event: SearchField.Left) -> None:
        """Enter, Down, Tab."""
        event.stop()
        self._search_now()

    def on_search_field_cleared(self, event: SearchField.Cleared) -> None:
        """Esc."""
        event.stop()
        self.search_field.value = ""
        self._search_now()

    def show_search_text(self) -> None:
        """After the text was set from elsewhere."""
        with self.prevent(Input.Changed):
            self.search_field.value = self.search_text

    # --- What is kept, in case the desk ends ------------------------------------------------------

    def kept_input(self) -> dict[str, Any]:
        """The search and the filters, where they are other than at first."""
        typed = self.search_field.value
        if typed == self.search_text and self._narrowed() == self._came_with:
            return {}
        return {"filters": {**self.saved_fields(), "text": typed}}

    def _narrowed(self) -> dict[str, Any]:
        """The filters; how the list is sorted or grouped is no work that could be lost."""
        return {name: one for name, one in self.saved_fields().items() if name not in LOOKS}

    def input_words(self) -> str:
        """The search and the filters in words."""
        typed = self.search_field.value.strip()
        words = self.words()[0]
        return ", ".join(words if typed == self.search_text.strip() else [f'"{typed}"', *words])

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """Search and filter as before."""
        filters = kept.get("filters")
        if isinstance(filters, dict):
            self._use(filters)

    def _use(self, fields: dict[str, Any]) -> None:
        self.take_saved(fields)
        self.show_search_text()
        self.find(hold_keys=True)
        self.set_focus(self.found)

    # --- Saved filters and export -----------------------------------------------------------------

    async def do_saved(self) -> None:
        """Use, keep or forget a saved filter."""
        from screens.dialogs.saved_filters import saved_filters

        fields = await saved_filters(self, self.SAVED_AS, self.saved_fields())
        if fields is not None:
            self._use(fields)

    async def do_export(self) -> None:
        """Write the whole list to a CSV file."""
        from screens.dialogs.export_csv import export_csv

        await export_csv(self, self.EXPORT_NAME, self.export)
