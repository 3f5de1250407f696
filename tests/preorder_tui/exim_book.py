"""A book of many like lines, and a file about all of them, for the tests of EXIM."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.exim_files import Exchange

LINES = 60
DATES = "order-id,order-item-seq-id,promised-datetime\n"


@pytest.fixture
def exchange(service: Service, book: Book, tmp_path: Path) -> Exchange:
    """Orders of one line each, and supply for half of them."""
    for number in range(1, LINES + 1):
        book.sales_order(str(number), TODAY, [("A", 2)], external_id=f"X{number}")
    book.purchase_order("900", TODAY + timedelta(days=9), [("A", LINES)], external_id="PX")
    return Exchange(service, tmp_path)


def dates(day: str) -> str:
    """A file of promise dates for all lines."""
    return DATES + "".join(f"{number},1,{day}\n" for number in range(1, LINES + 1))
