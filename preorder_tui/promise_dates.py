"""Promise dates by hand: one line, one date (R-50…R-57)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from preorder_tui import marks
from preorder_tui.clock import Clock
from preorder_tui.draft import Draft, change
from preorder_tui.errors import Refused
from preorder_tui.line_state import SalesState, sales_line
from preorder_tui.lines import LineId
from preorder_tui.permissions import OVERRIDING
from preorder_tui.plan import Plan
from preorder_tui.sales_line_standing import why_closed
from preorder_tui.words import CHANGE_DATE


def why_not_datable(state: SalesState) -> str | None:
    """Why a line's promise date may not change (R-53); None when it may."""
    return why_closed(state)


def plan_promise_date(
    connection: Connection, clock: Clock, line: LineId, day: date, *, override: bool = False
) -> Plan:
    """Promise ``day`` (its end, at the site) for one line; no other line changes.

    The same date again makes an empty plan (R-56); a date before the line's supply arrives is
    allowed with a warning, and the line is marked from then on (R-55). A date that is over needs
    ``override``, and whoever applies it the permission OVERRIDE.

    Raises:
        UnknownId: there is no such sales order line.
        Refused: the line is closed (R-53) or the date is over (R-54).
    """
    state = sales_line(connection, line)
    reason = why_not_datable(state)
    if reason is not None:
        raise Refused(f"the promise date of {line} cannot change: {reason}")
    over = day < clock.today()
    if over and not override:
        raise Refused(f"{day} is over: promise {clock.today()} or later, or override the rule")
    draft = Draft(
        connection,
        clock,
        f"set-promise-date {line} {day}" + f" {OVERRIDING}" * over,
        f"Promise {day} for {line}",
    )
    if state.promised is not None and clock.day(state.promised) == day:
        draft.warn(line, f"{line} is promised for {day} already", "R-56")
        return draft.plan
    if over:
        draft.warn(line, f"{day} is over: the rule is overridden", "R-54")
    promised = clock.end_of(day)
    draft.watch(state)
    draft.add(change(line, "promisedDatetime", state.promised, promised, CHANGE_DATE))
    if marks.before_arrival(promised, state.arrival) and state.arrival is not None:
        draft.warn(
            line,
            f"{day} is before the supply arrives on {clock.day(state.arrival)}: "
            "the line will be marked",
            "R-55",
        )
    return draft.plan
