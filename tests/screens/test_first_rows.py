"""Rows stand on the first page before the database is open; nothing can be done to them yet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event

from sqlalchemy import Engine

from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import Unreachable
from preorder_tui.records import Page, SalesOrderRow
from preorder_tui.service import Service
from screens.app import DeskApp
from screens.open_service import open_service, read_first_page
from tests.screens.procurement_desk import Hand
from tests.screens.sales_book import engine, fill
from tests.screens.typing_ahead import settled, type_ahead, until

__all__ = ["engine"]

FirstPage = Callable[[DeskOptions, int], Page[SalesOrderRow] | None]


def options(engine: Engine) -> DeskOptions:
    return DeskOptions(engine.url.render_as_string(hide_password=False), "ana")


@asynccontextmanager
async def opening(
    engine: Engine, opened: Event, first_page: FirstPage = read_first_page
) -> AsyncIterator[Hand]:
    """A desk whose database is not open before ``opened`` is set."""

    def open_then(given: DeskOptions) -> Service:
        assert opened.wait(60)
        return open_service(given)

    app = DeskApp(options(engine), open_then, first_page=first_page)
    async with app.run_test(size=(80, 24)):
        try:
            yield Hand(app)
        finally:
            opened.set()
            await until(lambda: app.opened or app.return_code is not None)


async def test_rows_come_first_and_keys_wait_for_the_database(engine: Engine) -> None:
    fill(engine, Clock.from_environment())
    opened = Event()
    async with opening(engine, opened) as hand:
        await hand.until("10002 .*Grace Hopp")
        rows = hand.lines[4:9]
        type_ahead(hand.app, "down", "down", "enter")
        await asyncio.sleep(0.1)
        assert hand.lines[4].startswith("> ")
        assert hand.lines[4:9] == rows
        opened.set()
        await hand.until("Sales Orders › .*10003")
        type_ahead(hand.app, "f12")
        await settled(hand.app)
        assert [line[2:] for line in hand.lines[4:9]] == [line[2:] for line in rows]
        assert hand.lines[6].startswith("> ")
        assert "5 orders" in hand.text


async def test_what_has_changed_meanwhile_is_shown_when_the_database_is_open(
    engine: Engine,
) -> None:
    book = fill(engine, Clock.from_environment())
    opened = Event()
    async with opening(engine, opened) as hand:
        await hand.until("10001 ")
        book.sales_order("10006", book.clock.today(), [("TC-TAN-S", 1)], customer="Mary Shelley")
        assert "Mary Shell" not in hand.text
        opened.set()
        await hand.until("> .*10006 .*Mary Shell")
        await hand.until("6 orders")


async def test_without_first_rows_the_page_is_read_as_ever(engine: Engine) -> None:
    fill(engine, Clock.from_environment())
    opened = Event()
    async with opening(engine, opened, lambda *_: None) as hand:
        await hand.until("Reading…")
        opened.set()
        await hand.until("10001 ")


async def test_a_database_that_cannot_be_opened_ends_the_desk_in_spite_of_its_rows(
    engine: Engine,
) -> None:
    fill(engine, Clock.from_environment())

    def refuse(_: DeskOptions) -> Service:
        raise Unreachable("book.db is away")

    app = DeskApp(options(engine), refuse, first_page=read_first_page)
    async with app.run_test(size=(80, 24)):
        await until(lambda: app.return_code is not None)
    assert app.return_code == Unreachable.exit_status


async def test_only_the_rows_that_fit_are_read(engine: Engine) -> None:
    fill(engine, Clock.from_environment())
    asked: list[int] = []

    def note(given: DeskOptions, size: int) -> Page[SalesOrderRow] | None:
        asked.append(size)
        return read_first_page(given, size)

    opened = Event()
    async with opening(engine, opened, note) as hand:
        await hand.until("10001 ")
        opened.set()
    # 24 lines but title, search, filters, headings, and two at the bottom
    assert asked == [18]


def test_the_first_page_is_for_who_may_see_it(engine: Engine) -> None:
    fill(engine, Clock.from_environment())
    given = options(engine)
    service = Service.open(given.database_url, Actor("somebody", "desk"))
    service.found_people()
    service.close()
    assert read_first_page(given, 5) is None
