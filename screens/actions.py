"""From the key table to Textual: bindings, and one way to do an action.

Every binding runs ``do('<name>')``. The screen may have a reason against it right now
(:meth:`DoesActions.reason_against`); the key stays bound and the reason is the answer.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from textual.binding import Binding
from textual.dom import DOMNode

from preorder_tui.errors import NotPermitted
from screens import keys

if TYPE_CHECKING:
    from screens.app import DeskApp


def bindings(names: Iterable[str]) -> list[Binding]:
    """Textual bindings of these actions. None has priority: keys keep their order."""
    made = []
    for name in names:
        action = keys.ACTIONS[name]
        if not action.own:
            made.append(
                Binding(",".join(action.keys), f"do('{name}')", action.label, show=False, id=name)
            )
    return made


class DoesActions(DOMNode):
    """A screen whose actions are methods ``do_<name>``; coroutines run as a flow."""

    def reason_against(self, name: str) -> str | None:
        """Why the action cannot be done right now, as a sentence; None when it can."""
        return None

    def place(self) -> dict[str, Any] | None:
        """Where this is, so that it can be opened again; None where nothing is kept of it."""
        return None

    def not_permitted(self, name: str) -> str | None:
        """Which permission the person lacks for the action, as a sentence; None: they may."""
        return None

    def say(self, sentence: str) -> None:
        """Show one sentence of feedback."""
        raise NotImplementedError

    def action_do(self, name: str) -> None:
        """Do an action by its name in the key table."""
        app = cast("DeskApp", self.app)
        refusal = self.not_permitted(name)
        if refusal is not None:
            app.start_flow(app.show_error(NotPermitted(refusal)))
            return
        reason = self.reason_against(name)
        if reason is not None:
            app.gate.discard_typed_ahead()  # it was meant for what the action would have opened
            self.say(reason)
            return
        method = getattr(self, f"do_{name}", None)
        if method is None:
            self.say(f"{keys.ACTIONS[name].label} is not something this page does.")
            return
        try:
            steps = method()
        except Exception as error:  # noqa: BLE001 (shown to the person, the desk goes on)
            app.start_flow(app.show_error(error))
            return
        if inspect.isawaitable(steps):
            app.start_flow(steps, begun_by=(self, name))
