"""What makes the desk quick, held without a clock: what is imported, what is sent, what is lost."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.demo import generate
from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from preorder_tui.clock import parse_date
from tests.terminal.pty_desk import Desk

TODAY = "2026-11-25"
FIRST_ROW = r"^>   \d"

# The desk, which writes down what has been imported when the first rows begin to be read, that is
# after the first paint; when they have been read; and when they have been read through the service.
START = """
import json, sys

def tell(which):
    with open({folder!r} + "/" + which, "w") as file:
        json.dump([name for name, module in sys.modules.items() if module is not None], file)

import screens.open_service
open_service = screens.open_service.open_service
read_first_page = screens.open_service.read_first_page

def read_and_tell(options, size):
    tell("frame")
    rows = read_first_page(options, size)
    tell("rows")
    return rows

def open_and_tell(options):
    service = open_service(options)
    find = service.find_sales_orders

    def find_and_tell(*arguments, **options):
        rows = find(*arguments, **options)
        tell("opened")
        return rows

    service.find_sales_orders = find_and_tell
    return service

screens.open_service.open_service = open_and_tell
screens.open_service.read_first_page = read_and_tell
sys.argv = ["preorder-tui"]
from screens.__main__ import main
sys.exit(main())
"""

PACKAGES_OF_THE_FRAME = {"textual", "rich", "typing_extensions", "platformdirs", "screens"}
PACKAGES_OF_THE_ROWS = PACKAGES_OF_THE_FRAME | {"preorder_tui", "data"}
PACKAGES_OF_THE_SERVICE = PACKAGES_OF_THE_ROWS | {"sqlalchemy"}
FOUND_IN_PASSING = {"org", "cython_runtime", "greenlet"}
"""What compiled modules put among the modules, and what SQLAlchemy tries."""

NOT_FOR_THE_FRAME = {"sqlite3", "zoneinfo", "secrets", "csv", "preorder_tui.detail_records"}
NOT_FOR_THE_ROWS = {
    *("ssl", "zoneinfo", "email.message", "csv", "multiprocessing", "xml", "http.client"),
    *("textual.widgets._directory_tree", "textual.widgets._option_list", "textual.widgets._select"),
    *("preorder_tui.detail_records", "preorder_tui.report_catalogue", "preorder_tui.apply"),
    *("preorder_tui.cli", "preorder_tui.site_file", "preorder_tui.undo", "preorder_tui.allocation"),
    *("screens.help", "screens.menu", "screens.exim", "screens.find_purchase_orders"),
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("start") / "book.db"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    generate(engine, orders=300, seed=7, today=parse_date(TODAY, "today"))
    engine.dispose()
    return path


def environment(book: Path) -> dict[str, str]:
    return {
        "PREORDER_TUI_DATABASE_URL": sqlite_url(book),
        "PREORDER_TUI_TODAY": TODAY,
        "XDG_STATE_HOME": str(book.parent),
    }


def imported(book: Path, folder: Path, which: str) -> set[str]:
    code = START.format(folder=str(folder))
    with Desk(command=[sys.executable, "-c", code], environment=environment(book)) as desk:
        desk.until(FIRST_ROW)
        desk.until(r"\d+ orders")  # counted when everything else has been done
    return set(json.loads((folder / which).read_text()))


def packages(modules: set[str]) -> set[str]:
    """The packages among them that are not Python's own, nor made by a console for itself."""
    tops = {name.partition(".")[0] for name in modules}
    ours = {name for name in tops if not name.startswith(("_", "__editable__"))}
    return {name for name in ours if name not in sys.stdlib_module_names} - FOUND_IN_PASSING


def test_the_first_frame_imports_only_what_paints_it(book: Path, tmp_path: Path) -> None:
    found = imported(book, tmp_path, "frame")
    assert packages(found) - {"preorder_tui"} <= PACKAGES_OF_THE_FRAME
    assert found & (NOT_FOR_THE_FRAME | NOT_FOR_THE_ROWS) == set()


def test_the_first_rows_import_only_what_reads_them(book: Path, tmp_path: Path) -> None:
    found = imported(book, tmp_path, "rows")
    assert "sqlite3" in found
    assert packages(found) <= PACKAGES_OF_THE_ROWS
    assert found & NOT_FOR_THE_ROWS == set()


def test_the_open_desk_imports_only_what_it_needs_at_once(book: Path, tmp_path: Path) -> None:
    found = imported(book, tmp_path, "opened")
    assert "sqlalchemy" in found
    assert packages(found) <= PACKAGES_OF_THE_SERVICE
    assert found & NOT_FOR_THE_ROWS == set()


@pytest.fixture
def desk(book: Path) -> Iterator[Desk]:
    with Desk(environment=environment(book)) as running:
        running.until(FIRST_ROW)
        running.until(r"\d+ orders")
        running.until_quiet()
        yield running


def under_cursor(desk: Desk) -> str:
    return next((line for line in desk.screen if line.startswith(">")), "")


def test_the_first_frame_is_whole(book: Path) -> None:
    """Title, search, headings and keys come in one write, before there is a row."""
    with Desk(environment=environment(book)) as desk:
        desk.until("F3/q Leave")
        assert "Order Management" in desk.screen[0]
        assert desk.row_with("Customer").split()[:3] == ["Order", "Name", "Ordered"]
        assert "newest first" in desk.screen[2]


def test_a_cursor_move_sends_two_lines_and_no_more(desk: Desk) -> None:
    for key in ("Down", "Down", "Up"):
        assert desk.cost_of(key) <= 250


def test_fifty_keys_in_one_write_end_where_fifty_single_ones_do(desk: Desk) -> None:
    for _ in range(50):
        before = under_cursor(desk)
        desk.send("Down")
        while under_cursor(desk) in (before, ""):  # a screen may be read in two pieces
            assert desk.read(60.0), "nothing came"
    desk.until_quiet()
    wanted = under_cursor(desk)
    desk.cost_of("Home")
    assert under_cursor(desk) != wanted
    cost = desk.cost_of(*["Down"] * 50)
    assert under_cursor(desk) == wanted
    assert cost < 50 * 192  # what fifty single ones send, at the least


def test_a_turned_page_is_sent_once(desk: Desk) -> None:
    assert desk.cost_of("PgDn") <= 2_200
    assert "Order Management" in desk.screen[0]
    assert "F3/q Leave" in desk.screen[23]
