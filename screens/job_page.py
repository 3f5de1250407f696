"""What the pages of jobs have in common: a scope, what a run would do, the run itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.errors import NotPermitted, Refused
from preorder_tui.permissions import Permission, needed_for
from preorder_tui.plan import Plan
from screens import keys, service_calls
from screens.desk_screen import DeskScreen
from screens.dialogs.plan_flow import carry_out_told
from screens.job_scope import WHOLE_BOOK, JobScope, as_kept, ask_scope
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain

_SHOW, _RUN = keys.keys_of("refresh"), keys.keys_of("run_job")
HINT = f"{_SHOW} shows what a run would do, {_RUN} plans it and asks."


class JobPage(DeskScreen):
    """A job over the book. Subclasses make its plan and say which rows of it to list.

    Attributes:
        COMMAND: the job's name in the journal, which says what it needs.
        MEANING: what it does, in a sentence.
        NOTHING_LEFT: what the empty list says after a run was worked out.
    """

    ACTIONS: ClassVar[tuple[str, ...]] = ("run_job", "refresh", "scope", "open")
    COMMAND: ClassVar[str] = ""
    MEANING: ClassVar[str] = ""
    NOTHING_LEFT: ClassVar[str] = ""

    def __init__(self, scope: JobScope = WHOLE_BOOK) -> None:
        """Show a job.

        Args:
            scope: the part of the book it works on; another can be chosen.
        """
        super().__init__()
        self.scope = scope
        self._came_with = scope
        self._scope_chosen = False

    # --- What a subclass says ---------------------------------------------------------------------

    def make_plan(self, told: service_calls.Told) -> Plan:
        """What a run would do; runs in a thread."""
        raise NotImplementedError

    def columns(self) -> list[Column[Any]]:
        """The columns of the list."""
        raise NotImplementedError

    def list_plan(self, plan: Plan) -> None:
        """Fill the list with rows of a plan."""
        raise NotImplementedError

    def totals(self, plan: Plan) -> list[str]:
        """What a plan comes to, as sentences."""
        return plan.totals

    def settings(self) -> list[str]:
        """What the job is set to, a line each."""
        return [f"Scope  {self.scope.words}"]

    def meaning(self) -> str:
        """What the job does, as it is set."""
        return self.MEANING

    # --- What is kept, in case the desk ends ------------------------------------------------------

    def place(self) -> dict[str, Any] | None:
        """The job, and the part of the book that it works on."""
        from screens.pages import PAGES

        names = [one.names[0] for one in PAGES if one.factory.endswith(f":{type(self).__name__}")]
        if not names:
            return None
        if self.scope == WHOLE_BOOK:
            return {"page": names[0]}
        return {"job": names[0], "scope": as_kept(self.scope)}

    def kept_input(self) -> dict[str, Any]:
        """Also that a part of the book was chosen here; which one is part of the place."""
        return {**super().kept_input(), **({"scope": True} if self._scope_chosen else {})}

    def input_words(self) -> str:
        """The part of the book, where it was chosen here."""
        return self.scope.words if self._scope_chosen else ""

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """The part of the book is that of the place already."""
        self._scope_chosen = kept.get("scope") is True
        await super().put_back(kept)

    # --- Look -------------------------------------------------------------------------------------

    def needed(self, name: str) -> Iterable[Permission]:
        """Running it needs what the change needs; looking is free."""
        return needed_for(self.COMMAND) if name == "run_job" else super().needed(name)

    def content(self) -> Iterable[Widget]:
        """What it is set to, what it comes to, and rows."""
        yield Static("", classes="facts")
        yield Static("", classes="job-facts")
        yield LineList(
            self.columns(), row_id=lambda row: row.number, rows=[], taggable=False, empty=HINT,
            id="rows",
        )  # fmt: skip

    def on_mount(self) -> None:
        """Nothing has been worked out yet."""
        self.show_settings()
        self.forget_run()
        self.begin()

    def begin(self) -> None:
        """Put the cursor where the work begins."""
        self.set_focus(self.rows)

    @property
    def rows(self) -> LineList[Any]:
        """The list of what a run would do."""
        return self.query_one("#rows", LineList)

    def show_settings(self) -> None:
        """Show what the job is set to."""
        self.query_one(".facts", Static).update(plain("\n".join(self.settings())))

    def _say_what_it_comes_to(self, totals: Iterable[str]) -> None:
        text = "\n".join((self.meaning(), *totals))
        self.query_one(".job-facts", Static).update(plain(text))

    def show_run(self, plan: Plan) -> None:
        """What a run would do, or did."""
        self._say_what_it_comes_to(self.totals(plan))
        self.rows.empty = self.NOTHING_LEFT
        self.list_plan(plan)

    def forget_run(self, refusal: Refused | None = None) -> None:
        """What was worked out no longer holds; or there is nothing to do, and why."""
        self._say_what_it_comes_to(() if refusal is None else [refusal.sentence])
        self.rows.empty = HINT if refusal is None else "Nothing to do."
        self.rows.show_rows([])

    def _let_go_of_run(self) -> None:
        """Two runs over a million lines need not be in memory at once."""
        self.rows.empty = "It is being worked out again."
        self.rows.show_rows([])

    def changed(self) -> None:
        """Orders have changed, or the job is set to something else."""
        self.show_settings()
        self.forget_run()

    # --- What the keys do -------------------------------------------------------------------------

    def do_refresh(self) -> object:
        """F5: what a run would do."""
        self.desk.repaint_all()
        return self.preview()

    async def preview(self) -> None:
        """Work out what a run would do, and show it."""
        self._let_go_of_run()
        try:
            plan = await service_calls.call_told(self.desk, self.make_plan)
        except Refused as refusal:
            self._nothing_to_do(refusal)
            return
        except Exception:
            self.forget_run()
            raise
        self.show_run(plan)
        self.say("So much a run would do; nothing is changed.")

    async def do_run_job(self) -> None:
        """Plan it, show it, apply it."""
        made: list[Plan] = []

        def make(told: service_calls.Told) -> Plan:
            made[:] = [self.make_plan(told)]
            return made[0]

        self._let_go_of_run()
        try:
            await carry_out_told(self, make)
        except Refused as refusal:
            self._nothing_to_do(refusal)
        except Exception:
            self.forget_run()
            raise
        else:
            self.show_run(made[0])

    def _nothing_to_do(self, refusal: Refused) -> None:
        if isinstance(refusal, NotPermitted):
            raise refusal
        self.forget_run(refusal)
        self.say(refusal.sentence)

    async def do_scope(self) -> None:
        """Another part of the book."""
        chosen = await ask_scope(self, self.scope, [self._came_with])
        if chosen is not None and chosen != self.scope:
            self.scope = chosen
            self._scope_chosen = chosen != self._came_with
            self.changed()
            self.say(f"Scope: {chosen.words}.")

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter."""
        event.stop()
        self.open_row(event)

    def open_row(self, event: LineList.Opened) -> None:
        """The order of the row."""
        line = event.row.line
        if line is not None:
            self.desk.start_flow(self.desk.open_order(line.order_id, line))
