"""What Why? and What if? say, line by line: the same at the desk and on the command line."""

from __future__ import annotations

from preorder_tui.why_records import QueuePlace, WhatIf, Why
from preorder_tui.wording import counted, lines, units


def why_lines(found: Why, *, commands: bool) -> list[str]:
    """The verdict, the reasons, the queue, and what would help.

    ``commands``: with the commands that do it; numbers before the suggestions either way.
    """
    name = " ".join(part for part in (found.product.sku, found.product.name) if part)
    said = [found.verdict, f"Product {name}"]
    if found.reasons:
        said += [
            f"- {reason.sentence}" + (f" ({reason.rule})" if reason.rule else "")
            for reason in found.reasons
        ]
    if found.queue is not None and not any(reason.code == "behind" for reason in found.reasons):
        said.append(f"- {queue_words(found.queue)}")
    said += ["", "What would help"]
    for number, suggestion in enumerate(found.suggestions, start=1):
        said.append(f"{number} {suggestion.sentence}.")
        if commands:
            said += [f"    {step.command}" for step in suggestion.steps]
    if not found.suggestions:
        said.append(
            "Nothing needs to be done." if _fine(found) else "No change at the desk would help."
        )
    return said


def _fine(found: Why) -> bool:
    """Whether nothing is wrong with the line."""
    harmless = {"behind", "pinned", "atp", "held", "holds", "not waiting", "waiting"}
    return all(reason.code in harmless for reason in found.reasons)


def queue_words(queue: QueuePlace) -> str:
    """A place in the queue, where it is no reason for anything."""
    return (
        f"It is number {queue.place:,} of {lines(queue.lines)} that wait for the product in its "
        f"store; {queue.open_ahead:,} of {units(queue.units_ahead)} ahead of it are open, "
        f"{queue.free:,} free (R-21)"
    )


def what_if_lines(found: WhatIf) -> list[str]:
    """What is supposed, and what it comes to; which line it is stands above."""
    arrival, quantity = str(found.old_arrival or "-"), f"{found.old_quantity:,}"
    if found.new_arrival != found.old_arrival:
        arrival += f" → {found.new_arrival}"
    if found.new_quantity != found.old_quantity:
        quantity += f" → {found.new_quantity:,}"
    atp = f"{found.atp_before:,}"
    if found.atp_after != found.atp_before:
        atp += f" → {found.atp_after:,}"
    return [f"Arrival {arrival}  ordered {quantity}  ATP {atp}", totals(found)]


def totals(found: WhatIf) -> str:
    """How many turn late, lose units, and so on, in one sentence."""
    if not found.lines:
        return "No sales order line has units of it."
    parts = []
    if found.turn_late:
        turn = "TURNS LATE" if found.turn_late == 1 else "TURN LATE"
        parts.append(
            f"{lines(found.turn_late)} of {counted(found.orders_turn_late, 'order')} {turn}"
        )
    if found.on_time:
        parts.append(f"{lines(found.on_time)} on time again")
    if found.losing:
        loses = "loses" if found.losing == 1 else "lose"
        pinned = f" ({found.pinned_losing:,} pinned)" if found.pinned_losing else ""
        parts.append(f"{lines(found.losing)} {loses} {units(found.units_lost)}{pinned}")
    if not parts:
        parts.append(f"{lines(found.lines)}, none turns late")
    parts.append(f"late {found.late_before:,} → {found.late_after:,}")
    if found.late_after:
        parts.append(f"at most {counted(found.most_days, 'day')} late")
    return f"{', '.join(parts)}."
