"""Sync all dates: every promise that differs from an arrival still to come, in the whole book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from preorder_tui.plan import Plan
from preorder_tui.sync_rows import Guard
from screens import keys, service_calls
from screens.job_changes import ChangesJob
from screens.job_scope import WHOLE_BOOK, JobScope

GUARDS: dict[Guard, str] = {
    "any": "all promises that differ",
    "later": "only promises that get later",
    "earlier": "only promises that get earlier",
}


class SyncAll(ChangesJob):
    """What a run would promise, and the run itself."""

    ACTIONS: ClassVar[tuple[str, ...]] = ("run_job", "refresh", "guard", "scope", "open")
    PATH: ClassVar[tuple[str, ...]] = ("Jobs", "Sync all dates")
    COMMAND = "sync-all"
    MEANING = (
        "Every open line whose promise differs from the latest arrival of its supply is promised "
        "that arrival. Arrivals that are over are left alone."
    )
    HELP = """Carries every arrival to the promises that differ from it, in the whole book at once:
    what y does on one purchase order line. An arrival that is over is left alone; set a new one
    first. g is the guard: all dates, only those that get later (nobody's promise gets earlier), or
    only those that get earlier.
    r (F5) works out what a run would do and lists its first changes; nothing is changed. Enter
    opens the order. w works it out and shows the plan, to be applied or left. s takes one product
    only. Esc stops the working out, and the writing. A run is one change set: u (F7) takes all of
    it back."""

    def __init__(self, scope: JobScope = WHOLE_BOOK) -> None:
        super().__init__(scope)
        self.guard: Guard = "any"

    def kept_input(self) -> dict[str, Any]:
        """The guard too."""
        return {**super().kept_input(), **({"guard": self.guard} if self.guard != "any" else {})}

    def input_words(self) -> str:
        """The guard too."""
        guard = GUARDS[self.guard] if self.guard != "any" else ""
        return ", ".join(filter(None, [guard, super().input_words()]))

    async def put_back(self, kept: Mapping[str, Any]) -> None:
        """The guard as it was."""
        if kept.get("guard") in GUARDS:
            self.guard = kept["guard"]
            self.changed()
        await super().put_back(kept)

    def settings(self) -> list[str]:
        """Scope and guard."""
        return [
            *super().settings(),
            f"Dates  {GUARDS[self.guard]}  ({keys.keys_of('guard')} changes it)",
        ]

    def make_plan(self, told: service_calls.Told) -> Plan:
        """All dates that the guard lets through."""
        return self.service.plan_sync_all(sku=self.scope.sku, guard=self.guard, told=told)

    def do_guard(self) -> None:
        """The next guard."""
        guards = list(GUARDS)
        self.guard = guards[(guards.index(self.guard) + 1) % len(guards)]
        self.changed()
