"""Allocate sales order: a line's units to purchase order lines, or its move to another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from preorder_tui.lines import LineId
from preorder_tui.records import SalesLine, SupplyRow
from preorder_tui.spread import spread
from preorder_tui.wording import units
from preorder_tui.words import word
from screens.dialogs.pick_rows import Picked, PickQuantity, PickRows
from screens.dialogs.plan_flow import ask_and_carry_out
from screens.dialogs.quantity import whole_units
from screens.line_columns import Column
from screens.short_numbers import short

if TYPE_CHECKING:
    from preorder_tui.plan import Plan
    from preorder_tui.records import Outcome
    from screens.desk_screen import DeskScreen

COLUMNS: list[Column[SupplyRow]] = [
    Column("PO", lambda row: row.external_id or row.line.order_id, 9, priority=95, at_most=16),
    Column("Line", lambda row: str(row.line), 11, priority=15, at_most=14),
    Column("Arrival", lambda row: row.arrival_date.isoformat() if row.arrival_date else "-", 10,
           priority=94),
    Column("ATP", lambda row: short(row.available_to_promise, 4), 4, align="right", priority=93),
    Column("Days", lambda row: "" if row.days_after_promise is None
           else f"{row.days_after_promise:+}", 5, align="right", priority=80),
    Column("Mine", lambda row: short(row.already_allocated, 4) if row.already_allocated else "", 4,
           align="right", priority=50),
    Column("Ordrd", lambda row: short(row.ordered, 5), 5, align="right", priority=60),
    Column("Alloc", lambda row: short(row.allocated, 5), 5, align="right", priority=60),
    Column("Rcvd", lambda row: short(row.received, 4), 4, align="right", priority=60),
    Column("Note", lambda row: row.reason, 11, priority=96, at_most=52),
    Column("Status", lambda row: word(row.item_status_id), 9, priority=40),
    Column("Facility", lambda row: row.facility_id, 8, priority=30, at_most=14),
]  # fmt: skip


def facts(line: SalesLine) -> str:
    """The line in one sentence, for the top of the dialog."""
    promise = f"promised {line.promise_date}" if line.promise_date else "no promise date"
    product = line.product
    name = " ".join(filter(None, (product.sku, product.color, product.size)))
    return f"{name}: {line.allocated:,} of {units(line.ordered)} allocated, {promise}"


class _Supply:
    """What the dialog says and checks about the rows picked."""

    def __init__(self, line: SalesLine, *, moving: bool) -> None:
        self.line = line
        self.moving = moving

    def wanted(self, rows: Sequence[SupplyRow]) -> int:
        """Units that the line has to give away: open ones, or those it has elsewhere."""
        if not self.moving:
            return self.line.open_quantity
        return self.line.allocated - sum(row.already_allocated for row in rows)

    def most(self, rows: Sequence[SupplyRow]) -> int:
        """What both sides still have."""
        return min(self.wanted(rows), sum(row.available_to_promise for row in rows))

    def reason_against(self, row: SupplyRow) -> str:
        """Why a purchase order line cannot be picked."""
        if not row.eligible:
            return row.reason
        if self.moving and row.already_allocated >= self.line.allocated:
            return "all units come from it already"
        return ""

    def about(self, row: SupplyRow) -> str:
        """The row under the cursor in full: why it is special, or where the units go."""
        reason = self.reason_against(row) or row.reason
        return f"{_name(row)}: {reason or f'{row.line}, to {row.facility_id}'}"

    def counter(self, rows: tuple[SupplyRow, ...]) -> str:
        """What the rows come to."""
        if not rows:
            return f"{units(self.wanted(()))} to {'move' if self.moving else 'allocate'}."
        parts = _taken(self.wanted(rows), rows)
        if self.moving:
            (row,) = rows
            left = "" if self.most(rows) == self.wanted(rows) else ", the rest stays"
            return f"{units(self.most(rows))} can move to {_name(row)}{left}."
        sums = " + ".join(f"{step:,} from {_name(row)}" for row, step in parts)
        given = sum(step for _, step in parts)
        return f"{sums}: {given:,} of {units(self.wanted(rows))} open."

    def check(self, text: str, rows: tuple[SupplyRow, ...]) -> int:
        """The number typed, if both sides have it."""
        have = sum(row.available_to_promise for row in rows)
        names = " and ".join(_name(row) for row in rows)
        if have < self.wanted(rows):
            why = f"{names} {'have' if len(rows) > 1 else 'has'} {units(have)} left"
        else:
            verb = "to move" if self.moving else "to allocate"
            why = f"{self.line.line} has {units(self.wanted(rows))} {verb}"
        return whole_units(text, most=self.most(rows), why_most=why)


def _taken(wanted: int, rows: Sequence[SupplyRow]) -> list[tuple[SupplyRow, int]]:
    """What each row gives of the units wanted."""
    return spread(wanted, ((row, row.available_to_promise) for row in rows))


def _name(row: SupplyRow) -> str:
    return row.external_id or str(row.line)


async def allocate(
    page: DeskScreen, line: SalesLine, *, moving: bool | None = None
) -> Outcome | None:
    """Offer the purchase order lines of the line's product, and carry out what was picked.

    Args:
        page: the page that shows the line; within a flow.
        line: the line as it stands.
        moving: move what is allocated; by default when nothing is left to allocate (R-33).
    """
    service = page.service
    if moving is None:
        moving = line.open_quantity == 0
    rows = await page.call(service.supply_for, line.line)
    supply = _Supply(line, moving=moving)
    lines = [facts(line)]
    if moving:
        lines.append("Choosing a purchase order moves the allocation to it.")
    pick = PickRows(
        f"Move {line.line} to another purchase order" if moving else f"Allocate {line.line}",
        COLUMNS,
        lambda row: row.line,
        rows=rows,
        counter=supply.counter,
        disabled=supply.reason_against,
        single=moving,
        enter_takes_current=True,
        quantity=PickQuantity("Quantity", supply.most, supply.check),
        lines=lines,
        about=supply.about,
        empty=f"No purchase order has {line.product.sku}.",
        read_again=lambda: service.supply_for(line.line),
    )

    def make(picked: Picked[SupplyRow]) -> Plan:
        assert picked.quantity is not None  # this list asks for one
        if moving:
            return service.plan_move(line.line, picked.rows[0].line, picked.quantity)
        parts: list[tuple[LineId, int | None]] = [
            (row.line, step) for row, step in _taken(picked.quantity, picked.rows)
        ]
        return service.plan_allocate(line.line, parts)

    return await ask_and_carry_out(page, pick, make)
