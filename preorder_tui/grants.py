"""Reading what a person may do: one statement by key, two where they lack something."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from data.tables import (
    change_set,
    security_group_permission,
    user_login,
    user_login_security_group,
)
from preorder_tui.actor import Actor
from preorder_tui.errors import NotPermitted
from preorder_tui.permissions import ALL, Grants, Permission, needed_for
from preorder_tui.plan import Plan
from preorder_tui.text import clean

_member = user_login_security_group.c
_given = security_group_permission.c

_OF_LOGIN = (
    select(user_login.c.ENABLED, _given.PERMISSION_ID)
    .select_from(
        user_login.outerjoin(
            user_login_security_group, _member.USER_LOGIN_ID == user_login.c.USER_LOGIN_ID
        ).outerjoin(security_group_permission, _given.GROUP_ID == _member.GROUP_ID)
    )
    .where(user_login.c.USER_LOGIN_ID == bindparam("login"))
)
_ANYBODY = select(user_login.c.USER_LOGIN_ID).limit(1)
_ADMINISTRATORS = (
    select(user_login.c.USER_LOGIN_ID)
    .join(user_login_security_group, _member.USER_LOGIN_ID == user_login.c.USER_LOGIN_ID)
    .join(security_group_permission, _given.GROUP_ID == _member.GROUP_ID)
    .where(_given.PERMISSION_ID == Permission.ADMINISTER.value, user_login.c.ENABLED == "Y")
    .distinct()
    .order_by(user_login.c.USER_LOGIN_ID)
)
_HEADER = select(
    change_set.c.COMMAND, change_set.c.CHANGE_USER_LOGIN, change_set.c.INVERSE_OF
).where(change_set.c.CHANGE_SET_ID == bindparam("number"))


def read(connection: Connection, actor: Actor) -> Grants:
    """What the person behind ``actor`` may do, as it stands in this transaction."""
    login = actor.person
    rows = connection.execute(_OF_LOGIN, {"login": login}).all()
    if not rows and connection.execute(_ANYBODY).first() is None:
        return Grants(login, actor.user, ALL, open=True)
    held = frozenset(
        Permission(permission) for _, permission in rows if permission in Permission.__members__
    )
    enabled = bool(rows) and rows[0][0] == "Y"
    return Grants(
        login,
        actor.user,
        held if enabled else frozenset(),
        known=bool(rows),
        enabled=enabled,
        administrators=() if enabled and held == ALL else administrators(connection),
    )


def administrators(connection: Connection) -> tuple[str, ...]:
    """Those who may administer and may work, by login."""
    return tuple(clean(login) for login in connection.execute(_ADMINISTRATORS).scalars())


def require_for_plan(connection: Connection, actor: Actor, plan: Plan) -> Grants:
    """Refuse to apply a plan that needs more than the person has now; returns what they have.

    Raises:
        NotPermitted: it says which permission is needed and whom to ask.
    """
    grants = read(connection, actor)
    refusal = refusal_of_plan(connection, grants, plan)
    if refusal is not None:
        raise NotPermitted(refusal)
    return grants


def refusal_of_plan(connection: Connection, grants: Grants, plan: Plan) -> str | None:
    """Why the person may not apply a plan, as a sentence; None when they may.

    Undo and redo need what the change needed that they take back or do again, and ADMINISTER too
    where what they take back is somebody else's.
    """
    if grants.open:
        return None
    if plan.inverse_of is None:
        return grants.refusal(Permission.VIEW, *needed_for(plan.command))
    taken_back = connection.execute(_HEADER, {"number": plan.inverse_of}).one()
    original = taken_back
    while original.INVERSE_OF is not None:
        original = connection.execute(_HEADER, {"number": original.INVERSE_OF}).one()
    refusal = grants.refusal(Permission.VIEW, *needed_for(original.COMMAND))
    whose = clean(taken_back.CHANGE_USER_LOGIN)
    if refusal is None and whose != clean(grants.acting_for):
        refusal = grants.refusal(
            Permission.ADMINISTER,
            because=f"Change set {plan.inverse_of} is {whose}'s and not yours to take back",
        )
    return refusal
