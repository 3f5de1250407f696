"""Random keys and pastes at every page of the desk, the same ones for the same seed."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual import events

from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.service import Service
from screens.desk_screen import DeskScreen
from screens.keys import ACTIONS
from screens.pages import PAGES, PURCHASE_ORDER, SALES_ORDER, make, make_from
from tests.screens.procurement_desk import desk_on
from tests.screens.test_hostile_text import HOSTILE
from tests.screens.typing_ahead import settled, type_ahead

# None that leaves the desk: nothing more would be hit.
KEYS = sorted({key for action in ACTIONS.values() for key in action.keys} - {"f3", "q", "ctrl+q"})
CHARACTERS = "0123456789/ -:.,aetoinsPO%[]$"
WORDS = (
    "10042/1", "2026-12-31", "PO-0001", "2026-02-30", "99999999999999999999", "-1", "0", "1e9",
    "undo", "undo 0", "undo 99999999999999999999", "sales", "nothing/", "/", "%", "_", "é" * 40,
    "x" * 3000, "\u202e", "'; drop table", "[/]", "[@click=app.quit]x", "{0}", "\t", "1\n2\n3",
)  # fmt: skip
AT_LEAST = 20
"""Keys hit at a page, however long the machine takes to open it."""
PAGE_NAMES = [entry.names[0] for entry in PAGES]


class RandomKeys:
    """A person who hits keys; counts what happened."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.seen: Counter[str] = Counter()
        self.keys = 0
        self.last: list[str] = []

    def burst(self) -> list[str]:
        """The next few keys: single ones, a word typed, or a command."""
        chance, kind = self.chance, self.chance.random()
        if kind < 0.55:
            return [chance.choice(KEYS) for _ in range(chance.randint(1, 5))]
        if kind < 0.7:
            return [chance.choice(CHARACTERS) for _ in range(chance.randint(1, 6))]
        if kind < 0.85:
            word = chance.choice(WORDS)[:60]
            end = chance.choice(["enter", "escape", "tab"])
            return [*(character for character in word if character.isprintable()), end]
        return ["escape", "escape", "colon", *chance.choice(PAGE_NAMES), "enter"]

    def pasted(self) -> str:
        """Text from a clipboard."""
        chance = self.chance
        if chance.random() < 0.5:
            return chance.choice([*HOSTILE, *WORDS])
        return bytes(chance.randrange(256) for _ in range(chance.randint(1, 200))).decode("latin-1")


def landings(service: Service) -> dict[str, Callable[[], DeskScreen]]:
    """Every page of the menu, and the pages of an order of each kind."""
    found: dict[str, Callable[[], DeskScreen]] = {
        entry.title: partial(make, entry) for entry in PAGES
    }
    sale = service.find_sales_orders(SalesOrderQuery(), 1).rows[0].order_id
    purchase = service.find_purchase_items(PurchaseOrderQuery(), 1).rows[0].line
    found["View Sales Order"] = partial(make_from, SALES_ORDER, sale)
    found["Purchase Order Detail"] = partial(make_from, PURCHASE_ORDER, purchase.order_id)
    return found


async def hit(
    service: Service, page: str, seed: int, seconds: float, size: tuple[int, int], log: Path
) -> RandomKeys:
    """Open the desk at a page and hit keys for so long, and a few at the least.

    Raises:
        AssertionError: something unexpected happened; says after which keys.
    """
    keys = RandomKeys(seed)
    landing = landings(service)[page]
    end = time.monotonic() + seconds

    def goes_on() -> bool:
        return time.monotonic() < end or keys.keys < AT_LEAST

    while goes_on():
        async with desk_on(service, landing, size=size) as hand:
            app = hand.app
            while goes_on() and app._exit is False:
                if keys.chance.random() < 0.08:
                    text = keys.pasted()
                    keys.last.append(f"paste {text!r}")
                    app.post_message(events.Paste(text))
                else:
                    names = keys.burst()
                    keys.last += names
                    keys.keys += len(names)
                    type_ahead(app, *names)
                del keys.last[:-60]
                try:
                    await settled(app, 120)
                except AssertionError:
                    raise AssertionError(f"it hangs after {keys.last}") from None
                keys.seen[type(app.screen).__name__] += 1
                failed = [
                    line
                    for line in (log.read_text().splitlines() if log.exists() else ())
                    if "outcome=failed" in line
                ]
                assert not failed, (failed[-1], keys.last)
    return keys
