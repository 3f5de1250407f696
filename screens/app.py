"""The desk: wiring of pages, keys, signals, errors and the service. No business here."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen

from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import Refused
from preorder_tui.failures import sentence_for, write_log
from screens import keys, pages, service_calls
from screens.opening_page import OpeningPage
from screens.quiet_app import QuietApp
from screens.terminal import Terminal
from screens.watching import Watch

if TYPE_CHECKING:
    from preorder_tui.lines import LineId
    from preorder_tui.plan import Plan
    from preorder_tui.records import Outcome, Page, SalesOrderRow
    from preorder_tui.service import Service
    from screens.desk_screen import DeskScreen
    from screens.dialog import Dialog
    from screens.keeper import Keeper
    from screens.reopening import Reopening
    from screens.too_small import TooSmall

Result = TypeVar("Result")

KEEPING_FROM = 0.5
"""Seconds from the opened database to the first look at what was left: the rows come first."""
FirstPage: TypeAlias = "Callable[[DeskOptions, int], Page[SalesOrderRow] | None]"


class DeskApp(QuietApp):
    """The pre-order desk."""

    TITLE = "preorder-tui"
    CSS_PATH = ["styles/desk.tcss", "styles/dialogs.tcss", "styles/pages.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(keys.ACTIONS["copy"].keys), "how_to_leave", "How to leave", show=False),
    ]

    def __init__(
        self,
        options: DeskOptions,
        open_service: Callable[[DeskOptions], Service],
        *,
        first_page: FirstPage | None = None,
        terminal: Terminal | None = None,
        landing: Callable[[], Screen[Any]] | None = None,
    ) -> None:
        """Make the desk.

        Args:
            options: what the command line said.
            open_service: opens the database; run in a thread after the first frame.
            first_page: reads so many rows for the first page before that, or None where it cannot.
            terminal: the facts about the terminal.
            landing: makes the first page, once the database is open; by default it is Find Sales
                Order, which is painted while the database opens.
        """
        super().__init__(terminal)
        self.options = options
        self.may_suspend = not options.restricted
        self.opened = False
        self._open_service = open_service
        self._first_page = first_page
        self._service: Service | None = None
        self._make_landing = landing
        self._writing = asyncio.Lock()
        self.lookout = Watch(self, options.look_every)
        self._too_small: TooSmall | None = None
        self.keeper: Keeper | None = None
        """Keeps what is typed and not applied; there is none before the first rows."""
        self.reopening: Reopening | None = None
        self.flow_of_page: service_calls.Flow | None = None
        """The action under way, where what is typed in it can be kept."""

    # --- Opening and leaving ----------------------------------------------------------------------

    def get_default_screen(self) -> Screen[Any]:
        """What is painted first, while the database opens."""
        return pages.make(pages.LANDING) if self._make_landing is None else OpeningPage()

    async def on_mount(self) -> None:
        """Open the database after the first paint."""
        hold = self.gate.hold()
        hold.take()  # keys typed now are for the page that is about to come
        self.when_painted = lambda: self.run_worker(
            self._open_database(hold), group="open", exit_on_error=False
        )

    async def _open_database(self, hold: Any) -> None:
        try:
            if self._first_page is not None and self._make_landing is None:
                for page in self.desk_pages():
                    await page.database_opening(partial(self._first_page, self.options))
            self._service = await service_calls.run_in_thread(self._open_service, self.options)
            self.opened = True
            while self._too_small is not None:
                await self._too_small.gone.wait()
                await asyncio.sleep(0.01)  # it has gone too when the desk is closed meanwhile
            if self._make_landing is not None:
                await self.push_screen(self._make_landing())
            for page in self.desk_pages():
                page.database_opened()
            self.lookout.start()
        except Exception as error:  # noqa: BLE001 (told in one sentence when the desk has closed)
            self.end_by_failure(error)
            return
        finally:
            gc.freeze()
            gc.enable()
        hold.let_go()
        if self.options.keep_input:
            self.set_timer(KEEPING_FROM, self._keep_from_now_on)

    def _keep_from_now_on(self) -> None:
        self.run_worker(self._start_keeping(), group="keeper", exit_on_error=False)

    async def _start_keeping(self) -> None:
        await service_calls.run_in_thread(import_module, "screens.keeper")
        from screens.keeper import Keeper

        if self.keeper is None:
            self.keeper = Keeper(self)
            self.keeper.start()

    def exit(
        self, result: int | None = None, return_code: int = 0, message: Any | None = None
    ) -> None:
        """End the desk; what is typed and was not given up is kept."""
        keeper = self._keeper_at_the_end()
        if keeper is not None:
            keeper.end(return_code)
        super().exit(result, return_code, message)

    def _keeper_at_the_end(self) -> Keeper | None:
        """The keeper; where the desk ends so soon after its start that there is none, a new one."""
        may = self.keeper is None and self.opened and self.options.keep_input
        if may and self.gate.keys_let_through:
            from screens.keeper import Keeper

            self.keeper = Keeper(self)
        return self.keeper

    def on_unmount(self) -> None:
        """Let go of the database."""
        if self.keeper is not None:
            self.keeper.end(1, look=False)  # where it failed: the pages may be gone by now
        if self._service is not None:
            self._service.close()

    @property
    def service(self) -> Service:
        """The business on the open database."""
        assert self._service is not None, "the database is not open yet"
        return self._service

    async def leave(self) -> None:
        """Leave the desk; asks where something typed would be lost."""
        drafts = [draft for page in reversed(self.desk_pages()) if (draft := page.draft())]
        if drafts:
            from screens.dialog import Confirm

            if not await self.ask(Confirm("Leave the desk?", drafts, "Leave")):
                return
        keeper = self._keeper_at_the_end()
        if keeper is not None:
            keeper.give_up()
        self.exit(return_code=0)

    def action_how_to_leave(self) -> None:
        """Ctrl+C, where no text is marked that it could copy."""
        self.say("F3 (or q) leaves the desk; Ctrl+Q leaves at once.")

    # --- Flows: what a person set going -----------------------------------------------------------

    def start_flow(
        self, steps: Awaitable[object], begun_by: service_calls.BegunBy | None = None
    ) -> None:
        """Run an action that may read, ask and change; keys wait unless it asks."""
        service_calls.Flow(self, begun_by).start(steps)

    def flow_ended(self, flow: service_calls.Flow) -> None:
        """What was kept of it is done with."""
        if self.reopening is not None:
            self.reopening.over.set()
        if self.flow_of_page is flow:
            self.flow_of_page = None
            if self.keeper is not None:
                self.keeper.look_now()

    @property
    def writes(self) -> int:
        """How often this desk has asked to change something."""
        return self._service.writes if self._service is not None else 0

    async def ask(self, dialog: Dialog[Result]) -> Result | None:
        """Show a dialog from within a flow and wait for the answer."""
        return await service_calls.current_flow().ask(dialog)

    async def apply(self, plan: Plan, *, reason: str | None = None) -> Outcome:
        """Apply a plan, never two at once; then every open page reads again.

        Past half a second it says how far it is, and Esc stops it before it is committed.
        """
        work = self.service.apply
        if self.keeper is not None:
            work = self.keeper.applying(work)
        async with self._writing:
            outcome = await service_calls.call_or_stop(self, work, plan, reason=reason)
            self.lookout.own(outcome.change_set_id)
        self.tell_changed()
        return outcome

    @property
    def writing(self) -> bool:
        """Whether a change of this desk is being written."""
        return self._writing.locked()

    def tell_changed(self) -> None:
        """Every open page reads again."""
        for page in self.desk_pages():
            page.changed()

    async def undo(self, change_set_id: int | None = None) -> None:
        """Plan the undo of a change set, show it, apply it."""
        from screens.dialogs.plan_flow import carry_out

        await carry_out(self, partial(self.service.plan_undo, change_set_id))

    async def redo(self, change_set_id: int | None = None) -> None:
        """Plan doing again what was taken back, show it, apply it."""
        from screens.dialogs.plan_flow import carry_out

        await carry_out(self, partial(self.service.plan_redo, change_set_id))

    # --- Pages ------------------------------------------------------------------------------------

    def desk_pages(self) -> list[DeskScreen]:
        """The open pages, the one below first; dialogs left out."""
        from screens.desk_screen import DeskScreen

        return [screen for screen in self.screen_stack if isinstance(screen, DeskScreen)]

    async def open_page(self, page: DeskScreen) -> None:
        """Show a page above the present one."""
        await self.push_screen(page)

    async def switch_to(self, entry: pages.PageEntry) -> None:
        """Show a page of the menu: the open one if it is open, else a new one on a clean stack."""
        for page in self.desk_pages():
            if page.entry is entry:
                while self.screen is not page:
                    await self.pop_screen()
                return
        page = pages.make(entry)
        page.entry = entry
        await self.push_screen(page)

    async def open_order(self, order: str, line: LineId | None = None) -> None:
        """Show a sales order or a purchase order, whichever has this id, with a line of it.

        A page of it that is open already comes back as it was left.
        """
        order_id = await service_calls.call(self, self.service.resolve_order, order)
        for page in self.desk_pages():
            if getattr(page, "order", None) == order_id:
                while self.screen is not page:
                    await self.pop_screen()
                if line is not None:
                    getattr(page, "go_to_line", lambda _: None)(line)
                return
        try:
            await service_calls.call(self, self.service.sales_order, order_id)
            factory = pages.SALES_ORDER
        except Refused:
            factory = pages.PURCHASE_ORDER
        await self.open_page(pages.make_from(factory, order_id, line))

    def back(self) -> Awaitable[object] | None:
        """Close the page on top if another is below."""
        if len(self.desk_pages()) > 1:
            return self.pop_screen()
        self.say("This is the first page. F3 (or q) leaves the desk.")
        return None

    def open_help(self, about: Any) -> None:
        """F1."""
        from screens.help import Help

        self.push_screen(Help(about))

    async def open_menu(self) -> None:
        """F10."""
        from screens.menu import Menu

        entry = await self.ask(Menu())
        if entry is not None:
            await self.switch_to(entry)

    async def open_command_line(self) -> None:
        """``:``."""
        from screens.command_line import CommandLine, obey

        line = await self.ask(CommandLine(":"))
        if line:
            await obey(self, line)

    # --- Saying things ----------------------------------------------------------------------------

    def title_facts(self) -> str:
        """Who, which database, whether it is a demo, and the day: the right of the title line."""
        facts = [self.options.user]
        if self._service is not None:
            facts.append(database_name(self.options.database_url))
        if self.options.demo:
            facts.append("DEMO")
        if self._service is not None:
            facts.append(self._service.clock.today().isoformat())
        return "  ".join(fact for fact in facts if fact)

    def say(self, sentence: str) -> None:
        """Show a sentence in the message line of whatever is on top."""
        top = self.screen
        say = getattr(top, "say", None)
        if say is not None:
            say(sentence)

    def say_working(self, seconds: int | None, so_far: str = "", hint: str = "") -> None:
        """Say that something runs, how far it is and what Esc does, or (None) that it has ended."""
        from screens.widgets.message_line import MessageLine

        text = ""
        if seconds is not None:
            text = ", ".join(part for part in (f"Working… {seconds} s", so_far, hint) if part)
        for line in self.screen.query(MessageLine):
            line.say_working(text)

    async def show_error(self, error: Exception) -> None:
        """A refusal becomes a sentence; anything unexpected a dialog with a reference."""
        from screens.dialog import Notice

        if isinstance(error, service_calls.Abandoned):
            self.gate.discard_typed_ahead()  # it was meant for what would have come
            self.say(str(error))
            return
        sentence = sentence_for(error)
        reference = write_log(error)
        if reference is None:
            self.gate.discard_typed_ahead()
            self.bell()
            if len(sentence) <= getattr(self.screen, "message_width", 0):
                self.say(sentence)
                return
            lines = [sentence]
        else:
            lines = [sentence, "", str(reference), ""]
            lines += ["Changes are made whole or not at all. The desk goes on."]
        await Notice("This did not work", lines, unexpected=True).show_on(self)

    def _large_enough(self, _: None) -> None:
        self._too_small = None

    # --- Size -------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Say so when the terminal is too small, and go on when it is large enough again."""
        self.forget_painting()
        if self._too_small is None:
            from screens.too_small import TooSmall

            if TooSmall.is_for(event.size):
                self._too_small = TooSmall()
                self.push_screen(self._too_small, self._large_enough)
        else:
            self._too_small.look_again(event.size)


def database_name(url: str) -> str:
    """A database URL as people name it: the file, or host/name; never its password."""
    scheme, _, rest = url.partition("://")
    if scheme.startswith("sqlite"):
        return Path(rest).name or "memory"
    place, _, options = rest.rpartition("@")[2].partition("?")
    if place.startswith("/"):  # several hosts, or a socket, stand behind the database's name
        hosts = [part.partition("=")[2] for part in options.split("&") if part.startswith("host=")]
        return ",".join(hosts) + place if hosts else place.removeprefix("/")
    return place
