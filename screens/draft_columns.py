"""How a kept draft looks in a list, and in full."""

from __future__ import annotations

from preorder_tui.kept_input import KeptDraft
from screens.line_columns import Column

COLUMNS: list[Column[KeptDraft]] = [
    Column("Typed at", lambda row: row.when, 15, priority=90),
    Column("What", lambda row: row.draft.title, 30, priority=95, at_most=60),
    Column("Typed", lambda row: row.draft.typed, 24, priority=80, at_most=60),
    Column("Why it is kept", lambda row: row.how, 16, priority=40, at_most=34),
    Column("No", lambda row: str(row.number), 4, align="right", priority=20, at_most=7),
]


def in_use(row: KeptDraft) -> str:
    """Why it cannot be opened here; empty when it can."""
    if not row.in_use:
        return ""
    where = f" at {row.where}" if row.where else ""
    return f"It is open at your other desk{where}: go on there."
