"""Pinning an allocation, and taking the pin away again (see :mod:`preorder_tui.pins`)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from preorder_tui.clock import Clock
from preorder_tui.draft import Draft
from preorder_tui.errors import Refused
from preorder_tui.line_state import links_of_sales, purchase_lines, sales_line, sales_lines
from preorder_tui.lines import LineId
from preorder_tui.pins import pin_row, pinned_links
from preorder_tui.plan import Plan
from preorder_tui.wording import counted


def plan_pin(
    connection: Connection,
    clock: Clock,
    line: LineId,
    purchase_line: LineId | None = None,
    *,
    pinned: bool = True,
) -> Plan:
    """Pin, or unpin, the allocations of a sales order line.

    Args:
        line: the sales order line.
        purchase_line: only its allocation from that purchase order line; None for all.
        pinned: False takes the pin away.

    Raises:
        UnknownId: there is no such sales order line.
        Refused: it has no allocation there.
    """
    where = "" if purchase_line is None else f" {purchase_line}"
    verb = _verb(pinned)
    draft = Draft(
        connection, clock, f"{verb} {line}{where}", f"{verb.capitalize()} the allocation of {line}"
    )
    _pin(draft, [line], purchase_line, pinned=pinned)
    return draft.plan


def plan_pin_all(
    connection: Connection,
    clock: Clock,
    lines: Sequence[LineId],
    purchase_line: LineId,
    *,
    pinned: bool = True,
) -> Plan:
    """Pin, or unpin, the allocations of several sales order lines from one purchase order line.

    Raises:
        UnknownId: there is no such sales order line.
        Refused: one has no allocation there.
    """
    if len(lines) == 1:
        return plan_pin(connection, clock, lines[0], purchase_line, pinned=pinned)
    verb, what = _verb(pinned), counted(len(lines), "line")
    draft = Draft(
        connection, clock, f"{verb} ({what}) {purchase_line}",
        f"{verb.capitalize()} the allocations of {what}",
    )  # fmt: skip
    _pin(draft, lines, purchase_line, pinned=pinned)
    return draft.plan


def _pin(
    draft: Draft, lines: Sequence[LineId], purchase_line: LineId | None, *, pinned: bool
) -> None:
    connection = draft.connection
    states, links = sales_lines(connection, lines), links_of_sales(connection, lines)
    already = pinned_links(connection, lines)
    names = purchase_lines(connection, {to for present in links.values() for to in present})
    for line in lines:
        state = states.get(line) or sales_line(connection, line)
        present = links.get(line, {})
        chosen = sorted(present) if purchase_line is None else [purchase_line]
        if not present or chosen[0] not in present:
            source = f" from {purchase_line}" if purchase_line is not None else ""
            raise Refused(f"{line} has no allocation{source} that could be {_done(pinned)}")
        draft.watch(state)
        for to in chosen:
            name = names[to].name
            if ((line, to) in already) == pinned:
                draft.refuse(line, f"{line}: the units from {name} are {_done(pinned)} already")
                continue
            draft.add(pin_row(line, to, pinned=pinned))
            units = counted(present[to], "unit")
            stay = "stays where it is" if present[to] == 1 else "stay where they are"
            draft.plan.effects.append(
                f"{line}: {units} from {name} {stay if pinned else 'may be given to others again'}"
            )


def _verb(pinned: bool) -> str:
    return "pin" if pinned else "unpin"


def _done(pinned: bool) -> str:
    return "pinned" if pinned else "unpinned"
