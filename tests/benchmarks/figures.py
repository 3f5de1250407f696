"""Taking and printing figures."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, beside its floor, in the same unit."""

    work: str
    floor_name: str
    floor: float
    value: float
    unit: str
    goal: str

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.value / self.floor if self.floor else float("inf")


def milliseconds(work: Callable[[], object], repeat: int = 11) -> float:
    """The median of ``repeat`` runs, in milliseconds; one run before them is not counted."""
    work()
    taken = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def table(figures: Sequence[Figure]) -> str:
    """The figures as Markdown."""
    lines = ["| work | measured | floor | ratio | goal |", "|---|---|---|---|---|"]
    lines += [
        f"| {one.work} | {one.value:,.1f} {one.unit} | {one.floor:,.1f} {one.unit} "
        f"({one.floor_name}) | {one.ratio:.2f}x | {one.goal} |"
        for one in figures
    ]
    return "\n".join(lines)
