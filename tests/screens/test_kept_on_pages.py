"""What is typed and picked on a page itself is kept when the desk ends, and put back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from preorder_tui.errors import Refused
from preorder_tui.lines import parse_line
from preorder_tui.policy_names import DEFAULT, NAMES
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from preorder_tui.service import Service
from screens.auto_allocate import AutoAllocate
from screens.find_page import FindPage
from screens.find_purchase_orders import FindPurchaseOrders
from screens.job_scope import (
    WHOLE_BOOK,
    JobScope,
    as_kept,
    from_kept,
    of_purchase_search,
    of_sales_search,
)
from screens.purchase_order_detail import PurchaseOrderDetail
from screens.remove_allocations import RemoveAllocations
from screens.sync_all import SyncAll
from tests.screens.keeping_desk import (
    PO_LINE,
    desk,
    desk_with_it_back,
    hang_up,
    kept,
    look,
)
from tests.screens.long_demand import long_book
from tests.screens.sales_book import engine, service
from tests.screens.typing_ahead import until

__all__ = ["engine", "service"]


async def test_quantities_typed_in_the_rows(service: Service) -> None:
    async with desk(service, lambda: PurchaseOrderDetail("20001")) as hand:
        await hand.press("n", "7")
        await hang_up(hand)
    ((title, typed),) = kept(service)
    assert title.endswith("PO-A")
    assert typed == "20001/00001 to 7"
    async with desk_with_it_back(service) as hand:
        await hand.until("7<3")
        await hand.press("ctrl+s")
        await hand.until("1 change on 1 line")
        await hand.press("y")
        await hand.until("done")
        await until(lambda: not kept(service))


async def test_ticked_rows_of_a_page(service: Service) -> None:
    service.apply(service.plan_allocate(parse_line("10001/1"), [(parse_line("20001/1"), 2)]))
    async with desk(service, lambda: RemoveAllocations(PO_LINE)) as hand:
        await hand.press("space")
        await hang_up(hand)
    async with desk(service) as hand:
        await hand.until("1 ticked")
        await hand.press("enter")
        await hand.until(r"Ticked 1 of 1")


async def test_filters_and_a_search_being_typed(service: Service) -> None:
    async with desk(service, FindPurchaseOrders) as hand:
        hand.app.desk_pages()[-1].entry = None
    async with desk(service) as hand:
        await hand.press("1", "slash", *"ada")
        await hang_up(hand)
    ((title, typed),) = kept(service)
    assert title == "Sales Orders"
    assert '"ada"' in typed
    async with desk_with_it_back(service) as hand:
        await hand.until('"ada"')
        page = hand.app.screen
        assert isinstance(page, FindPage)
        assert page.search_text == "ada"
        assert "10001" in hand.row(">")
        await hand.press("slash", "escape", "0")
        await look(hand)
        assert kept(service) == []


async def test_how_a_list_is_sorted_is_no_draft(service: Service) -> None:
    async with desk(service) as hand:
        await hand.press("s", "i")
        await hang_up(hand)
    assert kept(service) == []


async def test_the_policy_of_a_job_and_its_plan(service: Service) -> None:
    async with desk(service) as hand:
        await hand.press("f10", *"auto", "enter", "2", "w")
        await hand.until("Apply")
        await hang_up(hand)
    ((_, typed),) = kept(service)
    before = len(service.change_sets())
    async with desk_with_it_back(service) as hand:
        await hand.until("The plan is made anew, on what the orders are now")
        assert len(service.change_sets()) == before
        await hand.press("n")
        page = hand.app.screen
        assert isinstance(page, AutoAllocate)
        assert NAMES[page.policy][0] in typed
        assert page.policy != DEFAULT


async def test_dates_of_a_report(service: Service) -> None:
    async with desk(service) as hand:
        await hand.press("f10", *"reports", "enter", "enter", "w", *"2026-10-01")
        await hang_up(hand)
    async with desk_with_it_back(service) as hand:
        await hand.until("From 2026-10-01")


async def test_a_job_over_what_a_page_found(service: Service) -> None:
    """It comes back with the very search it was for, never with more of the book."""
    async with desk(service) as hand:
        await hand.press("1", "slash", *"ada", "enter", "w")
        page = hand.app.screen
        assert isinstance(page, AutoAllocate)
        scope = page.scope
        assert scope.sales is not None
        await hand.press("2", "w")
        await hand.until("Apply")
        await hang_up(hand)
    async with desk_with_it_back(service) as hand:
        await hand.until("The plan is made anew, on what the orders are now")
        await hand.press("n")
        page = hand.app.screen
        assert isinstance(page, AutoAllocate)
        assert page.scope == scope
        assert page.policy != DEFAULT


async def test_a_product_chosen_for_a_job(service: Service) -> None:
    async with desk(service) as hand:
        await hand.press("f10", *"sync", "enter", "g", "s", "p", *"TC-TAN-S", "enter")
        await until(lambda: "Scope: product TC-TAN-S" in hand.sentence)
        await hang_up(hand)
    ((_, typed),) = kept(service)
    assert typed == "only promises that get later, product TC-TAN-S Tidal Cap"
    async with desk_with_it_back(service) as hand:
        await until(lambda: "product TC-TAN-S" in hand.row("Scope"))
        page = hand.app.screen
        assert isinstance(page, SyncAll)
        assert (page.scope.sku, page.guard) == ("TC-TAN-S", "later")
        await look(hand)
        assert len(kept(service)) == 1, "it is kept on, until it is done with"


@pytest.mark.parametrize(
    "scope",
    [
        of_sales_search(
            SalesOrderQuery(
                "ada", ("ORDER_APPROVED",), promised_from=date(2026, 12, 1), overdue=True
            ),
            ["words"],
        ),
        of_purchase_search(
            PurchaseOrderQuery("PO", arrival_to=date(2027, 1, 1), has_atp=True, group="x"), ["w"]
        ),
        JobScope("product A", sku="A"),
        WHOLE_BOOK,
    ],
)
def test_a_scope_is_kept_as_it_is(scope: JobScope) -> None:
    assert from_kept(json.loads(json.dumps(as_kept(scope)))) == scope


@pytest.mark.parametrize(
    "foreign",
    [
        {"words": "x", "sku": None, "sales": {"colour": "red"}},
        {"words": "x", "sales": {"ordered_from": "soon"}},
        {"words": "x", "purchases": 7},
        {"sku": "A"},
    ],
)
def test_a_scope_of_another_version_is_refused_not_widened(foreign: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="not known to this version"):
        from_kept(foreign)


async def test_ticks_of_a_long_page(engine: Engine) -> None:
    service = long_book(engine, 2_600)
    service.apply(service.plan_allocate_sales_orders(PO_LINE))
    async with desk(service, lambda: RemoveAllocations(PO_LINE)) as hand:
        await hand.press("a", "space")
        await hand.until("Ticked 2,599 of 2,600 lines")
        await hang_up(hand)
    async with desk(service) as hand:
        await hand.until("2,599 ticked")
        await hand.press("enter")
        await hand.until("Ticked 2,599 of 2,600 lines")
        assert "[ ]" in hand.row(">")
