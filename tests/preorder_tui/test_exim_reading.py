"""What files look like: encodings, delimiters, mappings, dirt."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from data.engine import open_engine
from data.tables import data_manager_log, order_item_change, product
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, UnknownId
from preorder_tui.exim import mappings
from preorder_tui.exim.configurations import configurations
from preorder_tui.exim.layout import StructuralFault, Upload
from preorder_tui.exim.records import ImportOptions, ImportResult, Understanding
from preorder_tui.exim.session import ImportSession
from preorder_tui.opening import seed
from preorder_tui.service import Service
from tests.preorder_tui.exim_files import Exchange, counts


@pytest.fixture
def sqlite_engine(sqlite_database_url: str) -> Engine:
    """An empty site."""
    engine = open_engine(sqlite_database_url)
    with engine.begin() as connection:
        seed(connection, "UTC")
    return engine


@pytest.fixture
def exchange(sqlite_engine: Engine, clock: Clock, tmp_path: Path) -> Exchange:
    """Imports into an empty site."""
    return Exchange(Service(sqlite_engine, Actor("ana"), clock), tmp_path)


def understand(
    exchange: Exchange, config: str, content: str | bytes, **how: object
) -> Understanding:
    """What a file is."""
    path = exchange.write(content)
    options = ImportOptions(**how)  # type: ignore[arg-type]
    with ImportSession(exchange.service, config, Upload(path.name, path), options) as session:
        return session.understand()


def names(exchange: Exchange) -> list[str]:
    """The product names that are here."""
    from sqlalchemy import select

    with exchange.service.engine.connect() as connection:
        found = select(product.c.PRODUCT_NAME).order_by(product.c.PRODUCT_NAME)
        return list(connection.execute(found).scalars())


TEXT = "product-sku,product-name\r\nA,Élan – Größe\r\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("cp1252"), "cp1252"),
    ],
)
def test_encodings_are_found_out(exchange: Exchange, content: bytes, encoding: str) -> None:
    found = understand(exchange, "MDM_PRODUCT", content)
    assert (found.encoding, found.records, found.ready) == (encoding, 1, True)
    assert found.first_rows == (("A", "Élan – Größe"),)
    assert counts(exchange.run("MDM_PRODUCT", content)) == (1, 0, 0, 0)
    assert names(exchange) == ["Élan – Größe"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_out(exchange: Exchange, delimiter: str) -> None:
    content = f"product-sku{delimiter}product-name\nA{delimiter}B\n"
    assert understand(exchange, "MDM_PRODUCT", content).delimiter == delimiter
    assert counts(exchange.run("MDM_PRODUCT", content)) == (1, 0, 0, 0)


def test_columns_are_matched_by_hand_and_kept_under_a_name(exchange: Exchange) -> None:
    content = "Article,Label,Notes\nA,B,x\n"
    found = understand(exchange, "MDM_PRODUCT", content)
    assert found.missing == ("product-sku", "product-name")
    assert not found.ready
    by_hand = (("Article", "product-sku"), ("label", "product-name"))
    found = understand(exchange, "MDM_PRODUCT", content, columns=by_hand)
    assert [(one.title, one.column, one.how, one.sample) for one in found.columns] == [
        ("Article", "product-sku", "hand", "A"),
        ("Label", "product-name", "hand", "B"),
        ("Notes", "", "unused", "x"),
    ]
    assert found.notes == ("columns not used: Notes",)
    mappings.save(
        exchange.service, "MDM_PRODUCT", "Shop", ImportOptions(columns=by_hand, date_format="dmy")
    )
    assert [one.name for one in mappings.saved(exchange.service, "MDM_PRODUCT")] == ["Shop"]
    done = exchange.run("MDM_PRODUCT", content, ImportOptions(mapping="shop"))
    assert counts(done) == (1, 0, 0, 0)
    with pytest.raises(UnknownId, match="there are Shop"):
        exchange.run("MDM_PRODUCT", content, ImportOptions(mapping="Other"))
    with pytest.raises(StructuralFault, match="twice"):
        exchange.run(
            "MDM_PRODUCT",
            content,
            ImportOptions(columns=(*by_hand, ("Notes", "product-name"))),
        )
    mappings.forget(exchange.service, "MDM_PRODUCT", "Shop")
    assert mappings.saved(exchange.service, "MDM_PRODUCT") == ()


def test_dates_are_explained_before_a_form_is_chosen(exchange: Exchange) -> None:
    header = "external-id,product-store-id,product-sku,quantity,arrival-date,facility-id\n"
    both = header + "P1,STORE,A,1,12/11/2026,WAREHOUSE\nP2,STORE,A,1,03/04/2027,WAREHOUSE\n"
    found = understand(exchange, "IMP_PO", both)
    assert not found.ready
    assert "either form would read all of them" in found.problems[0]
    assert "line 2: 12/11/2026 is 2026-12-11 as MM/DD/YYYY or 2026-11-12 as" in found.problems[0]
    assert found.date_examples[0].line == 2
    only = understand(exchange, "IMP_PO", both + "P3,STORE,A,1,25/12/2026,WAREHOUSE\n")
    assert not only.ready
    assert "they are not YYYY-MM-DD" in only.problems[0]
    assert understand(exchange, "IMP_PO", both, date_format="dmy").ready


def test_templates_have_every_column_and_are_understood(exchange: Exchange) -> None:
    for one in configurations("import"):
        found = understand(exchange, one.config_id, one.template())
        assert found.ready, found.problems
        assert tuple(match.column for match in found.columns) == one.column_names


def test_a_file_that_changes_after_its_preview_is_not_applied(exchange: Exchange) -> None:
    path = exchange.write(TEXT)
    with ImportSession(exchange.service, "MDM_PRODUCT", Upload("x.csv", path)) as session:
        assert session.preview().changed == 1
        path.write_text(TEXT + "B,C\n", encoding="utf-8")
        with pytest.raises(Refused, match="written to since the preview"):
            session.apply()
    assert names(exchange) == []


def test_cells_that_a_spreadsheet_would_run_are_harmless(exchange: Exchange) -> None:
    texts = ["=1+1", "+A", "-A", "@A", "'=x", "'tis", "O'Brien", '"q", z', "two\nlines"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["product-sku", "product-name", "upc"])
    for number, text in enumerate(texts):
        writer.writerow([f"S{number}", text, "x" * 61 if number % 2 else ""])
    result = exchange.run("MDM_PRODUCT", out.getvalue())
    assert counts(result) == (5, 0, 0, 4)
    failed = [row["product-name"] for row in exchange.failed()]
    assert failed == ["'+A", "'@A", "'tis", '"q", z']
    assert sorted(names(exchange)) == sorted(["=1+1", "-A", "=x", "O'Brien", "two\nlines"])


# --- Dirt ---------------------------------------------------------------------------------------

CELL = st.one_of(
    st.sampled_from(
        ["", " ", "A", "B", "'", '"', '""', "=1", "a,b", "x" * 300, "y" * 70_000, "\u202e",
         "\x1b[1m", "2026-12-01", "NaN", "null", "0", "-1", "1e9", "\ufeff", "é", "\u2028", "😀"]
    ),
    st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=12),
)  # fmt: skip
ROWS = st.lists(st.lists(CELL, min_size=1, max_size=5), max_size=12)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS, end=st.sampled_from(["\n", "\r\n", "\r"]), noise=st.binary(max_size=3))
def test_dirty_files_are_counted_to_the_last_row(
    exchange: Exchange, rows: list[list[str]], end: str, noise: bytes
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["product-sku", "product-name", "color"])
    writer.writerows(rows)
    content = out.getvalue().encode() + noise
    with suppress(StructuralFault):
        result = exchange.run("MDM_PRODUCT", content)
        _check_counts(exchange, result, [row for row in rows if any(row)], exact=not noise)


def _check_counts(
    exchange: Exchange, result: ImportResult, records: list[list[str]], *, exact: bool
) -> None:
    changed, unchanged, conflicts, failed = counts(result)
    if exact:
        assert result.preview.total == len(records)
    back = list(csv.reader(io.StringIO(exchange.failed_path.read_text("utf-8"), newline="")))
    assert len(back) - 1 == failed + conflicts
    assert all(cells[-1] for cells in back[1:])
    assert changed + unchanged <= max(len(records), result.preview.total)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=400))
def test_any_bytes_end_in_a_sentence(exchange: Exchange, content: bytes) -> None:
    for start in (b"", b"product-sku,product-name\n", b"\xff\xfe", b"\xef\xbb\xbf"):
        with suppress(StructuralFault):
            exchange.run("MDM_PRODUCT", start + content)
    with exchange.service.engine.begin() as connection:
        connection.execute(delete(data_manager_log))
        connection.execute(delete(order_item_change))


def test_mixed_line_ends_and_quoted_breaks_are_counted(exchange: Exchange) -> None:
    content = b'product-sku,product-name\nA,"two\r\nlines"\r\n\n,x\nB,y\r,z\n'
    result = exchange.run("MDM_PRODUCT", content)
    assert counts(result) == (2, 0, 0, 2)
    assert [one.line for one in result.preview.first_failures] == [5, 7]


def test_dates_at_the_ends_of_the_calendar(exchange: Exchange) -> None:
    header = "external-id,product-store-id,product-sku,quantity,arrival-date,facility-id\n"
    rows = "".join(
        f"P{n},STORE,A,1,{day},WAREHOUSE\n"
        for n, day in enumerate(("0001-01-01", "9999-12-31", "10000-01-01", "0000-01-01"))
    )
    exchange.run("MDM_PRODUCT", "product-sku,product-name\nA,A\n")
    assert counts(exchange.run("IMP_PO", header + rows)) == (2, 0, 0, 2)
    line = exchange.service.purchase_order("P1").items[0]
    assert line.arrival_date == date(9999, 12, 31)
