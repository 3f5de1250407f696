"""Who may do what: each permission refused and granted, at the moment a change is applied."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click import Command

from preorder_tui import desk_database, grants
from preorder_tui.actor import Actor
from preorder_tui.cli import _preorder_tui as desk_commands
from preorder_tui.commands.session import ChangingCommand
from preorder_tui.errors import NotPermitted
from preorder_tui.exim.catalogue import IMPORTS
from preorder_tui.permissions import ALL, NEEDED, NEEDED_BY_IMPORT, Permission, needed_for
from preorder_tui.plan import Plan
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.service import Service
from tests.preorder_tui.exim_files import Exchange
from tests.preorder_tui.people_desk import (
    LONG_AGO,
    NEXT_MONTH,
    PO1,
    PO2,
    SO1,
    SO2,
    SOON,
    at,
    open_desk,
    person,
    root,
)

__all__ = ["open_desk", "root"]

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
