"""``make pictures``: the README's pictures, exported by the program from demo data.

Each picture is a screen reached by keys, as a person would reach it.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from datetime import UTC, date
from pathlib import Path

from data.demo import generate
from data.engine import open_engine, sqlite_url
from data.schema import upgrade
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.service import Service
from tests.screens.procurement_desk import Hand, desk_on

TODAY = date(2026, 11, 25)
SIZE = (100, 30)


def without_addresses(svg: str) -> str:
    """The picture without its web fonts: whatever monospace font the reader has will do."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return re.sub(r"Fira Code", "monospace", svg)


def keep(hand: Hand, folder: Path, name: str) -> None:
    """Write the screen as a picture."""
    (folder / f"{name}.svg").write_text(without_addresses(hand.app.export_screenshot(title="")))


async def draw(service: Service, folder: Path) -> None:
    """Draw all pictures."""
    waiting = service.find_sales_items(SalesOrderQuery(allocation="unallocated"), 400).rows
    order = next(
        row.line.order_id
        for row in waiting
        if row.line.order_item_seq_id == "00001"
        and row.customer_name.isascii()
        and sum(supply.eligible for supply in service.supply_for(row.line)) > 1
    )
    purchase = max(
        service.find_purchase_items(PurchaseOrderQuery(out_of_sync=True), 50).rows,
        key=lambda row: row.out_of_sync_items,
    )
    async with desk_on(service, size=SIZE) as hand:
        keep(hand, folder, "find_sales_orders")
        await hand.press("colon", *order, "enter")
        await hand.until("Items")
        keep(hand, folder, "view_sales_order")
        await hand.press("l")
        await hand.until("Allocate")
        keep(hand, folder, "allocate")
        await hand.press("escape", "escape", "colon", *purchase.line.order_id, "enter")
        await hand.until("Purchase Orders")
        for _ in range(200):
            if purchase.product.sku in hand.row("> "):
                break
            await hand.press("down")
        keep(hand, folder, "purchase_order_detail")
        await hand.press("y", "y")
        await hand.until("new promise|New promise|New")
        keep(hand, folder, "sync_dates")
        await hand.press("escape", "v")
        await hand.until("Review")
        keep(hand, folder, "review_allocations")


def main(folder: Path) -> None:
    """Make a demo book and draw."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        engine = open_engine(sqlite_url(Path(temporary) / "demo.db"))
        upgrade(engine)
        generate(engine, orders=2000, seed=7, today=TODAY)
        service = Service(engine, Actor("ana", "desk"), Clock(UTC, TODAY))
        asyncio.run(draw(service, folder))
        service.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures"))
