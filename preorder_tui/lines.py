"""The name of an order line: ORDER/ITEM, the item with or without leading zeros."""

from __future__ import annotations

from typing import NamedTuple

from preorder_tui.errors import WrongUsage


class LineId(NamedTuple):
    """An order line's key; ``str(line)`` is how people and commands write it."""

    order_id: str
    order_item_seq_id: str

    def __str__(self) -> str:
        return f"{self.order_id}/{self.order_item_seq_id}"


def item_seq_id(text: str) -> str:
    """The five-digit item number of ``text`` (one to five digits).

    Raises:
        WrongUsage: it is no such number.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) > 0):
        raise WrongUsage(f"{text!r} is not an item number: write one to five digits, such as 1")
    return text.zfill(5)


def parse_line(text: str) -> LineId:
    """The line written as ORDER/ITEM; the order part is not looked up here.

    Raises:
        WrongUsage: there is no order, no item, or the item is no number.
    """
    order, slash, item = text.strip().rpartition("/")
    if not slash or not order:
        raise WrongUsage(f"{text.strip()!r} is not a line: write ORDER/ITEM, such as 10042/1")
    return LineId(order.strip(), item_seq_id(item.strip()))
