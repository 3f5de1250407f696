"""People, groups, and what was done to them, as screens and commands get them."""

from __future__ import annotations

from dataclasses import dataclass

from preorder_tui.permissions import Permission


@dataclass(frozen=True, slots=True)
class Person:
    """One of the people of a desk.

    Attributes:
        login: their account on the operating system.
        enabled: whether they may work.
        groups: what they are in, by name.
        permissions: what follows from that.
    """

    login: str
    enabled: bool
    groups: tuple[str, ...]
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class Group:
    """A group: its permissions, and who is in it."""

    name: str
    description: str
    permissions: frozenset[Permission]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeopleOutcome:
    """What was done to people and groups (or would be), in sentences, and where it is recorded."""

    sentences: tuple[str, ...]
    change_set_ids: tuple[int, ...] = ()
