"""How desks end, what the next start says of it, and what several desks know of each other."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

from sqlalchemy import Engine, select, update

from data.engine import BUSY_TIMEOUT_SECONDS
from data.tables import desk_session, kept_input
from preorder_tui.actor import Actor
from preorder_tui.desk_options import DeskOptions
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from screens import app as starting
from screens import keeper as keeping
from screens.app import DeskApp
from screens.dialogs.what_was_left import WhatWasLeft
from screens.find_page import FindPage
from screens.kept_drafts import KeptDrafts
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.remove_allocations import RemoveAllocations
from tests.screens.keeping_desk import (
    TERMINATE,
    desk,
    die,
    hang_up,
    kept,
    kill_all,
    look,
    order,
)
from tests.screens.procurement_desk import Hand
from tests.screens.sales_book import engine, service
from tests.screens.typing_ahead import until

__all__ = ["engine", "service"]


async def test_the_draft_of_an_open_desk_is_not_offered(service: Service) -> None:
    other = Service(service.engine, service.actor, service.clock)
    async with desk(service, order()) as first:
        await first.press("e")
        await first.type("2027-03-31")
        await look(first)
        assert kept(service)
        async with desk(other) as second:
            assert not isinstance(second.app.screen, WhatWasLeft)
            await second.press("f10", *"kept", "enter")
            await second.until(r"Since \d\d:\d\d it is open: Promise date of 10001/00001")
            await second.press("enter")
            assert "It is open at your other desk" in second.sentence
            await second.press("d")
            assert "It is open at your other desk" in second.sentence
            await hang_up(first)
            keeper = second.app.keeper
            assert keeper is not None
            await second.press("f12")
            await keeper._ask_what_was_left(again=True)
            assert "Your desk ended" in second.sentence
            assert "1 kept draft: F10/m, Workflow, Kept drafts." in second.sentence


async def test_an_open_desk_says_that_it_is_there(service: Service, engine: Engine) -> None:
    """So that desks on other hosts know it from one that was killed."""
    async with desk(service) as hand:
        long_ago = service.clock.now() - timedelta(hours=1)
        with engine.begin() as connection:
            connection.execute(update(desk_session).values(LAST_SEEN=long_ago))
        keeper = hand.app.keeper
        assert keeper is not None
        keeper._say_that_it_is_there()
        await until(lambda: keeper._thread is None)
        with engine.connect() as connection:
            (seen,) = connection.execute(select(desk_session.c.LAST_SEEN)).scalars()
        assert seen > long_ago + timedelta(minutes=59)


async def test_nobody_else_is_offered_it(service: Service) -> None:
    ben = Service(service.engine, Actor("ben", "desk"), service.clock)
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hang_up(hand)
    async with desk(ben) as hand:
        assert not isinstance(hand.app.screen, WhatWasLeft)
    assert kept(ben) == []


async def test_who_types_ahead_is_not_interrupted(service: Service) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hang_up(hand)
    options = DeskOptions("sqlite:///book.db", "ana", keep_input=True)
    app = DeskApp(options, lambda _: service)
    async with app.run_test(size=(80, 24)):
        hand = Hand(app)
        await hand.press("slash", *"ada", "enter")
        await hand.until("1 kept draft: F10/m, Workflow")
        assert "10001" in hand.row(">")
        await hang_up(hand)


async def test_leaving_gives_up_what_one_was_asked_about(service: Service, engine: Engine) -> None:
    async with desk(service, lambda: PurchaseOrderDetail("20001")) as hand:
        await hand.press("n", "7")
        await look(hand)
        assert kept(service)
        await hand.press("escape", "f3")
        await hand.until("Leave the desk")
        await hand.press("y")
    assert kept(service) == []
    with engine.connect() as connection:
        assert connection.execute(select(desk_session.c.DESK_SESSION_ID)).all() == []


async def test_leaving_at_once_keeps_it(service: Service) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        hand.app.action_leave_now()
    async with desk(service) as hand:
        await hand.until("you left at once")


async def test_the_last_change_is_named(service: Service, engine: Engine) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hand.press("enter", "y")
        await hand.until("done")
        die(hand)
    kill_all(engine)
    async with desk(service) as hand:
        await hand.until("was killed; its last change is set 1")
    async with desk(service) as hand:
        assert "killed" not in hand.sentence, "said once"


async def test_a_database_that_is_locked_does_not_keep_the_desk_open(
    service: Service, engine: Engine
) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        with closing(sqlite3.connect(str(engine.url.database))) as other:
            other.execute("BEGIN IMMEDIATE")
            began = asyncio.get_running_loop().time()
            with patch.object(keeping, "NOBODY_WAITS", 0.1):
                await hang_up(hand)
            took = asyncio.get_running_loop().time() - began
            assert took < BUSY_TIMEOUT_SECONDS - 1, "it did not wait for the lock"
            other.rollback()
        await until(lambda: kept(service))


async def test_old_drafts_go(service: Service, engine: Engine) -> None:
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hang_up(hand)
    with engine.begin() as connection:
        long_ago = service.clock.now() - timedelta(days=31)
        connection.execute(update(kept_input).values(KEPT_DATETIME=long_ago))
    async with desk(service) as hand:
        assert not isinstance(hand.app.screen, WhatWasLeft)
    assert kept(service) == []


async def test_left_for_later_then_thrown_away(service: Service) -> None:
    async with desk(service, order()) as hand:
        await hand.press("l", "space", "down", "space")
        await hand.press(*"3")
        await hang_up(hand, TERMINATE)
    async with desk(service) as hand:
        await hand.until("the desk was told to end")
        await hand.press("escape")
        assert hand.sentence == "Left for later: 1 kept draft, under F10/m, Workflow, Kept drafts."
        await hand.press("f3")
    async with desk(service) as hand:
        await hand.until("1 kept draft: F10/m, Workflow, Kept drafts")
        assert not isinstance(hand.app.screen, WhatWasLeft), "asked once"
        await hand.press("f10", *"kept", "enter")
        await hand.until("Allocate 10001/00001")
        assert isinstance(hand.app.screen, KeptDrafts)
        assert "typed 3, 2 ticked" in hand.text
        await hand.press("d")
        await hand.until("Nothing is kept")
        assert kept(service) == []
        await hand.press("d")
        assert hand.sentence == "There is no draft here."


async def test_leaving_with_a_search_keeps_it_without_asking(service: Service) -> None:
    """It is there to be found, and nobody is reminded of it; of each page the last one stays."""
    async with desk(service) as hand:
        await hand.press("slash", *"ada", "enter", "f3")
        assert hand.app._exit
    ((title, typed),) = kept(service)
    assert (title, typed) == ("Sales Orders", '"ada"')
    async with desk(service) as hand:
        assert not isinstance(hand.app.screen, WhatWasLeft)
        assert "kept" not in hand.sentence
        await hand.press("slash", *"grace", "enter", "f3")
    assert [typed for _, typed in kept(service)] == ['"grace"']
    async with desk(service) as hand:
        await hand.press("f10", *"kept", "enter")
        await hand.until("you left the desk")
        await hand.press("enter")
        await hand.until("10002")
        assert isinstance(hand.app.screen, FindPage)
        assert hand.app.screen.search_text == "grace"


async def test_leaving_or_going_back_asks_before_ticks_are_lost(service: Service) -> None:
    service.apply(service.plan_allocate(parse_line("10001/1"), [(parse_line("20001/1"), 2)]))
    async with desk(service, lambda: PurchaseOrderDetail("20001")) as hand:
        await hand.press("x", "a")
        await look(hand)
        assert kept(service)
        for key in ("f12", "escape"):
            await hand.press(key)
            await hand.until("1 row ticked in Remove Allocations, and nothing done with them yet.")
            await hand.press("n")
            assert isinstance(hand.app.screen, RemoveAllocations)
        await hand.press("f3")
        await hand.until("Leave the desk")
        await hand.press("n", "f12", "y")
        assert isinstance(hand.app.screen, PurchaseOrderDetail)
        await look(hand)
        assert kept(service) == []
        await hand.press("x", "a", "f3", "y")
        assert hand.app._exit
    assert kept(service) == []


async def test_leaving_before_anything_is_looked_at(service: Service) -> None:
    """Ctrl+Q in the first half second, before the desk has begun to keep what is typed."""
    for leave in ("action_leave_now", "exit"):
        options = DeskOptions("sqlite:///book.db", "ana", keep_input=True)
        app = DeskApp(options, lambda _: service)
        with patch.object(starting, "KEEPING_FROM", 3_600.0):
            async with app.run_test(size=(80, 24)):
                hand = Hand(app)
                await until(lambda app=app: app.opened)
                await hand.press("slash", *leave)
                assert app.keeper is None
                getattr(app, leave)()
                assert app.keeper is not None
        assert f'"{leave}"' in [typed for _, typed in kept(service)]
