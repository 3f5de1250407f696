"""Automatic allocation by a policy: of the whole book, a product, an order or what a list found.

Lines that wait get supply in the order that the policy says (R-20…R-25). With ``again`` lines that
have supply are matched anew too: pinned units stay, and so do units of supply that is late or
partly received. Every run is a plan first; two or more policies can be compared before one is
chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from preorder_tui import allocation_run, read_waiting_book
from preorder_tui import purchase_order_filters as supply_filters
from preorder_tui import sales_order_filters as sales_filters
from preorder_tui.clock import Clock
from preorder_tui.draft import change
from preorder_tui.errors import Refused, WrongUsage
from preorder_tui.imported_later import ImportedLater
from preorder_tui.line_state import purchase_lines
from preorder_tui.lines import LineId
from preorder_tui.no_collection import no_collection
from preorder_tui.plan import Plan, PlannedChange
from preorder_tui.policies import POLICIES, Policy
from preorder_tui.policy_names import DEFAULT
from preorder_tui.products import by_sku
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.resolve import order as resolve_order
from preorder_tui.run_outcome import LineChange, Outcome, RunFigures, Unserved, totals
from preorder_tui.staged_links import LinkRows
from preorder_tui.staged_plan import SHOWN, StagedPlan
from preorder_tui.stored_moments import as_moment
from preorder_tui.supply import atp_after, atp_moves
from preorder_tui.waiting_book import Scope, Told
from preorder_tui.words import CHANGE_DATE, CHANGE_UPDATE, SALES_ORDER

if TYPE_CHECKING:
    from preorder_tui import whole_book, whole_book_run
else:  # they count in arrays, and who allocates a product has no use for those
    whole_book = ImportedLater("preorder_tui.whole_book")
    whole_book_run = ImportedLater("preorder_tui.whole_book_run")

BY_LISTS = 5_000
"""Plans of fewer rows are plans of lists, like those that people make at the desk."""


def policy_named(name: str) -> Policy:
    """A policy by its name.

    Raises:
        WrongUsage: there is no such policy.
    """
    found = POLICIES.get(name)
    if found is None:
        *most, last = POLICIES
        raise WrongUsage(f"{name!r} is not a policy: write {', '.join(most)} or {last}")
    return found


def plan_auto_allocate(
    connection: Connection,
    clock: Clock,
    policy: str = DEFAULT,
    *,
    sku: str | None = None,
    order: str | None = None,
    sales: SalesOrderQuery | None = None,
    purchases: PurchaseOrderQuery | None = None,
    again: bool = False,
    told: Told | None = None,
) -> Plan:
    """Allocate lines that wait to eligible supply.

    Args:
        policy: one of :data:`~preorder_tui.policies.POLICIES`.
        sku: only lines of that product.
        order: only lines of that sales order.
        sales: only lines that this query of Find Sales Order finds.
        purchases: only supply that this query of Find Purchase Orders finds.
        again: match lines that have supply anew too.
        told: called now and then; what it raises ends the work.

    Raises:
        WrongUsage: there is no such policy.
        UnknownId: there is no such product or order.
        Refused: there is nothing to allocate.
    """
    chosen = policy_named(policy)
    told = told or _nobody
    scope, words = scope_of(
        connection, clock, sku=sku, order=order, sales=sales, purchases=purchases, again=again
    )
    (outcome,) = _runs(connection, clock, scope, [chosen], told)
    what = "Allocate all open lines" if not again else "Allocate all lines again"
    numbers = outcome.figures(clock)
    plan = plan_of(
        connection,
        outcome,
        numbers,
        command=f"auto-allocate --policy {policy}{words}",
        title=f"{what}, {'first in, first out' if policy == DEFAULT else chosen.title}",
    )
    plan.totals = totals(numbers)
    # Made when they are looked at: half a book may stay unserved.
    plan.refused = Unserved(outcome)
    return plan


def compare(
    connection: Connection,
    clock: Clock,
    policies: Sequence[str] = (),
    *,
    sku: str | None = None,
    order: str | None = None,
    sales: SalesOrderQuery | None = None,
    purchases: PurchaseOrderQuery | None = None,
    again: bool = False,
    told: Told | None = None,
) -> tuple[RunFigures, ...]:
    """What runs by several policies would come to, on the same book (all policies by default).

    Raises:
        WrongUsage, UnknownId, Refused: as :func:`plan_auto_allocate`.
    """
    chosen = [policy_named(name) for name in policies or POLICIES]
    told = told or _nobody
    scope, _ = scope_of(
        connection, clock, sku=sku, order=order, sales=sales, purchases=purchases, again=again
    )
    with no_collection():
        runs = _runs(connection, clock, scope, chosen, told)
        return tuple(outcome.figures(clock) for outcome in runs)


def _nobody() -> None:
    """Nobody waits for word."""


def _runs(
    connection: Connection, clock: Clock, scope: Scope, policies: Sequence[Policy], told: Told
) -> Iterator[Outcome]:
    """What each of some policies makes of one book; it is read once."""
    if scope.is_whole_book:
        whole = whole_book.read_whole(connection, clock, told)
        _refuse_empty(len(whole))
        for policy in policies:
            yield whole_book_run.run_whole(whole, policy, told)
    else:
        book = read_waiting_book.read(connection, clock, scope, told)
        _refuse_empty(len(book))
        for policy in policies:
            yield allocation_run.run(book, policy, told)


def _refuse_empty(lines: int) -> None:
    if not lines:
        raise Refused("no open pre-order or backorder line waits for allocation")


def scope_of(
    connection: Connection,
    clock: Clock,
    *,
    sku: str | None,
    order: str | None,
    sales: SalesOrderQuery | None,
    purchases: PurchaseOrderQuery | None,
    again: bool,
) -> tuple[Scope, str]:
    """The part of the book that was asked for, and the options that say so on a command line.

    Raises:
        UnknownId: there is no such product or order.
    """
    words = ""
    product_id = order_id = None
    if sku is not None:
        product_id = by_sku(connection, sku)
        words += f" --product {sku}"
    if order is not None:
        order_id = resolve_order(connection, clock, order, SALES_ORDER)
        words += f" --order {order_id}"
    if sales is not None:
        words += " (lines of a search)"
    if purchases is not None:
        words += " (supply of a search)"
    if again:
        words += " --again"
    shape = sales_filters.shape_of(sales) if sales is not None else None
    return Scope(
        product_id=product_id,
        order_id=order_id,
        conditions=() if shape is None else tuple(sales_filters.line_conditions(shape)),
        parameters={} if sales is None else sales_filters.parameters(clock, sales),
        supply_conditions=(
            ()
            if purchases is None
            else tuple(supply_filters.conditions(supply_filters.shape_of(purchases)))
        ),
        supply_parameters=(
            {} if purchases is None else supply_filters.parameters(clock, purchases)
        ),
        again=again,
    ), words


# --- From a run to a plan -----------------------------------------------------------------------


def plan_of(
    connection: Connection, outcome: Outcome, numbers: RunFigures, *, command: str, title: str
) -> Plan:
    """The plan that carries a run out: by lists when it is small, by the set when it is large."""
    promises = numbers.promises_first + numbers.promises_earlier + numbers.promises_later
    count = numbers.links_changed + promises
    by_set = count >= BY_LISTS
    plan = Plan(command, title) if not by_set else StagedPlan(command, title)
    _show(plan, outcome, SHOWN if by_set else count)
    if isinstance(plan, StagedPlan):
        plan.parts = [LinkRows(outcome)]
        plan.count = count
        plan.lines = numbers.lines_changed
    else:
        _watch(connection, plan, outcome)
    return plan


def _show(plan: Plan, outcome: Outcome, most: int) -> None:
    """The first rows of the plan, as they will be applied."""
    for changed in outcome.changes():
        if len(plan.changes) >= most:
            return
        for row in _rows(outcome, changed):
            plan.changes.add(row)


def _rows(outcome: Outcome, changed: LineChange) -> list[PlannedChange]:
    line = outcome.line(changed.number)
    rows = [
        PlannedChange(
            *line,
            *outcome.supply_line(link.supply),
            CHANGE_UPDATE,
            "allocation",
            link.old,
            link.new,
        )
        for link in changed.links
    ]
    old = outcome.promised(changed.number)
    if changed.promise != old and changed.promise is not None:
        rows.append(
            change(
                line,
                "promisedDatetime",
                None if old is None else as_moment(old),
                as_moment(changed.promise),
                CHANGE_DATE,
            )
        )
    return rows


def _watch(connection: Connection, plan: Plan, outcome: Outcome) -> None:
    """Make apply refuse the plan when a line or a supply changed; say what becomes of supply."""
    moved: dict[LineId, int] = {}
    for changed in outcome.changes():
        line = outcome.line(changed.number)
        plan.versions[line], plan.order_versions[line.order_id] = outcome.version(changed.number)
        for link in changed.links:
            to = outcome.supply_line(link.supply)
            moved[to] = moved.get(to, 0) + link.new - link.old
    for state in purchase_lines(connection, moved).values():
        plan.versions[state.line] = state.version
        plan.order_versions[state.line.order_id] = state.order_version
        plan.effects += atp_moves(state, atp_after(state, moved[state.line]))
