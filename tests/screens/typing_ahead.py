"""Typing into an app without waiting: what Pilot's ``press`` cannot show, because it waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from textual import events
from textual.keys import _character_to_key


def type_ahead(app: Any, *names: str) -> None:
    """Post keys as the driver does, all at once; a name of one character is that character."""
    for name in names:
        if len(name) == 1:
            app.post_message(events.Key(_character_to_key(name), name))
        else:
            character = {"enter": "\r", "tab": "\t", "escape": "\x1b", "space": " "}.get(name)
            app.post_message(events.Key(name, character))


PATIENCE_SECONDS = 60.0
"""After this a test fails. Nobody waits for it who need not: a busy machine takes its time."""


async def until(condition: Callable[[], Any], timeout: float = PATIENCE_SECONDS) -> Any:
    """Wait until the condition holds; its value."""
    give_up = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < give_up, "it did not come true"
        await asyncio.sleep(0.005)
    return value


async def settled(app: Any, timeout: float = PATIENCE_SECONDS) -> None:
    """Wait until every key typed has had its effect."""
    quiet = 0
    give_up = time.monotonic() + timeout
    while quiet < 3:
        assert time.monotonic() < give_up, "keys are still held"
        await asyncio.sleep(0.01)
        quiet = quiet + 1 if app.gate.idle and not app.message_queue_size else 0
