"""Users and permissions by keys, and what keys answer to who may not do what they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import Engine

from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.desk_options import DeskOptions
from preorder_tui.errors import NotPermitted
from preorder_tui.exim.configurations import configuration
from preorder_tui.lines import LineId
from preorder_tui.permissions import Permission
from preorder_tui.service import Service
from screens.app import DeskApp
from screens.auto_allocate import AutoAllocate
from screens.change_sets import ChangeSets
from screens.exim_export import ExportPage
from screens.exim_import import ImportPage
from screens.find_sales_orders import FindSalesOrders
from screens.people import UsersAndPermissions
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.reallocate_all import ReallocateAll
from screens.remove_allocations import RemoveAllocations
from screens.review_allocations import ReviewAllocations
from screens.sync_all import SyncAll
from screens.view_sales_order import ViewSalesOrder
from tests.book import Book
from tests.conftest import TODAY
from tests.on_sqlite import engine
from tests.screens.procurement_desk import NARROW, WIDE, Hand, desk_on
from tests.screens.typing_ahead import settled, type_ahead, until

__all__ = ["engine"]

LINE = LineId("20001", "00001")
P = Permission


@pytest.fixture
def open_desk(engine: Engine) -> Service:
    """A book of two orders, without people."""
    clock = Clock(UTC, TODAY)
    book = Book(engine, clock)
    book.sales_order("10001", date(2026, 5, 1), [("A", 4)], customer="Ana Lindqvist")
    book.sales_order("10002", date(2026, 5, 2), [("A", 4)], customer="Ben Orlov")
    book.purchase_order("20001", date(2027, 6, 20), [("A", 10)], external_id="PO-A")
    book.allocate("10001/1", "20001/1", 4)
    return Service(engine, Actor("root", "desk"), clock)


@pytest.fixture
def root(open_desk: Service) -> Service:
    """The administrator of the same book."""
    open_desk.found_people()
    open_desk.add_person("vic", ["Viewers"])
    return open_desk


def at(service: Service, user: str) -> Service:
    """Somebody else's desk; opening one asks what they may do."""
    desk = Service(service.engine, Actor(user, "desk"), service.clock)
    desk.require(Permission.VIEW)
    return desk


def groups_of(service: Service, login: str) -> tuple[str, ...]:
    """What somebody is in."""
    return next(one.groups for one in service.people() if one.login == login)


# --- The page -----------------------------------------------------------------------------------


async def test_a_person_is_added_regrouped_and_disabled_by_keys(root: Service) -> None:
    async with desk_on(root, UsersAndPermissions) as hand:
        await hand.until("root .*Administrators")
        await hand.press("A", *"bo", "enter")
        await hand.until("Groups of bo")
        await hand.press("down", "space", "enter")
        await hand.until("bo is added, in Allocators")
        assert groups_of(root, "bo") == ("Allocators",)
        assert hand.row("bo ").startswith(">")
        await hand.press("enter", "down", "space", "down", "space")
        assert "bo may view, edit dates, PO edit, EXIM" in hand.text
        await hand.press("enter")
        await hand.until("bo is in Buyers now; bo is out of Allocators")
        await hand.press("x")
        await hand.until(r"Disable bo\?")
        await hand.press("n", "x", "y")
        await hand.until("bo is disabled")
        assert "disabled" in hand.row("bo ")
        await hand.press("x", "y")
        await hand.until("bo is enabled")
        await hand.press("enter", "down", "down", "space", "enter")
        await hand.until("bo is out of Buyers")
        assert groups_of(root, "bo") == ()


async def test_a_group_is_made_and_its_permissions_ticked(root: Service) -> None:
    async with desk_on(root, UsersAndPermissions) as hand:
        await hand.press("right", "A", *"Night", "enter", "space", "down", "space", "enter")
        await hand.until("Group Night may view, allocate")
        await hand.press("enter", "space", "enter")
        await hand.until("Night has view no more")
        await hand.press("enter", "enter")
        await hand.until("Nothing to change")
        await hand.press("x")
        await hand.until("A group cannot be disabled")
        (night,) = [one for one in root.groups() if one.name == "Night"]
        assert night.permissions == {P.ALLOCATE}


