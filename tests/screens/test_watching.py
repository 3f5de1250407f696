"""Two people at two desks on one database: what one changes, the other sees in place."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import Engine

from data.tables import data_manager_log
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.exim import log
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from screens import fresh_rows
from screens.change_sets import ChangeSets
from screens.find_page import FindPage
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.review_allocations import ReviewAllocations
from screens.view_sales_order import ViewSalesOrder
from tests.conftest import TODAY
from tests.screens.procurement_desk import Hand, desk_on
from tests.screens.sales_book import engine, service
from tests.screens.typing_ahead import settled

__all__ = ["engine", "service"]
DAY = date(2027, 2, 1)
LINE_1, LINE_2 = parse_line("10001/1"), parse_line("10002/1")


@pytest.fixture
def ben(engine: Engine, service: Service) -> Service:
    """The service of somebody else on the same database."""
    return Service(engine, Actor("ben", "desk"), Clock(UTC, TODAY))


@asynccontextmanager
async def watched(
    service: Service, landing: Callable[[], Any] | None = None
) -> AsyncIterator[Hand]:
    """A desk that has looked once and looks again when it is told to."""
    async with desk_on(service, landing) as hand:
        await look(hand)
        yield hand


async def look(hand: Hand) -> None:
    """Let the desk look what others have done."""
    await hand.app.lookout._look()
    await settled(hand.app)


def promise(somebody: Service, line: Any, day: date) -> int:
    """Somebody sets a promise date; the change set."""
    done = somebody.apply(somebody.plan_promise_date(line, day))
    assert done.change_set_id is not None
    return done.change_set_id


async def test_a_list_shows_what_somebody_else_changed(service: Service, ben: Service) -> None:
    async with watched(service) as hand:
        await hand.press("i", "down")
        before = hand.row(">")
        number = promise(ben, LINE_2, DAY)
        await look(hand)
        assert re.match(r">.~ .*10002.*2027-02-01", hand.row(">")), hand.text
        assert hand.row(">")[:2] == before[:2]
        assert re.fullmatch(
            rf"ben changed 1 line \(change set {number}\) \d\d:\d\d\.", hand.sentence
        )
        await look(hand)
        assert "~" in hand.row(">")[:4], "the mark stays until a key has been pressed"


async def test_marks_go_with_the_next_key_once_they_were_seen(
    service: Service, ben: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(service) as hand:
        await hand.press("i", "down")
        promise(ben, LINE_2, DAY)
        await look(hand)
        await hand.press("down")
        assert "~" in hand.row("10002"), "a key that was on its way has not seen it"
        monkeypatch.setattr(fresh_rows, "SEEN_AFTER", 0.0)
        await hand.press("down")
        assert "~" not in hand.row("10002")


async def test_what_changes_elsewhere_is_no_news(service: Service, ben: Service) -> None:
    async with watched(service, lambda: ViewSalesOrder("10001")) as hand:
        await hand.press("down")
        sentence = hand.sentence
        promise(ben, LINE_2, DAY)
        await look(hand)
        assert hand.sentence == sentence
        promise(service, LINE_1, DAY)  # ana herself, at another desk
        await look(hand)
        assert re.match(r"You, elsewhere, changed 1 line", hand.sentence)


async def test_ones_own_changes_are_no_news(service: Service) -> None:
    async with watched(service, lambda: ViewSalesOrder("10001")) as hand:
        await hand.press("e")
        await hand.type("2027-02-01")
        await hand.press("enter", "enter")
        done = hand.sentence
        assert "1 change on 1 line" in done
        await look(hand)
        assert hand.sentence == done


async def test_a_row_that_left_the_filter_stays_and_is_marked(
    service: Service, ben: Service
) -> None:
    async with watched(service) as hand:
        await hand.press("i", "9")  # without promise date
        assert "10001" in hand.row("Lovelace") or "10001" in hand.text
        row = hand.row(">")
        order = re.search(r"1000\d", row)
        assert order is not None
        at = hand.lines.index(row)
        promise(ben, parse_line(f"{order[0]}/1"), DAY)
        await look(hand)
        assert hand.lines[at].startswith(">"), hand.text
        assert hand.lines[at][2] == "-", hand.text
        assert order[0] in hand.lines[at]
        assert "ben changed" in hand.sentence
        await hand.press("f5")
        assert order[0] not in hand.text


async def test_new_rows_come_above_without_moving_the_cursor(
    service: Service, ben: Service, engine: Engine
) -> None:
    async with watched(service, ChangeSets) as hand:
        assert "Nothing was changed yet" in hand.text
        promise(ben, LINE_1, DAY)
        await look(hand)
        first = hand.row("2027-02-01")
        assert first
        await hand.press("down")
        current = hand.row(">")
        promise(ben, LINE_2, date(2027, 3, 1))
        promise(ben, LINE_2, DAY)
        await look(hand)
        assert hand.row(">")[4:] == current[4:]
        assert len([line for line in hand.lines if line[2:3] == "+"]) <= 2


@pytest.mark.parametrize(
    ("landing", "mark"),
    [
        (lambda: PurchaseOrderDetail("20002"), "PO-B"),
        (lambda: ReviewAllocations(parse_line("20002/1")), "10002"),
    ],
)
async def test_pages_of_one_order_follow(
    service: Service, ben: Service, landing: Callable[[], Any], mark: str
) -> None:
    async with watched(service, landing) as hand:
        assert mark in hand.text
        ben.apply(ben.plan_deallocate(LINE_2))
        await look(hand)
        assert "ben changed" in hand.sentence, hand.text
        assert any(line[2:3] in ("~", "-") for line in hand.lines), hand.text


async def test_typed_quantities_stay(service: Service, ben: Service) -> None:
    async with watched(service, lambda: PurchaseOrderDetail("20002")) as hand:
        await hand.press("n", "1", "2")
        assert "12<10" in hand.text
        ben.apply(ben.plan_allocate(LINE_1, [(parse_line("20002/1"), 3)]))
        await look(hand)
        assert "12<10" in hand.text
        assert "ben changed" in hand.sentence


async def test_ticks_stay(service: Service, ben: Service) -> None:
    async with watched(service, lambda: ReviewAllocations(parse_line("20002/1"))) as hand:
        await hand.press("space")
        assert hand.row("10002")[1] == "*"
        ben.apply(ben.plan_allocate(LINE_1, [(parse_line("20002/1"), 3)]))
        await look(hand)
        assert hand.row("10002")[1] == "*"
        assert hand.row("10001")[2] == "+"


async def test_a_page_below_follows_when_it_is_on_top_again(service: Service, ben: Service) -> None:
    async with watched(service) as hand:
        await hand.press("i", "down", "enter")
        assert isinstance(hand.app.screen, ViewSalesOrder)
        promise(ben, LINE_2, DAY)
        await look(hand)
        assert "~" in hand.row("2027-02-01")[:4]
        await hand.press("b")
        await hand.until(r"^>.~ .*2027-02-01")


async def test_what_is_typed_in_a_dialog_is_never_touched(service: Service, ben: Service) -> None:
    async with watched(service, lambda: ViewSalesOrder("10002")) as hand:
        await hand.press("e")
        await hand.type("2027-03")
        promise(ben, LINE_2, DAY)
        await look(hand)
        assert "2027-03" in hand.text
        assert "ben changed 1 line" in hand.text
        await hand.type("-31")
        await hand.press("enter")
        assert "2027-03-31" in hand.text


async def test_a_search_being_typed_is_not_disturbed(service: Service, ben: Service) -> None:
    async with watched(service) as hand:
        await hand.press("i", "slash")
        await hand.type("1000")
        promise(ben, LINE_2, DAY)
        await look(hand)
        await hand.type("2")
        page = hand.app.screen
        assert isinstance(page, FindPage)
        assert page.search_field.value == "10002"


async def test_a_restored_backup_is_news(service: Service, ben: Service, engine: Engine) -> None:
    promise(ben, LINE_1, DAY)
    promise(ben, LINE_2, DAY)
    async with watched(service, lambda: ViewSalesOrder("10002")) as hand:
        with engine.begin() as connection:
            for statement in (
                'DELETE FROM "ORDER_ITEM_CHANGE"',
                'DELETE FROM "CHANGE_SET"',
                'UPDATE "ORDER_ITEM" SET "PROMISED_DATETIME" = NULL',
            ):
                connection.exec_driver_sql(statement)
        await look(hand)
        assert "put back to an earlier state" in hand.sentence
        assert "2027-02-01" not in hand.text


async def test_the_next_start_says_that_an_import_was_cut_off(
    service: Service, ben: Service, engine: Engine
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    with engine.begin() as connection:
        number = log.start(connection, "IMP_PO", "ben", "supply.csv", service.clock.now())
        connection.execute(
            data_manager_log.update().values(
                MESSAGE=f"runs on {socket.gethostname()} as process {gone.pid}, start 1"
            )
        )
    async with watched(service) as hand:
        assert hand.sentence == (
            "The import of supply.csv by ben was cut off: nothing of it was changed "
            f"(log entry {number})."
        )
    (entry,) = ben.import_log()
    assert entry.status_id == log.CRASHED
    assert service.left_behind() == "", "it is said once"
