"""People and groups: added, changed, disabled; the last administrator stays."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest

from preorder_tui.errors import NotPermitted, Refused, UnknownId, WrongUsage
from preorder_tui.permissions import ALL, Permission, permission_named
from preorder_tui.service import Service
from tests.preorder_tui.people_desk import (
    PO1,
    SO2,
    at,
    open_desk,
    root,
)

__all__ = ["open_desk", "root"]

P = Permission


def test_people_and_groups(root: Service) -> None:
    bo = at(root, "bo")
    assert root.add_person("bo", ["Viewers"], reason="new").sentences == (
        "bo is added, in Viewers",
    )
    assert bo.sales_order("10001")
    for refused in (
        lambda: bo.add_person("zoe"),
        lambda: bo.enable_person("root", enabled=False),
        lambda: bo.regroup("bo", join=["Administrators"]),
        lambda: bo.add_group("Mine", ALL),
        lambda: bo.permit("Viewers", allow=[P.ADMINISTER]),
        bo.found_people,
    ):
        with pytest.raises(NotPermitted, match="ADMINISTER"):
            refused()
    root.regroup("bo", join=["Allocators"], leave=["Viewers"])
    assert bo.whoami().permissions == {P.VIEW, P.ALLOCATE, P.EDIT_DATES}
    root.enable_person("bo", enabled=False)
    (found,) = [one for one in root.people() if one.login == "bo"]
    assert (found.enabled, found.groups) == (False, ("Allocators",))
    root.enable_person("bo", enabled=True)
    root.add_group("Night", [P.VIEW], "At night")
    root.permit("Night", allow=[P.EXIM], deny=[P.VIEW])
    (night,) = [one for one in root.groups() if one.name == "Night"]
    assert (night.permissions, night.description) == ({P.EXIM}, "At night")
    assert [(row.user, row.command, row.comments) for row in reversed(root.change_sets())] == [
        ("root", "init --administrator root", ""),
        ("root", "people add bo --group Viewers", "new"),
        ("root", "people join bo Allocators", ""),
        ("root", "people leave bo Viewers", ""),
        ("root", "people disable bo", ""),
        ("root", "people enable bo", ""),
        ("root", "groups add Night --permission VIEW --description 'At night'", ""),
        ("root", "groups allow Night EXIM", ""),
        ("root", "groups deny Night VIEW", ""),
    ]


def test_a_change_of_people_stands_in_no_ones_way(root: Service) -> None:
    number = root.apply(root.plan_allocate(SO2, [(PO1, 1)])).change_set_id
    people = root.add_person("bo").change_set_ids[0]
    with pytest.raises(Refused, match="changed no order"):
        root.plan_undo(people)
    undone = root.apply(root.plan_undo()).change_set_id
    root.add_person("cy")
    root.apply(root.plan_redo())
    taken_back = [row.inverse_of for row in root.change_sets() if row.inverse_of]
    assert taken_back == [undone, number]
    assert root.verify().violations == ()


@pytest.mark.parametrize(
    "leave",
    [
        lambda s: s.enable_person("root", enabled=False),
        lambda s: s.regroup("root", leave=["Administrators"]),
        lambda s: s.permit("Administrators", deny=[P.ADMINISTER]),
    ],
)
def test_the_last_administrator_stays(root: Service, leave: Callable[[Service], object]) -> None:
    before = (root.people(), root.groups(), root.change_sets())
    with pytest.raises(Refused, match="root is the last administrator"):
        leave(root)
    assert (root.people(), root.groups(), root.change_sets()) == before
    root.add_person("zoe", ["Viewers"])
    root.add_group("Chiefs", [P.ADMINISTER])
    with pytest.raises(Refused, match="last administrator"):
        leave(root)
    root.regroup("zoe", join=["Chiefs"])
    leave(root)
    assert grants_of(root, "zoe") >= {P.ADMINISTER}
    with pytest.raises(NotPermitted):
        root.add_person("cy")


def grants_of(service: Service, login: str) -> frozenset[Permission]:
    """What somebody may do now."""
    return at(service, login).whoami().permissions


def test_two_administrators_cannot_shut_each_other_out_at_once(root: Service) -> None:
    root.add_person("zoe", ["Administrators"])
    start, said = Barrier(2), []

    def shut_out(me: str, whom: str) -> None:
        service = at(root, me)
        start.wait()
        try:
            service.enable_person(whom, enabled=False)
        except Refused as error:
            said.append(str(error))

    threads = [Thread(target=shut_out, args=pair) for pair in (("root", "zoe"), ("zoe", "root"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 1
    assert "disabled" in said[0]
    left = [login for login in ("root", "zoe") if at(root, login).whoami().enabled]
    assert len(left) == 1


def test_what_names_nothing_or_is_there_already(root: Service) -> None:
    root.add_person("bo", ["Viewers"])
    for kind, refused in (
        (UnknownId, lambda: root.regroup("cy", join=["Viewers"])),
        (UnknownId, lambda: root.regroup("bo", join=["Nothing"])),
        (UnknownId, lambda: root.add_person("cy", ["Viewers", "Nothing"])),
        (UnknownId, lambda: root.enable_person("cy", enabled=True)),
        (UnknownId, lambda: root.permit("Nothing", allow=[P.VIEW])),
        (Refused, lambda: root.add_person("bo")),
        (Refused, lambda: root.add_group("Viewers")),
        (Refused, root.found_people),
        (WrongUsage, lambda: root.add_person(" ")),
        (WrongUsage, lambda: root.add_person("x" * 61)),
    ):
        with pytest.raises(kind):
            refused()
    assert [one.login for one in root.people()] == ["bo", "root"]
    number = len(root.change_sets())
    for again in (
        root.regroup("bo", join=["Viewers"], leave=["Buyers"]),
        root.enable_person("bo", enabled=True),
        root.permit("Viewers", allow=[P.VIEW], deny=[P.EXIM]),
    ):
        assert again.change_set_ids == ()
    assert len(root.change_sets()) == number


def test_a_dry_run_only_tries(root: Service) -> None:
    tried = root.add_person("bo", ["Viewers"], dry_run=True)
    assert (tried.sentences, tried.change_set_ids) == (("bo is added, in Viewers",), ())
    assert [one.login for one in root.people()] == ["root"]
    with pytest.raises(Refused, match="last administrator"):
        root.enable_person("root", enabled=False, dry_run=True)


def test_the_first_person_is_an_administrator(open_desk: Service) -> None:
    with pytest.raises(UnknownId, match="no groups yet"):
        open_desk.add_person("bo", ["Viewers"])
    with pytest.raises(Refused, match="the first one must be an administrator"):
        open_desk.add_person("bo")
    assert open_desk.people() == ()
    assert open_desk.found_people().sentences == ("ana is the administrator now",)
    assert open_desk.whoami().permissions == ALL
    with pytest.raises(NotPermitted, match="not among"):
        at(open_desk, "bo").people()


@pytest.mark.parametrize(
    ("text", "permission"),
    [("PO_EDIT", P.PO_EDIT), ("po edit", P.PO_EDIT), (" Edit-Dates ", P.EDIT_DATES), ("all", None)],
)
def test_names_of_permissions(text: str, permission: Permission | None) -> None:
    assert permission_named(text) is permission
