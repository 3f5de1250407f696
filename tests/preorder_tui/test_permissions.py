"""Who may do what: each permission refused and granted, at the moment a change is applied."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from click import Command

from preorder_tui import desk_database, grants
from preorder_tui.actor import Actor
from preorder_tui.cli import _preorder_tui as desk_commands
from preorder_tui.commands.session import ChangingCommand
from preorder_tui.errors import NotPermitted, Refused, UnknownId, WrongUsage
from preorder_tui.exim.catalogue import IMPORTS
from preorder_tui.lines import LineId
from preorder_tui.permissions import (
    ALL,
    NEEDED,
    NEEDED_BY_IMPORT,
    Permission,
    needed_for,
    permission_named,
)
from preorder_tui.plan import Plan
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.service import Service
from tests.book import Book
from tests.conftest import TODAY
from tests.preorder_tui.exim_files import Exchange

SO1, SO2 = LineId("10001", "00001"), LineId("10002", "00001")
PO1, PO2 = LineId("20001", "00001"), LineId("20002", "00001")
SOON, NEXT_MONTH = TODAY + timedelta(days=10), TODAY + timedelta(days=30)
LONG_AGO = date(2026, 1, 1)
P = Permission

PLANS: list[tuple[Callable[[Service], Plan], Permission]] = [
    (lambda s: s.plan_allocate(SO2, [(PO1, 1)]), P.ALLOCATE),
    (lambda s: s.plan_move(SO1, PO2), P.ALLOCATE),
    (lambda s: s.plan_allocate_order("10002"), P.ALLOCATE),
    (lambda s: s.plan_deallocate(SO1), P.ALLOCATE),
    (lambda s: s.plan_cancel_item(SO1, "OICR_CHANGE_MIND"), P.ALLOCATE),
    (lambda s: s.plan_allocate_sales_orders(PO1), P.ALLOCATE),
    (lambda s: s.plan_remove_allocations(PO1), P.ALLOCATE),
    (lambda s: s.plan_reallocate(PO2), P.ALLOCATE),
    (lambda s: s.plan_auto_allocate(), P.ALLOCATE),
    (lambda s: s.plan_sync_dates(PO1), P.ALLOCATE),
    (lambda s: s.plan_promise_date(SO1, NEXT_MONTH), P.EDIT_DATES),
    (lambda s: s.plan_arrival_date(PO1, SOON), P.EDIT_DATES),
    (lambda s: s.plan_cancel_purchase_order("20001"), P.PO_EDIT),
    (lambda s: s.plan_cancel_purchase_line(PO1), P.PO_EDIT),
    (lambda s: s.plan_complete_purchase_order("20001"), P.PO_EDIT),
    (lambda s: s.plan_complete_purchase_line(PO1), P.PO_EDIT),
    (lambda s: s.plan_quantities([(PO1, 9)]), P.PO_EDIT),
    (lambda s: s.plan_add_item("20001", "B", 1, NEXT_MONTH), P.PO_EDIT),
    (lambda s: s.plan_receive(PO1, 2), P.PO_EDIT),
    (lambda s: s.plan_promise_date(SO1, LONG_AGO, override=True), P.OVERRIDE),
    (lambda s: s.plan_arrival_date(PO1, LONG_AGO, override=True), P.OVERRIDE),
]


def at(service: Service, user: str, login: str = "") -> Service:
    """Somebody at the same database."""
    return Service(service.engine, Actor(user, "command", login), service.clock)


@pytest.fixture
def open_desk(service: Service, book: Book) -> Service:
    """A small book that has no people; the service is ana's."""
    book.sales_order("10001", date(2026, 5, 1), [("A", 4), ("B", 2)])
    book.sales_order("10002", date(2026, 5, 2), [("A", 4)])
    book.purchase_order("20001", NEXT_MONTH, [("A", 8)])
    book.purchase_order("20002", SOON, [("A", 5)])
    book.allocate("10001/1", "20001/1", 4)
    return service


@pytest.fixture
def root(open_desk: Service) -> Service:
    """The administrator of the same book, from now on with people."""
    administrator = at(open_desk, "root")
    administrator.found_people()
    return administrator


def person(root: Service, login: str, *permissions: Permission) -> Service:
    """Somebody new who may do that, and nothing else."""
    root.add_group(f"of {login}", permissions)
    root.add_person(login, [f"of {login}"])
    return at(root, login)


# --- Plans --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "needed"), PLANS)
def test_a_plan_needs_its_permission(
    root: Service, make: Callable[[Service], Plan], needed: Permission
) -> None:
    without = person(root, "wim", *(ALL - {needed}))
    plan = make(without)  # looking at what it would do is free
    assert plan.changes
    sentence = f"{re.escape(needed.refusal)}: .* \\({needed}\\); ask an administrator \\(root"
    with pytest.raises(NotPermitted, match=sentence):
        without.apply(plan)
    assert all(row.change_count == 0 for row in root.change_sets())
    assert without.refusal_of_plan(plan) is not None

    having = person(root, "ida", *{P.VIEW, needed, *needed_for(plan.command)})
    assert having.apply(make(having)).applied
    assert root.verify().violations == ()


