"""People and groups: who there is, and every change to it, each recorded as a change set.

A change set about people has a command and a time and a person, but no order rows: nothing in an
order changes, and nothing in an order can stand in its way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from shlex import quote
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select, update

from data.tables import (
    security_group,
    security_group_permission,
    user_login,
    user_login_security_group,
)
from preorder_tui import grants, journal
from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import Refused, UnknownId, WrongUsage
from preorder_tui.people_records import Group, PeopleOutcome, Person
from preorder_tui.permissions import Permission, in_words
from preorder_tui.plan import Plan
from preorder_tui.text import clean, clean_or_empty

ADMINISTRATORS = "Administrators"
STANDARD_GROUPS = (
    ("Viewers", "Look at everything, change nothing", (Permission.VIEW,)),
    (
        "Allocators",
        "Allocate units and keep promise dates",
        (Permission.VIEW, Permission.ALLOCATE, Permission.EDIT_DATES),
    ),
    (
        "Buyers",
        "Keep purchase orders and their dates, import and export",
        (Permission.VIEW, Permission.EDIT_DATES, Permission.PO_EDIT, Permission.EXIM),
    ),
    (ADMINISTRATORS, "Everything, and who may do what", tuple(Permission)),
)
"""What a new site has; it may change them."""

LONGEST_NAME = 60

_login = user_login.c
_group = security_group.c
_given = security_group_permission.c
_member = user_login_security_group.c


class Done(NamedTuple):
    """One step: the command that does the same, and what was done; no command: nothing to do."""

    command: str
    sentence: str


Step = Callable[[Connection, datetime], Done]


class TriedOnly(Exception):
    """Everything was done and is to be rolled back: it was only tried."""

    def __init__(self, outcome: PeopleOutcome) -> None:
        super().__init__()
        self.outcome = outcome


# --- Reading ------------------------------------------------------------------------------------


def people(connection: Connection, clock: Clock) -> tuple[Person, ...]:
    """Everybody, by login."""
    del clock
    permissions = _permissions(connection)
    groups: dict[str, list[str]] = defaultdict(list)
    for login, group in connection.execute(
        select(_member.USER_LOGIN_ID, _member.GROUP_ID).order_by(_member.GROUP_ID)
    ):
        groups[login].append(group)
    return tuple(
        Person(
            clean(login),
            enabled == "Y",
            tuple(clean(group) for group in groups[login]),
            frozenset().union(*(permissions[group] for group in groups[login])),
        )
        for login, enabled in connection.execute(
            select(_login.USER_LOGIN_ID, _login.ENABLED).order_by(_login.USER_LOGIN_ID)
        )
    )


def groups(connection: Connection, clock: Clock) -> tuple[Group, ...]:
    """Every group, by name."""
    del clock
    permissions = _permissions(connection)
    members: dict[str, list[str]] = defaultdict(list)
    for group, login in connection.execute(
        select(_member.GROUP_ID, _member.USER_LOGIN_ID).order_by(_member.USER_LOGIN_ID)
    ):
        members[group].append(clean(login))
    return tuple(
        Group(clean(group), clean_or_empty(description), permissions[group], tuple(members[group]))
        for group, description in connection.execute(
            select(_group.GROUP_ID, _group.DESCRIPTION).order_by(_group.GROUP_ID)
        )
    )


def _permissions(connection: Connection) -> dict[str, frozenset[Permission]]:
    held: dict[str, frozenset[Permission]] = defaultdict(frozenset)
    for group, permission in connection.execute(select(_given.GROUP_ID, _given.PERMISSION_ID)):
        if permission in Permission.__members__:
            held[group] |= {Permission(permission)}
    return held


# --- Changing -----------------------------------------------------------------------------------


def change(
    connection: Connection,
    clock: Clock,
    actor: Actor,
    steps: Sequence[Step],
    reason: str | None = None,
    try_only: bool = False,
) -> PeopleOutcome:
    """Do these steps, all or none, and record each.

    Raises:
        NotPermitted: the person may not administer.
        Refused: nobody would be left who may.
        TriedOnly: it would be done; raised so that it is rolled back.
    """
    # Two administrators who disable each other at the same moment come one after the other.
    connection.execute(select(_group.GROUP_ID).order_by(_group.GROUP_ID).with_for_update()).all()
    granted = grants.read(connection, actor)
    granted.require(Permission.ADMINISTER)
    before = grants.administrators(connection)
    now = clock.now()
    done = [step(connection, now) for step in steps]
    if not grants.administrators(connection):
        raise Refused(_nobody_left(before))
    outcome = PeopleOutcome(tuple(one.sentence for one in done if one.sentence))
    if try_only:
        raise TriedOnly(outcome)
    why = journal.with_who_acted(clean(reason) if reason else None, granted)
    numbers = tuple(
        journal.open_change_set(connection, actor, Plan(one.command, one.sentence), why, now, 0)
        for one in done
        if one.command
    )
    return PeopleOutcome(outcome.sentences, numbers)


def _nobody_left(before: Sequence[str]) -> str:
    if not before:
        return (
            "no people are defined yet, and the first one must be an administrator: run "
            "preorder-tui init, which makes you one"
        )
    only = before[0] if len(before) == 1 else "nobody"
    if len(before) == 1:
        return f"{only} is the last administrator: make somebody else one first"
    return "nobody would be left who may administer: leave one administrator"


def add_person(login: str, group_names: Iterable[str] = ()) -> Step:
    """Add somebody, in these groups."""
    name, wanted = _name(login, "login"), tuple(dict.fromkeys(group_names))

    def step(connection: Connection, now: datetime) -> Done:
        if _exists(connection, user_login, USER_LOGIN_ID=name):
            raise Refused(f"{name} is among the people already: see preorder-tui people")
        for group in wanted:
            _require_group(connection, group)
        connection.execute(
            insert(user_login).values(
                USER_LOGIN_ID=name, ENABLED="Y", CREATED_STAMP=now, LAST_UPDATED_STAMP=now
            )
        )
        for group in wanted:
            _join(connection, now, name, group)
        options = "".join(f" --group {quote(group)}" for group in wanted)
        where = f"in {', '.join(wanted)}" if wanted else "in no group yet: it may do nothing"
        return Done(f"people add {quote(name)}{options}", f"{name} is added, {where}")

    return step


def enable(login: str, *, enabled: bool) -> Step:
    """Let somebody work again, or no more; their groups stay."""
    name = _name(login, "login")

    def step(connection: Connection, now: datetime) -> Done:
        _require_person(connection, name)
        changed = connection.execute(
            update(user_login)
            .where(_login.USER_LOGIN_ID == name, _login.ENABLED != ("Y" if enabled else "N"))
            .values(ENABLED="Y" if enabled else "N", LAST_UPDATED_STAMP=now)
        )
        word = "enabled" if enabled else "disabled"
        if not changed.rowcount:
            return Done("", f"{name} is {word} already")
        return Done(f"people {word[:-1]} {quote(name)}", f"{name} is {word}")

    return step


def join(login: str, group: str) -> Step:
    """Put somebody into a group."""
    name = _name(login, "login")

    def step(connection: Connection, now: datetime) -> Done:
        _require_person(connection, name)
        _require_group(connection, group)
        if _exists(connection, user_login_security_group, USER_LOGIN_ID=name, GROUP_ID=group):
            return Done("", f"{name} is in {group} already")
        _join(connection, now, name, group)
        return Done(f"people join {quote(name)} {quote(group)}", f"{name} is in {group} now")

    return step


def leave(login: str, group: str) -> Step:
    """Take somebody out of a group."""
    name = _name(login, "login")

    def step(connection: Connection, now: datetime) -> Done:
        _require_person(connection, name)
        _require_group(connection, group)
        gone = connection.execute(
            delete(user_login_security_group).where(
                _member.USER_LOGIN_ID == name, _member.GROUP_ID == group
            )
        )
        if not gone.rowcount:
            return Done("", f"{name} is not in {group}")
        return Done(f"people leave {quote(name)} {quote(group)}", f"{name} is out of {group}")

    return step


def add_group(group: str, permissions: Iterable[Permission] = (), description: str = "") -> Step:
    """Make a group that has these permissions."""
    name, wanted = _name(group, "name of the group"), frozenset(permissions)
    about = " ".join(clean(description).split())[:255]

    def step(connection: Connection, now: datetime) -> Done:
        del now
        if _exists(connection, security_group, GROUP_ID=name):
            raise Refused(f"there is a group {name} already: see preorder-tui groups")
        _make_group(connection, name, about, wanted)
        options = "".join(f" --permission {one}" for one in Permission if one in wanted)
        options += f" --description {quote(about)}" if about else ""
        return Done(f"groups add {quote(name)}{options}", f"Group {name} may {in_words(wanted)}")

    return step


def allow(group: str, permission: Permission) -> Step:
    """Give a group a permission."""

    def step(connection: Connection, now: datetime) -> Done:
        del now
        _require_group(connection, group)
        values = {"GROUP_ID": group, "PERMISSION_ID": permission.value}
        if _exists(connection, security_group_permission, **values):
            return Done("", f"{group} has {permission.words} already")
        connection.execute(insert(security_group_permission).values(values))
        return Done(
            f"groups allow {quote(group)} {permission}", f"{group} may {permission.words} now"
        )

    return step


def deny(group: str, permission: Permission) -> Step:
    """Take a permission from a group."""

    def step(connection: Connection, now: datetime) -> Done:
        del now
        _require_group(connection, group)
        gone = connection.execute(
            delete(security_group_permission).where(
                _given.GROUP_ID == group, _given.PERMISSION_ID == permission.value
            )
        )
        if not gone.rowcount:
            return Done("", f"{group} does not have {permission.words}")
        return Done(
            f"groups deny {quote(group)} {permission}", f"{group} has {permission.words} no more"
        )

    return step


# --- The first administrator --------------------------------------------------------------------


def found(connection: Connection, now: datetime, login: str) -> bool:
    """Make ``login`` the administrator of a desk that has no people, with the standard groups.

    Returns:
        Whether it was done; where there are people they stay as they are.
    """
    name = _name(login, "login")
    if connection.execute(select(_login.USER_LOGIN_ID).limit(1)).first() is not None:
        return False
    present = set(connection.execute(select(_group.GROUP_ID)).scalars())
    for group, description, permissions in STANDARD_GROUPS:
        if group not in present and (not present or group == ADMINISTRATORS):
            _make_group(connection, group, description, frozenset(permissions))
    connection.execute(
        insert(user_login).values(
            USER_LOGIN_ID=name, ENABLED="Y", CREATED_STAMP=now, LAST_UPDATED_STAMP=now
        )
    )
    _join(connection, now, name, ADMINISTRATORS)
    return True


def founding(login: str) -> Step:
    """:func:`found` as a step, for whoever closes an open desk from within."""

    def step(connection: Connection, now: datetime) -> Done:
        if not found(connection, now, login):
            raise Refused("there are people already: an administrator adds others")
        return Done(f"init --administrator {quote(login)}", f"{login} is the administrator now")

    return step


# --- Rows ---------------------------------------------------------------------------------------


def _name(text: str, what: str) -> str:
    name = " ".join(clean(text).split())
    if not name:
        raise WrongUsage(f"the {what} is blank: give one")
    if len(name) > LONGEST_NAME:
        raise WrongUsage(f"the {what} is longer than {LONGEST_NAME} characters: shorten it")
    return name


def _exists(connection: Connection, table: Table, **values: Any) -> bool:
    query = select(table.c[next(iter(values))]).filter_by(**values).limit(1)
    return connection.execute(query).first() is not None


def _require_person(connection: Connection, login: str) -> None:
    if not _exists(connection, user_login, USER_LOGIN_ID=login):
        raise UnknownId(f"{login} is not among the people: see preorder-tui people")


def _require_group(connection: Connection, group: str) -> None:
    if not _exists(connection, security_group, GROUP_ID=group):
        names = connection.execute(select(_group.GROUP_ID).order_by(_group.GROUP_ID)).scalars()
        known = ", ".join(clean(name) for name in names)
        raise UnknownId(
            f"there is no group {clean(group)!r}: there are {known}"
            if known
            else "there are no groups yet: run preorder-tui init"
        )


def _join(connection: Connection, now: datetime, login: str, group: str) -> None:
    connection.execute(
        insert(user_login_security_group).values(USER_LOGIN_ID=login, GROUP_ID=group, FROM_DATE=now)
    )


def _make_group(
    connection: Connection, name: str, description: str, permissions: frozenset[Permission]
) -> None:
    connection.execute(
        insert(security_group).values(GROUP_ID=name, DESCRIPTION=description or None)
    )
    rows = [
        {"GROUP_ID": name, "PERMISSION_ID": one.value} for one in Permission if one in permissions
    ]
    if rows:
        connection.execute(insert(security_group_permission), rows)
