"""Who may do what: ``people``, ``groups`` and ``whoami``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from preorder_tui.commands.arguments import TEXT
from preorder_tui.commands.session import (
    ChangingCommand,
    Listing,
    ReadingCommand,
    current_session,
)
from preorder_tui.errors import WrongUsage
from preorder_tui.people_records import Group, PeopleOutcome, Person
from preorder_tui.permissions import Grants, Permission, in_words, permission_named
from preorder_tui.text import clean
from preorder_tui.wording import counted

OPEN = "No people are defined yet: everybody may do everything. preorder-tui init changes that."


class _PermissionName(click.ParamType[Permission]):
    name = "permission"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Permission:
        found = permission_named(str(value))
        if found is None:
            raise WrongUsage(
                f"{clean(str(value))!r} is no permission: write one of {', '.join(Permission)}"
            )
        return found


PERMISSION = _PermissionName()


# --- People -------------------------------------------------------------------------------------


@click.group(cls=Listing)
@click.pass_context
def people(context: click.Context) -> None:
    """List the people, or change who they are.

    LOGIN is a person's account on the operating system.
    """
    if context.invoked_subcommand is not None:
        return
    session = current_session()
    with session.service() as service:
        found = service.people()
    number = f"{len(found):,} {'person' if len(found) == 1 else 'people'}."
    session.print_list(
        found,
        _person,
        ("Login", "State", "Groups", "May"),
        lambda one: (
            one.login,
            "enabled" if one.enabled else "disabled",
            ", ".join(one.groups) or "-",
            in_words(one.permissions),
        ),
        elastic=("Groups", "May"),
        closing=number if found else OPEN,
    )


@people.command("add", cls=ChangingCommand)
@click.argument("login", type=TEXT)
@click.option(
    "--group", "groups", type=TEXT, multiple=True, metavar="GROUP", help="In it; repeatable."
)
def add_person(login: str, groups: tuple[str, ...]) -> None:
    """Add LOGIN, in these groups."""
    _change(lambda service, **how: service.add_person(login, groups, **how))


@people.command(cls=ChangingCommand)
@click.argument("login", type=TEXT)
def disable(login: str) -> None:
    """Let LOGIN work no more; the groups stay."""
    _change(lambda service, **how: service.enable_person(login, enabled=False, **how))


@people.command(cls=ChangingCommand)
@click.argument("login", type=TEXT)
def enable(login: str) -> None:
    """Let LOGIN work again."""
    _change(lambda service, **how: service.enable_person(login, enabled=True, **how))


@people.command(cls=ChangingCommand)
@click.argument("login", type=TEXT)
@click.argument("group", type=TEXT)
def join(login: str, group: str) -> None:
    """Put LOGIN into GROUP."""
    _change(lambda service, **how: service.regroup(login, join=[group], **how))


@people.command(cls=ChangingCommand)
@click.argument("login", type=TEXT)
@click.argument("group", type=TEXT)
def leave(login: str, group: str) -> None:
    """Take LOGIN out of GROUP."""
    _change(lambda service, **how: service.regroup(login, leave=[group], **how))


# --- Groups -------------------------------------------------------------------------------------


@click.group("groups", cls=Listing)
@click.pass_context
def groups_(context: click.Context) -> None:
    """List the groups and what they may, or change it."""
    if context.invoked_subcommand is not None:
        return
    session = current_session()
    with session.service() as service:
        found = service.groups()
    session.print_list(
        found,
        _group,
        ("Group", "May", "People", "What it is for"),
        lambda one: (
            one.name,
            in_words(one.permissions),
            ", ".join(one.people) or "-",
            one.description,
        ),
        elastic=("May", "People", "What it is for"),
        closing=f"{counted(len(found), 'group')}." if found else OPEN,
    )


@groups_.command("add", cls=ChangingCommand)
@click.argument("group", type=TEXT)
@click.option(
    "--permission",
    "permissions",
    type=PERMISSION,
    multiple=True,
    metavar="P",
    help=f"One of {', '.join(Permission)}; repeatable.",
)
@click.option("--description", type=TEXT, default="", help="What it is for.")
def add_group(group: str, permissions: tuple[Permission, ...], description: str) -> None:
    """Make GROUP, with these permissions."""
    _change(lambda service, **how: service.add_group(group, permissions, description, **how))


@groups_.command(cls=ChangingCommand)
@click.argument("group", type=TEXT)
@click.argument("permission", type=PERMISSION)
def allow(group: str, permission: Permission) -> None:
    """Give GROUP a PERMISSION."""
    _change(lambda service, **how: service.permit(group, allow=[permission], **how))


@groups_.command(cls=ChangingCommand)
@click.argument("group", type=TEXT)
@click.argument("permission", type=PERMISSION)
def deny(group: str, permission: Permission) -> None:
    """Take a PERMISSION from GROUP."""
    _change(lambda service, **how: service.permit(group, deny=[permission], **how))


# --- Oneself ------------------------------------------------------------------------------------


@click.command(cls=ReadingCommand)
def whoami() -> None:
    """Say who you are here and what you may do."""
    session = current_session()
    with session.service() as service:
        grants = service.whoami()
    if session.as_json:
        session.print_json(_grants(grants))
        return
    acting = f", acting for {grants.acting_for}" if grants.acting_for != grants.login else ""
    session.print(f"You are {grants.login}{acting}.")
    refusal = grants.refusal()
    if grants.open:
        session.print(OPEN)
    elif refusal is not None:
        session.print(f"{refusal}.")
    else:
        session.print(f"You may {in_words(grants.permissions)}.")


# --- What is printed ----------------------------------------------------------------------------


def _change(make: Callable[..., PeopleOutcome]) -> None:
    session = current_session()
    with session.service() as service:
        outcome = make(service, reason=session.why(), dry_run=session.dry_run)
    changed = len(outcome.change_set_ids)
    if session.as_json:
        session.print_json(
            {
                "changeSetId": outcome.change_set_ids[-1] if changed else None,
                "applied": changed,
                "message": "; ".join(outcome.sentences),
            }
        )
        return
    for sentence in outcome.sentences:
        session.print(f"{clean(sentence)}.")
    if session.dry_run:
        session.print("Nothing has changed (dry run).")
    elif changed:
        session.print(f"Done: change set {outcome.change_set_ids[-1]}.")
    else:
        session.print("Nothing to change.")


def _names(permissions: frozenset[Permission]) -> list[str]:
    return [one.value for one in Permission if one in permissions]


def _person(one: Person) -> dict[str, Any]:
    return {
        "userLoginId": one.login,
        "enabled": one.enabled,
        "groups": list(one.groups),
        "permissions": _names(one.permissions),
    }


def _group(one: Group) -> dict[str, Any]:
    return {
        "groupId": one.name,
        "description": one.description or None,
        "permissions": _names(one.permissions),
        "people": list(one.people),
    }


def _grants(grants: Grants) -> dict[str, Any]:
    return {
        "userLoginId": grants.login,
        "actingFor": grants.acting_for,
        "open": grants.open,
        "known": grants.known,
        "enabled": grants.enabled,
        "permissions": _names(grants.permissions),
    }


COMMANDS = (people, groups_, whoami)
