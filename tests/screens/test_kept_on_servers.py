"""A draft from the drop of the line to its change, at a desk on each of the databases."""

from __future__ import annotations

from datetime import UTC, date

from sqlalchemy import Engine

from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.service import Service
from tests.conftest import TODAY
from tests.screens.keeping_desk import desk, die, hang_up, kept, kill_all, order
from tests.screens.sales_book import fill, line
from tests.screens.typing_ahead import until


async def test_a_drop_and_a_kill(engine: Engine) -> None:
    clock = Clock(UTC, TODAY)
    fill(engine, clock)
    service = Service(engine, Actor("ana", "desk"), clock)
    async with desk(service, order()) as hand:
        await hand.press("e")
        await hand.type("2027-03-31")
        await hang_up(hand)
    async with desk(service) as hand:
        await hand.until("the line dropped while you were at: Promise date of 10001/00001")
        await hand.press("enter")
        await until(lambda: "2027-03-31" in hand.row("Date"))
        await until(lambda: kept(service))
        die(hand)
    kill_all(engine)
    async with desk(service) as hand:
        await hand.until("the desk was killed while you were at: Promise date of 10001/00001")
        await hand.press("enter")
        await until(lambda: "2027-03-31" in hand.row("Date"))
        await hand.press("enter", "y")
        await hand.until("done")
        await until(lambda: not kept(service))
    assert line(service, "10001/1").promise_date == date(2027, 3, 31)
    assert len(service.change_sets()) == 1
    assert service.verify().violations == ()
