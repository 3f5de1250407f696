"""Sync Date with SO: confirm, pick the sales order lines, see the plan, apply it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, cast

from preorder_tui.errors import Refused
from preorder_tui.lines import LineId
from preorder_tui.records import DemandRow
from preorder_tui.sync_rows import LONG_SLIP_DAYS
from preorder_tui.wording import counted
from screens import demand_columns as columns
from screens.demand_source import FIRST_ROWS, DemandSource
from screens.dialogs.pick_demand import PickDemand, wants_to_pick
from screens.dialogs.picked import Picked, PickOption
from screens.dialogs.plan_flow import ask_and_carry_out

if TYPE_CHECKING:
    from preorder_tui.plan import Plan
    from preorder_tui.records import Outcome
    from screens.desk_screen import DeskScreen

Guard = Literal["any", "later", "earlier"]
GUARD = PickOption(
    "guard",
    "Guard",
    (
        ("any", "none, every ticked date changes"),
        ("later", "only dates that get later change"),
        ("earlier", "only dates that get earlier change"),
    ),
)


def lines_of(number: int) -> str:
    """So many sales order lines, in words."""
    return counted(number, "sales order line")


def what_differs(source: DemandSource) -> str:
    """How many lines would get another date, as far as it is known."""
    if source.entries is None:
        return f"It has more than {lines_of(FIRST_ROWS)}; the list says how many dates change."
    due = sum(1 for entry in source.entries if not entry.reason)
    in_sync = sum(1 for entry in source.entries if entry.reason == "in sync")
    return (
        f"{lines_of(due)} would be promised another date, {in_sync:,} "
        f"{'is' if in_sync == 1 else 'are'} in sync already."
    )


def picked(rows: tuple[DemandRow, ...], source: DemandSource) -> str:
    """What the ticked rows come to."""
    later = sum(1 for row in rows if (row.days or 0) > 0)
    earlier = sum(1 for row in rows if (row.days or 0) < 0)
    far = sum(1 for row in rows if (row.days or 0) > LONG_SLIP_DAYS)
    return (
        f"{len(rows):,}{source.of_how_many} ticked: {later:,} get{'s' * (later == 1)} later, "
        f"{earlier:,} earlier, {far:,} slip{'s' * (far == 1)} by more than {LONG_SLIP_DAYS} days"
    )


async def sync_dates(page: DeskScreen, line: LineId, name: str, facts: str) -> Outcome | None:
    """Carry the arrival date of a purchase order line to the sales order lines picked.

    Args:
        page: the page that asks; within a flow.
        line: the purchase order line.
        name: how people call it.
        facts: the same with its product and its arrival date.

    Raises:
        Refused: there is nothing to sync; what was typed ahead for the dialogs is discarded.
    """
    source = DemandSource(page.service, "sync", line)
    start = await page.call(source.open)
    if not any(row.eligible for row in start.page.rows):
        reasons = Counter(entry.reason for entry in await source.whole())
        if not reasons:
            raise Refused(f"No sales order is allocated to {name}: there is nothing to sync")
        if not reasons[""]:
            in_sync = reasons.pop("in sync", 0)
            said = [f"{in_sync:,} in sync"] if in_sync else []
            said += [f"{reason} ({number:,})" for reason, number in reasons.most_common()]
            raise Refused(f"No change: {'; '.join(said)}")
    if not await wants_to_pick(page, "Sync Date with SO?", facts, what_differs(source)):
        return None
    pick = PickDemand(
        f"Sync Date with SO: {name}",
        columns.SYNC,
        source,
        start,
        preticked=None,
        counter=lambda rows: picked(rows, source),
        options=[GUARD],
        disabled=lambda row: row.reason,
        lines=[facts],
        yes="Sync Date",
    )

    def make(answer: Picked[DemandRow]) -> Plan:
        only = [row.line for row in answer.rows]
        guard = cast("Guard", answer.options["guard"])
        return page.service.plan_sync_dates(line, only, guard=guard)

    return await ask_and_carry_out(page, pick, make)
