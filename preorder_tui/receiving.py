"""Recording receipts on purchase order lines (R-90…R-92)."""

from __future__ import annotations

from sqlalchemy import Connection

from preorder_tui.arrival_dates import require_open_purchase
from preorder_tui.clock import Clock
from preorder_tui.draft import Draft, change
from preorder_tui.errors import Refused
from preorder_tui.line_state import purchase_line
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.purchase_changes import complete_lines
from preorder_tui.supply import atp_moves
from preorder_tui.wording import units


def plan_receive(connection: Connection, clock: Clock, line: LineId, quantity: int) -> Plan:
    """Record ``quantity`` units received; the line completes when all it ordered is in (R-90).

    More than was ordered is accepted: the surplus is ordinary stock (R-92).

    Raises:
        UnknownId: there is no such purchase order line.
        Refused: the line is closed, or the quantity is below 1.
    """
    state = purchase_line(connection, line)
    require_open_purchase(state)
    if quantity < 1:
        raise Refused(f"{quantity} units cannot be received: give a whole number of 1 or more")
    draft = Draft(
        connection,
        clock,
        f"receive {line} {quantity}",
        f"Receive {units(quantity)} of {state.name}",
    )
    received = state.received + quantity
    after = state._replace(received=received)
    draft.watch(state)
    draft.add(change(line, "receivedQuantity", state.received, received))
    if received > state.ordered:
        draft.warn(
            line,
            f"{units(received - state.ordered)} more than ordered: the surplus is ordinary stock",
            "R-92",
        )
    if received >= state.ordered:
        complete_lines(draft, [after])
        draft.plan.effects.append(f"{state.name} is completed: all of it is in")
    else:
        draft.take_purchase([after])
        draft.plan.effects += atp_moves(state, draft.atp_after(line))
    return draft.plan
