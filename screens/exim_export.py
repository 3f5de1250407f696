"""The export page of a configuration: which rows, into which file, how far, how many."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.exim.client import Cancelled
from preorder_tui.exim.configurations import Column as FileColumn
from preorder_tui.exim.configurations import Configuration
from preorder_tui.exim.records import ExportFilter, ExportResult
from preorder_tui.text import clean
from preorder_tui.words import ITEM_STATUS_WORDS, word
from screens.dialogs.ask_text import AskText
from screens.dialogs.export_csv import ask_where
from screens.dialogs.filter_form import FilterField, FilterForm
from screens.exim_page import EximPage
from screens.filter_fields import cleared, one_of, several, with_value
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain


def _typed(label: str, name: str, hint: str, *, several_words: bool = False) -> FilterField[Any]:
    """Text that a person types; ``several_words`` makes a tuple of it."""

    async def change(form: FilterForm[Any], now: Any) -> Any:
        value = getattr(now, name)
        text = " ".join(value) if several_words else value
        answer = await form.desk.ask(AskText(label, text, str.strip, label=label, lines=[hint]))
        if answer is None:
            return None
        words = tuple(answer.replace(",", " ").split()) if several_words else answer
        return with_value(now, name, words)

    def shown(now: Any) -> str:
        value = getattr(now, name)
        return ", ".join(value) if several_words else str(value)

    return FilterField(label, shown, change, cleared(name))


class ExportPage(EximPage):
    """One configuration's export."""

    ACTIONS: ClassVar[tuple[str, ...]] = (
        "export", "filters", "cancel_run", "refresh", "back",
    )  # fmt: skip
    WAITS_FOR_JOB: ClassVar[tuple[str, ...]] = ("export", "filters")
    BUSY = "The export is running: Esc or c cancels it."
    HELP = """o asks for the name of the file and writes it; a file that is there already is never
    replaced without asking. f chooses which rows: by status, product store, facility, SKU, orders.
    The list tells the columns of the file. Every row carries a token: when the file comes back as
    an import, rows that somebody else has changed meanwhile are shown and left alone.
    Cells that a spreadsheet would run as a formula are written with an apostrophe in front, and
    come back unchanged. While it runs, Esc or c cancels it, and no file appears."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(configuration)
        self.filters = ExportFilter()
        self.result: ExportResult | None = None

    def path(self) -> tuple[str, ...]:
        """Which configuration."""
        return ("MDM", "EXIM", "Export", self.configuration.config_id)

    def content(self) -> Iterable[Widget]:
        """What it is, how far it is, the columns."""
        yield Static("", classes="exim-facts")
        yield Static("", classes="progress")
        yield LineList(
            [
                Column("Column", lambda row: row[1].name, 40, at_most=60, priority=90),
                Column("No.", lambda row: str(row[0]), 4, align="right", priority=10),
            ],
            row_id=lambda row: row[0],
            rows=list(enumerate(self.configuration.columns, 1)),
            taggable=False,
        )

    def on_mount(self) -> None:
        """What it is."""
        self._show()

    def on_resize(self) -> None:
        """Facts are cut to the width."""
        self._show()

    def filter_words(self) -> list[str]:
        """The filters in words."""
        now = self.filters
        words = [word(status) for status in now.statuses]
        for label, value in (
            ("store", now.product_store_id),
            ("facility", now.facility_id),
            ("SKU", now.sku),
            ("orders", ", ".join(now.orders)),
        ):
            if value:
                words.append(f"{label} {clean(value)}")
        return words

    def _show(self) -> None:
        one = self.configuration
        lines = [
            f"{one.title}: {one.description}",
            f"Rows     {' · '.join(self.filter_words()) or 'all that the description says'}",
        ]
        if self.result is not None:
            lines.append(f"Done     {self.result.rows:,} rows in {clean(self.result.path)}")
        else:
            lines.append("         o writes the file, f chooses which rows")
        self.query_one(".exim-facts", Static).update(plain("\n".join(lines)))

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter on a column says it in full."""
        event.stop()
        column: FileColumn = event.row[1]
        self.say(column.name)

    async def do_filters(self) -> None:
        """f."""
        choices = await self.call(self.service.sales_choices)
        form: FilterForm[Any] = FilterForm(
            f"Rows of {self.configuration.config_id}",
            (
                several("Item status", "statuses", tuple(ITEM_STATUS_WORDS.items())),
                one_of("Product store", "product_store_id", choices.product_stores),
                one_of("Facility", "facility_id", choices.facilities),
                _typed("SKU", "sku", "Exactly as it is written."),
                _typed("Orders", "orders", "Order ids or external ids, with blanks between them.",
                       several_words=True),
            ),
            self.filters,
        )  # fmt: skip
        answer = await self.ask(form)
        if answer is not None:
            self.filters = answer
            self.result = None
            self._show()

    async def do_export(self) -> None:
        """o."""
        name = f"{self.configuration.config_id.lower()}-{self.service.clock.today()}.csv"
        where = await ask_where(
            self,
            f"Export {self.configuration.config_id}",
            name,
            " · ".join(self.filter_words()) or "All rows",
        )
        if where is None:
            self.say("Nothing was written.")
            return
        await self.in_background(self._export(*where))

    async def _export(self, path: Path, replace: bool) -> None:
        self.result = None
        self._show()
        config_id, filters = self.configuration.config_id, self.filters
        try:
            self.result = await self.job(
                "Exporting",
                lambda worker, tell: worker.export(
                    config_id, str(path.absolute()), filters, replace=replace, on_progress=tell
                ),
            )
        except Cancelled:
            self.say("Cancelled. No file was written.")
            return
        self._show()
        rows = self.result.rows
        self.say(f"{rows:,} row{'s' * (rows != 1)} written to {clean(self.result.path)}.")
