"""Text from data is data: whatever stands in it, no sales screen is styled, moved or acted on."""

from __future__ import annotations

import unicodedata
from itertools import cycle

import pytest
from sqlalchemy import Engine, String, select, update

from data.tables import metadata
from preorder_tui.lines import parse_line
from preorder_tui.service import Service
from tests.screens.procurement_desk import NARROW, WIDE, Hand, desk_on
from tests.screens.sales_book import engine, service

__all__ = ["engine", "service"]

HOSTILE = (
    "[bold]",
    "[@click=app.quit]x[/]",
    "\x1b[2J",
    "\x9b31mred",
    "\x1b]52;c;aGk=\x07",
    "a\nb\tc\rd",
    "\u202egnp\u202c",
    "\u200fמרח\u200e",
    "長谷川美咲",
    "e\u0301\u0300\u0302",
    "\u200bzero\ufeff",
    "$name {0} %s 'q' \"d\" <b>",
    "\x00\x07\x08\x7f",
)
LONG = "|".join(HOSTILE)
TEXT_COLUMNS = {
    "PARTY": ("PARTY_NAME", "EMAIL_ADDRESS", "PHONE_NUMBER", "POSTAL_ADDRESS"),
    "PRODUCT": ("INTERNAL_NAME", "PRODUCT_NAME", "BRAND_NAME"),
    "PRODUCT_FEATURE": ("DESCRIPTION",),
    "PRODUCT_STORE": ("STORE_NAME",),
    "FACILITY": ("FACILITY_NAME",),
    "ORDER_HEADER": ("ORDER_NAME", "EXTERNAL_ID"),
    "ORDER_ITEM": ("EXTERNAL_ID", "ITEM_DESCRIPTION", "COMMENTS"),
    "ORDER_ITEM_SHIP_GROUP": ("SHIP_TO_ADDRESS", "SHIPMENT_METHOD_TYPE_ID"),
    "CHANGE_SET": ("CHANGE_COMMENTS", "COMMAND", "CHANGE_USER_LOGIN"),
    "ORDER_ITEM_CHANGE": ("CHANGE_COMMENTS",),
}


def poison(engine: Engine) -> int:
    """Put hostile text into every text column; how many cells."""
    pieces = cycle(HOSTILE)
    cells = 0
    with engine.begin() as connection:
        for name, columns in TEXT_COLUMNS.items():
            table = metadata.tables[name]
            keys = list(table.primary_key.columns)
            for row in connection.execute(select(*keys)).all():
                here = [key == value for key, value in zip(keys, row, strict=True)]
                for column in columns:
                    if column not in table.c:
                        continue
                    kind = table.c[column].type
                    length = (kind.length if isinstance(kind, String) else None) or 255
                    piece = next(pieces)
                    text = f"{piece}{cells}" if length < 120 else f"{piece}{cells}{LONG}"
                    connection.execute(update(table).where(*here).values({column: text[:length]}))
                    cells += 1
    return cells


def check(hand: Hand) -> None:
    """The screen is text in its cells and nothing else."""
    compositor = hand.app.screen._compositor
    width, height = hand.app.size
    strips = compositor.render_strips(hand.app.size)
    assert len(strips) == height
    for strip in strips:
        assert strip.cell_length == width, strip.text
        for character in strip.text:
            assert character.isprintable(), (strip.text, hex(ord(character)))
            assert unicodedata.category(character) not in ("Cf", "Cc")
    for strip in strips:
        for segment in strip:
            assert segment.control is None
            style = segment.style
            assert style is None or not (style.link or style.meta.get("@click"))


STEPS = (
    ("i",), ("i", "f"), ("escape", "d"), ("escape", "f10"), ("escape", "f1"), ("escape", "enter"),
    ("enter",), ("escape", "l"), ("tab",), ("enter",), ("f1",), ("escape", "y"), ("h",),
    ("b", "H"), ("b", "e"), ("pagedown", "enter"), ("escape", "C"), ("1",), ("escape", "x"),
    ("escape", "p"), ("b", "M"), ("escape", "u"), ("escape", "f10", "c", "enter"), ("enter",),
    ("b", "u"), ("escape", "f10", "s", "enter"), ("o",),
    ("escape", "slash", *"[bold]", "enter"), ("slash", *"長谷", "enter"),
    ("slash", "escape", "s"),
)  # fmt: skip
SCREENS = {
    "AskText", "Calendar", "ChangeSets", "Choose", "FilterForm", "FindSalesOrders", "Help",
    "HistoryPage", "Menu", "PickRows", "PurchaseOrderDetail", "SavedFilters", "ShowPlan",
    "ViewSalesOrder",
}  # fmt: skip


async def walk(hand: Hand) -> None:
    """Every sales screen and dialog in turn, by keys."""
    await hand.until("5 orders")
    seen = set()
    for steps in ((), *STEPS):
        await hand.press(*steps)
        check(hand)
        seen.add(type(hand.app.screen).__name__)
    await hand.until("soonest promise first")
    assert seen == SCREENS


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_every_sales_screen_shows_hostile_text_as_text(
    engine: Engine, service: Service, size: tuple[int, int]
) -> None:
    service.apply(service.plan_allocate(parse_line("10001/1"), [(parse_line("20001/1"), 1)]))
    assert poison(engine) > 60
    async with desk_on(service, size=size) as hand:
        await walk(hand)


async def test_typed_hostile_text_is_cleaned_and_kept(service: Service) -> None:
    async with desk_on(service) as hand:
        await hand.press("enter", "l", "enter", "tab", *"[bold]é[/] $x", "enter")
        await hand.until("done, ")
        await hand.press("h")
        await hand.until(r"Why: \[bold\]é\[/\] \$x")
        check(hand)
        await hand.press("b", "b", "d", *"[red]x", "enter", "d")
        await hand.until(r"\[red\]x")
        check(hand)
