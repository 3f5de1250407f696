"""Which permissions the keys need, so that a key says no before anything is typed or picked.

It is a courtesy: what is applied is checked by the service, at that moment, whatever a screen says.
"""

from __future__ import annotations

from collections.abc import Mapping

from preorder_tui.permissions import Permission, needed_for

NEEDED: Mapping[str, frozenset[Permission]] = {
    "allocate": needed_for("allocate"),
    "allocate_order": needed_for("allocate-order"),
    "move_to": needed_for("move"),
    "deallocate": needed_for("deallocate"),
    "pin": needed_for("pin"),
    "sync": needed_for("sync-dates"),
    "reallocate": needed_for("reallocate"),
    "run_job": needed_for("auto-allocate"),
    "edit": needed_for("set-arrival-date"),
    "quantity": needed_for("set-quantity"),
    "receive": needed_for("receive"),
    "complete": needed_for("complete-purchase"),
    "add_item": needed_for("add-item"),
    "export": frozenset({Permission.EXIM}),
    "choose_file": frozenset({Permission.EXIM}),
    "import_rows": frozenset({Permission.EXIM}),
    "forget": frozenset({Permission.EXIM}),
}
"""By action; a page may need something else for one of them (``DeskScreen.needed``)."""
