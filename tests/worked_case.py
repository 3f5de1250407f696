"""Worked case T1 of the domain, which most of the others begin with: who and what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from preorder_tui.lines import LineId
from preorder_tui.records import PurchaseLine, SalesLine
from preorder_tui.service import Service
from tests.book import Book

SKU = "MH-01-BLU-M"
JUNE_1, JUNE_15, JUNE_20, MAY_20 = (
    date(2027, 6, 1),
    date(2027, 6, 15),
    date(2027, 6, 20),
    date(2027, 5, 20),
)
SO1, SO2, SO3 = (LineId(f"1000{n}", "00001") for n in (1, 2, 3))
PO_A, PO_B, PO_C = (LineId(f"2000{n}", "00001") for n in (1, 2, 3))
PEOPLE = ("Ana", "Ben", "Cleo")


@dataclass
class Case:
    """T1's book, and readers that name what the cases look at."""

    service: Service
    book: Book

    def sales(self, line: LineId) -> SalesLine:
        """A sales order line as View Sales Order shows it."""
        return next(n for n in self.service.sales_order(line.order_id).items if n.line == line)

    def purchase(self, line: LineId) -> PurchaseLine:
        """A purchase order line as Purchase Order Detail shows it."""
        return next(n for n in self.service.purchase_order(line.order_id).items if n.line == line)

    def allocated(self) -> list[int]:
        """Units that SO1, SO2 and SO3 have."""
        return [self.sales(line).allocated for line in (SO1, SO2, SO3)]

    def promises(self) -> list[date | None]:
        """What SO1, SO2 and SO3 are promised."""
        return [self.sales(line).promise_date for line in (SO1, SO2, SO3)]

    def date_rows(self) -> list[int]:
        """History rows of promise date changes of SO1, SO2 and SO3."""
        return [
            sum(1 for row in self.service.history(line=line) if row.field == "promisedDatetime")
            for line in (SO1, SO2, SO3)
        ]

    def sound(self) -> None:
        """No invariant is broken."""
        assert self.service.verify().violations == ()


def fill(book: Book) -> None:
    """PO-A with 10 units on 1 June; SO1, SO2, SO3 of 4 units each, nothing allocated."""
    for n, (line, customer) in enumerate(zip((SO1, SO2, SO3), PEOPLE, strict=True), start=1):
        book.sales_order(line.order_id, date(2026, 5, n), [(SKU, 4)], customer=customer)
    book.purchase_order(PO_A.order_id, JUNE_1, [(SKU, 10)], external_id="PO-A")
