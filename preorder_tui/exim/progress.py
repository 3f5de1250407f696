"""How far a job is: rows, rate and time left, a few times a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from preorder_tui.exim.records import Progress

SECONDS_BETWEEN = 0.2


class Meter:
    """Turns what a job tells into progress for people."""

    def __init__(self, show: Callable[[Progress], None]) -> None:
        self._show = show
        self._phase = ""
        self._began = self._told = 0.0

    def tell(self, phase: str, done: int, total: int) -> None:
        """Hear that ``done`` of ``total`` rows (0: not known) of a phase are done."""
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._began, self._told = phase, now, 0.0
        if now - self._told < SECONDS_BETWEEN and done != total:
            return
        self._told = now
        taken = now - self._began
        rate = done / taken if taken > 0 else 0.0
        left = (total - done) / rate if total and rate else None
        self._show(Progress(phase, done, total, rate, left))
