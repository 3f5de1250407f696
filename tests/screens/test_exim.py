"""EXIM by keys with the real process: failures and their way back, mappings, dates, exports."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from preorder_tui.actor import Actor
from preorder_tui.desk_options import DeskOptions
from preorder_tui.exim.configurations import configuration
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from screens.app import DeskApp
from screens.exim import Exim, by_category
from screens.exim_export import ExportPage
from screens.exim_import import ImportPage
from tests.conftest import TODAY
from tests.screens.procurement_desk import NARROW, WIDE, Hand, desk_on
from tests.screens.sales_book import LATER, engine, line, service
from tests.screens.typing_ahead import settled, type_ahead, until

__all__ = ["engine", "service"]

SOON = TODAY + timedelta(days=20)
HOSTILE = "Eve [b]B[/] \x1b[2J\u202e [@click=app.exit]x"


def importing(config_id: str = "IMP_ORD_ITEM_UPD") -> Any:
    return lambda: ImportPage(configuration(config_id, "import"))


def exporting(config_id: str = "EXP_ORD_ITEM_UPD") -> Any:
    return lambda: ExportPage(configuration(config_id, "export"))


def write(
    path: Path, *rows: str, header: str = "order-id,order-item-seq-id,promised-datetime"
) -> Path:
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    return path


async def choose(hand: Hand, file: Path) -> None:
    """f and the path, without waiting for what comes of it."""
    await hand.press("f")
    await hand.until("Down list")
    type_ahead(hand.app, *str(file), "enter")


def promise(service: Service, name: str) -> date | None:
    return line(service, name).promise_date


# --- The page of configurations -------------------------------------------------------------------


async def test_both_tabs_by_category_with_their_templates(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with desk_on(service) as hand:
        await hand.press("f10", *"exim", "enter")
        await hand.until(r"\[Import\]  Export")
        for one in by_category("import"):
            assert one.config_id in hand.text
        for category in ("Procurement", "Warehouse", "PIM", "Order Management"):
            assert hand.row(category).startswith(category)
        await hand.press("t")
        await hand.until("Template of IMP_PO")
        await hand.press("enter")
        await hand.until("The template was written to")
        await hand.press("right")
        await hand.until(r"Import  \[Export\]")
        assert "EXPORT_PO" in hand.text
        await hand.press("t")
        assert "needs no template" in hand.sentence
    header = (tmp_path / "imp_po-template.csv").read_text().splitlines()[0]
    assert header.startswith("external-id,product-store-id,product-sku")


# --- Importing ------------------------------------------------------------------------------------


async def test_bad_rows_come_back_are_corrected_and_go_in(service: Service, tmp_path: Path) -> None:
    file = write(
        tmp_path / "dates.csv",
        f"10001,1,{SOON}",
        f"10003,00001,{SOON}",
        "10002,1,tomorrow",
        f"10004,1,{SOON}",
        f"10002,2,{SOON}",
    )
    async with desk_on(service) as hand:
        await hand.press("f10", *"exim", "enter", *["down"] * 6, "enter")
        await hand.until("No file is chosen")
        await choose(hand, file)
        await hand.until("3 would change, 0 stay as they are, 2 fail, 0 conflict")
        assert "dates.csv: 5 records" in hand.text
        assert "UTF-8, commas" in hand.text
        await hand.until("4 promised-datetime .tomorrow. is not a date")
        assert promise(service, "10001/1") is None, "nothing is changed by looking"
        await hand.press("i")
        await hand.until("Import dates.csv.")
        await hand.press(*"supplier is early", "enter")
        await hand.until("Imported: 3 changed")
        assert [promise(service, name) for name in ("10001/1", "10003/1", "10002/2")] == [SOON] * 3
        (entry,) = service.import_log("IMP_ORD_ITEM_UPD")
        assert (entry.total, entry.failed, entry.user) == (5, 2, "ana")
        failed = Path(entry.failed_records)
        assert failed.parent == tmp_path
        rows = list(csv.reader(failed.read_text(encoding="utf-8").splitlines()))
        assert rows[0][-1] == "error"
        assert [row[0] for row in rows[1:]] == ["10002", "10004"]
        assert service.history(line=parse_line("10001/1"))[0].comments == "supplier is early"

        failed.write_text(failed.read_text().replace("tomorrow", str(SOON)), encoding="utf-8")
        await choose(hand, failed)
        await hand.until("1 would change, 0 stay as they are, 1 fail")
        await hand.press("i", "enter")
        await hand.until("Imported: 1 changed")
        assert promise(service, "10002/1") == SOON
        await hand.press("f7")
        await hand.until("y/Enter|undo")
        await hand.press("y")
        await until(lambda: promise(service, "10002/1") == LATER)


async def test_the_log_tells_of_every_import_and_its_failed_records(
    service: Service, tmp_path: Path
) -> None:
    file = write(tmp_path / "dates.csv", f"10001,1,{SOON}", "10002,1,never")
    async with desk_on(service, importing(), size=WIDE) as hand:
        await choose(hand, file)
        await hand.until("1 would change")
        await hand.press("i", "enter")
        await hand.until("Imported: 1 changed")
        while "[Log" not in hand.text:
            await hand.press("tab")
        row = hand.row("dates.csv   ")
        assert "ana" in hand.row("Finished")
        assert "dates" in row
        await hand.press("enter")
        await hand.until("2 records, 1 handed back")
        assert "line 3" in hand.text
        await hand.press("escape", "x")
        await hand.until("Delete log entry")
        await hand.press("y")
        await hand.until("Nothing was imported yet")
    assert service.import_log() == ()


async def test_columns_are_matched_by_hand_and_kept_under_a_name(
    service: Service, tmp_path: Path
) -> None:
    header = "Auftrag,Zeile,Neues Datum,Bemerkung"
    file = write(tmp_path / "blatt.csv", f"10001,1,{SOON},x", header=header)
    async with desk_on(service, importing()) as hand:
        await choose(hand, file)
        await hand.until(r"\[Columns 4\]")
        assert "Problem" in hand.text
        await hand.press("i")
        assert "promised-datetime" in hand.sentence
        columns = ("order-id", "order-item-seq-id", "promised-datetime")
        for number, column in enumerate(columns, start=1):
            await hand.press("enter")
            await hand.until("What is the column")
            await pick(hand, column)
            await hand.until(f"{number} of 4 columns used")
            await hand.press("down")
        await hand.until("1 would change")
        await hand.press("s")
        await hand.until("Saved mappings")
        await hand.press(*"Blatt", "enter")
        await hand.until("kept as 'Blatt'")
        await choose(hand, write(tmp_path / "zwei.csv", f"10003,1,{SOON},y", header=header))
        await hand.until("Problem")
        await hand.press("s")
        await hand.until("Blatt")
        await hand.press("enter")
        await hand.until("1 would change")
        await hand.press("i", "enter")
        await hand.until("Imported: 1 changed")
    assert promise(service, "10003/1") == SOON


async def pick(hand: Hand, label: str) -> None:
    """Walk a list of choices to a label and take it."""
    for _ in range(20):
        if any(row.lstrip("│ ").startswith("> ") and label in row for row in hand.lines):
            break
        await hand.press("down")
    await hand.press("enter")


async def test_dates_that_may_be_two_days_are_never_guessed(
    service: Service, tmp_path: Path
) -> None:
    file = write(tmp_path / "dates.csv", "10001,1,03/04/2027", "10003,1,05/06/2027")
    async with desk_on(service, importing()) as hand:
        await choose(hand, file)
        await hand.until("Problem|would change")
        assert "0 would change" in hand.text or "Problem" in hand.text
        await hand.press("d")
        await hand.until("How are other dates written")
        assert "month first 2027-03-04, day first" in hand.text
        assert "2027-04-03." in hand.text
        await hand.press("d")
        await hand.until("2 would change")
        assert "DD/MM/YYYY or YYYY-MM-DD" in hand.text
        await hand.press("i", "enter")
        await hand.until("Imported: 2 changed")
    assert promise(service, "10001/1") == date(2027, 4, 3)


async def test_a_structural_fault_applies_nothing_and_says_why(
    service: Service, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    binary = tmp_path / "binary.csv"
    binary.write_bytes(bytes(range(256)) * 40)
    async with desk_on(service, importing()) as hand:
        for file, sentence in ((empty, "is empty"), (binary, "binary.csv")):
            await choose(hand, file)
            await hand.until(sentence)
            await hand.press("escape")
            await hand.press("i")
            assert "would change" not in hand.text
            if not isinstance(hand.app.screen, ImportPage):
                break


async def test_hostile_text_in_names_and_cells_is_text(service: Service, tmp_path: Path) -> None:
    write(
        tmp_path / "Eve [b]B \x1b[2J\u202e.csv",
        f"10001,1,{SOON},=cmd|x",
        f'"{HOSTILE}",1,{SOON},"{HOSTILE}"',
        header=f"order-id,order-item-seq-id,promised-datetime,{HOSTILE.replace(',', '')}",
    )
    async with desk_on(service, importing()) as hand:
        await hand.press("f")
        await hand.until("Down list")
        type_ahead(hand.app, *str(tmp_path), "enter", *"Eve", "enter")
        await hand.until("1 would change, 0 stay as they are, 1 fail")
        assert "Eve [b]B [2J.csv" in hand.text
        for _ in range(5):
            assert "\x1b" not in hand.text
            assert "\u202e" not in hand.text
            await hand.press("tab")
        await hand.press("i", "enter")
        await hand.until("Imported: 1 changed")
    assert promise(service, "10001/1") == SOON


# --- There and back -------------------------------------------------------------------------------


async def test_an_export_comes_back_with_conflicts_told(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    async with desk_on(service, exporting()) as hand:
        await hand.press("o")
        await hand.until("Export EXP_ORD_ITEM_UPD")
        type_ahead(hand.app, *str(path), "enter")
        await hand.until("rows written to")
        await hand.press("o", *str(path), "enter")
        await hand.until("Replace out.csv")
        await hand.press("n")
        await hand.press("escape")
        assert "Nothing was written" in hand.sentence
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert {row["order-id"] for row in rows} >= {"10001", "10002", "10003"}
    for row in rows:
        if row["order-id"] in ("10002", "10003"):
            row["promised-datetime"] = str(SOON)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    bob = Service(service.engine, Actor("bob", "desk"), service.clock)
    bob.apply(bob.plan_promise_date(parse_line("10003/1"), LATER))
    async with desk_on(service, importing()) as hand:
        await choose(hand, path)
        await hand.until("1 conflict")
        while "[Conflicts" not in hand.text:
            await hand.press("tab")
        await hand.until("10003")
        row = hand.row("10003")
        assert str(SOON) in row
        assert str(LATER) in row
        await hand.press("enter")
        await hand.until(f"Now here: {LATER}")
        await hand.press("escape", "i", "enter")
        await hand.until("1 conflicted")
    assert promise(service, "10002/1") == SOON
    assert promise(service, "10003/1") == LATER
    (entry,) = service.import_log()
    assert "10003" in Path(entry.failed_records).read_text()


async def test_an_exported_file_imported_unchanged_changes_nothing(
    service: Service, tmp_path: Path
) -> None:
    path = tmp_path / "out.csv"
    async with desk_on(service, exporting()) as hand:
        await hand.press("o")
        await hand.until("Export EXP_ORD_ITEM_UPD")
        type_ahead(hand.app, *str(path), "enter")
        await hand.until("rows written to")
    async with desk_on(service, importing()) as hand:
        await choose(hand, path)
        await hand.until("0 would change")
        await hand.press("i")
        assert "Nothing in this file would change anything" in hand.text


# --- Pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", ["exim", "exim-import", "exim-file"])
def test_picture(
    name: str, size: tuple[int, int], service: Service, tmp_path: Path, snap_compare: Any
) -> None:
    landing = Exim if name == "exim" else importing()
    app = DeskApp(DeskOptions("sqlite:///book.db", "ana"), lambda _: service, landing=landing)
    file = write(tmp_path / "dates.csv", f"10001,1,{SOON}", "10002,1,never", f"99999,1,{SOON}")

    async def before(pilot: Any) -> None:
        await until(lambda: app.opened and app.desk_pages())
        await settled(app)
        if name == "exim-file":
            hand = Hand(app)
            await choose(hand, file)
            await hand.until("1 would change")
            await settled(app)

    assert snap_compare(app, terminal_size=size, run_before=before)
