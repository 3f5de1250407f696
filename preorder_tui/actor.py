"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person by login, and where the action comes from: ``desk``, ``command`` or ``import``.

    Attributes:
        user: the name that the journal keeps.
        origin: where the action comes from.
        login: who really acts, where that may be another; their permissions count.
    """

    user: str
    origin: str = "command"
    login: str = ""

    @property
    def person(self) -> str:
        """Who really acts."""
        return self.login or self.user
