"""Allocate Sales Orders to a purchase order line: confirm, pick the lines, see the plan, apply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from preorder_tui.errors import Refused
from preorder_tui.lines import LineId
from screens import demand_columns as columns
from screens.demand_source import DemandSource
from screens.dialogs.pick_demand import PickDemand, wants_to_pick
from screens.dialogs.picked import Picked
from screens.dialogs.plan_flow import ask_and_carry_out
from screens.purchase_line_actions import line_name

if TYPE_CHECKING:
    from preorder_tui.plan import Plan
    from preorder_tui.records import DemandRow, DemandStart, Outcome
    from screens.desk_screen import DeskScreen


def picked(rows: Sequence[DemandRow], source: DemandSource) -> str:
    """Selected units against ATP."""
    left, of_all = source.facts.available_to_promise, source.of_how_many
    wanted = sum(row.open_quantity for row in rows)
    lines = f"{len(rows):,}{of_all} line{'s' * (len(rows) != 1 or bool(of_all))}"
    text = f"selected {wanted:,} / ATP {left:,} in {lines}"
    beyond = wanted - left
    return f"{text}: {beyond:,} beyond ATP, the newest orders stay waiting" if beyond > 0 else text


def who_waits(start: DemandStart, line: str = "line", lines: str = "lines") -> str:
    """How many lines wait, as far as the first page says."""
    rows = start.page.rows
    if not start.page.at_end:
        return f"more than {len(rows):,} {lines} wait"
    units = sum(row.open_quantity for row in rows)
    said = f"1 {line} waits" if len(rows) == 1 else f"{len(rows):,} {lines} wait"
    return f"{said} for {units:,} units"


async def allocate_sales_orders(page: DeskScreen, line: LineId) -> Outcome | None:
    """Allocate waiting sales order lines of the product, first in, first out.

    Args:
        page: the page that asks; within a flow.
        line: the purchase order line.

    Raises:
        Refused: no line waits, or no unit is left; what was typed ahead is discarded.
    """
    source = DemandSource(page.service, "allocate", line)
    start = await page.call(source.open)
    about = start.facts
    sku, left = about.product.sku, about.available_to_promise
    if not start.page.rows:
        raise Refused(f"No unallocated sales order line waits for {sku}")
    name = line_name(about.external_id, line)
    facts = f"{name} {sku}, arriving {columns.day(about.arrival_date)}, ATP {left:,}"
    if not left:
        raise Refused(f"{name} has no units left to promise; {who_waits(start)}")
    of_product = (f"unallocated {one} of this product" for one in ("line", "lines"))
    waiting = who_waits(start, *of_product)
    said = f"{waiting[:1].upper()}{waiting[1:]}."
    if not await wants_to_pick(page, "Allocate sales orders to this item?", facts, said):
        return None
    pick = PickDemand(
        f"Allocate Sales Orders: {name}",
        columns.ALLOCATE,
        source,
        start,
        counter=lambda rows: picked(rows, source),
        enter_takes_current=True,
        lines=[f"{facts}.  First in, first out; a ticks all: Allocate All."],
        yes="Allocate",
    )

    def make(answer: Picked[DemandRow]) -> Plan:
        only = [row.line for row in answer.rows]
        return page.service.plan_allocate_sales_orders(line, only)

    return await ask_and_carry_out(page, pick, make)
