"""Pick rows, see what that comes to, choose options, go on: the one dialog for every such list."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from preorder_tui.errors import DeskError
from preorder_tui.lines import LineId
from screens import keys, service_calls
from screens.actions import bindings
from screens.dialogs.list_box import ListBox, field, focus_and_select
from screens.dialogs.picked import Picked as Picked
from screens.dialogs.picked import PickOption as PickOption
from screens.dialogs.picked import PickQuantity as PickQuantity
from screens.line_columns import Column
from screens.line_list import LineList
from screens.line_window import PageSource
from screens.plain_text import plain
from screens.text_field import TextField

if TYPE_CHECKING:
    from preorder_tui.news import News
    from preorder_tui.records import Page

Row = TypeVar("Row")

DIGITS = frozenset("0123456789")


class PickRows(ListBox[Picked[Row]]):
    """A list with ticks, a running counter and options.

    Args:
        title: the question.
        columns: what to show of a row.
        row_id: the row's identity.
        rows: all rows; or
        source: pages of them, and
        first: the first page, which is there already.
        preticked: identities of the rows that are ticked at first; None: all that can be.
        counter: what the ticked rows come to, shown live. In single mode, and where the current
            row counts when nothing is ticked, it is told that row.
        options: toggles below the list, at most two; their values are in the answer.
        disabled: why a row cannot be picked; empty when it can.
        single: no ticks: Enter picks the row.
        enter_takes_current: with nothing ticked, Enter picks the row under the cursor.
        quantity: asks for units too: Enter takes what the field says, Tab or a digit goes there.
        lines: sentences above the list.
        about: the row under the cursor in full, in one line below the list.
        yes: the word of the Enter key in the line of keys.
        none_too: no tick at all is an answer as well.
        empty: what to say when there are no rows.
        read_again: reads the rows anew, in a thread, when somebody else has changed something.
    """

    ACTIONS: ClassVar[tuple[str, ...]] = ("help", "tag", "tag_all", "option", "accept", "close")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(("option", "option_2", "save", "why"))]
    HELP = (
        "Space ticks a row or takes its tick away, a ticks all or none. The line under the list "
        "says what the ticked rows come to. Enter goes on with them; what will change is shown "
        "before anything is written. Rows marked with - cannot be picked: Space on one says why. "
        "W explains the line under the cursor in full."
    )

    def __init__(
        self,
        title: str,
        columns: Sequence[Column[Row]],
        row_id: Callable[[Row], Hashable],
        *,
        rows: Sequence[Row] | None = None,
        source: PageSource[Row] | None = None,
        first: Page[Row] | None = None,
        preticked: Iterable[Hashable] | None = (),
        counter: Callable[[tuple[Row, ...]], str] | None = None,
        options: Sequence[PickOption] = (),
        disabled: Callable[[Row], str] | None = None,
        single: bool = False,
        enter_takes_current: bool = False,
        quantity: PickQuantity[Row] | None = None,
        lines: Iterable[str] = (),
        about: Callable[[Row], str] | None = None,
        yes: str = "go on",
        none_too: bool = False,
        empty: str = "There is nothing to pick.",
        group: Callable[[Row], str] | None = None,
        read_again: Callable[[], Sequence[Row]] | None = None,
    ) -> None:
        super().__init__(title)
        self.read_again = read_again
        self.columns = columns
        self.row_id = row_id
        self.rows = rows
        self.source = source
        self.first = first
        self.preticked = None if preticked is None else tuple(preticked)
        self.counter = counter
        self.pick_options = tuple(options)
        self.disabled_reason = disabled
        self.single = single
        self.enter_takes_current = enter_takes_current or single
        self.quantity = quantity
        self.lines = tuple(lines)
        self.about = about
        self.yes = yes
        self.none_too = none_too
        self.empty = empty
        self.group = group
        self._chosen_values = {option.name: 0 for option in self.pick_options}
        self._default_shown = ""

    # --- Look -------------------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        """Sentences, the list, the counter, options, units."""
        if self.lines:
            yield Static(plain("\n".join(self.lines)), classes="box-text")
        yield LineList(
            self.columns,
            self.row_id,
            rows=self.rows,
            source=self.source,
            first=self.first,
            group=self.group,
            disabled=self.disabled_reason,
            taggable=not self.single,
            ticks=not self.single,
            empty=self.empty,
            id="rows",
        )
        if self.about is not None:
            yield Static("", classes="box-about")
        if self.counter is not None:
            yield Static("", classes="box-counter")
        if self.pick_options:
            yield Static("", classes="box-options")
        if self.quantity is not None:
            yield from field(self.quantity.label, TextField(id="quantity", max_length=12))

    def key_line(self) -> str:
        """Tick, go on, and the options that there are."""
        parts = [] if self.single else ["Space tick", "a all"]
        for option, name in zip(self.pick_options, ("option", "option_2"), strict=False):
            parts.append(f"{keys.keys_of(name)} {option.label.lower()}")
        if self.quantity is not None:
            parts.append("0-9 Tab quantity")
        return "  ".join(["F1 Help", *parts, f"Enter {self.yes}", "Esc close"])

    def list_rows(self) -> int | None:
        """All rows, where they are known."""
        rows = self._rows_at_first
        if rows is None:
            return None
        groups = 0 if self.group is None else len({self.group(row) for row in rows})
        return max(1, len(rows) + groups)

    @property
    def _rows_at_first(self) -> Sequence[Row] | None:
        """All rows, where they are known when it is opened."""
        if self.first is not None and self.first.at_end:
            return self.first.rows
        return self.rows

    def other_rows(self) -> int:
        """The parts that there are."""
        parts = (
            self.about is not None,
            self.counter is not None,
            bool(self.pick_options),
            self.quantity is not None,
        )
        return super().other_rows() + len(self.lines) + sum(parts)

    def on_mount(self) -> None:
        """The ticks that are there at first."""
        line_list = self.line_list
        if not self.single:
            if self.preticked is None:
                line_list.tag_all()
            elif self.preticked:
                line_list.tag_rows(self.preticked)
        known = line_list.loaded_rows
        picks = (row for row in known if not line_list.reason_against_row(row))
        line_list.go_to(next((self.row_id(row) for row in picks), None))
        self._show_options()
        self._show_counter()
        self._show_about()

    # --- What others change -----------------------------------------------------------------------

    async def take_news(self, news: News) -> bool | None:
        """Read the rows again in place; ticks, the cursor and what was typed stay."""
        if self.read_again is None or self.rows is None:
            return await super().take_news(news)
        rows = await service_calls.run_in_thread(self.read_again)
        if not self.is_current:
            return None
        if tuple(rows) == tuple(self.rows):
            return False
        self.rows = rows
        with self.line_list.renewing():
            self.line_list.show_rows(rows)
        self.show_what_is_picked()
        return True

    def show_what_is_picked(self) -> None:
        """After others have changed something: units offered stay, a finger may be on Enter."""
        if self.counter is not None:
            self.query_one(".box-counter", Static).update(plain(self.counter(self.picked_rows)))
        self._show_about()

    # --- What is picked ---------------------------------------------------------------------------

    @property
    def line_list(self) -> LineList[Row]:
        """The list."""
        return self.query_one("#rows", LineList)

    @property
    def options(self) -> dict[str, str]:
        """The present value of each option."""
        return {
            option.name: option.values[self._chosen_values[option.name]][0]
            for option in self.pick_options
        }

    @property
    def picked_rows(self) -> tuple[Row, ...]:
        """The ticked rows in the order of the list, or the current one where that counts."""
        line_list = self.line_list
        tagged = line_list.tagged
        if tagged:
            if self.rows is not None:
                ids = {self.row_id(row) for row in tagged}
                return tuple(row for row in self.rows if self.row_id(row) in ids)
            return tagged
        current = line_list.current
        if self.enter_takes_current and current is not None:
            return () if line_list.reason_against_row(current) else (current,)
        return ()

    def in_order(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        """Picked rows in the order of the list."""
        return rows

    def kept_input(self) -> dict[str, Any]:
        """Also the options; units that are only offered were not typed."""
        kept = super().kept_input()
        if kept["fields"].get("quantity") == self._default_shown:
            del kept["fields"]["quantity"]
        return {**kept, "more": self.options}

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """Ticks, units and options as they were."""
        await super().put_back(kept)
        more = kept.get("more")
        for option in self.pick_options:
            names = [name for name, _ in option.values]
            if isinstance(more, dict) and more.get(option.name) in names:
                self._chosen_values[option.name] = names.index(more[option.name])
        self._show_options()
        self._show_counter()
        units = kept.get("fields", {}).get("quantity")
        if self.quantity is not None and isinstance(units, str):  # not what is offered by now
            self.query_one("#quantity", TextField).put_back(units)

    def _show_counter(self) -> None:
        rows = self.picked_rows
        if self.counter is not None:
            self.query_one(".box-counter", Static).update(plain(self.counter(rows)))
        if self.quantity is not None:
            quantity = self.query_one("#quantity", TextField)
            if quantity.value == self._default_shown:
                self._default_shown = str(self.quantity.default(rows)) if rows else ""
                quantity.value = self._default_shown

    def _show_about(self) -> None:
        current = self.line_list.current
        if self.about is not None:
            text = "" if current is None else self.about(current)
            self.query_one(".box-about", Static).update(plain(text))

    def _show_options(self) -> None:
        if not self.pick_options:
            return
        texts = [
            f"{option.label}: {option.values[self._chosen_values[option.name]][1]}"
            for option in self.pick_options
        ]
        self.query_one(".box-options", Static).update(plain("   ".join(texts)))

    # --- Keys -------------------------------------------------------------------------------------

    def on_line_list_tagged(self) -> None:
        """Another tick."""
        self.say("")
        self._show_counter()

    def on_line_list_moved(self) -> None:
        """Another row; it counts when nothing is ticked."""
        self._show_about()
        if self.enter_takes_current and not self.line_list.tagged:
            self._show_counter()

    def on_line_list_loaded(self) -> None:
        """The first page is there."""
        self._show_counter()

    def do_option(self) -> None:
        """The first option's next value."""
        self._next_value(0)

    def do_option_2(self) -> None:
        """The second option's next value."""
        self._next_value(1)

    async def do_why(self) -> None:
        """Why the line under the cursor stands as it does; the ticks stay."""
        from screens import explaining

        line = getattr(self.line_list.current, "line", None)
        if isinstance(line, LineId):
            await explaining.only_why(self.desk, line)
        else:
            self.say("There is no order line here.")

    def _next_value(self, index: int) -> None:
        if index >= len(self.pick_options):
            return
        option = self.pick_options[index]
        following = (self._chosen_values[option.name] + 1) % len(option.values)
        self._chosen_values[option.name] = following
        self._show_options()
        self._show_counter()

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter in the list."""
        event.stop()
        self.do_save()

    def do_save(self) -> None:
        """Go on with what is picked."""
        rows = self.in_order(self.picked_rows)
        if not rows and not self.none_too:
            current = self.line_list.current
            reason = "" if current is None else self.line_list.reason_against_row(current)
            if self.enter_takes_current and reason:
                self.say(reason)
            else:
                self.say("Nothing is ticked: Space ticks a row, a ticks all.")
            return
        if self.quantity is None:
            self.answer(Picked(rows, self.options))
        else:
            self._take_quantity(rows)

    def on_key(self, event: events.Key) -> None:
        """Tab goes from the rows to the quantity; a digit begins it anew."""
        digit = event.character if event.character in DIGITS else ""
        if self.quantity is None or self.focused is not self.line_list:
            return
        if digit or event.key == "tab":
            event.stop()
            quantity = self.query_one("#quantity", TextField)
            focus_and_select(quantity)
            if digit:
                quantity.replace(digit, *quantity.selection)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the field."""
        event.stop()
        rows = self.picked_rows
        if rows:
            self._take_quantity(rows)
        else:
            self.do_save()

    def _take_quantity(self, rows: tuple[Row, ...]) -> None:
        assert self.quantity is not None
        try:
            number = self.quantity.check(self.query_one("#quantity", TextField).value, rows)
        except DeskError as error:
            self.say(error.sentence)
            focus_and_select(self.query_one("#quantity", TextField))
            return
        self.answer(Picked(rows, self.options, number))

    def do_close(self) -> None:
        """Esc: from the field back to the list, from the list away."""
        if isinstance(self.focused, TextField):
            self.set_focus(self.line_list)
        else:
            self.answer(None)
