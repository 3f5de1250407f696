"""A desk on a small book, driven by keys alone and read off its screen."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual._context import visible_screen_stack

from preorder_tui.desk_options import DeskOptions
from preorder_tui.service import Service
from screens.app import DeskApp
from tests.screens.typing_ahead import settled, type_ahead, until

NARROW, WIDE = (80, 24), (120, 40)


class Hand:
    """Types keys and reads the screen."""

    def __init__(self, app: DeskApp) -> None:
        self.app = app

    async def press(self, *names: str) -> None:
        """Press keys, all at once, and wait until each has had its effect."""
        type_ahead(self.app, *names)
        await settled(self.app)

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.press(*text)

    @property
    def lines(self) -> list[str]:
        """The lines on the screen, with what a dialog leaves of the page below it."""
        visible_screen_stack.set(self.app._background_screens)  # as when the desk paints itself
        compositor = self.app.screen._compositor
        return [strip.text.rstrip() for strip in compositor.render_strips(self.app.size)]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    def row(self, wanted: str) -> str:
        """The first line that has ``wanted`` in it."""
        return next((line for line in self.lines if wanted in line), "")

    async def until(self, pattern: str) -> str:
        """Wait until the screen matches; the screen."""
        try:
            await until(lambda: re.search(pattern, self.text, re.MULTILINE))
        except AssertionError:
            raise AssertionError(f"{pattern!r} did not appear:\n{self.text}") from None
        return self.text

    @property
    def sentence(self) -> str:
        """The last feedback of the page on top."""
        return str(self.app.desk_pages()[-1].last_sentence)


@asynccontextmanager
async def desk_on(
    service: Service,
    landing: Callable[[], Any] | None = None,
    *,
    size: tuple[int, int] = NARROW,
) -> AsyncIterator[Hand]:
    """An open desk at its first page."""
    app = DeskApp(DeskOptions("sqlite:///book.db", "ana"), lambda _: service, landing=landing)
    async with app.run_test(size=size):
        hand = Hand(app)
        await until(lambda: app.opened and app.desk_pages())
        await settled(app)
        yield hand


async def open_order(hand: Hand, order_id: str) -> None:
    """From Find Sales Order to the order, by its id."""
    await hand.press("slash", *order_id, "enter", "enter")
    await hand.until(rf"Order +#{order_id}")
