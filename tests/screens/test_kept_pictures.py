"""Pictures of what is offered at the start, and of the page Kept drafts, narrow and wide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, update
from textual.pilot import Pilot

from data.tables import desk_session, kept_input
from preorder_tui import desk_sessions
from preorder_tui.desk_options import DeskOptions
from preorder_tui.kept_input import Draft
from preorder_tui.service import Service
from screens.app import DeskApp
from screens.dialogs.what_was_left import WhatWasLeft
from tests.screens.procurement_desk import NARROW, WIDE
from tests.screens.sales_book import engine, service
from tests.screens.typing_ahead import settled, type_ahead, until

__all__ = ["engine", "service"]
DRAFTS = (
    Draft("Purchase Orders > PO-A", "Purchase Orders > PO-A", "20001/00001 to 7", {}),
    Draft(
        "Sales Orders > #10001 (10001)",
        "Promise date of 10001/00001 HJ-BLU-M",
        "typed 2027-03-31",
        {},
    ),
)
PICTURES: dict[str, tuple[str, ...]] = {
    "offered": (),
    "page": ("escape", "f10", *"kept", "enter"),
}


@pytest.fixture
def left(service: Service, engine: Engine) -> Service:
    """Two drafts of a desk whose line dropped yesterday, at a time that stands still."""
    kept = service.keep_input(None, [(None, one) for one in DRAFTS])
    service.keep_input(kept.session, ended=desk_sessions.HUNG_UP)
    yesterday = datetime(2026, 11, 24, 14, 2)
    with engine.begin() as connection:
        connection.execute(update(kept_input).values(KEPT_DATETIME=yesterday))
        connection.execute(
            update(desk_session).values(FROM_DATE=yesterday, LAST_SEEN=yesterday, TERMINAL="pts/3")
        )
    return service


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, size: tuple[int, int], left: Service, snap_compare: Any) -> None:
    app = DeskApp(DeskOptions("sqlite:///book.db", "ana", keep_input=True), lambda _: left)

    async def before(pilot: Pilot[Any]) -> None:
        await until(lambda: isinstance(app.screen, WhatWasLeft))
        await settled(app)
        page: Any = app.desk_pages()[0]
        await until(lambda: page._count is not None)
        for key in PICTURES[name]:
            type_ahead(app, key)
            await settled(app)

    assert snap_compare(app, terminal_size=size, run_before=before)
