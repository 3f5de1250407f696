"""A desk that keeps what is typed, and ways for it to end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, update

from data.tables import desk_session
from preorder_tui.desk_options import DeskOptions
from preorder_tui.lines import LineId
from preorder_tui.service import Service
from screens import keeper as keeping
from screens.app import DeskApp
from screens.view_sales_order import ViewSalesOrder
from tests.screens.procurement_desk import Hand
from tests.screens.typing_ahead import settled, until

HANG_UP, TERMINATE, KILL = 129, 143, 0
PO_LINE = LineId("20001", "00001")


@asynccontextmanager
async def desk(
    service: Service, landing: Callable[[], Any] | None = None, *, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Hand]:
    """A desk that keeps what is typed, and at its end waits until it is kept."""
    options = DeskOptions("sqlite:///book.db", "ana", keep_input=True)
    app = DeskApp(options, lambda _: service, landing=landing)
    with patch.multiple(keeping, AT_THE_END=60.0, NOBODY_WAITS=60.0):
        async with app.run_test(size=size):
            hand = Hand(app)
            await until(lambda: app.opened and app.desk_pages())
            await settled(app)
            await until(lambda: app.keeper is not None and app.keeper._session is not None)
            await settled(app)
            yield hand
            if app.keeper is not None and not app.keeper._ended:
                die(hand)


@asynccontextmanager
async def desk_with_it_back(service: Service) -> AsyncIterator[Hand]:
    """The next desk, which offers what was kept; Enter has opened it again."""
    async with desk(service) as hand:
        await hand.until("What you typed is kept")
        await hand.press("enter")
        yield hand


def die(hand: Hand) -> None:
    """End the desk without its saying anything, as kill -9 does."""
    assert hand.app.keeper is not None
    hand.app.keeper._ended = True


def kill_all(engine: Engine) -> None:
    """The desks that are said to be open were run by a process that is not there."""
    with engine.begin() as connection:
        connection.execute(update(desk_session).values(PROCESS="999999999, start 1"))


def kept(service: Service) -> list[tuple[str, str]]:
    """Titles and words of what is kept."""
    return [(one.draft.title, one.draft.typed) for one in service.kept_drafts()]


async def look(hand: Hand) -> None:
    """Look now, and wait until it is written."""
    keeper = hand.app.keeper
    assert keeper is not None
    keeper.look_now()
    await until(lambda: keeper._thread is None)


async def hang_up(hand: Hand, status: int = HANG_UP) -> None:
    """End the desk as a signal does."""
    hand.app.exit(return_code=status)


def order(number: int = 10001) -> Callable[[], Any]:
    return lambda: ViewSalesOrder(str(number))
