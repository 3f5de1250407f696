"""EXIM imports: what goes in, what is handed back and why, what the log says."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from data.engine import open_engine
from data.tables import (
    data_manager_log,
    good_identification,
    order_header,
    order_item,
    party,
    product,
)
from preorder_tui.opening import initialise
from tests.preorder_tui.command_line import CommandLine

FILES = Path(__file__).parents[1] / "files"


@pytest.fixture
def site(cli: CommandLine) -> CommandLine:
    """A ready site with the products and facilities of the test files."""
    initialise(cli.url)
    for config, name in (("MDM_PRODUCT", "products"), ("IMP_FACILITY", "facilities")):
        document = cli.json("import", config, FILES / f"{name}.csv")
        assert document["failedRecordCount"] == 0
        assert document["statusId"] == "SERVICE_FINISHED"
        assert document["changeSetId"] is None
    return cli


def rows(cli: CommandLine, statement: Any) -> list[Any]:
    """The rows of a query on the test's database."""
    engine = open_engine(cli.url)
    with engine.connect() as connection:
        found = connection.execute(statement).all()
    engine.dispose()
    return list(found)


def write(path: Path, *lines: str) -> Path:
    """A CSV file of those lines."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def handed_back(path: Path) -> list[dict[str, str]]:
    """The rows of a Failed Records file."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file)
    # The reason is the last cell, also of a row that has more cells than the header.
    return [dict(zip(header, [*cells[: len(header) - 1], cells[-1]], strict=True))
            for cells in records]  # fmt: skip


def test_all_four_files(site: CommandLine) -> None:
    purchase = site.json("import", "IMP_PO", FILES / "purchase_orders.csv")
    assert purchase == {
        "logId": 3,
        "statusId": "SERVICE_FINISHED",
        "totalRecordCount": 4,
        "failedRecordCount": 0,
        "changedRecordCount": 4,
        "unchangedRecordCount": 0,
        "conflictCount": 0,
        "changeSetId": 1,
    }
    sales = site.json("import", "IMP_ORDER", FILES / "sales_orders.csv", "--reason", "opening")
    assert (sales["totalRecordCount"], sales["failedRecordCount"]) == (4, 0)

    order = site.json("show", "9001")
    assert order["customerName"] == "Ana Gonçalves"
    assert order["orderDate"] == "2026-11-01T08:26:00+00:00"
    assert order["statusId"] == "ORDER_APPROVED"
    assert order["grandTotal"] == 119.98
    assert [line["facilityId"] for line in order["items"]] == [
        "PRE_ORDER_PARKING",
        "BACKORDER_PARKING",
    ]
    assert order["items"][1]["productName"] == 'Wool cap, "Élan"'
    assert site.json("show", "9002")["customerName"] == "陽子 山田"
    assert site.json("show", "9003")["items"][0]["statusId"] == "ITEM_CREATED"
    assert len(rows(site, select(party.c.PARTY_ID))) == 2

    lines = site.json("show", "PO-A")["items"]
    assert [(line["sku"], line["availableToPromise"]) for line in lines] == [
        ("MH-01-S", 10),
        ("MH-01-M", 6),
    ]
    assert lines[1]["unitPrice"] == 12.5
    late = site.json("show", "PO-B")
    assert late["facilityId"] == "WH2"
    assert [line["estimatedDeliveryDate"] for line in late["items"]] == ["2026-12-20", "2026-11-01"]

    history = site.json("history", "9001/1")
    assert [(row["changeTypeEnumId"], row["newValue"]) for row in history] == [
        ("ODR_ITM_APPEND", "4")
    ]
    assert history[0]["changeComments"] == "opening"
    assert site.json("change-sets")[0]["origin"] == "import"
    site.json("auto-allocate")
    assert site.json("verify")["violations"] == []


def test_an_import_is_taken_back_whole(site: CommandLine) -> None:
    done = site.json("import", "IMP_ORDER", FILES / "sales_orders.csv")
    site.json("undo", done["changeSetId"])
    assert site.json("find", "sales") == []
    site.json("redo")
    assert len(site.json("find", "sales")) == 3
    assert site.json("verify")["violations"] == []


