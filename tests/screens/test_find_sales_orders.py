"""Find Sales Order by keys: search, filters, sorts, items, saved filters, export, place kept."""

from __future__ import annotations

import csv
from datetime import UTC, date
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from data.tables import order_header
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.desk_options import DeskOptions
from preorder_tui.service import Service
from screens.app import DeskApp
from screens.sales_filters import SalesFilters
from tests.book import Book
from tests.conftest import TODAY
from tests.screens.procurement_desk import WIDE, Hand, desk_on
from tests.screens.sales_book import EARLY, LATER, OVER, engine, service
from tests.screens.typing_ahead import settled, until

__all__ = ["engine", "service"]


def shown(hand: Hand) -> list[str]:
    """The order ids in the list."""
    return [text[4:12].strip() for text in hand.lines[4:-2] if text[4:12].strip()]


async def test_one_row_per_order_the_newest_first(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.until("5 orders · newest first")
        assert shown(hand) == ["10001", "10002", "10003", "10004", "10005"]
        row = hand.row("10002")
        for text in ("#10002", "2026-11-19", "Grace", "  3 ", "partly", "2027-01-15", "Approved"):
            assert text in row
        assert "2026-11-01!" in hand.row("10003"), "an overdue promise is marked"


async def test_items_are_grouped_under_their_order(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("i")
        await hand.until("6 items")
        first, second = (hand.row("10002"), hand.row("TC-TAN-S"))
        assert "10002" in first
        assert "Grace" in first
        assert "10002" not in second, "order columns are blank on continuation rows"
        assert "Grace" not in second
        await hand.press("i")
        await hand.until("5 orders")


async def test_the_cursor_stays_on_its_order_between_orders_and_items(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("down", "down", "i")
        await hand.until("6 items")
        assert "10003" in hand.row(">")
        await hand.press("i")
        assert "10003" in hand.row(">")


async def test_the_cursor_stays_on_its_order_far_down_the_list(engine: Engine) -> None:
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    for number in range(10000, 10300):
        book.sales_order(str(number), date(2026, 11, 20), [("CAP", 1), ("HAT", 1)])
    async with desk_on(Service(engine, Actor("ana", "desk"), clock)) as hand:
        await hand.until("300 orders")
        await hand.press(*["pagedown"] * 9)
        order = hand.row(">").split()[1]
        assert int(order) < 10150
        await hand.press("i")
        await hand.until("600 items")
        assert order in hand.row(">")
        assert "CAP" in hand.row(">")
        await hand.press("down", "i")
        await hand.until("300 orders")
        assert hand.row(">").split()[1] == order
        await hand.press("up", "i", "home", "i", "home")
        await hand.until("> +10299")


async def test_items_name_their_purchase_order_as_people_do(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("i")
        await hand.until("6 items")
        assert hand.row("10002").endswith("PO-B")


async def test_the_title_line_leaves_facts_out_whole(service: Service) -> None:
    with service.engine.begin() as connection:
        connection.execute(update(order_header).values(ORDER_NAME="A name of so many words, " * 2))
    async with desk_on(service) as hand:
        await hand.press("enter")
        await hand.until("Order +A name")
        assert hand.lines[0].endswith("2026-11-25")
        assert "book.db" not in hand.lines[0]
        assert "… " in hand.lines[0]


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("10002", ["10002"]),
        ("#10003", ["10003"]),
        ("hopper", ["10002"]),
        ("tidal", ["10002", "10005"]),
        ("hj-blu", ["10001", "10002", "10003", "10004"]),
        ("nobody", []),
    ],
)
async def test_search_finds_orders_by_what_people_know(
    service: Service, text: str, orders: list[str]
) -> None:
    async with desk_on(service) as hand:
        await hand.press("slash", *text, "enter")
        await hand.until(f'"{text}" · {len(orders)} order')
        assert shown(hand) == (orders or ["Nothing"])


async def test_search_as_you_type_loses_no_key_and_escape_clears(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("slash", *"tur")
        await hand.until('"tur" · 1 order')  # without Enter, after a moment
        await hand.press(*"ing")
        await hand.until('"turing" · 1 order')
        await hand.press("down")
        assert hand.app.focused is hand.app.desk_pages()[-1].found
        await hand.press("slash", "escape")
        await hand.until("5 orders")
        # In one go: search, list, open, back, next search.
        await hand.press("slash", *"hopper", "enter", "enter", "b", "slash", *"turing", "enter")
        await hand.until('"turing" · 1 order')
        assert shown(hand) == ["10003"]


@pytest.mark.parametrize(
    ("keys", "words", "orders"),
    [
        ("1", "Pre-Orders", ["10001", "10003", "10004"]),
        ("2", "Back Orders", ["10002"]),
        ("12", "Pre-Orders or Back Orders", ["10001", "10002", "10003", "10004"]),
        ("3", "Brokering Queue", ["10005"]),
        ("4", "Unfillable Hold", []),
        ("5", "auto-cancel today", []),
        ("6", "unallocated", ["10001", "10002", "10003"]),
        ("66", "partly allocated", []),
        ("666", "allocated", ["10002"]),
        ("7", "promise before arrival", []),
        ("8", "overdue", ["10003"]),
        ("9", "without promise date", ["10001", "10004", "10005"]),
        ("16", "unallocated · Pre-Orders", ["10001", "10003"]),
    ],
)
async def test_digits_set_the_most_used_filters(
    service: Service, keys: str, words: str, orders: list[str]
) -> None:
    async with desk_on(service) as hand:
        await hand.press(*keys)
        await hand.until(f"^{words} · {len(orders)} order")
        assert shown(hand) == (orders or ["Nothing"])
        await hand.press("0")
        await hand.until("^5 orders")


async def test_the_filter_form_sets_every_filter(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("f")
        await hand.until("Filters of Find Sales Order")
        await hand.press("space", "down", "space")
        assert "unallocated" in hand.row("Allocation")
        assert "[x]" in hand.row("Queue Pre-Orders")
        await hand.press("enter")
        await hand.until("^unallocated · Pre-Orders · 2 orders")
        # A letter jumps; presets and typed dates.
        await hand.press("f", "ctrl+x", "o", "o", "space")
        await hand.until("last 7 days")
        await hand.press("2", "enter")
        await hand.until("^ordered last 7 days · 3 orders")
        await hand.press("f2", "o", "o", "space", "f")
        await hand.until("From 2026-11-18")
        await hand.press("ctrl+u", *"2026-11-16", "enter", "ctrl+u", *"2026-11-31", "enter")
        await hand.until("'2026-11-31' is not a date")
        await hand.press("ctrl+u", *"2026-11-17", "enter", "enter")
        await hand.until("^ordered 2026-11-16 to 2026-11-17 · 2 orders")
        # Esc leaves the list as it was.
        await hand.press("f", "ctrl+x", "escape")
        await hand.until("^ordered 2026-11-16 to 2026-11-17 · 2 orders")
        await hand.press("f", "o", "o", "backspace", "s", "space")
        await hand.until("Any of")
        await hand.press("end", "space", "enter", "enter")
        await hand.until("^Cancelled · 1 order ")
        assert shown(hand) == ["10004"]


async def test_sales_orders_of_a_purchase_order_and_of_a_product(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("f", "l", "space")
        await hand.until("Sales orders of a purchase order")
        await hand.press(*"PO-X", "enter")
        await hand.until("there is no order 'PO-X'|no purchase order")
        await hand.press("ctrl+u", *"PO-B", "enter", "enter")
        await hand.until("^PO PO-B · 1 order")
        assert shown(hand) == ["10002"]
        await hand.press("0", "f", "p", "p", "p", "space")
        await hand.until("Sales orders of a product")
        await hand.press(*"tidal", "enter", "enter")
        await hand.until("^SKU TC-TAN-S · 2 orders")


async def test_sorts_go_round(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("s")
        await hand.until("soonest promise first")
        assert shown(hand)[:2] == ["10003", "10002"]
        await hand.press("s")
        await hand.until("soonest auto-cancel first")
        await hand.press("s")
        await hand.until("newest first")


async def test_filters_are_kept_used_replaced_and_forgotten(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("1", "6", "i", "d", *"my queue", "enter")
        await hand.until("The present filters are kept as 'my queue'")
        await hand.press("0", "i")
        await hand.until("^5 orders")
        await hand.press("d", "enter")
        await hand.until("^unallocated · Pre-Orders · 2 items")
        await hand.press("8", "d", "tab", *"my queue", "enter")
        await hand.until("Replace the saved filter 'my queue'")
        await hand.press("y")
        await hand.press("0", "d", "enter")
        await hand.until("^unallocated · Pre-Orders · overdue · 1 item ")
        await hand.press("d", "x")
        await hand.until("Forget the saved filter")
        await hand.press("y")
        await hand.until("None yet")
    assert service.saved_filters("sales") == ()


async def test_a_saved_filter_moves_with_today() -> None:
    kept = SalesFilters(promised="next 7 days")
    assert kept.query(date(2026, 11, 25)).promised_to == date(2026, 12, 2)
    assert kept.query(date(2027, 1, 1)).promised_from == date(2027, 1, 1)


async def test_export_writes_everything_found_and_never_over_a_file(
    service: Service, tmp_path: Path
) -> None:
    async with desk_on(service) as hand:
        file = tmp_path / "found.csv"
        await hand.press("1", "o", "ctrl+u", *str(file), "enter")
        await hand.until("3 rows written to")
        with file.open(newline="") as lines:
            assert [row["orderId"] for row in csv.DictReader(lines)] == ["10001", "10003", "10004"]
        await hand.press("0", "o", "ctrl+u", *str(file), "enter")
        await hand.until("Replace found.csv")
        await hand.press("n")
        await hand.until("Export everything found")
        await hand.press("enter", "y")
        await hand.until("6 rows written")
        await hand.press("o", "ctrl+u", *str(tmp_path / "no" / "x.csv"), "enter")
        await hand.until("There is no folder")
        await hand.press("ctrl+u", *str(tmp_path), "enter")
        await hand.until("That is a folder")
        await hand.press("escape")
        await hand.until("Nothing was written")


async def test_a_captive_login_exports_into_its_folder_only(
    service: Service, tmp_path: Path
) -> None:
    options = DeskOptions("", "ana", restricted=True, exchange_folder=str(tmp_path))
    app = DeskApp(options, lambda _: service)
    async with app.run_test(size=(80, 24)):
        hand = Hand(app)
        await until(lambda: app.opened and app.desk_pages())
        await settled(app)
        await hand.press("o", "ctrl+u", *"../out.csv", "enter")
        await hand.until("lies outside the exchange folder")
        await hand.press("ctrl+u", *"out.csv", "enter")
        await hand.until("6 rows written")
    assert (tmp_path / "out.csv").exists()


async def test_place_and_filters_are_kept_when_coming_back(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("1", "down", "enter")
        await hand.until("Order +#10003")
        await hand.press("b")
        await hand.until("^Pre-Orders · 3 orders")
        assert "10003" in hand.row(">")
        await hand.press("f10", "p", "enter")
        await hand.until("Purchase Orders")
        await hand.press("f10", "s", "enter")
        await hand.until("^Pre-Orders · 3 orders")
        assert "10003" in hand.row(">")


async def test_a_row_shows_its_new_state_the_moment_it_is_committed(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("8", "enter", "e", *str(EARLY), "enter", "y", "b")
        await hand.until("^overdue · 0 orders")
        await hand.press("0", "slash", *"10003", "enter")
        await hand.until(str(EARLY))
        assert OVER < EARLY < LATER


async def test_wide_terminals_show_more(service: Service) -> None:
    async with desk_on(service, size=WIDE) as hand:
        assert "External id" in hand.lines[3]
        assert "overdue" in hand.row("10003")
        await hand.press("i")
        await hand.until("6 items")
        assert "Size" in hand.lines[3]
        assert "Ordered" in hand.lines[3]
