"""The shared service module: everything that the desk, the command line and EXIM can ask for.

One method, one transaction. Reads return frozen records (:mod:`preorder_tui.records`). A change is
always three steps: a ``plan_…`` method makes a :class:`~preorder_tui.plan.Plan` without changing
anything, :meth:`Service.apply` applies it whole or refuses it whole, and the journal keeps it.

Every method may raise :class:`~preorder_tui.errors.Refused` (a rule, an unknown id, a permission
that the person lacks: :class:`~preorder_tui.errors.NotPermitted`),
:class:`~preorder_tui.errors.WrongUsage` (words that fit nothing) and
:class:`~preorder_tui.errors.Unreachable`; ``apply`` also :class:`~preorder_tui.errors.StalePlan`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from preorder_tui import desk_log, find_sales_orders
from preorder_tui.errors import Refused, StalePlan, Uncertain, Unreachable
from preorder_tui.imported_later import ImportedLater
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.progress import Tell
from preorder_tui.service_demand import DemandLists
from preorder_tui.service_files import Files
from preorder_tui.service_kept import KeptInput
from preorder_tui.service_people import People
from preorder_tui.service_why import Explanations

if TYPE_CHECKING:
    from preorder_tui import (
        apply,
        find_purchase_orders,
        history,
        landed,
        left_behind,
        news,
        products,
        purchase_order_detail,
        reports,
        resolve,
        sales_order_detail,
        saved_filters,
        supply,
        verify,
    )
    from preorder_tui.records import (
        ChangeSetRow,
        Choices,
        Count,
        HistoryRow,
        Key,
        Outcome,
        Page,
        ProductInfo,
        PurchaseGroupRow,
        PurchaseItemRow,
        PurchaseOrder,
        PurchaseOrderQuery,
        SalesItemRow,
        SalesOrder,
        SalesOrderQuery,
        SalesOrderRow,
        SupplyRow,
    )
    from preorder_tui.report_catalogue import Report, Window
else:
    # The first list needs none of these; together they cost more than what it does need.
    for _name in (
        "apply",
        "find_purchase_orders",
        "history",
        "landed",
        "left_behind",
        "news",
        "products",
        "purchase_order_detail",
        "reports",
        "resolve",
        "sales_order_detail",
        "saved_filters",
        "supply",
        "verify",
    ):
        globals()[_name] = ImportedLater(f"preorder_tui.{_name}")

Place = Literal["first", "last"]

UNANSWERED = 3
"""Commits of one change that may go unanswered before the person is asked."""


class Service(Explanations, Files, DemandLists, People, KeptInput):
    """The desk's business on one database, for one person."""

    # --- Reading: sales side ---

    def find_sales_orders(
        self,
        query: SalesOrderQuery,
        size: int,
        *,
        after: Key | None = None,
        before: Key | None = None,
        place: Place = "first",
    ) -> Page[SalesOrderRow]:
        """A page of orders: after a key, before a key, or the first or last page."""
        return self._read(
            find_sales_orders.orders_page, query, size, after=after, before=before, place=place
        )

    def find_sales_items(
        self,
        query: SalesOrderQuery,
        size: int,
        *,
        after: Key | None = None,
        before: Key | None = None,
        place: Place = "first",
    ) -> Page[SalesItemRow]:
        """A page of lines, grouped by their order (same arguments as :meth:`find_sales_orders`)."""
        return self._read(
            find_sales_orders.items_page, query, size, after=after, before=before, place=place
        )

    def count_sales_orders(self, query: SalesOrderQuery, *, items: bool = False) -> Count:
        """How many orders (or lines) the query finds; counting stops at 10,000."""
        return self._read(find_sales_orders.count, query, items=items)

    def sales_order(self, order: str) -> SalesOrder:
        """View Sales Order, by internal id, external id or order name."""
        return self._read(sales_order_detail.view, order)

    def supply_for(self, line: LineId) -> tuple[SupplyRow, ...]:
        """The purchase order lines of the line's product, eligible ones first (R-15, R-17)."""
        return self._read(supply.supply_for, line)

    def sales_choices(self) -> Choices:
        """What the filters of the Find pages offer."""
        return self._read(find_sales_orders.choices)

    # --- Reading: procurement side ---

    def find_purchase_items(
        self,
        query: PurchaseOrderQuery,
        size: int,
        *,
        after: Key | None = None,
        before: Key | None = None,
        place: Place = "first",
    ) -> Page[PurchaseItemRow]:
        """A page of purchase order lines."""
        return self._read(
            find_purchase_orders.items_page, query, size, after=after, before=before, place=place
        )

    def find_purchase_groups(
        self,
        query: PurchaseOrderQuery,
        size: int,
        *,
        after: Key | None = None,
        before: Key | None = None,
        place: Place = "first",
    ) -> Page[PurchaseGroupRow]:
        """A page of groups of purchase order lines, with totals."""
        return self._read(
            find_purchase_orders.groups_page, query, size, after=after, before=before, place=place
        )

    def count_purchase_items(self, query: PurchaseOrderQuery) -> Count:
        """How many lines (or groups, when the query groups) there are, capped at 10,000."""
        return self._read(find_purchase_orders.count, query)

    def purchase_order(self, order: str) -> PurchaseOrder:
        """Purchase Order Detail, by internal or external id."""
        return self._read(purchase_order_detail.view, order)

    def find_products(self, text: str, *, limit: int = 200) -> tuple[ProductInfo, ...]:
        """Variants whose SKU or name has every word of ``text``, by SKU: what look-up offers."""
        return self._read(products.find, text, limit)

    # --- Reading: journal ---

    def history(
        self, *, line: LineId | None = None, order_id: str | None = None, limit: int = 1000
    ) -> tuple[HistoryRow, ...]:
        """Order item change history of a line or of a whole order, newest first."""
        return self._read(history.history, line=line, order_id=order_id, limit=limit)

    def change_sets(
        self, *, before: int | None = None, limit: int = 200
    ) -> tuple[ChangeSetRow, ...]:
        """Change sets, newest first; ``before`` an id for the next page."""
        return self._read(history.change_sets, before=before, limit=limit)

    def change_set_rows(self, change_set_id: int, *, limit: int = 1000) -> tuple[HistoryRow, ...]:
        """The journal rows of one change set."""
        return self._read(history.change_set_rows, change_set_id, limit=limit)

    # --- Reading: what others did ---

    def whats_new(self, known: frozenset[int] | None = None) -> news.News:
        """What others changed since the look that knew these newest change sets; cheap."""
        return self._read(news.since, known)

    def left_behind(self) -> str:
        """What a session that was killed left behind, as a sentence; empty: nothing."""
        if not self._read(left_behind.anything):
            return ""
        return self._write(left_behind.close)

    def outcome_of(self, plan: Plan, since: datetime) -> Outcome | None:
        """What came of a plan whose commit was not answered; None: it was not applied."""
        told = frozenset(self._told)
        outcome: Outcome | None = self._read(landed.outcome_of, self.actor, plan, since, told)
        return self._tell(outcome)

    def _tell(self, outcome: Outcome | None) -> Outcome | None:
        if outcome is not None and outcome.change_set_id is not None:
            self._told.append(outcome.change_set_id)
        return outcome

    # --- Reading: reports ---

    def report(
        self, name: str, window: Window | None = None, *, limit: int | None = None
    ) -> Report:
        """A report (domain §5) over some days, by default its own: its first rows and a chart."""
        return self._read(reports.report, name, window, limit=limit)

    # --- Naming things ---

    def resolve_order(self, text: str) -> str:
        """The order id that ``text`` names: internal id, external id or order name."""
        return self._read(resolve.order, text)

    def resolve_line(self, text: str) -> LineId:
        """The line that ``text`` (ORDER/ITEM) names; it exists."""
        return self._read(resolve.line, text)

    # --- Applying ---

    def apply(self, plan: Plan, *, reason: str | None = None, tell: Tell | None = None) -> Outcome:
        """Apply a plan in one transaction and journal it as one change set.

        ``tell`` hears rows done and rows in all while it is written, and may raise to stop it: then
        nothing is changed.

        Raises:
            NotPermitted: this person may not, at this moment; says which permission it needs.
            StalePlan: somebody changed what the plan was made from; says who, what and when.
            Refused: the store itself refused it (capacity), with the fresh numbers.
            Uncertain: the line dropped at the commit, and the journal cannot be looked at yet.
        """
        with desk_log.noting(self.actor, plan.command.partition(" ")[0]) as note:
            outcome = self._applied(plan, reason, tell)
            note.facts |= {"set": outcome.change_set_id, "changes": outcome.applied}
            return outcome

    def _applied(self, plan: Plan, reason: str | None, tell: Tell | None) -> Outcome:
        """Apply it; where the commit was not answered, the journal says what became of it.

        What the journal does not have is applied again: its re-check refuses what the first time
        changed, should that still arrive.
        """
        began, unanswered = self.clock.now(), 0
        ready = apply.made_ready(self.engine.dialect, self.actor, plan)
        while True:
            try:
                outcome: Outcome = self._write_checked(
                    apply.apply, self.actor, plan, reason, tell, ready, proved=plan.proves_parents
                )
                self._tell(outcome)
                return outcome
            except Uncertain as error:
                unanswered += 1
                try:
                    there = self.outcome_of(plan, began)
                except Unreachable:
                    raise error from None
                if there is not None:
                    return there
                # The rows of a plan that stands in the database are gone with the line to it.
                if unanswered == UNANSWERED or plan.rows_in_database:
                    raise Unreachable(
                        "the line to the database dropped; the journal says that nothing was "
                        "changed: do it again"
                    ) from error
            except (StalePlan, Refused):
                there = self.outcome_of(plan, began) if unanswered else None
                if there is None:
                    raise
                return there

    # --- Saved filters ---

    def saved_filters(self, page: str) -> tuple[tuple[str, dict[str, Any]], ...]:
        """This person's saved filters of a page: names with their fields."""
        return self._read(saved_filters.load, self.actor.user, page)

    def save_filter(self, page: str, name: str, fields: dict[str, Any]) -> None:
        """Keep a filter under a name; an existing one of that name is replaced."""
        self._write(saved_filters.save, self.actor.user, page, name, fields)

    def delete_filter(self, page: str, name: str) -> None:
        """Forget a saved filter."""
        self._write(saved_filters.delete, self.actor.user, page, name)

    # --- Checking ---

    def verify(self) -> verify.Verification:
        """Recompute every invariant from the rows (domain §1.5) and report each difference."""
        return self._read(verify.verify)
