"""Commands of the sales side: documents, plans, exit statuses."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from preorder_tui.actor import Actor
from preorder_tui.clock import Clock
from preorder_tui.errors import WrongUsage
from preorder_tui.lines import LineId
from preorder_tui.plan import Plan
from preorder_tui.records import Outcome
from preorder_tui.service import Service
from tests.book import Book
from tests.preorder_tui.command_line import CommandLine


@pytest.fixture
def orders(book: Book) -> Book:
    """PO-A: 10 units arriving on 10 December, PO-B 5 on 20 December; three sales orders of 4."""
    book.product("SKU-1", parent="Style 1", color="Blue", size="M")
    book.purchase_order("200", date(2026, 12, 10), [("SKU-1", 10)], external_id="PO-A")
    book.purchase_order("201", date(2026, 12, 20), [("SKU-1", 5)], external_id="PO-B")
    for n in (1, 2, 3):
        book.sales_order(
            f"10{n}",
            date(2026, 11, n),
            [("SKU-1", 4), ("SKU-2", 1)],
            customer="Ana [bold]\x1b[2J",
            external_id=f"EXT-{n}",
        )
    return book


def test_find_sales(cli: CommandLine, orders: Book) -> None:
    rows = cli.json("find", "sales")
    assert [row["orderId"] for row in rows] == ["103", "102", "101"]
    assert rows[0]["statusId"] == "ORDER_APPROVED"
    assert rows[0]["orderDate"] == "2026-11-03T12:00:00+00:00"
    assert rows[0]["externalId"] == "EXT-3"
    assert "\x1b" not in rows[0]["customerName"]
    assert rows[0]["itemCount"] == 2
    assert rows[0]["unallocatedItemCount"] == 2
    assert rows[0]["allocatedItemCount"] == 0


def test_find_sales_by_text_status_and_limit(cli: CommandLine, orders: Book) -> None:
    assert [row["orderId"] for row in cli.json("find", "sales", "EXT-2")] == ["102"]
    for status in ("ORDER_APPROVED", "approved", "Approved"):
        assert len(cli.json("find", "sales", "--status", status)) == 3
    assert cli.json("find", "sales", "--status", "Canceled") == []
    assert len(cli.json("find", "sales", "--limit", "2")) == 2
    assert len(cli.json("find", "sales", "--unallocated")) == 3
    said = cli("find", "sales", "--limit", "2")
    assert said.out.splitlines()[-1] == "The first 2 sales orders; --limit shows more."


def test_find_purchase(cli: CommandLine, orders: Book) -> None:
    row, other = cli.json("find", "purchase")
    assert (row["orderId"], row["orderItemSeqId"], row["externalId"]) == ("200", "00001", "PO-A")
    assert (row["quantity"], row["availableToPromise"]) == (10, 10)
    assert row["estimatedDeliveryDate"] == "2026-12-10"
    assert (row["statusId"], row["orderStatusId"]) == ("ITEM_APPROVED", "ORDER_APPROVED")
    assert row["productId"]
    assert other["orderId"] == "201"


def test_allocate_show_and_history(cli: CommandLine, orders: Book) -> None:
    done = cli.json("allocate", "EXT-1/1", "PO-A/00001", "--reason", "asked by phone")
    assert done["changeSetId"] is not None
    assert done["applied"] == len(done["changes"]) == 2
    assert done["refused"] == []
    allocation, promise = done["changes"]
    assert allocation == {
        "orderId": "101",
        "orderItemSeqId": "00001",
        "toOrderId": "200",
        "toOrderItemSeqId": "00001",
        "changeTypeEnumId": "ODR_ITM_UPDATE",
        "field": "allocation",
        "oldValue": 0,
        "newValue": 4,
    }
    assert promise["newValue"] == "2026-12-10T23:59:59.999+00:00"

    shown = cli.json("show", "101")
    line = shown["items"][0]
    assert line["orderItemSeqId"] == "00001"
    assert line["sku"] == "SKU-1"
    assert line["correspondingPoId"] == "200"
    assert line["promisedDatetime"] == "2026-12-10T23:59:59.999+00:00"
    assert line["estimatedDeliveryDate"] == "2026-12-10"
    assert [
        (one["orderId"], one["orderItemSeqId"], one["toOrderId"], one["toOrderItemSeqId"])
        for one in line["allocations"]
    ] == [("101", "00001", "200", "00001")]
    assert line["allocations"][0]["quantity"] == 4

    purchase = cli.json("show", "PO-A")["items"][0]
    assert (purchase["availableToPromise"], purchase["allocatedQuantity"]) == (6, 4)
    assert purchase["allocations"][0]["orderId"] == "101"
    assert purchase["allocations"][0]["toOrderId"] == "200"

    reviewed = cli.json("review", "PO-A/1")
    assert (reviewed["orderId"], reviewed["orderItemSeqId"]) == ("200", "00001")
    assert (reviewed["quantity"], reviewed["consumed"], reviewed["availableToPromise"]) == (
        10,
        4,
        6,
    )
    assert [one["quantity"] for one in reviewed["allocations"]] == [4]

    rows = cli.json("history", "101/1")
    assert {row["field"] for row in rows} == {"allocation", "promisedDatetime"}
    assert {row["changeUserLogin"] for row in rows} == {"ana"}
    assert {row["changeComments"] for row in rows} == {"asked by phone"}
    assert {row["changeSetId"] for row in rows} == {done["changeSetId"]}
    assert cli.json("history", "101") == rows
    for words in (("show", "101"), ("show", "PO-A"), ("review", "PO-A/1"), ("history", "101/1")):
        said = cli(*words)
        assert said.status == 0
        assert "\x1b" not in said.out


def test_dry_run_changes_nothing(cli: CommandLine, orders: Book) -> None:
    planned = cli.json("allocate", "101/1", "200/1", "--dry-run")
    assert planned["changeSetId"] is None
    assert planned["applied"] == 0
    assert len(planned["changes"]) == 2
    assert "nothing has changed" in cli("--dry-run", "allocate", "101/1", "200/1").out
    assert cli.json("show", "101")["items"][0]["allocations"] == []
    assert cli.json("change-sets") == []


def test_deallocate_move_and_undo(cli: CommandLine, orders: Book) -> None:
    cli.json("allocate", "101/1", "200/1")
    cli.json("move", "101/1", "201/1", "--quantity", "3")
    units = {
        one["toOrderId"]: one["quantity"]
        for one in cli.json("show", "101")["items"][0]["allocations"]
    }
    assert units == {"200": 1, "201": 3}
    undone = cli.json("undo")
    assert undone["applied"] > 0
    assert len(cli.json("show", "101")["items"][0]["allocations"]) == 1
    cli.json("redo")
    assert len(cli.json("show", "101")["items"][0]["allocations"]) == 2
    cli.json("deallocate", "101/1", "201/1", "--quantity", "1")
    cli.json("deallocate", "101/1")
    line = cli.json("show", "101")["items"][0]
    assert line["allocations"] == []
    assert line["promisedDatetime"] is not None
    assert cli.json("verify") == {"checked": cli.json("verify")["checked"], "violations": []}


def test_purchase_lines_are_named_as_people_call_them(cli: CommandLine, orders: Book) -> None:
    planned = cli("allocate", "101/1", "200/1", "--dry-run").out
    assert "PO-A/00001" in planned
    assert "200/00001" not in planned.partition("\n")[2]
    cli("allocate", "101/1", "PO-A/1")
    assert "Allocation PO-A/00001" in cli("history", "101").out
    assert "PO-A/00001" in cli("set-arrival-date", "200/1", "2026-12-12").out
    assert "PO-A/00001" in cli("history", "PO-A").out
    allocation = cli.json("undo", "1", "--dry-run")["changes"][0]
    assert (allocation["toOrderId"], allocation["toOrderItemSeqId"]) == ("200", "00001")


def test_redo_says_what_it_does_again(cli: CommandLine, orders: Book) -> None:
    cli("allocate", "101/1", "200/1")
    cli("undo")
    assert cli("redo").out.startswith("Redo change set 1 of ana: allocate 101/00001 200/00001")


def test_history_and_changes_write_moments_alike(cli: CommandLine, orders: Book) -> None:
    planned = cli.json("set-promise-date", "101/1", "2026-12-24")["changes"][0]["newValue"]
    assert cli.json("history", "101/1")[0]["newValue"] == planned


def test_the_scope_tells_lines_from_orders(cli: CommandLine, orders: Book) -> None:
    cli("cancel-item", "101/2", "--reason-code", "OICR_CHANGE_MIND")
    said = cli("cancel-item", "101/1", "--reason-code", "OICR_CHANGE_MIND").out
    assert "3 changes on 1 line and 1 order" in said


def test_a_date_beyond_the_calendar() -> None:
    with pytest.raises(WrongUsage, match="9999-12-31 is too far away"):
        Clock(ZoneInfo("America/New_York")).end_of(date.max)


def test_units_that_cannot_be_removed_are_not_called_allocated(
    cli: CommandLine, orders: Book
) -> None:
    cli("allocate", "101/1", "200/1")
    sentence = cli.refuses(1, "deallocate", "101/1", "--quantity", "0")
    assert sentence == "0 units cannot be removed: give a whole number of 1 or more."


def test_auto_allocate_and_allocate_order(cli: CommandLine, orders: Book) -> None:
    done = cli.json("allocate-order", "EXT-3")
    assert len(done["refused"]) == 1  # SKU-2 has no supply: the rest is done all the same
    assert done["changeSetId"] is not None
    cli.json("undo", str(done["changeSetId"]))
    done = cli.json("auto-allocate", "--policy", "fifo", "--product", "SKU-1")
    assert done["applied"] > 0
    allocated = {row["orderId"]: row["allocatedItemCount"] for row in cli.json("find", "sales")}
    assert allocated == {"101": 1, "102": 1, "103": 1}


def test_everything_refused_is_a_refusal(cli: CommandLine, orders: Book) -> None:
    assert "supply" in cli.refuses(1, "auto-allocate", "--product", "SKU-2")
    assert "supply" in cli.refuses(1, "--json", "auto-allocate", "--product", "SKU-2", "--dry-run")


def test_set_promise_date_and_cancel_item(cli: CommandLine, orders: Book) -> None:
    done = cli.json("set-promise-date", "101/1", "2026-12-24")
    assert [change["field"] for change in done["changes"]] == ["promisedDatetime"]
    again = cli.json("set-promise-date", "101/1", "2026-12-24")
    assert (again["changeSetId"], again["applied"]) == (None, 0)
    done = cli.json("cancel-item", "101/1", "--reason-code", "oicr_change_mind")
    assert done["applied"] > 0
    shown = cli.json("show", "101")["items"][0]
    assert (shown["statusId"], shown["cancelQuantity"]) == ("ITEM_CANCELLED", 4)
    cli.refuses(1, "allocate", "101/1", "200/1")
    cli.refuses(2, "cancel-item", "102/1", "--reason-code", "BOREDOM")
    cli.refuses(2, "cancel-item", "102/1")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (1, "allocate 101/1 200/1 --quantity 0"),
        (1, "allocate 101/1 200/1 --quantity -1"),
        (1, "allocate 101/1 200/1 --quantity 5"),
        (1, "allocate 101/1 200/1 --quantity 99999999999999999999"),
        (2, "allocate 101/1 200/1 --quantity 1.5"),
        (2, "allocate 101/1 200/1 --quantity four"),
        (2, "allocate 101/1 200/1 --quantity ４"),
        (1, "allocate 101/2 200/1"),
        (1, "allocate 101/9 200/1"),
        (1, "allocate 999/1 200/1"),
        (1, "allocate 101/1 102/1"),
        (1, "allocate 200/1 200/1"),
        (2, "allocate 101 200/1"),
        (2, "allocate 101/x 200/1"),
        (2, "allocate 101/1"),
        (1, "deallocate 101/1"),
        (2, "set-promise-date 101/1 2026-02-30"),
        (2, "set-promise-date 101/1 tomorrow"),
        (2, "set-promise-date 101/1 2026-W50-1"),
        (1, "set-promise-date 101/1 2026-11-24"),
        (1, "set-promise-date 200/1 2026-12-24"),
        (1, "undo"),
        (1, "redo"),
        (1, "undo 99"),
        (1, "undo 99999999999999999999999999"),
        (2, "undo last"),
        (1, "show 999"),
        (1, "history 999"),
        (1, "review 101/1"),
        (1, "auto-allocate --product NONE"),
        (2, "find sales --status Sleeping"),
        (2, "find customers"),
        (2, "find sales --limit 0"),
        (2, "frobnicate"),
        (2, "show 101 --colour"),
    ],
)
def test_bad_input_gets_one_sentence_and_changes_nothing(
    cli: CommandLine, orders: Book, status: int, words: str
) -> None:
    cli.refuses(status, *words.split())
    cli.refuses(status, "--json", *words.split())
    assert cli.json("change-sets") == []


def test_refused_policy(cli: CommandLine, orders: Book) -> None:
    said = cli("auto-allocate", "--policy", "lifo")
    assert said.status in (1, 2)
    assert said.sentence


def test_a_conflict_has_its_own_status(
    cli: CommandLine, orders: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = Service.apply

    def late(service: Service, plan: Plan, *, reason: str | None = None) -> Outcome:
        """Somebody else is faster, once."""
        monkeypatch.setattr(Service, "apply", apply)
        other = Service(service.engine, Actor("bo"), service.clock)
        other.apply(other.plan_promise_date(LineId("101", "00001"), date(2027, 1, 1)))
        return service.apply(plan, reason=reason)

    monkeypatch.setattr(Service, "apply", late)
    sentence = cli.refuses(3, "set-promise-date", "101/1", "2026-12-24")
    assert "bo" in sentence
    promise = cli.json("show", "101")["items"][0]["promisedDatetime"]
    assert promise.startswith("2027-01-01")
