"""A small book, and the people at it, for the tests of who may do what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from preorder_tui.actor import Actor
from preorder_tui.lines import LineId
from preorder_tui.permissions import Permission
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY

SO1, SO2 = LineId("10001", "00001"), LineId("10002", "00001")
PO1, PO2 = LineId("20001", "00001"), LineId("20002", "00001")
SOON, NEXT_MONTH = TODAY + timedelta(days=10), TODAY + timedelta(days=30)
LONG_AGO = date(2026, 1, 1)


def at(service: Service, user: str, login: str = "") -> Service:
    """Somebody at the same database."""
    return Service(service.engine, Actor(user, "command", login), service.clock)


@pytest.fixture
def open_desk(service: Service, book: Book) -> Service:
    """A small book that has no people; the service is ana's."""
    book.sales_order("10001", date(2026, 5, 1), [("A", 4), ("B", 2)])
    book.sales_order("10002", date(2026, 5, 2), [("A", 4)])
    book.purchase_order("20001", NEXT_MONTH, [("A", 8)])
    book.purchase_order("20002", SOON, [("A", 5)])
    book.allocate("10001/1", "20001/1", 4)
    return service


@pytest.fixture
def root(open_desk: Service) -> Service:
    """The administrator of the same book, from now on with people."""
    administrator = at(open_desk, "root")
    administrator.found_people()
    return administrator


def person(root: Service, login: str, *permissions: Permission) -> Service:
    """Somebody new who may do that, and nothing else."""
    root.add_group(f"of {login}", permissions)
    root.add_person(login, [f"of {login}"])
    return at(root, login)
