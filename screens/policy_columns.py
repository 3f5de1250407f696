"""How policies look side by side: one row a policy, one column a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from preorder_tui.policy_names import NAMES
from screens.line_columns import Column
from screens.short_numbers import short

if TYPE_CHECKING:
    from preorder_tui.run_outcome import RunFigures

DIGITS = {str(number): name for number, name in enumerate(NAMES, start=1)}
"""The digit that chooses each policy."""


class PolicyRow(NamedTuple):
    """A policy, whether it is the one in use, and what a run by it comes to, once compared."""

    digit: str
    name: str
    used: bool
    figures: RunFigures | None

    @property
    def title(self) -> str:
        """What people call it."""
        return NAMES[self.name][0]

    @property
    def meaning(self) -> str:
        """What it does, in a sentence."""
        return NAMES[self.name][1]


def _figure(
    title: str, value: Callable[[RunFigures], int], width: int, priority: int
) -> Column[PolicyRow]:
    return Column(
        title,
        lambda row: "" if row.figures is None else short(value(row.figures), width),
        width,
        align="right",
        priority=priority,
    )


COLUMNS: list[Column[PolicyRow]] = [
    Column("", lambda row: row.digit, 1, priority=99),
    Column("Use", lambda row: "yes" if row.used else "", 3, priority=98),
    Column("Policy", lambda row: row.name, 8, priority=97),
    Column("", lambda row: row.title, 26, priority=20),
    _figure("Served", lambda one: one.lines_served, 6, 90),
    _figure("Whole", lambda one: one.lines_whole, 6, 89),
    _figure("Units", lambda one: one.units_given, 6, 88),
    _figure("Late", lambda one: one.lines_late, 6, 96),
    _figure("Days", lambda one: one.days_late, 6, 95),
    _figure("Most", lambda one: one.most_days_late, 4, 80),
    _figure("Wait", lambda one: one.lines_unserved, 6, 94),
    _figure("Missing", lambda one: one.units_unserved, 7, 93),
    _figure("Losing", lambda one: one.lines_losing, 6, 79),
    _figure("Changed", lambda one: one.lines_changed, 7, 30),
]
"""Lines served, of them whole, units given; lines late, days late in all and at most; lines that
wait on, units missing; lines that lose units; lines changed."""

LEGEND = (
    "Served, Whole: lines that get units, all units. Late: lines; Days: in all; Most: at most. "
    "Wait: lines, Missing: units not served. Losing: lines that had more."
)
