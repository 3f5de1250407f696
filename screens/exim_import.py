"""ImportData: choose a file, see it understood, apply it, get back what failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.errors import Refused
from preorder_tui.exim.client import Cancelled
from preorder_tui.exim.configurations import Configuration
from preorder_tui.exim.records import (
    ImportOptions,
    ImportResult,
    LogEntry,
    Preview,
    Understanding,
)
from preorder_tui.permissions import Permission, needed_for
from preorder_tui.text import clean
from screens import exim_applying, exim_reading
from screens.dialog import Confirm
from screens.dialogs.file_picker import FilePicker
from screens.dialogs.show_text import ShowText
from screens.exim_page import CANCELLED, EximPage
from screens.exim_template import write_template
from screens.exim_views import (
    COLUMN_COLUMNS,
    CONFLICT_COLUMNS,
    FAILURE_COLUMNS,
    LOG_COLUMNS,
    ROW_COLUMNS,
    WOULD_CHANGE_NOTHING,
    details,
    fact_lines,
    failure_rows,
    row_in_full,
)
from screens.line_list import LineList
from screens.plain_text import plain
from screens.service_calls import run_in_thread

LOG_ROWS = 200
VIEWS = ("failures", "conflicts", "columns", "rows", "log")


class ImportPage(EximPage):
    """One configuration's imports."""

    ACTIONS: ClassVar[tuple[str, ...]] = (
        "choose_file", "import_rows", "next_view", "open", "date_format", "reading", "mappings",
        "details", "template", "cancel_run", "forget", "view_before", "refresh", "back",
    )  # fmt: skip
    WAITS_FOR_JOB: ClassVar[tuple[str, ...]] = (
        "choose_file", "import_rows", "date_format", "reading", "mappings", "refresh", "forget",
    )  # fmt: skip
    BUSY = "The file is being worked on: Esc or c cancels it."
    HELP = """f chooses a file. It is read and judged first, nothing is changed: the lines above say
    what kind of file it is and how many rows would change, stay, fail or conflict. Tab goes through
    what there is to see: failures with their lines, conflicts (what was exported, what the file
    says, what is here now), the columns, the first rows, and the log of all imports.
    i imports: good rows are applied as one change set, which one undo (F7) takes back; bad rows are
    written to a Failed Records file with the reason in the last column. Correct that file and
    choose it again: the reasons are ignored.
    On the columns, Enter says which column it is. d chooses the form of dates, e the delimiter and
    the encoding, s keeps or uses a mapping of columns under a name, t writes a template, v tells
    everything about the file. On the log, Enter opens View Log and x deletes an entry.
    While a file is worked on, Esc or c cancels it; until the very end nothing has been changed."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(configuration)
        self.file: Path | None = None
        self.options = ImportOptions()
        self.understanding: Understanding | None = None
        self.preview: Preview | None = None
        self.result: ImportResult | None = None
        self.view = "log"
        self.log_entries: tuple[LogEntry, ...] = ()

    def needed(self, name: str) -> Iterable[Permission]:
        """A file is not even chosen by whoever may not apply what it says."""
        if name in ("choose_file", "import_rows"):
            return needed_for(f"import {self.configuration.config_id}")
        return super().needed(name)

    def kept_input(self) -> dict[str, Any]:
        """The file that was chosen and not imported yet, and how it is read."""
        if self.file is None or self.result is not None:
            return {}
        return exim_reading.kept(self.file, self.options)

    def input_words(self) -> str:
        """The file."""
        return "" if self.file is None else f"file {clean(self.file.name)}"

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """Choose the file again, if it is there and may be read; it is judged anew."""
        found = exim_reading.put_back(self.desk.options, kept)
        if found is None:
            self.say("The file that was chosen is not there any more: f chooses one.")
        else:
            self.file, self.options = found
            await self.look()

    def path(self) -> tuple[str, ...]:
        """Which configuration."""
        return ("MDM", "EXIM", "Import", self.configuration.config_id)

    # --- Look -------------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The file in words, how far it is, and the views, one of them shown."""
        yield Static("", classes="exim-facts")
        yield Static("", classes="progress")
        yield Static("", classes="tab-line")
        yield from self._lists()

    def _lists(self) -> Iterable[LineList[Any]]:
        def made(
            view: str, columns: Any, row_id: Any, empty: str, group: Any = None
        ) -> LineList[Any]:
            line_list: LineList[Any] = LineList(
                columns, row_id, rows=(), group=group, taggable=False, empty=empty, id=view
            )
            line_list.display = view == self.view
            return line_list

        yield made(
            "failures", FAILURE_COLUMNS, lambda row: (row.heading, row.number, row.text),
            "No row fails.", lambda row: row.heading,
        )  # fmt: skip
        yield made("conflicts", CONFLICT_COLUMNS, lambda row: (row.line, row.column),
                   "Nobody has changed these rows since they were exported.")  # fmt: skip
        yield made("columns", COLUMN_COLUMNS, lambda row: row[0], "No file is chosen.")
        yield made("rows", ROW_COLUMNS, lambda row: row[0], "No file is chosen.")
        yield made("log", LOG_COLUMNS, lambda row: row.log_id, "Nothing was imported yet.")

    def on_mount(self) -> None:
        """The log first."""
        self._show()
        self.desk.start_flow(self._read_log())

    def on_resize(self) -> None:
        """Facts are cut to the width."""
        self._show()

    def list_of(self, view: str) -> LineList[Any]:
        """The list of a view."""
        return self.query_one(f"#{view}", LineList)

    def _show(self) -> None:
        """Everything above the list, and the right list."""
        found, preview = self.understanding, self.preview
        lines = fact_lines(self.configuration, found, preview, self.result)
        facts = self.query_one(".exim-facts", Static)
        facts.set_class(found is None, "-whole")
        facts.update(plain("\n".join(lines)))
        counts: dict[str, int | None] = {
            "failures": preview.failed if preview is not None else None,
            "conflicts": preview.conflicts if preview is not None else None,
            "columns": len(found.columns) if found is not None else None,
            "rows": len(found.first_rows) if found is not None else None,
            "log": len(self.log_entries),
        }
        words = []
        for view in VIEWS:
            count = counts[view]
            text = view.capitalize() + ("" if count is None else f" {count:,}")
            words.append(f"[{text}]" if view == self.view else f" {text} ")
        self.query_one(".tab-line", Static).update(plain(" ".join(words)))

    def _fill(self) -> None:
        """Put what is known into the lists."""
        found, preview = self.understanding, self.preview
        self.list_of("failures").show_rows(failure_rows(preview) if preview else ())
        self.list_of("conflicts").show_rows(preview.first_conflicts if preview else ())
        self.list_of("columns").show_rows(list(enumerate(found.columns)) if found else ())
        self.list_of("rows").show_rows(list(enumerate(found.first_rows, 1)) if found else ())
        self._show()

    def show_view(self, view: str) -> None:
        """Show a view and put the cursor into it."""
        self.view = view
        for one in VIEWS:
            self.list_of(one).display = one == view
        self.set_focus(self.list_of(view))
        self._show()

    def do_next_view(self) -> None:
        """Tab."""
        self.show_view(VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)])

    def do_view_before(self) -> None:
        """Shift+Tab."""
        self.show_view(VIEWS[VIEWS.index(self.view) - 1])

    # --- The log ----------------------------------------------------------------------------------

    async def _read_log(self) -> None:
        self.log_entries = await self.call(
            self.service.import_log, self.configuration.config_id, limit=LOG_ROWS
        )
        self.list_of("log").show_rows(self.log_entries)
        self._show()

    async def do_refresh(self) -> None:
        """F5: the log, and the file if there is one."""
        self.desk.repaint_all()
        await self._read_log()
        if self.file is not None:
            await self.look()

    def changed(self) -> None:
        """Orders have changed: what was previewed may no longer be so; the import checks it."""

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: a column's meaning, an entry of the log, or a row in full."""
        event.stop()
        self.desk.start_flow(self._open(event.row))

    async def _open(self, row: Any) -> None:
        if self.view == "columns" and self.running:
            self.say(self.BUSY)
        elif self.view == "columns":
            await exim_reading.match_column(self, row[1])
        else:
            titles = [one.title for one in self.understanding.columns] if self.understanding else []
            await self.ask(ShowText(*row_in_full(self.view, row, titles)))

    # --- Choosing and judging a file --------------------------------------------------------------

    def reason_against(self, name: str) -> str | None:
        """No file, or one that cannot be imported."""
        reason = super().reason_against(name)
        if reason is not None:
            return reason
        if name in ("date_format", "reading", "mappings") and self.file is None:
            return "No file is chosen: f chooses one."
        if name == "forget" and (self.view != "log" or self.list_of("log").current is None):
            return "x takes entries out of the log: go there with Tab."
        if name == "import_rows":
            return self._reason_against_import()
        return None

    def _reason_against_import(self) -> str | None:
        if self.file is None:
            return "No file is chosen: f chooses one."
        if self.result is not None:
            return "This file is imported: f chooses another one, F5 judges it again."
        if self.preview is None:
            problems = self.understanding.problems if self.understanding is not None else ()
            return clean(problems[0]) if problems else "The file is not judged yet: F5 does it."
        if not self.preview.changed and not self.preview.failed and not self.preview.conflicts:
            return WOULD_CHANGE_NOTHING
        return None

    async def do_choose_file(self) -> None:
        """f."""
        options = self.desk.options
        root = Path(options.exchange_folder) if options.exchange_folder else None
        if options.restricted and root is None:
            raise Refused("This login may read no files: ask for an exchange folder to be set up")
        folder = self.file.parent if self.file is not None else root or Path.cwd()
        title = f"File for {self.configuration.config_id}"
        path = await self.ask(FilePicker(title, folder, root))
        if path is not None:
            self.file = path
            self.options = ImportOptions()
            self.understanding = None
            await self.look()

    async def look(self) -> None:
        """Understand the file and judge its rows, changing nothing."""
        await self.in_background(self._look())

    async def _look(self) -> None:
        path, options = str(self.file), self.options
        self.preview, self.result = None, None  # the columns stay in sight while it is read again
        self._fill()
        config_id = self.configuration.config_id
        try:
            found = await self.job(
                "Reading the file", lambda worker, _: worker.understand(config_id, path, options)
            )
            self.understanding = found
            self._fill()
            if found.ready:
                self.preview = await self.job(
                    "Checking the rows",
                    lambda worker, tell: worker.preview(config_id, path, options, tell),
                )
        except Cancelled:
            self.say(CANCELLED)
            return
        except Refused:
            self.understanding = None
            raise
        finally:
            self._fill()
        self._show_what_matters(found)

    def _show_what_matters(self, found: Understanding) -> None:
        preview = self.preview
        if preview is None:
            self.show_view("columns")
            self.say(clean(found.problems[0]) if found.problems else "")
            return
        self.show_view(
            "conflicts" if preview.conflicts and not preview.failed
            else "failures" if preview.failed
            else "rows"
        )  # fmt: skip
        self.say(clean(preview.warnings[0]) if preview.warnings else "")

    async def read_with(self, **changes: Any) -> None:
        """Read the file again in another way."""
        self.options = replace(self.options, **changes)
        await self.look()

    async def do_date_format(self) -> None:
        """d."""
        await exim_reading.choose_dates(self)

    async def do_reading(self) -> None:
        """e."""
        await exim_reading.choose_reading(self)

    async def do_mappings(self) -> None:
        """s."""
        await exim_reading.mappings(self)

    async def do_details(self) -> None:
        """v."""
        lines = details(self.configuration, self.understanding, self.preview, self.result)
        await self.ask(ShowText(self.configuration.config_id, lines))

    async def do_forget(self) -> None:
        """x: take an entry out of the log; what it changed stays."""
        entry: LogEntry | None = self.list_of("log").current
        assert entry is not None  # reason_against has made sure of it
        lines = ["What it changed stays, and so does its Failed Records file."]
        if await self.ask(Confirm(f"Delete log entry {entry.log_id}?", lines, "Delete")):
            await self.call(self.service.delete_import_log, entry.log_id)
            await self._read_log()
            self.say(f"Log entry {entry.log_id} is deleted.")

    async def do_template(self) -> None:
        """t."""
        await write_template(self, self.configuration)

    # --- Importing --------------------------------------------------------------------------------

    async def do_import_rows(self) -> None:
        """i: ask why, then apply in the background."""
        await exim_applying.ask_and_import(self)

    def imported(self, result: ImportResult) -> None:
        """The file is applied: show what became of it."""
        self.result = result
        self._fill()

    def judge_again(self) -> None:
        """What was previewed is so no longer."""
        self.preview = None
        self._fill()

    async def read_log_behind(self) -> None:
        """The log again, behind the page."""
        self.log_entries = await run_in_thread(
            self.service.import_log, self.configuration.config_id, limit=LOG_ROWS
        )
        self.list_of("log").show_rows(self.log_entries)
        self._show()