async def test_the_last_administrator_and_names_that_are_taken(root: Service) -> None:
    async with desk_on(root, UsersAndPermissions) as hand:
        await hand.press("x", "y")
        await hand.until("root is the last administrator")
        await hand.press("enter", "space", "enter")
        await hand.until("root is the last administrator")
        assert groups_of(root, "root") == ("Administrators",)
        await hand.press("A", *"vic", "enter")
        await hand.until("vic is among the people already")
        await hand.press("escape")
        await hand.until("Nothing was changed")


async def test_a_viewer_may_look_at_it_and_is_told(root: Service) -> None:
    async with desk_on(at(root, "vic"), UsersAndPermissions) as hand:
        await hand.until("You are vic: may view")
        for name in ("A", "x", "enter"):
            await hand.press(name)
            await hand.until("You may not administer this desk: that needs")
            await hand.press("escape")
        await hand.press("right")
        assert "Administrators" in hand.text


async def test_an_open_desk_is_closed_by_its_first_administrator(open_desk: Service) -> None:
    async with desk_on(open_desk, UsersAndPermissions) as hand:
        await hand.until("No people are defined yet")
        await hand.press("A", "n", "A", "y")
        await hand.until("root is the administrator now")
        assert "You are root: may do everything" in hand.text
    with pytest.raises(NotPermitted, match="not among the people"):
        at(open_desk, "bo")


async def test_it_stands_in_the_menu(root: Service) -> None:
    async with desk_on(root, FindSalesOrders) as hand:
        await hand.press("m", *"users", "enter")
        await hand.until("Settings › Users and permissions › People")
        await hand.press("colon", *"sales", "enter", "colon", *"people", "enter")
        await hand.until("Settings › Users and permissions › People")


# --- Keys of what one may not do ----------------------------------------------------------------

REFUSED: list[tuple[Callable[[], Any], str, Permission]] = [
    (FindSalesOrders, "o", P.EXIM),
    (lambda: ViewSalesOrder("10002"), "l", P.ALLOCATE),
    (lambda: ViewSalesOrder("10002"), "L", P.ALLOCATE),
    (lambda: ViewSalesOrder("10001"), "x", P.ALLOCATE),
    (lambda: ViewSalesOrder("10001"), "M", P.ALLOCATE),
    (lambda: ViewSalesOrder("10001"), "C", P.ALLOCATE),
    (lambda: ViewSalesOrder("10001"), "e", P.EDIT_DATES),
    (lambda: PurchaseOrderDetail("20001"), "l", P.ALLOCATE),
    (lambda: PurchaseOrderDetail("20001"), "y", P.ALLOCATE),
    (lambda: PurchaseOrderDetail("20001"), "x", P.ALLOCATE),
    (lambda: PurchaseOrderDetail("20001"), "E", P.ALLOCATE),
    (lambda: PurchaseOrderDetail("20001"), "e", P.EDIT_DATES),
    (lambda: PurchaseOrderDetail("20001"), "n", P.PO_EDIT),
    (lambda: PurchaseOrderDetail("20001"), "R", P.PO_EDIT),
    (lambda: PurchaseOrderDetail("20001"), "D", P.PO_EDIT),
    (lambda: PurchaseOrderDetail("20001"), "C", P.PO_EDIT),
    (lambda: PurchaseOrderDetail("20001"), "A", P.PO_EDIT),
    (lambda: ReviewAllocations(LINE), "x", P.ALLOCATE),
    (lambda: ReviewAllocations(LINE), "o", P.EXIM),
    (lambda: RemoveAllocations(LINE), "x", P.ALLOCATE),
    (AutoAllocate, "w", P.ALLOCATE),
    (ReallocateAll, "w", P.ALLOCATE),
    (SyncAll, "w", P.ALLOCATE),
    (lambda: ViewSalesOrder("10001"), "P", P.ALLOCATE),
    (lambda: ReviewAllocations(LINE), "P", P.ALLOCATE),
    (lambda: ImportPage(configuration("IMP_PO", "import")), "f", P.EXIM),
    (lambda: ExportPage(configuration("EXPORT_PO", "export")), "o", P.EXIM),
]


@pytest.mark.parametrize(("page", "key", "needed"), REFUSED)
async def test_a_key_says_at_once_which_permission_it_needs(
    root: Service, page: Callable[[], Any], key: str, needed: Permission
) -> None:
    async with desk_on(at(root, "vic"), page) as hand:
        await hand.press(key)
        await hand.until("This did not work")
        shown = " ".join(hand.text.replace("│", " ").split())
        assert needed.refusal in shown
        assert f"({needed})" in shown
        assert "; ask an administrator (root)." in shown
        await hand.press("escape")
        assert "This did not work" not in hand.text
        assert isinstance(hand.app.screen, type(page()))


