"""How every changing command runs: make the plan, then print it (dry run) or apply it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from preorder_tui.clock import Clock
from preorder_tui.commands import documents
from preorder_tui.commands.session import Session
from preorder_tui.errors import DeskError, Refused
from preorder_tui.journal_values import as_people_read
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan, PlannedChange, Value
from preorder_tui.records import Notice, Outcome
from preorder_tui.text import clean
from preorder_tui.wording import counted
from preorder_tui.words import CHANGE_APPEND, word

if TYPE_CHECKING:
    from preorder_tui.service import Service

ROWS_SHOWN = 40
NOTICES_SHOWN = 20


def change(session: Session, make: Callable[[Service], Plan]) -> None:
    """Make a plan and apply it; with ``--dry-run`` only print it.

    A plan that refuses some of what was asked for does the rest.

    Raises:
        Refused: everything that was asked for was refused.
    """
    with session.service() as service:
        plan = make(service)
        if plan.empty and plan.refused:
            raise Refused(_first_refusal(plan.refused))
        outcome = None if session.dry_run else service.apply(plan, reason=session.why())
        if session.as_json:
            session.print_json(documents.change(plan, outcome, service.clock))
        else:
            _print(session, plan, outcome, service.clock)


def order_or_line(service: Service, text: str) -> LineId | str:
    """The line or the order that ``text`` names; what looks like a line is tried as one first."""
    if "/" not in text:
        return service.resolve_order(text)
    try:
        return service.resolve_line(text)
    except DeskError as not_a_line:
        try:
            return service.resolve_order(text)  # an external id may hold a slash
        except DeskError:
            raise not_a_line from None


def only_lines(service: Service, texts: Iterable[str]) -> list[LineId] | None:
    """The lines of ``--only``; None when it was not given."""
    return [service.resolve_line(text) for text in texts] or None


def _first_refusal(refused: Sequence[Notice]) -> str:
    sentence = refused[0].sentence.rstrip(".")
    more = len(refused) - 1
    return f"{sentence} (and {counted(more, 'more refusal')})" if more else sentence


def _print(session: Session, plan: Plan, outcome: Outcome | None, clock: Clock) -> None:
    session.print(clean(plan.title))
    rows = [_change_row(plan, row, clock) for row in plan.changes[:ROWS_SHOWN]]
    if rows:
        session.print_table(("Line", "What", "From", "To", "Purchase line"), rows)
    if plan.row_count > ROWS_SHOWN:
        session.print(f"… and {counted(plan.row_count - ROWS_SHOWN, 'more change')}")
    for effect in (*plan.totals, *plan.effects[:NOTICES_SHOWN]):
        session.print(clean(effect))
    _print_notices(session, "Warning", plan.warnings if outcome is None else outcome.warnings)
    _print_notices(session, "Refused", plan.refused if outcome is None else outcome.refused)
    if outcome is None:
        what = f"Would make {plan.scope()}" if not plan.empty else "Nothing to change"
        session.print(f"{what}; nothing has changed (dry run).")
    elif outcome.change_set_id is None:
        session.print("Nothing to change.")
    else:
        session.print(f"Done: {plan.scope()}, change set {outcome.change_set_id}.")


def _print_notices(session: Session, kind: str, notices: Sequence[Notice]) -> None:
    for notice in notices[:NOTICES_SHOWN]:
        session.print(f"{kind}: {clean(notice.sentence)}")
    if len(notices) > NOTICES_SHOWN:
        session.print(f"{kind}: … and {len(notices) - NOTICES_SHOWN:,} more")


def _change_row(plan: Plan, row: PlannedChange, clock: Clock) -> tuple[str, ...]:
    what = "Pin" if row.field == "pinned" else word(row.field)
    if row.change_type_enum_id == CHANGE_APPEND and row.old is None:
        what = "New line"
    return (
        plan.name_of(row.order_id, row.order_item_seq_id),
        what,
        _shown(row.field, row.old, clock),
        _shown(row.field, row.new, clock),
        "" if row.to_order_id is None else plan.name_of(row.to_order_id, row.to_order_item_seq_id),
    )


def _shown(field: str, value: Value, clock: Clock) -> str:
    if value is None:
        return "-"
    if field == "pinned":
        return as_people_read(clock, field, str(value))
    if isinstance(value, datetime):
        return clock.day(value).isoformat()
    if isinstance(value, int):
        return f"{value:,}"
    text = word(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
