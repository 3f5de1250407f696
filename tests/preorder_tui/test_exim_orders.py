"""IMP_ORDER: what is new, what is here, what is added to an order that is here."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import update

from data.tables import order_item
from preorder_tui.exim import sales_order_judge
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.exim_files import Exchange, counts, read

HEADER = (
    "external-id,product-store-id,item-status-id,order-date,quantity,product-sku,unit-price,"
    "customer-external-id,facility-id,item-external-id\n"
)


def row(
    order: str, sku: str = "A", quantity: object = 1, item: str = "", price: str = "1.25",
    facility: str = "PRE_ORDER_PARKING", status: str = "ITEM_APPROVED", customer: str = "C1",
) -> str:  # fmt: skip
    """A line of a file."""
    return (
        f"{order},STORE,{status},2026-11-01 08:26:00,{quantity},{sku},{price},{customer},"
        f"{facility},{item}\n"
    )


@pytest.fixture
def exchange(service: Service, book: Book, tmp_path: Path) -> Exchange:
    """An empty book with two products."""
    book.product("A")
    book.product("B")
    return Exchange(service, tmp_path)


def lines(exchange: Exchange, order: str) -> list[tuple[str, str, int, str]]:
    """Item, SKU, quantity and queue of each line."""
    return [
        (line.line.order_item_seq_id, line.product.sku, line.quantity, line.facility_id)
        for line in exchange.service.sales_order(order).items
    ]


def test_a_corrected_row_finds_its_order(exchange: Exchange) -> None:
    result = exchange.run(
        "IMP_ORDER",
        HEADER + row("N1", "A", 2) + row("N1", "B", "x") + row("N1", "A", 3, facility="_NA_"),
    )
    assert counts(result) == (2, 0, 0, 1)
    assert exchange.service.sales_order("N1").grand_total == Decimal("6.25")
    fixed = exchange.failed_path.read_text(encoding="utf-8").replace(",x,", ",4,")
    again = exchange.run("IMP_ORDER", fixed)
    assert counts(again) == (1, 0, 0, 0)
    assert lines(exchange, "N1") == [
        ("00001", "A", 2, "PRE_ORDER_PARKING"),
        ("00002", "A", 3, "_NA_"),
        ("00003", "B", 4, "PRE_ORDER_PARKING"),
    ]
    assert exchange.service.sales_order("N1").grand_total == Decimal("11.25")
    exchange.service.apply(exchange.service.plan_undo(again.change_set_id))
    assert exchange.service.sales_order("N1").grand_total == Decimal("6.25")
    assert len(lines(exchange, "N1")) == 2
    assert exchange.service.verify().violations == ()


def test_a_file_imported_twice_changes_nothing(exchange: Exchange) -> None:
    text = HEADER + row("N1") + row("N1") + row("N1", "B", 2, "L7") + row("N2")
    assert counts(exchange.run("IMP_ORDER", text)) == (4, 0, 0, 0)
    again = exchange.run("IMP_ORDER", text)
    assert counts(again) == (0, 4, 0, 0)
    assert again.change_set_id is None
    # One more line of the same product and quantity is one more line.
    more = exchange.run("IMP_ORDER", text + row("N1") + row("N1", "B", 2, "L8"))
    assert counts(more) == (2, 4, 0, 0)
    assert len(lines(exchange, "N1")) == 5


def test_a_line_that_is_here_otherwise_is_handed_back(exchange: Exchange) -> None:
    text = HEADER + row("N1") + row("N1", "B", 2, "L7")
    exchange.run("IMP_ORDER", text)
    other = HEADER + row("N1").replace("1.25", "9.75") + row("N1", "B", 5, "L7")
    assert counts(exchange.run("IMP_ORDER", other)) == (0, 0, 0, 2)
    reasons = [failed["error"] for failed in exchange.failed()]
    assert all("is already imported" in reason for reason in reasons)
    assert "at another price" in reasons[0]
    assert "with item-external-id 'L7' but another product, quantity or price" in reasons[1]


def test_an_export_imported_again_changes_nothing(exchange: Exchange) -> None:
    text = HEADER + row("N1") + row("N1", "B", 7, "L7") + row("N2", price="")
    exchange.run("IMP_ORDER", text)
    exported = exchange.export("MDM_EXPORT_SO")
    assert counts(exchange.run("IMP_ORDER", exported)) == (0, 3, 0, 0)
    # Of a line that is cancelled in part an export has what is left.
    with exchange.service.engine.begin() as connection:
        part = update(order_item).where(order_item.c.QUANTITY == 7).values(CANCEL_QUANTITY=3)
        connection.execute(part)
    exported = exchange.export("MDM_EXPORT_SO")
    assert "4" in [line["quantity"] for line in read(exported)]
    assert counts(exchange.run("IMP_ORDER", exported)) == (0, 3, 0, 0)


def test_closed_and_ambiguous_orders_get_no_lines(exchange: Exchange, book: Book) -> None:
    book.sales_order("1", TODAY, [("A", 9)], external_id="X1", status="ORDER_CANCELLED")
    book.sales_order("2", TODAY, [("A", 9)], external_id="X2")
    book.sales_order("3", TODAY, [("A", 9)], external_id="X2")
    book.purchase_order("4", TODAY, [("A", 9)], external_id="X4")
    result = exchange.run("IMP_ORDER", HEADER + row("X1", "B") + row("X2", "B") + row("X4"))
    assert counts(result) == (1, 0, 0, 2)
    reasons = [failed["error"] for failed in exchange.failed()]
    assert reasons[0] == "order 1 of external-id 'X1' is closed: no line can be added"
    assert reasons[1] == "external-id 'X2' names several sales orders"


def test_an_item_external_id_stands_once_in_an_order(exchange: Exchange) -> None:
    text = HEADER + row("N1", item="L1") + row("N1", "B", item="L1") + row("N2", item="L1")
    assert counts(exchange.run("IMP_ORDER", text)) == (2, 0, 0, 1)
    assert "stands more than once in order 'N1'" in exchange.failed()[0]["error"]


def test_an_order_holds_so_many_lines(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sales_order_judge, "MOST_LINES", 3)
    text = HEADER + "".join(row("N1", quantity=n) for n in range(1, 6)) + row("N2")
    assert counts(exchange.run("IMP_ORDER", text)) == (4, 0, 0, 2)
    assert "has 3 lines already" in exchange.failed()[0]["error"]
    assert len(lines(exchange, "N1")) == 3
    assert len(lines(exchange, "N2")) == 1


def test_orders_of_finished_lines_are_completed(exchange: Exchange) -> None:
    text = HEADER + row("N1", status="ITEM_COMPLETED") + row("N2", status="Completed")
    text += row("N2", "B")
    exchange.run("IMP_ORDER", text)
    assert exchange.service.sales_order("N1").status_id == "ORDER_COMPLETED"
    assert exchange.service.sales_order("N2").status_id == "ORDER_APPROVED"


def test_customers_are_found_or_made_once(exchange: Exchange, book: Book) -> None:
    book.party("Bo")
    header = (
        "external-id,product-store-id,item-status-id,order-date,quantity,product-sku,"
        "customer-id,customer-external-id,first-name,last-name,email\n"
    )
    start = "STORE,ITEM_APPROVED,2026-11-01,1,A"
    text = header + "".join(
        f"N{n},{start},{who}\n"
        for n, who in enumerate(
            ("P0,,,,", ",E1,Ana,Costa,", ",E1,Other,Name,", ",,Ana,Costa,a@x", ",,ANA,costa,A@X",
             "P9,,,,", ",,,unknown,", ",,,,only@mail")
        )
    )  # fmt: skip
    assert counts(exchange.run("IMP_ORDER", text)) == (6, 0, 0, 2)
    names = [exchange.service.sales_order(f"N{n}").customer_name for n in (0, 1, 2, 3, 4, 7)]
    assert names == ["Bo", "Ana Costa", "Ana Costa", "Ana Costa", "Ana Costa", "only@mail"]
    with exchange.service.engine.connect() as connection:
        from sqlalchemy import func, select

        from data.tables import party

        assert connection.execute(select(func.count()).select_from(party)).scalar_one() == 4


def test_totals_are_exact(exchange: Exchange) -> None:
    text = HEADER + "".join(row("N1", quantity=n, price="0.1") for n in range(1, 8))
    text += row("N2", price="") + row("N3", quantity=3, price="$1,234.565".replace(",", ""))
    exchange.run("IMP_ORDER", text)
    assert exchange.service.sales_order("N1").grand_total == Decimal("2.80")
    assert exchange.service.sales_order("N2").grand_total is None
    assert exchange.service.sales_order("N3").grand_total == Decimal("3703.70")
    assert exchange.service.sales_order("N3").items[0].unit_price == Decimal("1234.565")
