"""The four procurement workflows of the seed in a real terminal, from the Hamburger Menu on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date

import pytest

from data.engine import open_engine
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.terminal.pty_desk import Desk, keys

SKU = "MH-01-BLU-M"
HOSTILE = "Eve [bold red]B[/] \x1b[2J\x1b]0;owned\x07 \u202eevil [@click=app.exit]x"
SO1, SO2, SO3 = (LineId(f"1000{n}", "00001") for n in (1, 2, 3))
PO_A = LineId("20001", "00001")
JUNE_1, JUNE_20 = date(2027, 6, 1), date(2027, 6, 20)
TO_PURCHASE_ORDERS = ("F10", "p", "Enter")
"""Hamburger Menu > Procurement > Purchase Orders."""
TO_PO_A = (*TO_PURCHASE_ORDERS, "/", "PO-A", "Enter", "Enter")
"""… and the purchase order, on its item."""


class Site:
    """A database with PO-A of 10 units and three sales orders of 4, and its service."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = open_engine(url)
        clock = Clock(UTC, TODAY)
        book = Book(self.engine, clock)
        book.product(SKU, parent="Harbor", color="Blue", size="M", name="Harbor Jacket")
        people = ("Ana Lindqvist", "Ben Okafor", HOSTILE)
        for n, line in enumerate((SO1, SO2, SO3), start=1):
            book.sales_order(line.order_id, date(2026, 5, n), [(SKU, 4)], customer=people[n - 1])
        book.purchase_order(PO_A.order_id, JUNE_1, [(SKU, 10)], external_id="PO-A")
        book.product("EVIL-1", name=HOSTILE)
        book.purchase_order("20002", JUNE_1, [("EVIL-1", 3)], external_id="X\x1b[31m[red]Z[/]")
        self.service = Service(self.engine, Actor("bob", "command"), clock)

    def allocate(self) -> None:
        """FIFO: 4, 4 and 2 units."""
        self.service.apply(self.service.plan_auto_allocate("fifo"))

    def allocated(self) -> list[int]:
        """Units of the three lines."""
        return [self.service.sales_order(n.order_id).items[0].allocated for n in (SO1, SO2, SO3)]

    def promises(self) -> list[date | None]:
        """Promises of the three lines."""
        return [self.service.sales_order(n.order_id).items[0].promise_date for n in (SO1, SO2, SO3)]

    def desk(self, size: tuple[int, int] = (80, 24)) -> Desk:
        """The desk on it."""
        return Desk(
            "--database", self.url, "--user", "ana", size=size,
            environment={"PREORDER_TUI_TODAY": TODAY.isoformat()},
        )  # fmt: skip


@pytest.fixture
def site(sqlite_database_url: str) -> Iterator[Site]:
    """The site."""
    site = Site(sqlite_database_url)
    yield site
    site.engine.dispose()


def leave(desk: Desk) -> None:
    """Leave the desk; the exit status is true."""
    desk.send("F3")
    assert desk.end() == 0


def test_sync_date_with_sales_orders(site: Site) -> None:
    site.allocate()
    with site.desk() as desk:
        desk.until("Sales Orders")
        desk.send(*TO_PURCHASE_ORDERS)
        desk.until(r"Procurement › Purchase Orders")
        desk.until(r"2 items ")
        desk.send("/", "PO-A", "Enter", "Enter")
        desk.until(r"PO-A \(id 20001\)  APPROVED")
        desk.send("e")
        desk.until("Arrival date of PO-A/00001")
        desk.send("20270620", "Enter")
        desk.until("1 change on 1 line")
        desk.send("y")
        desk.until("2027-06-20 Approved +sync 3")
        assert site.promises() == [JUNE_1] * 3
        desk.send("y")
        desk.until("Sync Date with SO\\?")
        desk.send("y")
        desk.until("3 ticked: 3 get later")
        desk.send("Down", "Space")
        desk.until("2 ticked")
        desk.send("Enter")
        desk.until("2 changes on 2 lines")
        desk.send("y")
        desk.until("sync 1")
        leave(desk)
    assert site.promises() == [JUNE_20, JUNE_1, JUNE_20]


