"""Pictures of each sales page and dialog, narrow and wide."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, update
from textual.pilot import Pilot

from data.tables import change_set
from preorder_tui.desk_options import DeskOptions
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from screens.app import DeskApp
from tests.screens.procurement_desk import NARROW, WIDE
from tests.screens.sales_book import engine, service
from tests.screens.typing_ahead import settled, type_ahead, until

__all__ = ["engine", "service"]

ORDER_1 = ("enter",)
ORDER_2 = ("down", "enter")
PICTURES: dict[str, tuple[str, ...]] = {
    "find": (),
    "items": ("i",),
    "filters": ("1", "6", "f"),
    "saved": ("d",),
    "searched": ("slash", *"hopper"),
    "export": ("o",),
    "view": ORDER_2,
    "actions": (*ORDER_2, "enter"),
    "allocate": (*ORDER_1, "l", "space", "down", "space"),
    "quantity": (*ORDER_1, "l", "9", "enter"),
    "move": (*ORDER_2, "l"),
    "plan": (*ORDER_1, "L"),
    "nothing": (*ORDER_2, "down", "L"),
    "calendar": (*ORDER_2, "e"),
    "not-a-date": (*ORDER_2, "e", *"2026-02-30", "enter"),
    "cancel": (*ORDER_2, "C"),
    "history": (*ORDER_2, "h"),
    "change-sets": ("f10", "c", "enter"),
    "undo": ("u",),
    "help": ("f1",),
}


@pytest.fixture
def changed(engine: Engine, service: Service) -> Service:
    """The small book with two changes, at a time of day that stands still."""
    line = parse_line("10002/1")
    service.apply(service.plan_promise_date(line, date(2027, 1, 10)), reason="asked by phone")
    service.apply(service.plan_move(line, parse_line("20001/1"), 1))
    with engine.begin() as connection:
        connection.execute(update(change_set).values(CHANGE_DATETIME=datetime(2026, 11, 25, 9, 30)))
    return service


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, size: tuple[int, int], changed: Service, snap_compare: Any) -> None:
    app = DeskApp(DeskOptions("sqlite:///book.db", "ana"), lambda _: changed)

    async def before(pilot: Pilot[Any]) -> None:
        await until(lambda: app.opened and app.desk_pages())
        await settled(app)
        for key in PICTURES[name]:
            type_ahead(app, key)
            await settled(app)
        page: Any = app.desk_pages()[0]
        await until(lambda: page._count is not None and page._typing is None)
        await settled(app)

    assert snap_compare(app, terminal_size=size, run_before=before)
