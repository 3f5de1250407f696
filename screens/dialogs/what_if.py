"""What if?: type a slip or units of a purchase order line and see at once who turns late."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from preorder_tui.errors import DeskError
from preorder_tui.supposing import suppose
from preorder_tui.why_records import Supposed, WhatIf, WhatIfRow
from preorder_tui.why_words import what_if_lines
from preorder_tui.wording import counted
from screens.actions import bindings
from screens.demand_columns import day
from screens.dialogs.list_box import ListBox, focus_and_select
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain
from screens.service_calls import run_in_thread
from screens.text_field import TextField

if TYPE_CHECKING:
    from preorder_tui.news import News
    from preorder_tui.what_if import Known
    from screens.desk_screen import DeskScreen

DEBOUNCE = 0.1
"""Seconds without a key before the question is asked."""
EMPTY = "Nobody would stand otherwise."


def units(row: WhatIfRow) -> str:
    """Units, and how many of them go."""
    return f"-{row.lost:,}/{row.units:,}" if row.lost else f"{row.units:,}"


def late(row: WhatIfRow) -> str:
    """Days late, before and after."""

    def said(is_late: bool, number: int) -> str:
        return f"{number:,}d" if is_late else "-"

    return (
        f"{said(row.late_before, row.days_late_before)}→{said(row.late_after, row.days_late_after)}"
    )


def what(row: WhatIfRow) -> str:
    """What becomes of the line; in capitals what is worst."""
    text = row.turn.upper() if row.turn == "turns late" else row.turn
    return f"{text}, pinned" if row.pinned and row.lost else text


COLUMNS: tuple[Column[WhatIfRow], ...] = (
    Column("Order", lambda row: row.order_name or row.line.order_id, 8, priority=100, at_most=14),
    Column("Customer", lambda row: row.customer_name, 11, priority=60, at_most=26),
    Column("Units", units, 5, align="right", priority=95, at_most=9),
    Column("Promise", lambda row: day(row.promise_date), 10, priority=90),
    Column("Arrival", lambda row: day(row.new_arrival), 10, priority=91),
    Column("Late", late, 8, priority=93, at_most=11),
    Column("What", what, 13, priority=98, at_most=22),
    Column("Was", lambda row: day(row.old_arrival), 10, priority=50),
    Column("Line", lambda row: str(row.line), 11, priority=40, at_most=14),
)


class WhatIfDialog(ListBox[Supposed]):
    """Two fields and the list of what follows; the answer is what was supposed, to be applied."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "next", "accept", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("save",))]
    HELP = (
        "Type by how many days the item slips (5, or -3 for earlier, or the new date), how many "
        "units it has more or fewer (+5, -5), or a new quantity (40), or both. The list shows at "
        "once which sales order lines would stand otherwise, those that TURN LATE first: promised "
        "before their units arrive. Late is in days, before and after. Where units fall short the "
        "newest orders lose them. Nothing is changed: Enter makes the plan, which is shown before "
        "anything is written, Esc leaves everything as it is. Promise dates stay; after the change "
        "you are asked whether to sync them. Tab and Down go to the next field and to the list."
    )

    def __init__(self, page: DeskScreen, present: WhatIf, known: Known) -> None:
        """Ask about a line.

        Args:
            page: the page that asks.
            present: the line as it stands.
            known: the same as it was read, so that a key press reads nothing.
        """
        super().__init__(f"What if? {present.name} {present.sku}")
        self.page = page
        self.present = present
        self.known = known
        self.shown = present
        self._typing: Timer | None = None
        self._wanted: Supposed | None = None
        self._asking = False

    def body(self) -> Iterable[Widget]:
        """Fields, what it comes to, the lines."""
        yield Horizontal(
            Static(plain("Slip days"), classes="field-label"),
            TextField(id="slip", max_length=12),
            Static(plain("  Units"), classes="field-label"),
            TextField(id="units", max_length=12),
            Static(plain("5 -3 date; +5 -5 or new total"), classes="field-hint"),
            classes="field",
        )
        yield Static("", classes="box-text", id="what-if-facts")
        yield LineList(
            COLUMNS, row_id=lambda row: row.line, rows=(), taggable=False, empty=EMPTY, id="rows"
        )

    def key_line(self) -> str:
        """What the keys do here."""
        return "F1 Help  Tab next field  Down list  Enter apply (shows the plan)  Esc close"

    def other_rows(self) -> int:
        """The fields, and two or three lines of facts."""
        return super().other_rows() + 4

    def first_focus(self) -> Widget | None:
        """The slip."""
        return self.query_one("#slip", TextField)

    def on_mount(self) -> None:
        """As it stands."""
        super().on_mount()
        self._show(self.present)

    async def take_news(self, news: News) -> bool | None:
        """Others have changed something: what is typed is asked again, of fresh rows."""
        self.known = await run_in_thread(self.page.service.know_for_what_if, self.present.line)
        if self.is_current:
            self._ask()
        return await super().take_news(news)

    # --- While one types --------------------------------------------------------------------------

    def _supposed(self) -> Supposed:
        slip, number = self.query_one("#slip", TextField), self.query_one("#units", TextField)
        return suppose(slip.value, number.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another character: ask when there has been none for a moment."""
        event.stop()
        self._wanted = None  # an answer under way is to another question by now
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(DEBOUNCE, self._ask)

    def _ask(self) -> None:
        self._typing = None
        try:
            self._wanted = self._supposed()
        except DeskError as error:
            self._wanted = None
            self._say_instead(error.sentence)
            return
        if not self._asking:
            self._asking = True
            self.run_worker(self._answer_all(), group="what-if", exit_on_error=False)

    async def _answer_all(self) -> None:
        """Answer what is wanted, one question at a time; an answer that is stale is dropped."""
        try:
            while self._wanted is not None and self.is_attached:
                wanted = self._wanted
                try:
                    found = await run_in_thread(
                        self.page.service.what_if,
                        self.present.line,
                        wanted,
                        known=self.known,
                    )
                except Exception as error:  # noqa: BLE001 (shown to the person)
                    if wanted == self._wanted:
                        self._wanted = None
                        await self._refused(error)
                    continue
                if wanted == self._wanted:
                    self._wanted = None
                    self._show(found)
        finally:
            self._asking = False

    async def _refused(self, error: Exception) -> None:
        if isinstance(error, DeskError):
            self._say_instead(error.sentence)
        else:
            await self.desk.show_error(error)

    def _say_instead(self, sentence: str) -> None:
        """What was typed cannot be: no numbers stand beside it."""
        self.query_one("#what-if-facts", Static).update(plain(sentence))
        self._rows.empty = ""
        self._rows.show_rows(())

    def _show(self, found: WhatIf) -> None:
        self.shown = found
        facts = what_if_lines(found)
        if found.changed > len(found.rows):
            facts[-1] += f" The first {len(found.rows):,} of {found.changed:,} lines are listed."
        if found.changes_something and found.sync:
            dates = counted(found.sync, "promise date")
            facts[-1] += f" Sync would then change {dates}."
        self.query_one("#what-if-facts", Static).update(plain("\n".join(facts)))
        self._rows.empty = EMPTY if found.changes_something else "Type a slip, units, or both."
        self._rows.show_rows(found.rows, keep_cursor=False)

    @property
    def _rows(self) -> LineList[WhatIfRow]:
        return self.query_one("#rows", LineList)

    # --- Keys -------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Down goes from the fields to the list, Up from its first row back."""
        if isinstance(self.focused, TextField) and event.key in ("down", "pagedown"):
            event.stop()
            self.set_focus(self._rows)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field."""
        event.stop()
        self.do_save()

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter in the list."""
        event.stop()
        self.do_save()

    def do_save(self) -> None:
        """Go on with what is typed, whether its answer is on the screen yet or not."""
        try:
            supposed = self._supposed()
        except DeskError as error:
            self.say(error.sentence)
            return
        if supposed == Supposed():
            self.say("Nothing is supposed yet: type a slip in days, or units.")
            focus_and_select(self.query_one("#slip", TextField))
            return
        self.answer(supposed)
