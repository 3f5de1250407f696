"""EXIM: import and export configurations by category, each with its template and its page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget
from textual.widgets import Static

from preorder_tui.exim.configurations import Configuration, Direction, configurations
from screens.desk_screen import DeskScreen
from screens.exim_export import ExportPage
from screens.exim_import import ImportPage
from screens.exim_template import write_template
from screens.line_columns import Column
from screens.line_list import LineList
from screens.plain_text import plain

CATEGORIES = ("Procurement", "Warehouse", "PIM", "Order Management", "Miscellaneous")
TABS: dict[Direction, str] = {"import": "Import", "export": "Export"}


def by_category(direction: Direction) -> list[Configuration]:
    """The configurations of a tab, category by category."""

    def place(one: Configuration) -> int:
        return CATEGORIES.index(one.category) if one.category in CATEGORIES else len(CATEGORIES)

    return sorted(configurations(direction), key=place)


class Exim(DeskScreen):
    """Two tabs; Enter opens the page of a configuration."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("open", "other_tab", "template")
    HELP = """Bulk changes and bulk data by CSV file. Left, Right or Tab changes between the tabs
    Import and Export. Enter opens the page of the configuration under the cursor; the lines at the
    bottom say what it is for and which columns its file has. t writes a template of an import: a
    file with the header and one sample row.
    Everything an import does can be taken back with one undo (F7)."""

    def __init__(self) -> None:
        super().__init__()
        self.direction: Direction = "import"

    def path(self) -> tuple[str, ...]:
        """Which tab."""
        return ("MDM", "EXIM", TABS[self.direction])

    def content(self) -> Iterable[Widget]:
        """The tabs, the list, the configuration under the cursor in full."""
        yield Static("", classes="tab-line")
        yield LineList(
            [
                Column("Configuration", lambda one: one.config_id, 18, priority=90, at_most=22),
                Column("Name", lambda one: one.title, 20, priority=80, at_most=34),
                Column("What it is for", lambda one: one.description, 20, at_most=120),
            ],
            row_id=lambda one: one.config_id,
            rows=by_category(self.direction),
            group=lambda one: one.category,
            taggable=False,
        )
        yield Static("", classes="about-exim")

    def on_mount(self) -> None:
        """The first tab."""
        self._show_tab()

    def on_resize(self) -> None:
        """The description is cut to the width."""
        self._show_current(self.query_one(LineList).current)

    def _show_tab(self) -> None:
        words = [
            f"[{title}]" if direction == self.direction else f" {title} "
            for direction, title in TABS.items()
        ]
        self.query_one(".tab-line", Static).update(plain(" ".join(words)))
        self.redraw_title()

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Another configuration is under the cursor."""
        event.stop()
        self._show_current(event.row)

    def _show_current(self, one: Configuration | None) -> None:
        text = ""
        if one is not None:
            needs = ", ".join(one.needs) if one.direction == "import" else ""
            columns = f"Needs {needs}." if needs else f"Columns {', '.join(one.column_names)}."
            text = f"{one.title}: {one.description}\n{columns}"
        self.query_one(".about-exim", Static).update(plain(text))

    # --- What the keys do -------------------------------------------------------------------------

    def do_other_tab(self) -> None:
        """Left, Right, Tab."""
        self.direction = "export" if self.direction == "import" else "import"
        self.query_one(LineList).show_rows(by_category(self.direction), keep_cursor=False)
        self._show_tab()

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Enter: the page of the configuration."""
        event.stop()
        one: Configuration = event.row
        page = ImportPage(one) if one.direction == "import" else ExportPage(one)
        self.desk.start_flow(self.desk.open_page(page))

    def reason_against(self, name: str) -> str | None:
        """An export has no template."""
        if name == "template" and self.direction == "export":
            return "An export needs no template: its columns are told below."
        return None

    async def do_template(self) -> None:
        """t: write the sample file."""
        one: Configuration | None = self.query_one(LineList).current
        if one is not None:
            await write_template(self, one)