@pytest.mark.parametrize("job", [AutoAllocate, ReallocateAll, SyncAll])
async def test_a_job_may_be_looked_at_but_not_run(root: Service, job: Callable[[], Any]) -> None:
    """What a run would do is shown to whoever may view; nothing is written for them."""
    vic = at(root, "vic")
    before = len(root.change_sets())
    async with desk_on(vic, job) as hand:
        await hand.press("r")
        assert hand.sentence
        assert "ALLOCATE" not in hand.text, "looking is free"
        await hand.press("w", "y", "y")
        await hand.until(r"\(ALLOCATE\)")
        assert "ask an administrator" in " ".join(hand.text.replace("│", " ").split())
    assert len(root.change_sets()) == before


async def test_the_key_works_as_soon_as_it_may(root: Service) -> None:
    vic = at(root, "vic")
    async with desk_on(vic, lambda: ViewSalesOrder("10002")) as hand:
        await hand.press("l")
        await hand.until(r"\(ALLOCATE\)")
        root.regroup("vic", join=["Allocators"])
        vic.whoami()  # as the next reading of what she may does
        await hand.press("escape", "L", "y")
        await hand.until("done")
        assert vic.sales_order("10002").items[0].allocated == 4


async def test_a_permission_lost_while_the_plan_is_shown(root: Service) -> None:
    root.regroup("vic", join=["Allocators"])
    async with desk_on(at(root, "vic"), lambda: ViewSalesOrder("10002")) as hand:
        await hand.press("L")
        await hand.until("Apply")
        root.regroup("vic", leave=["Allocators"])
        await hand.press("y")
        await hand.until(r"\(ALLOCATE\)")
        assert root.sales_order("10002").items[0].allocated == 0


async def test_undo_of_somebody_elses_change(root: Service) -> None:
    root.apply(root.plan_deallocate(LineId("10001", "00001")))
    root.regroup("vic", join=["Allocators"])
    async with desk_on(at(root, "vic"), ChangeSets) as hand:
        await hand.press("down", "u")
        await hand.until("Change set 3 is root's and not yours")
        await hand.press("escape", "home", "u")
        await hand.until("changed no order")


async def past_day(hand: Hand) -> None:
    """A day that is over, typed into the calendar."""
    await hand.press("e", *"20261101", "enter")
    await hand.until("2026-11-01 is over: choose 2026-11-25 or later")


async def test_a_day_that_is_over_needs_override(root: Service) -> None:
    root.regroup("vic", join=["Allocators"])
    async with desk_on(at(root, "vic"), lambda: ViewSalesOrder("10001")) as hand:
        await past_day(hand)
        assert "o overrides" not in hand.text
        await hand.press("o")
        await hand.until(r"\(OVERRIDE\)")
        await hand.press("escape")
        assert "2026-11-01" in hand.text  # what was typed is still there
    for page, line in (
        (lambda: ViewSalesOrder("10001"), LineId("10001", "00001")),
        (lambda: PurchaseOrderDetail("20001"), LINE),
    ):
        async with desk_on(root, page) as hand:
            await past_day(hand)
            assert "or o overrides" in hand.text
            await hand.press("o")
            await hand.until("Warning: 2026-11-01 is over: the rule is overridden")
            await hand.press("y")
            await hand.until("done")
        (row, *_) = root.history(line=line)
        assert row.new_text == "2026-11-01"
        assert root.change_sets()[0].command.endswith(" --override")


# --- Pictures -----------------------------------------------------------------------------------

PICTURES = {
    "people": (),
    "groups": ("right",),
    "groups-of-a-person": ("down", "enter"),
    "permissions": ("right", "down", "enter"),
    "add-a-person": ("A",),
    "disable": ("down", "x"),
}


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, size: tuple[int, int], root: Service, snap_compare: Any) -> None:
    root.add_person("ann.lindqvist", ["Allocators", "Buyers"])
    root.add_person("李小龍", ["Buyers"])
    app = DeskApp(
        DeskOptions("sqlite:///book.db", "root"), lambda _: root, landing=UsersAndPermissions
    )

    async def before(pilot: Any) -> None:
        await until(lambda: app.opened and app.desk_pages())
        await settled(app)
        for key in PICTURES[name]:
            type_ahead(app, key)
            await settled(app)

    assert snap_compare(app, terminal_size=size, run_before=before)
