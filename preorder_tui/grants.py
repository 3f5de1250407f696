"""Reading what a person may do: one statement by key, two where they lack something."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, bindparam, exists, select

from data.prepared import Prepared
from data.tables import (
    change_set,
    security_group_permission,
    user_login,
    user_login_security_group,
)
from preorder_tui.actor import Actor
from preorder_tui.errors import NotPermitted
from preorder_tui.permissions import ALL, Grants, Permission, grants_of, needed_for
from preorder_tui.plan import Plan
from preorder_tui.text import clean

_member = user_login_security_group.c
_given = security_group_permission.c
_other = user_login.alias("anybody").c

_asked = select(bindparam("login", type_=user_login.c.USER_LOGIN_ID.type).label("LOGIN")).subquery(
    "asked"
)
# Of a login that may be unknown: then there is one row, and nobody in it.
OF_LOGIN = Prepared(
    select(
        user_login.c.ENABLED, _given.PERMISSION_ID, exists().where(_other.USER_LOGIN_ID != "")
    ).select_from(
        _asked.outerjoin(user_login, user_login.c.USER_LOGIN_ID == _asked.c.LOGIN)
        .outerjoin(user_login_security_group, _member.USER_LOGIN_ID == user_login.c.USER_LOGIN_ID)
        .outerjoin(security_group_permission, _given.GROUP_ID == _member.GROUP_ID)
    )
)
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
_HEADER_PREPARED = Prepared(_HEADER)


def read(connection: Connection, actor: Actor, *, whom_to_ask: bool = True) -> Grants:
    """What the person behind ``actor`` may do, as it stands in this transaction.

    Whom to ask for more is read only where somebody may be told.
    """
    login = actor.person
    found = grants_of(login, actor.user, OF_LOGIN.rows(connection, {"login": login}))
    if found.permissions == ALL or not whom_to_ask:
        return found
    return replace(found, administrators=administrators(connection))


def administrators(connection: Connection) -> tuple[str, ...]:
    """Those who may administer and may work, by login."""
    return tuple(clean(login) for login in connection.execute(_ADMINISTRATORS).scalars())


def require_for_plan(connection: Connection, actor: Actor, plan: Plan) -> Grants:
    """Refuse to apply a plan that needs more than the person has now; returns what they have.

    Raises:
        NotPermitted: it says which permission is needed and whom to ask.
    """
    grants = read(connection, actor, whom_to_ask=False)
    if refusal_of_plan(connection, grants, plan) is None:
        return grants
    refusal = refusal_of_plan(connection, read(connection, actor), plan)
    raise NotPermitted(refusal or "")


def refusal_of_plan(connection: Connection, grants: Grants, plan: Plan) -> str | None:
    """Why the person may not apply a plan, as a sentence; None when they may.

    Undo and redo need what the change needed that they take back or do again, and ADMINISTER too
    where what they take back is somebody else's.
    """
    if grants.open:
        return None
    if plan.inverse_of is None:
        return grants.refusal(Permission.VIEW, *needed_for(plan.command))
    command, user, inverse_of = _HEADER_PREPARED.rows(connection, {"number": plan.inverse_of})[0]
    whose = clean(user)
    while inverse_of is not None:
        command, _, inverse_of = _HEADER_PREPARED.rows(connection, {"number": inverse_of})[0]
    refusal = grants.refusal(Permission.VIEW, *needed_for(command))
    if refusal is None and whose != clean(grants.acting_for):
        refusal = grants.refusal(
            Permission.ADMINISTER,
            because=f"Change set {plan.inverse_of} is {whose}'s and not yours to take back",
        )
    return refusal