def test_bad_rows_are_handed_back(site: CommandLine, tmp_path: Path) -> None:
    failed = tmp_path / "failed.csv"
    done = site.json(
        "import", "IMP_ORDER", FILES / "sales_orders_dirty.csv", "--failed-records", failed
    )
    assert (done["totalRecordCount"], done["failedRecordCount"]) == (15, 14)
    assert [row["externalId"] for row in site.json("find", "sales")] == ["9101"]
    back = handed_back(failed)
    assert list(back[0])[-1] == "error"
    reasons = {(row["external-id"], row["product-sku"]): row["error"] for row in back}
    assert "'NO-SUCH' does not exist" in reasons["9101", "NO-SUCH"]
    assert "without a customer" in reasons["9102", "MH-01-S"]
    expected = {
        "9103": "not above zero",
        "9104": "'NOWHERE' does not exist",
        "9105": "--date-format",
        "9106": "not a day of the calendar",
        "9107": "not a whole number",
        "9108": "'OTHER' does not exist",
        "9109": "not a status",
        "9110": "not an amount",
        "9111": "more fields",
        "": "external-id is empty",
        "9112": "cancelled",
    }
    for external_id, reason in expected.items():
        assert reason in reasons[external_id, "MH-01-S"]
    assert back[3]["first-name"] == "Two\nlines"
    (log,) = rows(site, select(data_manager_log).where(data_manager_log.c.LOG_ID == done["logId"]))
    assert (log.STATUS_ID, log.FAILED_RECORD_COUNT) == ("SERVICE_FINISHED", 14)
    assert log.FAILED_RECORDS_FILE == str(failed)
    assert "line 7:" in log.MESSAGE  # the blank line and the quoted line break are counted


def test_failed_records_are_fixed_and_uploaded_again(site: CommandLine, tmp_path: Path) -> None:
    failed = tmp_path / "failed.csv"
    site.json("import", "IMP_ORDER", FILES / "sales_orders_dirty.csv", "--failed-records", failed)
    again = site.json(
        "import", "IMP_ORDER", failed, "--date-format", "dmy",
        "--failed-records", tmp_path / "again.csv",
    )  # fmt: skip
    assert (again["totalRecordCount"], again["failedRecordCount"]) == (14, 13)
    assert list(handed_back(tmp_path / "again.csv")[0]).count("error") == 1
    assert site.json("show", "9105")["orderDate"] == "2026-12-11T00:00:00+00:00"
    site.refuses(2, "import", "IMP_ORDER", failed, "--failed-records", failed)


def test_an_order_is_imported_once(site: CommandLine, tmp_path: Path) -> None:
    site.json("import", "IMP_ORDER", FILES / "sales_orders.csv")
    again = site.json(
        "import", "IMP_ORDER", FILES / "sales_orders.csv", "--failed-records", tmp_path / "f.csv"
    )
    assert (again["unchangedRecordCount"], again["failedRecordCount"]) == (4, 0)
    assert again["changeSetId"] is None
    assert len(rows(site, select(order_header.c.ORDER_ID))) == 3
    assert len(rows(site, select(party.c.PARTY_ID))) == 2


def test_dry_run_writes_nothing(site: CommandLine) -> None:
    done = site.json("import", "IMP_ORDER", FILES / "sales_orders.csv", "--dry-run")
    assert done == {
        "logId": None,
        "statusId": None,
        "totalRecordCount": 4,
        "failedRecordCount": 0,
        "changedRecordCount": 4,
        "unchangedRecordCount": 0,
        "conflictCount": 0,
        "changeSetId": None,
    }
    assert rows(site, select(order_header.c.ORDER_ID)) == []
    assert rows(site, select(party.c.PARTY_ID)) == []
    assert len(rows(site, select(data_manager_log.c.LOG_ID))) == 2


