"""What Users and permissions asks: a login, a name, groups, permissions, yes or no."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from preorder_tui.errors import Refused
from preorder_tui.people_records import Group, Person
from preorder_tui.permissions import Permission, in_words
from screens.dialog import Confirm
from screens.dialogs.ask_text import AskText, something
from screens.dialogs.pick_rows import PickRows
from screens.line_columns import Column

LONGEST_NAME = 60


def ask_login(people: Sequence[Person]) -> AskText:
    """The login of somebody new."""
    taken = {person.login for person in people}

    def check(text: str) -> str:
        login = " ".join(something(text).split())
        if login in taken:
            raise Refused(f"{login} is among the people already: Enter on the row chooses groups")
        return login

    return AskText(
        "Add a person",
        check=check,
        label="Login",
        lines=["The login that they have on the operating system."],
        max_length=LONGEST_NAME,
    )


def ask_group(groups: Sequence[Group]) -> AskText:
    """The name of a new group."""
    taken = {group.name for group in groups}

    def check(text: str) -> str:
        name = " ".join(something(text).split())
        if name in taken:
            raise Refused(f"there is a group {name} already: Enter on its row changes it")
        return name

    return AskText("Make a group", check=check, label="Name", max_length=LONGEST_NAME)


def pick_groups(
    login: str, groups: Sequence[Group], present: Iterable[str] = ()
) -> PickRows[Group]:
    """The groups that somebody is in."""

    def counter(rows: tuple[Group, ...]) -> str:
        held = frozenset().union(*(row.permissions for row in rows))
        return f"{login} may {in_words(held)}" if rows else f"{login} may do nothing"

    return PickRows(
        f"Groups of {login}",
        [
            Column("Group", lambda row: row.name, 14, priority=90, at_most=30),
            Column("May", lambda row: in_words(row.permissions), 40, priority=80, at_most=80),
        ],
        lambda row: row.name,
        rows=groups,
        preticked=tuple(present),
        counter=counter,
        yes="saves",
        empty="There are no groups: make one first, on the other tab.",
        none_too=True,
    )


def pick_permissions(group: str, present: Iterable[Permission] = ()) -> PickRows[Permission]:
    """What a group may do."""
    return PickRows(
        f"Permissions of {group}",
        [
            Column("Permission", lambda row: row.words, 11, priority=90, at_most=14),
            Column("Whoever has it may", lambda row: row.covers, 50, priority=80, at_most=120),
        ],
        lambda row: row.value,
        rows=tuple(Permission),
        preticked=tuple(one.value for one in present),
        counter=lambda rows: f"{group} may {in_words(rows)}",
        about=lambda row: f"{row.value}: {row.covers}",
        yes="saves",
        none_too=True,
    )


def confirm_switch(person: Person) -> Confirm:
    """Whether to disable somebody, or enable them again."""
    if person.enabled:
        return Confirm(
            f"Disable {person.login}?",
            ["They may do nothing here from now on, also at a desk that is open.",
             "The groups stay, and so does what they did."],
            "Disable",
        )  # fmt: skip
    return Confirm(
        f"Enable {person.login} again?",
        [f"In {', '.join(person.groups) or 'no group'}: may {in_words(person.permissions)}."],
        "Enable",
    )


def become_administrator(login: str) -> Confirm:
    """Whether to close a desk that is open to everyone."""
    return Confirm(
        f"Make {login} the administrator?",
        ["From then on only those who are named here may use this desk:",
         "everybody else is refused until you add them."],
        "Make me",
    )  # fmt: skip