def test_a_viewer_sees_and_plans_and_changes_nothing(root: Service) -> None:
    vic = person(root, "vic", P.VIEW)
    assert vic.find_sales_orders(SalesOrderQuery(), 10).rows
    assert vic.people()
    assert vic.groups()
    assert vic.change_sets()
    for make, _ in PLANS:
        with pytest.raises(NotPermitted):
            vic.apply(make(vic))
    vic.save_filter("sales", "mine", {})  # what is one's own


def test_without_view_nothing_is_seen(root: Service) -> None:
    nobody, blind = at(root, "nobody"), person(root, "blind", P.ALLOCATE)
    with pytest.raises(NotPermitted, match=r"nobody is not among the people .* \(root\)"):
        nobody.find_sales_orders(SalesOrderQuery(), 10)
    with pytest.raises(NotPermitted, match=r"may not look .* \(VIEW\)"):
        blind.sales_order("10001")
    with pytest.raises(NotPermitted, match="not among"):
        nobody.save_filter("sales", "mine", {})
    assert not nobody.whoami().known


def test_a_book_without_people_is_open(open_desk: Service) -> None:
    for make, _ in PLANS[:1]:
        open_desk.apply(make(open_desk), reason="because")
    grants_of_ana = open_desk.whoami()
    assert grants_of_ana.open
    assert grants_of_ana.permissions == ALL
    stranger = at(open_desk, "bo", "somebody-else")  # nobody is known: nobody is refused
    stranger.apply(stranger.plan_deallocate(SO2))
    assert [row.comments for row in open_desk.change_sets()] == ["", "because"]


def test_every_command_that_changes_orders_is_listed() -> None:
    def of(command: Command) -> bool:
        return isinstance(command, ChangingCommand)

    changing = {name for name, one in desk_commands.commands.items() if of(one)}
    no_orders = {"init", "import", "undo", "redo", "restore", "settings"}
    assert changing - no_orders <= NEEDED.keys()
    assert {one.config_id for one in IMPORTS} == NEEDED_BY_IMPORT.keys()
    assert needed_for("") == needed_for("drop-everything 1") == {P.ADMINISTER}
    assert needed_for("import NEW f.csv --override") == {P.ADMINISTER, P.EXIM}


# --- Between plan and apply ---------------------------------------------------------------------


def test_a_permission_lost_between_plan_and_apply_counts(
    root: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_database, "GRANTS_KEPT", 600.0)
    ida = person(root, "ida", P.VIEW, P.ALLOCATE)
    plan = ida.plan_allocate(SO2, [(PO1, 1)])
    root.permit("of ida", deny=[P.ALLOCATE])
    assert ida.refusal(P.ALLOCATE) is None  # she has not heard of it
    with pytest.raises(NotPermitted, match="ALLOCATE"):
        ida.apply(plan)
    root.permit("of ida", allow=[P.ALLOCATE])
    assert ida.apply(plan).applied
    root.enable_person("ida", enabled=False)
    with pytest.raises(NotPermitted, match="ida is disabled"):
        ida.apply(ida.plan_deallocate(SO2))