def test_products_are_updated_by_sku(site: CommandLine, tmp_path: Path) -> None:
    count = len(rows(site, select(product.c.PRODUCT_ID)))
    site.json("import", "MDM_PRODUCT", FILES / "products.csv")
    assert len(rows(site, select(product.c.PRODUCT_ID))) == count
    path = write(
        tmp_path / "p.csv",
        "Product-SKU,product-name,color,upc,notes",
        "MH-01-S,Rain jacket navy S,Navy,999,x",
        "MH-01-S,Again,Navy,999,x",
        ",No SKU,,,",
        "NO-NAME,,,,",
        f"{'x' * 61},Too long,,,",
    )
    said = site("import", "MDM_PRODUCT", path)
    assert "Columns not used: notes" in said.out
    assert "5 records: 1 good, 4 handed back" in said.out
    site.json("import", "IMP_PO", FILES / "purchase_orders.csv")
    line = site.json("show", "PO-A")["items"][0]
    assert (line["productName"], line["color"], line["size"]) == ("Rain jacket navy S", "Navy", "S")
    assert line["parentProductName"] == "Rain jacket"
    upcs = rows(site, select(good_identification.c.ID_VALUE))
    assert sorted(row[0] for row in upcs) == ["042000062002", "042000062003", "999"]


def test_facilities(site: CommandLine, tmp_path: Path) -> None:
    path = write(
        tmp_path / "f.csv",
        "facility-id,facility-name,facility-type-id",
        "WH1,Renamed,",
        "_NA_,Mine now,",
        "SHOP,A shop,RETAIL_STORE",
        "ODD,Odd,CASTLE",
        "A-NAME-LONGER-THAN-20-CHARACTERS,x,",
    )
    done = site.json("import", "IMP_FACILITY", path)
    assert (done["totalRecordCount"], done["failedRecordCount"]) == (5, 3)


def test_purchase_orders_are_updated(site: CommandLine, tmp_path: Path) -> None:
    site.json("import", "IMP_PO", FILES / "purchase_orders.csv")
    assert site.json("import", "IMP_PO", FILES / "purchase_orders.csv")["changeSetId"] is None
    header = "external-id,product-store-id,facility-id,product-sku,quantity,atp,arrival-date"
    path = write(
        tmp_path / "po.csv",
        header,
        "PO-A,STORE,WH1,MH-01-S,12,,2026-12-15",
        "PO-A,STORE,WH1,MH-02-M,7,,2026-12-15",
        "PO-A,STORE,WH1,MH-01-M,8,9,2026-12-15",
    )
    done = site.json("import", "IMP_PO", path)
    assert done["failedRecordCount"] == 1
    lines = {line["sku"]: line for line in site.json("show", "PO-A")["items"]}
    assert lines["MH-01-S"]["quantity"] == 12
    assert lines["MH-01-S"]["estimatedDeliveryDate"] == "2026-12-15"
    assert (lines["MH-02-M"]["orderItemSeqId"], lines["MH-02-M"]["quantity"]) == ("00003", 7)
    site.json("undo", done["changeSetId"])
    lines = {line["sku"]: line for line in site.json("show", "PO-A")["items"]}
    assert lines["MH-01-S"]["quantity"] == 10
    assert "MH-02-M" not in lines
    assert site.json("verify")["violations"] == []


