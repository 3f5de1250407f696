"""The one dialog pattern: a box with a title, any content, and a line of keys.

A dialog is a question with an answer. It is answered in exactly one place, :meth:`Dialog.answer`,
and Esc always answers None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from screens import keys
from screens.actions import DoesActions, bindings
from screens.plain_text import plain
from screens.widgets.message_line import MessageLine

if TYPE_CHECKING:
    from preorder_tui.news import News
    from screens.app import DeskApp
    from screens.service_calls import Flow

Answer = TypeVar("Answer")


class Dialog(DoesActions, ModalScreen[Answer | None], Generic[Answer]):
    """A modal question. Subclasses give ``body`` and call :meth:`answer` with the result.

    Attributes:
        ACTIONS: the actions of the dialog, by name; each is done in a method ``do_<name>``.
        HELP: what F1 says about the dialog.
        KEPT: whether it is a step on the way that a kept draft goes again.
        SHOWS_PLAN: whether it shows what is about to be done, which is made anew each time.
        when_answered: told the answer in the same step that dismisses the dialog.
    """

    ACTIONS: ClassVar[tuple[str, ...]] = keys.IN_DIALOGS
    HELP: ClassVar[str] = ""
    KEPT: ClassVar[bool] = True
    SHOWS_PLAN: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(keys.IN_DIALOGS)]

    def __init__(self, title: str, *, unexpected: bool = False) -> None:
        super().__init__()
        self.box_title = title
        self.unexpected = unexpected
        self.when_answered: Callable[[Answer | None], None] | None = None
        self.kept = False
        """It stays, out of sight, after its answer."""
        self._answered = False
        self._focused_at_answer: Widget | None = None
        self._width_at_answer = 0
        self.flow_within: Flow | None = None
        """What one of its keys set going, such as a look-up."""
        self._before: dict[str, Any] = {}
        self._answered_with: dict[str, Any] | None = None
        self.news: News | None = None
        """What others changed since it was opened, not yet taken."""

    async def take_news(self, news: News) -> bool | None:
        """Others have changed something while a person answers. Nothing typed is touched.

        Returns whether to say so: by default where the page below shows one of these orders and
        the message line is free.
        """
        pages = self.desk.desk_pages()
        return bool(pages) and not self.last_sentence and news.concerns(pages[-1].order_ids())

    @property
    def last_sentence(self) -> str:
        """What the message line says."""
        lines = self.query(MessageLine)
        return lines.first().sentence if lines else ""

    @property
    def desk(self) -> DeskApp:
        """The app, by its own type."""
        return cast("DeskApp", self.app)

    def body(self) -> Iterable[Widget]:
        """What stands between the title and the line of keys."""
        return ()

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(classes="box"):
            yield Static(plain(self.box_title), classes="box-title")
            yield from self.body()
            yield MessageLine()
            yield Static(plain(self.key_line()), classes="box-keys")

    def key_line(self) -> str:
        """The line of keys at the bottom of the box."""
        return self.keys_within(74)

    def keys_within(self, width: int) -> str:
        """The keys of its actions, as many as fit, and how to close it."""
        close = f"  {keys.keys_of('close')} close"
        return keys.footer(self.ACTIONS, width - len(close)) + close

    async def show_on(self, app: DeskApp) -> None:
        """Show it. One that nobody could expect forgets what was typed before it was seen."""
        with app.gate.hold_keys():
            await app.push_screen(self)
            if self.KEPT:
                self._before = self.kept_input()
            if self.unexpected:
                await self.wait_for_refresh()
                app.gate.discard_typed_ahead()
                app.bell()

    def say(self, sentence: str) -> None:
        """Show a sentence inside the box, above the keys."""
        self.query_one(MessageLine).say(sentence)

    @property
    def message_width(self) -> int:
        """How long a sentence may be to be shown whole; 0: there is no room for any."""
        lines = self.query(MessageLine)
        return (lines.first().size.width or self._width_at_answer) if lines else 0

    def answer(self, result: Answer | None) -> None:
        """Answer and close. The only place that dismisses; once is enough."""
        if self._answered or not self.is_current:
            return
        if self.KEPT:
            self._answered_with = self.kept_input()
        self._answered = True
        self._focused_at_answer, self._width_at_answer = self.focused, self.message_width
        if self.when_answered is not None:
            self.when_answered(result)
        if self.kept:
            self.query_one(".box").visible = False  # what is below is seen while it is tried
        else:
            self.dismiss(result)

    async def come_back(self) -> None:
        """The answer did not fit: show what was typed and picked again, to be answered anew."""
        self._answered = False
        self._answered_with = None
        self.query_one(".box").visible = True
        self.set_focus(self._focused_at_answer)
        await self.wait_for_refresh()

    def go(self) -> None:
        """Close a dialog that was kept; when the desk ends under it, it is gone already."""
        self._answered = True
        if self.app.is_running and self in self.app.screen_stack:
            self.dismiss(None)

    # --- What is kept of it, in case the desk ends before the answer has had its effect -----------

    @property
    def trail_name(self) -> str:
        """Which step of an action it is."""
        return f"{type(self).__name__} {self.box_title}"

    def kept_input(self) -> dict[str, Any]:
        """Everything typed and picked, as it can be put back: by default all fields and ticks."""
        from screens import typed_so_far

        return typed_so_far.of_dialog(self)

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """Put back what :meth:`kept_input` gave, on rows and values of today."""
        from screens import typed_so_far

        missing = await typed_so_far.put_back(self, kept)
        if missing:
            self.say(typed_so_far.not_there(missing))

    @property
    def input_now(self) -> dict[str, Any]:
        """The same at this moment, or when it was answered."""
        return self.kept_input() if self._answered_with is None else self._answered_with

    def has_input(self) -> bool:
        """Whether the person has typed or picked anything."""
        from screens import typed_so_far

        return typed_so_far.differs(self.input_now, self._before)

    def input_words(self) -> str:
        """What was typed and picked, in a few words."""
        from screens import typed_so_far

        return typed_so_far.in_words(self.input_now, self._before)

    def go_on(self) -> bool:
        """Answer as Enter does, with what was put back; whether it is answered."""
        for name in ("save", "yes", "accept"):
            method = getattr(self, f"do_{name}", None)
            if method is not None:
                method()
                break
        return self._answered

    def do_close(self) -> None:
        """Esc: no answer."""
        self.answer(None)

    def do_help(self) -> None:
        """F1: what this dialog is for."""
        self.desk.open_help(self)


class Confirm(Dialog[bool]):
    """A yes or no question."""

    ACTIONS = ("help", "yes", "no")
    BINDINGS = [*bindings(("yes", "no"))]
    HELP = "Answer y or Enter to go on, n or Esc to leave everything as it is."

    def __init__(
        self,
        question: str,
        detail_lines: Iterable[str] = (),
        yes_label: str = "Yes",
        *,
        unexpected: bool = False,
    ) -> None:
        super().__init__(question, unexpected=unexpected)
        self.detail_lines = tuple(detail_lines)
        self.yes_label = yes_label

    def body(self) -> Iterable[Widget]:
        """The details."""
        if self.detail_lines:
            yield Static(plain("\n".join(self.detail_lines)), classes="box-text")

    def key_line(self) -> str:
        """Yes with its own word."""
        return f"{keys.keys_of('yes')} {self.yes_label}  {keys.keys_of('no')} No"

    def do_yes(self) -> None:
        """Agree."""
        self.answer(True)

    def do_no(self) -> None:
        """Leave it."""
        self.answer(False)


class Notice(Dialog[bool]):
    """Something to read; any of Enter and Esc closes it."""

    KEPT = False
    ACTIONS = ("accept",)
    BINDINGS = [*bindings(("accept",))]

    def __init__(self, title: str, lines: Iterable[str], *, unexpected: bool = False) -> None:
        super().__init__(title, unexpected=unexpected)
        self.lines = tuple(lines)

    def body(self) -> Iterable[Widget]:
        """The text."""
        yield Static(plain("\n".join(self.lines)), classes="box-text")

    def do_accept(self) -> None:
        """Read it."""
        self.answer(True)
