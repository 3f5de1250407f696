"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person by login, and where the action comes from: ``desk``, ``command`` or ``import``."""

    user: str
    origin: str = "command"
