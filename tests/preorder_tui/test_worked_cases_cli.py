"""The worked cases T1…T10 of the domain, driven by commands alone, read back as JSON."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.book import Book
from tests.preorder_tui.command_line import CommandLine

SKU = "MH-01-BLU-M"
JUNE_1, JUNE_15, JUNE_20, MAY_20 = "2027-06-01", "2027-06-15", "2027-06-20", "2027-05-20"
SO1, SO2, SO3 = (f"1000{n}/1" for n in (1, 2, 3))
SALES = (SO1, SO2, SO3)


class Desk:
    """The command line, and readers that name what the cases look at."""

    def __init__(self, cli: CommandLine, book: Book) -> None:
        self.cli = cli
        self.book = book

    def do(self, *words: object) -> Any:
        """A command that changes something; its document."""
        done = self.cli.json(*words)
        assert set(done) == {"changeSetId", "applied", "changes", "refused", "warnings"}
        return done

    def item(self, line: str) -> Any:
        """A line of either side as ``show`` tells it."""
        order, _, item = line.partition("/")
        return self.cli.json("show", order)["items"][int(item) - 1]

    def allocated(self) -> list[int]:
        """Units that SO1, SO2 and SO3 have."""
        return [self.item(line)["allocatedQuantity"] for line in SALES]

    def promises(self) -> list[str]:
        """The days that SO1, SO2 and SO3 are promised."""
        return [self.item(line)["promisedDatetime"][:10] for line in SALES]

    def units(self, line: str) -> dict[str, int]:
        """Units of a purchase order line by sales order, as ``review`` tells them."""
        review = self.cli.json("review", line)
        found = {one["orderId"]: one["quantity"] for one in review["allocations"]}
        assert sum(found.values()) == review["consumed"]
        return found

    def atp(self, line: str) -> int:
        """What the line has left."""
        left: int = self.cli.json("review", line)["availableToPromise"]
        return left

    def history(self, line: str, field: str) -> int:
        """How many rows of a field the history of a line has."""
        return sum(1 for row in self.cli.json("history", line) if row["field"] == field)

    def sound(self) -> None:
        """No invariant is broken."""
        assert self.cli.json("verify")["violations"] == []

    def taken_back(self) -> None:
        """One undo takes the last command back to T1, and one redo does it again."""
        now = (self.allocated(), self.promises(), self.atp("PO-A/1"))
        self.do("undo")
        assert (self.allocated(), self.promises(), self.atp("PO-A/1")) == (
            [4, 4, 2], [JUNE_1] * 3, 0,
        )  # fmt: skip
        self.do("redo")
        assert (self.allocated(), self.promises(), self.atp("PO-A/1")) == now
        self.sound()


@pytest.fixture
def t1(cli: CommandLine, book: Book) -> Desk:
    """T1: PO-A with 10 units on 1 June; SO1, SO2, SO3 of 4 units each; FIFO is run by command."""
    for n in (1, 2, 3):
        book.sales_order(f"1000{n}", date(2026, 5, n), [(SKU, 4)])
    book.purchase_order("20001", date.fromisoformat(JUNE_1), [(SKU, 10)], external_id="PO-A")
    desk = Desk(cli, book)
    dry = desk.do("auto-allocate", "--dry-run")
    assert (dry["changeSetId"], dry["applied"], desk.allocated()) == (None, 0, [0, 0, 0])
    done = desk.do("auto-allocate", "--policy", "fifo")
    assert done["changes"] == dry["changes"]
    assert [(one["orderId"], one["orderItemSeqId"]) for one in done["refused"]] == [
        ("10003", "00001")
    ]
    return desk


def test_t1_fifo(t1: Desk) -> None:
    assert t1.allocated() == [4, 4, 2]
    assert t1.units("PO-A/1") == {"10001": 4, "10002": 4, "10003": 2}
    assert t1.atp("20001/00001") == 0
    assert t1.item(SO3)["openQuantity"] == 2
    assert t1.promises() == [JUNE_1] * 3
    t1.sound()


def test_t2_latest_of_two_arrivals(t1: Desk) -> None:
    t1.book.purchase_order("20002", date.fromisoformat(JUNE_15), [(SKU, 5)], external_id="PO-B")
    t1.do("auto-allocate", "--product", SKU)
    line = t1.item(SO3)
    assert [(one["toOrderId"], one["quantity"]) for one in line["allocations"]] == [
        ("20001", 2),
        ("20002", 2),
    ]
    assert line["correspondingPoId"] == "20002"
    assert t1.promises() == [JUNE_1, JUNE_1, JUNE_15]
    t1.taken_back()


def test_t3_removed_units_wait(t1: Desk) -> None:
    t1.do("deallocate", SO1, "PO-A/1")
    assert t1.atp("PO-A/1") == 4
    line = t1.item(SO1)
    assert (line["allocationState"], line["correspondingPoId"]) == ("unallocated", None)
    assert "promise without supply" in line["marks"]
    assert t1.allocated() == [0, 4, 2]
    assert t1.promises() == [JUNE_1] * 3
    t1.taken_back()


def test_t4_edited_arrival(t1: Desk) -> None:
    done = t1.do("set-arrival-date", "PO-A/1", JUNE_20)
    assert [one["field"] for one in done["changes"]] == ["estimatedDeliveryDate"]
    assert t1.promises() == [JUNE_1] * 3
    assert t1.item("20001/1")["outOfSyncItemCount"] == 3
    assert all("out of sync" in t1.item(line)["marks"] for line in SALES)
    t1.taken_back()


def test_t5_sync_of_the_ticked(t1: Desk) -> None:
    t1.do("set-arrival-date", "PO-A/1", JUNE_20)
    before = [t1.history(line, "promisedDatetime") for line in SALES]
    t1.do("sync-dates", "PO-A/1", "--only", SO1, "--only", SO3)
    assert t1.promises() == [JUNE_20, JUNE_1, JUNE_20]
    after = [t1.history(line, "promisedDatetime") for line in SALES]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 0, 1]
    again = t1.do("sync-dates", "PO-A/1", "--only", SO1)
    assert (again["changeSetId"], again["applied"]) == (None, 0)
    assert [t1.history(line, "promisedDatetime") for line in SALES] == after
    t1.sound()


def test_t6_release_the_newest(t1: Desk) -> None:
    assert "10 are allocated" in t1.cli.refuses(1, "set-quantity", "PO-A/1", 7)
    done = t1.do("set-quantity", "PO-A/1", 7, "--release-newest")
    assert (done["applied"], len(done["changes"])) == (3, 3)
    assert t1.allocated() == [4, 3, 0]
    assert t1.atp("PO-A/1") == 0
    t1.taken_back()


def test_t7_cancelled_purchase_order(t1: Desk) -> None:
    t1.do("cancel-purchase", "PO-A")
    order = t1.cli.json("show", "PO-A")
    assert (order["statusId"], order["items"][0]["statusId"]) == (
        "ORDER_CANCELLED",
        "ITEM_CANCELLED",
    )
    assert t1.allocated() == [0, 0, 0]
    assert t1.promises() == [JUNE_1] * 3
    assert all("promise without supply" in t1.item(line)["marks"] for line in SALES)
    t1.taken_back()


def test_t8_earlier_purchase_order(t1: Desk) -> None:
    t1.book.purchase_order("20003", date.fromisoformat(MAY_20), [(SKU, 6)], external_id="PO-C")
    t1.do("reallocate", "PO-C/1")
    assert t1.units("PO-C/1") == {"10001": 4, "10002": 2}
    assert t1.units("PO-A/1") == {"10002": 2, "10003": 2}
    assert t1.atp("PO-A/1") == 6
    assert t1.promises() == [MAY_20, JUNE_1, JUNE_1]
    for order in ("PO-A", "PO-C"):
        events = [one["content"] for one in t1.cli.json("show", order)["communications"]]
        assert len(events) == 2
        assert all("moved from PO-A/00001 to PO-C/00001, 12 days earlier" in one for one in events)
        assert "12 days earlier" in t1.cli("show", order).out
    t1.taken_back()


def test_t9_cancelled_sales_line(t1: Desk) -> None:
    t1.do("cancel-item", SO1, "--reason-code", "OICR_CHANGE_MIND")
    assert t1.atp("PO-A/1") == 4
    assert t1.item(SO1)["statusId"] == "ITEM_CANCELLED"
    kinds = {row["changeTypeEnumId"] for row in t1.cli.json("history", SO1)}
    assert "ODR_ITM_CANCEL" in kinds
    t1.sound()


def test_t10_a_promise_in_the_past_is_handed_back(t1: Desk, tmp_path: Path) -> None:
    wanted, back = tmp_path / "promises.csv", tmp_path / "back.csv"
    wanted.write_text(
        "order-id,order-item-seq-id,promised-datetime\n"
        "10001,00001,2020-01-01\n"
        f"10002,00001,{JUNE_20}\n",
        encoding="utf-8",
    )
    done = t1.cli.json("import", "IMP_ORD_ITEM_UPD", wanted, "--failed-records", back)
    assert (done["totalRecordCount"], done["failedRecordCount"]) == (2, 1)
    assert t1.promises() == [JUNE_1, JUNE_20, JUNE_1]
    header, row = back.read_text(encoding="utf-8-sig").splitlines()
    assert header.startswith("order-id,order-item-seq-id,promised-datetime,")
    assert row.startswith("10001,00001,2020-01-01,")
    assert len(row) > len("10001,00001,2020-01-01,")
    t1.sound()
