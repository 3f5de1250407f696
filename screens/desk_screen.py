"""What every page is made of: title line, content, message line, line of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import Widget

from screens import keys, service_calls
from screens.actions import DoesActions, bindings
from screens.painted_widgets import TouchedWidgets
from screens.widgets.key_line import KeyLine
from screens.widgets.message_line import MessageLine
from screens.widgets.title_line import TitleLine

if TYPE_CHECKING:
    from preorder_tui.news import News
    from preorder_tui.permissions import Permission
    from preorder_tui.plan import Plan
    from preorder_tui.records import Outcome, Page, SalesOrderRow
    from preorder_tui.service import Service
    from screens.app import DeskApp
    from screens.dialog import Dialog
    from screens.pages import PageEntry

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class DeskScreen(DoesActions, Screen[None]):
    """A page of the desk. Subclasses give ``content`` and methods ``do_<action>``.

    Attributes:
        ACTIONS: the page's own actions in the order of their use; the footer shows what fits.
        PATH: where the page stands, e.g. ("Order Management", "Sales Orders").
        HELP: what F1 says about the page, plain text.
    """

    ACTIONS: ClassVar[tuple[str, ...]] = ()
    PATH: ClassVar[tuple[str, ...]] = ()
    HELP: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(keys.EVERYWHERE)]

    def __init_subclass__(cls, **options: Any) -> None:
        """A page's bindings follow from its actions."""
        if "ACTIONS" in cls.__dict__ and "BINDINGS" not in cls.__dict__:
            cls.BINDINGS = [*bindings(cls.ACTIONS)]
        super().__init_subclass__(**options)

    def __init__(self) -> None:
        super().__init__()
        self._compositor = TouchedWidgets()
        self.entry: PageEntry | None = None
        """The page's entry in the menu, when it was opened from there."""
        self.news: News | None = None
        """What others changed since the page was last brought up to date."""
        self.missing_ticks = 0
        """Of the ticks that were put back, those whose rows are not here any more."""

    # --- Look -------------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The widgets between the title line and the message line."""
        return ()

    def compose(self) -> ComposeResult:
        """The four parts of a page."""
        yield TitleLine()
        yield from self.content()
        yield MessageLine()
        yield KeyLine()

    def path(self) -> tuple[str, ...]:
        """Where the page stands; data in it is shown as it is."""
        return self.PATH

    def all_actions(self) -> tuple[str, ...]:
        """The page's actions and those of every page, for the footer and help."""
        own = tuple(name for name in self.ACTIONS if name not in keys.EVERYWHERE)
        rest = (name for name in keys.EVERYWHERE if name not in ("help", "menu"))
        return ("help", "menu", *own, *rest)

    def say(self, sentence: str) -> None:
        """Show the last feedback in the message line; it stays until the next."""
        self.query_one(MessageLine).say(sentence)

    @property
    def message_width(self) -> int:
        """How long a sentence may be to be shown whole."""
        return self.size.width

    @property
    def last_sentence(self) -> str:
        """The last feedback, for help: it may be longer than its line."""
        return self.query_one(MessageLine).sentence

    def redraw_title(self) -> None:
        """After what the path shows has changed."""
        self.query_one(TitleLine).refresh()

    # --- The desk and its service -----------------------------------------------------------------

    @property
    def desk(self) -> DeskApp:
        """The app, by its own type."""
        return cast("DeskApp", self.app)

    @property
    def service(self) -> Service:
        """The business, for use in threads only (:meth:`call`)."""
        return self.desk.service

    async def call(
        self,
        work: Callable[Arguments, Result],
        *arguments: Arguments.args,
        **options: Arguments.kwargs,
    ) -> Result:
        """Run a service method in a thread with keys held."""
        return await service_calls.call(self.desk, work, *arguments, **options)

    async def apply(self, plan: Plan, *, reason: str | None = None) -> Outcome:
        """Apply a plan; every open page is told to read again."""
        return await self.desk.apply(plan, reason=reason)

    async def ask(self, dialog: Dialog[Result]) -> Result | None:
        """Show a dialog from within an action and wait for the answer; None: closed with Esc."""
        return await self.desk.ask(dialog)

    def needed(self, name: str) -> Iterable[Permission]:
        """The permissions that an action needs on this page."""
        from screens.permitted import NEEDED  # the first frame has no keys to check

        return NEEDED.get(name, ())

    def not_permitted(self, name: str) -> str | None:
        """Asked at once, before anything is typed or picked."""
        needed = tuple(self.needed(name))
        return self.service.refusal(*needed) if needed and self.desk.opened else None

    # --- What is kept, in case the desk ends ------------------------------------------------------

    def place(self) -> dict[str, Any] | None:
        """Where the page is, so that it can be opened again (``screens.places``)."""
        return {"page": self.entry.names[0]} if self.entry is not None else None

    def kept_input(self) -> dict[str, Any]:
        """What was typed and picked on the page itself; empty when nothing was."""
        from screens import typed_so_far

        ticks = {name: rows for name, rows in typed_so_far.ticks(self).items() if rows}
        return {"ticks": ticks} if ticks else {}

    def input_words(self) -> str:
        """The same in a few words."""
        from screens import typed_so_far

        return typed_so_far.in_words(self.kept_input(), {})

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """Put back what :meth:`kept_input` gave, once the page is read."""
        from screens import typed_so_far

        ticks = kept.get("ticks")
        if isinstance(ticks, dict):
            self.missing_ticks = await typed_so_far.put_ticks_back(self, ticks)

    def current_row(self) -> str:
        """The row under the cursor, by what it is; empty where there is none."""
        from screens.line_list import LineList

        focused = self.focused
        lists = [focused] if isinstance(focused, LineList) else [*self.query(LineList)]
        for line_list in lists:
            if line_list.display and line_list.current is not None:
                return str(line_list.row_id(line_list.current))
        return ""

    def draft(self) -> str:
        """What typed data would be lost by leaving, as a sentence; empty when none would."""
        return ""

    def changed(self) -> None:
        """Orders have changed (here or in a page above): read again.

        Lists with a source do so by themselves; pages that show more override this.
        """
        from screens.line_list import LineList

        for line_list in self.query(LineList):
            line_list.reload()

    # --- What others change -----------------------------------------------------------------------

    async def take_news(self, news: News) -> bool | None:
        """Others have changed something: read again in place, with keys let through.

        Returns whether anything that is shown differs now; None: ask again later.
        """
        del news
        return False

    def order_ids(self) -> set[str]:
        """The orders that are shown, as far as their rows say."""
        from preorder_tui.lines import LineId
        from screens.line_list import LineList

        shown: set[str] = set()
        for line_list in self.query(LineList):
            for row_id in line_list.ids_in_sight():
                if isinstance(row_id, LineId):
                    shown.add(row_id.order_id)
                elif isinstance(row_id, str):
                    shown.add(row_id)
        return shown

    async def database_opening(
        self, read_first: Callable[[int], Page[SalesOrderRow] | None]
    ) -> None:
        """The database is about to be opened: show what can be read before that, in a thread."""

    def database_opened(self) -> None:
        """The database can be read from now on: the desk's first page shows its rows."""

    def database_is_back(self) -> None:
        """The database can be reached again: read what could not be read."""

    def on_screen_resume(self) -> None:
        """On top again: what came meanwhile is shown."""
        if self.news is not None:
            self.run_worker(self.desk.lookout.bring_up_to_date(), group="news", exit_on_error=False)

    # --- What every page does ---------------------------------------------------------------------

    def do_help(self) -> None:
        """F1."""
        self.desk.open_help(self)

    async def do_leave(self) -> None:
        """F3."""
        await self.desk.leave()

    def do_menu(self) -> object:
        """F10."""
        return self.desk.open_menu()

    def do_refresh(self) -> object:
        """F5. Pages that show data override it."""
        self.desk.repaint_all()
        self.changed()
        return None

    async def do_undo(self) -> None:
        """F7."""
        await self.desk.undo()

    async def do_redo(self) -> None:
        """F8."""
        await self.desk.redo()

    def do_back(self) -> object:
        """F12."""
        return self.desk.back()

    def do_close(self) -> object:
        """Esc: close this page if another is below it."""
        return self.desk.back()

    def do_command(self) -> object:
        """``:``."""
        return self.desk.open_command_line()