def test_purchase_order_rows_that_cannot_be(site: CommandLine, tmp_path: Path) -> None:
    site.json("import", "IMP_PO", FILES / "purchase_orders.csv")
    site.json("import", "IMP_ORDER", FILES / "sales_orders.csv")
    site.json("allocate", "9001/1", "PO-A/1")
    site.json("cancel-purchase", "PO-B")
    path = write(
        tmp_path / "po.csv",
        "external-id,product-store-id,facility-id,external-facility-id,product-sku,quantity,"
        "arrival-date",
        "PO-A,STORE,WH1,,MH-01-S,3,2026-12-15",
        "PO-B,STORE,WH1,,MH-01-S,30,2026-12-15",
        "PO-C,STORE,,,MH-01-S,3,2026-12-15",
        "PO-C,STORE,PRE_ORDER_PARKING,,MH-01-M,3,2026-12-15",
        "PO-D,STORE,WH1,,MH-01-M,3,2026-12-15",
        "PO-D,STORE,WH1,,MH-01-M,4,2026-12-16",
        "PO-E,STORE,,9999,MH-01-M,4,2026-12-16",
        "PO-F,STORE,WH1,,MH-01-M,4,12/16/2026",
    )
    failed = tmp_path / "failed.csv"
    done = site.json("import", "IMP_PO", path, "--failed-records", failed)
    assert (done["failedRecordCount"], done["changeSetId"]) == (8, None)
    reasons = [row["error"] for row in handed_back(failed)]
    for words, reason in zip(
        ("allocated", "cancelled", "both empty", "queue", "more than once", "more than once",
         "does not exist", "--date-format"),
        reasons,
        strict=True,
    ):  # fmt: skip
        assert words in reason


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"product-sku,product-name\n", "no records"),
        (b"product-name\nx\n", "lacks the column product-sku"),
        (b"sku;product\nA;B\n", "lacks the columns product-sku, product-name"),
        (b"product-sku,product-sku,product-name\nA,A,B\n", "twice"),
        (b"product-sku,product-name\nA,\x81caf\xe9\n", "UTF-8"),
        (b"product-sku,product-name\nA,\x00\n", "NUL character on line 2"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not text"),
        (b"PK\x03\x04" + bytes(100), "workbook"),
        (b"product-sku,product-name\nA," + b"x" * 3_000_000, "line has no end"),
        (b'product-sku,product-name\nA,"' + b"x\n" * 1_500_000, "quote is opened"),
        (b'product-sku,product-name\nA,"B\n', "cannot be read as CSV"),
        (b"product-sku,product-name\nA,B\nC,D" + b",x" * 50 + b"\n", "cannot be read as CSV"),
    ],
)
def test_a_structural_fault_applies_nothing(
    sqlite_cli: CommandLine, tmp_path: Path, content: bytes, words: str
) -> None:
    initialise(sqlite_cli.url)
    path = tmp_path / "p.csv"
    path.write_bytes(content)
    assert words in sqlite_cli.refuses(1, "import", "MDM_PRODUCT", path)
    (log,) = rows(sqlite_cli, select(data_manager_log))
    assert log.STATUS_ID == "SERVICE_FAILED"
    assert words in log.MESSAGE
    assert rows(sqlite_cli, select(product)) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_mark(sqlite_cli: CommandLine, tmp_path: Path, end: str) -> None:
    initialise(sqlite_cli.url)
    path = tmp_path / "p.csv"
    path.write_bytes(f"\ufeffproduct-sku,product-name{end}A,Ä{end}".encode())
    assert sqlite_cli.json("import", "mdm_product", path)["failedRecordCount"] == 0
    assert [row[0] for row in rows(sqlite_cli, select(product.c.PRODUCT_NAME))] == ["Ä"]


def test_standard_input(sqlite_cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    initialise(sqlite_cli.url)
    stdin = io.TextIOWrapper(io.BytesIO((FILES / "products.csv").read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert sqlite_cli.json("import", "MDM_PRODUCT", "-")["totalRecordCount"] == 5


def test_wrong_words(
    sqlite_cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    initialise(sqlite_cli.url)
    products = FILES / "products.csv"
    sqlite_cli.refuses(1, "import", "IMP_NOTHING", products)
    sqlite_cli.refuses(2, "import", "MDM_PRODUCT", tmp_path / "none.csv")
    sqlite_cli.refuses(2, "import", "MDM_PRODUCT", tmp_path)
    sqlite_cli.refuses(2, "import", "MDM_PRODUCT", products, "--date-format", "ymd")
    sqlite_cli.refuses(
        2, "import", "MDM_PRODUCT", products, "--failed-records", tmp_path / "no" / "f.csv"
    )
    sqlite_cli.refuses(1, "export", "EXPORT_NOTHING", tmp_path / "x.csv")
    monkeypatch.setenv("PREORDER_TUI_EXCHANGE_FOLDER", str(tmp_path))
    sqlite_cli.refuses(1, "import", "MDM_PRODUCT", products)
    (tmp_path / "in.csv").write_bytes(products.read_bytes())
    done = sqlite_cli.json("import", "MDM_PRODUCT", "in.csv", "--failed-records", "out.csv")
    assert done["failedRecordCount"] == 0
    assert handed_back(tmp_path / "out.csv") == []
    assert len(rows(sqlite_cli, select(order_item.c.ORDER_ID))) == 0
