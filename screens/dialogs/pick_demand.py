"""Pick sales order lines of a purchase order line: a list that may be very long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from preorder_tui.records import DemandRow
from screens import demand_columns as columns
from screens import service_calls
from screens.dialog import Confirm
from screens.dialogs.pick_rows import PickRows
from screens.dialogs.plan_flow import NOTHING
from screens.line_columns import Column

if TYPE_CHECKING:
    from preorder_tui.news import News
    from preorder_tui.records import DemandStart
    from screens.demand_source import DemandSource
    from screens.desk_screen import DeskScreen


async def wants_to_pick(page: DeskScreen, question: str, *facts: str) -> bool:
    """Ask whether to go on to the list; where not, the page says that nothing was changed."""
    next_step = "You pick them next, and see every change before it is written."
    if await page.ask(Confirm(question, [*facts, next_step])):
        return True
    page.say(NOTHING)
    return False


class PickDemand(PickRows[DemandRow]):
    """Opens with the first rows; the rest of the list is read meanwhile."""

    def __init__(
        self,
        title: str,
        shown: Sequence[Column[DemandRow]],
        source: DemandSource,
        start: DemandStart,
        **options: Any,
    ) -> None:
        """Pick from a list.

        Args:
            title: the question.
            shown: the columns.
            source: where the rows come from.
            start: its beginning.
            options: the rest of what :class:`PickRows` is told.
        """
        super().__init__(
            title,
            shown,
            row_id=lambda row: row.line,
            source=source,
            first=start.page,
            about=columns.about,
            **options,
        )
        self.demand = source

    def on_mount(self) -> None:
        """Have all of it before it is asked for, so that ticking all waits for nothing."""
        self.run_worker(self._read_all(), group="roll", exit_on_error=False)

    async def _read_all(self) -> None:
        try:
            await self.demand.whole()
        except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
            await self.desk.show_error(error)

    async def take_news(self, news: News) -> bool | None:
        """Read the rows again in place; ticks, the cursor and what was typed stay."""
        del news
        totals = await service_calls.run_in_thread(self.demand.read_again)
        if not self.is_current:
            return None
        line_list = self.line_list
        rows = await line_list.look_again()
        if rows is None:
            return None
        in_sight = set(line_list.ids_in_sight())  # there they are marked as gone, and stay
        gone = self.demand.gone_from([row.line for row in line_list.tagged])
        line_list.untag_rows([line for line in gone if line not in in_sight])
        self.show_what_is_picked()
        return totals or rows

    def in_order(self, rows: tuple[DemandRow, ...]) -> tuple[DemandRow, ...]:
        """As the queue has them."""
        return self.demand.in_order(rows)