def test_allocate_sales_orders_in_one_write(site: Site) -> None:
    with site.desk() as desk:
        # The whole workflow at once, before the first page is even there.
        desk.send(*TO_PO_A, "l", "y", "Space", "Down", "Space", "Enter", "y")
        desk.until("allocated 8  ATP 2")
        leave(desk)
    assert site.allocated() == [4, 4, 0]
    assert site.promises()[:2] == [JUNE_1] * 2


def test_allocate_all_beyond_atp(site: Site) -> None:
    with site.desk() as desk:
        desk.send(*TO_PO_A)
        desk.until(r"PO-A \(id 20001\)")
        desk.send("F6")
        desk.until("3 unallocated lines of this product wait for 12 units")
        desk.send("Enter", "a")
        desk.until("selected 12 / ATP 10 in 3 lines: 2 beyond ATP")
        desk.send("Enter")
        desk.until("Not done")
        desk.send("Enter")
        desk.until("allocated 10  ATP 0")
        leave(desk)
    assert site.allocated() == [4, 4, 2]


def test_review_allocations(site: Site) -> None:
    site.allocate()
    with site.desk() as desk:
        desk.send(*TO_PO_A)
        desk.until(r"PO-A \(id 20001\)")
        desk.send("v")
        desk.until("Review Allocations")
        desk.until("3 sales order lines, 10 units recorded: the totals agree")
        assert "Ordered 10  received 0  consumed ATP 10  remaining ATP 0" in desk.text
        assert re.search(r"Ben Okafor +4 2026-05-02 Pre-order Approved +2027-06-01 +.0", desk.text)
        desk.send("Down", "Enter")
        desk.until("10002")
        desk.send("Esc")
        desk.until("> +#10002 +Ben")
        leave(desk)


def test_remove_allocations_in_one_write(site: Site) -> None:
    site.allocate()
    with site.desk() as desk:
        desk.send(*TO_PO_A, "x", "Space", "Down", "Down", "Space", "x", "y")
        desk.until("Ticked 0 of 1 lines, 0 of 4 units")
        desk.send("Esc")
        desk.until("allocated 4  ATP 6")
        leave(desk)
    assert site.allocated() == [0, 4, 0]
    assert site.promises() == [JUNE_1] * 3


def test_hostile_products_and_ids_are_text_where_purchase_orders_are_found(site: Site) -> None:
    with site.desk((120, 40)) as desk:
        desk.send(*TO_PURCHASE_ORDERS, "/", "evil", "Enter")
        desk.until(re.escape("X[31m[red]Z["))
        desk.until("1 item ")
        desk.send("g", "3")
        desk.until("1 group ")
        desk.send("Enter", "Enter")
        desk.until("id 20002")
        desk.until(re.escape("Eve [bold red]B[/]"))
        desk.send("v")
        desk.until("Review Allocations")
        desk.until(re.escape("Eve [bold red]B[/]"))
        for sequence in (b"\x1b[2J\x1b]0", b"owned\x07", "\u202e".encode(), b"\x1b[31m[red]"):
            assert sequence not in desk.raw
        leave(desk)


def test_hostile_names_are_text_on_every_procurement_page(site: Site) -> None:
    site.allocate()
    site.service.apply(site.service.plan_arrival_date(PO_A, JUNE_20))
    with site.desk((120, 40)) as desk:
        desk.send(*TO_PO_A)
        desk.until(r"PO-A \(id 20001\)")
        for opens, shows, closes in (
            (("v",), "Review Allocations", ("Esc",)),
            (("x",), "Remove Allocations", ("Esc",)),
            (("y", "y"), "3 ticked", ("Esc",)),
        ):
            desk.send(*opens)
            desk.until(shows)
            desk.until(re.escape("Eve [bold red]B[/]"))
            desk.send(*closes)
            desk.until_gone(shows)
        site.service.apply(site.service.plan_deallocate(SO3))
        desk.send("F5", "l", "y")
        desk.until("Allocate Sales Orders:")
        desk.until(re.escape("Eve [bold red]B[/]"))
        desk.send("Esc", "n", "7", keys("\x13"))
        desk.until("Less than is allocated")
        desk.send("Esc", "Esc", "Esc", "Enter")
        for sequence in (b"\x1b[2J\x1b]0", b"owned\x07", "\u202e".encode()):
            assert sequence not in desk.raw
        leave(desk)
