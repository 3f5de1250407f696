"""``import`` and ``export`` by command line, as cron uses them."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pytest

from data.engine import open_engine
from preorder_tui.clock import Clock
from preorder_tui.exim.catalogue import EXPORTS
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.command_line import CommandLine

DATES = "order-id,order-item-seq-id,promised-datetime\n"


@pytest.fixture
def site(sqlite_cli: CommandLine, clock: Clock) -> CommandLine:
    """Two sales orders and a purchase order."""
    engine = open_engine(sqlite_cli.url)
    book = Book(engine, clock)
    book.sales_order("1", TODAY, [("A", 4), ("B", 2)], external_id="X1", customer="=Ana Costa")
    book.sales_order("2", TODAY, [("A", 4)], facility="BACKORDER_PARKING")
    book.sales_order("3", TODAY, [("A", 4)], status="ORDER_COMPLETED")
    book.purchase_order("8", TODAY, [("A", 10)], external_id="PX8")
    book.allocate("1/1", "8/1", 4)
    engine.dispose()
    return sqlite_cli


def rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_export_has_its_columns_and_ends_lines_as_rfc_4180_does(
    site: CommandLine, tmp_path: Path
) -> None:
    for one in EXPORTS:
        path = tmp_path / f"{one.config_id}.csv"
        document = site.json("export", one.config_id, path)
        content = path.read_bytes()
        assert content.endswith(b"\r\n")
        header, *lines = csv.reader(io.StringIO(content.decode(), newline=""))
        assert tuple(header) == one.column_names
        assert header[-1] == "row-token"
        assert document == {
            "configId": one.config_id, "file": str(path), "rowCount": len(lines),
        }  # fmt: skip
        assert lines
        assert "exists already" in site.refuses(1, "export", one.config_id, path)
        site.json("export", one.config_id, path, "--replace")


def test_exports_are_filtered(site: CommandLine) -> None:
    def exported(*words: str) -> list[str]:
        said = site("export", "EXP_ORD_ITEM_UPD", "-", *words)
        assert said.status == 0, said.err
        return [f"{row['order-id']}/{row['order-item-seq-id']}" for row in rows(said.out)]

    assert exported() == ["1/00001", "1/00002", "2/00001"]
    assert exported("--product", "B") == ["1/00002"]
    assert exported("--facility", "BACKORDER_PARKING") == ["2/00001"]
    assert exported("--order", "X1", "--order", "2") == ["1/00001", "1/00002", "2/00001"]
    assert exported("--status", "item_completed") == ["3/00001"]
    assert exported("--store", "STORE") == ["1/00001", "1/00002", "2/00001"]
    for words in (
        ("--product", "Z"), ("--facility", "Z"), ("--order", "Z"), ("--store", "Z"),
        ("--order", "8"),
    ):  # fmt: skip
        site.refuses(1, "export", "EXP_ORD_ITEM_UPD", "-", *words)
    site.refuses(2, "export", "EXP_ORD_ITEM_UPD", "-", "--status", "LATE")
    site.refuses(2, "export", "EXP_ORD_ITEM_UPD", "-", "--json")


def test_sales_orders_are_exported_with_customer_and_prices(site: CommandLine) -> None:
    found = rows(site("export", "MDM_EXPORT_SO", "-", "--order", "1").out)
    assert [row["product-sku"] for row in found] == ["A", "B"]
    assert found[0]["first-name"] == "'=Ana"
    assert found[0]["last-name"] == "Costa"
    assert found[0]["order-type-id"] == "SALES_ORDER"
    assert found[0]["entry-date"] == "2026-11-25 12:00:00"


def test_dry_run_says_what_would_be_done_and_leaves_the_files(
    site: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "dates.csv"
    path.write_text(f"{DATES}1,1,2026-12-20\n1,2,2020-01-01\n", encoding="utf-8")
    failed = tmp_path / "failed.csv"
    said = site("import", "IMP_ORD_ITEM_UPD", path, "--dry-run", "--failed-records", failed)
    assert "2 records: 1 good, 1 handed back." in said.out
    assert "Nothing has changed (dry run)." in said.out
    assert "is over" in failed.read_text(encoding="utf-8")
    assert site.json("change-sets") == []
    assert rows(site("export", "EXP_ORD_ITEM_UPD", "-").out)[0]["promised-datetime"] == ""


def test_conflicts_go_into_a_file_of_their_own(site: CommandLine, tmp_path: Path) -> None:
    out, failed, other = (tmp_path / name for name in ("out.csv", "failed.csv", "other.csv"))
    site.json("export", "EXP_ORD_ITEM_UPD", out)
    site.json("set-promise-date", "1/1", "2026-12-24")
    text = out.read_text(encoding="utf-8").replace(",,,k", ",2026-12-20,,k")
    text = text.replace("2,,00001,A,2026-12-20", "2,,00001,A,2020-01-01")
    path = tmp_path / "in.csv"
    path.write_text(text, encoding="utf-8")
    said = site("import", "IMP_ORD_ITEM_UPD", path, "--failed-records", failed)
    assert "3 records: 1 good, 1 conflict, 1 handed back." in said.out
    assert "base none, ours 2026-12-20, theirs 2026-12-24 by ana on" in said.out
    assert f"Conflicts in {tmp_path / 'failed.conflicts.csv'}." in said.out
    assert [row["order-id"] for row in rows(failed.read_text(encoding="utf-8"))] == ["2"]
    document = site.json("import", "IMP_ORD_ITEM_UPD", path, "--conflicts", other)
    assert (document["conflictCount"], document["unchangedRecordCount"]) == (1, 1)
    again = site.json("import", "IMP_ORD_ITEM_UPD", other)
    assert (again["conflictCount"], again["changedRecordCount"]) == (0, 1)
    assert site.json("verify")["violations"] == []


def test_columns_and_mappings_by_command_line(site: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "dates.csv"
    path.write_text("Order~Line~Date\n1~1~20/12/2026\n", encoding="utf-8")
    site.refuses(1, "import", "IMP_ORD_ITEM_UPD", path, "--delimiter", "~")
    words = (
        "--column", "Order=order-id", "--column", "Line=order-item-seq-id",
        "--column", "Date=promised-datetime", "--delimiter", "~", "--date-format", "dmy",
    )  # fmt: skip
    done = site.json("import", "IMP_ORD_ITEM_UPD", path, *words, "--save-mapping", "Their file")
    assert done["changedRecordCount"] == 1
    path.write_text("Order~Line~Date\n1~1~21/12/2026\n", encoding="utf-8")
    done = site.json("import", "IMP_ORD_ITEM_UPD", path, "--mapping", "their file")
    assert done["changedRecordCount"] == 1
    assert "there are Their file" in site.refuses(
        1, "import", "IMP_ORD_ITEM_UPD", path, "--mapping", "x"
    )
    for wrong in (
        ("--column", "Order"), ("--delimiter", "ab"), ("--delimiter", '"'),
        ("--date-format", "ymd"), ("--conflicts", path), ("--conflicts", tmp_path),
    ):  # fmt: skip
        site.refuses(2, "import", "IMP_ORD_ITEM_UPD", path, *wrong)
    assert "not an encoding" in site.refuses(
        1, "import", "IMP_ORD_ITEM_UPD", path, "--encoding", "ebcdic"
    )


def test_export_to_import_through_pipes(site: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    out = site("export", "EXP_ORD_ITEM_UPD", "-").out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(out.encode())))
    assert site.json("import", "IMP_ORD_ITEM_UPD", "-")["unchangedRecordCount"] == 3


def test_files_stay_in_the_exchange_folder(
    site: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "exchange"
    folder.mkdir()
    outside = tmp_path / "dates.csv"
    outside.write_text(f"{DATES}1,1,2026-12-20\n", encoding="utf-8")
    (folder / "link.csv").symlink_to(outside)
    (folder / "in.csv").write_bytes(outside.read_bytes())
    monkeypatch.setenv("PREORDER_TUI_EXCHANGE_FOLDER", str(folder))
    for words in (
        ("import", "IMP_ORD_ITEM_UPD", outside),
        ("import", "IMP_ORD_ITEM_UPD", "link.csv"),
        ("import", "IMP_ORD_ITEM_UPD", "in.csv", "--failed-records", "../failed.csv"),
        ("import", "IMP_ORD_ITEM_UPD", "in.csv", "--conflicts", "../failed.csv"),
        ("export", "EXP_ORD_ITEM_UPD", "../out.csv"),
    ):
        assert "outside the exchange folder" in site.refuses(1, *words)
    site.json("import", "IMP_ORD_ITEM_UPD", "in.csv")
    site.json("export", "EXP_ORD_ITEM_UPD", "out.csv")
    assert (folder / "out.csv").exists()
