"""The small book that the tests of files with order lines work on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.exim_files import Exchange

LATER = TODAY + timedelta(days=40)


@pytest.fixture
def exchange(service: Service, book: Book, tmp_path: Path) -> Exchange:
    """Three sales orders, one of them cancelled, and two purchase orders."""
    book.sales_order("1", TODAY, [("A", 4), ("B", 2)], external_id="X1", promised=LATER)
    book.sales_order("2", TODAY, [("A", 4)], external_id="X2")
    book.sales_order("3", TODAY, [("A", 4)], status="ORDER_CANCELLED")
    book.purchase_order("8", LATER, [("A", 10), ("B", 10)], external_id="PX8")
    book.purchase_order("9", LATER + timedelta(days=9), [("A", 6)], external_id="PX9")
    return Exchange(service, tmp_path)
