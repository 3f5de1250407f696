"""Which product? By SKU or a part of its name, and a choice where several fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preorder_tui.records import ProductInfo
from screens import service_calls
from screens.dialogs.ask_text import AskText
from screens.dialogs.choose import Choice, Choose

if TYPE_CHECKING:
    from screens.app import DeskApp


async def ask_product(desk: DeskApp, title: str, text: str = "") -> ProductInfo | None:
    """Ask until a product is named; None: closed with Esc.

    Args:
        desk: shows the dialogs.
        title: what the product is asked for.
        text: what stands in the field at first.
    """
    lines: list[str] = []
    while True:
        answer = await desk.ask(AskText(title, text, label="SKU or name", lines=lines))
        if answer is None:
            return None
        text = answer
        found = await service_calls.call(desk, desk.service.find_products, text)
        lines = [] if found else [f"No product has {text!r} in its SKU or name."]
        fits = found if len(found) == 1 else [one for one in found if one.sku == text]
        if fits:
            return fits[0]
        if found:
            choices = [Choice(one, f"{one.sku}  {one.name}", " ") for one in found]
            chosen = await desk.ask(Choose("Which product?", choices))
            if chosen is not None:
                return chosen
