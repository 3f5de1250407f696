"""``why`` and ``what-if`` on the command line: they read, and what they print can be typed."""

from __future__ import annotations

import shlex
from datetime import date

import pytest

from tests.book import Book
from tests.preorder_tui.command_line import CommandLine


@pytest.fixture
def orders(book: Book) -> Book:
    """A line of 10 units, three sales orders of 4, promised for its arrival; FIFO was run."""
    book.purchase_order("200", date(2026, 12, 10), [("SKU-1", 10)], external_id="PO-A")
    for n in (1, 2, 3):
        book.sales_order(f"10{n}", date(2026, 11, n), [("SKU-1", 4)], promised=date(2026, 12, 10))
    for n, units in ((1, 4), (2, 4), (3, 2)):
        book.allocate(f"10{n}/1", "200/1", units)
    return book


def test_why_says_reasons_and_commands(cli: CommandLine, orders: Book) -> None:
    said = cli("why", "103/1").out
    assert said.startswith("103/00001: 2 of its 4 units are not allocated.")
    assert "8 units by 2 lines placed earlier" in said
    assert "number 3 of 3 lines" in said
    assert "    set-quantity 200/00001 12\n    allocate 103/00001 200/00001 --quantity 2" in said
    document = cli.json("why", "103/1")
    assert (document["orderId"], document["orderTypeId"]) == ("103", "SALES_ORDER")
    assert document["queue"]["place"] == 3
    assert {reason["rule"] for reason in document["reasons"]} == {"R-21"}


def test_the_commands_of_a_suggestion_do_it(cli: CommandLine, orders: Book) -> None:
    (suggestion,) = cli.json("why", "103/1")["suggestions"]
    assert (suggestion["helps"], suggestion["units"]) == ("units", 2)
    for command in suggestion["commands"]:
        cli.json(*shlex.split(command))
    assert cli.json("show", "103")["items"][0]["allocatedQuantity"] == 4


def test_why_of_a_purchase_order_line(cli: CommandLine, orders: Book) -> None:
    document = cli.json("why", "PO-A/1")
    assert document["orderTypeId"] == "PURCHASE_ORDER"
    assert document["verdict"] == "PO-A/00001: ATP 0 of 10 units, arriving 2026-12-10."
    assert cli.refuses(1, "why", "999/1")


def test_what_if_changes_nothing_and_its_commands_do(cli: CommandLine, orders: Book) -> None:
    before = cli.json("show", "200")
    found = cli.json("what-if", "PO-A/1", "--slip", "5", "--units", "-3")
    assert cli.json("show", "200") == before
    assert found["newEstimatedDeliveryDate"] == "2026-12-15"
    assert (found["turnLateCount"], found["unitsLost"], found["losingLineCount"]) == (2, 3, 2)
    assert (found["availableToPromise"], found["newAvailableToPromise"]) == (0, 0)
    assert [(row["orderId"], row["newDaysLate"], row["unitsLost"]) for row in found["rows"]] == [
        ("102", 5, 1), ("101", 5, 0), ("103", 0, 2),
    ]  # fmt: skip
    assert found["commands"] == [
        "set-arrival-date 200/00001 2026-12-15",
        "set-quantity 200/00001 7 --release-newest",
    ]
    for command in found["commands"]:
        cli.json(*shlex.split(command))
    again = cli.json("what-if", "200/1", "--slip", "0")
    assert (again["lateBeforeCount"], again["lateAfterCount"]) == (2, 2)
    assert again["commands"] == []
    assert again["syncCommand"] == "sync-dates 200/00001"


def test_what_if_in_words(cli: CommandLine, orders: Book) -> None:
    said = cli("what-if", "200/1", "--arrival", "2026-12-20").out
    assert "Arrival 2026-12-10 → 2026-12-20" in said
    assert "3 lines of 3 orders TURN LATE, late 0 → 3, at most 10 days late." in said
    assert "Nothing has changed. To make it so:\n  set-arrival-date 200/00001 2026-12-20" in said
    assert "and to carry it to 3 promise dates:\n  sync-dates 200/00001" in said
    more = cli("what-if", "200/1", "--units", "12").out
    assert "3 lines, none turns late" in more
    assert "  set-quantity 200/00001 12\n" in more


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (2, ()),
        (2, ("--slip", "soon")),
        (2, ("--units", "many")),
        (2, ("--slip", "3", "--arrival", "2026-12-20")),
        (2, ("--slip", "999999999")),
        (1, ("--slip", "-300")),
        (1, ("--units", "0")),
        (1, ("--units", "-10")),
    ],
)
def test_what_if_refuses(
    cli: CommandLine, orders: Book, status: int, words: tuple[str, ...]
) -> None:
    cli.refuses(status, "what-if", "200/1", *words)
