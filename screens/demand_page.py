"""A page that lists the sales order lines with units of a purchase order line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preorder_tui.lines import LineId
from preorder_tui.records import DemandRow, SupplyFacts
from preorder_tui.wording import counted
from screens import demand_columns as columns
from screens import purchase_line_actions as line_actions
from screens import service_calls
from screens.demand_source import DemandSource
from screens.line_list import LineList
from screens.record_page import RecordPage

if TYPE_CHECKING:
    from preorder_tui.news import News
    from preorder_tui.records import DemandStart


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the beginning of the list, or, when it is read again, all of it."""

    start: DemandStart | None


class DemandPage(RecordPage[Reading]):
    """Subclasses show :attr:`facts` and what the list comes to (:meth:`show_totals`)."""

    def __init__(self, line: LineId) -> None:
        """Show the allocations of a purchase order line."""
        super().__init__()
        self.line = line
        self._source: DemandSource | None = None

    @property
    def source(self) -> DemandSource:
        """Where the rows come from."""
        if self._source is None:
            self._source = DemandSource(self.service, "review", self.line)
        return self._source

    @property
    def facts(self) -> SupplyFacts:
        """The purchase order line; :meth:`reason_against` has made sure that it is read."""
        return self.source.facts

    @property
    def rows(self) -> LineList[DemandRow]:
        """The list."""
        return self.query_one(LineList)

    def path(self) -> tuple[str, ...]:
        """Below the purchase order."""
        name = self.line.order_id
        if self.record is not None:
            name = self.facts.external_id or name
        return ("Purchase Orders", name, self.title_of_page())

    def title_of_page(self) -> str:
        """Its name in the title line."""
        raise NotImplementedError

    def show_totals(self) -> None:
        """Show the purchase order line, and what its list comes to as far as that is known."""
        raise NotImplementedError

    def show_ticks(self) -> None:
        """Show what the ticked rows come to."""
        raise NotImplementedError

    def on_line_list_tagged(self, event: LineList.Tagged) -> None:
        """Another tick."""
        event.stop()
        self.show_ticks()

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """Ticks as they were."""
        await super().put_back(kept)
        self.show_ticks()

    # --- Reading ----------------------------------------------------------------------------------

    def read(self) -> Reading:
        """The first rows, so that they are shown at once; later all that is shown, anew."""
        if self.record is None:
            return Reading(self.source.open())
        self.source.read_again()
        return Reading(None)

    def show(self, record: Reading) -> None:
        """The list and its totals; those of a long list come a little later."""
        self.rows.empty = "No sales order is allocated to this item."
        if record.start is not None:
            self.rows.show_page(record.start.page, self.source)
            if self.source.entries is None:
                self.run_worker(self._add_up(), group="totals", exit_on_error=False)
        else:
            self._forget_ticks_of_those_gone()
            self.rows.reload()
        self.show_totals()

    async def _add_up(self) -> None:
        try:
            await self.source.whole()
        except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
            await self.desk.show_error(error)
            return
        self.show_totals()

    def _forget_ticks_of_those_gone(self) -> None:
        self.rows.untag_rows(self.source.gone_from([row.line for row in self.rows.tagged]))

    async def take_news(self, news: News) -> bool | None:
        """Read again in the background; what differs is put in its place and marked."""
        del news
        if self.record is None or (self._reading is not None and self._reading.taken):
            return None
        generation = self._generation
        totals = await service_calls.run_in_thread(self.source.read_again)
        if generation != self._generation:
            return None
        rows = await self.rows.look_again()
        if rows is None:
            return None
        self.show_totals()
        self.redraw_title()
        return totals or rows

    # --- Ticks are not lost by going away ---------------------------------------------------------

    def draft(self) -> str:
        """Rows that were ticked and nothing was done with."""
        number = len(self.rows.tagged)
        if not number:
            return ""
        page = self.title_of_page()
        return f"{counted(number, 'row')} ticked in {page}, and nothing done with them yet."

    def do_back(self) -> object:
        """F12: asks before ticks are lost."""
        if self.draft() and len(self.desk.desk_pages()) > 1:
            return self._ask_and_go_back()
        return super().do_back()

    def do_close(self) -> object:
        """Esc: the same."""
        return self.do_back()

    async def _ask_and_go_back(self) -> None:
        from screens.dialog import Confirm

        if await self.ask(Confirm("Give up the ticks?", [self.draft()], "Give up")):
            await self.desk.pop_screen()

    def reason_against(self, name: str) -> str | None:
        """Nothing is read."""
        if self.record is None and name in self.ACTIONS:
            return "The allocations are not read yet: F5 reads them again."
        return None


def name_of(facts: SupplyFacts) -> str:
    """The line as people call it."""
    return line_actions.line_name(facts.external_id, facts.line)


def facts_in_words(facts: SupplyFacts) -> list[str]:
    """The purchase order line, above its list."""
    product = facts.product
    return [
        f"{name_of(facts)}  {product.sku}  {product.name}  (id {facts.line.order_id})",
        f"Ordered {facts.quantity:,}  received {facts.received:,}  consumed ATP "
        f"{facts.consumed:,}  remaining ATP {facts.available_to_promise:,}  "
        f"arrival {columns.day(facts.arrival_date)}",
    ]