def test_who_was_shut_out_soon_sees_nothing(root: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    ida = person(root, "ida", P.VIEW)
    ida.sales_order("10001")
    root.enable_person("ida", enabled=False)
    monkeypatch.setattr(desk_database, "GRANTS_KEPT", -1.0)  # as if that time had passed
    with pytest.raises(NotPermitted, match="disabled"):
        ida.sales_order("10001")


def test_what_one_may_is_read_once(root: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_database, "GRANTS_KEPT", 600.0)
    ida = person(root, "ida", P.VIEW, P.ALLOCATE)
    reads: list[str] = []
    read = grants.read

    def counted(connection: object, actor: Actor, **how: bool) -> object:
        reads.append(actor.user)
        return read(connection, actor, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(grants, "read", counted)
    for _ in range(5):
        ida.find_sales_orders(SalesOrderQuery(), 10)
        ida.sales_order("10001")
    plan = ida.plan_allocate(SO2, [(PO1, 1)])
    assert reads == ["ida"]
    ida.apply(plan)
    assert reads == ["ida", "ida"]


# --- Undo and redo ------------------------------------------------------------------------------


def test_undo_needs_what_it_takes_back(root: Service) -> None:
    ida = person(root, "ida", P.VIEW, P.ALLOCATE)
    number = ida.apply(ida.plan_allocate(SO2, [(PO1, 1)])).change_set_id
    undone = ida.apply(ida.plan_undo()).change_set_id
    assert ida.apply(ida.plan_redo()).applied
    root.permit("of ida", deny=[P.ALLOCATE], allow=[P.EDIT_DATES, P.ADMINISTER])
    for plan in (ida.plan_undo(), ida.plan_undo(number + 2 if number else 0)):
        with pytest.raises(NotPermitted, match="ALLOCATE"):
            ida.apply(plan)
    assert undone is not None


def test_what_somebody_else_did_is_an_administrators_to_take_back(root: Service) -> None:
    ida = person(root, "ida", P.VIEW, P.ALLOCATE)
    bob = person(root, "bob", *(ALL - {P.ADMINISTER}))
    number = ida.apply(ida.plan_allocate(SO2, [(PO1, 1)])).change_set_id
    with pytest.raises(NotPermitted, match=rf"Change set {number} is ida's .*\(ADMINISTER\)"):
        bob.apply(bob.plan_undo(number))
    undone = root.apply(root.plan_undo(number)).change_set_id
    with pytest.raises(NotPermitted, match=rf"Change set {undone} is root's"):
        ida.apply(ida.plan_redo(number))
    root.apply(root.plan_redo(number))


# --- Acting for another -------------------------------------------------------------------------


def test_acting_for_another_needs_administer(root: Service) -> None:
    ida = person(root, "ida", P.VIEW, P.ALLOCATE)
    as_ida = at(root, "ida", "root")
    plan = as_ida.plan_allocate(SO2, [(PO1, 1)])
    as_ida.apply(plan, reason="by telephone")
    last = root.change_sets()[0]
    assert (last.user, last.comments) == ("ida", "by root: by telephone")
    assert ida.apply(ida.plan_undo()).applied  # it is hers
    as_root = at(root, "root", "ida")
    for work in (lambda: as_root.sales_order("10001"), lambda: as_root.apply(plan)):
        with pytest.raises(NotPermitted, match=r"You are ida and may not act for root.*ADMINIST"):
            work()


# --- Files --------------------------------------------------------------------------------------


def test_pages_and_reports_to_files_need_exim(root: Service, tmp_path: Path) -> None:
    vic, eve = person(root, "vic", P.VIEW), person(root, "eve", P.VIEW, P.EXIM)
    for number, write in enumerate(
        (
            lambda s, path: s.export_sales_orders(SalesOrderQuery(), path),
            lambda s, path: s.export_purchase_items(PurchaseOrderQuery(), path),
            lambda s, path: s.export_allocations(PO1, path),
            lambda s, path: s.export_report("unallocated", None, path),
        )
    ):
        path = tmp_path / f"{number}.csv"
        with pytest.raises(NotPermitted, match="EXIM"):
            write(vic, path)
        assert not path.exists()
        write(eve, path)
        assert path.exists()
    assert vic.report("unallocated").rows


def test_imports_need_exim_and_what_they_change(root: Service, tmp_path: Path) -> None:
    text = f"order-id,order-item-seq-id,promised-datetime\n10001,1,{NEXT_MONTH}\n"
    for login, permissions, lacking in (
        ("dan", (P.VIEW, P.EDIT_DATES), "EXIM"),
        ("eve", (P.VIEW, P.EXIM), "EDIT_DATES"),
    ):
        exchange = Exchange(person(root, login, *permissions), tmp_path)
        assert exchange.run("IMP_ORD_ITEM_UPD", text, dry_run=True).preview.changed == 1
        with pytest.raises(NotPermitted, match=lacking):
            exchange.run("IMP_ORD_ITEM_UPD", text)
    assert root.sales_order("10001").items[0].promise_date != NEXT_MONTH
    both = person(root, "fay", P.VIEW, P.EXIM, P.EDIT_DATES)
    assert Exchange(both, tmp_path).run("IMP_ORD_ITEM_UPD", text).change_set_id
    assert both.apply(both.plan_undo()).applied
    with pytest.raises(NotPermitted, match="EXIM"):
        Exchange(at(root, "dan"), tmp_path).export("EXPORT_PO")
    log_id = root.import_log()[0].log_id
    with pytest.raises(NotPermitted, match="EXIM"):
        at(root, "dan").delete_import_log(log_id)
    both.delete_import_log(log_id)


def test_the_exim_process_checks_for_itself(
    root: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from preorder_tui.settings import login_name

    me = login_name()
    mine = root if me == "root" else at(root, me)
    if me != "root":
        root.add_person(me, ["Viewers"])
    else:
        root.add_person("zoe", ["Administrators"])
        zoe = at(root, "zoe")
        zoe.regroup("root", join=["Viewers"], leave=["Administrators"])
        root = zoe
    path = tmp_path / "dates.csv"
    path.write_text(f"order-id,order-item-seq-id,promised-datetime\n10001,1,{NEXT_MONTH}\n")
    with mine.exim_worker() as worker:
        assert worker.preview("IMP_ORD_ITEM_UPD", str(path)).changed == 1
        with pytest.raises(NotPermitted, match="EXIM"):
            worker.apply()
        with pytest.raises(NotPermitted, match="EXIM"):
            worker.export("EXPORT_PO", str(tmp_path / "out.csv"))
        root.regroup(me, join=["Buyers"])
        assert worker.preview("IMP_ORD_ITEM_UPD", str(path)).changed == 1
        assert worker.apply().change_set_id
    with (
        at(root, "zoe", "zoe").exim_worker() as worker,  # whoever starts it, it knows who it is
        pytest.raises(NotPermitted, match=f"You are {me} and may not act for zoe"),
    ):
        worker.preview("IMP_ORD_ITEM_UPD", str(path))


# --- People and groups --------------------------------------------------------------------------


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
