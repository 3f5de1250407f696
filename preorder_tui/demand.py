"""Sales order lines as a purchase order line's lists show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, select

from data.tables import order_header
from preorder_tui import customers, marks
from preorder_tui.clock import Clock
from preorder_tui.line_state import SalesState, chunks
from preorder_tui.lines import LineId
from preorder_tui.pins import pinned_links
from preorder_tui.records import DemandRow
from preorder_tui.text import clean_or_empty


def header_names(connection: Connection, order_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The name and the external id of orders, cleaned, by order id."""
    found: dict[str, tuple[str, str]] = {}
    for chunk in chunks(dict.fromkeys(order_ids)):
        for order_id, name, external_id in connection.execute(
            select(
                order_header.c.ORDER_ID, order_header.c.ORDER_NAME, order_header.c.EXTERNAL_ID
            ).where(order_header.c.ORDER_ID.in_(chunk))
        ):
            found[order_id] = (clean_or_empty(name), clean_or_empty(external_id))
    return found


def demand_rows(
    connection: Connection,
    clock: Clock,
    states: Sequence[SalesState],
    *,
    here: Mapping[LineId, int],
    new_promise: Mapping[LineId, datetime | None],
    reasons: Mapping[LineId, str],
    compare_with: datetime | None = None,
    purchase_line: LineId | None = None,
) -> tuple[DemandRow, ...]:
    """The rows for ``states``, in their order.

    Args:
        here: units that each line has from the purchase order line asked about.
        new_promise: what allocation or sync would promise; ``days`` is new minus old.
        reasons: why a row cannot be chosen; an empty reason makes it eligible.
        compare_with: an arrival; when given, ``days`` is promise minus that arrival instead.
        purchase_line: when given, only a pin of the allocation from it counts.
    """
    order_ids = [state.line.order_id for state in states]
    headers = header_names(connection, order_ids)
    people = customers.names(connection, order_ids)
    pinned = {
        sales
        for sales, source in pinned_links(connection, [state.line for state in states])
        if purchase_line is None or source == purchase_line
    }
    today = clock.start_of(clock.today())

    def day(moment: datetime | None) -> date | None:
        return None if moment is None else clock.day(moment)

    rows: list[DemandRow] = []
    for state in states:
        old, new = day(state.promised), day(new_promise.get(state.line))
        first, last = (day(compare_with), old) if compare_with is not None else (old, new)
        name, external_id = headers.get(state.line.order_id, ("", ""))
        reason = reasons.get(state.line, "")
        rows.append(
            DemandRow(
                line=state.line,
                order_name=name,
                external_id=external_id,
                order_date=clock.local(state.order_date),
                customer_name=people.get(state.line.order_id, ""),
                facility_id=state.facility_id,
                order_status_id=state.order_status_id,
                item_status_id=state.status_id,
                quantity=state.quantity - state.cancelled,
                allocated=state.allocated,
                allocated_here=here.get(state.line, 0),
                open_quantity=state.open_units,
                promise_date=old,
                new_promise_date=new,
                days=(last - first).days if first is not None and last is not None else None,
                marks=marks.sales_line_marks(
                    open_units=state.open_units,
                    allocated=state.allocated,
                    promised=state.promised,
                    arrival=state.arrival,
                    start_of_today=today,
                    item_status_id=state.status_id,
                    waiting=state.waiting,
                    pinned=state.line in pinned,
                ),
                eligible=not reason,
                reason=reason,
                pinned=state.line in pinned,
            )
        )
    return tuple(rows)
